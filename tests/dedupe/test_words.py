from __future__ import annotations

import re
from itertools import pairwise
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.dedupe.word_forms import plain
from workers.dedupe.words import content_hash, folded, spelled, words

texts = st.text(
    alphabet=st.one_of(
        st.sampled_from("abcdE5 _'’-.,ÉéßİŉΣσς²½काि्新カ・ー゙𠀀🙂\n\u0301\u00ad"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


@given(texts)
def test_words_are_runs_of_letters_and_digits_and_single_ideographs(text: str) -> None:
    expected = re.findall(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+", re.sub("['’‘`´]", "", text))
    found = words(text)
    assert found.folded == folded(text) == " ".join(expected).casefold()
    assert found.lengths.tolist() == list(map(len, expected))
    assert found.capitalised.tolist() == [word[0].isupper() for word in expected]
    assert found.hashes.tolist() == [crc32(plain(word.casefold(), "").encode()) for word in expected]


def test_terms_are_words_and_pairs_of_ideographs_or_katakana_or_stems() -> None:
    found = words("東京の地震 of 大阪、神戸、ガス 12")
    by_hash = {crc32(word.encode()): word for word in (*"東京の地震大阪神戸ガス", "of", "12")}
    pairs = [
        "".join(each)
        for each, term, own in zip(pairwise("東京の地震@大阪神戸ガス@"), found.terms, found.hashes, strict=False)
        if term != own
    ]
    assert [by_hash[term] for term in found.hashes.tolist()] == [*"東京の地震", "of", *"大阪神戸ガス", "12"]
    assert pairs == ["東京", "地震", "大阪", "神戸", "ガス"]
    assert words("Die 17 Kähne").terms.tolist() == words("Die 17 Kähne").hashes.tolist()
    assert words("Strażacy w Radomiu 2026", "pl").terms.tolist() == words("straż w radom 2026").hashes.tolist()
    assert words("서울에서 손흥민은 골을 아이", "ko").terms.tolist() == words("서울 손흥민 골을 아이").hashes.tolist()
    assert words("والمدينة بالحريق للعمال ألم", "ar").terms.tolist() == words("مدينة حريق عمال ألم").hashes.tolist()


@pytest.mark.parametrize(
    ("language", "written", "bare"),
    [
        ("de", "Äschbachs Bürger stößt größer", "Aeschbachs Buerger stoesst groesser"),
        ("fr", "Évrières réclame où naïf", "Evrieres reclame ou naif"),
        ("pl", "Łękę żądają źdźbło", "Leke zadaja zdzblo"),
        ("tr", "Erdoğan ılık çağrı", "Erdogan ilik cagri"),
        ("sv", "Åre först på ön", "Are forst pa on"),
        ("ru", "Орёл её ждёт мой", "Орел ее ждет мой"),
        ("el", "Αθήνα σεισμός", "ΑΘΗΝΑ ΣΕΙΣΜΟΣ"),
        ("ar", "أحمد إلى آخر", "احمد الى اخر"),
        ("en", "Erdoğan met Pelé", "Erdogan met Pele"),
        ("zh", "１２月Ｇ７峰会", "12月G7峰会"),
        ("fa", "۱۲ کشته", "12 کشته"),
    ],
)
def test_a_word_without_its_accents_is_the_same_but_shown_as_written(language: str, written: str, bare: str) -> None:
    own, other = words(written, language), words(bare, language)
    assert own.hashes.tolist() == other.hashes.tolist()
    assert own.terms.tolist() == other.terms.tolist()
    assert "".join(spelled(written, own, language)) == written.casefold().replace(" ", "")


def test_an_accent_that_makes_another_word_counts() -> None:
    assert words("má mả", "vi").hashes.tolist() != words("ma ma", "vi").hashes.tolist()
    assert words("й", "ru").hashes.tolist() != words("и", "ru").hashes.tolist()


@given(texts, texts)
def test_content_hashes_are_equal_exactly_if_the_words_are(one: str, other: str) -> None:
    assert (content_hash([folded(one)]) == content_hash([folded(other)])) == (folded(one) == folded(other))


@given(st.text(alphabet="abcdefgh '’-.,ÉéßΣσ新聞", max_size=60))
def test_case_and_apostrophes_do_not_change_the_words(text: str) -> None:
    changed = text.replace("'", "’").upper().lower()
    assert folded(changed) == folded(text.upper().lower())


def test_words_with_vowel_signs_are_shown_whole() -> None:
    text = "कानपुर की फैक्ट्री।"
    assert set(spelled(text, words(text, "hi"), "hi")) == {"कानपुर", "की", "फैक्ट्री"}


@given(texts, st.sampled_from(["en", "hi", "ko", "th"]))
def test_each_word_has_a_spelling(text: str, language: str) -> None:
    assert len(spelled(text, found := words(text, language), language)) == len(found)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Europe's banks' rock 'n' roll", "europes banks rock n roll"),
        ("fr", "L’exploitant d'un quai aujourd'hui", "l exploitant d un quai aujourd hui"),
        ("it", "dell'acqua", "dell acqua"),
        ("de", "Geht's in Ku'damm?", "gehts in kudamm"),
    ],
)
def test_words_with_an_elision_are_two_where_languages_have_it(language: str, text: str, expected: str) -> None:
    assert words(text, language).folded == expected
