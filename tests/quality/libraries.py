"""``python -m tests.quality.libraries``: finding copies in a stream, by Copydesk and by libraries of MinHash.

The libraries are no dependencies of the project: ``pip install datasketch==2.0.0 rensa==0.5.0 gaoya==0.2.2``. Each has
128 permutations, and the row shows the best of ten settings, chosen on the same articles: shingles of three or five
words, and five thresholds. Each article is compared with the earlier ones, linked to the most similar one, and added.
All of it runs in one process; the rate is articles in a second of processor time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from schemas import VerdictKind
from tests.dedupe.support import article
from tests.shared import rows, score
from workers.dedupe import Ledger
from workers.topics import DAY

PERMUTATIONS = 128
SHINGLES, THRESHOLDS = (3, 5), (0.3, 0.4, 0.5, 0.6, 0.7)
KINDS = {"trunc": "cut short", "edit": "edited", "contain": "contained", "ocr": "OCR errors"}
"""The kinds of copies whose recall is shown."""

Link = Callable[[str, str], str | None]
"""Adds an article by id and text; returns the id of the earlier article that it is a copy of."""


def copydesk() -> Link:
    """Our own judgement, with default settings."""
    ledger, ids = Ledger(3 * DAY), dict[str, str]()

    def link(id: str, text: str) -> str | None:
        made = article(text, offset=len(ids))
        ids[made.id] = id
        verdict = ledger.decide(made, len(ids), DAY).verdict
        return ids[verdict.duplicate_of] if verdict.kind is VerdictKind.COPY and verdict.duplicate_of else None

    return link


def datasketch(words: int, threshold: float) -> Link:
    """MinHash with an LSH index, in Python and numpy."""
    from datasketch import MinHash, MinHashLSH

    index, sketches = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS), dict[str, Any]()

    def link(id: str, text: str) -> str | None:
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([shingle.encode() for shingle in shingles(text, words)])
        best = nearest(sketch, {other: sketches[other] for other in index.query(sketch)}, threshold)
        sketches[id] = sketch
        index.insert(id, sketch)
        return best

    return link


def rensa(words: int, threshold: float) -> Link:
    """R-MinHash with an LSH index, in Rust."""
    from rensa import RMinHash, RMinHashLSH

    # Bands of as many values as find most pairs above the threshold: pairs at (1 / bands) ** (1 / values) or more.
    values = max(each for each in (2, 4, 8) if (each / PERMUTATIONS) ** (1 / each) <= threshold)
    index, ids = RMinHashLSH(threshold, PERMUTATIONS, PERMUTATIONS // values), list[str]()
    sketches: list[Any] = []

    def link(id: str, text: str) -> str | None:
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update(list(shingles(text, words)))
        best = nearest(sketch, {ids[key]: sketches[key] for key in index.query(sketch)}, threshold)
        index.insert(len(ids), sketch)
        sketches.append(sketch)
        ids.append(id)
        return best

    return link


def gaoya(words: int, threshold: float) -> Link:
    """MinHash with an LSH index that shingles and compares by itself, in Rust."""
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        hash_size=32, jaccard_threshold=threshold, num_bands=32, band_size=4, analyzer="word", lowercase=True,
        ngram_range=(words, words),
    )  # fmt: skip
    ids: list[str] = []

    def link(id: str, text: str) -> str | None:
        found = index.query(text, return_similarity=True)
        index.insert_document(len(ids), text)
        ids.append(id)
        return ids[max(found, key=lambda row: row[1])[0]] if found else None

    return link


def shingles(text: str, words: int) -> set[str]:
    """Runs of so many words; a shorter text is one."""
    found = text.lower().split()
    return {" ".join(found[start : start + words]) for start in range(max(1, len(found) - words + 1))}


def nearest(sketch: Any, others: Mapping[str, Any], threshold: float) -> str | None:
    """The id of the most similar sketch, if it is similar enough."""
    similar = {other: sketch.jaccard(theirs) for other, theirs in others.items()}
    best = max(similar, key=similar.__getitem__, default=None)
    return best if best is not None and similar[best] >= threshold else None


def measured(link: Link, gold: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The pairwise F1, the recall of each kind of copy, and the articles in a second."""
    began = time.process_time()
    links = {row["id"]: link(row["id"], row["text"]) for row in gold}
    rate = len(gold) / (time.process_time() - began)
    found = score().clusters_from_links(links)
    result = {"F1": score().pairwise([row["cluster"] for row in gold], [found[row["id"]] for row in gold])["f1"]}
    bases = {row["cluster"]: found[row["id"]] for row in gold if row["kind"] == "base"}
    for kind, name in KINDS.items():
        of_kind = [row for row in gold if row["kind"] == kind]
        result[name] = sum(found[row["id"]] == bases[row["cluster"]] for row in of_kind) / len(of_kind)
    return result | {"articles/s": rate}


def line(name: str, setting: str, figures: Mapping[str, float]) -> str:
    """A row of the table."""
    *scores, rate = figures.values()
    return f"| {name} | {setting} | {' | '.join(f'{each:.3f}' for each in scores)} | {rate:,.0f} |"


def main() -> None:
    """Print the table."""
    gold: Sequence[Mapping[str, Any]] = rows("near-duplicates/syndication-dev")
    ours = measured(copydesk(), gold)
    print(f"| | setting | {' | '.join(ours)} |\n|---|---|{'---:|' * len(ours)}")
    print(line("Copydesk", "default", ours))
    for library in (datasketch, rensa, gaoya):
        tried: Iterable[tuple[int, float]] = product(SHINGLES, THRESHOLDS)
        results = {each: measured(library(*each), gold) for each in tried}
        (words, threshold), best = max(results.items(), key=lambda result: result[1]["F1"])
        print(line(library.__name__, f"{words} words, {threshold}", best), flush=True)


if __name__ == "__main__":
    main()
