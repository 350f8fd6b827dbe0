"""The dedupe stage: copies, revisions and stories, decided in the order of the stream and remembered in a ledger.

``ledger`` answers; ``verdicts`` decides; ``copies``, ``revisions`` and ``stories`` compare; ``postings`` finds.
"""

from workers.dedupe.ledger import Decision, Ledger, entry_key
from workers.errors import OutOfOrderError

__all__ = ["Decision", "Ledger", "OutOfOrderError", "entry_key"]
