"""What a command shows on a terminal, as an SVG picture."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Mapping

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ERASED_LINE = "\x1b[2K"
"""Ends what a live display takes back before it draws itself again."""
CURSOR = re.compile(r"\x1b\[\?[0-9;]*[hl]|\x1b\[[0-9;]*[A-HJ]")
THEME = TerminalTheme(
    (20, 24, 29), (228, 232, 236),
    [(53, 60, 69), (255, 118, 133), (126, 226, 160), (240, 192, 96),
     (110, 178, 255), (221, 165, 245), (110, 214, 220), (228, 232, 236)],
)  # fmt: skip


def shown(command: list[str], columns: int, environment: Mapping[str, str]) -> str:
    """What a command leaves on a terminal of so many columns, with the colours' escape codes."""
    main, terminal = pty.openpty()
    size = {"COLUMNS": str(columns), "LINES": "60", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=terminal, stderr=subprocess.DEVNULL,
        env={**os.environ, **environment, **size},
    )  # fmt: skip
    os.close(terminal)
    written = b""
    try:
        while chunk := os.read(main, 65_536):
            written += chunk
    except OSError:
        pass  # Linux reports the end of a terminal as an error.
    os.close(main)
    if process.wait():
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    left = written.decode().replace("\r", "").rpartition(ERASED_LINE)[2]
    return CURSOR.sub("", left)


def picture(title: str, text: str, columns: int) -> str:
    """The text of a terminal as SVG that loads nothing from the network."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=columns, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(text))
    svg = console.export_svg(title=title, theme=THEME, unique_id="copydesk")
    svg = re.sub(r"@font-face \{.*?\}\n?", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")


def excerpt(text: str, first: int, last: int) -> str:
    """The first and the last lines of a text, with a line of dots between them."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) <= first + last:
        return text
    return "\n".join([*lines[:first], "…", *lines[len(lines) - last :]])
