"""Short names for the types of entities and for what finds mentions.

Not only for the eye: Python 3.11 takes fifteen times as long for ``EntityType.PERSON`` as for ``PERSON``, and an
article needs hundreds of them.
"""

from __future__ import annotations

from schemas.records import EntityType, MentionSource

PERSON, ORG, GPE, LOC, FAC, NORP, EVENT, PRODUCT, WORK_OF_ART, LAW = EntityType
BY_MODEL, BY_RULE, BY_LEXICON = MentionSource
