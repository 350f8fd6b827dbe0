"""One process of a campaign: a target, tried with inputs that atheris finds by the code that they reach.

Run by ``campaign``: ``python -m tests.fuzz.worker TARGET INPUTS SEED DIRECTORY``. Writes lines of JSON to stdout: how
many inputs were tried so far, and in the end what came of them.
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

_TOLD_EVERY = 500
_KEPT = 10
_HUNG_AFTER = 60
_MEGABYTES = 4096


def main(name: str, inputs: int, seed: int, directory: Path) -> None:
    """Tries the target and ends the process."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("error")
    target = TARGETS[name]
    seeds = target.seeds()
    corpus = directory / "corpus"
    corpus.mkdir()
    for at, data in enumerate(seeds):
        (corpus / f"{at:04}").write_bytes(data[: target.most])
    told = 0
    seconds = slowest = 0.0
    faults: dict[str, str] = {}

    def one(data: bytes) -> None:
        nonlocal told, seconds, slowest
        trial = attempt(target, data)
        told += 1
        seconds += trial.seconds
        slowest = max(slowest, trial.seconds)
        if trial.fault is not None and trial.fault not in faults and len(faults) < _KEPT:
            faults[trial.fault] = _keep(data, trial)
        if told % _TOLD_EVERY == 0 or told == inputs:
            tell({"inputs": told, "seconds": seconds, "slowest": slowest, "faults": faults})
        if told == inputs:
            os._exit(0)

    def _keep(data: bytes, trial: Trial) -> str:
        path = directory / f"{name}-{hashlib.blake2b(data, digest_size=6).hexdigest()}"
        path.write_bytes(data)
        return str(path)

    def tell(said: dict[str, object]) -> None:
        os.write(1, orjson.dumps(said) + b"\n")

    def changed(data: bytes, most: int, number: int) -> bytes:
        random = Random(number)
        if random.random() < 0.4:
            return bytes(atheris.Mutate(data, most))
        return mutate(data, random, seeds, most)

    options = (
        f"-seed={seed}", f"-max_len={target.most}", f"-timeout={_HUNG_AFTER}", f"-rss_limit_mb={_MEGABYTES}",
        f"-artifact_prefix={directory}/{name}-", "-verbosity=0", "-print_final_stats=0",
    )  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], one, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
