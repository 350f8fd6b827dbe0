"""An article that comes under the id that its source gives it, whatever its URL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas import CleanArticle, CopyKind, Verdict, VerdictKind
from tests.dedupe.support import DAM, PARAGRAPHS, RESCUE, WALL, WINDOW, Delivery, article, decide, entries_of, load
from workers.dedupe import Ledger

HARBOUR, LATER, STAGE, _, BAKERY, _ = PARAGRAPHS
CHANGED = f"{HARBOUR}\n{LATER}"
NEW, REVISION, COPY = VerdictKind.NEW, VerdictKind.REVISION, VerdictKind.COPY


def at(
    offset: int, url: str | None, body: str, *, id: str | None = "n-17", source: str | None = "Wire"
) -> CleanArticle:
    """An article that came from a URL, under an id of its source."""
    address = url and f"https://news.example/{url}"
    made = article(body, offset=offset, url=address, headline="Pilots stay ashore in Kestrel Bay")
    return replace(made, url=address, source=source, source_id=id)


def verdicts(*articles: CleanArticle) -> list[Verdict]:
    return [entry.verdict for entry in entries_of(*map(delivered, articles))]


def delivered(made: CleanArticle) -> Delivery:
    return Delivery(made, made.origin.offset, made.origin.offset)


def kinds(*articles: CleanArticle) -> list[tuple[VerdictKind, int]]:
    return [(verdict.kind, verdict.revision) for verdict in verdicts(*articles)]


@pytest.mark.parametrize(("before", "after"), [("a", "b"), (None, "b"), ("a", None)])
def test_an_article_at_another_url_is_the_same_under_its_id(before: str | None, after: str | None) -> None:
    first = at(0, before, HARBOUR)
    *_, changed = verdicts(first, at(1, after, CHANGED))
    assert (changed.kind, changed.revision, changed.revision_of) == (REVISION, 2, first.id)
    *_, unchanged = verdicts(first, at(1, after, HARBOUR))
    assert (unchanged.kind, unchanged.copy_kind, unchanged.duplicate_of) == (COPY, CopyKind.UNCHANGED, first.id)
    *_, renamed = verdicts(first, replace(at(1, after, HARBOUR), headline="Kestrel Bay without pilots"))
    assert (renamed.kind, renamed.revision) == (REVISION, 2)


def test_the_next_version_follows_the_latest_at_either_url() -> None:
    texts = [HARBOUR, CHANGED, f"{CHANGED} More soon.", f"{CHANGED} All is well again, they said."]
    found = verdicts(*(at(number, url, text) for number, (url, text) in enumerate(zip("abac", texts, strict=True))))
    assert [verdict.revision for verdict in found] == [1, 2, 3, 4]
    assert {verdict.duplicate_of for verdict in found} == {None}


def test_two_urls_that_keep_their_own_text_under_one_id_are_not_revised_in_turns() -> None:
    _, second, *again = verdicts(
        *(at(number, *each) for number, each in enumerate([("a", HARBOUR), ("b", CHANGED)] * 3))
    )
    assert (second.kind, second.revision) == (REVISION, 2)
    assert {verdict.copy_kind for verdict in again} == {CopyKind.UNCHANGED}


def test_an_older_article_about_the_same_event_under_a_shared_id_is_passed_on() -> None:
    first, second = at(0, "a", DAM, id="0"), at(1, "b", WALL, id="0")
    first, second = replace(first, modified="2026-01-02T10:00:00Z"), replace(second, modified="2026-01-02T09:00:00Z")
    assert kinds(first, second)[1] == (REVISION, 2)
    older = replace(at(1, "b", f"{DAM} More soon.", id="0"), modified=second.modified)
    assert verdicts(first, older)[1].copy_kind is CopyKind.OUTDATED


def test_blanks_around_an_id_and_capitals_of_its_source_do_not_count() -> None:
    assert kinds(at(0, "a", HARBOUR), at(1, "b", CHANGED, id=" n-17", source="WIRE "))[1] == (REVISION, 2)


@pytest.mark.parametrize(("id", "source"), [("n-18", "Wire"), ("n-17", "Other"), (None, "Wire"), ("n-17", None)])
def test_another_id_or_the_same_of_another_source_is_another_article(id: str | None, source: str | None) -> None:
    assert kinds(at(0, "a", DAM, id=id, source=source), at(1, "b", WALL)) == [(NEW, 1), (NEW, 1)]


def test_an_id_that_different_texts_have_is_not_believed() -> None:
    texts = zip("abcdd", [DAM, STAGE, BAKERY, WALL, f"{WALL} More soon."], strict=True)
    found = kinds(*(replace(at(number, *each), headline="") for number, each in enumerate(texts)))
    assert found == [(NEW, 1), (NEW, 1), (NEW, 1), (NEW, 1), (REVISION, 2)]


def test_a_copy_that_comes_again_at_another_url_under_its_id_is_unchanged() -> None:
    original = at(0, "original", RESCUE, id="o-1", source="Other")
    copy, again = verdicts(original, at(1, "a", RESCUE), at(2, "b", RESCUE))[1:]
    assert (copy.copy_kind, again.copy_kind) == (CopyKind.EXACT, CopyKind.UNCHANGED)
    assert copy.duplicate_of == again.duplicate_of == original.id


def test_ids_are_known_after_a_restart() -> None:
    before = [at(0, "a", HARBOUR), at(1, "x", DAM, id="n-1"), at(2, "y", STAGE, id="n-1")]
    after = [delivered(each) for each in (at(3, "b", CHANGED), at(4, "z", WALL, id="n-1"))]
    undisturbed = decide(Ledger(WINDOW), [*map(delivered, before), *after])[3:]
    ledger = Ledger(WINDOW)
    load(ledger, *entries_of(*map(delivered, before)))
    ledger.catch_up(3)
    assert decide(Ledger.restored(ledger.dump()), after) == decide(ledger, after) == undisturbed
