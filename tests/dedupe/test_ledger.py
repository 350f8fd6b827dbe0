from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import count, cycle, islice, product

import pytest

from schemas import CleanArticle, CopyKind, LedgerEntry, VerdictKind, decode, encode
from tests.dedupe.support import PARAGRAPHS, WINDOW, Delivery, article, enter, entry_of, judged, load
from workers.dedupe import Ledger, entry_key
from workers.dedupe.verdicts import MANY
from workers.errors import OutOfOrderError

URL = "https://news.example/a"
A, B, C = PARAGRAPHS[0], PARAGRAPHS[2], PARAGRAPHS[4]


def deliver(body: str, position: int, time: int = 0, *, url: str | None = None, headline: str = "") -> Delivery:
    return Delivery(article(body, offset=position, url=url, headline=headline), position, time)


def test_an_article_is_new_the_same_text_is_a_copy_of_it_and_another_text_is_not() -> None:
    first, second, third = judged(deliver(A, 0), deliver(A, 1), deliver(B, 2))
    assert first.verdict.kind is VerdictKind.NEW
    assert second.verdict.kind is VerdictKind.COPY
    assert second.verdict.duplicate_of == first.id
    assert second.verdict.copy_kind is CopyKind.EXACT
    assert second.verdict.story_id == first.verdict.story_id
    assert third.verdict.kind is VerdictKind.NEW
    assert third.verdict.story_id != first.verdict.story_id


def test_a_copy_of_a_copy_names_the_original() -> None:
    entries = judged(deliver(A, 0), deliver(f"{A}\n{A[:60]}", 1), deliver(f"{A}\n{A[:60]}", 2))
    assert [entry.verdict.duplicate_of for entry in entries] == [None, entries[0].id, entries[0].id]


def test_a_redelivered_message_gets_its_entry_again_whatever_came_after() -> None:
    ledger = Ledger(WINDOW)
    stream = [deliver(A, 0), deliver(A, 1), deliver(B, 2, url=URL), deliver(C, 3, url=URL), deliver(A, 4, 99 * WINDOW)]
    first = enter(ledger, stream)
    assert enter(ledger, reversed(stream)) == first[::-1]


