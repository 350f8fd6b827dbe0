"""Each fault alone: nothing is lost, nothing is judged otherwise, nothing is acknowledged too early.

And the quick ones of the mutants: what was broken on purpose is found.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reliability.drills.mutants import QUICK
from tests.reliability.drills.play import Figures
from tests.reliability.drills.report import note
from tests.reliability.drills.table import DRILLS, Drill

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.mark.parametrize(
    "drill",
    [pytest.param(drill, marks=[pytest.mark.guarantee] if drill.guards else [], id=drill.name) for drill in DRILLS],
)
def test_every_message_ends_as_in_an_undisturbed_run(drill: Drill, play_out: Callable[[Drill], Figures]) -> None:
    note(play_out(drill))


@pytest.mark.guarantee
@pytest.mark.parametrize("drill", QUICK, ids=lambda drill: drill.title)
def test_what_was_broken_on_purpose_is_found(drill: Drill, play_out: Callable[[Drill], Figures]) -> None:
    note(play_out(drill))
