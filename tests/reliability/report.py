"""The table of results, printed at the end of a run."""

from __future__ import annotations

from tests.reliability.drills import Figures

ROWS: list[Figures] = []


def note(row: Figures) -> None:
    """Keep a row for the table."""
    ROWS.append(row)


def table(rows: list[Figures]) -> str:
    """The rows as a markdown table."""
    lines = [
        "| drill | messages | lost | wrong | repeats | seconds | notes |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        share = f"{row.repeats} ({row.repeats / max(1, row.messages):.1%})"
        lines.append(
            f"| {row.drill} | {row.messages:,} | {row.lost} | {row.wrong} | {share} | {row.seconds:.0f} | {row.notes} |"
        )
    return "\n".join(lines)
