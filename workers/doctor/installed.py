"""Checks of what is installed beside the packages: language models, Java, Kafka's jars."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from workers.doctor.findings import Context, Finding, fail, ok, warn
from workers.doctor.machine import is_writable, nearest_existing
from workers.embedded_kafka import runtime
from workers.errors import EmbeddedKafkaError, MissingModelError


def models(context: Context, load: Callable[[str], Any] | None = None) -> Iterator[Finding]:
    """Whether the entity models can be loaded, and are fast."""
    if load is None:
        from workers.enrich.recogniser import load_recogniser

        load = load_recogniser
    for language, package in context.settings.models.items():
        try:
            model = load(package)
        except MissingModelError as error:
            yield warn(
                f"{language}: {error}, so entities come from the lexicon alone",
                "install it with pip, or name another in COPYDESK_MODELS",
            )
            continue
        if why := getattr(model, "slow_because", None):
            yield warn(f"{language}: {model.name} is loaded, but spaCy runs it slowly: {why}")
        else:
            yield ok(f"{language}: {model.name} can be loaded")
    if not context.settings.models:
        yield ok("none; entities come from the lexicon alone (COPYDESK_MODELS)")


def language_detector(context: Context, load: Callable[[], object] | None = None) -> Iterator[Finding]:
    """Whether the model that detects languages can be loaded."""
    if load is None:
        from workers.clean.fields import language

        load = language.load
    try:
        load()
    except OSError as error:
        yield fail(
            f"the language detector cannot be unpacked: {error.strerror}",
            "free 100 MB in the temporary directory, or set TMPDIR",
        )
    else:
        yield ok("the language detector can be loaded")


def embedded_kafka(context: Context, java: Callable[[], str] = runtime.java) -> Iterator[Finding]:
    """Whether Java and Kafka's jars are there for the embedded Kafka."""
    if not context.settings.is_embedded:
        yield ok("not used, since COPYDESK_BROKER is set")
        return
    try:
        yield ok(f"Java at {java()}")
    except EmbeddedKafkaError as error:
        yield fail(str(error))
    try:
        yield _jars()
    except EmbeddedKafkaError as error:
        yield fail(str(error))


def _jars() -> Finding:
    """Where Kafka's jars are; nothing is downloaded.

    Raises:
        EmbeddedKafkaError: some are missing, or are not the pinned ones.
    """
    if folder := os.environ.get(runtime.JARS_VARIABLE):
        runtime.classpath(lambda line: None)
        return ok(f"the jars in {folder}")
    pins = runtime.read_pins()
    home = runtime.cache_dir() / f"kafka-{runtime.KAFKA_VERSION}"
    missing = sum(not (home / name).exists() for name in pins)
    if missing:
        existing = nearest_existing(home)
        if not is_writable(existing):
            return fail(
                f"{existing} is not writable, and Kafka's jars are not there",
                "set XDG_CACHE_HOME to a directory that is",
            )
        return warn(
            f"{missing} of {len(pins)} jars of Apache Kafka {runtime.KAFKA_VERSION} are not in {home}",
            "the first start downloads them, which takes a minute and needs the network",
        )
    runtime.check_jars(home, pins)
    return ok(f"Apache Kafka {runtime.KAFKA_VERSION} in {home}, all checksums right")
