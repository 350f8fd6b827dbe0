"""The laws of the ledger: neither a crash at any point nor reading messages again gives an article another verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import LedgerEntry, VerdictKind, encode
from tests.dedupe.support import CONNECTED, PARAGRAPHS, SHORT, WINDOW, Delivery, article, decide, load
from workers.dedupe import Ledger, entry_key
from workers.errors import OutOfOrderError

END = 10**9
MEMORY = 3 * WINDOW

bodies = st.one_of(st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=3).map("\n".join), st.sampled_from(SHORT))
regrouped = st.sampled_from(CONNECTED)
urls = st.sampled_from([None, None, "https://news.example/a", "https://news.example/b"])
modified = st.sampled_from([None, None, "2026-05-04T11:00:00Z", "2026-05-04T12:00:00Z"])
ids = st.sampled_from([None, None, "n-1", "n-2"])
headlines = st.sampled_from(["", "Pilots stay ashore in Kestrel Bay", "Lindqvist wins again"])
# Mostly a little later than the last message, sometimes earlier, sometimes so late that much leaves the window.
steps = st.one_of(st.integers(0, WINDOW // 4), st.integers(-WINDOW, WINDOW), st.integers(WINDOW, 3 * WINDOW))


@st.composite
def streams(draw: st.DrawFn, *, goes_back: bool = True) -> list[Delivery]:
    """A partition of the clean articles, with gaps between offsets.

    Some articles clean published twice, and some pages may go back to an earlier version, which has its id twice.
    """
    stream: list[Delivery] = []
    body = draw(st.sampled_from([bodies, regrouped]))
    watermark = offset = 0
    time = 10 * WINDOW
    for number in range(draw(st.integers(2, 14))):
        offset += draw(st.integers(1, 3))
        # Clean publishes an article twice only within a short time: while it is within the window.
        repeatable = [earlier for earlier in stream if earlier.time >= watermark - WINDOW]
        if repeatable and draw(st.integers(0, 5)) == 0:
            original = draw(st.sampled_from(repeatable))
            delivery = Delivery(original.article, offset, original.time)
        else:
            time = max(0, time + draw(steps))
            new = article(draw(body), offset=number, headline=draw(headlines), url=draw(urls))
            new = replace(new, modified=draw(modified), source="Wire", source_id=draw(ids))
            if goes_back and stream and draw(st.integers(0, 5)) == 0:  # as it was before, from another message
                new = replace(draw(st.sampled_from(stream)).article, origin=new.origin)
            delivery = Delivery(new, offset, time)
        watermark = max(watermark, delivery.time)
        stream.append(delivery)
    return stream


def undisturbed_run(stream: list[Delivery]) -> tuple[list[bytes], dict[str, LedgerEntry]]:
    """The decisions of a worker that never crashes, and the entries it writes, by key."""
    ledger = Ledger(WINDOW)
    decisions = [ledger.decide(delivery.article, delivery.offset, delivery.time) for delivery in stream]
    entries = {entry_key(decision.entry.origin): decision.entry for decision in decisions if decision.entry}
    return [encode([decision.verdict, decision.time]) for decision in decisions], entries


def expire_somewhere(data: st.DataObject, ledger: Ledger, handled: Delivery, committed: int) -> tuple[int, list[str]]:
    """Perhaps commit an offset up to the last handled message; return the committed offset and the expired keys."""
    if data.draw(st.booleans()):
        committed = data.draw(st.integers(committed, max(committed, handled.offset + 1)))
        return committed, ledger.expire(committed)
    return committed, []


def read_back(
    data: st.DataObject, ledger: Ledger, topic: list[LedgerEntry], deleted: list[str], committed: int
) -> None:
    """Load the topic, perhaps indexing it meanwhile.

    Raises:
        OutOfOrderError: an entry arrived after later ones were indexed.
    """
    ledger.look_ahead(map(encode, topic[-data.draw(st.integers(1, 3), label="entries seen first") :]), committed)
    for entry in topic:
        load(ledger, entry)
        if data.draw(st.booleans(), label="indexed meanwhile"):
            ledger.index_below(committed, behind=data.draw(st.integers(0, 3)))
    for key in deleted:
        ledger.forget(key)
    ledger.catch_up(committed)


@pytest.mark.slow
@settings(max_examples=300)
@given(streams(), st.data())
def test_after_any_crash_every_article_gets_the_verdict_of_an_undisturbed_run(
    stream: list[Delivery], data: st.DataObject
) -> None:
    undisturbed, entries = undisturbed_run(stream)

    # The first worker handles part of the stream, commits now and then, deletes expired entries, and crashes.
    crash = data.draw(st.integers(0, len(stream)), label="handled before the crash")
    crashed, committed, deleted = Ledger(WINDOW), 0, []
    snapshot = data.draw(st.integers(-1, crash - 1), label="message before which it writes a snapshot")
    recovered = Ledger(WINDOW)
    for i, each in enumerate(stream[:crash]):
        if i == snapshot:
            recovered = Ledger.restored(crashed.dump())
        assert decide(crashed, [each]) == [undisturbed[i]]
        committed, gone = expire_somewhere(data, crashed, each, committed)
        deleted += gone
    if crash:
        committed = data.draw(st.integers(committed, max(committed, stream[crash - 1].offset + 1)), label="committed")

    # The topic holds all that was committed, and any part of the rest, which a zombie may have continued.
    written: dict[str, LedgerEntry] = {}
    for each in stream:
        if each.offset < committed or data.draw(st.booleans()):
            key = entry_key(each.article.origin)
            written[key] = entries[key]
    in_order = sorted(written.values(), key=lambda entry: entry.position)
    topic = data.draw(st.one_of(st.just(in_order), st.permutations(in_order)), label="the order of the topic")
    seen = set(data.draw(st.lists(st.sampled_from(deleted), unique=True) if deleted else st.just([])))
    topic = [entry for entry in topic if (key := entry_key(entry.origin)) not in deleted or key in seen]
    try:
        read_back(data, recovered, topic, deleted, committed)
    except OutOfOrderError:
        recovered = Ledger(WINDOW)
        load(recovered, *topic)
        for key in deleted:
            recovered.forget(key)
        recovered.catch_up(committed)

    # The next worker gets every message from the committed offset on.
    for i, each in enumerate(stream):
        if each.offset >= committed:
            assert decide(recovered, [each]) == [undisturbed[i]]
            committed_now, _ = expire_somewhere(data, recovered, each, committed)
            assert committed_now >= committed


@settings(max_examples=200)
@given(streams(), st.data())
def test_a_message_redelivered_to_the_same_worker_gets_its_stored_verdict(
    stream: list[Delivery], data: st.DataObject
) -> None:
    ledger = Ledger(WINDOW)
    first = decide(ledger, stream)
    again = data.draw(st.lists(st.integers(0, len(stream) - 1)), label="redelivered")
    assert decide(ledger, [stream[i] for i in again]) == [first[i] for i in again]


@settings(max_examples=200)
@given(streams(), st.data())
def test_each_entry_expires_once_after_a_committed_message_has_ended_its_window(
    stream: list[Delivery], data: st.DataObject
) -> None:
    ledger = Ledger(WINDOW)
    entries: dict[str, Delivery] = {}
    expired: list[str] = []
    committed = 0
    for i, each in enumerate(stream):
        decide(ledger, [each])
        entries.setdefault(entry_key(each.article.origin), each)
        committed, gone = expire_somewhere(data, ledger, each, committed)
        expired += gone
        watermark = max((past.time for past in stream[: i + 1] if past.offset < committed), default=0)
        for key in gone:
            assert entries[key].offset < committed
            assert entries[key].time < watermark - WINDOW
    assert len(set(expired)) == len(expired)
    assert len(ledger) == len(entries) - len(expired)

    # A message from the far future ends every window: every earlier entry expires, none is left over.
    decide(ledger, [Delivery(article("The end.", offset=END), END, END)])
    decide(ledger, [Delivery(article("The very end.", offset=END + 1), END + 1, END)])
    expired += ledger.expire(END + 2)
    assert sorted(expired) == sorted(entries)
    assert ledger.expire(END + 2) == []
    assert len(ledger) == 2


class ReadAgain:
    """A stream whose raw and clean messages are read again and again, and what it says about each of them."""

    def __init__(self) -> None:
        self.raw: list[Delivery] = []
        self.clean: list[Delivery] = []
        self._ledger = Ledger(WINDOW, MEMORY)
        self._topic: dict[str, LedgerEntry] = {}
        self._first: dict[str, tuple[bytes, int]] = {}  # by key: the first decision, and the watermark at that point
        self._judged_anew: set[str] = set()
        self._watermark = 0

    def send(self, article_of: Delivery) -> None:
        """Clean sends the article, for the first time or again."""
        offset = self.clean[-1].offset + 1 if self.clean else 0
        self.clean.append(Delivery(article_of.article, offset, article_of.time))
        self.deliver(self.clean[-1])

    def deliver(self, delivery: Delivery) -> None:
        """Dedupe gets the article: within the memory, its verdict is the first one."""
        key = entry_key(delivery.article.origin)
        decision = self._ledger.decide(delivery.article, delivery.offset, delivery.time)
        if decision.entry:
            self._topic[key] = decision.entry
        answer = encode([decision.verdict, decision.time])
        was_judged = key in self._first
        remembered_to = self._first[key][1] + MEMORY if was_judged else self._watermark
        self._watermark = max(self._watermark, delivery.time)
        first, _ = self._first.setdefault(key, (answer, self._watermark))
        if remembered_to >= self._watermark:
            assert answer == first
        if decision.verdict.kind is VerdictKind.COPY:
            assert decision.verdict.duplicate_of
            # One that is read again beyond the memory may be a copy of itself, by way of a copy that is remembered.
            is_itself = decision.verdict.duplicate_of == delivery.article.id
            is_forgotten = was_judged and remembered_to < self._watermark
            assert decision.verdict.duplicate_of < delivery.article.id or (
                is_forgotten and (is_itself or key in self._judged_anew)
            ), "a copy of a later article"

    def expire(self, committed: int) -> None:
        """Delete the entries that may be forgotten."""
        for key in self._ledger.expire(committed):
            del self._topic[key]

    def restart(self, committed: int, seen_first: int, behind: int) -> None:
        """Another dedupe worker takes over and resumes at the offset."""
        self._ledger = Ledger(WINDOW, MEMORY)
        entries, watermark = list(self._topic.values()), 0
        if seen := entries[-seen_first:] if seen_first else []:
            self._ledger.look_ahead(map(encode, seen), committed, behind)
            resumes_at = max(committed, max(entry.position for entry in seen) - behind)
            watermark = max((entry.time for entry in seen if entry.position < resumes_at), default=0)
        load(self._ledger, *entries)
        self._ledger.catch_up(committed)
        for delivery in self.clean:
            if delivery.offset >= committed:
                if delivery.time >= watermark - WINDOW:
                    # As far as is known then, it is not late. Without an entry it may never have been judged.
                    self._judged_anew.add(entry_key(delivery.article.origin))
                self.deliver(delivery)


@pytest.mark.slow
@settings(max_examples=300)
@given(streams(goes_back=False), st.data())
def test_whatever_is_read_again_within_the_memory_keeps_its_verdict_and_is_never_a_copy_of_a_later_article(
    stream: list[Delivery], data: st.DataObject
) -> None:
    world = ReadAgain()
    for each in stream:
        world.raw.append(each)
        world.send(each)
        match data.draw(st.sampled_from(("", "", "raw", "clean", "expire", "expire")), label="what happens next"):
            case "raw":
                for again in world.raw[data.draw(st.integers(0, len(world.raw) - 1), label="raw from") :]:
                    world.send(again)
            case "clean":
                committed = data.draw(st.integers(0, len(world.clean)), label="clean from")
                world.restart(committed, data.draw(st.integers(0, 5)), data.draw(st.integers(0, 5)))
            case "expire":
                world.expire(data.draw(st.integers(0, len(world.clean)), label="committed"))
    world.expire(len(world.clean))
    for again in world.raw:
        world.send(again)
