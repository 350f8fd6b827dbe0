"""Copydesk: a streaming news ingestion worker.

Read in this order:

1. ``schemas.records``: what travels; ``topics``: where; ``outcomes``: in which ways it can leave; ``settings``.
2. ``stages``: what each stage makes of a message. The stages themselves are plain functions that know no stream:
   ``clean`` (bytes to an article), ``dedupe`` (an article to a verdict), ``enrich`` (an article to its entities).
3. ``runner``: the one place that observes: handles, sends, waits, counts, acknowledges. ``app`` wires it to Faust,
   ``driver`` mends Faust, ``recovery`` has the ledgers read back from their topic (``ledger_topic``) or ``snapshots``;
   ``connection`` (TLS, logins), ``retry``, ``limits`` and ``watchdog`` are for the days when something is wrong.
4. ``metrics`` (the table), ``observe`` (what records tell), ``lag``, ``health``, ``notify`` (systemd), ``logs`` and
   ``tracing``: what is seen from outside.
5. ``cli``: the commands; ``supervisor`` (all roles on one machine), ``local`` (no broker at all), ``tally`` (who has
   arrived), ``broker`` and ``kafka`` (an Apache Kafka of one's own), ``admin`` (topics), ``samples`` (for the demo).

The rules of the house: text code never imports Faust; one runner observes; rules are data; cleaning is auditable; every
outcome is counted once; settings, topics and metrics are one table each.
"""

__version__ = "0.1.0"
