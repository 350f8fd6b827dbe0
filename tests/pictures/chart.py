"""A chart of horizontal bars."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

WIDTH, ROW, TOP = 760, 46, 44
LEFT, LONGEST = 280, 400
"""Where the bars begin, and the length of the longest."""
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1b1f24; dominant-baseline: central }
  .title { font-weight: 600; font-size: 14px } .label { text-anchor: end } .note { font-size: 11px; fill: #5b6470 }
  .ours { fill: #0a5ea8 } .beside { fill: #aeb7c1 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4e8ec } .note { fill: #9aa4af } .ours { fill: #6eb2ff } .beside { fill: #4c5661 }
  }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A value of ours and, if there is one, that of another tool."""

    label: str
    value: float
    beside: float | None = None
    whose: str = ""


def chart(title: str, bars: list[Bar]) -> str:
    """The chart as SVG. Bars begin at 0."""
    largest = max(max(bar.value, bar.beside or 0) for bar in bars)
    largest = 1 if largest <= 1 else largest
    parts = [f'<text class="title" x="0" y="16">{escape(title)}</text>']
    for number, bar in enumerate(bars):
        middle = TOP + number * ROW + ROW // 2
        parts.append(f'<text class="label" x="{LEFT - 12}" y="{middle}">{escape(bar.label)}</text>')
        rows = [("ours", bar.value, "")] + ([("beside", bar.beside, bar.whose)] if bar.beside is not None else [])
        top = middle - 8 * len(rows)
        for row, (kind, value, whose) in enumerate(rows):
            length = LONGEST * value / largest
            y = top + 16 * row
            shown = f"{value:.3f}" if largest == 1 else f"{value:,.0f}"
            parts.append(f'<rect class="{kind}" x="{LEFT}" y="{y + 1}" width="{length:.1f}" height="14" rx="2"/>')
            style = ' class="note"' if whose else ""
            parts.append(f'<text{style} x="{LEFT + length + 6:.1f}" y="{y + 8}">{shown} {escape(whose)}</text>')
    height = TOP + ROW * len(bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 100} {height}" role="img" '
        f'aria-label="{escape(title)}">\n<style>{STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )
