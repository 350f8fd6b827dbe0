"""The generated files of deploy/ and tables of its pages: derived from the code, so that they cannot drift apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from deploy.dashboard import dashboard
from workers import settings
from workers.clean.input.envelopes import ENVELOPES
from workers.clean.input.formats import JSON_FORMATS, TEXT_FORMATS, XML_FORMATS
from workers.clean.input.formats.base import Format, Group
from workers.clean.input.wrappers import WRAPPERS
from workers.kafka.rights import ALL_TOPICS, COMMAND_GROUPS, COMMAND_RIGHTS, GROUP_RIGHTS, TOPIC_RIGHTS
from workers.observability.metrics import MetricDescription, table
from workers.settings import Settings
from workers.stages import group_of
from workers.topics import Topic, topics

HERE = Path(__file__).parent

METRICS_HEAD = """\
# Metrics

Every worker serves these metrics at `/metrics`, except the last four: those are of `copydesk run` itself (port 9640).
`python -m deploy` generates this page from the tables in
[`workers/observability/metrics.py`](../workers/observability/metrics.py).

A histogram has the series `…_bucket` (with the label `le`), `…_sum` and `…_count`. Prometheus adds the labels `job`,
`role` (clean, dedupe or enrich) and `instance`: see [prometheus.yml](prometheus/prometheus.yml). Each process also
serves the metrics of the client library: `process_start_time_seconds`, `process_cpu_seconds_total`,
`process_resident_memory_bytes`, `process_open_fds`, `python_info` and so on.

| metric | type | unit | labels | meaning | what to do when it is bad |
|---|---|---|---|---|---|
"""

SETTINGS_HEAD = """\
| variable | default | allowed | purpose |
|---|---|---|---|
"""

TOPICS_HEAD = """\
| topic | key | value | written by | partitions |
|---|---|---|---|---|
"""

WRAPPERS_HEAD = """\
| wrapper | recognised by |
|---|---|
"""

RIGHTS_HEAD = """\
| command | topics | groups |
|---|---|---|
"""

FORMATS_HEAD = """\
| format | recognised by | has the text in |
|---|---|---|
"""

GROUPS_HEAD = """\
| | |
|---|---|
"""

OTHER_TEXTS = ["HTML pages and fragments", "plain text"]
"""What needs no format of its own to be read."""

MACHINE_DEFAULTS = {
    "COPYDESK_DATA_DIR": "`~/.local/share/copydesk`",
    "COPYDESK_ENRICH_PROCESSES": "cores − 1",
}
"""The defaults that depend on the machine, as the page words them."""

_PIPE = "\\|"
"""A pipe within a cell of a table."""


def metrics_page() -> str:
    """The page on the metrics, in Markdown."""
    return METRICS_HEAD + "".join(map(_metric_row, table()))


def _metric_row(metric: MetricDescription) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return _row(f"`{metric.name}`", metric.type, metric.unit, labels, metric.help, metric.remedy)


def _row(*cells: str) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |\n"


def settings_table() -> str:
    """The table of settings, in Markdown."""
    rows = []
    for variable, default, allowed, purpose in settings.table():
        shown = MACHINE_DEFAULTS.get(variable, f"`{default}`" if default else "")
        rows.append(_row(f"`{variable}`", shown, allowed, purpose))
    return SETTINGS_HEAD + "".join(rows)


def topics_table() -> str:
    """The table of topics, in Markdown."""
    return TOPICS_HEAD + "".join(_topic_row(topic, Settings()) for topic in topics(Settings()))


def _topic_row(topic: Topic, defaults: Settings) -> str:
    compacted = " (compacted)" if "compact" in topic.config.get("cleanup.policy", "") else ""
    partitions = {
        defaults.partitions: "`COPYDESK_PARTITIONS`",
        len(defaults.shards): "one per language and one for all others",
    }.get(topic.partitions, str(topic.partitions))
    return _row(f"`{topic.name}`{compacted}", topic.key, topic.value, topic.written_by, partitions)


def formats_table() -> str:
    """The table of input formats, in Markdown."""
    return FORMATS_HEAD + "".join(
        _row(
            f"[{format.name}]({format.link if '://' in format.link else f'../{format.link}'})",
            format.recognised_by,
            format.text_in,
        )
        for format in _formats()
    )


def _formats() -> Iterator[Format[Any]]:
    yield from JSON_FORMATS
    yield from XML_FORMATS
    yield from TEXT_FORMATS


def formats_by_group() -> str:
    """The compact table of input formats, in Markdown."""
    rows: dict[str, list[str]] = {group: [each.name for each in _formats() if each.group is group] for group in Group}
    rows[Group.PAGES] += OTHER_TEXTS
    wrappers = [*(wrapper.name for wrapper in WRAPPERS), *(envelope.name for envelope in ENVELOPES)]
    return GROUPS_HEAD + "".join(
        _row(name, ", ".join(entries)) for name, entries in (rows | {"Wrappers": wrappers}).items()
    )


def wrappers_table() -> str:
    """The table of what articles may come in, in Markdown."""
    rows = [(wrapper.name, wrapper.recognised_by) for wrapper in WRAPPERS]
    rows += [(envelope.name, envelope.recognised_by) for envelope in ENVELOPES]
    return WRAPPERS_HEAD + "".join(_row(name, recognised_by) for name, recognised_by in rows)


def rights_table() -> str:
    """The table of what each role and command may do on brokers with an authorizer, in Markdown."""
    rows = [
        *(
            _rights_row(f"worker {role}", rights, (GROUP_RIGHTS[0], group_of(role)))
            for role, rights in TOPIC_RIGHTS.items()
        ),
        *(_rights_row(command, rights, COMMAND_GROUPS.get(command)) for command, rights in COMMAND_RIGHTS.items()),
    ]
    return RIGHTS_HEAD + "".join(rows)


def _rights_row(command: str, by_topic: Mapping[str, tuple[str, ...]], group: tuple[str, str] | None) -> str:
    by_rights: dict[tuple[str, ...], list[str]] = {}
    for topic, rights in by_topic.items():
        by_rights.setdefault(rights, []).append(f"`{topic}`")
    parts = [
        f"{', '.join(map(_as_kafka_writes, rights))}: "
        + ("all topics" if len(names) == len(ALL_TOPICS) else ", ".join(names))
        for rights, names in by_rights.items()
    ]
    of_group = f"{_as_kafka_writes(group[0])}: `{group[1]}`" if group else ""
    return _row(f"`{command}`", "; ".join(parts), of_group)


def _as_kafka_writes(right: str) -> str:
    """The right as Kafka's documentation writes it: ``DescribeConfigs``."""
    return "".join(part.title() for part in right.split("_"))


