"""How good copies, stories and names are on the evaluation data: tests hold floors, ``make quality`` prints them."""

from __future__ import annotations

import random

import orjson

from schemas import UniqueArticle
from schemas.records import Origin
from tests.shared import rows, score
from workers.enrich import Enricher
from workers.enrich.recogniser import load_recognisers
from workers.in_process import InProcessStream, Line
from workers.outcomes import Stage
from workers.settings import Settings

Scores = dict[str, float]


def copies() -> Scores:
    """The pairwise scores of copies: syndicated news with every kind of variant, in stream order."""
    gold = rows("near-duplicates/syndication-dev")
    stream = InProcessStream(Settings(), Stage.DEDUPE, Stage.DEDUPE, now=0)
    inputs = (("gold", orjson.dumps({"id": row["id"], "text": row["text"]})) for row in gold)
    links = {line.input_id: line.duplicate.duplicate_of if line.duplicate else None for line in stream.run(inputs)}
    yardstick = score()
    found = yardstick.clusters_from_links(links)
    scores: Scores = yardstick.pairwise([row["cluster"] for row in gold], [found[row["id"]] for row in gold])
    return scores


def stories(seed: int) -> Scores:
    """The BCubed scores of stories: articles about similar events, shuffled with a seed."""
    gold = rows("stories/ecbplus-dev")
    random.Random(seed).shuffle(gold)
    stream = InProcessStream(Settings(), Stage.DEDUPE, Stage.DEDUPE, now=0)
    inputs = (("gold", orjson.dumps({"id": row["id"], "text": row["text"]})) for row in gold)
    scores: Scores = score().bcubed([row["event"] for row in gold], list(map(_story_id, stream.run(inputs))))
    return scores


def _story_id(line: Line) -> str:
    if line.duplicate:
        return line.duplicate.story_id
    assert isinstance(line.article, UniqueArticle)
    return line.article.story_id


def spans(name: str) -> Scores:
    """The F1 of entity spans on a set of news, by type and of all, through the same stage as the stream."""
    gold = rows(f"entities/{name}-dev")
    recognisers, problems = load_recognisers({"en": Settings().models["en"]})
    assert not problems
    origin = Origin(topic="news-unique", partition=0, offset=0)
    articles = [
        UniqueArticle(id=row["id"], origin=origin, headline="", body=row["text"], language="en", story_id="s")
        for row in gold
    ]
    predicted = [
        [{"start": m.start, "end": m.end, "type": e.type.value} for e in one.entities for m in e.mentions]
        for one in Enricher(recognisers).enrich(articles)
    ]
    # Like the command of score.py: nationalities count only if the gold standard has them.
    types = {"PER", "ORG", "LOC"} | {e["type"] for row in gold for e in row["entities"] if e["type"] == "NORP"}
    texts = [(row["text"], row["entities"], own) for row, own in zip(gold, predicted, strict=True)]
    scores: Scores = score().span_f1(texts, types)
    return scores
