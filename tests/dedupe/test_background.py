"""Background: articles about different news may have the same sentences behind it, and are no copies."""

from __future__ import annotations

import pytest

from schemas import Resemblance, ResemblanceKind, Verdict
from tests.dedupe.support import WINDOW, article
from workers.dedupe import Ledger

BACKGROUND = (
    "The war began in 2023, when Sudland's army crossed the river Dray after a dispute about a dam. It has killed some "
    "40,000 people and driven two million from their homes. Peace talks broke down twice, last year over the town of "
    "Melk, which both sides claim. The United Nations has accused both armies of shelling hospitals, which they deny."
)
TALKS = (
    "Negotiators from Norland and Sudland met in Geneva on Monday for the first time in a month. They spoke for two "
    "hours about prisoners, said the Swiss foreign ministry, and agreed to meet again on Thursday."
)
DRONES = (
    "Drones set fire to two grain stores in the port of Kestrel Bay before dawn. The governor of the coast said that a "
    "watchman was killed and that ships with wheat would leave by another harbour."
)
INTRO = (
    "Readers in Carsford have relatives on both sides of the front, and many of them wrote to us that they hope for an "
    "exchange before winter. This is what we know about it so far."
)


def verdict_after(first: str, second: str) -> Verdict:
    ledger = Ledger(WINDOW)
    ledger.decide(article(first, offset=0), 0, 0)
    return ledger.decide(article(second, offset=1), 1, 0).verdict


def test_different_news_with_the_same_background_are_no_copies() -> None:
    for first, second in ((TALKS, DRONES), (DRONES, TALKS)):
        verdict = verdict_after(f"{first}\n{BACKGROUND}", f"{second}\n{BACKGROUND}")
        assert (verdict.duplicate_of, verdict.series_of) == (None, None)
        assert verdict.resembles == Resemblance(article=f"{0:016x}", kind=ResemblanceKind.BACKGROUND)


def test_different_news_with_the_same_background_before_more_of_it_are_no_copies() -> None:
    canal = BACKGROUND[: BACKGROUND.index(" Peace talks")]
    texts = [
        f"{TALKS}\n{canal}\nThe Swiss hosts served pea soup to both sides and asked for no photographs.",
        f"{DRONES}\n{canal}\nFishermen in the port lost two boats, and insurers will not pay for damage by an army.",
    ]
    for first, second in (texts, texts[::-1], (texts[0], f"{DRONES}\n{canal}")):
        assert verdict_after(first, second).duplicate_of is None


@pytest.mark.parametrize(
    "copy",
    [
        f"{INTRO}\n{TALKS}\n{BACKGROUND}",
        f"{INTRO}\n{TALKS}",
        f"{TALKS[98:]} {BACKGROUND}",
        f"{TALKS}\n{BACKGROUND}\n{INTRO}",
    ],
)
def test_a_copy_with_another_beginning_or_ending_remains_one(copy: str) -> None:
    assert verdict_after(f"{TALKS}\n{BACKGROUND}", copy).duplicate_of is not None
