"""Notices reach what they are about: none is dropped as a copy, and nothing is a copy of what must not be used."""

from __future__ import annotations

import pytest

from schemas import CleanArticle, NoticeKind, Verdict, VerdictKind
from tests.dedupe.support import PARAGRAPHS, WINDOW, article
from workers.dedupe import Ledger

TEXT = "\n".join(PARAGRAPHS[:2])
CORRECTED = TEXT.replace("two of its pillars", "three of its pillars")
COPY, NEW, REVISION = VerdictKind.COPY, VerdictKind.NEW, VerdictKind.REVISION


def verdicts(*articles: CleanArticle) -> list[Verdict]:
    ledger = Ledger(WINDOW)
    return [ledger.decide(each, number, number).verdict for number, each in enumerate(articles)]


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_notice_with_the_words_of_an_article_is_passed_on_and_names_it(kind: NoticeKind) -> None:
    first, copy, notice = verdicts(
        article(TEXT, offset=0, id="a"), article(TEXT, offset=1, id="b"), article(CORRECTED, offset=2, notice=kind)
    )
    assert (copy.kind, copy.duplicate_of) == (COPY, "a")
    assert (notice.kind, notice.notice_about, notice.story_id) == (NEW, "a", first.story_id)


def test_a_notice_at_the_url_of_an_article_is_a_revision_that_names_it() -> None:
    url = "https://example.com/bridge"
    _, notice = verdicts(
        article(TEXT, offset=0, id="a", url=url),
        article(PARAGRAPHS[4], offset=1, url=url, notice=NoticeKind.WITHDRAWAL),
    )
    assert (notice.kind, notice.revision_of, notice.notice_about) == (REVISION, "a", "a")


def test_a_notice_that_comes_again_is_a_copy() -> None:
    _, notice, again = verdicts(
        article(TEXT, offset=0),
        article(CORRECTED, offset=1, id="n", notice=NoticeKind.CORRECTION),
        article(CORRECTED, offset=2, notice=NoticeKind.CORRECTION),
    )
    assert notice.kind is NEW
    assert (again.kind, again.duplicate_of, again.notice_about) == (COPY, "n", None)


@pytest.mark.parametrize("kind", [NoticeKind.EMBARGO, NoticeKind.WITHDRAWAL])
def test_what_may_be_published_is_no_copy_of_what_must_not(kind: NoticeKind) -> None:
    held, released = verdicts(article(TEXT, offset=0, notice=kind), article(TEXT, offset=1))
    assert released.kind is NEW
    assert released.story_id == held.story_id
