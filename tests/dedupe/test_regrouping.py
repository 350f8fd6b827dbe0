"""Stories that turn out to be one, and articles that turn out to belong to another story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from schemas import StoryChange, StoryChangeKind, Verdict, VerdictKind
from tests.dedupe.support import (
    BOTH,
    BRIDGE,
    DAM,
    PARAGRAPHS,
    RESCUE,
    WALL,
    WINDOW,
    Delivery,
    article,
    decide,
    entries_of,
    load,
)
from workers.dedupe import Ledger
from workers.dedupe.stories.placement import place
from workers.dedupe.stories.regrouping import Regrouping

START = "1970-01-01T00:00:00Z"


def delivery(offset: int, body: str, url: int | None = None, time: int | None = None) -> Delivery:
    """An article at the URL with the number, by default the offset."""
    address = f"https://news.example/{offset if url is None else url}"
    return Delivery(article(body, offset=offset, url=address), offset, offset if time is None else time)


def in_order(*bodies: str) -> list[Delivery]:
    return [delivery(offset, body) for offset, body in enumerate(bodies)]


def verdicts(deliveries: Sequence[Delivery]) -> list[Verdict]:
    return [entry.verdict for entry in entries_of(*deliveries)]


def story(offset: int) -> str:
    """The story that the article at the offset has started."""
    return f"story-{offset:016x}"


MERGER = in_order(RESCUE, DAM, WALL, BOTH)
SPLIT = in_order(DAM, WALL, BRIDGE, RESCUE)


def test_an_article_about_both_merges_two_stories_into_the_larger() -> None:
    *before, last = verdicts(MERGER)
    assert [each.story_id for each in before] == [story(0), story(1), story(1)]
    assert (last.story_id, last.story_articles, last.story_first_seen) == (story(1), 4, START)
    (change,) = last.story_changes
    assert (change.kind, change.story_id, change.articles, change.remaining) == (
        StoryChangeKind.MERGED, story(0), 1, 0,
    )  # fmt: skip
    assert change.likeness > 0.9
    assert change.first_seen == START


def test_what_comes_later_belongs_to_the_story_that_goes_on() -> None:
    copy, revision = verdicts([*MERGER, delivery(4, RESCUE), delivery(5, f"{RESCUE} More soon.", url=0)])[-2:]
    assert (copy.kind, copy.story_id) == (VerdictKind.COPY, story(1))
    assert (revision.kind, revision.story_id, revision.story_articles) == (VerdictKind.REVISION, story(1), 5)


def test_an_article_moves_to_a_story_that_it_fits_better() -> None:
    *before, last = verdicts(SPLIT)
    assert [each.story_id for each in before] == [story(0)] * 3
    assert (last.story_id, last.story_articles) == (story(3), 2)
    (change,) = last.story_changes
    assert (change.kind, change.story_id, change.moved) == (StoryChangeKind.SPLIT, story(0), (f"{2:016x}",))
    assert (change.articles, change.remaining) == (1, 2)


def test_a_story_that_loses_its_first_article_was_first_seen_with_the_next_one() -> None:
    texts = (BRIDGE, DAM, WALL, RESCUE)
    deliveries = [delivery(offset, text, time=offset * 1_000) for offset, text in enumerate(texts)]
    last = entries_of(*deliveries, window=10_000)[-1].verdict
    (change,) = last.story_changes
    assert (change.kind, change.moved) == (StoryChangeKind.SPLIT, (f"{0:016x}",))
    assert (change.first_seen, last.story_first_seen) == ("1970-01-01T00:00:01Z", START)
    assert last.story_rests[0].first_seen == change.first_seen


def test_both_stories_of_a_split_count_their_own_articles_and_copies_follow_the_original() -> None:
    copy, bridge, dam = verdicts(
        [
            *SPLIT,
            delivery(4, BRIDGE),
            delivery(5, f"{BRIDGE} More soon.", url=2),
            delivery(6, f"{DAM} More soon.", url=0),
        ]
    )[-3:]
    assert copy.story_id == story(3)
    assert (bridge.story_id, bridge.story_articles) == (story(3), 3)
    assert (dam.story_id, dam.story_articles) == (story(0), 3)


@pytest.mark.parametrize("before", [MERGER, SPLIT])
def test_changes_outlive_a_restart(before: list[Delivery]) -> None:
    after = [delivery(4, RESCUE), delivery(5, f"{RESCUE} More soon.", url=2), delivery(6, BOTH), delivery(7, BRIDGE)]
    ledger = Ledger(WINDOW)
    expected = decide(ledger, [*before, *after])[len(before) :]
    read_back = Ledger(WINDOW)
    load(read_back, *entries_of(*before))
    read_back.catch_up(len(before))
    restored = Ledger.restored(read_back.dump())
    assert decide(restored, after) == expected
    assert decide(read_back, after) == expected


@pytest.mark.parametrize("before", [MERGER, SPLIT])
def test_changes_end_with_the_article_that_showed_them(before: list[Delivery]) -> None:
    """Otherwise a worker that reads the ledger back without that article would know another story."""
    ledger = Ledger(WINDOW)
    late = [*before[:-1], delivery(3, before[-1].article.body, time=0)]
    early = [delivery(each.offset, each.article.body, time=100) for each in late[:-1]]
    decide(ledger, [*early, late[-1]])
    again = delivery(9, f"{before[2].article.body} More soon.", url=2, time=WINDOW + 50)
    assert ledger.decide(again.article, again.offset, again.time).verdict.story_id == verdicts(before)[2].story_id


@pytest.mark.parametrize(("likeness", "merged"), [(2000, ((2, 2000.0),)), (1999, ())])
def test_stories_are_merged_only_by_an_article_that_is_much_like_both(
    likeness: int, merged: tuple[tuple[int, float], ...]
) -> None:
    stories = [1, 1, 2, 2]
    apart = [[9000 if story == other else -9000 for other in stories] for story in stories]
    found = place([2500, 2500, likeness, likeness], stories, apart.__getitem__)
    assert (found.member, found.moved, found.merged) == (0, (), merged)
    assert [number for number, _ in found.relatives] == ([0, 1, 2, 3] if merged else [0, 1])


def test_an_article_that_starts_a_story_again_takes_none_that_went_on_without_it() -> None:
    """The id of a story is made from that of its first article, which may come again when it has left the window."""
    dam, wall = delivery(0, DAM), delivery(1, WALL, time=WINDOW // 2)
    again = delivery(2, PARAGRAPHS[2], time=WINDOW + WINDOW // 4)
    again = replace(again, article=replace(again.article, id=dam.article.id))
    ledger = Ledger(WINDOW)
    decide(ledger, [dam, wall])
    verdict = ledger.decide(again.article, again.offset, again.time).verdict
    assert verdict.story_articles == 1
    assert verdict.story_id != story(0)


def changing(story: str, *changes: StoryChange) -> Verdict:
    return Verdict(
        kind=VerdictKind.NEW, story_id=story, story_articles=9, story_first_seen=START, story_changes=changes,
        moved_positions=tuple(range(sum(len(change.moved) for change in changes))),
    )  # fmt: skip


def change(kind: StoryChangeKind, story: str, *moved: str) -> StoryChange:
    return StoryChange(
        kind=kind, story_id=story, moved=moved, articles=len(moved) or 1, remaining=0, first_seen=START, likeness=0.9
    )


def test_two_versions_with_one_id_move_and_stay_apart_from_a_third() -> None:
    """A page that goes back to an earlier version gives its id a second time."""
    regrouping = Regrouping()
    regrouping.add(5, changing("story-b", change(StoryChangeKind.SPLIT, "story-a", "x", "x")))
    assert [regrouping.story_at(offset, "story-a") for offset in range(3)] == ["story-b", "story-b", "story-a"]
    regrouping.discard(5)
    assert {regrouping.story_at(0, "story-a"), regrouping.story_of("x", "story-a")} == {"story-a"}


def test_a_record_that_merges_a_story_into_itself_ends_no_worker() -> None:
    regrouping = Regrouping()
    regrouping.add(5, changing(story(1), *[change(StoryChangeKind.MERGED, story(1))] * 2))
    assert regrouping.story_at(0, story(1)) == story(1)
    regrouping.discard(5)
