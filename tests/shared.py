"""Reads the evaluation data and the seed articles in ``../shared``, beside the project."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the evaluation data in ../shared, which is not part of the repository"
)


def seed(prefix: str) -> str:
    """The raw text of the seed article whose file name begins with the prefix."""
    (path,) = (SHARED / "seeds").glob(f"{prefix}_*.txt")
    return path.read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of an evaluation file, named like ``cleaning/text-dev``."""
    with gzip.open(SHARED / "eval" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def score() -> ModuleType:
    """The scoring module, ``../shared/eval/score.py``."""
    spec = importlib.util.spec_from_file_location("score", SHARED / "eval" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
