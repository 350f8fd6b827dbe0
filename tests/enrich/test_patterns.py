from __future__ import annotations

import pytest

from schemas.records import EntityType
from workers.enrich.lexicon import TokenizedText
from workers.enrich.patterns import ADDRESS, CASHTAG, PATTERNS, TICKER, Pattern, byline_names, match_patterns


@pytest.mark.parametrize("pattern", [*PATTERNS, ADDRESS, TICKER, CASHTAG], ids=lambda pattern: pattern.id)
def test_a_pattern_matches_its_example_and_not_its_counterexample(pattern: Pattern) -> None:
    assert pattern.expression.search(pattern.example)
    assert not pattern.expression.search(pattern.counterexample)
    assert pattern.may_match(pattern.example, TokenizedText(pattern.example).different)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "LIMA, Peru, March 3 (AP) — Rain fell.",
            [("LIMA", EntityType.GPE), ("Peru", EntityType.GPE), ("AP", EntityType.ORG)],
        ),
        ("SAN JOSE (Reuters) - Rain fell.", [("SAN JOSE", EntityType.GPE), ("Reuters", EntityType.ORG)]),
        ("HULST, Netherlands -", [("HULST", EntityType.GPE), ("Netherlands", EntityType.GPE)]),
        ("THE HAGUE, Jan. 9 (ANP) -", [("THE HAGUE", EntityType.GPE), ("ANP", EntityType.ORG)]),
        (
            "BLACK RIVER, Jamaica (AP) -",
            [("BLACK RIVER", EntityType.GPE), ("Jamaica", EntityType.GPE), ("AP", EntityType.ORG)],
        ),
        ("The National Hurricane Center warned.", []),
        ("AFP/Marta Oyelaran", [("Marta Oyelaran", EntityType.PERSON)]),
        ("REUTERS/File Photo", []),
        (
            "(Reporting by Marta Oyelaran, Jon Aske and Li Hua Brand; Editing by Ana de Souza)",
            [(n, EntityType.PERSON) for n in ("Marta Oyelaran", "Jon Aske", "Li Hua Brand", "Ana de Souza")],
        ),
    ],
)
def test_datelines_and_credits_give_names_away(text: str, names: list[tuple[str, EntityType]]) -> None:
    found = match_patterns(text, TokenizedText(text).different)
    assert [(text[f.start : f.end], f.type) for f in found] == names


def test_byline_names_are_people() -> None:
    text = "By Marta Oyelaran and Jon Aske\nStaff Writer"
    assert [text[f.start : f.end] for f in byline_names(text)] == ["Marta Oyelaran", "Jon Aske"]
