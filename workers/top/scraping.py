"""Reads the ``/metrics`` of the processes of a stream."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from urllib.parse import urlsplit

import orjson
from prometheus_client.parser import text_string_to_metric_families

from workers.errors import SettingsError
from workers.outcomes import Stage
from workers.settings import PREFIX, Settings
from workers.supervisor import children_of, metrics_port_of

RUN = "run"
"""The role of ``copydesk run`` itself."""
FETCH_TIMEOUT = 3.0
"""Seconds that a process has to answer."""
MAX_BYTES = 16 * 1024 * 1024
"""The most that is read of an answer; a worker with all its sources serves less than a megabyte."""
FETCH_THREADS = 16

Labels = frozenset[tuple[str, str]]
Series = Mapping[str, Mapping[Labels, float]]
"""Values by name of the series and labels."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a process serves its metrics; ``role`` is the one that is expected there, empty if unknown."""

    url: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Scrape:
    """The metrics of a process at one moment.

    Attributes:
        at: seconds of the monotonic clock.
        series: empty if it did not answer.
        problem: why it did not; empty if it did.
    """

    endpoint: Endpoint
    at: float
    series: Series = field(default_factory=dict)
    problem: str = ""

    @property
    def is_up(self) -> bool:
        """Whether the process answered."""
        return not self.problem

    @property
    def role(self) -> str:
        """The role that the process says it has, or else the one expected there."""
        if "copydesk_role_restarts_total" in self.series:
            return RUN
        stages = {dict(labels).get("stage", "") for labels in self.series.get("copydesk_halted", ())}
        return min(stages, default=self.endpoint.role)

    def value(self, name: str) -> float | None:
        """The sum of the series of that name; None without any."""
        return sum(values.values()) if (values := self.series.get(name)) else None

    def highest(self, name: str) -> float | None:
        """The highest value among the series of that name; None without any."""
        return max(values.values()) if (values := self.series.get(name)) else None


def parse(text: str) -> Series:
    """The series in a text in Prometheus' format.

    Raises:
        ValueError: it is in another format, or has no metrics of Copydesk.
    """
    series: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series.setdefault(sample.name, {})[frozenset(sample.labels.items())] = float(sample.value)
    if not any(name.startswith("copydesk_") for name in series):
        raise ValueError("no metrics of Copydesk")
    return series


# Metrics are served inside a network: a proxy for the web outside does not reach them.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def read_url(url: str) -> str:
    """The text at the URL.

    Raises:
        OSError: nobody answers, or with an error.
        HTTPException: the answer is not HTTP.
    """
    with _opener.open(url, timeout=FETCH_TIMEOUT) as response:
        body: bytes = response.read(MAX_BYTES)
    return body.decode(errors="replace")


def scrape(
    endpoint: Endpoint, read: Callable[[str], str] = read_url, clock: Callable[[], float] = time.monotonic
) -> Scrape:
    """What the process at the endpoint serves now, or why it does not."""
    try:
        series = parse(read(endpoint.url))
    except urllib.error.HTTPError as error:
        return Scrape(endpoint, clock(), problem=f"it answers {error.code}")
    except (OSError, HTTPException) as error:
        why = getattr(error, "reason", error)
        return Scrape(endpoint, clock(), problem=getattr(why, "strerror", None) or str(why) or type(error).__name__)
    except (ValueError, LookupError):  # the parser raises these for other formats
        return Scrape(endpoint, clock(), problem="it serves no metrics of Copydesk")
    return Scrape(endpoint, clock(), series)


def scrape_all(endpoints: Sequence[Endpoint], scrape: Callable[[Endpoint], Scrape] = scrape) -> list[Scrape]:
    """What each process serves now, asked at the same time."""
    with ThreadPoolExecutor(FETCH_THREADS) as pool:
        return list(pool.map(scrape, endpoints))


