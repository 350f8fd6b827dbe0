"""Clean articles for tests, and helpers that pass them to a ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas import CleanArticle, LedgerEntry, Notice, NoticeKind, Origin, encode
from workers.dedupe import Ledger, entry_key

WINDOW = 1_000
"""The window of test ledgers, in milliseconds of message time."""

# Invented paragraphs. Each is long enough to be recognised as a copy, and some share names.
PARAGRAPHS = (
    "Harbour pilots in Kestrel Bay refused on Monday to guide tankers past the damaged breakwater, saying that two of "
    "its pillars had moved since the storm and that no engineer had looked at them.",
    "The port of Kestrel Bay said that engineers would examine the breakwater on Tuesday and that tankers could wait "
    "outside until then, while pilots asked for a written promise before they would board again.",
    "Marta Lindqvist won the mountain stage in Valdoria by eleven seconds after a long descent in heavy rain, and "
    "wore the leader's yellow jacket for the first time since she turned professional.",
    "Organisers in Valdoria shortened the last mountain stage because snow lay on the highest pass, which Marta "
    "Lindqvist called the right decision although it cost her the chance of another win.",
    "A bakery that has stood on Orchard Street since 1911 will close in March, its owner said, because nobody in the "
    "family wants to rise at three in the morning and the oven would have to be rebuilt.",
    "Astronomers at the Brenmoor observatory found a faint comet that will pass the Sun in October and may be seen "
    "with field glasses low in the western sky for about a week after dusk.",
)
# Two reports about a dam, one about an earthquake, one that belongs to either, and one that shows them to be one event.
DAM = (
    "Engineers opened the gates of the Sellmark dam on Tuesday because cracks had appeared in its wall, and farmers "
    "below the reservoir at Lake Tarn drove their cattle to higher ground."
)
WALL = (
    "Cracks in the wall of the Sellmark dam made engineers open its gates, and farmers at Lake Tarn below the "
    "reservoir moved cattle on Tuesday, the water board said."
)
RESCUE = (
    "Rescue teams in Brenholt searched the ruins of forty houses on Tuesday after an earthquake struck the valley of "
    "Ostermark, and mayor Ilse Verhagen asked for tents and blankets."
)
BRIDGE = (
    "Mayor Ilse Verhagen asked for tents for Brenholt, where an earthquake destroyed forty houses, and said on Tuesday "
    "that engineers should look at the cracks in the Sellmark dam."
)
BOTH = (
    "The earthquake that struck the valley of Ostermark on Tuesday destroyed forty houses in Brenholt, where rescue "
    "teams searched the ruins and mayor Ilse Verhagen asked for tents, and opened cracks in the wall of the Sellmark "
    "dam, where engineers opened the gates of the reservoir at Lake Tarn and farmers drove cattle to higher ground."
)
CONNECTED = (DAM, WALL, RESCUE, BRIDGE, BOTH)
QUAKE = (
    "An earthquake of magnitude {0} struck {1} in the province of {2} on {3}, killing at least {4} people and damaging "
    "hundreds of houses, officials said. It hit at {5} local time at a depth of {6} kilometres, the geological survey "
    "said. Residents of {1} ran into the streets, and hospitals treated dozens of people with broken bones. Rescue "
    "teams were searching the rubble of a school and a market. Power was cut in large parts of {2}."
)
QUAKES = [
    QUAKE.format("5.9", "Sarmin", "Oltan", "Monday", 23, "4:12", 10),
    QUAKE.format("6.3", "Belhara", "Kust", "Thursday", 41, "23:48", 35),
    QUAKE.format("5.1", "Immadur", "Pell", "Friday", 7, "14:31", 22),
]
"""Reports from one template."""
SHORT = ("Watch the video.", "Live updates below.")


def article(
    body: str,
    *,
    offset: int = 0,
    headline: str = "",
    url: str | None = None,
    id: str | None = None,
    notice: NoticeKind | None = None,
) -> CleanArticle:
    """A clean article from the raw message at the offset."""
    return CleanArticle(
        id=id or f"{offset:016x}",
        origin=Origin(topic="news-raw", partition=0, offset=offset),
        headline=headline,
        body=body,
        language="en",
        canonical_url=url,
        notice=Notice(kind=notice) if notice else None,
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A clean article with its stream offset and its message time in milliseconds."""

    article: CleanArticle
    offset: int
    time: int


def decide(ledger: Ledger, deliveries: Iterable[Delivery]) -> list[bytes]:
    """The decisions of the ledger, stored or new, as bytes."""
    decisions = [ledger.decide(delivery.article, delivery.offset, delivery.time) for delivery in deliveries]
    return [encode([decision.verdict, decision.time]) for decision in decisions]


def load(ledger: Ledger, *entries: LedgerEntry) -> None:
    """Load entries into the ledger as they are in its topic."""
    for entry in entries:
        ledger.load(entry_key(entry.origin), encode(entry))


def entries_of(*deliveries: Delivery, window: int = WINDOW) -> list[LedgerEntry]:
    """The entries that an empty ledger makes for the deliveries, each from a message of its own."""
    ledger = Ledger(window)
    return [entry_of(ledger, delivery) for delivery in deliveries]


def entry_of(ledger: Ledger, delivery: Delivery) -> LedgerEntry:
    """The entry that the ledger makes for a delivery whose message has none yet."""
    entry = ledger.decide(delivery.article, delivery.offset, delivery.time).entry
    assert entry
    return entry
