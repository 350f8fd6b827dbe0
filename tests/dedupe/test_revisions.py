from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.dedupe.columns import MIN_DEAD_ROWS, KeyIndex
from workers.dedupe.revisions import url_hash


def test_the_latest_offset_of_a_key_is_found_and_the_previous_one_once_it_is_discarded() -> None:
    index = KeyIndex()
    assert index.latest(5) is None
    for offset, url in ((1, 5), (2, 6), (3, 5)):
        index.extend([offset], [url])
    assert index.latest(5) == 3
    index.discard(3)
    assert index.latest(5) == 1
    index.discard(1)
    assert index.latest(5) is None
    assert index.latest(6) == 2


# Keys that share their lower half, which is the hash that finds them.
keys = st.sampled_from([7, 7 + (1 << 32), 7 + (5 << 32), 2**64 - 1])


@given(st.lists(st.tuples(keys, st.booleans(), st.booleans()), max_size=60), keys)
def test_the_latest_offset_of_a_key_is_found_after_any_additions_and_discards(
    texts: list[tuple[int, bool, bool]], wanted: int
) -> None:
    index, living = KeyIndex(), dict[int, int]()
    for offset, (key, in_bulk, discard) in enumerate(texts):
        if in_bulk:
            index.extend([3 * offset, 3 * offset + 1], [key, key])
            living[3 * offset + 1] = key
        else:
            index.extend([3 * offset], [key])
        living[3 * offset] = key
        if discard:
            oldest = next(iter(living))
            index.discard(oldest)
            del living[oldest]
    assert index.latest(wanted) == max((at for at, key in living.items() if key == wanted), default=None)
    assert len(index) == len(living)


def test_discarded_rows_take_no_memory() -> None:
    index = KeyIndex()
    for offset in range(4 * MIN_DEAD_ROWS):
        index.extend([offset], [offset])
        if offset >= 10:
            index.discard(offset - 10)
    assert len(index.stored.dump()["keys.rows"]) <= 2 * MIN_DEAD_ROWS
    assert [index.latest(offset) for offset in range(4 * MIN_DEAD_ROWS - 11, 4 * MIN_DEAD_ROWS)] == [
        None,
        *range(4 * MIN_DEAD_ROWS - 10, 4 * MIN_DEAD_ROWS),
    ]


def test_no_url_has_no_hash() -> None:
    assert url_hash(None) is None


def test_different_urls_have_different_hashes() -> None:
    assert url_hash("https://news.example/a") != url_hash("https://news.example/b")
    assert len(url_hash("https://news.example/a") or "") == 16
