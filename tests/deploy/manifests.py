"""Reads the YAML files of deploy/ and the settings that they pass to workers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from workers.settings import PREFIX, Settings

STATE_DIR = f"{PREFIX}STATE_DIR"


def documents(text: str) -> list[dict[str, Any]]:
    """The YAML documents of the text."""
    return [document for document in yaml.safe_load_all(text) if document]


def settings_of(environment: Mapping[str, str], home: Path) -> Settings:
    """The settings that a worker reads from these variables.

    Files and directories that the variables name are replaced by ones in ``home``.
    """
    variables = dict(environment)
    for name, value in environment.items():
        if name.endswith("_FILE"):
            (home / Path(value).name).write_text("a secret")
            variables[name] = str(home / Path(value).name)
    if STATE_DIR in variables:
        variables[STATE_DIR] = str(home)
    return Settings.from_environment(variables)
