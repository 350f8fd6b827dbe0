"""Notices: what an article tells those who have used it or an earlier one."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from schemas import Notice, NoticeKind, Origin
from workers.clean import clean
from workers.clean.fields.notices import Rule, rules

RECEIVED = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
BODY = """The harbour bridge in Saltby will close for six weeks, the port authority said on Monday.
Engineers found cracks in two of its piers during an inspection in the spring.
Lorries will take the ferry, which will sail every half hour until the work is done."""


def noticed(body: str = BODY, **fields: object) -> Notice | None:
    message = {"headline": "Harbour bridge to close", "body": body, "language": "en", **fields}
    return clean(orjson.dumps(message), Origin(topic="news-raw", partition=0, offset=1), RECEIVED).notice


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_finds_its_examples_as_headlines_and_as_lines_of_the_text(rule: Rule) -> None:
    for example in rule.examples:
        for found in (noticed(headline=example), noticed(f"{example}\n{BODY}"), noticed(f"{BODY}\n{example}")):
            assert found is not None, example
            assert found.kind is rule.kind
    for example in rule.counterexamples:
        assert noticed(headline=example) is None, example
        assert noticed(f"{BODY}\n{example}.") is None, example


@pytest.mark.parametrize(
    ("headline", "sentence"),
    [
        ("Correction: shares fall by a tenth", "Traders call such a fall a correction."),
        ("Embargo - farmers fear for harvest", "Ships wait at sea because of the embargo."),
        ("Embargo: oil tankers turn back", "The oil embargo began on Monday."),
        ("Retraction: claws of a cat", "The retraction of its claws keeps them sharp."),
        ("Annulation : pas de festival à Lys", "La ville a annulé le festival faute de bénévoles."),
        ("Withdrawal: last soldiers leave the port", "They withdrew too late, said the opposition."),
        ("Zurückgezogen: Ministerin verzichtet", "Die Ministerin zieht ihre Bewerbung zurück."),
        ("Embargo do 15 maja: jabłka tanieją", "Embargo nałożono w zimie."),
        ("حظر النشر حتى 5 مايو في قضية المصرف", "قرر القاضي حظر النشر في القضية."),
    ],
)
def test_a_word_that_the_article_is_about_is_no_notice(headline: str, sentence: str) -> None:
    assert noticed(f"{BODY} {sentence}", headline=headline) is None
    about_a_text = "In a story on Monday, the Courier misspelled the name of the mayor."
    assert noticed(f"{BODY} {sentence}\n{about_a_text}", headline=headline) is not None


def test_a_column_of_corrections_is_a_notice_and_a_link_to_one_is_none() -> None:
    assert noticed(f"{BODY}\nCorrections\nContact us") is None
    assert noticed("In a story on Monday, the Courier misspelled the name of the mayor.", headline="Corrections")


def test_a_footer_that_asks_for_errors_is_no_notice() -> None:
    for footer in ("Errata: send us a note if you spot a mistake", "Korrektur: Fehler gefunden?"):
        assert noticed(f"{BODY}\n{footer}") is None, footer


def test_a_withdrawal_may_say_what_is_withdrawn() -> None:
    taken_back = "The Courier withdraws its story of Monday about the bridge."
    found = noticed(f"{BODY} {taken_back}", headline="Withdrawn: harbour bridge to close")
    assert found is not None
    assert found.kind is NoticeKind.WITHDRAWAL


def test_an_article_about_an_embargo_may_be_under_one() -> None:
    found = noticed(f"{BODY} Ships wait because of the embargo.", headline="Embargo: 5 May 2026, 00:01 UTC")
    assert found is not None
    assert found.until == "2026-05-05T00:01:00Z"


def test_an_ordinary_article_has_no_notice() -> None:
    assert noticed() is None
    assert noticed(status="usable") is None


def test_the_status_of_a_message_is_a_notice_without_words() -> None:
    assert noticed(status="canceled") == Notice(kind=NoticeKind.WITHDRAWAL)
    assert noticed(status="embargoed") == Notice(kind=NoticeKind.EMBARGO)


@pytest.mark.parametrize(
    "fields",
    [
        {"embargoed": "2026-05-05T00:01:00Z"},
        {"headline": "EMBARGOED UNTIL 00:01 GMT Tuesday 5 May 2026"},
        {"headline": "EMBARGOED FOR RELEASE UNTIL 00:01 GMT on Tuesday 5 May 2026"},
        {"body": f"Embargo: 5 May 2026, 00:01 UTC\n{BODY}"},
        {"body": f"STRICT EMBARGO 5 May 2026, 00:01\n{BODY}"},
        {"body": f"(Not for publication before 2026-05-05T00:01:00Z)\n{BODY}"},
    ],
)
def test_an_embargo_names_its_end(fields: dict[str, object]) -> None:
    found = noticed(**fields)  # type: ignore[arg-type]
    assert found is not None
    assert (found.kind, found.until) == (NoticeKind.EMBARGO, "2026-05-05T00:01:00Z")


@pytest.mark.parametrize("name", ["embargoed", "embargoedUntil", "embargo_until"])
def test_an_embargo_counts_in_any_json(name: str) -> None:
    message = {"title": "Harbour bridge to close", "content": BODY, name: "2026-05-05T00:01:00Z"}
    found = clean(orjson.dumps(message), Origin(topic="news-raw", partition=0, offset=1), RECEIVED).notice
    assert found == Notice(kind=NoticeKind.EMBARGO, until="2026-05-05T00:01:00Z")


def test_an_embargo_that_is_over_is_none() -> None:
    assert noticed(embargoed="2026-05-04T06:00:00Z") is None


def test_agencies_formats_carry_the_status_and_the_embargo() -> None:
    ninjs = {"uri": "urn:1", "versioncreated": "2026-05-04T06:00:00Z", "headline": "Bridge to close", "body_text": BODY}
    origin = Origin(topic="news-raw", partition=0, offset=1)
    killed = clean(orjson.dumps(ninjs | {"pubstatus": "canceled"}), origin, RECEIVED)
    held = clean(orjson.dumps(ninjs | {"embargoed": "2026-05-05T00:01:00Z"}), origin, RECEIVED)
    assert killed.notice == Notice(kind=NoticeKind.WITHDRAWAL)
    assert held.notice == Notice(kind=NoticeKind.EMBARGO, until="2026-05-05T00:01:00Z")
