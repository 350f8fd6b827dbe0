"""The enrich stage: takes unique articles and adds the entities that they mention, and what these say.

In reading order:

- ``limits``: says how much of an article is searched.
- ``recogniser``: runs a language model, which labels spans of text.
- ``mentions``: combines those spans with ``lexicon``, ``patterns``, ``known_names`` and ``named_by_noun`` into names;
  ``sports`` tells clubs from towns, and ``topics`` companies and parties from words.
- ``joined_names``: splits spans that are two names; ``bounds`` corrects where each begins and ends: ``surplus_words``
  (and ``titles``) removes what is no part of it, and ``missed_words`` adds what is.
- ``name_resolution``: gives each name in an article one type and finds it everywhere, without those that are
  ``mere_words``. ``name_types`` counts votes: ``evidence`` has those of a name's own words, ``contexts`` those of the
  words around it. ``name_forms`` has the other forms of a name: its ``acronyms``, ``surnames``, ``short_names`` and
  spellings (``variants``).
- ``linking``: decides which entity each mention refers to; ``places`` which town, ``people`` which person.
- ``entities``: groups the mentions into entities, with a count and a salience each, and the article's countries.
- ``languages``: names in languages other than English.
- ``quotes``: finds direct speech; ``attribution`` says which entity speaks.

The tables of rules are in ``lexicon/``, the large lists of names in ``gazetteer/``. ``types`` has short names for the
types of entities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from schemas.codec import fields_of
from schemas.records import EnrichedArticle, EntityMeta, Section, UniqueArticle
from workers.enrich.entities import SectionText, article_countries, group_entities
from workers.enrich.languages import base_forms, find_local_names, has_rules, without_titles
from workers.enrich.limits import searched_part
from workers.enrich.mentions import find_mentions
from workers.enrich.quotes import find_quotes
from workers.enrich.spans import ModelSpan

if TYPE_CHECKING:
    from workers.enrich.recogniser import Recogniser

RULES_VERSION = "10"
"""The version of the rules and tables. Raise it with every change that affects what they find."""

SECTIONS_WITHOUT_MODEL = frozenset({Section.DATELINE, Section.BYLINE})
"""The sections that only the rules and the lexicon read: models are trained on sentences."""


class Enricher:
    """Adds entities to articles, a batch at a time."""

    def __init__(
        self,
        recognisers: Mapping[str, Recogniser],
        no_model: Callable[[str, bool], None] = lambda *_: None,
        people: Mapping[str, str] | None = None,
    ) -> None:
        """Takes recognisers by language (ISO 639-1). Other languages get entities from the lexicon and rules only.

        ``no_model`` is called once with each such language that arrives, and whether it has rules of its own.
        ``people`` are ids of people by the spelling of their names (``workers.enrich.people.read_people``).
        """
        self._recognisers = recognisers
        self._no_model = no_model
        self._people = people or {}
        self._languages_without_model: set[str] = set()

    def enrich(self, articles: Sequence[UniqueArticle]) -> list[EnrichedArticle]:
        """The articles with their entities, in the given order. Each language's recogniser is called once."""
        arrived = {article.language for article in articles} - self._recognisers.keys()
        for language in sorted(arrived - self._languages_without_model):
            self._no_model(language, has_rules(language))
        self._languages_without_model |= arrived
        whole = [sections(article) for article in articles]
        texts = [[SectionText(text.section, searched_part(text.section, text.text)) for text in own] for own in whole]
        to_recognise: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for i, article in enumerate(articles):
            to_recognise[article.language] += [
                (i, j) for j, text in enumerate(texts[i]) if text.section not in SECTIONS_WITHOUT_MODEL
            ]
        spans: list[list[Sequence[ModelSpan]]] = [[()] * len(own_texts) for own_texts in texts]
        for language, indexes in to_recognise.items():
            if recogniser := self._recognisers.get(language):
                recognised = recogniser.recognise([texts[i][j].text for i, j in indexes])
                for (i, j), own_spans in zip(indexes, recognised, strict=True):
                    spans[i][j] = without_titles(texts[i][j].text, own_spans, language)
        truncated = [
            tuple(text.section for text, part in zip(*both, strict=True) if text != part)
            for both in zip(whole, texts, strict=True)
        ]
        return [self._enriched(*each) for each in zip(articles, texts, spans, truncated, strict=True)]

    def _enriched(
        self,
        article: UniqueArticle,
        texts: Sequence[SectionText],
        spans: Sequence[Sequence[ModelSpan]],
        truncated: tuple[Section, ...],
    ) -> EnrichedArticle:
        recogniser = self._recognisers.get(article.language)
        bylines = [i for i, text in enumerate(texts) if text.section is Section.BYLINE]
        local = find_local_names([text.text for text in texts], article.language)
        names = find_mentions([text.text for text in texts], spans, bylines, local)
        bases = base_forms([text.text for text in texts], names, article.language)
        entities = group_entities(texts, names, self._people, bases)
        body = next((text.text for text in texts if text.section is Section.BODY), "")
        return EnrichedArticle(
            **fields_of(article, UniqueArticle),
            entities=entities,
            countries=article_countries(entities, len(body)),
            entity_meta=EntityMeta(
                model=recogniser.name if recogniser else None,
                rules=RULES_VERSION,
                rules_language=article.language if has_rules(article.language) else None,
                truncated=truncated,
            ),
            quotes=find_quotes(body, article.language, entities),
        )


def sections(article: UniqueArticle) -> list[SectionText]:
    """The texts of an article to search for entities, without empty ones.

    Offsets of mentions count in these texts. ``schemas.records.Section`` describes how each is made.
    """
    captions = (line for caption in article.captions for line in (caption.text, caption.credit))
    names = (*article.byline, *(credit.name for credit in article.credits))
    texts = (
        SectionText(Section.TITLE, article.headline),
        SectionText(Section.SUMMARY, article.summary or ""),
        SectionText(Section.BODY, article.body),
        SectionText(Section.CAPTION, "\n".join(line for line in captions if line)),
        SectionText(Section.DATELINE, article.dateline.text if article.dateline else ""),
        SectionText(Section.BYLINE, "\n".join(dict.fromkeys(names))),
    )
    return [text for text in texts if text.text.strip()]
