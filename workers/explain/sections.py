"""The parts of an explanation with their titles and sentences, which all renderers show alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workers.explain.explanation import OUTCOMES, Explanation
from workers.explain.facts import Member
from workers.explain.pieces import (
    ADDED,
    CUT,
    DELETED,
    FIELD,
    MENTION,
    SHARED,
    Piece,
    changes,
    is_marked,
    shortened,
)
from workers.reading.text import plural, printable

Row = tuple[str, ...]
LEGENDS = {
    CUT: "cut as boilerplate",
    FIELD: "became a field",
    SHARED: "shared, with its number",
    ADDED: "new",
    DELETED: "gone",
    MENTION: "mention of an entity",
}
"""What the marks mean."""
MIN_NEAREST_SHARE = 0.17
"""The share of words that the nearest text has at least: half of the usual threshold for copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows below a heading each."""

    heads: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A text with marked pieces, below its name if it has one."""

    pieces: tuple[Piece, ...]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Two texts beside each other, each with its name."""

    left: Prose
    right: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the explanation: its title, sentences and blocks."""

    title: str
    sentences: tuple[str, ...] = ()
    blocks: tuple[Table | Prose | Beside, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks in its texts that need a legend, in their order."""
        proses: list[Prose] = []
        for block in self.blocks:
            proses += (
                (block.left, block.right) if isinstance(block, Beside) else (block,) if isinstance(block, Prose) else ()
            )
        marks = (piece.mark for prose in proses for piece in prose.pieces)
        return tuple(dict.fromkeys(mark for mark in marks if mark in LEGENDS))


def table(heads: Row, rows: Iterable[Row]) -> Table:
    """A table of the rows without the columns that are empty."""
    rows = tuple(rows)
    used = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    return Table(heads=_only(heads, used), rows=tuple(_only(row, used) for row in rows))


def _only(row: Row, used: Sequence[int]) -> Row:
    return tuple(row[number] for number in used)


def edges(text: str) -> tuple[str, str, str]:
    """The text of a piece, safe to show, between the white space at its ends: a mark does not go over that."""
    start = len(text) - len(text.lstrip(" \n"))
    end = max(start, len(text.rstrip(" \n")))
    return text[:start], "\n".join(map(printable, text[start:end].split("\n"))), text[end:]


def title(explanation: Explanation) -> str:
    """The headline of the article, or what stands for it."""
    return explanation.headline or "(no headline)"


def outcome(explanation: Explanation) -> str:
    """The outcome in a word or two."""
    return OUTCOMES[explanation.outcome]


def parts(explanation: Explanation, *, full: bool) -> Iterator[Part]:
    """The parts in the order in which the article passed the stages; without ``full``, long texts are shortened."""

    def prose(pieces: tuple[Piece, ...], name: str = "") -> Prose:
        return Prose(pieces=pieces if full else shortened(pieces), name=name)

    yield Part(title="Decisions", sentences=explanation.notes, blocks=(_decisions(explanation),))
    if refusal := explanation.refusal:
        yield Part(
            title="Refused",
            sentences=(refusal.message, *filter(None, (refusal.todo,))),
            blocks=(prose((Piece(text=explanation.seen or ""),), "What came"),),
        )
    if explanation.text:
        yield _text(explanation, prose(explanation.text))
    if explanation.fields:
        yield _fields(explanation)
    if copy := explanation.copy:
        shared = plural(copy.passages, "passage")
        # The evidence is of the nearest text, which may itself be a copy. Rare words count most in it: their share of
        # all words may be lower.
        is_near = max(copy.words_of_copy, copy.words_of_original) >= MIN_NEAREST_SHARE
        heading, kind, this, first = (
            ("Series", "series", "text", "first text")
            if copy.of_series
            else ("What it shares", "article", "text", "other text")
            if copy.resembles
            else ("Copy and original", "original", "copy", "original")
        )
        hint = () if is_near else (f"The nearest text was another one of the same {kind}.",)
        left, right = prose(copy.copy_text, f"This {this}"), prose(copy.original_text, f"The {first}")
        yield Part(
            title=heading,
            sentences=(
                f"They share {shared} of at least five words: {copy.words_of_copy:.0%} of the words of this {this}, "
                f"and {copy.words_of_original:.0%} of those of the {first}.",
                f"The {first} is {_named(copy.original)}.",
                *hint,
            ),
            blocks=(Beside(left=left, right=right),),
        )
    elif explanation.duplicate and explanation.article:
        yield Part(
            title="Copy and original",
            sentences=(f"The original, {explanation.duplicate.duplicate_of}, was not found: it is too long ago.",),
        )
    if revision := explanation.revision:
        headline = (prose(revision.headline, "Headline"),) if is_marked(revision.headline) else ()
        body = revision.body if full else changes(revision.body)
        yield Part(
            title="Revision",
            sentences=(f"The text before is {_named(revision.previous)}.",),
            blocks=(*headline, prose(body, "Body")),
        )
    if explanation.story:
        rows = tuple((each.headline or "(no headline)", each.source or "", each.where) for each in explanation.story)
        yield Part(title="Other articles of the story", blocks=(table(("headline", "source", "where"), rows),))
    if explanation.entities:
        entities = tuple(
            (each.name, each.type, each.id or "", f"{each.salience:.2f}", each.places, ", ".join(each.aliases))
            for each in explanation.entities
        )
        heads = ("entity", "type", "id", "salience", "mentions", "also written")
        texts = (prose(each.text, each.section.capitalize()) for each in explanation.mentions)
        yield Part(title="Entities", blocks=(table(heads, entities), *texts))


def _decisions(explanation: Explanation) -> Table:
    rows = tuple((each.about, each.answer, each.why) for each in explanation.decisions)
    return table(("about", "decision", "why"), rows)


def _text(explanation: Explanation, text: Prose) -> Part:
    sentences = []
    if explanation.left_out:
        kinds = ", ".join(f"{part.kind} {part.characters:,}" for part in explanation.left_out)
        sentences.append(f"Not taken from the page, in characters: {kinds}.")
    rows = tuple(
        (cut.rule, cut.category, f"{cut.cuts:,}", f"{cut.characters:,}", "a field" if cut.kept_as_field else "cut")
        for cut in explanation.cuts
    )
    rules = (table(("rule", "category", "cuts", "characters", "became"), rows),) if rows else ()
    return Part(title="Text and cuts", sentences=tuple(sentences), blocks=(*rules, text))


def _fields(explanation: Explanation) -> Part:
    fields = tuple((each.name, each.value, each.source) for each in explanation.fields)
    blocks = [table(("field", "value", "from"), fields)]
    if explanation.warnings:
        rows = tuple((each.field, each.value, each.problem) for each in explanation.warnings)
        blocks.append(table(("field not used", "what came", "problem"), rows))
    return Part(title="Fields", blocks=tuple(blocks))


def _named(member: Member) -> str:
    source = f", {member.source}" if member.source else ""
    return f"“{member.headline or '(no headline)'}”{source} ({member.id}, {member.where})"
