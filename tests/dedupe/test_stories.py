from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dedupe.support import PARAGRAPHS
from workers.dedupe.stories import TERM, TERMS_PER_TEXT, VECTOR_LENGTH, Stories, Terms, background, occurrences
from workers.dedupe.stories.compact import compact, hashes_of, shortened, weights_of
from workers.dedupe.stories.terms import LEAD_FLAG, NAME_FLAG, WEIGHT_BITS, parted
from workers.dedupe.words import word_hashes, words

NAMES = ("story-a", "story-b", "story-c")


def terms(weights: dict[int, int]) -> Terms:
    """Terms with the weights, the heaviest first."""
    return np.array(sorted(weights.items(), key=lambda row: (-row[1], row[0])), TERM)


def weigh(stories: Stories, text: str, headline: str = "") -> Terms:
    return stories.weigh(occurrences(words(headline), words(text), "en"))


term_sets = st.dictionaries(st.integers(0, 12), st.integers(1, VECTOR_LENGTH), min_size=1, max_size=6).map(terms)


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story."""

    story: str
    terms: Terms


members = st.builds(Member, st.sampled_from(NAMES), term_sets)


def stories_with(articles: dict[int, Member], *, in_one_call: bool = False) -> Stories:
    """An index of the articles, by offset."""
    stories = Stories()
    if in_one_call and articles:
        stories.extend(
            list(articles), [one.story for one in articles.values()], [one.terms.tobytes() for one in articles.values()]
        )
    else:
        for offset, member in articles.items():
            stories.extend([offset], [member.story], [member.terms.tobytes()])
    return stories


def query_everything(stories: Stories, probes: list[Terms]) -> list[object]:
    """The results of every query."""
    return [
        len(stories),
        [stories.find(probe) for probe in probes],
        [stories.latest(name) for name in NAMES],
        [weigh(stories, text).tolist() for text in PARAGRAPHS],
    ]


@given(st.lists(members, max_size=12), st.lists(term_sets, min_size=1, max_size=5), st.booleans(), st.data())
def test_results_depend_only_on_the_articles_in_the_index(
    history: list[Member], probes: list[Terms], in_one_call: bool, data: st.DataObject
) -> None:
    """Sums of integers are exact, whatever was added and discarded in between."""
    stories = Stories()
    present: dict[int, Member] = {}
    for offset, member in enumerate(history):
        stories.extend([offset], [member.story], [member.terms.tobytes()])
        present[offset] = member
        for gone in data.draw(st.lists(st.sampled_from(sorted(present)), unique=True, max_size=2)):
            del present[gone]
            stories.discard(gone)
            if not present:
                break
    assert query_everything(stories, probes) == query_everything(stories_with(present, in_one_call=in_one_call), probes)


@given(st.lists(members, max_size=8), st.lists(term_sets, min_size=1, max_size=5))
def test_an_index_with_every_article_discarded_equals_an_empty_one(history: list[Member], probes: list[Terms]) -> None:
    stories = stories_with(dict(enumerate(history)))
    for offset in range(len(history)):
        stories.discard(offset)
    assert query_everything(stories, probes) == query_everything(Stories(), probes)


def test_an_article_belongs_to_the_story_whose_names_it_shares() -> None:
    stories = Stories()
    for offset, (name, text) in enumerate(zip(NAMES, (PARAGRAPHS[0], PARAGRAPHS[2], PARAGRAPHS[4]), strict=True)):
        assert stories.find(weigh(stories, text)) is None
        stories.extend([offset], [name], [weigh(stories, text).tobytes()])
    assert stories.find(weigh(stories, PARAGRAPHS[1])) == 0
    assert stories.find(weigh(stories, PARAGRAPHS[3])) == 1
    assert stories.find(weigh(stories, PARAGRAPHS[5])) is None


def test_the_similarity_of_a_story_is_the_mean_over_its_nearest_members() -> None:
    stories = Stories()
    probe = terms({1: 8000, 2: 6000})
    # The mean is over five members: one near member does not make up for four far ones.
    near, far = terms({1: 8000, 3: 6000}), terms({2: 1000, 4: 9950})
    for offset, (name, own) in enumerate([("story-a", near), *[("story-a", far)] * 4, ("story-b", near)]):
        stories.extend([offset], [name], [own.tobytes()])
    assert stories.find(probe) == 5


@given(st.lists(st.sampled_from(PARAGRAPHS), max_size=6), st.sampled_from(["", *PARAGRAPHS]))
def test_weights_are_few_integers_of_fixed_vector_length(texts: list[str], headline: str) -> None:
    _, own = parted(weigh(Stories(), " ".join(texts), headline))
    assert len(own) <= TERMS_PER_TEXT
    if len(own):
        weights = (own["weight"] & WEIGHT_BITS).astype(np.int64)
        assert weights.min() >= 1
        assert abs(float((weights**2).sum()) ** 0.5 - VECTOR_LENGTH) < 50
        assert list(weights) == sorted(weights, reverse=True)
        assert len(set(own["term"].tolist())) == len(own)


def test_terms_of_a_version_that_kept_more_are_truncated() -> None:
    stories = Stories()
    many = terms({term: 2 * TERMS_PER_TEXT - term for term in range(2 * TERMS_PER_TEXT)})
    name = terms({9: VECTOR_LENGTH + int(LEAD_FLAG) + int(NAME_FLAG)})
    stories.extend([0, 1], ["story-a", "story-b"], [many.tobytes(), name.tobytes()])
    assert stories.find(name) == 1
    assert len(stories) == 2


def test_a_text_without_words_belongs_to_no_earlier_story() -> None:
    stories = Stories()
    own = weigh(stories, "…")
    assert len(own) == 0
    stories.extend([0], ["story-a"], [own.tobytes()])
    assert stories.find(own) is None
    assert stories.latest("story-a") == 0
    stories.discard(0)
    assert len(stories) == 0
    assert stories.latest("story-a") is None


QUAKE = (
    "Rescue teams searched the ruined village of Brenholt on Tuesday after an earthquake of magnitude 6.1 destroyed "
    "forty houses and cut the only road to the valley of Ostermark, officials in Brenholt said."
)
SAME_QUAKE = (
    "The earthquake that struck Brenholt, a village in the valley of Ostermark, destroyed at least forty houses and "
    "blocked the only road, officials said on Tuesday as rescue teams searched the ruins of Brenholt."
)
OTHER_QUAKE = (
    "Rescue teams searched the ruined town of Calvera on Friday after an earthquake of magnitude 5.8 destroyed "
    "twenty houses and cut the only bridge to the island of Pellan, officials in Calvera said."
)


def test_a_new_stream_tells_look_alike_events_apart() -> None:
    stories = Stories()
    stories.extend([0], ["story-a"], [weigh(stories, QUAKE).tobytes()])
    assert stories.find(weigh(stories, SAME_QUAKE)) == 0
    assert stories.find(weigh(stories, OTHER_QUAKE)) is None


def test_texts_without_capitals_form_stories() -> None:
    stories = Stories()
    stories.extend([0], ["story-a"], [weigh(stories, QUAKE.casefold()).tobytes()])
    assert stories.find(weigh(stories, SAME_QUAKE.casefold())) == 0
    assert stories.find(weigh(stories, PARAGRAPHS[0].casefold())) is None


@pytest.mark.parametrize(
    ("language", "text", "mask"),
    [
        ("en", "On Tuesday, 4 March 2025, they may march.", 1 << 2 | 1 << 13 | 1 << (19 + 2025 % 13)),
        ("de", "Am Dienstag im März", 1 << 2 | 1 << 13),
        ("fr", "mardi 4 mars", 1 << 2 | 1 << 13),
        ("ru", "во вторник, 4 марта", 1 << 2 | 1 << 13),
        ("ja", "2025年", 0),
    ],
)
def test_the_dates_that_a_text_names_are_kept(language: str, text: str, mask: int) -> None:
    assert parted(Stories().weigh(occurrences(words(""), words(text, language), language)))[0] == mask


def test_a_common_word_is_in_more_articles_than_an_unknown_one() -> None:
    for language, word in (("en", "because"), ("de", "weil"), ("ru", "потому")):
        common, unknown = background.shares(word_hashes(f"{word} qzxv"), language).tolist()
        assert common > 100 * unknown


def test_compact_words_keep_their_flags_and_nearly_their_weights() -> None:
    words = np.zeros(8 << 12, TERM)
    words["term"], words["weight"] = np.arange(len(words)) * 0x9E3779, np.arange(len(words))
    words = words[words["weight"] & WEIGHT_BITS > 0]
    compacted = compact(words)
    assert compact(np.zeros(1, TERM)) == 0
    assert hashes_of(compacted).tolist() == shortened(words["term"]).tolist()
    weights = weights_of(compacted)
    assert (weights & ~WEIGHT_BITS == words["weight"] & ~WEIGHT_BITS).all()
    exact = np.maximum(64, words["weight"] & WEIGHT_BITS)
    assert np.abs((weights & WEIGHT_BITS) / exact - 1).max() < 0.021
