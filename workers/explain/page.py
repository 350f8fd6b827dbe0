"""An explanation as one HTML page that needs nothing but itself: no scripts, and nothing from the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from string import Template

from workers.explain.explanation import Explanation
from workers.explain.pieces import ADDED, CUT, DELETED, FIELD, LEFT_OUT, MENTION, SHARED, Piece
from workers.explain.sections import LEGENDS, Beside, Part, Prose, Table, edges, outcome, parts, title
from workers.reading.text import printable

ELEMENTS = {CUT: "del", DELETED: "del", FIELD: "mark", ADDED: "ins", SHARED: "mark", MENTION: "mark", LEFT_OUT: "span"}
"""The element for each mark."""


def as_page(explanation: Explanation, *, full: bool = False) -> str:
    """The page. Long texts are shortened unless it is ``full``."""
    template = Template((files(__package__) / "page.html").read_text(encoding="utf-8"))
    return template.substitute(title=_safe(title(explanation)), body="\n".join(_body(explanation, full)))


def _body(explanation: Explanation, full: bool) -> Iterator[str]:
    yield f'<h1 dir="auto">{_safe(title(explanation))}</h1>'
    kind = f' class="outcome {explanation.outcome}"' if explanation.outcome else ' class="outcome"'
    yield f'<p class="where">{_safe(explanation.where)} <span{kind}>{_safe(outcome(explanation))}</span></p>'
    for part in parts(explanation, full=full):
        yield "<section>"
        yield f"<h2>{_safe(part.title)}</h2>"
        yield from _part(part)
        yield "</section>"


def _part(part: Part) -> Iterator[str]:
    for sentence in part.sentences:
        yield f"<p>{_safe(sentence)}</p>"
    for block in part.blocks:
        match block:
            case Table():
                yield from _table(block)
            case Prose():
                yield from _prose(block)
            case Beside():
                yield '<div class="beside">'
                for side in (block.left, block.right):
                    yield from ("<div>", *_prose(side), "</div>")
                yield "</div>"
    if part.marks:
        shown = (f'<span class="{mark}">{LEGENDS[mark]}</span>' for mark in part.marks)
        yield f'<p class="legend">{" · ".join(shown)}</p>'


def _prose(block: Prose) -> Iterator[str]:
    if block.name:
        yield f"<h3>{_safe(block.name)}</h3>"
    # On one line: the white space within is that of the text.
    yield f'<div class="text" dir="auto">{"".join(map(_piece, block.pieces))}</div>'


def _piece(piece: Piece) -> str:
    before, shown, after = edges(piece.text)
    if piece.mark is None:
        return before + escape(shown) + after
    element = ELEMENTS[piece.mark]
    kind = f"{piece.mark} {piece.label}" if piece.mark == MENTION and piece.label else piece.mark
    label = f"<small>{_safe(piece.label)}</small>" if piece.label else ""
    return f'{before}<{element} class="{_safe(kind)}">{escape(shown)}</{element}>{label}{after}'


def _table(table: Table) -> Iterator[str]:
    yield '<div class="scroll"><table>'
    yield f"<thead><tr>{_cells('th', table.heads)}</tr></thead><tbody>"
    for row in table.rows:
        yield f"<tr>{_cells('td', row)}</tr>"
    yield "</tbody></table></div>"


def _cells(element: str, cells: Iterable[str]) -> str:
    return "".join(f'<{element} dir="auto">{_safe(cell)}</{element}>' for cell in cells)


def _safe(text: str) -> str:
    """The text in one line, as it is shown: neither markup nor what a reader cannot see."""
    return escape(printable(text))
