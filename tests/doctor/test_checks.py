"""The checks of ``copydesk doctor``, each on fakes of what it looks at."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from workers.cli import main
from workers.doctor import cluster, groups, installed, machine
from workers.doctor.checks import CHECKS, Check, examine
from workers.doctor.findings import ALL_ROLES, Context, Finding, Level, fail, ok, warn
from workers.errors import BrokerUnreachableError, EmbeddedKafkaError, MissingModelError, SettingsError
from workers.kafka.kafka_python import TopicAuthorizationFailedError, TopicPartition
from workers.kafka.topic_admin import UNKNOWN, Drift, Severity
from workers.settings import Settings
from workers.top.scraping import Endpoint, Scrape
from workers.topics import CLEAN, LEDGER, RAW, UNIQUE, topics

GIB = 1024**3
ALL_RIGHTS = ("READ", "WRITE", "DESCRIBE")


class Admin:
    """An admin client of a healthy cluster with one worker of each role, which a test then spoils."""

    def __init__(self) -> None:
        self.version = (4, 1)
        self.rights: dict[str, tuple[str, ...] | None] = {topic.name: ALL_RIGHTS for topic in topics(Settings())}
        self.members = [member("/10.0.0.1")]
        self.end, self.committed, self.newest = 100, 100, 1_000_000

    def describe_cluster(self) -> dict[str, Any]:
        return {"cluster_id": "c1", "brokers": [{"broker_id": 1}]}

    def get_broker_version_data(self, broker: int) -> Any:
        return SimpleNamespace(broker_version=self.version)

    def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "error_code": TopicAuthorizationFailedError.errno if self.rights[name] == () else 0,
                "authorized_operations": self.rights[name],
                "partitions": [{"partition_index": 0}],
            }
            for name in names
        ]

    def describe_groups(self, names: list[str]) -> dict[str, Any]:
        return {name: {"members": self.members, "authorized_operations": ["READ", "DESCRIBE"]} for name in names}

    def list_partition_offsets(self, specs: dict[Any, int], isolation_level: str = "") -> dict[Any, Any]:
        offsets = {groups.LATEST: self.end, groups.EARLIEST: 10, groups.NEWEST: 0}
        return {place: SimpleNamespace(offset=offsets[spec], timestamp=self.newest) for place, spec in specs.items()}

    def list_group_offsets(self, specs: dict[str, list[TopicPartition]]) -> dict[str, Any]:
        return {
            group: {place: SimpleNamespace(offset=self.committed) for place in places if self.committed >= 0}
            for group, places in specs.items()
        }


def member(host: str, topic: str = "") -> dict[str, Any]:
    assignment = {"assigned_partitions": [{"topic": topic}]} if topic else "of another protocol"
    return {"client_host": host, "member_assignment": assignment}


def context(
    admin: Admin | None = None, problems: tuple[str, ...] = (), roles: tuple[str, ...] = ALL_ROLES, **settings: Any
) -> Context:
    @contextmanager
    def connect() -> Iterator[Admin]:
        if admin is None:
            raise BrokerUnreachableError("no Kafka answers")
        yield admin

    make: Callable[[], AbstractContextManager[Any]] = connect
    values = Settings(**{"broker": "k:9092", **settings})
    bootstrap = None if values.is_embedded else values.broker
    return Context(settings=values, roles=roles, setting_problems=problems, bootstrap=bootstrap, connect=make)


def bad(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.level}: {finding}" for finding in findings if finding.level is not Level.OK]


def silent(endpoint: Endpoint) -> Scrape:
    return Scrape(endpoint, 0, problem="Connection refused")


# How checks are run.


def test_a_check_that_fails_or_hangs_hides_no_other() -> None:
    forever = threading.Event()

    def crashes(context: Context) -> Iterator[Finding]:
        yield ok("before")
        raise KeyError("x")

    def refuses(context: Context) -> Iterable[Finding]:
        raise SettingsError("wrong")

    def hangs(context: Context) -> Iterable[Finding]:
        forever.wait()
        return []

    table = [
        Check("crashes", crashes), Check("refuses", refuses), Check("hangs", hangs, limit=0.1),
        Check("works", lambda context: [warn("low", "free space")]),
    ]  # fmt: skip
    assert [(name, str(finding)) for name, finding in examine(context(), table)] == [
        ("crashes", "before"),
        ("crashes", "the check itself failed: KeyError: 'x'; please report it"),
        ("refuses", "wrong"),
        ("hangs", "no result within 0.1 s; look whether a disk or the network hangs"),
        ("works", "low; free space"),
    ]
    forever.set()


@pytest.mark.parametrize(("found", "names"), [(ok("yes"), ["broker", "topics"]), (fail("no"), ["broker"])])
def test_the_brokers_are_examined_only_if_they_answer(found: Finding, names: list[str]) -> None:
    table = [Check("broker", lambda context: [found]), Check("topics", lambda context: [ok("8")], needs_broker=True)]
    assert [name for name, _ in examine(context(), table)] == names


def test_the_names_of_the_checks_differ() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_a_finding_is_one_line_without_control_characters() -> None:
    assert str(warn("a\x1b[31m\nb")) == "a\\x1b[31m\\nb"


# This machine.


def test_every_bad_setting_is_reported_and_the_others_are_kept() -> None:
    environ = {"COPYDESK_PARTITIONS": "many", "COPYDESK_FOO": "1", "COPYDESK_WINDOW_HOURS": "24"}
    settings, problems = machine.read_settings(environ)
    assert (settings.partitions, settings.window_hours, len(problems)) == (12, 24, 2)
    assert machine.read_settings({"COPYDESK_SECURITY_PROTOCOL": "SASL_SSL", "COPYDESK_BROKER": "k:1"})[1]
    assert bad(machine.settings_allowed(context(problems=problems))) == [f"fail: {problem}" for problem in problems]


def test_packages_that_are_missing_or_of_another_version_are_named() -> None:
    def installed(name: str) -> str:
        if name == "absent":
            raise PackageNotFoundError
        return "1.5"

    required = ["good>=1,<2", "old>=2", "absent>=1", 'extra>=9; extra == "dev"']
    assert bad(machine.packages(context(), lambda name: required, installed)) == [
        'fail: old 1.5, not >=2; pip install "old>=2"',
        'fail: absent is missing: >=1; pip install "absent>=1"',
    ]


def test_few_open_files_are_a_warning() -> None:
    assert bad(machine.open_files(context(broker="embedded"), lambda: (1024, 2048))) == [
        "warn: the embedded Kafka may open 2048 files, and may need 4096; ulimit -n 4096, or LimitNOFILE=4096"
    ]
    assert not bad(machine.open_files(context(), lambda: (1024, 2048)))


def test_a_disk_is_nearly_full_or_smaller_than_the_topics_may_grow(tmp_path: Path) -> None:
    def found(size: int, free: int) -> list[str]:
        settings = context(broker="embedded", data_dir=tmp_path / "new")
        return [line for line in bad(machine.disk(settings, lambda path: (size, 0, free))) if "temporary" not in line]

    assert found(1000 * GIB, 900 * GIB) == []
    assert found(1000 * GIB, 90 * GIB)[0].startswith("warn: 90.0 of 1000.0 GiB free in the data directory")
    assert found(1000 * GIB, GIB // 2)[0].endswith("free at least 1.0 GiB")
    assert "the topics may grow to" in found(20 * GIB, 20 * GIB)[0]


def test_ports_are_free_ours_or_taken() -> None:
    def ask(endpoint: Endpoint) -> Scrape:
        return Scrape(endpoint, 0) if endpoint.role == "clean" else silent(endpoint)

    found = list(machine.ports(context(enrich_processes=1), ask, lambda host, port: port > 9642))
    assert [str(finding) for finding in found] == [
        "port 9640 for run is taken by another program; set COPYDESK_METRICS_PORT",
        "port 9642 for dedupe is taken by another program; set COPYDESK_METRICS_PORT",
        "1 free, 1 serve the metrics of a running process",
    ]


def test_a_port_can_be_bound_unless_it_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not machine.can_bind("127.0.0.1", port)
    assert machine.can_bind("127.0.0.1", port)
    (refused,) = bad(machine.ports(context(metrics_host="192.0.2.1"), silent))
    assert "cannot be bound at COPYDESK_METRICS_HOST='192.0.2.1'" in refused


def test_models_are_missing_slow_or_fine() -> None:
    def load(package: str) -> object:
        if package == "absent":
            raise MissingModelError("model 'absent' is not installed")
        return SimpleNamespace(name=package, slow_because="it has a transformer" if package == "slow" else None)

    found = installed.models(context(models={"en": "good", "de": "slow", "fr": "absent"}), load)
    assert bad(found) == [
        "warn: de: slow is loaded, but spaCy runs it slowly: it has a transformer",
        "warn: fr: model 'absent' is not installed, so entities come from the lexicon alone; "
        "install it with pip, or name another in COPYDESK_MODELS",
    ]


def test_java_is_needed_for_the_embedded_kafka_only() -> None:
    def java() -> str:
        raise EmbeddedKafkaError("the embedded Kafka is not installed")

    assert "fail: the embedded Kafka is not installed" in bad(
        installed.embedded_kafka(context(broker="embedded"), java)
    )
    assert not bad(installed.embedded_kafka(context(), java))


def test_kafkas_jars_need_a_directory_that_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("COPYDESK_KAFKA_JARS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert "the first start downloads them" in bad(installed.embedded_kafka(context(broker="embedded"), str))[0]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert bad(installed.embedded_kafka(context(broker="embedded"), str)) == [
        f"fail: {tmp_path / 'file'} is not writable, and Kafka's jars are not there; "
        "set XDG_CACHE_HOME to a directory that is"
    ]


# The brokers.


def test_a_healthy_cluster_has_only_good_findings() -> None:
    healthy = context(Admin())
    checks: list[Iterable[Finding]] = [
        cluster.broker(healthy), cluster.topics_match(healthy, lambda *_: []), cluster.rights(healthy),
        groups.groups(healthy, silent), groups.clock(healthy, lambda: 1000),
    ]  # fmt: skip
    findings = [list(check) for check in checks]
    assert all(findings)
    assert [bad(found) for found in findings] == [[]] * len(checks)


def test_without_a_broker_the_report_says_what_is_not_checked() -> None:
    assert bad(cluster.broker(context(broker="embedded"))) == [
        "warn: no embedded Kafka is running, so the checks of topics, rights, groups and clock are not made; "
        "start `copydesk run`"
    ]
    assert "first correct the settings" in bad(cluster.broker(context(problems=("wrong",))))[0]


def test_an_old_kafka_and_too_few_brokers_are_named() -> None:
    admin = Admin()
    admin.version = (2, 8)
    older, fewer = bad(cluster.broker(context(admin, replication=3)))
    assert older.startswith("warn: Kafka 2.8 is older than 3.6")
    assert fewer.startswith("fail: there are fewer brokers than COPYDESK_REPLICATION=3")


def test_differences_of_topics_are_found() -> None:
    drift = Drift(
        topic=RAW, attribute="topic", expected=RAW, found=None, severity=Severity.ERROR, remedy="create it"
    )  # fmt: skip
    assert bad(cluster.topics_match(context(), lambda *_: [drift])) == ["fail: news-raw is missing; create it"]


def test_topics_of_other_roles_need_not_be_visible() -> None:
    drift = Drift(
        topic=RAW, attribute="form", expected="", found=UNKNOWN, severity=Severity.WARNING, remedy="grant it"
    )  # fmt: skip
    assert bad(cluster.topics_match(context(), lambda *_: [drift]))
    assert not bad(cluster.topics_match(context(roles=("enrich",)), lambda *_: [drift]))


def test_missing_rights_are_named_with_the_roles_that_need_them() -> None:
    admin = Admin()
    admin.rights |= {CLEAN: ("READ", "DESCRIBE"), RAW: ("READ", "DESCRIBE"), LEDGER: ()}
    assert bad(cluster.rights(context(admin))) == [
        "warn: our user may not write news-raw; for `copydesk publish`, grant it Write on news-raw",
        "fail: our user may not write news-clean, which clean needs; grant it Write on news-clean",
        "fail: our user may not read news-ledger, which dedupe needs; grant it Read on news-ledger",
        "fail: our user may not write news-ledger, which dedupe needs; grant it Write on news-ledger",
    ]
    assert not bad(cluster.rights(context(admin, roles=("enrich",))))
    admin.rights = dict.fromkeys(admin.rights)
    assert bad(cluster.rights(context(admin))) == ["warn: the broker does not tell which rights our user has"]


@pytest.mark.parametrize(("committed", "lag"), [(60, 40), (-1, 90), (3, 90)])
def test_messages_that_wait_for_nobody_are_a_warning(committed: int, lag: int) -> None:
    admin = Admin()
    admin.members, admin.committed = [], committed
    assert bad(groups.groups(context(admin), silent))[0] == (
        f"warn: copydesk-clean: 0 members, {lag} messages waiting; "
        "start its workers: `copydesk run`, or `copydesk worker`"
    )


def test_members_beyond_those_of_this_machine_may_be_of_another_deployment() -> None:
    admin = Admin()
    admin.members = [member("/10.0.0.1", RAW), member("/10.0.0.7", RAW), member("/10.0.0.7", RAW)]

    def ask(endpoint: Endpoint) -> Scrape:
        return Scrape(endpoint, 0) if endpoint.role == "clean" else silent(endpoint)

    strangers = [line for line in bad(groups.groups(context(admin), ask)) if "copydesk-clean" in line]
    assert strangers == [
        "warn: copydesk-clean has 3 members (1 at 10.0.0.1, 2 at 10.0.0.7), of which 1 answer on this machine; "
        "if the others are not of this deployment, give each its own cluster: they take each other's messages"
    ]


def test_a_member_that_reads_another_topic_is_no_worker() -> None:
    admin = Admin()
    admin.members = [member("/10.0.0.1", UNIQUE)]
    found = bad(groups.groups(context(admin), silent))
    assert found[0].startswith("warn: copydesk-clean has a member that reads news-unique, and is no worker")
    assert len(found) == 2, "enrich does read news-unique"


def test_a_record_from_our_future_says_that_our_clock_is_behind() -> None:
    admin = Admin()
    admin.newest = 1_060_000
    assert bad(groups.clock(context(admin), lambda: 1000))[0].startswith(
        "warn: this machine's clock is at least 60 s behind the brokers'"
    )
    admin.newest = -1
    assert not bad(groups.clock(context(admin), lambda: 1000))


# The command.


def test_the_command_reports_everything_and_fails_with_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = (
        Check("disk", lambda context: [ok("full of room")]),
        Check("ports", lambda context: [fail("taken", "move")]),
    )
    monkeypatch.setattr("workers.doctor.checks.CHECKS", table)
    done = CliRunner().invoke(main, ["doctor"])
    assert (done.exit_code, done.output) == (1, "ok    disk   full of room\nfail  ports  taken; move\n")
    lines = CliRunner().invoke(main, ["doctor", "--json"]).output.splitlines()
    assert json.loads(lines[1]) == {"check": "ports", "level": "fail", "message": "taken", "remedy": "move"}
