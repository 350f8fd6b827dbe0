"""The Kubernetes manifests, as kustomize builds them, are valid, restricted, and agree with the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest

from tests.deploy.manifests import documents, settings_of
from tests.deploy.programs import DEPLOY
from workers import __version__
from workers.outcomes import Stage
from workers.settings import PREFIX, Settings
from workers.stages import STAGES
from workers.stream.faust_app import faust_app

KUBERNETES = DEPLOY / "kubernetes"
OVERLAYS = ("dev", "prod")
WORKLOADS = ("Deployment", "StatefulSet")
STATE = "/var/lib/copydesk"
MIN_START_SECONDS = 600
"""The startup probe must allow at least this long for a start."""
CRDS = {
    "keda.sh": ("github.com/kedacore/keda/v2@v2.18.1", "config/crd/bases/keda.sh_{}.yaml"),
    "monitoring.coreos.com": (
        "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        "example/prometheus-operator-crd/monitoring.coreos.com_{}.yaml",
    ),
}
"""The Go module, and the file in it, that define a custom resource, by API group."""

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl, which includes kustomize, is not installed"),
]


@cache
def built(overlay: str) -> list[dict[str, Any]]:
    """The resources that kustomize builds from the overlay."""
    command = ["kubectl", "kustomize", str(KUBERNETES / "overlays" / overlay)]
    return documents(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def of_kind(overlay: str, *kinds: str) -> dict[str, dict[str, Any]]:
    """The resources of these kinds, by name."""
    return {one["metadata"]["name"]: one for one in built(overlay) if one["kind"] in kinds}


def pods(overlay: str) -> dict[str, dict[str, Any]]:
    """The pod specs, by the name of their workload or job."""
    return {name: one["spec"]["template"]["spec"] for name, one in of_kind(overlay, *WORKLOADS, "Job").items()}


def workers(overlay: str) -> dict[Stage, dict[str, Any]]:
    """The workload of each role."""
    return {Stage(name.removeprefix("copydesk-")): one for name, one in of_kind(overlay, *WORKLOADS).items()}


def container(workload: Mapping[str, Any]) -> dict[str, Any]:
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return dict(only)


def config(overlay: str) -> dict[str, str]:
    """The settings that all pods share."""
    (only,) = of_kind(overlay, "ConfigMap").values()
    return dict(only["data"])


def environment(overlay: str, stage: Stage) -> dict[str, str]:
    """The variables of the role's first worker."""
    rows = container(workers(overlay)[stage]).get("env", [])
    own = {row["name"]: row.get("value", f"copydesk-{stage}-0") for row in rows}
    return config(overlay) | own


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_built_in_resources_are_valid(overlay: str) -> None:
    for resource in built(overlay):
        if resource["apiVersion"].partition("/")[0] not in CRDS:
            kubernetes_validate.validate(resource, "1.32", strict=True)


@pytest.mark.parametrize("resource", built("prod") if shutil.which("kubectl") else [], ids=lambda one: one["kind"])
def test_custom_resources_match_their_definitions(resource: dict[str, Any]) -> None:
    group, _, version = resource["apiVersion"].partition("/")
    if group in CRDS:
        jsonschema.validate(resource, definition(group, version, resource["kind"]))


def definition(group: str, version: str, kind: str) -> dict[str, Any]:
    """The JSON schema of a custom resource, which rejects unknown fields."""
    module, path = CRDS[group]
    if not shutil.which("go"):
        pytest.skip("go, which fetches the definitions of custom resources, is not installed")
    download = subprocess.run(["go", "mod", "download", "-json", module], capture_output=True, text=True, check=False)
    if download.returncode:
        pytest.skip(f"the definition cannot be fetched: go mod download {module}")
    (crd,) = documents((Path(json.loads(download.stdout)["Dir"]) / path.format(f"{kind.lower()}s")).read_text())
    (schema,) = [one["schema"]["openAPIV3Schema"] for one in crd["spec"]["versions"] if one["name"] == version]
    return dict(closed(schema))


