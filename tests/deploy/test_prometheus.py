"""What Prometheus is given, and the runbooks: right in form, whole, and tried by its own tools."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.names import unknown
from tests.deploy.programs import DEPLOY, needs, run
from tests.deploy.watched import Watched
from tests.deploy.watchers import await_answer
from workers.cli import COMMANDS
from workers.outcomes import ExitCode
from workers.settings import METRICS_PORTS, table

PROMETHEUS = DEPLOY / "prometheus"
RUNBOOKS = DEPLOY / "runbooks"
CRITICAL = {
    "CopydeskDown", "CopydeskStalled", "CopydeskFreshnessSLO", "CopydeskErrorBudgetBurn", "CopydeskHalted",
    "CopydeskDeadLetterPublishFailing", "CopydeskCommitStale", "CopydeskKafkaUnreachable",
}  # fmt: skip
"""What somebody gets up for."""
WARNING = {
    "CopydeskTargetDown", "CopydeskRestarting", "CopydeskLagGrowing", "CopydeskLatencySLO", "CopydeskSourceDrift",
    "CopydeskPublishFailing", "CopydeskRebalanceStorm", "CopydeskRecoveryStuck", "CopydeskSnapshotFailing",
    "CopydeskModelMissing", "CopydeskMemoryNearLimit",
}  # fmt: skip
SECTIONS = ["Likely causes", "Check", "Fix", "Verify"]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as its rule gives it."""

    name: str
    rule: str

    def field(self, name: str) -> str:
        """The rest of the line that begins with the name."""
        found = re.search(rf"^ +{name}: (.*)$", self.rule, re.MULTILINE)
        assert found, f"{self.name} has no {name}"
        return found[1].strip('"')


RULES = (PROMETHEUS / "rules" / "alerts.yml").read_text(encoding="utf-8")
RECORDED = set(re.findall(r"record: (\S+)", (PROMETHEUS / "rules" / "recording.yml").read_text(encoding="utf-8")))
ALERTS = [Alert(rule.split()[0], rule) for rule in RULES.split("- alert: ")[1:]]
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
TEXTS = sorted(
    path
    for folder in (PROMETHEUS, RUNBOOKS, DEPLOY / "alertmanager")
    for path in folder.rglob("*")
    if path.suffix in {".yml", ".md", ".html"}
)


@each_alert
def test_every_alert_is_fired_by_real_trouble_in_a_drill(alert: Alert) -> None:
    drills = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("drill_*.py")]
    assert any(f'"{alert.name}"' in drill for drill in drills), "make alerts does not speak of it"


def test_every_alert_is_as_grave_as_it_should_be() -> None:
    assert {alert.name for alert in ALERTS if alert.field("severity") == "critical"} == CRITICAL
    assert {alert.name for alert in ALERTS if alert.field("severity") == "warning"} == WARNING


@each_alert
def test_every_alert_says_where_and_how_much_and_what_to_do(alert: Alert) -> None:
    assert re.fullmatch(r"\d+[smh]", alert.field("for"))
    assert "{{$labels." in alert.field("summary") or "$value" in alert.field("summary")
    assert alert.field("description").endswith(".")
    assert alert.field("runbook_url") == f"deploy/runbooks/{alert.name}.md"


@each_alert
def test_every_alert_has_a_runbook(alert: Alert) -> None:
    runbook = (RUNBOOKS / f"{alert.name}.md").read_text(encoding="utf-8")
    title, meaning, *_ = runbook.split("\n\n")
    assert title == f"# {alert.name}"
    assert meaning.startswith(f"{alert.field('severity').capitalize()}. ")
    assert re.findall(r"^## (.*)$", runbook, re.MULTILINE) == SECTIONS
    assert "```sh\n" in runbook


