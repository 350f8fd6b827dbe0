"""Fields: URLs, languages, names, identity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import Dateline, Status
from tests.clean.samples import BODY, HEADLINE, ORIGIN, RECEIVED, STORY, cleaned, lines
from workers.clean import article_id, clean
from workers.clean.fields.authors import names
from workers.clean.fields.captions import caption
from workers.clean.fields.datelines import dateline
from workers.clean.fields.language import language


def given(**fields: Any) -> dict[str, Any]:
    """Return an article in our own JSON, with these fields."""
    return {"headline": HEADLINE, "body": STORY} | fields


# --- URLs ---


def test_the_source_defaults_to_the_host() -> None:
    article = cleaned(given(url="https://www.Courier.example/islands/1?utm_medium=rss"))
    assert (article.source, article.canonical_url) == ("courier.example", "https://www.courier.example/islands/1")
    assert cleaned(given(source="The Courier", url="https://a.example/1")).source == "The Courier"


# --- language ---


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        (STORY, None, "en"),
        (STORY, "fr", "en"),
        ("Les équipages des ferries ont voté vendredi pour une grève après l'échec des discussions.", None, "fr"),
        ("Die Besatzungen der Fähren stimmten am Freitag nach dem Ende der Gespräche für einen Streik.", None, "de"),
        ("Ja.", None, "und"),
        ("Ja.", "de-AT", "de"),
        ("Ja.", "English", "en"),
        ("Ja.", "tlh", "und"),
        ("12 34 56", "??", "und"),
    ],
)  # fmt: skip
def test_the_language_is_detected_or_declared_or_undetermined(text: str, declared: str | None, expected: str) -> None:
    assert language(text, declared) == expected


# --- names, captions, datelines ---


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("By Ida Holm and Jon Vale", ("Ida Holm", "Jon Vale")),
        (["Ida Holm", "By Jon Vale"], ("Ida Holm", "Jon Vale")),
        ("ABBY", ("ABBY",)),
        ("ABBY BYRNE", ("ABBY BYRNE",)),
        ("by Sandy Anderson | Staff Reporter", ("Sandy Anderson",)),
        ("Ida Holm, ida@courier.example", ("Ida Holm",)),
        ("https://courier.example/ida", ()),
        (["", " "], ()),
        (None, ()),
    ],
)
def test_a_byline_gives_names(byline: str | list[str] | None, expected: tuple[str, ...]) -> None:
    assert names(byline) == expected


@pytest.mark.parametrize(
    "line",
    [
        "The minister told Reuters",
        "He was the first to bring the picture to AFP",
        "She said the photo was hers.",
        "The talks, held in Geneva (Switzerland), went on.",
        "Who took the picture?",
    ],
)
def test_a_sentence_is_not_a_caption(line: str) -> None:
    assert caption(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "BREAKING — A storm",
        "The U.S. - China talks",
        "Well-known (as ever) - he",
        "UNESCO said",
        "A - B",
        "ETH/USDT - Ether slipped",
    ],
)
def test_a_start_that_names_no_place_is_not_a_dateline(line: str) -> None:
    assert dateline(line) is None


# --- the article ---


def test_an_article_keeps_the_fields_of_its_message() -> None:
    article = cleaned(
        given(id=17, summary=" A  walkout ", byline=["Ida Holm"], keywords="ferries, strike,ferries", section="Islands",
              status="canceled", published="2025-03-07", modified="2025-03-08", fetched="2025-03-09")
    )  # fmt: skip
    assert article.origin == ORIGIN
    assert article.source_id == "17"
    assert article.summary == "A walkout"
    assert article.byline == ("Ida Holm",)
    assert article.keywords == ("ferries", "strike")
    assert article.section == "Islands"
    assert article.status is Status.CANCELED
    assert (article.modified, article.fetched) == ("2025-03-08T00:00:00Z", "2025-03-09T00:00:00Z")


def test_a_dateline_field_is_parsed() -> None:
    assert cleaned(given(dateline="SALTBY (AP) —")).dateline == Dateline(
        text="SALTBY (AP) —", place="Saltby", agency="AP"
    )
    assert cleaned(given(dateline="SALTBY (AP) —")).agency == "AP"
    assert cleaned(given(dateline="Saltby, 7 March")).dateline == Dateline(text="Saltby, 7 March")


def test_text_is_another_name_for_body() -> None:
    assert cleaned({"headline": HEADLINE, "text": STORY}) == cleaned(given())


def test_the_same_message_gives_the_same_article() -> None:
    data = lines(HEADLINE, STORY).encode()
    later = datetime(2026, 1, 1, tzinfo=UTC)
    assert clean(data, ORIGIN, RECEIVED) == clean(data, ORIGIN, RECEIVED)
    assert clean(data, ORIGIN, RECEIVED).id == clean(data, ORIGIN, later).id


def test_the_id_depends_on_place_headline_and_words() -> None:
    one = article_id("https://a.example/1", HEADLINE, STORY)
    assert len(one) == 16
    assert int(one, 16) >= 0
    assert one == article_id("https://a.example/1", HEADLINE, STORY.upper().replace(".", " !"))
    assert len({one, article_id("", HEADLINE, STORY), article_id("https://a.example/1", "", STORY),
                article_id("https://a.example/1", HEADLINE, BODY[0])}) == 4  # fmt: skip


def test_mojibake_and_blanks_are_fixed() -> None:
    body = STORY.replace("island's", "islandâ€™s").replace("\n", " \r\n\r\n\u00a0 ")
    article = cleaned(given(body=body, headline="  Caf\u0065\u0301  closes "))
    assert article.body == STORY.replace("island's", "island’s")
    assert article.headline == "Café closes"


def test_mojibake_at_the_start_of_a_later_line_is_fixed() -> None:
    assert cleaned(given(body=STORY.replace("\n", "\nÂ "))).body == STORY


@pytest.mark.parametrize(
    ("byline", "names", "agency"),
    [
        ("Agencies", ("Agencies",), "Agencies"),
        ("Reuters", ("Reuters",), "Reuters"),
        ("By Ida Holm, AFP", ("Ida Holm",), "AFP"),
        (["Agence France-Presse"], ("Agence France-Presse",), "AFP"),
        ("Northern News Agency", ("Northern News Agency",), "Northern News Agency"),
        ("AFP, Harbour Desk", ("AFP", "Harbour Desk"), "AFP"),
        ("Ida Holm", ("Ida Holm",), None),
    ],
)
def test_an_agency_is_in_the_byline_where_no_person_is(
    byline: str | list[str], names: tuple[str, ...], agency: str | None
) -> None:
    article = cleaned(given(byline=byline))
    assert (article.byline, article.agency) == (names, agency)


def test_terse_english_is_not_taken_for_a_creole() -> None:
    text = (
        "Shr loss 37 cts vs profit 13 cts. Net loss 4.5 mln vs profit 1.5 mln. Revs 63.3 mln vs 53.8 mln. "
        "Year: shr loss 9 cts vs profit two dlrs, net of a loss on the sale of a mill"
    )
    assert language(text) == "en"


@pytest.mark.parametrize(
    "line",
    [
        "By Ida Holm, March 7, 2025 at 10:00 a.m. EST",
        "By Ida Holm March 7, 2025 10:00 a.m. EST",
        "By Ida Holm, The Courier, 7 March 2025, 15:00 GMT",
        "Von Ida Holm, 7. März 2025, 16:00 Uhr MEZ",
        "March 7, 2025 10:00 a.m. EST | By Ida Holm",
    ],
)
@pytest.mark.parametrize("is_page", [False, True])
def test_a_byline_may_share_its_line_with_the_date(line: str, is_page: bool) -> None:
    text = f"{HEADLINE}\n{line}\n{STORY}"
    page = f"<html><body><article><h1>{HEADLINE}</h1>{''.join(f'<p>{each}</p>' for each in (line, *BODY))}</article>"
    article = cleaned(page if is_page else text)
    assert (article.byline, article.published, article.body) == (("Ida Holm",), "2025-03-07T15:00:00Z", STORY)


@pytest.mark.parametrize("line", ["By 7 March 2025 all boats must be registered", "San Francisco, March 7, 2025"])
def test_a_date_without_a_byline_names_nobody(line: str) -> None:
    assert cleaned(f"{HEADLINE}\n{line}\n{STORY}").byline == ()


def test_a_section_and_an_address_above_the_headline_of_a_text_are_fields() -> None:
    article = cleaned(f"https://courier.example/a\n\nWorld news\n{HEADLINE}\n{STORY}")
    assert (article.headline, article.section, article.body) == (HEADLINE, "World news", STORY)
    assert article.url == "https://courier.example/a"


def test_the_name_of_a_section_without_a_headline_below_is_the_headline() -> None:
    article = cleaned(f"World news\n{STORY}")
    assert (article.headline, article.section) == ("World news", None)
