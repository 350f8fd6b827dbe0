"""The series gate: articles of one template about different things are no copies; copies and updates of one are."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.dedupe.support import WINDOW, article
from tests.quality.series_gold import Pair, pairs
from workers.dedupe import Ledger

FLOOR = 0.97


def is_copy(pair: Pair) -> bool:
    ledger = Ledger(WINDOW)
    ledger.decide(article(pair.first, offset=0), 0, 0)
    return ledger.decide(article(pair.second, offset=1), 1, 0).verdict.duplicate_of is not None


@pytest.mark.slow
@pytest.mark.parametrize("of_copies", [True, False])
def test_series_are_told_from_copies_and_updates(of_copies: bool) -> None:
    gold = [pair for pair in chain(pairs("seen"), pairs("held_back")) if pair.is_copy == of_copies]
    assert len(gold) >= 80
    wrong = [pair.kind for pair in gold if is_copy(pair) != of_copies]
    assert len(wrong) <= (1 - FLOOR) * len(gold), wrong