def local_endpoints(settings: Settings) -> list[Endpoint]:
    """Where the processes of ``copydesk run``, or one worker of each role, serve their metrics on this machine.

    Raises:
        SettingsError: each picks its own port.
    """
    first = metrics_port_of(settings)
    if not first:
        raise SettingsError(
            f"{PREFIX}METRICS_PORT=0 lets each process pick a port, which only its log tells: give them with --url"
        )
    host = settings.metrics_host
    if host in ("0.0.0.0", "::"):  # noqa: S104 -- nothing is bound here
        host = "localhost"
    ports = [(RUN, first), *((child.stage, child.metrics_port) for child in children_of(settings))]
    host = f"[{host}]" if ":" in host else host
    return [Endpoint(f"http://{host}:{port}/metrics", role) for role, port in ports]


def targets_in(text: str) -> list[Endpoint]:
    """The endpoints in a JSON file of Prometheus' ``file_sd_configs``; the label ``role`` says what is expected there.

    Raises:
        ValueError: the file has another form, or a target is not an address.
    """
    form = 'give JSON such as [{"targets": ["enrich-1:9643"], "labels": {"role": "enrich"}}]'
    try:
        return [
            replace(endpoint_of(target), role=str(group.get("labels", {}).get("role", "")))
            for group in orjson.loads(text)
            for target in group["targets"]
        ]
    except (TypeError, AttributeError, KeyError, orjson.JSONDecodeError):
        raise ValueError(f"it is not a list of targets: {form}") from None


def endpoint_of(text: str) -> Endpoint:
    """The endpoint of an address such as ``host:9641`` or ``http://host:9641/metrics``.

    Raises:
        ValueError: it is not one.
    """
    url = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname and (parts.port or "://" in text)) and parts.scheme in ("http", "https")
    except ValueError:  # a port that is no number
        is_address = False
    if not is_address:
        raise ValueError(f"{text!r} is not an address: give host:port or http://host:port/metrics")
    path = parts.path if parts.path.strip("/") else "/metrics"
    return Endpoint(parts._replace(path=path).geturl())


def name_of(url: str) -> str:
    """The endpoint's name for people: host and port."""
    parts = urlsplit(url)
    return parts.netloc + ("" if parts.path == "/metrics" else parts.path)


class History:
    """The scrapes of the last seconds, and who ever answered."""

    def __init__(self, window: float) -> None:
        """Takes the seconds to look back."""
        self._window = window
        self._scrapes: dict[str, deque[Scrape]] = {}
        self._roles: dict[str, str] = {}

    def add(self, scrapes: Iterable[Scrape]) -> None:
        """Remember the scrapes of processes that answered."""
        for each in scrapes:
            if not each.is_up:
                continue
            url = each.endpoint.url
            self._roles[url] = each.role
            past = self._scrapes.setdefault(url, deque())
            past.append(each)
            # The oldest one is at least as old as the window, so that the rates are of the whole window.
            while len(past) > 2 and each.at - past[1].at >= self._window:
                past.popleft()

    def before(self, scrape: Scrape) -> Scrape | None:
        """The oldest earlier scrape of the process within the window; None if there is none."""
        past = self._scrapes.get(scrape.endpoint.url)
        return past[0] if past and past[0].at < scrape.at else None

    def role_of(self, scrape: Scrape) -> str:
        """The process's role: the last that it had, if it does not answer now."""
        return scrape.role or self._roles.get(scrape.endpoint.url, "")

    def has_answered(self, scrape: Scrape) -> bool:
        """Whether the process ever answered."""
        return scrape.endpoint.url in self._roles


def missed(scrapes: Sequence[Scrape], history: History) -> list[Scrape]:
    """The scrapes of local endpoints, without those of silent ports where nothing need be.

    Someone may run single workers without ``copydesk run``, and fewer enrich workers than we would. A port before one
    that answers must answer, too, and so must one that ever did.
    """
    last = max((number for number, each in enumerate(scrapes) if history.has_answered(each)), default=0)
    return [
        each
        for number, each in enumerate(scrapes)
        if history.has_answered(each) or (each.role != RUN and number <= max(last, len(Stage)))
    ]
