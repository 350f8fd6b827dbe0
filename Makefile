# `make demo` and `make test` need python3 (3.11 or newer, with venv) and make, nothing else: `setup` brings the rest into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test drills drills-long drills-mutants observe alerts fuzz check format lock generated clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make .venv with everything, each wheel checked against its hash

$(READY): deploy/requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Copydesk needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Set PYTHON=python3.x."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## the whole stream on an embedded Kafka, with sample articles
	@$(BIN)/copydesk demo

test: setup ## all tests
	$(BIN)/python -m pytest

# kafka-python leaves sockets behind when a broker dies under it.
DRILL := $(BIN)/python -m pytest -W ignore::pytest.PytestUnraisableExceptionWarning

drills: setup ## the reliability drills: every fault on a real Kafka, everything that came out checked (a quarter of an hour)
	$(DRILL) tests/reliability/drills/drill_start.py tests/reliability/drills/drill_faults.py tests/reliability/drills/drill_load.py

drills-long: setup ## the start with DRILL_ENTRIES (1000000) in the ledger, the soak over many windows, and the long mixed run: DRILL_ARTICLES (100000) under DRILL_KILLS (100) kill -9 and every other fault
	$(DRILL) tests/reliability/drills/drill_recovery.py tests/reliability/drills/drill_soak.py tests/reliability/drills/drill_long.py

drills-mutants: setup ## each guarantee broken on purpose, and the drill that finds it
	$(DRILL) tests/reliability/drills/drill_mutants.py

observe: setup ## a stream with load on this machine, watched by Prometheus and Alertmanager, until Ctrl-C (ARGS=--hurried)
	@$(BIN)/python -m tests.deploy.observe $(ARGS)

alerts: setup ## every alert fires on real trouble, is told, and clears (a quarter of an hour)
	$(DRILL) tests/deploy/drill_observe.py tests/deploy/drill_trouble.py tests/deploy/drill_strain.py

fuzz: setup ## FUZZ_INPUTS (1000000) hostile inputs to every decoder and the cleaner: no crash, none over a second
	$(BIN)/python -m tests.fuzz

check: setup ## formatting, lint, types, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m schemas --check
	$(BIN)/python -m deploy --check

format: setup ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generated: setup ## write the generated files anew: schemas from the records, deploy's metrics and dashboard from their tables
	$(BIN)/python -m schemas
	$(BIN)/python -m deploy

lock: setup ## pin every dependency anew, with hashes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra embedded pyproject.toml -o deploy/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 -c deploy/requirements.lock pyproject.toml -o deploy/docker/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra dev -c deploy/requirements.lock pyproject.toml -o deploy/requirements-dev.lock

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
