"""The checks of ``copydesk doctor`` on a real Kafka."""

from __future__ import annotations

from workers.doctor.checks import CHECKS, examine
from workers.doctor.findings import Level, context_of
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.settings import Settings


def test_a_kafka_that_works_has_no_failure(broker: EmbeddedBroker) -> None:
    settings = Settings(broker=broker.bootstrap, metrics_port=0)
    checks = [check for check in CHECKS if check.name in ("broker", "rights", "groups", "clock")]
    found = list(examine(context_of(settings, ()), checks))
    assert {name for name, _ in found} == {check.name for check in checks}
    assert not [str(finding) for _, finding in found if finding.level is Level.FAIL]
