"""Properties that hold for any input."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import fields

import ftfy
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import RawArticle
from tests.clean.samples import APPEAL, APPEAL_END, BODY, HEADLINE, ORIGIN, RECEIVED, raw
from workers.clean import clean
from workers.clean.boilerplate.rules import RULES
from workers.clean.spans import Removal, cut, raw_offsets, restore
from workers.clean.text import CLEAN_CHARS, FTFY_CONFIG, INVISIBLE, normal_form, repair, tidy
from workers.errors import RejectedError

BOILERPLATE = (
    *APPEAL, APPEAL_END, APPEAL_END + BODY[0], HEADLINE, "• Islands", "• Friday, 07 Mar 2025", "By Ida Holm",
    "Most Read", "Storm tears roof off school at Saltby", "Home", "News", "Sport", "GENEVA (AP) — " + BODY[1],
    "Seals. Ida Holm/AFP via Getty Images",
    BODY[2] + " (Reporting by Ida Holm; Editing by Jon Vale)", "(AP)", "Photo: Jon Vale", "SALTBY — HOLM — " + BODY[3],
    *(rule.example for kind in ("line", "header") for rule in RULES[kind]),
)  # fmt: skip
MARKS = (  # no tag at a start, which makes a page: a page may show Markdown, and its text keeps it
    "## What next", "The [union](https://u.example) said **no**.", "[1]: https://u.example", "> We stay.", "- Boats",
    "Fish &amp;amp;amp; chips", "Gull <b>and</b> Tern", "1986\\. A year", "the crews of the ferries on the northern",
    "islands, and of the boats of Port Ellery, said no", "", "^BC-FERRIES,0171<", "| Gull | 2 |", "|---|---|", "har-",
)  # fmt: skip
LINES = st.sampled_from((*BODY, *BOILERPLATE)) | st.sampled_from(MARKS) | st.text(max_size=60)
TEXTS = st.lists(LINES, min_size=1, max_size=25).flatmap(
    lambda lines: st.sampled_from(["\n", " ", "\r\n\r\n", ""]).map(lambda separator: separator.join(lines))
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = tuple(field.name for field in fields(RawArticle))
many_examples = settings(max_examples=150)


def refused_or_clean(data: bytes) -> None:
    """Clean the bytes; any exception other than a refusal fails the test."""
    with suppress(RejectedError):
        clean(data, ORIGIN, RECEIVED)


@given(TEXTS)
@many_examples
def test_the_raw_text_can_be_rebuilt(text: str) -> None:
    try:
        article = clean(text.encode("utf-8", "ignore"), ORIGIN, RECEIVED)
    except RejectedError:
        return
    raw(article)


@given(TEXTS)
@many_examples
def test_cleaning_a_cleaned_body_removes_nothing_more(text: str) -> None:
    try:
        first = clean(orjson.dumps({"body": text.encode("utf-8", "ignore").decode()}), ORIGIN, RECEIVED)
    except RejectedError:
        return
    again = None
    with suppress(RejectedError):  # what is left of a text may look like a login page
        again = clean(orjson.dumps({"headline": first.headline, "body": first.body}), ORIGIN, RECEIVED)
    if again is not None:
        assert (again.body, again.removed) == (first.body, ())


@given(st.binary(max_size=400))
@many_examples
def test_any_bytes_are_cleaned_or_refused(data: bytes) -> None:
    refused_or_clean(data)


@given(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON | TEXTS, max_size=8))
@many_examples
def test_any_json_is_cleaned_or_refused(value: object) -> None:
    try:
        data = orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, a lone surrogate
        return
    refused_or_clean(data)


@given(st.text(alphabet=st.sampled_from("<>/ abdipv=\"'!-&;"), max_size=120))
@many_examples
def test_anything_like_html_is_cleaned_or_refused(markup: str) -> None:
    refused_or_clean(("<html><body>" + markup).encode())


@given(st.text(), st.data())
@many_examples
def test_restore_inverts_cut_and_the_body_stays_in_normal_form(text: str, data: st.DataObject) -> None:
    text = normal_form(text)
    offsets = st.integers(0, len(text))
    spans = [
        Removal(min(pair), max(pair), rule, rule)
        for pair, rule in data.draw(st.lists(st.tuples(st.tuples(offsets, offsets), st.sampled_from("ab")), max_size=5))
    ]
    body, removed = cut(text, spans)
    raw_offset = raw_offsets(removed)
    assert restore(body, removed) == text
    assert normal_form(body) == body
    assert all(text[item.start : item.end] == item.text for item in removed)
    assert all(text[raw_offset(index)] == character for index, character in enumerate(body))


@given(
    st.text()
    | st.text(alphabet=st.sampled_from("aé’â€™Ã©ﬁǆ\u0301\u0085\u00a0\u200d中ñ \n"))
    | st.text(alphabet=st.sampled_from("aZ .ВГРСЂўвΒΓΞΟβ‚Ä√≈±“”«»™©¿\u0384\uf8ff‹›•à²ØÙ…œ—"))
)
@many_examples
def test_repair_gives_the_same_text_as_ftfy_of_the_composed_text(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert repair(text) == INVISIBLE.sub("", ftfy.fix_text(composed, FTFY_CONFIG)) or CLEAN_CHARS.fullmatch(text)


@given(st.text())
@many_examples
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
