"""That what is installed is complete."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE_AND_DOCS = {".py", ".pyc", ".md"}


def test_package_has_every_data_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = [path for package in ("workers", "schemas") for path in (ROOT / package).rglob("*") if path.is_file()]
    left_out = [
        path for path in files if path.suffix not in CODE_AND_DOCS and not any(fnmatch(path.name, p) for p in patterns)
    ]
    assert not left_out
