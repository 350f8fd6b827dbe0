from __future__ import annotations

import re

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from schemas import (
    CopyKind,
    Duplicate,
    EnrichedArticle,
    Entity,
    EntityMeta,
    EntityType,
    Evidence,
    Origin,
    Removed,
    UniqueArticle,
)
from tests.dedupe.support import article
from workers.metrics import Metrics

CLOSED = {"topic", "partition", "stage", "outcome", "reason", "kind", "category", "type", "result", "version", "python"}
"""Labels with a closed set of values: nothing that an article brings with it (a source, a URL, an id)."""
ORIGIN = Origin(topic="news-raw", partition=0, offset=0)


def ours(metrics: Metrics) -> dict[str, str]:
    """Our metrics by name, with their types."""
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    return {family.name: family.type for family in families if family.name.startswith("copydesk_")}


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"copydesk_{name}", labels)


def test_names_follow_the_conventions_of_prometheus() -> None:
    metrics = Metrics()
    assert len(ours(metrics)) > 20
    for name, kind in ours(metrics).items():
        assert re.fullmatch(r"copydesk_[a-z]+(_[a-z]+)*", name)
        assert not re.search(r"_(ms|milliseconds|minutes|kb|percent|count|sum|bucket)(_|$)", name)
        if kind == "histogram":
            assert re.search(r"_(seconds|ratio)$", name)


def test_counters_alone_end_in_total() -> None:
    families = list(Metrics().registry.collect())
    for family in families:
        for sample in family.samples:
            if family.name.startswith("copydesk_"):
                assert sample.name.endswith("_total") == (family.type == "counter")


def test_every_metric_says_what_it_is_and_has_closed_labels_only() -> None:
    for metric in vars(Metrics()).values():
        if hasattr(metric, "_labelnames"):
            assert metric._documentation.endswith(".")
            assert set(metric._labelnames) <= CLOSED


def test_what_else_is_there_is_the_process_and_the_version() -> None:
    metrics = Metrics()
    names = {family.name for family in metrics.registry.collect()}
    others = {name for name in names if not name.startswith("copydesk_")}
    assert all(name.startswith(("process_", "python_")) for name in others)
    assert any(name == "copydesk_build_info" for name in names)


def test_a_process_may_have_several_registries() -> None:
    one, other = Metrics(), Metrics()
    one.commits.labels("ok").inc()
    assert value(one, "commits_total", result="ok") == 1
    assert value(other, "commits_total", result="ok") is None


def test_what_cleaning_removed_is_counted_by_category() -> None:
    metrics = Metrics()
    spans = (
        Removed(start=0, end=10, text="0123456789", rule="r", category="appeal"),
        Removed(start=10, end=15, text="01234", rule="r", category="appeal"),
        Removed(start=30, end=35, text="01234", rule="r", category="promo"),
    )
    clean = article("x" * 20)
    metrics.observe(type(clean)(id="a", origin=ORIGIN, headline="", body="x" * 20, language="en", removed=spans))
    assert value(metrics, "removed_spans_total", category="appeal") == 2
    assert value(metrics, "removed_spans_total", category="promo") == 1
    assert value(metrics, "removed_text_ratio_sum") == 0.5


def test_verdicts_are_counted_by_kind() -> None:
    metrics = Metrics()
    for revision in (1, 2, 3):
        metrics.observe(
            UniqueArticle(
                id="a", origin=ORIGIN, headline="", body="x", language="en", story_id="s", revision=revision,
                removed=(Removed(start=0, end=1, text="x", rule="r", category="appeal"),),
            )
        )  # fmt: skip
    evidence = Evidence(method="content", shared=9, of_copy=1.0, of_original=1.0)
    metrics.observe(
        Duplicate(
            id="b", origin=ORIGIN, duplicate_of="a", kind=CopyKind.NEAR, score=1.0, evidence=evidence, story_id="s",
            headline="", language="en",
        )
    )  # fmt: skip
    counts = {kind: value(metrics, "dedupe_verdicts_total", kind=kind) for kind in ("new", "revision", "near", "exact")}
    assert counts == {"new": 1, "revision": 2, "near": 1, "exact": None}
    assert value(metrics, "removed_spans_total", category="appeal") is None  # that was the clean stage's to count


def test_entities_are_counted_once_an_article() -> None:
    metrics = Metrics()
    entity = Entity(name="Valdoria", type=EntityType.GPE, count=7, salience=1.0, links={}, mentions=())
    metrics.observe(
        EnrichedArticle(
            id="a", origin=ORIGIN, headline="", body="x", language="en", story_id="s", entities=(entity, entity),
            entity_meta=EntityMeta(model=None, rules="1"),
        )
    )  # fmt: skip
    assert value(metrics, "entities_total", type="GPE") == 2
    assert value(metrics, "dedupe_verdicts_total", kind="new") is None
