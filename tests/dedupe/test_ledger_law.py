"""The law of the ledger: whatever a fallen worker left behind, the next one gives every article the same verdict."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import LedgerEntry, encode
from tests.dedupe.support import PARAGRAPHS, SHORT, WINDOW, Delivery, article, enter, load
from workers.dedupe import Ledger, entry_key
from workers.errors import OutOfOrderError

END = 10**9

bodies = st.one_of(st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=3).map("\n".join), st.sampled_from(SHORT))
urls = st.sampled_from([None, None, "https://news.example/a", "https://news.example/b"])
headlines = st.sampled_from(["", "Pilots stay ashore in Kestrel Bay", "Lindqvist wins again"])
# Mostly a little later than the last message; sometimes earlier; sometimes so much later that much leaves the window.
steps = st.one_of(st.integers(0, WINDOW // 4), st.integers(-WINDOW, WINDOW), st.integers(WINDOW, 3 * WINDOW))


@st.composite
def streams(draw: st.DrawFn) -> list[Delivery]:
    """A partition of the clean articles: with gaps between the offsets, and with articles that clean sent twice."""
    stream: list[Delivery] = []
    clock = offset = 0
    time = 10 * WINDOW
    for number in range(draw(st.integers(2, 14))):
        offset += draw(st.integers(1, 3))
        # Clean sends an article again soon, if at all: while it lies in the window.
        again = [each for each in stream if each.time >= clock - WINDOW]
        if again and draw(st.integers(0, 5)) == 0:
            before = draw(st.sampled_from(again))
            delivery = Delivery(before.article, offset, before.time)
        else:
            time = max(0, time + draw(steps))
            new = article(draw(bodies), offset=number, headline=draw(headlines), url=draw(urls))
            delivery = Delivery(new, offset, time)
        clock = max(clock, delivery.time)
        stream.append(delivery)
    return stream


def everything(stream: list[Delivery]) -> tuple[list[bytes], dict[str, LedgerEntry]]:
    """What a worker that never falls decides of each delivery, and the entries that it writes, by key."""
    ledger = Ledger(WINDOW)
    decisions = [ledger.decide(each.article, each.offset, each.time) for each in stream]
    entries = {entry_key(decision.entry.origin): decision.entry for decision in decisions if decision.entry}
    return [encode([decision.verdict, decision.time]) for decision in decisions], entries


def expire_somewhere(data: st.DataObject, ledger: Ledger, handled: Delivery, committed: int) -> tuple[int, list[str]]:
    """Perhaps a commit somewhere up to the message that was handled last, and what is expired then."""
    if data.draw(st.booleans()):
        committed = data.draw(st.integers(committed, max(committed, handled.offset + 1)))
        return committed, ledger.expire(committed)
    return committed, []


def read_back(
    data: st.DataObject, ledger: Ledger, topic: list[LedgerEntry], deleted: list[str], committed: int
) -> None:
    """Load what the topic holds, and perhaps index it meanwhile.

    Raises:
        OutOfOrderError: it was indexed too early.
    """
    if data.draw(st.booleans(), label="the last entry is seen first") and topic:
        ledger.advance_watermark(encode(topic[-1]), committed)
    for entry in topic:
        load(ledger, entry)
        if data.draw(st.booleans(), label="indexed meanwhile"):
            ledger.settle(committed, behind=data.draw(st.integers(0, 3)))
    for key in deleted:
        ledger.forget(key)
    ledger.catch_up(committed)


@settings(max_examples=300)
@given(streams(), st.data())
def test_after_a_crash_anywhere_every_article_gets_the_verdict_that_it_would_have_had(
    stream: list[Delivery], data: st.DataObject
) -> None:
    undisturbed, entries = everything(stream)

    # A worker that falls: it handles some of the stream, commits now and then, and deletes what has expired.
    crash = data.draw(st.integers(0, len(stream)), label="handled before the crash")
    fallen, committed, deleted = Ledger(WINDOW), 0, []
    snapshot = data.draw(st.integers(-1, crash - 1), label="where it leaves a snapshot")
    next_one = Ledger(WINDOW)
    for i, each in enumerate(stream[:crash]):
        if i == snapshot:
            next_one = Ledger.restored(fallen.dump())
        assert enter(fallen, [each]) == [undisturbed[i]]
        committed, gone = expire_somewhere(data, fallen, each, committed)
        deleted += gone
    if crash:
        committed = data.draw(st.integers(committed, max(committed, stream[crash - 1].offset + 1)), label="committed")

    # What the topic holds: all that was committed, and any part of the rest, which a zombie may have gone on with.
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
        read_back(data, next_one, topic, deleted, committed)
    except OutOfOrderError:
        next_one = Ledger(WINDOW)
        load(next_one, *topic)
        for key in deleted:
            next_one.forget(key)
        next_one.catch_up(committed)

    # The next worker is given everything from the committed offset on.
    for i, each in enumerate(stream):
        if each.offset >= committed:
            assert enter(next_one, [each]) == [undisturbed[i]]
            committed_now, _ = expire_somewhere(data, next_one, each, committed)
            assert committed_now >= committed


@settings(max_examples=200)
@given(streams(), st.data())
def test_what_is_redelivered_to_the_same_worker_gets_its_entry_again(
    stream: list[Delivery], data: st.DataObject
) -> None:
    ledger = Ledger(WINDOW)
    first = enter(ledger, stream)
    again = data.draw(st.lists(st.integers(0, len(stream) - 1)), label="redelivered")
    assert enter(ledger, [stream[i] for i in again]) == [first[i] for i in again]


@settings(max_examples=200)
@given(streams(), st.data())
def test_each_entry_expires_once_when_a_message_below_the_committed_offset_has_ended_its_window(
    stream: list[Delivery], data: st.DataObject
) -> None:
    ledger = Ledger(WINDOW)
    entries: dict[str, Delivery] = {}
    expired: list[str] = []
    committed = 0
    for i, each in enumerate(stream):
        enter(ledger, [each])
        entries.setdefault(entry_key(each.article.origin), each)
        committed, gone = expire_somewhere(data, ledger, each, committed)
        expired += gone
        clock = max((past.time for past in stream[: i + 1] if past.offset < committed), default=0)
        for key in gone:
            assert entries[key].offset < committed
            assert entries[key].time < clock - WINDOW
    assert len(set(expired)) == len(expired)
    assert len(ledger) == len(entries) - len(expired)

    # Nothing is forgotten: a message far ahead ends every window, and everything before it goes.
    enter(ledger, [Delivery(article("The end.", offset=END), END, END)])
    enter(ledger, [Delivery(article("The very end.", offset=END + 1), END + 1, END)])
    expired += ledger.expire(END + 2)
    assert sorted(expired) == sorted(entries)
    assert ledger.expire(END + 2) == []
    assert len(ledger) == 2
