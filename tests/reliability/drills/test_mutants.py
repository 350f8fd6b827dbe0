"""Every sabotage has a drill that finds it, and every drill a sabotage that it finds."""

from __future__ import annotations

from tests.reliability.drills import drill_machine
from tests.reliability.drills.drill_mutants import OTHERS
from tests.reliability.drills.mutants import MUTANTS, NOT_FOUND
from tests.reliability.drills.table import DRILLS
from tests.reliability.faults.sabotage import SABOTAGES


def test_every_sabotage_has_a_drill_or_is_listed_as_not_found() -> None:
    found = {mutant.sabotage for mutant in MUTANTS} | {mutant.sabotage for mutant in drill_machine.MUTANTS}
    found |= {sabotage for _, sabotage, *_ in OTHERS}
    assert found | NOT_FOUND == SABOTAGES.keys()
    assert not found & NOT_FOUND


def test_every_drill_has_a_sabotage() -> None:
    assert {drill.name for drill in DRILLS} == {mutant.name for mutant in MUTANTS}
    assert {drill.name for drill in drill_machine.DRILLS} == {mutant.name for mutant in drill_machine.MUTANTS}