def closed(schema: Any) -> Any:
    """The schema, changed so that every object in it rejects unknown fields."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    has_fields = isinstance(schema.get("properties"), dict) and "type" in schema
    return ({"additionalProperties": False} if has_fields else {}) | {name: closed(one) for name, one in schema.items()}


def test_unknown_field_of_a_custom_resource_is_rejected() -> None:
    scaled = deepcopy(next(iter(of_kind("prod", "ScaledObject").values())))
    scaled["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]["seconds"] = 600
    with pytest.raises(jsonschema.ValidationError, match="'seconds' was unexpected"):
        jsonschema.validate(scaled, definition("keda.sh", "v1alpha1", "ScaledObject"))


def test_base_sets_no_namespace() -> None:
    for file in (KUBERNETES / "base").glob("*.yaml"):
        assert "namespace:" not in file.read_text(), file.name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_settings_are_valid(overlay: str, tmp_path: Path) -> None:
    for stage in Stage:
        assert container(workers(overlay)[stage])["args"] == ["worker", stage]
        settings_of(environment(overlay, stage), tmp_path)
    (topics,) = of_kind(overlay, "Job").values()
    assert container(topics)["args"] == ["topics", "apply"]
    settings_of(config(overlay), tmp_path)


def test_production_uses_sasl_over_tls_with_mounted_files(tmp_path: Path) -> None:
    settings = settings_of(config("prod"), tmp_path)
    assert (settings.environment, settings.security_protocol, settings.replication) == ("production", "SASL_SSL", 3)
    assert f"{PREFIX}SASL_PASSWORD" not in config("prod")
    for pod in pods("prod").values():
        mounted = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        secrets = {one["name"]: one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one}
        for name, path in config("prod").items():
            assert not name.endswith("_FILE") or secrets[mounted[str(Path(path).parent)]] == "copydesk-kafka"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_there_are_no_more_workers_than_partitions(overlay: str, tmp_path: Path) -> None:
    max_replicas = {stage: one["spec"].get("replicas", 0) for stage, one in workers(overlay).items()}
    for name, scaled in of_kind(overlay, "ScaledObject").items():
        max_replicas[Stage(name.removeprefix("copydesk-"))] = scaled["spec"]["maxReplicaCount"]
    for stage, count in max_replicas.items():
        settings = settings_of(environment(overlay, stage), tmp_path)
        assert 0 < count <= (len(settings.shards) if stage is Stage.DEDUPE else settings.partitions), stage


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_role_serves_its_metrics_on_its_port(overlay: str) -> None:
    for stage, workload in workers(overlay).items():
        assert container(workload)["ports"] == [{"name": "metrics", "containerPort": STAGES[stage].metrics_port}]
        for probe, path in (("startup", "/readyz"), ("liveness", "/livez"), ("readiness", "/readyz")):
            assert container(workload)[f"{probe}Probe"]["httpGet"] == {"path": path, "port": "metrics"}
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert labels == {"app.kubernetes.io/name": "copydesk", "app.kubernetes.io/component": stage}
        assert workload["spec"]["selector"]["matchLabels"] == labels


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_allow_a_slow_start_and_a_last_batch(overlay: str) -> None:
    for workload in workers(overlay).values():
        startup = container(workload)["startupProbe"]
        assert startup["periodSeconds"] * startup["failureThreshold"] >= MIN_START_SECONDS
        assert workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 120


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_restricted_and_write_only_to_a_small_tmp(overlay: str) -> None:
    assert len(pods(overlay)) == len(Stage) + 1
    for pod in pods(overlay).values():
        assert pod["automountServiceAccountToken"] is False
        context = pod["securityContext"]
        assert (context["runAsNonRoot"], context["runAsUser"], context["fsGroup"]) == (True, 10001, 10001)
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        (only,) = pod["containers"]
        assert only["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert {"name": "tmp", "mountPath": "/tmp"} in only["volumeMounts"]
        assert {"name": "tmp", "emptyDir": {"sizeLimit": "128Mi"}} in pod["volumes"]
        assert only["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in only["resources"]["limits"]
        assert only["image"].endswith(f"copydesk:{__version__}")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_adds_no_variables_that_look_like_settings(overlay: str) -> None:
    assert not any(pod["enableServiceLinks"] for pod in pods(overlay).values())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_dedupe_keeps_its_name_and_its_snapshots(overlay: str) -> None:
    dedupe = workers(overlay)[Stage.DEDUPE]
    assert (dedupe["kind"], dedupe["spec"]["podManagementPolicy"]) == ("StatefulSet", "Parallel")
    rows = {row["name"]: row for row in container(dedupe)["env"]}
    assert rows[f"{PREFIX}STATE_DIR"]["value"] == STATE
    assert rows[f"{PREFIX}INSTANCE_ID"]["valueFrom"]["fieldRef"] == {"fieldPath": "metadata.name"}
    (claim,) = dedupe["spec"]["volumeClaimTemplates"]
    assert {"name": claim["metadata"]["name"], "mountPath": STATE} in container(dedupe)["volumeMounts"]
    assert dedupe["spec"]["serviceName"] in of_kind(overlay, "Service")
    for stage in (Stage.CLEAN, Stage.ENRICH):
        assert f"{PREFIX}INSTANCE_ID" not in environment(overlay, stage)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_one_worker_of_a_role_at_a_time_may_be_evicted(overlay: str) -> None:
    budgets = of_kind(overlay, "PodDisruptionBudget")
    for stage, workload in workers(overlay).items():
        budget = budgets[f"copydesk-{stage}"]["spec"]
        assert budget == {"maxUnavailable": 1, "selector": workload["spec"]["selector"]}
        spread = workload["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {one["topologyKey"] for one in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_autoscaler_uses_the_lag_of_the_worker_s_group_and_topic() -> None:
    scaled = of_kind("prod", "ScaledObject")
    assert scaled.keys() == {"copydesk-clean", "copydesk-enrich"}
    for name, one in scaled.items():
        stage = Stage(name.removeprefix("copydesk-"))
        (trigger,) = one["spec"]["triggers"]
        metadata = trigger["metadata"]
        assert one["spec"]["scaleTargetRef"] == {"name": name}
        assert "replicas" not in workers("prod")[stage]["spec"]
        assert metadata["consumerGroup"] == faust_app(stage, Settings(), "localhost:9092").conf.id
        assert metadata["topic"] == STAGES[stage].input_topic
        assert metadata["bootstrapServersFromEnv"] in config("prod")
        assert metadata["sasl"].replace("_", "") == config("prod")[f"{PREFIX}SASL_MECHANISM"].replace("-", "").lower()
        assert trigger["authenticationRef"]["name"] in of_kind("prod", "TriggerAuthentication")
        assert one["spec"]["minReplicaCount"] >= 1
        behaviour = one["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        assert behaviour["scaleDown"]["stabilizationWindowSeconds"] >= 600


def test_no_autoscaler_uses_cpu() -> None:
    assert not of_kind("prod", "HorizontalPodAutoscaler")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_network_policy_allows_prometheus_in_and_kafka_out(overlay: str) -> None:
    for policy in of_kind(overlay, "NetworkPolicy").values():
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        (entry,) = policy["spec"]["ingress"]
        assert entry["ports"] == [{"protocol": "TCP", "port": "metrics"}]
        (kafka,) = policy["spec"]["egress"][-1]["ports"]
        for port in re.findall(r":(\d+)", config(overlay)[f"{PREFIX}BROKER"]):
            assert kafka["port"] <= int(port) <= kafka["endPort"]
    assert len(of_kind("prod", "NetworkPolicy")) == 1


def test_pod_monitor_sets_job_and_role() -> None:
    (monitor,) = of_kind("prod", "PodMonitor").values()
    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name"
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] == "metrics"
    assert {one["targetLabel"] for one in endpoint["relabelings"]} == {"role", "instance"}
