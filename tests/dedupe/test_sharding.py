"""In which of several shards an article is compared."""

from __future__ import annotations

from dataclasses import replace

from tests.dedupe.support import DAM, PARAGRAPHS, SHORT, article
from workers.dedupe.sharding import shard_of
from workers.settings import Settings

SEVERAL = Settings(languages=("fr", "en:4", "de"))


def test_articles_of_one_language_use_all_its_shards_and_copies_share_one() -> None:
    shards = [shard_of(article(body), SEVERAL) for body in (*PARAGRAPHS, DAM)]
    assert set(shards) <= {1, 2, 3, 4}
    assert len(set(shards)) > 1
    framed = [shard_of(article(f"{body} More soon.", headline="As reported"), SEVERAL) for body in (*PARAGRAPHS, DAM)]
    assert framed == shards


def test_other_languages_and_texts_without_words_have_a_shard_too() -> None:
    assert shard_of(replace(article(DAM), language="fr"), SEVERAL) == 0
    assert shard_of(replace(article(DAM), language="sv"), SEVERAL) == 6
    assert all(shard_of(article(body), SEVERAL) in range(1, 5) for body in (*SHORT, "…", "17"))
    assert shard_of(article(DAM), Settings()) == 0
