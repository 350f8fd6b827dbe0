"""In which shard of its language an article is compared: in one of several, it misses what is in the others."""

from __future__ import annotations

from zlib import crc32

from schemas import CleanArticle
from workers.dedupe.texts import text_of
from workers.dedupe.word_forms import plain
from workers.settings import Settings
from workers.topics import shards_of


def shard_of(article: CleanArticle, settings: Settings) -> int:
    """The partition of news-clean for an article.

    Of several, its most telling word decides: of what was tried, this keeps most copies and stories together.
    """
    partitions = shards_of(article.language, settings)
    if len(partitions) == 1:
        return partitions[0]
    word = plain("".join(text_of(article).telling[:1]), article.language)
    return partitions[crc32(word.encode()) % len(partitions)]
