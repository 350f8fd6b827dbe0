"""The Compose project is valid and agrees with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.manifests import documents, settings_of
from tests.deploy.programs import DEPLOY
from workers import __version__
from workers.embedded_kafka.runtime import KAFKA_VERSION
from workers.outcomes import Stage
from workers.settings import PREFIX
from workers.stages import STAGES

COMPOSE = DEPLOY / "compose"
(FILE,) = documents((COMPOSE / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("copydesk:")]
(PROMETHEUS,) = documents((COMPOSE / "prometheus.yml").read_text())
MOUNTS = [
    volume.split(":") for service in SERVICES.values() for volume in service.get("volumes", []) if volume[0] == "."
]


@pytest.mark.process
def test_compose_file_follows_the_compose_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, COMPOSE / "compose.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_service_has_an_exact_version_limits_and_a_restart_policy() -> None:
    for name, service in SERVICES.items():
        assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+", service["image"]), name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert service["restart"], name


def test_copydesk_and_kafka_have_the_versions_of_the_code() -> None:
    assert {SERVICES[name]["image"] for name in OURS} == {f"copydesk:{__version__}"}
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


def test_dependencies_on_health_have_a_health_check() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other], name
    assert all("topics" in SERVICES[stage]["depends_on"] for stage in Stage)


def test_every_role_runs_on_its_port() -> None:
    for stage in Stage:
        assert SERVICES[stage]["command"] == ["worker", stage]
        assert SERVICES[stage]["expose"] == [str(STAGES[stage].metrics_port)]
    assert SERVICES["topics"]["command"] == ["topics", "apply"]


def test_settings_are_valid_and_agree_on_the_topics(tmp_path: Path) -> None:
    settings = {name: settings_of(SERVICES[name]["environment"], tmp_path) for name in OURS}
    assert settings.keys() == {"topics", *Stage}
    assert len({(one.broker, one.partitions, one.languages, one.replication) for one in settings.values()}) == 1
    for stage in Stage:
        shards = len(settings[stage].shards) if stage is Stage.DEDUPE else settings[stage].partitions
        assert SERVICES[stage]["deploy"]["replicas"] <= shards


def test_workers_use_the_listener_that_kafka_advertises() -> None:
    kafka = SERVICES["kafka"]["environment"]
    brokers = {SERVICES[name]["environment"][f"{PREFIX}BROKER"] for name in OURS}
    assert brokers == {dict(re.findall(r"(\w+)://([\w:]+)", kafka["KAFKA_ADVERTISED_LISTENERS"]))["INTERNAL"]}
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_copydesk_containers_write_only_to_their_volumes_and_a_small_tmp() -> None:
    for name in OURS:
        assert SERVICES[name]["read_only"]
        assert SERVICES[name]["tmpfs"] == ["/tmp:size=128m,mode=1777"]
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        state = SERVICES[name]["environment"].get(f"{PREFIX}STATE_DIR")
        assert [volume.split(":")[1] for volume in SERVICES[name].get("volumes", [])] == ([state] if state else [])


@pytest.mark.parametrize("source", [source for source, *_ in MOUNTS])
def test_mounted_files_exist(source: str) -> None:
    assert (COMPOSE / source).exists()


def test_mounts_are_read_only() -> None:
    assert all(options == ["ro"] for _, _, *options in MOUNTS)


def test_ports_are_published_on_localhost_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_prometheus_finds_every_worker_and_sets_job_and_role() -> None:
    (job,) = PROMETHEUS["scrape_configs"]
    targets = {(name, discovery["port"]) for discovery in job["dns_sd_configs"] for name in discovery["names"]}
    assert targets == {(stage.value, STAGES[stage].metrics_port) for stage in Stage}
    assert job["job_name"] == "copydesk"
    assert {"source_labels": ["__meta_dns_name"], "target_label": "role"} in job["relabel_configs"]


def test_prometheus_uses_the_alertmanager_service() -> None:
    (targets,) = PROMETHEUS["alerting"]["alertmanagers"][0]["static_configs"]
    assert targets["targets"] == ["alertmanager:9093"]
    assert "alertmanager" in SERVICES


def test_grafana_uses_the_prometheus_service_and_finds_the_dashboard() -> None:
    (sources,) = documents((COMPOSE / "grafana-datasource.yml").read_text())
    assert sources["datasources"][0]["url"] == "http://prometheus:9090"
    (provider,) = (DEPLOY / "grafana" / "provisioning" / "dashboards").glob("*.y*ml")
    (dashboards,) = documents(provider.read_text())[0]["providers"]
    (dashboard,) = [target for source, target, _ in MOUNTS if source.endswith("copydesk.json")]
    assert str(Path(dashboard).parent) == dashboards["options"]["path"]


def test_prometheus_has_the_console_where_it_looks_for_it() -> None:
    flags = dict(flag.split("=", 1) for flag in SERVICES["prometheus"]["command"])
    folder = next(volume.split(":") for volume in SERVICES["prometheus"]["volumes"] if "consoles" in volume)
    assert (COMPOSE / folder[0] / "copydesk.html").exists()
    assert flags["--web.console.templates"] == folder[1]
