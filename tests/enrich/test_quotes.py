from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Entity, EntityType, Mention
from tests.enrich.support import article, enriched
from tests.timing import seconds
from workers.enrich.lexicon import rows
from workers.enrich.quotes import find_quotes

PEOPLE = ("Ada Lark", "Lark", "Ben Holt", "Holt")
NAMES = {"Lark": "Ada Lark", "Holt": "Ben Holt"}
TYPES = {"Red Cross": EntityType.ORG, "German": EntityType.NORP, "Dutch": EntityType.NORP}
COUNTRIES = {"German": {"country": "iso3166:DE"}, "Dutch": {"country": "iso3166:NL"}}


def people(body: str) -> list[Entity]:
    """Ada Lark and Ben Holt as the entities of the body, with an organisation and two peoples."""
    found: dict[str, list[Mention]] = {}
    for match in re.finditer(r"(?:Ada )?Lark|(?:Ben )?Holt|Red Cross|German|Dutch", body):
        name = NAMES.get(match.group(), match.group())
        found.setdefault(name, []).append(Mention(text=match.group(), start=match.start(), end=match.end()))
    return [
        Entity(
            name=name,
            type=TYPES.get(name, EntityType.PERSON),
            count=len(mentions),
            salience=0.5,
            links=COUNTRIES.get(name, {}),
            mentions=tuple(mentions),
        )
        for name, mentions in found.items()
    ]


def quotes(body: str, language: str = "en") -> list[tuple[str, str | None]]:
    return [(quote.text, quote.speaker) for quote in find_quotes(body, language, people(body))]


@pytest.mark.parametrize(
    "clause",
    [
        "“We will not wait,” Lark said.",
        "“We will not wait,” said Ada Lark, the mayor.",
        "“We will not wait,” said the mayor, Ada Lark.",
        "“We will not wait,” Lark, the mayor, told reporters in a hall.",
        "“We will not wait,” said Lark, who had met Holt.",
        "“We will not wait,” a friend of Holt's, Ada Lark, said.",
        "Lark spoke to Holt. “We will not wait,” she said.",
        "Lark said: “We will not wait,”",
        "Asked by Holt, Lark replied: “We will not wait,”",
        "Lark told them, “We will not wait,”",
        "Lark read from a letter.\n“We will not wait,” she said.",
        '"We will not wait," Lark said.',
        "‘We will not wait,’ Lark said.",
        "'We will not wait,' Lark said.",
        "“We will not wait,” according to Lark. “We will not wait,” Lark said.".partition(". ")[2],
    ],
)
def test_the_clause_beside_a_quote_names_the_speaker(clause: str) -> None:
    assert quotes(clause) == [("We will not wait,", "Ada Lark")]


@pytest.mark.parametrize(
    ("body", "speaker"),
    [
        ("German tennis player Ada Lark beat Ben Holt. “We will not wait,” the German said.", "Ada Lark"),
        ("Holt met Lark, the German. “We will not wait,” shouted the German.", "Ada Lark"),
        ("German Ada Lark beat German Ben Holt. “We will not wait,” the German said.", None),
        ("German Ada Lark won.\nHolt lost. “We will not wait,” the German said.", None),
        ("Ada Lark beat Ben Holt. “We will not wait,” the German said.", None),
        ("German Ada Lark won. “We will not wait,” said the German minister.", None),
        ("Dutch Ada Lark won. “We will not wait,” the Dutch said.", None),  # many
    ],
)
def test_one_of_a_people_is_the_only_person_whom_the_article_calls_so(body: str, speaker: str | None) -> None:
    assert quotes(body) == [("We will not wait,", speaker)]


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("de", "„Wir warten nicht“, sagte Lark."),
        ("de", "»Wir warten nicht«, sagte die Ministerin Ada Lark."),
        ("de", "‚Wir warten nicht‘, sagte Lark."),
        ("fr", "« Wir warten nicht », a déclaré Lark."),
        ("fr", "Lark était là. « Wir warten nicht », dit-elle."),
        ("es", "«Wir warten nicht», dijo Lark."),
        ("es", "Lark vino ayer. “Wir warten nicht”, dijo."),
        ("it", "«Wir warten nicht», ha detto Lark."),
        ("pt", "“Wir warten nicht”, disse a ministra, Ada Lark."),
        ("ru", "«Wir warten nicht», — сказала Lark."),
        ("ru", "Lark сказала: «Wir warten nicht»."),
        ("nl", "‘Wir warten nicht’, zegt de minister, Ada Lark."),
        ("sv", "”Wir warten nicht”, säger Lark."),
        ("sv", "”Wir warten nicht”, säger Tretorns chef Ada Lark."),
        ("pl", "„Wir warten nicht” – powiedziała Lark."),
        ("tr", "Lark dün “Wir warten nicht” dedi."),
        ("tr", "Lark dün geldi. “Wir warten nicht” ifadelerini kullandı."),
        ("tr", "“Wir warten nicht” diyen Lark sustu."),
        ("zh", "Lark说：“Wir warten nicht”。"),
        ("ja", "Lark首相は「Wir warten nicht」と述べた。"),
    ],
)
def test_languages_have_their_own_marks_and_verbs(language: str, body: str) -> None:
    assert quotes(body, language) == [("Wir warten nicht", "Ada Lark")]


def test_an_interrupted_quote_is_two_of_the_same_speaker() -> None:
    assert quotes(
        "“We will not wait,” said Lark, “and we will not pay.” “You will pay,” Holt said. “Of course you will.”"
    ) == [
        ("We will not wait,", "Ada Lark"),
        ("and we will not pay.", "Ada Lark"),
        ("You will pay,", "Ben Holt"),
        ("Of course you will.", "Ben Holt"),
    ]


