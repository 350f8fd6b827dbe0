from __future__ import annotations

import itertools
from dataclasses import fields

from hypothesis import example, given
from hypothesis import strategies as st

from schemas.records import EntityType, Mention, Section, UniqueArticle
from tests.enrich.support import NameRecogniser, SpanRecogniser, article, enriched, types_by_name
from tests.timing import seconds
from workers.enrich import Enricher, sections
from workers.enrich.spans import ModelSpan

WORDS = ["Marta", "Oyelaran", "Mr", "President", "Chile's", "Chilean", "KCNA", "the", "North", "Korea", "(", "-", "\n"]
WORDS += ["said", "in", "REUTERS", "/", "’s", "U.S.", "Inc", "a@b.org", "Bank", "of", "“", ",", "Kim", "Jong", "Un"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(max_size=60)
SPANS = st.lists(
    st.builds(
        lambda start, length, kind: ModelSpan(start, start + length, kind),
        st.integers(0, 80),
        st.integers(0, 40),
        st.sampled_from(EntityType),
    ),
    max_size=12,
)


@example(body="Oyelaran Oyelaran Marta Marta", headline="Marta Marta Marta", captions=[], spans=[])
@given(TEXT, TEXT, st.lists(TEXT, max_size=2), SPANS)
def test_mentions_equal_their_slice_of_the_section_and_do_not_overlap(
    body: str, headline: str, captions: list[str], spans: list[ModelSpan]
) -> None:
    unique = article(body, headline=headline, captions=captions, byline=[headline])
    (out,) = Enricher({"en": SpanRecogniser(spans)}).enrich([unique])
    texts = {text.section: text.text for text in sections(unique)}
    by_section: dict[Section, list[Mention]] = {section: [] for section in Section}
    for entity in out.entities:
        assert entity.count == sum(m.section is not Section.BYLINE for m in entity.mentions)
        assert 0 <= entity.salience <= 1
        assert entity.name not in entity.aliases
        for mention in entity.mentions:
            assert texts[mention.section][mention.start : mention.end] == mention.text
            assert mention.text.strip() == mention.text != ""
            assert "\n" not in mention.text
            by_section[mention.section].append(mention)
    for mentions in by_section.values():
        ordered = sorted(mentions, key=lambda m: m.start)
        assert all(a.end <= b.start for a, b in itertools.pairwise(ordered))


@given(TEXT, SPANS)
def test_enriching_twice_gives_the_same_result(body: str, spans: list[ModelSpan]) -> None:
    enricher = Enricher({"en": SpanRecogniser(spans)})
    assert enricher.enrich([article(body)]) == enricher.enrich([article(body)])


def test_enriching_keeps_all_fields_of_the_article() -> None:
    unique = article("Rain fell on Chile.", headline="Rain", captions=["A ship."], byline=["Marta Oyelaran"])
    out = enriched(unique)
    assert all(getattr(out, field.name) == getattr(unique, field.name) for field in fields(UniqueArticle))
    assert (out.entity_meta.model, out.entity_meta.offset_unit) == ("fake 1", "codepoint")
    assert out.entity_meta.rules


def test_each_recogniser_is_called_once_per_batch_and_articles_keep_their_order() -> None:
    english, french = NameRecogniser({"Valdoria": EntityType.GPE}), NameRecogniser({})
    bodies = [("Valdoria one.", "en"), ("Paris deux.", "fr"), ("Three.", "en"), ("", "en"), ("Lima.", "pt")]
    out = Enricher({"en": english, "fr": french}).enrich([article(b, language=x, headline=b) for b, x in bodies])
    assert [each.body for each in out] == [body for body, _ in bodies]
    assert len(english.calls) == len(french.calls) == 1
    assert english.calls[0] == ["Valdoria one.", "Valdoria one.", "Three.", "Three."]
    assert [each.entity_meta.model for each in out] == ["fake 1"] * 4 + [None]
    assert types_by_name(out[0]) == {"Valdoria": EntityType.GPE}
    assert types_by_name(out[4]) == {"Lima": EntityType.GPE}


def test_an_article_without_text_has_no_entities() -> None:
    assert enriched(article("")).entities == ()


def test_captions_form_one_section_joined_by_line_ends() -> None:
    unique = article("", captions=["Rain in Chile.", "Sun in Peru."])
    (text,) = sections(unique)
    (peru,) = [m for e in enriched(unique).entities for m in e.mentions if e.name == "Peru"]
    assert text.text == "Rain in Chile.\nSun in Peru."
    assert (peru.section, peru.start) == (Section.CAPTION, 22)


def test_time_grows_linearly_with_a_long_hostile_text() -> None:
    def elapsed(times: int) -> float:
        unique = article("Kim Jong Un met REUTERS/Bb Cc Dd of the North (KCNA) " * times)
        return seconds(lambda: enriched(unique, {}))

    assert elapsed(8_000) < 40 * max(elapsed(1_000), 0.02)
