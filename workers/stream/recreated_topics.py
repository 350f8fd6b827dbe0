"""Notices when topics are deleted and created again under a running worker: their offsets then mean other messages."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from threading import Thread
from typing import NoReturn

from workers.errors import BrokerUnreachableError, end_process
from workers.fault_points import fault_point
from workers.kafka.admin_client import connect_admin
from workers.outcomes import ExitCode
from workers.settings import Settings

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
"""Seconds between two checks: what arrives in between may get the verdict of a message of the deleted topic."""

Ids = Mapping[str, str]


@fault_point("watch for recreated topics")
def watch(settings: Settings, bootstrap: str, known: Ids) -> None:
    """Return at once; from now on the process ends when one of the topics no longer has the id that is known.

    A daemon thread checks, so that a broker that does not answer holds up neither the stream nor a shutdown.
    """

    def run() -> None:
        ids = current_ids(settings, bootstrap, known)
        while (changed := recreated(known, next(ids))) is None:
            time.sleep(CHECK_SECONDS)
        end(changed)

    Thread(target=run, name="recreated-topics", daemon=True).start()


def recreated(known: Ids, current: Ids) -> str | None:
    """The first topic that has another id than the known one; a topic that is missing may only be unreachable."""
    return next((name for name in known if current.get(name, known[name]) != known[name]), None)


def current_ids(settings: Settings, bootstrap: str, topics: Collection[str]) -> Iterator[Ids]:
    """Yield, again and again, the ids of those topics that the broker shows; of none while it does not answer."""
    while True:
        try:
            with connect_admin(bootstrap, settings) as admin:
                while True:
                    described = admin.describe_topics(list(topics))
                    yield {topic["name"]: str(topic.get("topic_id")) for topic in described if not topic["error_code"]}
        except BrokerUnreachableError:
            yield {}


def end(topic: str) -> NoReturn:
    """End the process: the next start compares the ledger with the topics, and says what to do."""
    log.critical("a topic was deleted and recreated; ending without acknowledging anything", extra={"topic": topic})
    end_process(ExitCode.FAILED)
