"""The table of results, printed at the end of a run."""

from __future__ import annotations

from tests.reliability.drills.run import Figures

ROWS: list[Figures] = []


def note(row: Figures) -> None:
    """Add a row to the table."""
    ROWS.append(row)


def table(rows: list[Figures]) -> str:
    """The rows as a markdown table."""
    lines = [
        "| drill | messages | lost | wrong | repeats | seconds | notes |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        share = "" if row.repeats is None else f"{row.repeats} ({row.repeats / max(1, row.messages):.1%})"
        cells = (row.drill, f"{row.messages:,}", row.lost, row.wrong, share, f"{row.seconds:.0f}", row.notes)
        lines.append(f"| {' | '.join('' if cell is None else str(cell) for cell in cells)} |")
    return "\n".join(lines)
