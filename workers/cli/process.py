"""``copydesk process``: processes files without Kafka."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from workers.cli import load_settings, tell_of_stdin, tidy_on_signals
from workers.cli.ending import interruptible, tell
from workers.errors import UnreadableFileError
from workers.outcomes import Outcome
from workers.stages import STAGES
from workers.waiting import told_of_waiting

if TYPE_CHECKING:
    from workers.in_process import Line

ROLES = click.Choice(list(STAGES))
_WORDS = {Outcome.DUPLICATE: ("copy", "copies"), Outcome.DEAD_LETTER: ("refused", "refused")}
"""What the summary calls one and several of an outcome, where it is not its name."""


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--from",
    "first",
    type=ROLES,
    default="clean",
    show_default=True,
    help="The first stage. dedupe and enrich take what the stage before them writes, or JSON with a clean body.",
)
@click.option("--until", "last", type=ROLES, default="enrich", show_default=True, help="The last stage.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Output file.  [default: stdout]")
@click.option("--strict", is_flag=True, help="Exit with 1 if any article is refused, not only if all are.")
def command(files: tuple[str, ...], first: str, last: str, output: str | None, strict: bool) -> None:
    """Process the articles in FILES without Kafka and write one JSON line for each, in order.

    FILES are files, folders (with all below them, except hidden files) and patterns ("crawl/**/*.html"). Without
    FILES, or for -, read stdin. The content says what a file is, not its name: JSON Lines contains an article per
    line; a feed, a JSON list or response of an API, a WARC file and a mailbox contain one per item; a page, an e-mail
    or a text is one. Each may be compressed with gzip or zstd.

    Each output line has `where`, the file and line of the article, and `outcome`: for a refused one, `error` has the
    reason. The story of an article is the one it had then: `story_changes` of a later one says if it has moved. The
    output file is written aside and renamed at the end, so it may be one of FILES. All articles count as received when
    the command started.

    \b
    Examples:
      copydesk process crawl.jsonl -o enriched.jsonl
      copydesk process "crawl/**/*.html" | jq .article.headline
      copydesk process feed.xml --until clean --strict -o clean.jsonl
      copydesk process clean.jsonl --from dedupe
      curl -s https://news.example/ferry | copydesk process

    The last line on stderr counts the outcomes. The exit code is 1 if a file could not be read to its end, or if all
    articles were refused.
    """
    from schemas import encode
    from workers.cli.progress import progress
    from workers.files import STDIN
    from workers.files.articles import articles
    from workers.files.aside import written_aside
    from workers.files.finding import find, total_bytes
    from workers.reading.text import plural

    values = load_settings()
    now = int(time.time() * 1000)
    stages = list(STAGES)
    if stages.index(first) > stages.index(last):
        raise click.UsageError(f"--from {first} comes after --until {last}")

    def models_loaded(languages: Collection[str], problems: Collection[str]) -> None:
        for problem in problems:
            tell(problem)

    problems: list[str] = []
    found = find(files or ("-",), problems.append, output)
    if not found:
        raise UnreadableFileError("\ncopydesk: ".join(problems))
    tell_of_stdin(found)
    outcomes: Counter[Outcome] = Counter()
    reasons: Counter[str] = Counter()

    def state() -> str:
        unchanged = "" if output in (None, STDIN) else ", and the output file is as it was"
        return f"{plural(outcomes.total(), 'article')} processed{unchanged}"

    with interruptible(state), tidy_on_signals(), written_aside(output) as out, progress(total_bytes(found)) as shown:
        for problem in problems:
            shown.problem(problem)
        with told_of_waiting("Loading the models ..."):
            from workers.in_process import InProcessStream

            stream = InProcessStream(values, first, last, now, models_loaded=models_loaded)
        for line in stream.run(articles(found, shown.problem, shown.advance)):
            out.write(encode(line) + b"\n")
            _count(line, outcomes, reasons)
            shown.done()
    click.echo(shown.summary(_in_words(outcomes, reasons)), err=True)
    refused = outcomes[Outcome.DEAD_LETTER]
    if shown.problems or (refused and (strict or refused == outcomes.total())):
        raise SystemExit(1)


def _count(line: Line, outcomes: Counter[Outcome], reasons: Counter[str]) -> None:
    outcomes[line.outcome] += 1
    if line.error:
        reasons[line.error["reason"]] += 1


def _in_words(outcomes: Counter[Outcome], reasons: Counter[str]) -> str:
    """The summary: ``41 articles: 30 enriched, 6 copies, 5 refused (3 no_body, 2 invalid_json)``."""
    from workers.reading.text import plural

    words = {each: _WORDS.get(each, (each.value, each.value)) for each in Outcome}
    parts = [plural(outcomes[each], *words[each]) for each in Outcome if outcomes[each]]
    why = ", ".join(f"{number:,} {reason}" for reason, number in reasons.most_common())
    text = plural(outcomes.total(), "article")
    return text + (f": {', '.join(parts)}" if parts else "") + (f" ({why})" if why else "")
