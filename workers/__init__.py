"""Copydesk: a streaming news ingestion worker.

Read in this order:

1. ``schemas.records``: what travels; ``topics``: where; ``outcomes``: in which ways it can leave; ``settings``.
2. ``stages``: what each stage makes of a message. The stages themselves are plain functions that know no stream:
   ``clean`` (bytes to an article), ``dedupe`` (an article to a verdict), ``enrich`` (an article to its entities).
3. ``stream``: one stage on Kafka; ``state``: the ledgers on Kafka; ``kafka``: connections and topics.
4. ``observability``: metrics, health, logs, traces.
5. ``cli``: the commands; ``supervisor``: all roles on one machine; ``in_process``: no broker at all;
   ``embedded_kafka``: the Apache Kafka of the demo and the tests.

The rules of the house: text code never imports Faust; one runner observes; rules are data; cleaning is auditable; every
outcome is counted once; settings, topics and metrics are one table each.
"""

__version__ = "0.1.0"
