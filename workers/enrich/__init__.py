"""Enrich: unique articles in, the same articles with their entities out.

Reading order: ``recogniser`` (what a model finds), ``rules`` (its spans put in order with ``lexicon`` and
``patterns``), ``names`` (what one article's names say of each other), ``entities`` (mentions grouped, counted and
weighed). The tables are in ``lexicon/``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from schemas.codec import fields_of
from schemas.records import EnrichedArticle, EntityMeta, Section, UniqueArticle
from workers.enrich.entities import Text, grouped
from workers.enrich.mentions import named
from workers.enrich.recogniser import Recogniser
from workers.enrich.spans import Span

RULES = "1"
"""The version of the rules and tables: raised with every change of what they find."""


NO_PROSE = frozenset({Section.DATELINE, Section.BYLINE})
"""The sections that are left to the rules and the lexicon: a model wants sentences."""


class Enricher:
    """Adds entities to articles, a batch at a time."""

    def __init__(self, recognisers: Mapping[str, Recogniser]) -> None:
        """Takes the recogniser of each language (ISO 639-1); other languages are left to the lexicon alone."""
        self._recognisers = recognisers

    def enrich(self, articles: Sequence[UniqueArticle]) -> list[EnrichedArticle]:
        """The articles with their entities, in the given order; each model is called once for its language's texts."""
        texts = [sections(article) for article in articles]
        by_language: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for i, article in enumerate(articles):
            read = [j for j, text in enumerate(texts[i]) if text.section not in NO_PROSE]
            by_language[article.language] += [(i, j) for j in read]
        spans: list[list[Sequence[Span]]] = [[()] * len(own) for own in texts]
        for language, places in by_language.items():
            if recogniser := self._recognisers.get(language):
                found = recogniser.recognise([texts[i][j].text for i, j in places])
                for (i, j), own in zip(places, found, strict=True):
                    spans[i][j] = own
        return [self._enriched(*one) for one in zip(articles, texts, spans, strict=True)]

    def _enriched(
        self, article: UniqueArticle, texts: Sequence[Text], spans: Sequence[Sequence[Span]]
    ) -> EnrichedArticle:
        recogniser = self._recognisers.get(article.language)
        bylines = [i for i, text in enumerate(texts) if text.section is Section.BYLINE]
        return EnrichedArticle(
            **fields_of(article, UniqueArticle),
            entities=grouped(texts, named([text.text for text in texts], spans, bylines)),
            entity_meta=EntityMeta(model=recogniser.name if recogniser else None, rules=RULES),
        )


def sections(article: UniqueArticle) -> list[Text]:
    """The texts of an article that are read, the empty ones left out.

    Offsets of mentions count in these texts; :class:`schemas.records.Section` says how each is made.
    """
    captions = (line for caption in article.captions for line in (caption.text, caption.credit))
    names = (*article.byline, *(credit.name for credit in article.credits))
    texts = (
        Text(Section.TITLE, article.headline),
        Text(Section.SUMMARY, article.summary or ""),
        Text(Section.BODY, article.body),
        Text(Section.CAPTION, "\n".join(line for line in captions if line)),
        Text(Section.DATELINE, article.dateline.text if article.dateline else ""),
        Text(Section.BYLINE, "\n".join(dict.fromkeys(names))),
    )
    return [text for text in texts if text.text.strip()]
