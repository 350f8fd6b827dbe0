"""No text makes a stage use much more memory or time than its length suggests; memory limits leave room for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from tests.bounds import FETCHED_BYTES, MAX_EXTRA_BYTES, SIZE, WORKER_BYTES
from tests.deploy.programs import DEPLOY
from tests.long_texts import KINDS, PROSE, long_text
from workers.kafka.codecs import MAX_BYTES
from workers.kafka.fetcher import MAX_UNPACKED_BYTES
from workers.outcomes import Stage
from workers.stream.read_ahead import MAX_READ_AHEAD_BYTES

READ_BYTES = MAX_READ_AHEAD_BYTES + MAX_UNPACKED_BYTES
"""What a worker has read, but for the last record of a read."""
BATCH_BYTES = 3 * MAX_BYTES
"""The largest batch while it is unpacked, and the record in it, which may be as large, while it is handled."""
PEAK_BYTES = WORKER_BYTES + FETCHED_BYTES + READ_BYTES + BATCH_BYTES + MAX_EXTRA_BYTES
UNITS = {"Mi": 1024**2, "Gi": 1024**3, "M": 1024**2, "G": 1024**3}
"""The units of Kubernetes and of Compose, which counts in powers of 1024 too."""

MAX_TIMES_PROSE = {Stage.CLEAN: 40, Stage.DEDUPE: 20, Stage.ENRICH: 5}
"""CPU time for any text, compared with prose of the same length. Far above what was measured: clean handles prose in a
tenth of a second, and texts that look like thousands of bylines in 1.5 s."""
WORST = {
    Stage.CLEAN: list(KINDS),
    Stage.DEDUPE: list(KINDS),
    Stage.ENRICH: [
        PROSE, "initials", "titles", "titles with a portfolio", "names", "short lines", "tabs", "brackets", "quotes",
        "dashes", "combining marks", "distinct people", "distinct organisations", "capitals with stops",
        "one sentence in small letters", "ampersands", "dates",
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_text_has_the_length_that_was_asked_for(kind: str) -> None:
    assert len(long_text(kind, 1_000)) == 1_000


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("stage", list(Stage))
def test_no_text_takes_much_more_memory_or_time_than_prose(stage: Stage) -> None:
    command = [sys.executable, "-m", "tests.bounds", stage, str(SIZE), PROSE, *WORST[stage]]
    failed: list[str] = []
    for _ in range(2):  # where others use the machine, too, one text may take twice its time
        lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
        figures = [line.split()[-4::2] for line in lines]
        seconds = [float(figure) for figure, _ in figures]
        assert max(float(figure) for _, figure in figures) * 1024**2 <= MAX_EXTRA_BYTES, "\n".join(lines)
        if max(seconds) <= MAX_TIMES_PROSE[stage] * max(seconds[:2]):
            return
        failed += lines
    pytest.fail("\n".join(failed))


def limit_of(text: str) -> int:
    """The bytes of a memory limit in a manifest."""
    number = text.rstrip("GMi")
    return int(number) * UNITS[text.removeprefix(number)]


@pytest.mark.parametrize("stage", list(Stage))
def test_memory_limits_leave_room_for_any_message(stage: Stage) -> None:
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    limits = [compose["services"][stage]["deploy"]["resources"]["limits"]["memory"]]
    for document in yaml.safe_load_all((DEPLOY / "kubernetes" / "base" / f"{stage}.yaml").read_text()):
        if document["kind"] in ("Deployment", "StatefulSet"):
            (container,) = document["spec"]["template"]["spec"]["containers"]
            limits.append(container["resources"]["limits"]["memory"])
    assert len(limits) == 2
    assert all(limit_of(limit) >= PEAK_BYTES for limit in limits)
