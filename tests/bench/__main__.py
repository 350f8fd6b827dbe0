"""Prints how fast each stage is on one core, and enrich and its recogniser beside spaCy's defaults: ``make bench``.

All of it is measured in one process, in turns, so that a busy machine slows both sides alike: trust the ratios more
than the rates. The texts are those of the evaluation data in ``../shared``; each round reads others, as a stream does.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from workers.processor import prepare_numpy

ROUNDS = 5
"""Measurements of each kind, in turns; the median counts. One more comes first, to warm up."""
ARTICLES, SPACY_ARTICLES = 240, 24
"""Articles in a round: spaCy's defaults take twenty times as long."""
SHORTEST, LONGEST = 1_000, 3_500
"""The lengths of the articles, in code points: most news."""
BY_SPACY = " by spaCy's defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """What is measured: ``run`` with what ``prepare`` makes of texts, which does not count."""

    name: str
    articles: int
    prepare: Callable[[list[str]], Any]
    run: Callable[[Any], object]

    def rate(self, texts: list[str]) -> float:
        """The articles in a second of processor time."""
        prepared = self.prepare(texts)
        start = time.process_time()
        self.run(prepared)
        return len(texts) / (time.process_time() - start)


def contenders() -> list[Contender]:
    """Our stages and recogniser, and the same by spaCy's defaults."""
    import spacy

    from tests.bounds import handler_of, messages_of
    from workers.enrich.recogniser import SpacyRecogniser
    from workers.outcomes import Stage
    from workers.settings import Settings

    package = Settings().models["en"]
    nlp, recogniser = spacy.load(package), SpacyRecogniser(package)

    def stage(stage: Stage) -> Contender:
        message_of = messages_of(stage)
        return Contender(
            name=stage, articles=ARTICLES, prepare=lambda texts: list(map(message_of, texts)), run=handler_of(stage)
        )

    def spacy_stage(values: Sequence[bytes]) -> None:
        """What a worker does at least: read the record, recognise, write the record."""
        records = [orjson.loads(value) for value in values]
        for record, doc in zip(records, nlp.pipe(record["body"] for record in records), strict=True):
            found = [(entity.text, entity.label_, entity.start_char, entity.end_char) for entity in doc.ents]
            orjson.dumps(record | {"entities": found})

    return [
        *map(stage, Stage),
        Contender(
            name=f"{Stage.ENRICH}{BY_SPACY}",
            articles=SPACY_ARTICLES,
            prepare=lambda texts: [message.value for message in map(messages_of(Stage.ENRICH), texts)],
            run=spacy_stage,
        ),
        Contender(name="recogniser", articles=ARTICLES, prepare=list, run=recogniser.recognise),
        Contender(
            name=f"recogniser{BY_SPACY}",
            articles=SPACY_ARTICLES,
            prepare=list,
            run=lambda texts: list(nlp.pipe(texts)),
        ),
    ]


def main() -> None:
    """Measure and print.

    Raises:
        SystemExit: the evaluation data is not there.
    """
    prepare_numpy()
    from tests.shared import SHARED, rows

    if not SHARED.is_dir():
        raise SystemExit("make bench needs the evaluation data in ../shared, which is not part of the repository")
    texts = [row["text"] for row in rows("near-duplicates/syndication-dev")]
    texts = [text for text in texts if SHORTEST <= len(text) <= LONGEST]
    measured = contenders()
    rates: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):
        mine = texts[number * ARTICLES : (number + 1) * ARTICLES]
        for each in measured:
            rate = each.rate(mine[: each.articles])
            if number:
                rates.setdefault(each.name, []).append(rate)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    read = texts[ARTICLES : (ROUNDS + 1) * ARTICLES]
    print(f"{len(read)} articles of {sum(len(text.split()) for text in read) / len(read):.0f} words, one core")
    for name, values in rates.items():
        print(f"{name:32} {medians[name]:8.0f} articles/s ({min(values):.0f} to {max(values):.0f})")
    for name in ("recogniser", "enrich"):
        ratio = medians[name] / medians[f"{name}{BY_SPACY}"]
        print(f"{name:32} {ratio:8.1f} times as fast as spaCy's defaults")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'memory of all of this':32} {peak:8.0f} MiB")


if __name__ == "__main__":
    main()
