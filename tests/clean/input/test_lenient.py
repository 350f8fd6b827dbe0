"""Fields that cannot be used cost nothing but themselves."""

from __future__ import annotations

import pytest

from schemas import FieldWarning
from tests.clean.samples import BODY, cleaned
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


def test_a_warning_names_field_value_and_problem() -> None:
    assert cleaned({"body": "\n".join(BODY), "status": "gone"}).warnings == (
        FieldWarning(field="status", value="gone", problem="'gone' is not a valid Status"),
    )
