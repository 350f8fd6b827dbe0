"""Faults of brokers and of the network."""

from __future__ import annotations

import random
import time

from tests.reliability.checker.history import count_records
from tests.reliability.findings import SLOW_RESUMPTION
from tests.reliability.harness.cluster import kill, retry
from tests.reliability.harness.stream import DrillStream
from workers.outcomes import Stage
from workers.stages import STAGES
from workers.stream.delivery import DELIVERY_TIMEOUT
from workers.topics import CLEAN, ENRICHED

MAX_RESUMPTION_SECONDS = 15.0
"""Seconds from the return of a broker until enriched articles come out again."""
MAX_RESUMPTION_AFTER_RESTART_SECONDS = 30.0
"""The same after an instant restart, or where workers were restarted, too. The broker then believes that the former
group members are alive, and each group waits until they rejoin or their sessions expire."""
OUTAGE_SECONDS = 30.0
"""Seconds for which all brokers are down."""
LED_PARTITION = (CLEAN, 0)
"""The partition whose leader is killed."""
CATCH_UP_TIMEOUT = 60.0
"""Seconds that a broker has to get its replicas in sync."""


def kill_broker(stream: DrillStream, rng: random.Random) -> None:
    """kill -9 Kafka and restart it at once with the same data, twice."""
    for _ in range(2):
        time.sleep(rng.uniform(2, 4))
        stop_all_brokers(stream, 0, MAX_RESUMPTION_AFTER_RESTART_SECONDS)


def broker_outage(stream: DrillStream, rng: random.Random) -> None:
    """Kill every broker at once; Kafka is down for 30 s."""
    time.sleep(rng.uniform(2, 4))
    stop_all_brokers(stream, OUTAGE_SECONDS)


def stop_all_brokers(stream: DrillStream, seconds: float, longest: float = MAX_RESUMPTION_SECONDS) -> None:
    """Kill every broker at once, restart them after ``seconds``, and check that output resumes within ``longest``.

    Workers that wait for the brokers longer than a delivery may take end, and are restarted as after a crash.
    """
    began = time.monotonic()
    for broker in stream.cluster.brokers:
        kill(broker)
    stream.wait_until(lambda: not any(broker.alive for broker in stream.cluster.brokers), 10, "every broker is down")
    time.sleep(seconds)
    stream.cluster.start()
    if time.monotonic() - began > DELIVERY_TIMEOUT:
        longest = MAX_RESUMPTION_AFTER_RESTART_SECONDS
    assert_resumes(stream, "the return of Kafka", longest)


def kill_partition_leader(stream: DrillStream, rng: random.Random) -> None:
    """kill -9 the broker that leads an input partition of dedupe; another takes over, and later the first returns."""
    time.sleep(rng.uniform(2, 4))
    leader = stream.cluster.leader(*LED_PARTITION)
    assert leader
    died = time.monotonic()
    kill(leader)
    stream.wait_until(lambda: stream.cluster.leader(*LED_PARTITION) not in (None, leader), 60, "another broker leads")
    assert_resumes(stream, "the leader change")
    stream.figures["longest pause"] = f"{stream.monitor.longest_pause(died, time.monotonic()):.1f} s"
    leader.start()
    wait_for_replicas(stream)


def restart_brokers_in_turn(stream: DrillStream, rng: random.Random) -> None:
    """Restart every broker in order, one after the other, each once the previous one has its replicas in sync."""
    for broker in rng.sample(stream.cluster.brokers, len(stream.cluster.brokers)):
        wait_for_replicas(stream)
        broker.stop()
        time.sleep(rng.uniform(1, 3))
        broker.start()
    wait_for_replicas(stream)
    assert_resumes(stream, "the restart of all brokers")


def wait_for_replicas(stream: DrillStream) -> None:
    """Return once every replica is in sync."""
    stream.wait_until(lambda: not stream.cluster.out_of_sync_replicas(), CATCH_UP_TIMEOUT, "every replica is in sync")


def assert_resumes(stream: DrillStream, what: str, longest: float = MAX_RESUMPTION_SECONDS) -> None:
    """Check that enriched articles come out again within ``longest`` seconds; ``what`` happened before."""
    seconds = measure_resumption(stream)
    assert seconds < longest, f"{SLOW_RESUMPTION} {seconds:.1f} s after {what}, not within {longest:g} s"


def measure_resumption(stream: DrillStream) -> float:
    """The seconds from now until more enriched articles come out than can have been in flight."""
    began = time.monotonic()
    # Each worker may have had a batch in flight, which its producer sends again.
    in_flight = STAGES[Stage.ENRICH].batch_size * len(stream.children(Stage.ENRICH))
    before = count_enriched(stream)
    stream.wait_until(lambda: count_enriched(stream) > before + in_flight, 90, "articles come out again")
    seconds = time.monotonic() - began
    longest = max(seconds, float(stream.figures.get("resumed after", "0 s").split()[0]))
    stream.figures["resumed after"] = f"{longest:.1f} s"
    return seconds


def count_enriched(stream: DrillStream) -> int:
    """The number of enriched articles, by a new consumer: an existing one may be slow to reconnect."""
    return retry(lambda: count_records(stream.cluster.bootstrap, stream.settings, ENRICHED))


def reset_connections(stream: DrillStream, rng: random.Random) -> None:
    """Reset every connection to Kafka, four times."""
    assert stream.proxy
    for _ in range(4):
        time.sleep(rng.uniform(0.5, 2.5))
        assert stream.proxy.connections, "no worker connects through the proxy"
        stream.proxy.reset()


def black_hole(stream: DrillStream, rng: random.Random) -> None:
    """Let nothing through to Kafka or back for longer than a session, without closing any connection."""
    assert stream.proxy
    with stream.proxy.black_hole():
        time.sleep(stream.settings.session_timeout + 6)
    measure_resumption(stream)


def latency(stream: DrillStream, rng: random.Random) -> None:
    """Add half a second of latency each way, for 12 s."""
    assert stream.proxy
    stream.proxy.latency = 0.5
    time.sleep(12)
    stream.proxy.latency = 0.0


BROKER_FAULTS = (
    kill_broker, broker_outage, kill_partition_leader, restart_brokers_in_turn, reset_connections, black_hole, latency,
)  # fmt: skip
