"""The Faust app of a role, with the settings that were measured."""

from __future__ import annotations

from workers.kafka.security import faust_credentials
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stream.faust_fixes import App
from workers.topics import largest


def group_of(stage: Stage) -> str:
    """The consumer group of the role's workers, which is also what Faust calls the app."""
    return f"copydesk-{stage}"


def faust_app(stage: Stage, settings: Settings, bootstrap: str) -> App:
    """The bare Faust app of a role, with the settings that were measured; nothing is connected yet."""
    most = largest(settings)
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
        consumer_max_fetch_size=most,
        stream_buffer_maxsize=256,
        stream_wait_empty=True,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=min(3.0, settings.session_timeout / 3),
        broker_rebalance_timeout=120,
        broker_request_timeout=max(90, settings.session_timeout + 30),
        broker_commit_interval=0.25,  # what was done since is done again after a kill
        broker_commit_every=1000,
        producer_acks=-1,
        producer_linger=0.02,
        producer_max_batch_size=262_144,
        producer_max_request_size=most,
        producer_request_timeout=30,
    )
