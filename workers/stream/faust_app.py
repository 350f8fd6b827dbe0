"""The Faust app of a stage, with settings chosen by measurement, and its sender."""

from __future__ import annotations

from collections.abc import Awaitable

from workers.fault_points import fault_point
from workers.kafka.security import faust_credentials
from workers.messages import Output
from workers.settings import Settings, compression_type
from workers.stages import group_of
from workers.state.lineage import Lineage
from workers.stream.faust_fixes import App
from workers.topics import LEDGER, largest

MAX_POLL_RECORDS = 50
"""Records that are unpacked at a time. A fetch of 8 MiB may hold a thousand times as much, compressed."""
MIN_REQUEST_TIMEOUT = 90.0
"""Seconds; must be longer than the session timeout."""
METADATA_MAX_AGE_MS = 30_000
"""Milliseconds until new partitions are noticed, at the latest."""


class FaustSender:
    """Sends outputs through the producer of a Faust app. Every record of the ledger carries its ``lineage``."""

    def __init__(self, app: App, lineage: Lineage) -> None:
        self._app = app
        self._lineage = lineage

    async def __call__(self, output: Output) -> Awaitable[object]:
        """The broker's acknowledgement, to be awaited."""
        return await self.send(output)

    @fault_point("send output")
    async def send(self, output: Output) -> Awaitable[object]:
        """Add the output to the producer's buffer. The broker gives it its timestamp."""
        headers = list(output.headers)
        if output.topic == LEDGER and output.partition is not None:
            headers += self._lineage.headers(output.partition)
        acknowledgement: Awaitable[object] = await self._app.producer.send(
            output.topic, output.key, output.value, output.partition, None, headers
        )
        return acknowledgement


def faust_app(stage: str, settings: Settings, bootstrap: str) -> App:
    """The Faust app of a stage, not connected yet."""
    max_bytes = largest(settings)
    return App(
        group_of(stage),
        broker=[f"kafka://{address}" for address in bootstrap.split(",")],
        broker_credentials=faust_credentials(settings),
        autodiscover=False,
        web_enabled=False,
        web_tables_enabled=False,
        web_router_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        key_serializer="raw",
        value_serializer="raw",
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance_id,
        consumer_max_fetch_size=max_bytes,
        broker_max_poll_records=MAX_POLL_RECORDS,
        stream_buffer_maxsize=256,
        stream_wait_empty=True,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=min(3.0, settings.session_timeout / 3),
        broker_rebalance_timeout=120,
        broker_request_timeout=max(MIN_REQUEST_TIMEOUT, settings.session_timeout + 30),
        broker_commit_interval=0.25,  # after a kill, everything since the last commit is redone
        broker_commit_every=1000,
        consumer_metadata_max_age_ms=METADATA_MAX_AGE_MS,
        producer_acks=-1,
        producer_compression_type=compression_type(settings),
        producer_linger=0.02,
        producer_max_batch_size=262_144,
        producer_max_request_size=max_bytes,
        producer_request_timeout=30,
    )
