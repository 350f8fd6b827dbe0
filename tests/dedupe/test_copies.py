from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CopyKind
from tests.dedupe.support import PARAGRAPHS
from workers.dedupe.copies import (
    MIN_SHARED_SAMPLES,
    Copies,
    Match,
    Sketch,
    content_hash,
    folded,
    sketch,
    tokens,
    word_hashes,
)
from workers.dedupe.stories import TERM
from workers.dedupe.verdicts import pack_sketch, pack_terms

ARTICLE = "\n".join(PARAGRAPHS[:4])
"""Some 130 words on two events."""
FURNITURE = (
    "Sign up to our morning newsletter and never miss a story from your part of the world again. Support independent "
    "reporting from as little as one crown a week. You can cancel whenever you like and nobody will ask you why."
)
OTHER = "\n".join(PARAGRAPHS[4:])

words = st.text(alphabet="abcdefgh '’-.,ÉéßΣσ新聞", max_size=60)


def shingles_of(text_words: list[str]) -> Sketch:
    return sketch(word_hashes(text_words))


def compared(original: str, text: str) -> Match | None:
    """What the text is found to copy where the original is known, in slot 1, and a text like no other."""
    copies = Copies()
    for slot, known in enumerate((" ".join(reversed(OTHER.split())), original)):
        known_words = folded(tokens(known))
        copies.extend([slot], [content_hash(known_words)], [shingles_of(known_words).tobytes()])
    text_words = folded(tokens(text))
    return copies.find(content_hash(text_words), shingles_of(text_words))


def both_ways(one: str, other: str) -> tuple[CopyKind | None, CopyKind | None]:
    found, back = compared(one, other), compared(other, one)
    return found.kind if found else None, back.kind if back else None


def test_the_same_words_are_an_exact_copy_whatever_the_case_the_layout_and_the_apostrophes() -> None:
    curly = ARTICLE.upper().replace("'", "’").replace("\n", " \n\n ").replace(",", " –")
    assert "'" in ARTICLE
    match = compared(ARTICLE, curly)
    assert match is not None
    assert (match.offset, match.kind, match.score) == (1, CopyKind.EXACT, 1.0)
    assert both_ways(ARTICLE, curly) == (CopyKind.EXACT, CopyKind.EXACT)


def test_a_few_changed_words_make_a_near_copy() -> None:
    changed = ARTICLE.replace("Monday", "Tuesday").replace("eleven", "twelve")
    assert both_ways(ARTICLE, changed) == (CopyKind.NEAR, CopyKind.NEAR)


