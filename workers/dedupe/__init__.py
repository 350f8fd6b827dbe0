"""The dedupe stage: finds copies, revisions and stories in stream order, and records its verdicts in a ledger.

``ledger`` returns the decision on an article, stored or new. ``verdicts`` makes new ones, with the ``indexes`` of
``copies``, ``revisions`` and ``stories``; these have ``rows``, which consist of ``columns``, ``keys`` and ``postings``.
``versions`` finds the version before an article, and ``relations`` how it relates to another that it has words of.
``joining`` says what becomes of the stories when an article joins one. ``texts`` finds the ``words``, ``sketches`` and
terms of a batch, without the ``boilerplate`` of press releases; ``series`` tells articles of one template apart by
their ``particulars``, and news from its background; ``changes`` says what a revision changes.
"""

from workers.dedupe.ledger import Decision, Ledger, entry_key
from workers.errors import OutOfOrderError

__all__ = ["Decision", "Ledger", "OutOfOrderError", "entry_key"]