def test_a_ledger_of_many_entries_answers_alike_whether_it_is_read_at_once_or_in_parts() -> None:
    samples = judged(*(deliver(body, number, url=URL) for number, body in enumerate(PARAGRAPHS)))
    entries = [
        replace(sample, position=number, origin=article(A, offset=number).origin, content=f"{number:016x}")
        for number, sample in enumerate(islice(cycle(samples), MANY + 1))
    ]
    at_once, in_parts = Ledger(WINDOW), Ledger(WINDOW)
    load(at_once, *entries)
    for first in range(0, len(entries), MANY // 4):
        load(in_parts, *entries[first : first + MANY // 4])
        in_parts.catch_up(first + MANY // 4)
    later = [
        deliver(f"{body} And more.", len(entries) + number, url=url)
        for number, (body, url) in enumerate(product(PARAGRAPHS, (URL, None)))
    ]
    assert enter(at_once, later) == enter(in_parts, later)


def test_an_article_is_no_copy_of_itself_after_a_crash_that_lost_nothing_but_the_commit() -> None:
    entry = judged(deliver(A, 0))[0]
    ledger = Ledger(WINDOW)
    load(ledger, entry)
    assert ledger.decide(article(A, offset=0), 0, 0).verdict.kind is VerdictKind.NEW


def test_an_article_that_clean_sent_twice_has_one_entry() -> None:
    ledger, again = Ledger(WINDOW), Delivery(article(A, offset=0), 7, 0)
    first, second = (ledger.decide(each.article, each.position, each.time) for each in (deliver(A, 0), again))
    assert (second.verdict, second.time) == (first.verdict, first.time)
    assert first.entry is not None
    assert second.entry is None
    assert len(ledger) == 1


def test_an_article_is_not_compared_with_later_ones_that_a_fallen_worker_left_behind() -> None:
    entries = judged(deliver(A, 0), deliver(A, 1))
    ledger = Ledger(WINDOW)
    load(ledger, entries[1])  # the copy was written, its original was not
    assert entry_of(ledger, deliver(A, 0)) == entries[0]


def test_of_a_deleted_entry_a_later_one_for_the_same_message_takes_the_place_at_its_own_position() -> None:
    first, later = judged(deliver(A, 2))[0], judged(Delivery(article(A, offset=2), 9, 0))[0]
    ledger = Ledger(WINDOW)
    load(ledger, first)
    ledger.forget(entry_key(first.origin))
    load(ledger, later)
    assert ledger.decide(article(A, offset=5), 5, 0).verdict.kind is VerdictKind.NEW
    assert ledger.decide(article(A, offset=10), 10, 0).verdict.duplicate_of == article(A, offset=2).id


def test_an_entry_that_was_deleted_after_it_was_indexed_is_not_deleted_again() -> None:
    first, second = judged(deliver(A, 0), deliver(B, 1, 2 * WINDOW))
    ledger = Ledger(WINDOW)
    load(ledger, first, second)
    ledger.catch_up(2)
    ledger.forget(entry_key(first.origin))
    assert len(ledger) == 1
    assert ledger.expire(2) == []


def test_an_entry_that_comes_after_later_ones_were_indexed_is_refused() -> None:
    entries = judged(deliver(A, 0), deliver(B, 1), deliver(C, 2))
    ledger = Ledger(WINDOW)
    load(ledger, *entries[1:])
    ledger.settle(3, behind=0)
    load(ledger, entries[0])
    with pytest.raises(OutOfOrderError):
        ledger.catch_up(3)


@pytest.mark.parametrize(("age", "kind"), [(WINDOW, VerdictKind.COPY), (WINDOW + 1, VerdictKind.NEW)])
def test_the_window_ends_at_the_latest_message_time_to_the_millisecond(age: int, kind: VerdictKind) -> None:
    assert judged(deliver(A, 0, 5_000), deliver(A, 1, 5_000 + age))[1].verdict.kind is kind


def test_the_window_does_not_go_back_with_a_late_message() -> None:
    entries = judged(deliver(A, 0, 0), deliver(B, 1, 2 * WINDOW), deliver(A, 2, 0), deliver(B, 3, 0))
    assert [entry.verdict.kind for entry in entries] == [
        VerdictKind.NEW,
        VerdictKind.NEW,
        VerdictKind.NEW,
        VerdictKind.COPY,
    ]


def test_what_has_left_the_window_counts_for_no_revision_and_no_story() -> None:
    entries = judged(deliver(A, 0, 0, url=URL), deliver(f"{A}\n{B}", 1, 2 * WINDOW, url=URL))
    assert entries[1].verdict.kind is VerdictKind.NEW
    assert entries[1].verdict.story_id != entries[0].verdict.story_id


def test_revisions_at_a_url_are_numbered_without_gaps_and_going_back_is_one_too() -> None:
    entries = judged(*(deliver(body, i, i, url=URL) for i, body in enumerate((A, B, A, C))))
    assert [entry.verdict.revision for entry in entries] == [1, 2, 3, 4]
    assert [entry.verdict.revision_of for entry in entries] == [None, *(entry.id for entry in entries[:3])]
    assert {entry.verdict.story_id for entry in entries} == {entries[0].verdict.story_id}
    assert [entry.verdict.story_articles for entry in entries] == [1, 2, 3, 4]


def test_the_same_text_again_at_its_url_is_a_copy_and_takes_no_number() -> None:
    entries = judged(*(deliver(body, i, i, url=URL) for i, body in enumerate((A, B, B, C))))
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
    at_url, elsewhere = (judged(deliver(A, 0, url=URL), deliver(changed, 1, url=url))[1] for url in (URL, None))
    assert at_url.verdict.kind is VerdictKind.REVISION
    assert elsewhere.verdict.kind is VerdictKind.COPY


def test_texts_of_a_few_words_are_copies_only_under_the_same_headline() -> None:
    stub = "Watch the video."
    entries = judged(
        deliver(stub, 0, headline="Ferry runs aground"),
        deliver(stub, 1, headline="Comet in October"),
        deliver(stub, 2, headline="Ferry runs aground"),
    )
    assert [entry.verdict.duplicate_of for entry in entries] == [None, None, entries[0].id]


def test_articles_of_one_event_share_a_story_which_knows_how_many_came_and_since_when() -> None:
    first, other, second = judged(
        deliver(A, 0, 1_000, headline="Pilots stay ashore in Kestrel Bay"),
        deliver(C, 1, 1_100),
        deliver(PARAGRAPHS[1], 2, 1_200, headline="Kestrel Bay pilots want a promise"),
    )
    assert second.verdict.kind is VerdictKind.NEW
    assert second.verdict.story_id == first.verdict.story_id == f"story-{first.id}"
    assert (second.verdict.story_articles, second.verdict.story_first_seen) == (2, first.verdict.story_first_seen)
    assert other.verdict.story_id == f"story-{other.id}"


def test_nothing_expires_while_the_message_that_ended_its_window_may_come_again() -> None:
    ledger = Ledger(WINDOW)
    enter(ledger, [deliver(A, 0, 0), deliver(B, 1, 0), deliver(C, 5, 2 * WINDOW)])
    assert ledger.expire(5) == []
    assert len(ledger) == 3
    assert sorted(ledger.expire(6)) == ["news-raw/0/0", "news-raw/0/1"]
    assert ledger.expire(6) == []
    assert len(ledger) == 1


def test_the_key_of_an_entry_is_the_raw_message_that_it_speaks_of() -> None:
    (entry,) = judged(Delivery(article(A, offset=42), 7, 0))
    assert entry_key(entry.origin) == "news-raw/0/42"


def test_entries_are_read_back_as_they_were_written() -> None:
    for entry in judged(deliver(A, 0, url=URL), deliver(A, 1), deliver(B, 2, url=URL)):
        assert decode(encode(entry), LedgerEntry) == entry


def test_an_entry_is_small() -> None:
    """1.4 KB for an article of 400 words: 0.9 KB, and 140 bytes more for every 100 words."""
    words = (f"word{number}" for number in count())
    bodies = {size: " ".join(next(words) for _ in range(size)) for size in (100, 400, 1_600)}
    sizes = {size: len(encode(judged(deliver(body, 0, url=URL))[0])) for size, body in bodies.items()}
    print(sizes)
    assert sizes[400] < 1_500
    assert sizes[1_600] - sizes[400] < 1_200 * 1.6


@pytest.mark.process
def test_verdicts_are_the_same_in_another_process_whatever_its_hash_seed() -> None:
    script = (
        "from tests.dedupe.test_ledger import everything\n"
        "import sys; sys.stdout.buffer.write(b'\\n'.join(everything()))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {b"\n".join(everything())}


def everything() -> list[bytes]:
    """Entries of a stream with copies, revisions and stories."""
    bodies = [*PARAGRAPHS, *(f"{one}\n{other}" for one in PARAGRAPHS for other in PARAGRAPHS)]
    titles = ("Pilots stay ashore in Kestrel Bay", "Lindqvist wins again in Valdoria")
    made: list[CleanArticle] = [
        article(body, offset=i, headline=titles[i % 2], url=f"{URL}{i % 5}") for i, body in enumerate(bodies)
    ]
    return enter(Ledger(WINDOW), [Delivery(one, i, 100 * i) for i, one in enumerate(made)])
