"""Prometheus's configuration, rules and alert unit tests, and the runbooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.names import unknown_metrics
from tests.deploy.programs import DEPLOY, needs, run
from tests.deploy.watched import WatchedStream
from tests.deploy.watchers import await_answer
from workers.cli import COMMANDS
from workers.outcomes import ExitCode
from workers.settings import table
from workers.stages import STAGES
from workers.supervisor import METRICS_PORT

PROMETHEUS = DEPLOY / "prometheus"
RUNBOOKS = DEPLOY / "runbooks"
CRITICAL = {
    "CopydeskDown", "CopydeskStalled", "CopydeskFreshnessSLO", "CopydeskErrorBudgetBurn", "CopydeskHalted",
    "CopydeskDeadLetterPublishFailing", "CopydeskCommitStale", "CopydeskKafkaUnreachable",
}  # fmt: skip
"""Alerts that page somebody at night."""
WARNING = {
    "CopydeskTargetDown", "CopydeskRestarting", "CopydeskLagGrowing", "CopydeskLatencySLO", "CopydeskSourceDrift",
    "CopydeskPublishFailing", "CopydeskRebalanceStorm", "CopydeskRecoveryStuck", "CopydeskSnapshotFailing",
    "CopydeskModelMissing", "CopydeskMemoryNearLimit", "CopydeskRecordsSkipped", "CopydeskTransactionOpen",
    "CopydeskDiskFilling",
}  # fmt: skip
SECTIONS = ["Likely causes", "Check", "Fix", "Verify"]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert and the text of its rule."""

    name: str
    rule: str

    def field(self, name: str) -> str:
        """The value of a field of the rule, without quotes."""
        line = re.search(rf"^ +{name}: (.*)$", self.rule, re.MULTILINE)
        assert line, f"{self.name} has no {name}"
        return line[1].strip('"')


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
def test_drill_fires_every_alert(alert: Alert) -> None:
    drills = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("drill_*.py")]
    assert any(f'"{alert.name}"' in drill for drill in drills), "no drill of `make alerts` fires it"


def test_every_alert_has_its_severity() -> None:
    assert {alert.name for alert in ALERTS if alert.field("severity") == "critical"} == CRITICAL
    assert {alert.name for alert in ALERTS if alert.field("severity") == "warning"} == WARNING


@each_alert
def test_every_alert_has_a_summary_a_description_and_a_runbook_link(alert: Alert) -> None:
    assert re.fullmatch(r"\d+[smh]", alert.field("for"))
    assert "{{$labels." in alert.field("summary") or "$value" in alert.field("summary")
    assert alert.field("description").endswith(".")
    assert alert.field("runbook_url") == f"deploy/runbooks/{alert.name}.md"


@each_alert
def test_runbook_has_its_title_severity_and_sections(alert: Alert) -> None:
    runbook = (RUNBOOKS / f"{alert.name}.md").read_text(encoding="utf-8")
    title, meaning, *_ = runbook.split("\n\n")
    assert title == f"# {alert.name}"
    assert meaning.startswith(f"{alert.field('severity').capitalize()}. ")
    assert re.findall(r"^## (.*)$", runbook, re.MULTILINE) == SECTIONS
    assert "```sh\n" in runbook


@each_alert
def test_unit_tests_cover_firing_and_not_firing(alert: Alert) -> None:
    tests = (PROMETHEUS / "tests" / f"{alert.name}.yml").read_text(encoding="utf-8")
    expectations = re.findall(rf"alertname: {alert.name}\n( +exp_alerts:\n)?", tests)
    assert any(expectations)
    assert not all(expectations)
    assert set(re.findall(r"alertname: (\w+)", tests)) == {alert.name}


def test_runbooks_unit_tests_and_texts_name_only_existing_alerts() -> None:
    names = {alert.name for alert in ALERTS}
    assert {path.stem for path in RUNBOOKS.iterdir()} == names
    assert {path.stem for path in (PROMETHEUS / "tests").iterdir()} == names
    mentioned = {name for path in TEXTS for name in re.findall(r"Copydesk[A-Z]\w+", path.read_text(encoding="utf-8"))}
    assert mentioned == names


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_texts_name_only_what_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unknown_metrics(text) == set()
    assert set(re.findall(r"\b\w+:copydesk_\w+:\w+", text)) <= RECORDED
    assert set(re.findall(r"\bCOPYDESK_[A-Z_]*[A-Z]", text)) <= {variable for variable, *_ in table()}
    assert set(re.findall(r"(?:^|`|; )copydesk ([a-z-]+)", text, re.MULTILINE)) <= set(COMMANDS)
    assert {int(code) for code in re.findall(r"exit code (\d+)", text)} <= {0, 1, 137, *ExitCode}
    assert all((path.parent / link).exists() for link in re.findall(r"\]\(([^)#:]+)\)", text))


def test_run_has_a_job_of_its_own_at_its_default_port() -> None:
    config = (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
    assert f'job_name: copydesk-run\n    static_configs:\n      - targets: ["localhost:{METRICS_PORT}"]' in config


def test_every_recording_rule_is_used() -> None:
    used = " ".join(path.read_text(encoding="utf-8") for path in TEXTS if path.name != "recording.yml")
    assert {name for name in RECORDED if name not in used} == set()


def test_targets_are_the_default_ports_of_the_roles() -> None:
    config = (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
    targets = re.findall(r'targets: \["localhost:(\d+)"\]\n +labels: \{role: (\w+)\}', config)
    assert {role: int(port) for port, role in targets} == {name: stage.metrics_port for name, stage in STAGES.items()}


@pytest.mark.process
@needs("promtool")
def test_promtool_accepts_configuration_and_rules() -> None:
    run("promtool", "check", "config", "prometheus.yml", cwd=PROMETHEUS)
    rules = sorted((PROMETHEUS / "rules").glob("*.yml"))
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *rules)


@pytest.mark.process
@needs("promtool")
def test_promtool_accepts_the_kubernetes_configuration(tmp_path: Path) -> None:
    config = (PROMETHEUS / "prometheus-kubernetes.yml").read_text(encoding="utf-8")
    # Debian builds Prometheus without Kubernetes discovery; check everything else.
    config, discoveries = re.subn(r"kubernetes_sd_configs:\n( {6,}.*\n)+", "static_configs: []\n", config)
    assert discoveries == 1
    (tmp_path / "rules").symlink_to(PROMETHEUS / "rules")
    (tmp_path / "prometheus.yml").write_text(config)
    run("promtool", "check", "config", "prometheus.yml", cwd=tmp_path)


@pytest.mark.process
@needs("promtool")
@each_alert
def test_alert_passes_its_unit_tests(alert: Alert) -> None:
    run("promtool", "test", "rules", f"{alert.name}.yml", cwd=PROMETHEUS / "tests")


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.process
@needs("promtool")
def test_promtool_accepts_the_metrics_that_workers_serve(live: WatchedStream) -> None:
    for target in live.get("targets")["activeTargets"]:
        metrics = await_answer(target["scrapeUrl"])  # retries, because a worker may just be starting
        run("promtool", "check", "metrics", stdin=metrics)


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.process
@needs("prometheus")
def test_every_rule_evaluates_on_a_live_stream(live: WatchedStream) -> None:
    for name in RECORDED:
        live.wait_for_values(name, seconds=90)
    rules = [rule for group in live.get("rules")["groups"] for rule in group["rules"]]
    assert {rule["name"] for rule in rules} == RECORDED | {alert.name for alert in ALERTS}
    assert [rule for rule in rules if rule["health"] != "ok" or rule.get("lastError")] == []
