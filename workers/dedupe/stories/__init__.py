"""Stories: groups of articles about one event, formed in one pass over the stream.

``index`` finds the articles like a new one, and ``placement`` decides where it belongs and which of them move;
``regrouping`` keeps what has moved, and ``view`` is what a reader is shown of a story. ``terms`` weighs the words of a
text, with the word frequencies of ``background`` and the dates of ``dates``; the index keeps them as ``compact`` does.
``likeness`` says how likely two texts are about one event.
"""

from workers.dedupe.stories.index import Stories
from workers.dedupe.stories.placement import Placement
from workers.dedupe.stories.terms import (
    TERM,
    TERMS_PER_TEXT,
    VECTOR_LENGTH,
    Occurrences,
    Terms,
    most_telling,
    occurrences,
    occurrences_of,
)

__all__ = [
    "TERM",
    "TERMS_PER_TEXT",
    "VECTOR_LENGTH",
    "Occurrences",
    "Placement",
    "Stories",
    "Terms",
    "most_telling",
    "occurrences",
    "occurrences_of",
]
