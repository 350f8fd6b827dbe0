"""``copydesk publish``: sends articles to the stream."""

from __future__ import annotations

import click

from workers.cli import load_settings
from workers.cli.process import articles
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def command(files: tuple[str, ...]) -> None:
    """Send the articles in FILES to the topic of raw articles.

    FILES are read as by `copydesk process`. Without FILES, or for -, read JSON Lines from stdin.

    The exit code is 1 if any article could not be sent.
    """
    from workers.embedded_kafka.node_files import running_at
    from workers.kafka.publisher import publish

    values = load_settings()
    bootstrap: str | None = values.broker
    if values.broker == EMBEDDED:
        bootstrap = running_at(values.data_dir / "kafka")
        if bootstrap is None:
            raise StartRefusedError(
                "no embedded Kafka is running: start `copydesk run` first, or set COPYDESK_BROKER to your brokers"
            )
    assert bootstrap is not None
    refused: list[str] = []
    inputs = ((str(article), article.value) for article in articles(files or ("-",)))
    sent = publish(inputs, values, bootstrap, refused.append)
    for problem in refused:
        click.echo(f"copydesk: not sent: {problem}", err=True)
    click.echo(f"{sent} sent to {bootstrap}")
    if refused:
        raise SystemExit(1)