TABLES: dict[str, dict[str, Callable[[], str]]] = {
    "../README.md": {"formats": formats_by_group},
    "README.md": {"rights": rights_table},
    "formats.md": {"formats": formats_table, "wrappers": wrappers_table},
    "reference.md": {"settings": settings_table, "topics": topics_table},
}
"""The generators of the tables within pages that are otherwise written by hand, by the name in their markers."""


def page_with_tables(name: str) -> str:
    """The text of a page in this folder with its generated tables up to date.

    Raises:
        ValueError: the page has no pair of markers for a table.
    """
    text = (HERE / name).read_text(encoding="utf-8")
    for table_name, make in TABLES[name].items():
        text = replace_between_markers(text, table_name, make())
    return text


def replace_between_markers(text: str, name: str, table: str) -> str:
    """The text with the table between the lines ``<!-- begin NAME … -->`` and ``<!-- end NAME -->``.

    Raises:
        ValueError: the text does not have exactly one such pair of markers.
    """
    block = rf"(<!-- begin {name}\b[^\n]*-->\n).*?(<!-- end {name} -->\n)"
    replaced, count = re.subn(block, lambda match: match[1] + table + match[2], text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"expected one pair of markers <!-- begin {name} … --> and <!-- end {name} -->, found {count}")
    return replaced


GENERATED: dict[str, Callable[[], str]] = {
    "metrics.md": metrics_page,
    "grafana/copydesk.json": dashboard,
    **{name: partial(page_with_tables, name) for name in TABLES},
}
"""The generator of each file, by its path relative to this folder."""


def drifted() -> list[str]:
    """The files that are missing or differ from what ``write`` would write."""
    return [
        name
        for name, make in GENERATED.items()
        if not (HERE / name).exists() or (HERE / name).read_text(encoding="utf-8") != make()
    ]


def write() -> None:
    """Write every file."""
    for name, make in GENERATED.items():
        (HERE / name).write_text(make(), encoding="utf-8")