def test_each_paragraph_of_a_long_quote_has_its_speaker() -> None:
    body = "Lark, a driver, read from her notes:\n“He rang at six.\n“He was in Leeds.\n“That was the last.”\nHolt wept."
    assert quotes(body) == [
        ("He rang at six.", "Ada Lark"),
        ("He was in Leeds.", "Ada Lark"),
        ("That was the last.", "Ada Lark"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "The so-called “very smart lamp” needs no keeper, Lark said.",
        "Lark called it “a morning for the ages” and said they could “come back whenever it likes”.",
        "Lark, who wrote “The Long Night of Wolves,” said she was tired.",
        "“The Long Night of Wolves,” Lark said, was her last book.",
        "“Order, order,” Lark said.",
        "The firm's motto is “On time, every time, for everyone”. Lark said it was old.",
        "“It was the dogs that barked.” Lark said she had no dog.",
    ],
)
def test_titles_single_words_and_woven_words_are_no_quotes(body: str) -> None:
    assert quotes(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "“We will not wait,” Lark's husband said.",
        "“We will not wait,” a friend of Lark said.",
        "“We will not wait,” a resident said.",
        "“We will not wait,” said a man who knows Lark.",
        "Lark's husband came. “We will not wait,” he said.",
        "The captain rose when Lark came in. “We will not wait,” he said.",
    ],
)
def test_a_speaker_who_is_not_named_is_null(body: str) -> None:
    assert quotes(body) == [("We will not wait,", None)]


def test_a_pronoun_does_not_mean_the_relative_of_whom_it_speaks() -> None:
    body = "Ann Aske sang. Her husband, Jon Brand, died in 1999. “He never liked the records,” she said."
    assert quotes(body) == [("He never liked the records,", None)]


def test_an_organisation_right_beside_the_verb_speaks() -> None:
    assert quotes("“We need tents and water,” the Red Cross said.") == [("We need tents and water,", "Red Cross")]


def test_the_speaker_is_an_entity_of_the_article() -> None:
    out = enriched(article("“We will not wait,” Lark said. Ada Lark left."), {"Ada Lark": EntityType.PERSON})
    (quote,) = out.quotes
    assert quote.speaker == "Ada Lark"
    assert quote.speaker in {entity.name for entity in out.entities}


PARTS = [
    "“",
    "”",
    '"',
    "'",
    "«",
    "»",
    "„",
    "‚",
    "‘",
    "’",
    "「",
    "」",
    ",",
    ".",
    ":",
    "\n",
    " ",
    "Lark",
    "said",
    "We will go",
    "🚧",
]


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.sampled_from(["en", "de", "fr", "ja", "xx"]))
def test_quotes_equal_their_slice_and_do_not_overlap(body: str, language: str) -> None:
    found = find_quotes(body, language, people(body))
    assert all(body[quote.start : quote.end] == quote.text == quote.text.strip() != "" for quote in found)
    assert all(first.end <= second.start for first, second in itertools.pairwise(found))


@pytest.mark.parametrize("mark", ['"', "“", "”", "«", "'"])
def test_a_million_marks_take_seconds(mark: str) -> None:
    assert seconds(lambda: find_quotes(mark * 1_000_000, "en", []), rounds=1) < 20


@pytest.mark.parametrize(
    "part",
    [
        "“ ",
        "'a",
        "“a\n",
        "“We go now,” he said. ",
        "Lark said: “We go now.” ",
        "“We go now,” ",
        "said ",
        ": “We go now",
    ],
)
def test_time_grows_linearly_with_the_text(part: str) -> None:
    def elapsed(chars: int) -> float:
        body = part * (chars // len(part))
        return seconds(lambda: find_quotes(body, "en", []))

    assert elapsed(200_000) < 40 * max(elapsed(20_000), 0.02)


def test_the_table_of_words_has_verbs_and_pronouns_for_each_language() -> None:
    kinds = {(language, kind) for language, kind, _ in rows("speech")}
    assert all((language, kind) in kinds for language, _ in kinds for kind in ("verb", "pronoun"))


@pytest.mark.parametrize(
    ("language", "paragraph", "speech"),
    [
        ("sv", "– Vi seglar i dag, säger Lark, kaptenen.", "Vi seglar i dag"),
        ("sv", "– Det är ”slut” nu! säger Lark.", "Det är ”slut” nu!"),
        ("pl", "- Wypływamy dziś rano - powiedziała Lark. - Nikt nie czeka.", "Wypływamy dziś rano"),
        ("pl", "– Tak, wypływamy dziś – dodała Lark.", "Tak, wypływamy dziś"),
        ("ru", "— Мы отплываем сегодня, — сказала Lark.", "Мы отплываем сегодня"),
        ("es", "—Zarpamos hoy mismo —dijo Lark—. Nadie espera.", "Zarpamos hoy mismo"),
    ],
)
def test_speech_may_stand_after_a_dash(language: str, paragraph: str, speech: str) -> None:
    assert quotes(f"Holt.\n{paragraph}\nHolt.", language) == [(speech, "Ada Lark")]


@pytest.mark.parametrize(
    ("language", "paragraph"),
    [
        ("en", "- Holm shut its quay today, said Lark."),
        ("pl", "- bilety: 20 zł, czytamy - Lark"),
        ("sv", "Lark – som sagt – säger nej."),
    ],
)
def test_items_of_a_list_and_asides_are_no_speech(language: str, paragraph: str) -> None:
    assert quotes(f"Holt.\n{paragraph}\nHolt.", language) == []
