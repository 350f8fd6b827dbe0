"""The dates that a text names, as a mask: twelve months, seven weekdays and thirteen classes of years.

Two texts that name months, and none in common, are less likely about one event; so with weekdays and years.
"""

from __future__ import annotations

from functools import cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes
from workers.dedupe.word_forms import plain

MONTHS = 0x00000FFF
WEEKDAYS = 0x0007F000
YEARS = 0xFFF80000
DATE_PARTS = (YEARS, MONTHS, WEEKDAYS)
"""The bits of a mask that are compared with each other."""

FIRST_WEEKDAY_BIT, FIRST_YEAR_BIT, YEAR_CLASSES = 12, 19, 13
YEARS_NAMED = range(1980, 2050)
"""Years that a text in the news may name as a date. Thirteen years apart, two share a bit."""

CAPITALISED = frozenset({"en", "de"})
"""Languages that write months and weekdays with a capital: “may” and “march” are no dates."""

_NAMES = {
    "en": (
        "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct "
        "november/nov december/dec",
        "monday tuesday wednesday thursday friday saturday sunday",
    ),
    "de": (
        "januar/jänner februar märz april mai juni juli august september oktober november dezember",
        "montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag",
    ),
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    ),
    "es": (
        "enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre",
        "lunes martes miércoles jueves viernes sábado domingo",
    ),
    "it": (
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    ),
    "pt": (
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "segunda terça quarta quinta sexta sábado domingo",
    ),
    "ru": (
        "января/январь/январе февраля/февраль/феврале марта/март/марте апреля/апрель/апреле мая/май/мае "
        "июня/июнь/июне июля/июль/июле августа/август/августе сентября/сентябрь/сентябре октября/октябрь/октябре "
        "ноября/ноябрь/ноябре декабря/декабрь/декабре",
        "понедельник вторник среда/среду четверг пятница/пятницу суббота/субботу воскресенье",
    ),
}  # fmt: skip
"""The months and the weekdays of each language, in order; ``/`` separates the forms of one."""


def masks(
    texts: npt.NDArray[np.intp], terms: Hashes, capitalised: npt.NDArray[np.bool_], language: str, count: int
) -> list[int]:
    """The mask of the dates that each of ``count`` texts names.

    Args:
        texts: the text of each word hash in ``terms``.
        capitalised: whether the word is mostly so in its text.
    """
    hashes, bits, is_year = _table(language)
    at = np.minimum(hashes.searchsorted(terms), len(hashes) - 1)
    named = hashes[at] == terms
    if language in CAPITALISED:
        named &= capitalised | is_year[at]
    found = np.zeros(count, np.uint32)
    np.bitwise_or.at(found, texts[named], bits[at[named]])
    return found.tolist()


def contradict(own: int, others: npt.NDArray[np.uint32], part: int) -> npt.NDArray[np.bool_]:
    """For each other mask, whether both name dates of a part (one of ``DATE_PARTS``), and none in common."""
    named = others & np.uint32(part)
    other: npt.NDArray[np.bool_] = (named != 0) & (named & np.uint32(own) == 0) & bool(own & part)
    return other


@cache
def _table(language: str) -> tuple[Hashes, npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    """The hashes of the words that are dates, sorted, the bit of each, and whether it is a year."""
    rows = [
        (crc32(plain(form, language).encode()), 1 << (first + number), False)
        for first, names in zip((0, FIRST_WEEKDAY_BIT), _NAMES.get(language, ()), strict=False)
        for number, forms in enumerate(names.split())
        for form in forms.split("/")
    ]
    rows += [(crc32(str(year).encode()), 1 << (FIRST_YEAR_BIT + year % YEAR_CLASSES), True) for year in YEARS_NAMED]
    rows.sort()
    hashes, bits, years = zip(*rows, strict=True)
    return np.array(hashes, np.uint32), np.array(bits, np.uint32), np.array(years)
