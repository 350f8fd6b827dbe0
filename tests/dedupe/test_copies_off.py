"""Sources and kinds that are never called copies: ``COPYDESK_COPIES_OFF``."""

from __future__ import annotations

from dataclasses import replace

from schemas import CleanArticle, CopyKind, Resemblance, ResemblanceKind, Verdict, VerdictKind
from tests.dedupe.support import PARAGRAPHS, WINDOW, article
from workers.dedupe import Ledger

TEXT = "\n".join(PARAGRAPHS[:2])
NEAR = TEXT.replace("two of its pillars", "three of its pillars")
COPY, NEW = VerdictKind.COPY, VerdictKind.NEW


def sent(body: str, offset: int, source: str) -> CleanArticle:
    return replace(article(body, offset=offset, url=f"https://{source}/{offset}"), source=source)


def verdicts(off: str, *articles: CleanArticle) -> list[Verdict]:
    """The verdicts, the last two of them by a ledger that was restored."""
    ledger = Ledger(WINDOW, copies_off=off.split(","))
    first = [ledger.decide(each, number, number).verdict for number, each in enumerate(articles[:-2])]
    ledger = Ledger.restored(ledger.dump(), off.split(","))
    return first + [
        ledger.decide(each, number, number).verdict for number, each in enumerate(articles[-2:], len(first))
    ]


def test_an_article_of_the_source_is_new_in_the_story_and_others_may_be_copies_of_it() -> None:
    first, agency, of_agency = verdicts(
        "wire.example",
        sent(TEXT, 0, "mail.example"),
        sent(TEXT, 1, "www.Wire.example"),
        sent(TEXT, 2, "post.example"),
    )
    assert [each.kind for each in (first, agency, of_agency)] == [NEW, NEW, COPY]
    assert agency.story_id == first.story_id
    assert of_agency.duplicate_of == f"{1:016x}"


def test_only_the_kind_that_is_off_passes() -> None:
    articles = sent(TEXT, 0, "mail.example"), sent(NEAR, 1, "post.example"), sent(TEXT, 2, "sun.example")
    judged = verdicts("kind:near", *articles)
    assert [each.copy_kind for each in judged] == [None, None, CopyKind.EXACT]
    off = Resemblance(article=f"{0:016x}", kind=ResemblanceKind.COPIES_OFF)
    assert [each.resembles for each in judged] == [None, off, None]


def test_an_article_that_comes_again_is_unchanged_all_the_same() -> None:
    url = "https://wire.example/1"
    crawled = [replace(article(TEXT, offset=offset, url=url), source="wire.example") for offset in range(3)]
    kinds = [each.copy_kind for each in verdicts("wire.example,kind:exact", *crawled)]
    assert kinds == [None, CopyKind.UNCHANGED, CopyKind.UNCHANGED]