@each_alert
def test_every_alert_was_tried_where_it_fires_and_where_it_must_not(alert: Alert) -> None:
    tests = (PROMETHEUS / "tests" / f"{alert.name}.yml").read_text(encoding="utf-8")
    asked = re.findall(rf"alertname: {alert.name}\n( +exp_alerts:\n)?", tests)
    assert any(asked)
    assert not all(asked)
    assert set(re.findall(r"alertname: (\w+)", tests)) == {alert.name}


def test_there_is_nothing_for_alerts_that_are_none() -> None:
    names = {alert.name for alert in ALERTS}
    assert {path.stem for path in RUNBOOKS.iterdir()} == names
    assert {path.stem for path in (PROMETHEUS / "tests").iterdir()} == names
    named = {name for path in TEXTS for name in re.findall(r"Copydesk[A-Z]\w+", path.read_text(encoding="utf-8"))}
    assert named == names


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_what_they_name_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unknown(text) == set()
    assert set(re.findall(r"\b\w+:copydesk_\w+:\w+", text)) <= RECORDED
    assert set(re.findall(r"\bCOPYDESK_[A-Z_]*[A-Z]", text)) <= {variable for variable, *_ in table()}
    assert set(re.findall(r"(?:^|`|; )copydesk ([a-z]+)", text, re.MULTILINE)) <= set(COMMANDS)
    assert {int(code) for code in re.findall(r"exit code (\d+)", text)} <= {0, 1, 137, *ExitCode}
    assert all((path.parent / link).exists() for link in re.findall(r"\]\(([^)#:]+)\)", text))


def test_what_is_recorded_is_used() -> None:
    used = " ".join(path.read_text(encoding="utf-8") for path in TEXTS if path.name != "recording.yml")
    assert {name for name in RECORDED if name not in used} == set()


def test_the_targets_are_the_usual_ports_of_the_roles() -> None:
    config = (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
    found = re.findall(r'targets: \["localhost:(\d+)"\]\n +labels: \{role: (\w+)\}', config)
    assert {role: int(port) for port, role in found} == METRICS_PORTS


@needs("promtool")
def test_the_configuration_and_the_rules_are_right() -> None:
    run("promtool", "check", "config", "prometheus.yml", cwd=PROMETHEUS)
    rules = sorted((PROMETHEUS / "rules").glob("*.yml"))
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *rules)


@needs("promtool")
def test_the_configuration_for_kubernetes_is_right(tmp_path: Path) -> None:
    config = (PROMETHEUS / "prometheus-kubernetes.yml").read_text(encoding="utf-8")
    # Debian's Prometheus is built without the discovery in Kubernetes: all but that is checked.
    config, discoveries = re.subn(r"kubernetes_sd_configs:\n( {6,}.*\n)+", "static_configs: []\n", config)
    assert discoveries == 1
    (tmp_path / "rules").symlink_to(PROMETHEUS / "rules")
    (tmp_path / "prometheus.yml").write_text(config)
    run("promtool", "check", "config", "prometheus.yml", cwd=tmp_path)


@needs("promtool")
@each_alert
def test_every_alert_fires_when_it_should_and_only_then(alert: Alert) -> None:
    run("promtool", "test", "rules", f"{alert.name}.yml", cwd=PROMETHEUS / "tests")


@pytest.mark.slow
@pytest.mark.broker
@needs("promtool")
def test_what_workers_serve_is_as_prometheus_likes_it(live: Watched) -> None:
    for target in live.get("targets")["activeTargets"]:
        metrics = await_answer(target["scrapeUrl"])  # a worker may just be starting
        run("promtool", "check", "metrics", stdin=metrics)


@pytest.mark.slow
@pytest.mark.broker
@needs("prometheus")
def test_every_rule_works_where_workers_run(live: Watched) -> None:
    for name in RECORDED:
        live.until_figures(name, seconds=90)
    rules = [rule for group in live.get("rules")["groups"] for rule in group["rules"]]
    assert {rule["name"] for rule in rules} == RECORDED | {alert.name for alert in ALERTS}
    assert [rule for rule in rules if rule["health"] != "ok" or rule.get("lastError")] == []
