"""The stages of the stream, in one table, ``STAGES``. A row has everything that a stage needs to run.

The table is light: a factory imports its stage's code only when called, so that the supervisor, the probes and the
commands read the table without loading a model.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from tempfile import gettempdir
from typing import TYPE_CHECKING, Protocol, TypeVar

from workers import topics
from workers.errors import LedgerError, SettingsError
from workers.messages import Handler, HandlerResult, Message, Result
from workers.outcomes import Stage
from workers.settings import Settings

if TYPE_CHECKING:
    from workers.dedupe import Ledger


MAX_PREPARED_BYTES = 1 << 20
"""Bytes of messages that are prepared together: what is found in their texts takes several times as many."""

A = TypeVar("A")
P = TypeVar("P")
T = TypeVar("T")


def ignore_models(loaded: Collection[str], problems: Collection[str]) -> None:
    """Do nothing: the default for ``models_loaded``."""


def ignore_language(language: str, has_rules: bool) -> None:
    """Do nothing: the default for ``no_model``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageContext:
    """What a handler factory receives.

    Attributes:
        ledger_of: returns the ledger of an input partition; for a stage that keeps ledgers.
        models_loaded: called with the languages whose models were loaded, and a line for each that is missing or slow.
        no_model: called once with each language that arrives and has no model, and whether it has rules of its own.
    """

    settings: Settings
    ledger_of: Callable[[int], Ledger]
    models_loaded: Callable[[Collection[str], Collection[str]], None] = ignore_models
    no_model: Callable[[str, bool], None] = ignore_language


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpec:
    """A stage: its topics, and how it handles messages.

    Attributes:
        output_topic: the topic that the next stage reads; a stage may write to others too.
        batch_size: messages per batch; small for slow stages, so that a batch ends well within a rebalance.
        metrics_port: the default port of ``/metrics``.
        make_handler: makes the handler of a worker.
        keeps_ledgers: whether each input partition has a ledger, which is read back before its first message.
    """

    name: str
    input_topic: str
    output_topic: str
    batch_size: int
    metrics_port: int
    make_handler: Callable[[StageContext], Handler]
    keeps_ledgers: bool = False


def per_message(handle: Callable[[Message], Result]) -> Handler:
    """A handler that handles the messages of a batch one by one."""
    return lambda messages: [_attempt(handle, message) for message in messages]


def per_batch(handle: Callable[[Sequence[Message]], Sequence[Result]]) -> Handler:
    """A handler that handles a batch as a whole; if that fails, it retries the messages one by one."""

    def handler(messages: Sequence[Message]) -> Sequence[HandlerResult]:
        try:
            return handle(messages)
        except Exception:  # noqa: BLE001 -- raised again below, attributed to one message
            return [_attempt(lambda message: handle([message])[0], message) for message in messages]

    return handler


class PreparedStage(Protocol[A, P]):
    """A stage that prepares the articles of several messages at once, which is faster, and handles them one by one."""

    def read(self, message: Message) -> A:
        """The article in a message."""

    def prepare(self, messages: Sequence[tuple[Message, A]]) -> Sequence[P]:
        """What ``handle`` takes with each of the articles."""

    def handle(self, message: Message, article: A, prepared: P | None) -> Result:
        """The result of a message; without what is ``prepared``, it takes longer."""


def prepared(stage: PreparedStage[A, P]) -> Handler:
    """A handler that prepares messages together, as many as do not take much memory, and handles them in order."""

    def handled(messages: Sequence[Message]) -> Iterator[HandlerResult]:
        articles = [_attempt(stage.read, message) for message in messages]
        read = [
            (message, article)
            for message, article in zip(messages, articles, strict=True)
            if not isinstance(article, Exception)
        ]
        texts: Iterator[P | None]
        try:
            texts = iter(stage.prepare(read))
        except (MemoryError, LedgerError):
            raise
        except Exception:  # noqa: BLE001 -- raised again when its message is handled
            texts = repeat(None)
        for message, article in zip(messages, articles, strict=True):
            if isinstance(article, Exception):
                yield article
            else:
                yield _attempt(partial(stage.handle, article=article, prepared=next(texts)), message)

    return lambda messages: [result for some in _parts(messages) for result in handled(some)]


def _parts(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Yield the messages in order, some at a time, up to ``MAX_PREPARED_BYTES`` and one more."""
    first = size = 0
    for end, message in enumerate(messages, 1):
        size += len(message.value or b"")
        if size > MAX_PREPARED_BYTES or end == len(messages):
            yield messages[first:end]
            first, size = end, 0


def _attempt(handle: Callable[[Message], T], message: Message) -> T | Exception:
    try:
        return handle(message)
    except (MemoryError, LedgerError):
        raise
    except Exception as error:  # noqa: BLE001 -- an error in one message must not stop the next
        return error


def _clean(context: StageContext) -> Handler:
    from workers.clean.fields import language
    from workers.handlers import clean_stage

    try:
        # Load now: failing on first use would dead-letter every message.
        language.load()
    except OSError as error:
        raise SettingsError(
            f"the language model cannot be unpacked into {gettempdir()} ({error.strerror}): "
            "free 100 MB there, or set TMPDIR to a directory that has them"
        ) from None
    return per_message(clean_stage(context.settings))


def _dedupe(context: StageContext) -> Handler:
    from workers.handlers import DedupeStage

    settings = context.settings
    return prepared(
        DedupeStage(
            context.ledger_of,
            marks_copies=settings.copies == "mark",
            keeps_bodies=settings.duplicate_bodies == "on",
        )
    )


def _enrich(context: StageContext) -> Handler:
    from workers.enrich import Enricher, gazetteer
    from workers.enrich.lexicon import entries_by_key
    from workers.enrich.people import read_people
    from workers.enrich.recogniser import load_recognisers
    from workers.handlers import enrich_stage

    recognisers, problems = load_recognisers(context.settings.models)
    context.models_loaded(recognisers.keys(), problems)
    people = read_people(context.settings.people) if context.settings.people else {}
    # What is loaded stays; looking through it for garbage again and again takes 3 % of the stage's time.
    gazetteer.load()
    entries_by_key()
    gc.collect()
    gc.freeze()
    return per_batch(enrich_stage(Enricher(recognisers, context.no_model, people)))


STAGES = {
    spec.name: spec
    for spec in (
        StageSpec(
            name=Stage.CLEAN.value,
            input_topic=topics.RAW,
            output_topic=topics.CLEAN,
            batch_size=200,
            metrics_port=9641,
            make_handler=_clean,
        ),
        StageSpec(
            name=Stage.DEDUPE.value,
            input_topic=topics.CLEAN,
            output_topic=topics.UNIQUE,
            batch_size=500,
            metrics_port=9642,
            make_handler=_dedupe,
            keeps_ledgers=True,
        ),
        StageSpec(
            name=Stage.ENRICH.value,
            input_topic=topics.UNIQUE,
            output_topic=topics.ENRICHED,
            batch_size=32,
            metrics_port=9643,
            make_handler=_enrich,
        ),
    )
}
"""Every stage by name, in the order of the stream."""


def group_of(stage: str) -> str:
    """The consumer group of a stage's workers, which is also the id of the Faust app."""
    return f"copydesk-{stage}"
