"""How good copies, stories and names are on the evaluation data: tests hold floors, ``make quality`` prints them."""

from __future__ import annotations

import random

import orjson

from schemas import UniqueArticle
from schemas.records import Origin
from tests.shared import rows, score
from workers.enrich import Enricher
from workers.enrich.recogniser import load_recognisers
from workers.in_process import InProcessStream
from workers.outcomes import Stage
from workers.reading.moves import Moves
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


def stories(seed: int, others: int = 0) -> Scores:
    """The BCubed scores of stories in the end: articles about similar events, shuffled with a seed.

    So many articles about other things come between them. These are not scored.
    """
    gold = rows("stories/ecbplus-dev")
    mixed = gold + _others(seed, others)
    random.Random(seed).shuffle(mixed)
    stream = InProcessStream(Settings(), Stage.DEDUPE, Stage.DEDUPE, now=0)
    moves, belongs = Moves(), dict[str, tuple[str, str]]()  # by the id of a row: an article, and its story
    for line in stream.run(("gold", orjson.dumps({"id": row["id"], "text": row["text"]})) for row in mixed):
        if line.duplicate:
            belongs[line.input_id] = line.duplicate.duplicate_of, line.duplicate.story_id
            continue
        assert isinstance(line.article, UniqueArticle)
        belongs[line.input_id] = line.article.id, line.article.story_id
        moves.add(line.article.story_id, line.article.story_changes)
    found = [moves.story_of(*belongs[row["id"]]) for row in gold]
    scores: Scores = score().bcubed([row["event"] for row in gold], found)
    return scores


def _others(seed: int, count: int) -> list[dict[str, str]]:
    """Different articles that are in no story of the gold."""
    originals = [row for row in rows("near-duplicates/syndication-dev") if row["kind"] in ("base", "bg")]
    return random.Random(seed).sample(originals, count)


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
