from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.dedupe.columns import MIN_DEAD_ROWS, KeyIndex
from workers.dedupe.revisions import url_hash


def test_the_latest_revision_at_a_url_is_found_and_when_it_leaves_the_one_before() -> None:
    revisions = KeyIndex()
    assert revisions.latest(5) is None
    for offset, url in ((1, 5), (2, 6), (3, 5)):
        revisions.extend([offset], [url])
    assert revisions.latest(5) == 3
    revisions.discard(3)
    assert revisions.latest(5) == 1
    revisions.discard(1)
    assert revisions.latest(5) is None
    assert revisions.latest(6) == 2


# Keys that share their lower half, by which they are looked up.
keys = st.sampled_from([7, 7 + (1 << 32), 7 + (5 << 32), 2**64 - 1])


@given(st.lists(st.tuples(keys, st.booleans(), st.booleans()), max_size=60), keys)
def test_the_latest_position_of_a_key_is_found_whatever_was_discarded(
    texts: list[tuple[int, bool, bool]], wanted: int
) -> None:
    keyed, living = KeyIndex(), dict[int, int]()
    for offset, (key, in_bulk, goes) in enumerate(texts):
        if in_bulk:
            keyed.extend([3 * offset, 3 * offset + 1], [key, key])
            living[3 * offset + 1] = key
        else:
            keyed.extend([3 * offset], [key])
        living[3 * offset] = key
        if goes:
            gone = next(iter(living))
            keyed.discard(gone)
            del living[gone]
    assert keyed.latest(wanted) == max((at for at, key in living.items() if key == wanted), default=None)
    assert len(keyed) == len(living)


def test_what_was_discarded_takes_no_room() -> None:
    keyed = KeyIndex()
    for offset in range(4 * MIN_DEAD_ROWS):
        keyed.extend([offset], [offset])
        if offset >= 10:
            keyed.discard(offset - 10)
    assert len(keyed.stored.dump()["keys.rows"]) <= 2 * MIN_DEAD_ROWS
    assert [keyed.latest(offset) for offset in range(4 * MIN_DEAD_ROWS - 11, 4 * MIN_DEAD_ROWS)] == [
        None,
        *range(4 * MIN_DEAD_ROWS - 10, 4 * MIN_DEAD_ROWS),
    ]


def test_an_article_without_a_url_revises_nothing() -> None:
    assert url_hash(None) is None


def test_urls_have_hashes_of_their_own() -> None:
    assert url_hash("https://news.example/a") != url_hash("https://news.example/b")
    assert len(url_hash("https://news.example/a") or "") == 16
