"""``copydesk publish``: articles into the stream."""

from __future__ import annotations

import click

from workers.cli import settings
from workers.cli.process import articles
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def command(files: tuple[str, ...]) -> None:
    """Send the articles in FILES (as for `copydesk process`; without FILES, stdin) to the topic of raw articles."""
    from workers.embedded_kafka.node_files import running_at
    from workers.kafka.publisher import publish

    values = settings()
    bootstrap: str | None = values.broker
    if values.broker == EMBEDDED:
        bootstrap = running_at(values.data_dir / "kafka")
        if bootstrap is None:
            raise StartRefusedError(
                "no embedded Kafka runs here: start `copydesk run` first, or name one in COPYDESK_BROKER"
            )
    assert bootstrap is not None
    refused: list[str] = []
    sent = publish((value for _, value in articles(files or ("-",))), values, bootstrap, refused.append)
    for problem in refused:
        click.echo(f"copydesk: not sent: {problem}", err=True)
    click.echo(f"{sent} sent to {bootstrap}")
    if refused:
        raise SystemExit(1)
