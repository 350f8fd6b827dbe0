"""Classes of letters that Python's regular expressions lack."""

from __future__ import annotations

CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
"""Matches a letter that is not a lower-case one of Western Europe: a capital, or any letter of another script."""
