from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import count, cycle, islice, product

import pytest

from schemas import CleanArticle, CopyKind, LedgerEntry, VerdictKind, decode, encode, encode_briefly
from tests.dedupe.support import PARAGRAPHS, WINDOW, Delivery, article, decide, entries_of, entry_of, load
from workers.dedupe import Ledger, entry_key
from workers.dedupe.ledger import INDEX_BATCH_ENTRIES
from workers.errors import OutOfOrderError

URL = "https://news.example/a"
A, B, C = PARAGRAPHS[0], PARAGRAPHS[2], PARAGRAPHS[4]


def deliver(body: str, offset: int, time: int = 0, *, url: str | None = None, headline: str = "") -> Delivery:
    return Delivery(article(body, offset=offset, url=url, headline=headline), offset, time)


def test_the_same_text_is_a_copy_and_another_text_is_new() -> None:
    first, second, third = entries_of(deliver(A, 0), deliver(A, 1), deliver(B, 2))
    assert first.verdict.kind is VerdictKind.NEW
    assert second.verdict.kind is VerdictKind.COPY
    assert second.verdict.duplicate_of == first.id
    assert second.verdict.copy_kind is CopyKind.EXACT
    assert second.verdict.story_id == first.verdict.story_id
    assert third.verdict.kind is VerdictKind.NEW
    assert third.verdict.story_id != first.verdict.story_id


def test_a_copy_of_a_copy_names_the_original() -> None:
    entries = entries_of(deliver(A, 0), deliver(f"{A}\n{A[:60]}", 1), deliver(f"{A}\n{A[:60]}", 2))
    assert [entry.verdict.duplicate_of for entry in entries] == [None, entries[0].id, entries[0].id]


def test_a_redelivered_message_gets_its_stored_verdict() -> None:
    ledger = Ledger(WINDOW)
    stream = [deliver(A, 0), deliver(A, 1), deliver(B, 2, url=URL), deliver(C, 3, url=URL), deliver(A, 4, 99 * WINDOW)]
    first = decide(ledger, stream)
    assert decide(ledger, reversed(stream)) == first[::-1]


