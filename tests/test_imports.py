"""Light modules load no model and no code of a stage."""

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
    script = f"import sys, {module}; print(*(name for name in {MODELS!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
