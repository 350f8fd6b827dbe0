from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.dedupe.postings import Postings

HASHES = st.lists(st.sampled_from([0, 7, 2**32 - 1]), unique=True, max_size=3)


def found(postings: Postings, hashes: list[int], alive: list[bool], latest: int) -> Counter[int]:
    """The number of the hashes that each slot has."""
    hits, slots = postings.find(np.array(hashes, np.uint32), np.array(alive, np.bool_), latest)
    assert len(set(zip(hits.tolist(), slots.tolist(), strict=True))) == len(slots)
    return Counter(slots.tolist())


def add(postings: Postings, hashes: list[int], slot: int) -> None:
    postings.extend(np.array(hashes, np.uint32), np.full(len(hashes), slot, np.uint32))


@settings(max_examples=300)
@given(
    texts=st.lists(HASHES, min_size=15, max_size=40),
    query=HASHES,
    buffer=st.integers(1, 40),
    latest=st.integers(1, 2),
    data=st.data(),
)
def test_postings_find_what_a_dict_of_lists_finds(
    texts: list[list[int]], query: list[int], buffer: int, latest: int, data: st.DataObject
) -> None:
    postings, plain = Postings(buffer), defaultdict[int, list[int]](list)
    alive = [False] * len(texts)
    kills = data.draw(st.sets(st.integers(0, len(texts) - 1), max_size=4), label="texts after which slots die") | {
        len(texts) - 1
    }
    slot = 0
    for text, hashes in enumerate(texts):
        if data.draw(st.booleans(), label="searched ahead"):
            postings.prefetch(np.array(data.draw(HASHES), np.uint32))
        add(postings, hashes, slot)
        for value in hashes:
            plain[value].append(slot)
        alive[slot] = True
        # Some slots die; the dead are removed or stay.
        if text in kills:
            dead = data.draw(st.integers(1, slot + 1))
            some = data.draw(st.sampled_from([slice(0, dead), slice(slot + 1 - dead, slot + 1), slice(0, slot + 1, 2)]))
            alive[some] = [False] * len(alive[some])
            if data.draw(st.booleans()):
                postings.keep(np.array(alive, np.bool_))
                new = {old: number for number, old in enumerate(slot for slot, lives in enumerate(alive) if lives)}
                plain = defaultdict(list, {v: [new[s] for s in slots if s in new] for v, slots in plain.items()})
                alive = [True] * len(new) + [False] * (len(alive) - len(new))
                slot = len(new) - 1
        slot += 1
    expected = Counter(slot for value in query for slot in [slot for slot in plain[value] if alive[slot]][-latest:])
    assert found(postings, query, alive, latest) == expected


def test_living_slots_are_found_below_any_number_of_dead_ones() -> None:
    for buffer in (1, 1_000):
        postings = Postings(buffer)
        for slot in range(100):
            add(postings, [5], slot)
        alive = [True] * 10 + [False] * 90
        assert found(postings, [5], alive, latest=2) == {8: 1, 9: 1}


def test_removed_postings_take_no_memory() -> None:
    postings = Postings(buffer_size=4)
    for slot in range(10):
        add(postings, [1, 2, 3], slot)
    assert len(postings) == 30
    postings.keep(np.array([slot == 7 for slot in range(10)]))
    assert len(postings) == 3
    assert found(postings, [1, 2], [True], 5) == {0: 2}
    postings.keep(np.zeros(1, np.bool_))
    assert len(postings) == 0
    assert not found(postings, [1, 2, 3], [True] * 10, 5)
