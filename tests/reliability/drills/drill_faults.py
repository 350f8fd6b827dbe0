"""Every fault alone, and the quick mutants.

Under a fault nothing is lost, judged differently or acknowledged too early. A mutant must be found.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reliability.drills.mutants import QUICK
from tests.reliability.drills.report import note
from tests.reliability.drills.run import Figures
from tests.reliability.drills.table import DRILLS, Drill

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]


@pytest.mark.parametrize(
    "drill",
    [pytest.param(drill, marks=[pytest.mark.guarantee] if drill.guards else [], id=drill.name) for drill in DRILLS],
)
def test_every_message_ends_as_in_an_undisturbed_run(drill: Drill, figures_of: Callable[[Drill], Figures]) -> None:
    note(figures_of(drill))


@pytest.mark.guarantee
@pytest.mark.parametrize("drill", QUICK, ids=lambda drill: drill.title)
def test_the_drill_finds_the_sabotage(drill: Drill, figures_of: Callable[[Drill], Figures]) -> None:
    note(figures_of(drill))