def test_a_truncated_copy_is_an_excerpt() -> None:
    cut = ARTICLE[: len(ARTICLE) // 3]
    assert both_ways(ARTICLE, cut) == (CopyKind.EXCERPT, CopyKind.EXCERPT)
    match = compared(ARTICLE, cut)
    assert match is not None
    assert match.evidence.of_copy == 1.0
    assert match.evidence.of_original < 0.5


def test_a_short_text_within_much_furniture_is_an_excerpt() -> None:
    framed = f"{FURNITURE}\n{PARAGRAPHS[0]}\n{FURNITURE.swapcase()[::-1]}"
    assert both_ways(PARAGRAPHS[0], framed) == (CopyKind.EXCERPT, CopyKind.EXCERPT)


def test_a_copy_with_the_errors_of_a_scanner_is_a_copy() -> None:
    """One word in twelve is garbled, which spoils five shingles each time."""
    garbled = " ".join(
        word.replace("e", "c").replace("i", "l") if number % 12 == 5 else word
        for number, word in enumerate(ARTICLE.split())
    )
    assert garbled != ARTICLE
    assert None not in both_ways(ARTICLE, garbled)


def test_two_articles_with_a_sentence_of_furniture_in_common_are_no_copies() -> None:
    sentence = FURNITURE.split(".")[0]
    assert len(sentence.split()) > 15
    assert both_ways(f"{sentence}.\n{ARTICLE}", f"{OTHER}\n{sentence}.") == (None, None)


def test_two_articles_about_one_event_are_no_copies() -> None:
    assert both_ways(PARAGRAPHS[0], PARAGRAPHS[1]) == (None, None)


def test_texts_without_blanks_are_compared_by_their_characters() -> None:
    text = "北港の水先案内人は月曜日、嵐のあと防波堤の柱が二本ずれたとして、タンカーの誘導を拒んだ。"
    other = "天文台は十月に太陽の近くを通る彗星を見つけた。西の空の低いところに一週間ほど双眼鏡で見える。"
    assert both_ways(text, text.replace("月曜日", "火曜日")) == (CopyKind.NEAR, CopyKind.NEAR)
    assert both_ways(text, other) == (None, None)


def test_of_several_originals_the_closest_is_named_and_of_equals_the_first() -> None:
    copies = Copies()
    for slot, known in enumerate((ARTICLE[: len(ARTICLE) // 2] + OTHER, ARTICLE, f"{ARTICLE}!")):
        known_words = folded(tokens(known))
        copies.extend([slot], [f"{slot:016x}"], [shingles_of(known_words).tobytes()])
    match = copies.find("f" * 16, shingles_of(folded(tokens(f"{ARTICLE} {ARTICLE[:9]}"))))
    assert match is not None
    assert match.offset == 1


def test_a_discarded_text_is_no_longer_found_and_leaves_room() -> None:
    copies = Copies()
    text_words = folded(tokens(ARTICLE))
    content, shingles = content_hash(text_words), shingles_of(text_words)
    for slot in range(9_000):
        copies.extend([slot], [content if slot % 2 else f"{slot:016x}"], [shingles.tobytes()])
    for slot in range(8_999):
        copies.discard(slot)
    assert len(copies) == 1
    match = copies.find(content, shingles)
    assert match is not None
    assert match.offset == 8_999
    copies.discard(8_999)
    assert copies.find(content, shingles) is None


@pytest.mark.parametrize("text", ["", "...", "one", "one two three four"])
def test_a_text_shorter_than_a_shingle_has_no_sketch(text: str) -> None:
    assert len(shingles_of(folded(tokens(text)))) == 0
    assert compared(ARTICLE, text) is None


def test_too_few_shared_shingles_prove_nothing() -> None:
    few = next(
        text
        for size in range(6, 60)
        if 0 < len(shingles_of(folded(tokens(text := " ".join(PARAGRAPHS[0].split()[:size]))))) < MIN_SHARED_SAMPLES
    )
    assert compared(ARTICLE, few) is None


@given(words, words)
def test_texts_have_one_content_hash_if_they_have_the_same_words(one: str, other: str) -> None:
    a, b = folded(tokens(one)), folded(tokens(other))
    assert (content_hash(a) == content_hash(b)) == (a == b)


@given(words)
def test_case_and_apostrophes_make_no_difference(text: str) -> None:
    changed = text.replace("'", "’").upper().lower()
    assert folded(tokens(changed)) == folded(tokens(text.upper().lower()))


@given(st.lists(st.sampled_from("abcdef"), max_size=60))
def test_a_sketch_is_sorted_distinct_and_part_of_the_sketch_of_any_longer_text(letters: list[str]) -> None:
    whole, part = shingles_of(letters), shingles_of(letters[: len(letters) // 2])
    assert np.array_equal(whole, np.unique(whole))
    assert np.isin(part, whole).all()


@given(st.sets(st.integers(0, 2**32 - 1)))
def test_sketches_are_read_back_as_they_were_written(hashes: set[int]) -> None:
    shingles = np.array(sorted(hashes), np.uint32)
    assert np.array_equal(np.frombuffer(base64.b64decode(pack_sketch(shingles)), "<u4"), shingles)


@given(st.dictionaries(st.integers(0, 2**32 - 1), st.integers(1, 10_000)))
def test_terms_are_read_back_in_their_order(terms: dict[int, int]) -> None:
    rows = np.array(list(terms.items()), TERM)
    assert np.frombuffer(base64.b64decode(pack_terms(rows)), TERM).tolist() == list(terms.items())