def test_verdicts_do_not_depend_on_how_many_entries_are_indexed_at_once() -> None:
    samples = entries_of(*(deliver(body, number, url=URL) for number, body in enumerate(PARAGRAPHS)))
    entries = [
        replace(sample, position=number, origin=article(A, offset=number).origin, content=f"{number:016x}")
        for number, sample in enumerate(islice(cycle(samples), INDEX_BATCH_ENTRIES + 1))
    ]
    in_one_batch, in_several_batches = Ledger(WINDOW), Ledger(WINDOW)
    load(in_one_batch, *entries)
    for first in range(0, len(entries), INDEX_BATCH_ENTRIES // 4):
        load(in_several_batches, *entries[first : first + INDEX_BATCH_ENTRIES // 4])
        in_several_batches.catch_up(first + INDEX_BATCH_ENTRIES // 4)
    later = [
        deliver(f"{body} And more.", len(entries) + number, url=url)
        for number, (body, url) in enumerate(product(PARAGRAPHS, (URL, None)))
    ]
    assert decide(in_one_batch, later) == decide(in_several_batches, later)


def test_a_redelivered_article_is_not_a_copy_of_itself() -> None:
    entry = entries_of(deliver(A, 0))[0]
    ledger = Ledger(WINDOW)
    load(ledger, entry)
    assert ledger.decide(article(A, offset=0), 0, 0).verdict.kind is VerdictKind.NEW


def test_an_article_published_twice_by_clean_has_one_entry() -> None:
    ledger, again = Ledger(WINDOW), Delivery(article(A, offset=0), 7, 0)
    first, second = (ledger.decide(sent.article, sent.offset, sent.time) for sent in (deliver(A, 0), again))
    assert (second.verdict, second.time) == (first.verdict, first.time)
    assert first.entry is not None
    assert second.entry is None
    assert len(ledger) == 1


def test_an_article_is_not_compared_with_later_entries_of_a_crashed_worker() -> None:
    entries = entries_of(deliver(A, 0), deliver(A, 1))
    ledger = Ledger(WINDOW)
    load(ledger, entries[1])  # the copy was written, its original was not
    assert entry_of(ledger, deliver(A, 0)) == entries[0]


def test_a_later_entry_replaces_a_deleted_one_of_the_same_message_at_its_own_offset() -> None:
    first, later = entries_of(deliver(A, 2))[0], entries_of(Delivery(article(A, offset=2), 9, 0))[0]
    ledger = Ledger(WINDOW)
    load(ledger, first)
    ledger.forget(entry_key(first.origin))
    load(ledger, later)
    assert ledger.decide(article(A, offset=5), 5, 0).verdict.kind is VerdictKind.NEW
    assert ledger.decide(article(A, offset=10), 10, 0).verdict.duplicate_of == article(A, offset=2).id


def test_an_entry_deleted_after_it_was_indexed_is_not_deleted_again() -> None:
    first, second = entries_of(deliver(A, 0), deliver(B, 1, 2 * WINDOW))
    ledger = Ledger(WINDOW)
    load(ledger, first, second)
    ledger.catch_up(2)
    ledger.forget(entry_key(first.origin))
    assert len(ledger) == 1
    assert ledger.expire(2) == []


def test_an_entry_that_arrives_after_later_ones_were_indexed_is_refused() -> None:
    entries = entries_of(deliver(A, 0), deliver(B, 1), deliver(C, 2))
    ledger = Ledger(WINDOW)
    load(ledger, *entries[1:])
    ledger.index_below(3, behind=0)
    load(ledger, entries[0])
    with pytest.raises(OutOfOrderError):
        ledger.catch_up(3)


@pytest.mark.parametrize(("age", "kind"), [(WINDOW, VerdictKind.COPY), (WINDOW + 1, VerdictKind.NEW)])
def test_the_window_ends_at_the_latest_message_time_to_the_millisecond(age: int, kind: VerdictKind) -> None:
    assert entries_of(deliver(A, 0, 5_000), deliver(A, 1, 5_000 + age))[1].verdict.kind is kind


def test_a_late_message_does_not_move_the_window_back() -> None:
    late = 2 * WINDOW - 1
    entries = entries_of(deliver(A, 0), deliver(B, 1, 3 * WINDOW), deliver(C, 2, late), deliver(B, 3, 3 * WINDOW))
    assert [entry.verdict.kind for entry in entries] == [
        VerdictKind.NEW,
        VerdictKind.NEW,
        VerdictKind.NEW,
        VerdictKind.COPY,
    ]


def test_an_article_read_again_from_before_the_window_is_no_copy_of_a_later_one() -> None:
    """Its verdict is remembered; once that is forgotten, an article of before the window is new whatever came since."""
    ledger = Ledger(WINDOW, 6 * WINDOW)
    stream = [deliver(A, 0), deliver(A, 1, WINDOW), deliver(B, 2, 4 * WINDOW), deliver(A, 3, 5 * WINDOW)]
    first = decide(ledger, stream)
    assert ledger.expire(4) == []
    again = [Delivery(each.article, 4 + number, each.time) for number, each in enumerate(stream)]
    assert decide(ledger, again) == first

    decide(ledger, [deliver(C, 8, 8 * WINDOW)])
    assert ledger.expire(9) == ["news-raw/0/0", "news-raw/0/1"]
    decisions = [ledger.decide(each.article, 9 + number, each.time) for number, each in enumerate(stream)]
    assert [decision.verdict.kind for decision in decisions] == [VerdictKind.NEW] * 4
    assert [decision.entry is None for decision in decisions] == [False, False, True, True]


def test_a_late_article_is_new_with_a_story_of_its_own_and_is_not_compared_later() -> None:
    newest = 5 * WINDOW
    entries = entries_of(deliver(A, 0, newest, url=URL), deliver(A, 1, url=URL), deliver(A, 2, newest))
    late = entries[1].verdict
    assert (late.kind, late.story_id, late.story_articles, late.revision) == (
        VerdictKind.NEW,
        f"story-{entries[1].id}",
        1,
        1,
    )
    assert entries[2].verdict.duplicate_of == entries[0].id


def test_a_verdict_is_remembered_from_when_it_was_given_even_if_its_message_was_behind() -> None:
    ledger = Ledger(WINDOW, 2 * WINDOW)
    decide(ledger, [deliver(A, 0, WINDOW), deliver(B, 1, 0), deliver(C, 2, 3 * WINDOW)])
    assert ledger.expire(3) == []
    decide(ledger, [deliver(C, 3, 3 * WINDOW + 1)])
    assert ledger.expire(4) == ["news-raw/0/0", "news-raw/0/1"]


def test_entries_outside_the_window_count_for_no_revision_and_no_story() -> None:
    entries = entries_of(deliver(A, 0, 0, url=URL), deliver(f"{A}\n{B}", 1, 2 * WINDOW, url=URL))
    assert entries[1].verdict.kind is VerdictKind.NEW
    assert entries[1].verdict.story_id != entries[0].verdict.story_id


def test_revisions_are_numbered_without_gaps_and_a_return_to_an_old_text_is_one() -> None:
    entries = entries_of(*(deliver(body, i, i, url=URL) for i, body in enumerate((A, B, A, C))))
    assert [entry.verdict.revision for entry in entries] == [1, 2, 3, 4]
    assert [entry.verdict.revision_of for entry in entries] == [None, *(entry.id for entry in entries[:3])]
    assert {entry.verdict.story_id for entry in entries} == {entries[0].verdict.story_id}
    assert [entry.verdict.story_articles for entry in entries] == [1, 2, 3, 4]


def test_the_same_text_at_the_same_url_is_a_copy_without_a_revision_number() -> None:
    entries = entries_of(*(deliver(body, i, i, url=URL) for i, body in enumerate((A, B, B, C))))
    assert [entry.verdict.kind for entry in entries] == [
        VerdictKind.NEW,
        VerdictKind.REVISION,
        VerdictKind.COPY,
        VerdictKind.REVISION,
    ]
    assert entries[2].verdict.duplicate_of == entries[1].id
    assert entries[3].verdict.revision == 3


def test_a_small_change_at_the_same_url_is_a_revision_and_elsewhere_a_copy() -> None:
    changed = A.replace("two", "three")
    at_url, elsewhere = (entries_of(deliver(A, 0, url=URL), deliver(changed, 1, url=url))[1] for url in (URL, None))
    assert at_url.verdict.kind is VerdictKind.REVISION
    assert elsewhere.verdict.kind is VerdictKind.COPY


def test_an_excerpt_of_an_article_is_a_copy_however_often_the_article_was_revised() -> None:
    versions = [deliver("\n".join(PARAGRAPHS[: at + 2]), at, url=URL) for at in range(5)]
    *_, excerpt = entries_of(*versions, deliver(f"{A} Our reporter is on the way, and more will follow here.", 5))
    assert (excerpt.verdict.kind, excerpt.verdict.copy_kind) == (VerdictKind.COPY, CopyKind.EXCERPT)


def test_a_roundup_of_different_stories_names_them_and_is_a_copy_of_none_alone() -> None:
    parts = [PARAGRAPHS[number] for number in (0, 2, 4)]
    *_, roundup, again = entries_of(
        *(deliver(part, number) for number, part in enumerate(parts)),
        deliver("\n".join(parts), 3),
        deliver("\n".join(parts) + " And more.", 4),
    )
    assert roundup.verdict.copy_kind is CopyKind.ROUNDUP
    assert len({roundup.verdict.duplicate_of, *roundup.verdict.also_of}) == 3
    assert again.verdict.duplicate_of == roundup.id


def test_an_entry_of_an_earlier_version_keeps_its_verdict_and_is_known_by_its_words() -> None:
    first = entries_of(deliver(A, 0))[0]
    ledger = Ledger(WINDOW)
    load(ledger, replace(first, shingles=""))
    assert decide(ledger, [deliver(A, 0)]) == decide(Ledger(WINDOW), [deliver(A, 0)])
    assert ledger.decide(article(A, offset=1), 1, 0).verdict.copy_kind is CopyKind.EXACT


def test_very_short_texts_are_copies_only_under_the_same_headline() -> None:
    stub = "Watch the video."
    entries = entries_of(
        deliver(stub, 0, headline="Ferry runs aground"),
        deliver(stub, 1, headline="Comet in October"),
        deliver(stub, 2, headline="Ferry runs aground"),
    )
    assert [entry.verdict.duplicate_of for entry in entries] == [None, None, entries[0].id]


def test_articles_about_one_event_share_a_story_with_a_count_and_a_first_time() -> None:
    first, other, second = entries_of(
        deliver(A, 0, 1_000, headline="Pilots stay ashore in Kestrel Bay"),
        deliver(C, 1, 1_100),
        deliver(PARAGRAPHS[1], 2, 1_200, headline="Kestrel Bay pilots want a promise"),
    )
    assert second.verdict.kind is VerdictKind.NEW
    assert second.verdict.story_id == first.verdict.story_id == f"story-{first.id}"
    assert (second.verdict.story_articles, second.verdict.story_first_seen) == (2, first.verdict.story_first_seen)
    assert other.verdict.story_id == f"story-{other.id}"


def test_an_entry_expires_only_once_the_message_that_ended_its_window_is_committed() -> None:
    ledger = Ledger(WINDOW)
    decide(ledger, [deliver(A, 0, 0), deliver(B, 1, 0), deliver(C, 5, 2 * WINDOW)])
    assert ledger.expire(5) == []
    assert len(ledger) == 3
    assert sorted(ledger.expire(6)) == ["news-raw/0/0", "news-raw/0/1"]
    assert ledger.expire(6) == []
    assert len(ledger) == 1


def test_the_key_of_an_entry_is_its_raw_message() -> None:
    (entry,) = entries_of(Delivery(article(A, offset=42), 7, 0))
    assert entry_key(entry.origin) == "news-raw/0/42"


def test_encoded_entries_can_be_decoded() -> None:
    for entry in entries_of(deliver(A, 0, url=URL), deliver(A, 1), deliver(B, 2, url=URL)):
        assert decode(encode(entry), LedgerEntry) == decode(encode_briefly(entry), LedgerEntry) == entry


def test_an_entry_is_small() -> None:
    """An article of 400 words in sentences of 20 takes 1.6 KB: 1.1 KB, plus some 130 bytes for every 100 words."""
    words = (f"word{number}." if number % 20 == 19 else f"word{number}" for number in count())
    bodies = {size: " ".join(next(words) for _ in range(size)) for size in (100, 400, 1_600)}
    sizes = {size: len(encode_briefly(entries_of(deliver(body, 0, url=URL))[0])) for size, body in bodies.items()}
    print(sizes)
    assert sizes[400] < 1_700
    assert sizes[1_600] - sizes[400] < 1_200 * 1.6


@pytest.mark.process
def test_verdicts_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    script = (
        "from tests.dedupe.test_ledger import sample_decisions\n"
        "import sys; sys.stdout.buffer.write(b'\\n'.join(sample_decisions()))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {b"\n".join(sample_decisions())}


def sample_decisions() -> list[bytes]:
    """The decisions on a stream with copies, revisions and stories."""
    bodies = [*PARAGRAPHS, *(f"{one}\n{other}" for one in PARAGRAPHS for other in PARAGRAPHS)]
    titles = ("Pilots stay ashore in Kestrel Bay", "Lindqvist wins again in Valdoria")
    articles: list[CleanArticle] = [
        article(body, offset=i, headline=titles[i % 2], url=f"{URL}{i % 5}") for i, body in enumerate(bodies)
    ]
    return decide(Ledger(WINDOW), [Delivery(each, i, 100 * i) for i, each in enumerate(articles)])
