"""Letters in regular expressions, which have no sign for upper and lower case."""

from __future__ import annotations

CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
"""Matches a letter that is no lower-case one of Western European languages: a capital, or one of a script without."""
