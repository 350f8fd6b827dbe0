from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CopyKind
from tests.dedupe.support import PARAGRAPHS
from workers.dedupe.copies import MIN_SHARED_SAMPLES, Copies, Match
from workers.dedupe.sketches import SAMPLING_RATIO, Sketch, in_class, pack, sketch, unpack
from workers.dedupe.stories import TERM
from workers.dedupe.verdicts import pack_terms
from workers.dedupe.words import content_hash, words

ARTICLE = "\n".join(PARAGRAPHS[:4])
"""About 130 words on two events."""
BOILERPLATE = (
    "Sign up to our morning newsletter and never miss a story from your part of the world again. Support independent "
    "reporting from as little as one crown a week. You can cancel whenever you like and nobody will ask you why."
)
OTHER = "\n".join(PARAGRAPHS[4:])


def shingles_of(text: str) -> Sketch:
    return sketch(words(text).hashes)


def content_of(text: str) -> str:
    return content_hash([words(text).folded])


def add(copies: Copies, offset: int, text: str, *, content: str | None = None) -> Match | None:
    """Compare the text with those before it, add it, and return its match."""
    content, shingles = content or content_of(text), shingles_of(text)
    compared = copies.compare(content, shingles)
    copies.extend([offset], [content], [pack(shingles, compared.weight)], [compared.match is None])
    return compared.match


def find_match(original: str, text: str) -> Match | None:
    """The match of the text against the original, at offset 1, and an unrelated text."""
    copies = Copies()
    for offset, earlier in enumerate((" ".join(reversed(OTHER.split())), original)):
        add(copies, offset, earlier)
    return copies.find(content_of(text), shingles_of(text))


def kinds_both_ways(one: str, other: str) -> tuple[CopyKind | None, CopyKind | None]:
    there, back = find_match(one, other), find_match(other, one)
    return there.kind if there else None, back.kind if back else None


def test_case_layout_and_apostrophes_do_not_affect_an_exact_copy() -> None:
    curly = ARTICLE.upper().replace("'", "’").replace("\n", " \n\n ").replace(",", " –")
    assert "'" in ARTICLE
    match = find_match(ARTICLE, curly)
    assert match is not None
    assert (match.offset, match.kind, match.score) == (1, CopyKind.EXACT, 1.0)
    assert kinds_both_ways(ARTICLE, curly) == (CopyKind.EXACT, CopyKind.EXACT)


def test_a_text_with_a_few_changed_words_is_a_near_copy() -> None:
    changed = ARTICLE.replace("Monday", "Tuesday").replace("eleven", "twelve")
    assert kinds_both_ways(ARTICLE, changed) == (CopyKind.NEAR, CopyKind.NEAR)


