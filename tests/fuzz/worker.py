"""One process of a campaign: runs a target with inputs that atheris chooses by the code that they reach.

``campaign`` starts it: ``python -m tests.fuzz.worker TARGET INPUTS SEED DIRECTORY``. It writes JSON lines to stdout
with the number of inputs so far and their outcome.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import warnings
from pathlib import Path
from random import Random

import atheris
import orjson

with atheris.instrument_imports(
    include=["workers.clean", "workers.dedupe", "workers.enrich", "workers.cli.demo.tally", "schemas"]
):
    from tests.fuzz.mutate import mutate
    from tests.fuzz.targets import TARGETS
    from tests.fuzz.trial import Trial, attempt

_REPORT_INTERVAL_INPUTS = 500
_MAX_FAULTS = 10
_HANG_SECONDS = 60
_MAX_MEGABYTES = 4096


def main(name: str, inputs: int, seed: int, directory: Path) -> None:
    """Run the target and end the process."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("error")
    target = TARGETS[name]
    seeds = target.seeds()
    corpus = directory / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds):
        (corpus / f"{number:04}").write_bytes(data[: target.max_bytes])
    done = 0
    seconds = slowest = 0.0
    faults: dict[str, str] = {}

    def one(data: bytes) -> None:
        nonlocal done, seconds, slowest
        trial = attempt(target, data)
        done += 1
        seconds += trial.seconds
        slowest = max(slowest, trial.seconds)
        if trial.fault is not None and trial.fault not in faults and len(faults) < _MAX_FAULTS:
            faults[trial.fault] = _keep(data, trial)
        if done % _REPORT_INTERVAL_INPUTS == 0 or done == inputs:
            report({"inputs": done, "seconds": seconds, "slowest": slowest, "faults": faults})
        if done == inputs:
            os._exit(0)

    def _keep(data: bytes, trial: Trial) -> str:
        path = directory / f"{name}-{hashlib.blake2b(data, digest_size=6).hexdigest()}"
        path.write_bytes(data)
        return str(path)

    def report(outcome: dict[str, object]) -> None:
        os.write(1, orjson.dumps(outcome) + b"\n")

    def mutated(data: bytes, max_bytes: int, number: int) -> bytes:
        random = Random(number)
        if random.random() < 0.4:
            return bytes(atheris.Mutate(data, max_bytes))
        return mutate(data, random, seeds, max_bytes)

    options = (
        f"-seed={seed}", f"-max_len={target.max_bytes}", f"-timeout={_HANG_SECONDS}", f"-rss_limit_mb={_MAX_MEGABYTES}",
        f"-artifact_prefix={directory}/{name}-", "-verbosity=0", "-print_final_stats=0",
    )  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], one, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
