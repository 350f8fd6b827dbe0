"""Stories: groups of articles about one event, formed in one pass over the stream.

``index`` finds the story of an article. ``terms`` weighs the words of a text, with the word frequencies of
``background`` and the dates of ``dates``. ``likeness`` says how likely two texts are about one event.
"""

from workers.dedupe.stories.index import Stories
from workers.dedupe.stories.terms import (
    TERM,
    TERMS_PER_TEXT,
    VECTOR_LENGTH,
    Occurrences,
    Terms,
    occurrences,
    occurrences_of,
)

__all__ = [
    "TERM",
    "TERMS_PER_TEXT",
    "VECTOR_LENGTH",
    "Occurrences",
    "Stories",
    "Terms",
    "occurrences",
    "occurrences_of",
]
