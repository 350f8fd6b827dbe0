"""Reads the tables of rules, TOML files beside the modules that use them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read_table(package: str, name: str) -> dict[str, Any]:
    """Return the content of a table of a package."""
    return tomllib.loads((files(package) / name).read_text(encoding="utf-8"))