def test_a_truncated_copy_is_an_excerpt() -> None:
    cut = ARTICLE[: len(ARTICLE) // 3]
    assert kinds_both_ways(ARTICLE, cut) == (CopyKind.EXCERPT, CopyKind.EXCERPT)
    match = find_match(ARTICLE, cut)
    assert match is not None
    assert match.evidence.of_copy == 1.0
    assert match.evidence.of_original < 0.5


def test_a_short_text_within_long_boilerplate_is_an_excerpt() -> None:
    framed = f"{BOILERPLATE}\n{PARAGRAPHS[0]}\n{BOILERPLATE.swapcase()[::-1]}"
    assert kinds_both_ways(PARAGRAPHS[0], framed) == (CopyKind.EXCERPT, CopyKind.EXCERPT)


def test_a_copy_with_ocr_errors_is_a_copy() -> None:
    """One word in twelve is garbled, which changes five shingles each time."""
    garbled = " ".join(
        word.replace("e", "c").replace("i", "l") if number % 12 == 5 else word
        for number, word in enumerate(ARTICLE.split())
    )
    assert garbled != ARTICLE
    assert None not in kinds_both_ways(ARTICLE, garbled)


def test_articles_that_share_only_a_boilerplate_sentence_are_not_copies() -> None:
    sentence = BOILERPLATE.split(".")[0]
    assert len(sentence.split()) > 15
    assert kinds_both_ways(f"{sentence}.\n{ARTICLE}", f"{OTHER}\n{sentence}.") == (None, None)


def test_two_articles_about_one_event_are_not_copies() -> None:
    assert kinds_both_ways(PARAGRAPHS[0], PARAGRAPHS[1]) == (None, None)


def test_texts_without_spaces_are_compared_by_character() -> None:
    text = "北港の水先案内人は月曜日、嵐のあと防波堤の柱が二本ずれたとして、タンカーの誘導を拒んだ。"
    other = "天文台は十月に太陽の近くを通る彗星を見つけた。西の空の低いところに一週間ほど双眼鏡で見える。"
    assert kinds_both_ways(text, text.replace("月曜日", "火曜日")) == (CopyKind.NEAR, CopyKind.NEAR)
    assert kinds_both_ways(text, other) == (None, None)


def test_the_closest_original_wins_and_the_first_of_equals() -> None:
    copies = Copies()
    for offset, earlier in enumerate((ARTICLE[: len(ARTICLE) // 2] + OTHER, ARTICLE, f"{ARTICLE}!")):
        add(copies, offset, earlier, content=f"{offset:016x}")
    match = copies.find("f" * 16, shingles_of(f"{ARTICLE} {ARTICLE[:9]}"))
    assert match is not None
    assert match.offset == 1


def test_a_discarded_text_is_not_found() -> None:
    copies = Copies()
    content, shingles = content_of(ARTICLE), shingles_of(ARTICLE)
    for offset in range(9_000):
        copies.extend([offset], [content if offset % 2 else f"{offset:016x}"], [pack(shingles, 1)], [True])
    for offset in range(8_999):
        copies.discard(offset)
    assert len(copies) == 1
    match = copies.find(content, shingles)
    assert match is not None
    assert match.offset == 8_999
    copies.discard(8_999)
    assert copies.find(content, shingles) is None


@pytest.mark.parametrize("text", ["", "...", "one", "one two"])
def test_a_text_shorter_than_a_shingle_has_no_sketch(text: str) -> None:
    assert len(shingles_of(text).samples) == 0
    assert find_match(ARTICLE, text) is None


def test_a_text_with_too_few_samples_has_no_match() -> None:
    short = next(
        text
        for size in range(4, 60)
        if 0 < len(shingles_of(text := " ".join(PARAGRAPHS[0].split()[:size])).samples) < MIN_SHARED_SAMPLES
    )
    assert find_match(ARTICLE, short) is None


@given(st.lists(st.sampled_from("abcdef"), max_size=60))
def test_a_sketch_is_sorted_distinct_and_contained_in_that_of_a_longer_text(letters: list[str]) -> None:
    whole, part = (shingles_of(" ".join(each)) for each in (letters, letters[: len(letters) // 2]))
    for of_whole, of_part in ((whole.samples, part.samples), (whole.anchors, part.anchors)):
        assert np.array_equal(of_whole, np.unique(of_whole))
        assert np.isin(of_part, of_whole).all()


def test_a_long_text_is_sampled_more_coarsely_in_a_class_of_the_finer_one() -> None:
    letters = [f"word{number}" for number in range(4_000)]
    whole, part = shingles_of(" ".join(letters)), shingles_of(" ".join(letters[:300]))
    assert part.ratio == SAMPLING_RATIO < whole.ratio
    assert len(whole.samples) < 300
    assert np.isin(part.samples[in_class(part.samples, whole.ratio)], whole.samples).all()


@given(st.sets(st.integers(0, 2**16 - 1)), st.sets(st.integers(0, 2**32 - 1)), st.integers(0, 2**32 - 1))
def test_packed_sketches_can_be_unpacked(samples: set[int], anchors: set[int], weight: int) -> None:
    hashes = np.array(sorted(samples), np.uint16)
    shingles = Sketch(4, hashes, np.array(sorted(anchors), np.uint32), hashes)
    packed = pack(shingles, weight)
    parts = unpack([packed, b""])
    assert parts.ratios.tolist() == [4, SAMPLING_RATIO]
    assert parts.weights.tolist() == [weight, 0]
    assert parts.samples == [shingles.samples.astype("<u2").tobytes(), b""]
    assert parts.anchors == [shingles.anchors.astype("<u4").tobytes(), b""]
    with pytest.raises(ValueError, match="cut off"):
        unpack([packed, packed[:-1]])


@given(st.dictionaries(st.integers(0, 2**32 - 1), st.integers(1, 10_000)))
def test_packed_terms_keep_their_order(terms: dict[int, int]) -> None:
    rows = np.array(list(terms.items()), TERM)
    assert np.frombuffer(base64.b64decode(pack_terms(rows)), TERM).tolist() == list(terms.items())


def test_a_notice_that_many_articles_have_proves_nothing() -> None:
    """Half of two short articles is a notice that four long ones have, too."""
    short, long = (
        [" ".join(f"{word}{number}" for word in text.split()) for number in range(4)]
        for text in (PARAGRAPHS[0], "\n".join(PARAGRAPHS))
    )
    without, after = Copies(), Copies()
    for number, text in enumerate(long):
        assert add(after, number, f"{text}\n{BOILERPLATE}") is None
    one, other = (f"{text} again\n{BOILERPLATE}" for text in (short[0].upper(), OTHER[:180]))
    for copies, expected in ((without, True), (after, False)):
        add(copies, 10, one)
        assert (add(copies, 11, other) is not None) == expected


def test_a_text_that_joins_two_others_names_both() -> None:
    copies = Copies()
    for offset in (0, 2):
        add(copies, offset, PARAGRAPHS[offset])
    match = add(copies, 3, f"{PARAGRAPHS[2]}\n{PARAGRAPHS[0]}")
    assert match is not None
    assert {match.offset, *match.others} == {0, 2}


@pytest.mark.parametrize(("threshold", "is_copy"), [(35, True), (80, False)])
def test_the_threshold_decides_how_much_of_a_text_makes_a_copy(threshold: int, is_copy: bool) -> None:
    """Two thirds of each text is in the other."""
    copies = Copies(threshold)
    add(copies, 0, "\n".join(PARAGRAPHS[:3]))
    assert (add(copies, 1, "\n".join(PARAGRAPHS[1:4])) is not None) == is_copy
