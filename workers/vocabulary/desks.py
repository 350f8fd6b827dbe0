"""Words for the offices of a publisher that sign texts where no person does: ``Harbour Desk``, ``IN-Redaktion``."""

from __future__ import annotations

DESK = (
    r"(?:staff|team|desk|newsroom|editors|editorial|bureau|reporters|writers|correspondents"
    r"|redaktion|redactie|redazione|rédaction|redacción|redacció|redação|redaktionen|redaksjonen|toimitus|редакция)"
)
"""Matches the word for an office, in lower case; the pattern around it must say where the word ends."""
