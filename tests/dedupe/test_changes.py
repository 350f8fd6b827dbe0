"""What a revision changes, and which version is the newest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Change, CleanArticle, CopyKind, Extent, NoticeKind, Verdict, VerdictKind
from tests.dedupe.support import PARAGRAPHS, WINDOW, article
from workers.dedupe import Ledger
from workers.dedupe.changes import MAX_SENTENCES, NO_OUTLINE, pack, unpack, version_of
from workers.handlers import unique_article

URL = "https://news.example/harbour"
FIRST, SECOND, *_ = PARAGRAPHS
LONG = "\n".join(PARAGRAPHS)
COPY, NEW, REVISION = VerdictKind.COPY, VerdictKind.NEW, VerdictKind.REVISION


def version(
    body: str, offset: int, *, headline: str = "Pilots stay ashore", modified: str | None = None
) -> CleanArticle:
    each = article(body, offset=offset, headline=headline, url=URL)
    return replace(each, modified=modified and f"2026-05-04T{modified}:00Z")


def verdicts(*articles: CleanArticle) -> list[Verdict]:
    """The verdicts; each but the first is by a ledger that was restored, as after a restart."""
    ledger, given = Ledger(WINDOW), []
    for number, each in enumerate(articles):
        given.append(ledger.decide(each, number, number).verdict)
        ledger = Ledger.restored(ledger.dump())
    return given


def change(*bodies: str) -> Change:
    """What the last of the versions changes."""
    found = verdicts(*(version(body, offset) for offset, body in enumerate(bodies)))[-1].change
    assert found
    return found


def test_a_revision_names_the_added_passages_and_counts_the_sentences() -> None:
    text = f"{FIRST}\n{PARAGRAPHS[2]}\n{PARAGRAPHS[3]}\n{PARAGRAPHS[4]}"
    found = change(f"{FIRST}\n{SECOND}\n{PARAGRAPHS[4]}", text)
    assert (found.sentences_added, found.sentences_removed, found.headline_changed) == (2, 1, False)
    assert found.extent is Extent.SUBSTANTIAL
    assert [text[passage.start : passage.end] for passage in found.added] == [f"{PARAGRAPHS[2]}\n{PARAGRAPHS[3]}"]
    assert found.share == pytest.approx(0.48, abs=0.03)


@pytest.mark.parametrize("revised", [LONG.replace("two of", "three of"), f"{LONG}\nMore soon."])
def test_one_sentence_is_a_minor_change(revised: str) -> None:
    found = change(LONG, revised)
    assert (found.extent, found.sentences_added) == (Extent.MINOR, 1)
    assert 0 < found.share < 0.2


def test_a_new_headline_alone_is_a_minor_revision_and_punctuation_none() -> None:
    _, other, again = verdicts(
        version(LONG, 0),
        version(LONG, 1, headline="Pilots return"),
        version(LONG.upper(), 2, headline="Pilots return!"),
    )
    assert (other.kind, other.revision) == (REVISION, 2)
    assert other.change == Change(
        share=0.0, sentences_added=0, sentences_removed=0, headline_changed=True, extent=Extent.MINOR
    )
    assert again.copy_kind is CopyKind.UNCHANGED


def test_a_live_blog_is_one_article_however_much_is_new_each_time() -> None:
    entries = [f"At {hour} o'clock the pilots of pier {hour} said {hour * 7} ships had left." for hour in range(30)]
    texts = [" ".join(reversed(entries[first : first + 10])) for first in range(0, 20, 5)]
    _, *later = verdicts(*(version(text, offset) for offset, text in enumerate(texts)))
    assert [(each.kind, each.revision) for each in later] == [(REVISION, 2), (REVISION, 3), (REVISION, 4)]
    for each in later:
        assert each.change
        assert (each.change.sentences_added, each.change.sentences_removed) == (5, 5)
        assert each.change.share == pytest.approx(0.5, abs=0.05)


def test_of_a_very_long_text_a_sample_is_compared() -> None:
    lines = [f"Entry {number} says that {number * 31} people came." for number in range(8 * MAX_SENTENCES)]
    found = change("\n".join(lines[: 4 * MAX_SENTENCES]), "\n".join(lines))
    assert found.sentences_removed == 0
    assert found.sentences_added == pytest.approx(4 * MAX_SENTENCES, rel=0.2)
    assert found.share == pytest.approx(0.5, abs=0.05)
    assert found.added == ()


def test_an_older_version_that_comes_late_does_not_become_the_newest() -> None:
    newer, undated, older, newest = verdicts(
        version(f"{FIRST}\n{SECOND}", 0, modified="12:00"),
        version(f"{FIRST}\n{SECOND}\n{PARAGRAPHS[4]}", 1),
        version(FIRST, 2, modified="11:00"),
        version(LONG, 3, modified="13:00"),
    )
    assert (newer.kind, undated.revision) == (NEW, 2)
    assert (older.kind, older.copy_kind, older.duplicate_of) == (COPY, CopyKind.OUTDATED, f"{1:016x}")
    assert older.evidence
    assert (older.evidence.of_copy, older.evidence.shared) == (1.0, 1)
    assert (newest.kind, newest.revision, newest.revision_of) == (REVISION, 3, f"{1:016x}")


@pytest.mark.parametrize(
    "late",
    [
        replace(version(FIRST, 1, modified="11:00"), dates_without_zone=("modified",)),
        replace(version(FIRST, 1, modified="11:00"), date_sources={"modified": "relative"}),
        replace(version(FIRST, 1), published="2026-05-04T08:00:00Z"),
        replace(version(FIRST, 1, modified="11:00"), notice=article("", notice=NoticeKind.CORRECTION).notice),
    ],
)
def test_what_is_not_certainly_older_and_any_notice_is_the_newest(late: CleanArticle) -> None:
    assert verdicts(version(SECOND, 0, modified="12:00"), late)[-1].kind is REVISION


def test_a_revision_that_takes_over_the_text_of_another_article_says_so() -> None:
    other = article(f"{SECOND}\n{PARAGRAPHS[4]}", offset=0, url="https://other.example/a")
    taken = version(f"{SECOND}\n{PARAGRAPHS[4]} More soon.", 2)
    _, first, revision = verdicts(other, version(FIRST, 1), taken)
    assert (first.kind, revision.kind, revision.revision) == (NEW, REVISION, 2)
    record = unique_article(taken, revision)
    assert record.copy
    assert (record.copy.duplicate_of, record.revision_of) == (other.id, f"{1:016x}")
    assert record.story_id == first.story_id


def test_a_revision_is_no_copy_of_the_versions_before_it_or_of_their_copies() -> None:
    copy = article(FIRST, offset=1, url="https://other.example/a")
    *_, second, third = verdicts(version(FIRST, 0), copy, version(SECOND, 2), version(FIRST, 3))
    assert [each.kind for each in (second, third)] == [REVISION, REVISION]
    assert (second.duplicate_of, third.duplicate_of) == (None, None)


def test_an_article_without_a_url_is_known_by_its_source_and_id_there_if_it_is_about_the_same() -> None:
    def wire(body: str, offset: int, source_id: str = "n-17", source: str | None = "Wire") -> CleanArticle:
        headline = "Pilots stay ashore in Kestrel Bay"
        return replace(article(body, offset=offset, headline=headline), source=source, source_id=source_id)

    assert [each.revision for each in verdicts(wire(FIRST, 0), wire(SECOND, 1))] == [1, 2]
    renamed = replace(wire(FIRST, 1), headline="Pilots of Kestrel Bay stay ashore")
    assert [each.revision for each in verdicts(wire(FIRST, 0), renamed)] == [1, 2]
    assert [each.revision for each in verdicts(wire(FIRST, 0), wire(SECOND, 1, "n-18"))] == [1, 1]
    assert [each.revision for each in verdicts(wire(FIRST, 0, source=None), wire(SECOND, 1, source=None))] == [1, 1]
    other = replace(wire(PARAGRAPHS[4], 1), headline="Bakery closes")
    verdict = verdicts(wire(FIRST, 0), other)[-1]
    assert (verdict.kind, verdict.url_is_disbelieved) == (NEW, False)


@given(st.lists(st.text(max_size=30), max_size=20), st.text(max_size=10))
def test_packed_outlines_can_be_unpacked(lines: list[str], headline: str) -> None:
    outline = version_of(article("\n".join(lines)), headline).outline
    assert unpack(pack(outline)) == outline
    assert unpack(b"") == NO_OUTLINE


@pytest.mark.parametrize("packed", [b"1234567", b"123456789", bytes(8), b"\0\0\0\0\3\0\0\0"])
def test_an_outline_that_is_cut_off_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="outline"):
        unpack(packed)
