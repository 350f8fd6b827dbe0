"""Fields that cannot be used cost nothing but themselves."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from schemas import FieldWarning
from tests.clean.samples import BODY, cleaned
from workers.clean import restore
from workers.clean.input import literals
from workers.clean.input.lenient import MAX_WARNING_CHARS


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("published", "the day after", "not a date"),
        ("modified", "2025-13-45", "not a date"),
        ("published", "2031-01-01T00:00:00Z", "more than a day after"),
        ("keywords", {"a": 1}, "an object, not a text"),
        ("status", "gone", "not a valid Status"),
        ("byline", [True], "none of its items is a text"),
        ("url", ["", None], "none"),
        ("source", True, "a truth value, not a text"),
        ("headline", {"text": 7}, "an object, not a text"),
        ("section", "x" * 20_001, "20,001 characters"),
    ],
)
def test_an_unusable_field_is_dropped_with_a_warning(field: str, value: object, problem: str) -> None:
    article = cleaned({"body": "\n".join(BODY), field: value})
    if problem == "none":
        assert article.warnings == ()
        return
    [warning] = article.warnings
    assert warning.field == field
    assert problem in warning.problem
    assert len(warning.value) <= MAX_WARNING_CHARS
    assert article.body == cleaned({"body": "\n".join(BODY)}).body


@pytest.mark.parametrize("absent", [None, "", "None", "null", "NaN", "n/a"])
def test_a_word_for_absent_is_no_warning(absent: str | None) -> None:
    article = cleaned({"body": "\n".join(BODY), "published": absent, "section": absent, "byline": absent})
    assert (article.published, article.section, article.byline, article.warnings) == (None, None, (), ())


def test_numbers_that_are_none_are_absent() -> None:
    article = cleaned('{"body": "A boat is here.", "headline": NaN, "section": Infinity}')
    assert (article.headline, article.section, article.warnings) == ("", None, ())


def test_values_of_other_types_are_read_where_their_meaning_is_clear() -> None:
    article = cleaned(
        {
            "id": 17,
            "body": BODY,
            "headline": ["A bridge is closed"],
            "byline": [{"name": "Ada Birch"}, "Tom Reed"],
            "source": {"name": "The Valley Post"},
            "published": 1_741_334_400,
            "keywords": [{"name": "bridge"}, 2025],
        }
    )
    assert (article.headline, article.source_id, article.source) == ("A bridge is closed", "17", "The Valley Post")
    assert article.byline == ("Ada Birch", "Tom Reed")
    assert article.published == "2025-03-07T08:00:00Z"
    assert article.keywords == ("bridge", "2025")
    assert article.warnings == ()


@pytest.mark.parametrize(
    "byline",
    [
        '["Ida Holm", "Tom O\'Reed"]', "['Ida Holm', \"Tom O'Reed\"]", "['Ida Holm', 'Tom O\\'Reed']",
        "[Ida Holm, Tom O'Reed]".replace("'", "’"), {"0": {"name": "Ida Holm"}, "1": {"name": "Tom O'Reed"}},
        "[{'name': 'Ida Holm', 'url': None}, {'name': \"Tom O'Reed\"}]", "('Ida Holm', \"Tom O'Reed\")",
        '{"Ida Holm","Tom O\'Reed"}', "{Ida Holm,Tom O’Reed}", ['["Ida Holm"', ' "Tom O\'Reed"]'],
        [{"first_name": "Ida", "last_name": "Holm", "url": "/ida"}, {"givenName": "Tom", "familyName": "O'Reed"}],
    ],
)  # fmt: skip
def test_people_are_read_whatever_a_program_made_of_their_list(byline: object) -> None:
    article = cleaned({"body": "\n".join(BODY), "byline": byline, "keywords": "['boats', 'strike']"})
    assert [name.replace("’", "'") for name in article.byline] == ["Ida Holm", "Tom O'Reed"]
    assert article.keywords == ("boats", "strike")


@pytest.mark.parametrize("text", ["Ida’s “no”", 'Ida\'s\n"no"', "'no' \\ no"])
def test_texts_that_were_written_as_literals_are_read(text: str) -> None:
    for literal in (str(text.encode()), json.dumps(text)):
        article = cleaned({"section": literal, "body": literal})
        assert (article.section, restore(article.body, article.removed)) == (text.replace("\n", " "), text)


@pytest.mark.parametrize("text", ["b'", "b'open", "b'a' and b'b", '"He said \\q"', '"No," he said.', "['", "[sic] no]"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert literals.text(text) == text
    assert text[0] != "[" or literals.items(text) == text


def test_an_object_as_a_text_stands_for_the_name_in_it() -> None:
    assert cleaned({"body": "\n".join(BODY), "source": "{'id': None, 'name': 'The Courier'}"}).source == "The Courier"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{'a': None, 'b': (True, False,)}", {"a": None, "b": [True, False]}),
        ("[\"it's (None)\", ('a', ('b',))]", ["it's (None)", ["a", ["b"]]]),
        (r"[u'\u2019', b'\xe2\x80\x99', '\U0001f600']", ["’", "’", "😀"]),
        ("[date(2025, 3, 7, tzinfo=timezone(timedelta(0)))]", ["date(2025, 3, 7, tzinfo=timezone(timedelta(0)))"]),
        ("{_id: ObjectId('5f'), n: NumberLong(5)}", {"_id": "5f", "n": 5}),
    ],
)  # fmt: skip
def test_values_of_python_and_of_mongodbs_shell_are_read(written: str, value: object) -> None:
    assert literals.read(written) == value


@pytest.mark.parametrize("source", ["{'a': open('b')}", "{'a': b}", "{'a': 1} + 1", "{'a': '", "{'a': <b>}"])
def test_what_is_more_than_values_is_an_error(source: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        literals.read(source)


def test_a_message_that_python_printed_is_read() -> None:
    time = datetime(2025, 3, 7, 9, tzinfo=timezone(timedelta(hours=-5)))
    values = {"title": "The ferry's “no”", "text": "\n".join(BODY), "author": None, "date": time, "tags": ("a", "b")}
    printed = repr(values)
    article = cleaned(printed)
    assert (article.headline, article.keywords) == ("The ferry's “no”", ("a", "b"))
    assert article.published == "2025-03-07T14:00:00Z"
    assert article == cleaned([json.loads(json.dumps(printed))])


@pytest.mark.parametrize(
    "date",
    [
        {"year": 2025, "month": 3, "day": 7, "hour": 18, "minute": 20},
        {"year": 2025, "month": "MARCH", "monthValue": 3, "dayOfMonth": 7, "hour": 18, "minute": 20, "nano": 0},
    ],
)
def test_dates_in_parts_are_read(date: object) -> None:
    assert cleaned({"body": "\n".join(BODY), "published": date}).published == "2025-03-07T18:20:00Z"


def test_a_warning_names_field_value_and_problem() -> None:
    assert cleaned({"body": "\n".join(BODY), "status": "gone"}).warnings == (
        FieldWarning(field="status", value="gone", problem="'gone' is not a valid Status"),
    )
