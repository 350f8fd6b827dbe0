"""An explanation as text: coloured on a terminal, and with marks in brackets elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from workers.explain.explanation import Explanation
from workers.explain.pieces import ADDED, CUT, DELETED, FIELD, LEFT_OUT, MENTION, SHARED, Piece
from workers.explain.sections import LEGENDS, Beside, Part, Prose, Table, edges, outcome, parts, title
from workers.outcomes import Outcome
from workers.reading.text import printable

PLAIN_WIDTH = 100
"""Columns where there is no terminal."""
STYLES = {
    CUT: "red strike",
    FIELD: "cyan",
    SHARED: "green",
    ADDED: "green",
    DELETED: "red strike",
    MENTION: "bold magenta",
    LEFT_OUT: "dim italic",
}
BRACKETS = {
    CUT: ("[-", "-]"),
    FIELD: ("[=", "=]"),
    SHARED: ("[", "]"),
    ADDED: ("{+", "+}"),
    DELETED: ("[-", "-]"),
    MENTION: ("[", "]"),
    LEFT_OUT: ("", ""),
}
"""What marks a piece where there are no colours."""
TYPE_STYLES = {"PERSON": "bold green", "ORG": "bold blue", "GPE": "bold yellow", "LOC": "bold yellow"}
"""The colours of the most frequent types of entities; the others have that of a mention."""
OUTCOME_STYLES = {
    Outcome.ENRICHED: "bold green",
    Outcome.UNIQUE: "bold green",
    Outcome.DUPLICATE: "bold yellow",
    Outcome.DEAD_LETTER: "bold red",
}


def as_text(explanation: Explanation, *, full: bool = False, width: int | None = None, colour: bool = False) -> str:
    """The explanation for people. Long texts are shortened unless it is ``full``."""
    console = Console(
        file=StringIO(),
        force_terminal=colour,
        color_system="standard" if colour else None,
        width=width or PLAIN_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        for each in _shown(explanation, full, colour):
            console.print(each)
    return "\n".join(line.rstrip() if not colour else line for line in captured.get().splitlines())


def _shown(explanation: Explanation, full: bool, colour: bool) -> Iterable[RenderableType]:
    style = OUTCOME_STYLES.get(explanation.outcome, "bold") if explanation.outcome else "bold"
    yield Text(printable(title(explanation)), style="bold")
    yield Text.assemble((printable(explanation.where), "dim"), "  ", (outcome(explanation), style))
    for part in parts(explanation, full=full):
        yield ""
        yield Text(part.title.upper(), style="bold underline")
        yield from _part(part, colour)


def _part(part: Part, colour: bool) -> Iterable[RenderableType]:
    for sentence in part.sentences:
        yield Text(printable(sentence))
    for number, block in enumerate(part.blocks):
        match block:
            case Table():
                yield from ("",) if number else ()
                yield _grid(block)
            case Prose():
                yield from _prose(block, colour)
            case Beside():
                beside = Grid(box=SIMPLE, expand=True, padding=(0, 1))
                for side in (block.left, block.right):
                    beside.add_column(side.name, ratio=1)
                beside.add_row(*(_marked(side.pieces, colour) for side in (block.left, block.right)))
                yield beside
    if marks := part.marks:
        yield _legend(marks, colour)


def _prose(block: Prose, colour: bool) -> Iterable[RenderableType]:
    if block.name:
        yield Text(f"{block.name}:", style="dim")
    yield Padding(_marked(block.pieces, colour), (0, 0, 0, 2))


def _grid(table: Table) -> Grid:
    grid = Grid(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
    for number, head in enumerate(table.heads):
        # The first column is what one looks for.
        grid.add_column(head, overflow="fold", no_wrap=number == 0 and all(len(row[0]) < 24 for row in table.rows))
    for row in table.rows:
        grid.add_row(*(Text(printable(cell)) for cell in row))
    return grid


def _marked(pieces: Iterable[Piece], colour: bool) -> Text:
    text = Text()
    for piece in pieces:
        before, shown, after = edges(piece.text)
        text.append(before)
        if piece.mark is None:
            text.append(shown + after)
            continue
        style = TYPE_STYLES.get(piece.label or "", STYLES[piece.mark]) if piece.mark == MENTION else STYLES[piece.mark]
        opening, closing = ("", "") if colour else BRACKETS[piece.mark]
        text.append(opening + shown + closing, style if colour else "")
        if piece.label:
            text.append(f"‹{printable(piece.label)}›", "dim" if colour else "")
        text.append(after)
    return text


def _legend(marks: Iterable[str], colour: bool) -> Text:
    legend = Text("  ")
    for mark in marks:
        opening, closing = ("", "") if colour else BRACKETS[mark]
        legend.append(f"{opening}{LEGENDS[mark]}{closing}", STYLES[mark] if colour else "")
        legend.append("  ")
    return legend
