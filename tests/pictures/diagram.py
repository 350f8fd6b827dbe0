"""The stream as a diagram: what each stage reads and writes."""

from __future__ import annotations

from html import escape
from itertools import pairwise

WIDTH, HEIGHT = 940, 300
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1b1f24; text-anchor: middle; dominant-baseline: central }
  .small { font-size: 12px; fill: #5b6470 }
  .topic { fill: #f5f7f9; stroke: #aeb7c1 } .refused { fill: #ffe5e8; stroke: #d98c98 }
  .stage { fill: #0a5ea8 } .stage + text { fill: #fff; font-weight: 600 }
  .arrow { fill: none; stroke: #5b6470; stroke-width: 1.5; marker-end: url(#head) } .head { fill: #5b6470 }
  .loss { stroke: #a40e26; stroke-dasharray: 4 4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4e8ec } .small { fill: #9aa4af }
    .topic { fill: #1c2127; stroke: #4c5661 } .refused { fill: #4a1a22; stroke: #a05060 }
  }
"""
HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>'
)
"""An arrowhead."""
MIDDLE, OUT, REFUSED = 90, 180, 262
TOPICS = [
    ("news-raw", 66, MIDDLE, "topic"),
    ("news-clean", 318, MIDDLE, "topic"),
    ("news-unique", 582, MIDDLE, "topic"),
    ("news-enriched", 870, MIDDLE, "topic"),
    ("news-duplicates", 378, OUT, "topic"),
    ("news-stories", 522, OUT, "topic"),
    ("news-dead-letters", 450, REFUSED, "refused"),
]
"""Each topic with its middle and its class."""
STAGES = [
    ("clean", 190, "text without boilerplate"),
    ("dedupe", 450, "copies, revisions, stories"),
    ("enrich", 722, "people, places, …"),
]
"""Each stage with its middle, and what it finds."""


def box(text: str, x: int, y: int, kind: str, width: int) -> str:
    """A box with a text."""
    return (
        f'<rect class="{kind}" x="{x - width // 2}" y="{y - 17}" width="{width}" height="34" rx="6"/>'
        f'<text x="{x}" y="{y}">{escape(text)}</text>'
    )


def diagram() -> str:
    """The picture as SVG."""
    boxes = [box(name, x, y, kind, 124 if kind == "topic" else 150) for name, x, y, kind in TOPICS]
    for name, x, finds in STAGES:
        boxes.append(box(name, x, MIDDLE, "stage", 84))
        boxes.append(f'<text class="small" x="{x}" y="{MIDDLE - 36}">{escape(finds)}</text>')
    row = sorted([(x, 42) for _, x, _ in STAGES] + [(x, 62) for _, x, y, _ in TOPICS if y == MIDDLE])
    arrows = [
        *(f"M{left + half} {MIDDLE}H{right - other - 3}" for (left, half), (right, other) in pairwise(row)),
        *(f"M{start} {MIDDLE + 17}V{OUT - 20}" for start in (430, 472)),
    ]
    losses = [
        f"M190 {MIDDLE + 17}V{REFUSED}H372",
        f"M450 {MIDDLE + 17}V{REFUSED - 20}",
        f"M722 {MIDDLE + 17}V{REFUSED}H528",
    ]
    lines = [f'<path class="arrow" d="{way}"/>' for way in arrows]
    lines += [f'<path class="arrow loss" d="{way}"/>' for way in losses]
    box_of_view = f'viewBox="0 20 {WIDTH} {HEIGHT - 20}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {box_of_view} role="img" aria-label="The stream">'
    return "\n".join([start, f"<style>{STYLE}</style>", HEAD, *lines, *boxes, "</svg>\n"])
