"""``python -m tests.integration.slow_worker ROLE``: a worker whose every message takes a while."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from workers.app import Pipeline
from workers.driver import Worker
from workers.health import Health
from workers.logs import configure
from workers.metrics import Metrics
from workers.outcomes import Stage
from workers.runner import Answer
from workers.settings import Settings
from workers.stages import Message
from workers.supervisor import stop_with_parent

SECONDS = 0.01

if __name__ == "__main__":
    settings = Settings.from_environment(os.environ)
    configure("INFO", "json")
    stop_with_parent()
    pipeline = Pipeline(Stage(sys.argv[1]), settings, settings.broker, Metrics(), Health())
    quick = pipeline.runner.handler

    def slow(messages: Sequence[Message]) -> Sequence[Answer]:
        time.sleep(SECONDS * len(messages))
        return quick(messages)

    pipeline.runner.handler = slow
    Worker(pipeline.app).execute_from_commandline()
