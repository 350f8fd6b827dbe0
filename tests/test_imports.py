"""Light modules load no model and no code of a stage, and stages no models of others."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODELS = ("spacy", "trafilatura", "py3langid", "numpy")


@pytest.mark.process
@pytest.mark.parametrize(
    "module",
    [
        "workers.messages",
        "workers.stages",
        "workers.hooks",
        "workers.supervisor",
        "workers.observability.consumer_lag",
        "workers.observability.health",
        "workers.stream.dead_letters",
        "workers.stream.runner",
        "workers.kafka.topic_admin",
        "workers.cli",
    ],
)
def test_a_light_module_loads_no_model(module: str) -> None:
    assert not loaded_with(module) & set(MODELS)


@pytest.mark.process
def test_clean_and_dedupe_load_no_spacy() -> None:
    assert "spacy" not in loaded_with("workers.handlers")


def loaded_with(module: str) -> set[str]:
    """The modules that importing the module loads."""
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
