"""``copydesk top``: shows a running stream live."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click

from workers.cli import is_terminal, load_settings
from workers.errors import NothingAnswersError

if TYPE_CHECKING:
    from workers.top.figures import Snapshot
    from workers.top.keys import Waiter
    from workers.top.scraping import Endpoint, Scrape

RATE_WINDOW = 10.0
"""Seconds that the rates cover, once they have passed."""
PLAIN_WIDTH = 120
"""Columns of the tables where stdout is not a terminal."""


@click.command()
@click.option("--url", "urls", multiple=True, metavar="ADDRESS", help="A process's metrics: host:port or a URL.")
@click.option(
    "--targets", type=click.File(errors="replace"), help="JSON file of Prometheus' file_sd_configs with such addresses."
)
@click.option("--interval", type=click.FloatRange(0.2, 3600), default=2.0, show_default=True, help="Seconds.")
@click.option("--once", is_flag=True, help="Show the rates of one interval, and exit.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON line for each interval.")
def command(urls: tuple[str, ...], targets: TextIO | None, interval: float, once: bool, as_json: bool) -> None:
    """Show what each process of a running stream does now: throughput, lag, latency, outcomes, memory.

    By default these are the processes of this machine: port 9640 (COPYDESK_METRICS_PORT) of `copydesk run` and the
    next ports of its workers. For processes elsewhere give --url, as often as there are any, or --targets.

    Rates and latencies cover the last 10 seconds. "waiting" are messages not yet processed, "oldest" says for how long
    the oldest of them has waited, p50 and p95 how long an article takes in the stage: half of them, and 95 %, are
    faster.

    q or Ctrl-C ends it. If stdout is not a terminal, the tables are printed once each interval.

    \b
    Examples:
      copydesk top
      copydesk top --once --json | jq '.roles[] | {name, lag: .figures.lag_records}'
      copydesk top --url enrich-1:9643 --url enrich-2:9643

    With --once, the exit code is 1 if no process answers.
    """
    from workers.top import keys

    endpoints = _given(urls, targets)
    is_local = not endpoints
    if is_local:
        from workers.top.scraping import local_endpoints

        endpoints = local_endpoints(load_settings())
    live = is_terminal() and not as_json and not once
    if live:
        with keys.listening() as wait:
            _show_live(endpoints, interval, is_local=is_local, wait=wait)
        return
    snapshots = _snapshots(endpoints, interval, is_local=is_local, wait=keys.sleep)
    next(snapshots)  # it has no rates yet
    for snapshot in snapshots:
        _print(snapshot, endpoints, as_json=as_json, must_answer=once)
        if once:
            return


def _given(urls: tuple[str, ...], targets: TextIO | None) -> list[Endpoint]:
    """The endpoints that the options name, each once."""
    from workers.top.scraping import endpoint_of, targets_in

    option = "--url"
    try:
        endpoints = [endpoint_of(url) for url in urls]
        option = "--targets"
        endpoints += targets_in(targets.read()) if targets else []
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
    return list({endpoint.url: endpoint for endpoint in endpoints}.values())


def _snapshots(endpoints: list[Endpoint], interval: float, *, is_local: bool, wait: Waiter) -> Iterator[Snapshot]:
    """A snapshot now, and one after each interval until q is pressed."""
    from workers.top.figures import snapshot
    from workers.top.scraping import History, missed, scrape_all

    history = History(RATE_WINDOW)
    while True:
        started = time.monotonic()
        scrapes: list[Scrape] = scrape_all(endpoints)
        history.add(scrapes)
        yield snapshot(missed(scrapes, history) if is_local else scrapes, history)
        if wait(max(0.0, interval - (time.monotonic() - started))):
            return


def _show_live(endpoints: list[Endpoint], interval: float, *, is_local: bool, wait: Waiter) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from workers.top.view import screen

    with Live(Text("Reading the metrics ..."), console=Console(), screen=True, auto_refresh=False) as live:
        for snapshot in _snapshots(endpoints, interval, is_local=is_local, wait=wait):
            problem = _silence(snapshot, endpoints)
            live.update(Text(f"{problem}\nq ends.") if problem else screen(snapshot, _title()), refresh=True)


def _print(snapshot: Snapshot, endpoints: list[Endpoint], *, as_json: bool, must_answer: bool) -> None:
    from rich.console import Console

    from workers.top.view import screen

    problem = _silence(snapshot, endpoints)
    if problem and must_answer:
        raise NothingAnswersError(problem)
    if as_json:
        click.echo(_json(snapshot))
    elif problem:
        click.echo(problem)
    else:
        console = Console(width=None if is_terminal() else PLAIN_WIDTH, highlight=False)
        with console.capture() as shown:  # if the reader has ended, rich would end the command with 1
            console.print(screen(snapshot, _title()))
        click.echo(shown.get(), nl=False)


def _json(snapshot: Snapshot) -> bytes:
    import orjson

    now = int(time.time() * 1000)
    return orjson.dumps({"time": now, **orjson.loads(orjson.dumps(snapshot))})


def _silence(snapshot: Snapshot, endpoints: list[Endpoint]) -> str:
    """A line that says that no process answers; empty if one does."""
    from workers.top.figures import DOWN
    from workers.top.scraping import name_of

    if any(process.state != DOWN for process in snapshot.processes):
        return ""
    names = ", ".join(name_of(endpoint.url) for endpoint in endpoints[:4]) + (", ..." if endpoints[4:] else "")
    return (
        f"no process of Copydesk answers at {names}: start `copydesk run`, or give the address of a running process "
        "with --url; a port other than 9640 comes from COPYDESK_METRICS_PORT"
    )


def _title() -> str:
    return f"Copydesk at {time.strftime('%H:%M:%S')}"
