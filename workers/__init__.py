"""Copydesk: a streaming news ingestion worker. This is the map of its code; read it in this order.

1. What travels and where:

   - ``schemas/records.py``: the records, as frozen dataclasses; ``schemas/codec.py`` reads and writes them.
   - ``workers/topics.py``: the table of topics; ``workers/settings.py``: the table of settings.
   - ``workers/outcomes.py``: how an article leaves a stage and why it is refused; ``workers/errors.py``: all errors.
   - ``workers/messages.py``: messages, outputs and results, as light types.

2. ``workers/stages.py``: the table of stages, with what each reads, writes and runs. ``workers/handlers.py`` connects
   messages with the text code, which is plain functions over records:

   - ``workers/clean/``: raw bytes to a clean article. ``workers/clean/article.py`` is the stage,
     ``workers/clean/input/`` recognises formats and reads HTML, ``workers/clean/segments.py`` tells headline,
     dateline, boilerplate and body apart, ``workers/clean/boilerplate/`` has the rules, ``workers/clean/fields/``
     parses dates, names, datelines, URLs and languages, and ``workers/clean/candidates.py`` says which source wins.
   - ``workers/dedupe/``: a clean article to a verdict. ``workers/dedupe/ledger.py`` remembers verdicts,
     ``workers/dedupe/verdicts.py`` decides them.
   - ``workers/enrich/``: a unique article to its entities; ``workers/enrich/lexicon/`` has the tables.
   - ``workers/vocabulary/``: agencies, months, name particles and quotation marks, for all stages.

3. The stages on Kafka:

   - ``workers/stream/``: one stage as a Faust worker. ``workers/stream/build.py`` puts it together,
     ``workers/stream/worker.py`` takes batches and acknowledges them, ``workers/stream/runner.py`` runs them.
   - ``workers/hooks.py``: what happens in a worker's life, for those who follow it: lag, health, watchdog, limits.
   - ``workers/state/``: the ledgers of dedupe, in a Kafka topic and in snapshots on disk.
   - ``workers/kafka/``: connections, security, topics and readers, for any Kafka.

4. ``workers/observability/``: metrics, consumer lag, health, logs, traces, systemd. ``workers/top/`` shows the metrics
   of a running stream, and ``workers/doctor/`` checks everything that one needs.

5. Ways to run it:

   - ``workers/reading/``: what came out, for people; ``workers/dead_letters/``: what was refused, and sending it back.
   - ``workers/cli/``: the commands; ``workers/supervisor.py``: all roles on one machine.
   - ``workers/files/``: the articles in files of any kind, for the commands.
   - ``workers/explain/``: what happened to one article and why, as text or a page.
   - ``workers/in_process.py``: the stages without Kafka.
   - ``workers/embedded_kafka/``: the Apache Kafka of the demo, the tests and ``copydesk run``.
   - ``workers/processor.py``: what numpy must be told about the processor, before anything imports it.
   - ``workers/fault_points.py``: the places where the reliability drills break a worker.

The rules of the house:

- Text code (``workers/clean/``, ``workers/dedupe/``, ``workers/enrich/``) imports no Faust and no Kafka, and reads no
  clock or environment. Steps map a record to a record; bad input raises ``RejectedError``.
- One runner publishes, waits, counts and dead-letters, in one place. A message leaves a stage in exactly one way.
- Rules are data: tables whose rows have an id, an example that must match and one that must not. (What depends on the
  place in the text, such as headline, byline or a repeated line, is code in ``workers/clean/segments.py`` and
  ``workers/clean/boilerplate/``, and has an id too.)
- Cleaning is auditable: every removed span is kept with its offsets and rule, so the raw text can be rebuilt.
- Every outcome is counted once per article and stage, with a reason from a closed set.
- Settings, topics, stages and metrics are one table each; documents and deployment files are generated or checked
  against them.
"""

__version__ = "0.1.0"
