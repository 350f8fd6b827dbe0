"""What is known of one article, wherever it was found."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from schemas import CleanArticle, Duplicate, StoryChange, UniqueArticle
from workers.handlers import duplicate
from workers.outcomes import Outcome

MAX_MEMBERS = 50
"""Other articles of a story that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Another article, and where it is: a file and line, or the coordinates of its raw message."""

    where: str
    article: CleanArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Another article of the same story."""

    where: str
    id: str
    headline: str
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedBy:
    """The change of a story with which an article moved, and the id of the article that showed it."""

    change: StoryChange
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an article was refused. ``todo`` says what to do beyond what the message says."""

    stage: str
    reason: str
    message: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one article.

    Attributes:
        where: its place: a file and line, or the coordinates of its raw message.
        raw: its message; None if it is not there any more, or has no value.
        outcome: how it left the stream, or the last stage that it has passed; None if none has read it yet.
        article: its record after the last stage that gave one.
        duplicate: the verdict that it is a copy.
        original: what it is a copy of, or has the text, the template or words of, if that was found.
        previous: what it is a revision of, if that was found.
        story: the story to which it belongs now, if that is not the one in its record; ``story_change`` says why.
        members: other articles of its story; ``articles`` counts all of them, revisions and this one included.
        compared_with: how many articles came before it, as far as that is known.
        notes: what the reader should know about these facts.
    """

    where: str
    raw: bytes | None
    outcome: Outcome | None
    article: CleanArticle | None = None
    duplicate: Duplicate | None = None
    original: Known | None = None
    previous: Known | None = None
    story: str | None = None
    story_change: MovedBy | None = None
    members: Collection[Member] = ()
    articles: int | None = None
    compared_with: int | None = None
    refusal: Refusal | None = None
    notes: tuple[str, ...] = ()


def original_of(article: CleanArticle | None, copy: Duplicate | None) -> str | None:
    """The id of what an article is a copy of, or has the text, the template or words of; None if there is nothing."""
    if copy:
        return copy.duplicate_of
    if not isinstance(article, UniqueArticle):
        return None
    if article.copy:
        return article.copy.duplicate_of
    return article.resembles.article if article.resembles else article.series_of


def marked_copy(article: CleanArticle | None) -> Duplicate | None:
    """What the duplicate record of an article says that was passed on although it is a copy; None for any other.

    A revision is an article of its own, whatever text it has taken over.
    """
    if not isinstance(article, UniqueArticle) or article.copy is None or article.revision_of:
        return None
    return duplicate(article, article.copy, article.story_id)
