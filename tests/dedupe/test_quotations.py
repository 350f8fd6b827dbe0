"""Quotations: two reporters may quote the same words at length, and neither copies the other."""

from __future__ import annotations

import pytest

from schemas import Resemblance, ResemblanceKind, VerdictKind
from tests.dedupe.support import Delivery, article, entries_of

WORDS = (
    "We have been patient for eleven years, and patience has given us potholes, closed clinics and a railway that runs "
    "when it likes. I will not ask the people of this valley to wait any longer. From September every child under "
    "twelve will travel free, and the money will come from the tax on empty houses that this council was afraid of."
)
APPLAUSE = (
    "Applause shook the windows of the town hall in Brennick when Norma Tull, the new leader of the council, spoke of "
    "her plans for barely twenty minutes. Her opponents left the room before the end and asked for an audit. Tull, a "
    "former nurse, had won the chair by two votes in April."
)
COSTS = (
    "The programme that was presented in Brennick yesterday will cost fourteen million crowns, the treasurer said, and "
    "nobody knows if the state will allow the new tax. Lawyers at the ministry are looking at a similar levy that was "
    "struck down in 2019. House owners announced that they would sue."
)


@pytest.mark.parametrize(("first", "second"), [(APPLAUSE, COSTS), (COSTS, APPLAUSE)])
@pytest.mark.parametrize("quoted", ['"{}"', "“{}”", "« {} »"])
def test_reports_that_share_quotations_alone_are_one_story_and_no_copies(quoted: str, first: str, second: str) -> None:
    speech = f"\n{quoted.format(WORDS)}\n"
    before, after = entries_of(
        *(
            Delivery(article(speech.join((text[:120], text[120:])), offset=at), at, 0)
            for at, text in enumerate((first, second))
        )
    )
    assert after.verdict.kind is VerdictKind.NEW
    assert after.verdict.story_id == before.verdict.story_id
    assert after.verdict.resembles == Resemblance(article=before.id, kind=ResemblanceKind.QUOTATION)


@pytest.mark.parametrize(
    "quoted", ["“{}\n“{}”", "»{}\n»{}«", "‘{}\n‘{}’", "Tull said: “{}\n“{}”", 'Tull said: "{}\n"{}"']
)
def test_speech_over_several_paragraphs_is_one_quotation(quoted: str) -> None:
    speech = quoted.format(WORDS[:210], WORDS[211:])
    before, after = entries_of(
        *(
            Delivery(article(f"{text[:120]}\n{speech}\n{text[120:]}", offset=at), at, 0)
            for at, text in enumerate((APPLAUSE, COSTS))
        )
    )
    assert after.verdict.kind is VerdictKind.NEW
    assert after.verdict.story_id == before.verdict.story_id


@pytest.mark.parametrize("copy", [f'"{WORDS}"', f'{COSTS}\n{APPLAUSE}\n"{WORDS}"'])
def test_a_copy_that_has_nothing_else_or_also_the_words_of_the_reporter_remains_one(copy: str) -> None:
    original = f'{APPLAUSE}\n"{WORDS}"'
    *_, entry = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate((original, copy))))
    assert entry.verdict.kind is VerdictKind.COPY
