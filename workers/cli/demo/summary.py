"""What the demo shows at its end: the account of all articles, what was cut, a copy, refusals, and what to try next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas import Duplicate, EnrichedArticle, Removed
from workers.cli.demo.tally import Arrival, DeadLetter, Tally
from workers.cli.demo.view import stories
from workers.cli.demo.words import cut, quoted
from workers.explain.pieces import FIELD_CATEGORIES
from workers.reading.text import printable

MAX_CUTS = 5
"""Cut passages that are shown."""
MAX_LETTERS = 8
"""Dead letters that are shown."""
MAX_HEADLINE_CHARS = 300
"""Characters that are shown of a headline; to wrap one endless word takes minutes."""
SAMPLES_FOLDER = "articles"


def summary(
    tally: Tally, seconds_to_first_enriched: float | None, files: Sequence[str] = (), *, is_interrupted: bool = False
) -> RenderableType:
    """The end of a demo of the articles in these files, or of the samples; after an interrupt, none is missing."""
    return Group(*_parts(tally, seconds_to_first_enriched, files, is_interrupted))


def _parts(tally: Tally, seconds: float | None, files: Sequence[str], is_interrupted: bool) -> Iterator[RenderableType]:
    yield from _section(_outcomes(tally))
    if told := stories(tally):
        yield from _section(_title("Stories"), *(_line(f"  {story}") for story in told))
    if cleaned := _most_cut(tally):
        name = printable(tally.names[cleaned.origin])
        yield from _section(_title(f"What was cut of {quoted(printable(cleaned.headline))} ({name})"), *_cuts(cleaned))
    if pair := _pair(tally):
        yield from _section(_title("A copy beside its original"), _beside(*pair))
    if letters := [each for each in _inputs(tally) if isinstance(each, DeadLetter)]:
        yield from _section(_title("Dead letters"), *_letters(letters, tally))
    if seconds is not None:
        yield from _section(f"The first enriched article came out {seconds:.1f} s after the start.")
    if not is_interrupted:
        yield from (_line(f"MISSING: {printable(name)}") for name in tally.missing)
    yield from (_line(f"SEVERAL OUTCOMES: {printable(name)}") for name in tally.ambiguous)
    yield from _section(_title("Now try"), *_rows(_commands(_example(tally, pair), files)))


def _inputs(tally: Tally) -> Iterator[Arrival]:
    """What came out for each input, in the order of sending."""
    return (tally.arrived[origin][0] for origin in tally.names if origin in tally.arrived)


def _outcomes(tally: Tally) -> Table:
    table = Table("outcome", "articles", title="Outcomes", title_justify="left")
    for name, count in sorted(tally.outcomes.items()):
        table.add_row(name, f"{count:,}")
    table.add_section()
    table.add_row("with exactly one outcome", f"{len(tally.names) - len(tally.missing) - len(tally.ambiguous):,}")
    table.add_row("sent", f"{len(tally.names):,}")
    return table


def _boilerplate(article: EnrichedArticle) -> list[Removed]:
    return [each for each in article.removed if each.category not in FIELD_CATEGORIES]


def _most_cut(tally: Tally) -> EnrichedArticle | None:
    """The article with the most boilerplate; None if none has any."""
    enriched = [each for each in _inputs(tally) if isinstance(each, EnrichedArticle) and _boilerplate(each)]
    return max(enriched, key=lambda article: len(_boilerplate(article)), default=None)


def _cuts(article: EnrichedArticle) -> Iterator[Text]:
    cuts = _boilerplate(article)
    yield from _rows([(each.rule, printable(each.text.strip())) for each in cuts[:MAX_CUTS]], "red")
    if (more := len(cuts) - MAX_CUTS) > 0:
        yield _line(f"  and {more:,} more")


def _pair(tally: Tally) -> tuple[Duplicate, EnrichedArticle] | None:
    """A copy of another article, and its original: of the copies, the one that differs most."""
    originals = {each.id: each for each in _inputs(tally) if isinstance(each, EnrichedArticle)}
    copies = [
        each
        for each in _inputs(tally)
        if isinstance(each, Duplicate) and each.id != each.duplicate_of and each.duplicate_of in originals
    ]
    if not copies:
        return None
    copy = min(copies, key=lambda copy: copy.score)
    return copy, originals[copy.duplicate_of]


def _beside(copy: Duplicate, original: EnrichedArticle) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(min_width=10)
    table.add_column(ratio=1)
    table.add_column(ratio=1)
    shared = copy.evidence
    table.add_row("", Text(f"copy ({copy.kind})", style="yellow"), Text("original", style="green"))
    headlines = (quoted(cut(printable(article.headline), MAX_HEADLINE_CHARS)) for article in (copy, original))
    table.add_row("  headline", *headlines)
    table.add_row("  source", printable(copy.source or "unknown"), printable(original.source or "unknown"))
    table.add_row("  shared", f"{shared.of_copy:.0%} of its text", f"{shared.of_original:.0%} of its text")
    return table


def _letters(letters: Sequence[DeadLetter], tally: Tally) -> Iterator[Text]:
    yield from _rows(
        [
            (printable(tally.names[letter.origin]), letter.reason, printable(letter.message))
            for letter in letters[:MAX_LETTERS]
        ]
    )
    if (more := len(letters) - MAX_LETTERS) > 0:
        yield _line(f"  and {more:,} more")


def _example(tally: Tally, pair: tuple[Duplicate, EnrichedArticle] | None) -> int:
    """The number of an article that is worth an explanation, from 1."""
    chosen = pair[0].origin if pair else next((each.origin for each in _inputs(tally)), None)
    return 1 + list(tally.names).index(chosen) if chosen else 1


def _commands(number: int, files: Sequence[str]) -> list[tuple[str, str]]:
    """Three commands that work as they are, with what they do."""
    if files and "-" not in files:
        named = shlex.join(files)
        first = [
            (f"copydesk explain {named} -n {number}", "every cut and decision of one article"),
            (f"copydesk process {named}", "the same without Kafka, as JSON lines"),
        ]
    else:
        first = [
            (f"copydesk demo --save {SAMPLES_FOLDER}", "the articles of this demo as files"),
            (f"copydesk explain {SAMPLES_FOLDER} -n {number}", "every cut and decision of one of them"),
        ]
    return [*first, ("copydesk run", "a stream that stays, for publish and tail")]


def _rows(rows: Sequence[tuple[str, ...]], style: str = "") -> Iterator[Text]:
    """The rows with their cells below one another; the last cell, in the style, ends where the terminal does."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for *cells, last in rows:
        text = Text("  ", no_wrap=True, overflow="ellipsis")
        for cell, width in zip(cells, widths, strict=False):
            text.append(f"{cell:{width}}  ")
        yield text.append(last, style=style)


def _section(*parts: RenderableType) -> Iterator[RenderableType]:
    yield ""
    yield from parts


def _title(text: str) -> Text:
    return Text(text, style="bold", no_wrap=True, overflow="ellipsis")


def _line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")
