"""Limits: input larger than any article is refused with the reason; input within the limits is read."""

from __future__ import annotations

import ftfy
import lxml.html
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trafilatura.utils import HTML_PARSER

from tests.clean.samples import BODY, HEADLINE, ORIGIN, RECEIVED, STORY, cleaned
from workers.clean import clean
from workers.clean.input.html_limits import parse, tag_pattern
from workers.clean.text import MAX_FIELD_CHARS, repair, tidy
from workers.errors import RejectedError
from workers.outcomes import Reason

PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
MARKUP = (
    "<", "</", ">", "'", '"', "=", " ", "/", "a", "<p a b c d e>", "<!--", "-->", "--!>", "<!", "<?", "\n", "\v", "<p ",
    "<script", "</script", "<script>", "<title>", "</title>", "<style>", "</style>", "<textarea>", "<svg>", "<![CDATA[",
    "<plaintext>", "<p q='", '<p q="',
)  # fmt: skip


def page(inside: str, head: str = "") -> bytes:
    """Return a complete page with an article."""
    return f"<html><head><title>{HEADLINE}</title>{head}</head><body><article>{inside}</article></body></html>".encode()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"<p>" * 60_001, "tags"),
        (page("<p>" + "word " * 90_000), "text"),
        (page("<section>" * 100 + "word " * 40_000), "text within text"),
        (b"word " * 90_000, "characters"),
        (b"a b\n" * 20_001, "lines"),
        (b"A b. " * 20_001, "lines or sentences"),
    ],
)
def test_input_larger_than_any_article_is_refused(value: bytes, words: str) -> None:
    with pytest.raises(RejectedError, match=words) as refused:
        clean(value, ORIGIN, RECEIVED)
    assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "around",
    [
        f"<p {' '.join(f'a{number}' for number in range(501))}></p>",
        f"<p>{'<i>a</i>' * 2_501}</p>",
        f"<nav>{'<a href=/>a</a>' * 12_000}</nav>",
        f"<p class='{'a ' * 320_000}'></p>",
        f"<div>{'<div>word word</div>' * 9_000}</div>",
        f"<select>{'<option>Old Lock, Saltby</option>' * 15_000}</select>",
        f"<div>{'word ' * 90_000}</div>",
        "<!-- word -->" * 20_000,
    ],
    ids=["attributes", "inline", "menu", "classes", "blocks", "options", "text", "comments"],
)
def test_a_short_article_is_found_in_a_page_that_is_too_large(around: str) -> None:
    value = f"<html><head><title>{HEADLINE}</title></head><body>{around}<article>{PARAGRAPHS}</article></body></html>"
    assert cleaned(value).body.endswith(STORY)


def test_a_page_within_the_limits_is_read() -> None:
    attributes = " ".join(f"a{number}" for number in range(200))
    menu = "".join(f"<li>{number}</li>" for number in range(2_000))
    value = page(f"<p {attributes}></p>{PARAGRAPHS}<ul>{menu}</ul>")
    assert cleaned(value).body.startswith(BODY[0])


def test_json_ld_that_does_not_parse_is_ignored() -> None:
    script = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": Another</script>'
    article = cleaned(page(PARAGRAPHS, script))
    assert article.headline == HEADLINE
    assert article.body == STORY


def test_a_title_longer_than_any_headline_is_ignored() -> None:
    article = cleaned(
        f"<html><title>{'long ' * MAX_FIELD_CHARS}</title><body><article>{PARAGRAPHS}</article></body>".encode()
    )
    assert len(article.headline) <= MAX_FIELD_CHARS
    assert article.body.endswith(BODY[-1])


def test_a_keyword_that_is_too_long_is_dropped() -> None:
    assert cleaned({"body": STORY, "keywords": ["ferries", "a" * 501]}).keywords == ("ferries",)


@given(st.lists(st.sampled_from(MARKUP), max_size=14).map("".join))
@example("<script></script <script>")
@settings(max_examples=500)
def test_every_tag_with_too_many_attributes_is_found(markup: str) -> None:
    markup = f"<html><body>{markup}<p a b c d e>"
    tree = lxml.html.document_fromstring(markup, parser=HTML_PARSER)
    most = max(len(element.attrib) for element in tree.iter() if isinstance(element.tag, str))
    assert most <= 3 or any(tag["more"] for tag in tag_pattern(3).finditer(markup))


def test_the_words_of_a_script_are_not_attributes() -> None:
    words = "if (i <n) x = 'a>' + " + "b " * 1_000
    assert parse(f"<html><head><script>{words}</script></head><body><p>text</p></body></html>").find(".//p") is not None


def test_marks_above_a_letter_are_separated_after_thirty() -> None:
    marks = "\u0315\u0300" * 40
    tidied = tidy("a" + marks)
    assert tidied.count("\u034f") == 2
    assert tidy(tidied) == tidied
    assert tidy("a" + "—" * 80) == "a" + "—" * 80


def test_of_hundreds_of_marks_above_a_letter_few_stay() -> None:
    assert len(tidy("a" + "\u0315" * 1_000)) < 70
    assert tidy("a" + "—" * 1_000) == "a" + "—" * 1_000


def test_marks_of_real_languages_stay() -> None:
    text = "Việt Nam: a\u0301\u0323 — नमस्ते — שָׁלוֹם"
    assert "\u034f" not in tidy(text)


def test_a_fault_in_one_line_of_a_long_text_is_fixed() -> None:
    sound = "Ein größerer Hafen für die Fähren, sagte der Bürgermeister.\n"
    faulty = "FÃ¤hren fahren wieder.\n"
    assert repair(sound * 3_000 + faulty) == sound * 3_000 + ftfy.fix_text(faulty)


def test_a_headline_is_removed_every_time_it_stands_at_the_top() -> None:
    article = cleaned("\n".join((*[HEADLINE] * 50, STORY)))
    assert (article.headline, article.body) == (HEADLINE, STORY)
    assert [item.category for item in article.removed] == ["headline"]


def test_the_search_ends_when_nothing_is_left() -> None:
    with pytest.raises(RejectedError) as refused:
        cleaned('"""\nOthers Also Read')
    assert refused.value.reason is Reason.NO_BODY


def test_faults_in_more_lines_than_any_article_has_stay() -> None:
    faulty = "FÃ¤hren fahren wieder.\n" * 4_000
    assert repair(faulty) == faulty
