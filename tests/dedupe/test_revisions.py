from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from schemas import CopyKind, VerdictKind
from tests.dedupe.support import PARAGRAPHS, WINDOW, Delivery, article, decide, entries_of, load
from workers.dedupe import Ledger
from workers.dedupe.columns import MIN_DEAD_ROWS
from workers.dedupe.keys import MIN_BULK_ROWS
from workers.dedupe.revisions import url_hash
from workers.dedupe.rows import KeyIndex
from workers.handlers import unique_article


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


keys = st.sampled_from([0, 7, 7 + (1 << 32), 2**64 - 1])


@given(st.lists(st.tuples(keys, st.booleans(), st.integers(-1, 60)), max_size=60), keys)
def test_the_latest_offset_of_a_key_is_found_after_any_additions_and_discards(
    texts: list[tuple[int, bool, int]], wanted: int
) -> None:
    index, living = KeyIndex(), dict[int, int]()
    for number, (key, in_bulk, discarded) in enumerate(texts):
        first = MIN_BULK_ROWS * number
        added = {first + row: wanted if row % 2 else key for row in range(MIN_BULK_ROWS if in_bulk else 1)}
        index.extend(list(added), list(added.values()))
        living |= added
        if 0 <= discarded < len(living):
            gone = sorted(living)[discarded]
            index.discard(gone)
            del living[gone]
        assert index.latest(wanted) == max((at for at, key in living.items() if key == wanted), default=None)
        assert len(index) == len(living)
    restored = KeyIndex()
    restored.stored.restore(index.stored.dump())
    assert restored.latest(wanted) == index.latest(wanted)
    last = MIN_BULK_ROWS * len(texts)
    restored.extend([last], [wanted])
    assert restored.latest(wanted) == last


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


def test_a_url_with_and_without_www_is_one() -> None:
    assert url_hash("https://www.news.example/a") == url_hash("https://news.example/a")
    assert url_hash("https://www.example/a") != url_hash("https://example/a")


HARBOUR, HARBOUR_LATER, STAGE, _, BAKERY, COMET = PARAGRAPHS
SHARED = "https://news.example/story"


def found_at(offset: int, body: str, url: str | None, canonical: str = SHARED) -> Delivery:
    """An article that was found at one URL and declares another one."""
    return Delivery(replace(article(body, offset=offset, url=canonical), url=url), offset, offset)


def kinds(*deliveries: Delivery) -> list[tuple[VerdictKind, int]]:
    return [(entry.verdict.kind, entry.verdict.revision) for entry in entries_of(*deliveries)]


NEW = (VerdictKind.NEW, 1)


def test_a_url_that_many_articles_with_different_texts_declare_is_not_believed() -> None:
    texts = (HARBOUR, STAGE, BAKERY, COMET)
    at = [found_at(offset, text, f"https://news.example/{offset}") for offset, text in enumerate(texts)]
    assert kinds(*at) == [NEW] * len(texts)
    # Each has its own URL, so it has its own revisions.
    revised = [
        found_at(9 + offset, f"{text} More soon.", f"https://news.example/{offset}")
        for offset, text in enumerate(texts)
    ]
    assert kinds(*at, *revised)[len(texts) :] == [(VerdictKind.REVISION, 2)] * len(texts)


def test_a_new_text_at_the_same_url_is_a_revision_however_different() -> None:
    assert kinds(found_at(1, HARBOUR, None), found_at(2, STAGE, SHARED)) == [NEW, (VerdictKind.REVISION, 2)]


def test_a_url_that_many_texts_about_different_things_claim_is_no_identity() -> None:
    texts = (HARBOUR, STAGE, BAKERY, COMET, f"{COMET} More soon.", HARBOUR_LATER)
    at = [found_at(offset, text, SHARED) for offset, text in enumerate(texts)]
    revised = [(VerdictKind.REVISION, number) for number in (2, 3)]
    assert kinds(*at) == [NEW, *revised, NEW, (VerdictKind.REVISION, 2), NEW]


def test_the_url_of_a_home_page_is_no_identity() -> None:
    home, own = "https://www.news.example/", "https://news.example/1"
    first, second = found_at(1, HARBOUR, home, home), found_at(2, STAGE, home, home)
    third, revised = found_at(3, BAKERY, own, home), found_at(4, f"{BAKERY} More soon.", own, home)
    assert kinds(first, second, third, revised) == [NEW, NEW, NEW, (VerdictKind.REVISION, 2)]


def test_an_article_whose_number_is_that_of_an_error_has_revisions() -> None:
    url = "https://news.example/archive/404"
    assert kinds(found_at(1, HARBOUR, url, url), found_at(2, HARBOUR_LATER, url, url))[1] == (VerdictKind.REVISION, 2)


def test_an_article_that_declares_its_url_is_a_revision_of_one_about_the_same() -> None:
    other = "https://partner.example/story"
    assert kinds(found_at(1, HARBOUR, SHARED), found_at(2, HARBOUR_LATER, other))[1] == (VerdictKind.REVISION, 2)


def test_the_article_at_a_url_is_no_revision_of_another_that_declares_it() -> None:
    assert kinds(found_at(1, HARBOUR, "https://news.example/1"), found_at(2, STAGE, SHARED)) == [NEW, NEW]


def test_a_ledger_that_is_read_back_believes_the_same() -> None:
    first, second = found_at(1, HARBOUR, "https://news.example/1"), found_at(2, STAGE, "https://news.example/2")
    ledger = Ledger(WINDOW)
    load(ledger, *entries_of(first))
    assert decide(ledger, [second]) == decide(restored := Ledger(WINDOW), [first, second])[1:]
    assert decide(Ledger.restored(restored.dump()), [first, second]) == decide(restored, [first, second])


def test_a_url_that_is_not_believed_does_not_stand_in_the_record() -> None:
    first, second = found_at(1, HARBOUR, "https://news.example/1"), found_at(2, STAGE, "https://news.example/2")
    verdicts = [entry.verdict for entry in entries_of(first, second)]
    records = [unique_article(each.article, verdict) for each, verdict in zip((first, second), verdicts, strict=True)]
    assert [record.canonical_url for record in records] == [SHARED, "https://news.example/2"]
    assert [[(warning.field, warning.value) for warning in record.warnings] for record in records] == [
        [], [("canonical_url", SHARED)],
    ]  # fmt: skip


def test_an_article_that_comes_again_is_unchanged_be_it_an_original_a_copy_or_without_a_url() -> None:
    own, other = "https://news.example/1", "https://other.example/2"
    original, copy, third = (
        found_at(1, HARBOUR, own, own),
        found_at(2, HARBOUR, other, other),
        found_at(3, HARBOUR, None),
    )
    without_url = Delivery(article(STAGE, offset=4), 4, 4)
    again = [crawled_again(each, offset) for offset, each in enumerate((original, copy, third, without_url), 5)]
    entries = entries_of(original, copy, third, without_url, *again)
    assert [entry.verdict.copy_kind for entry in entries[:4]] == [None, CopyKind.EXACT, CopyKind.EXACT, None]
    assert [entry.verdict.copy_kind for entry in entries[4:]] == [CopyKind.UNCHANGED] * 4
    first, last = original.article.id, without_url.article.id
    assert [entry.verdict.duplicate_of for entry in entries[4:]] == [first, first, first, last]


def crawled_again(each: Delivery, offset: int) -> Delivery:
    """The same article from another raw message."""
    origin = replace(each.article.origin, offset=offset)
    return Delivery(replace(each.article, origin=origin), offset, offset)
