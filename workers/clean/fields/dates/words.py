"""The words of dates in some seventy languages: months, weekdays, halves of the day, fillers, relative dates.

The words are dateparser's, which has them from the Unicode CLDR. Its parser is not used: it takes seconds to start on
a language, milliseconds for a date, and guesses.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

LANGUAGES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "is", "pl", "cs", "sk", "sl", "hr", "sr",
    "sr-Latn", "bs", "mk", "bg", "ru", "uk", "be", "lt", "lv", "et", "hu", "ro", "el", "tr", "az", "kk", "uz",
    "ky", "ka", "hy", "he", "ar", "fa", "ur", "hi", "bn", "ta", "te", "mr", "gu", "pa", "ml", "kn", "si", "ne",
    "th", "lo", "km", "my", "vi", "id", "ms", "fil", "sw", "am", "af", "ca", "eu", "gl", "cy", "ga", "ja", "ko",
    "zh", "mn", "sq", "mt", "lb",
)  # fmt: skip
"""The languages that dates are read in."""
ALIASES = {"no": "nb", "nn": "nb", "tl": "fil", "iw": "he", "in": "id", "sh": "hr", "yue": "zh"}
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What dateparser lacks; later rows add to its own.
_MORE = {
    "ar": {"january": ["كانون الثاني"], "february": ["شباط"],
           "march": ["آذار", "اذار"],
           "april": ["نيسان", "أبريل", "ابريل"],
           "may": ["أيار", "ايار", "ماي"], "june": ["حزيران", "جوان"], "july": ["تموز", "جويلية"],
           "august": ["آب", "أوت", "اغسطس"],
           "september": ["أيلول", "ايلول"], "october": ["تشرين الأول", "اكتوبر"], "november": ["تشرين الثاني"],
           "december": ["كانون الأول"]},
    "en": {"september": ["sept"]},
    "vi": {"skip": ["ngày", "tháng", "thg", "năm", "lúc", "vào"]},
    "eu": {"may": ["maiatzaren", "maiatzak"], "january": ["urtarrilaren"], "february": ["otsailaren"],
           "march": ["martxoaren"], "april": ["apirilaren"], "june": ["ekainaren"], "july": ["uztailaren"],
           "august": ["abuztuaren"], "september": ["irailaren"], "october": ["urriaren"], "november": ["azaroaren"],
           "december": ["abenduaren"]},
}  # fmt: skip
_WRONG = {("de", "am"), ("hu", "de"), ("en", "m"), ("en", "by"), ("hu", "v"), ("hu", "i"), ("hu", "x")}
"""Words whose role in a language is not the only one, and the other is more common in dates."""
_FILLERS = """
    թ ساعت em op pada st nd rd th o a e er re ere eme ter de del der den dem do da di le
    la el os il lo les of the on at um am uhr uur as las los alle ora ore orele kl klo klokken
    kello om ob v ve u godz g r roku rok года году г год р року рік в во о об ч час т m d
    n metų y en et und and i gada ж жыл yil ili оны оноос онд сарын ын ий сар ny vào pukul
    jam tanggal ที่ เวลา น นาฬิกา พศ คศ เมื่อ วัน เดือน ปี saat στις στην την το του στο
    ωρα saati της των ta dell ko ren ten ji ai an ei ik kor gün tarihi tarihinde es l j à
    às التاريخ بتاريخ في الساعة عند يوم هذا من س ב בשעה ל ה שעה को के दिन बजे तारीख में পর
    এ তারিখে টা ই সাল ஆம் తేదీ న 西暦 公元 于 於 在 の 에 의 ad ce fa kell klukkan kls óra körül ден
    hodin hod
"""
_NUMBER_GROUP = re.compile(r"\(\\d\+\+\[\.,\]\?\\d\*\+\)")
_ONES = frozenset({
    "a", "an", "one", "ein", "eine", "einer", "einem", "einen", "un", "une", "una", "uno", "um", "uma", "een", "en",
    "et", "ett", "ena", "eno", "eden", "jedna", "jeden", "egy", "bir", "ενα", "μια", "один", "одну", "одна",
})  # fmt: skip
_RELATIVE_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_MORE_SPANS = {
    "en": {60: ["# min ago", "# mins ago", "# m ago"], 3_600: ["# hrs ago", "# h ago"], 86_400: ["# d ago"]},
    "pl": {60: ["# minut temu"], 3_600: ["# godzin temu"], 86_400: ["# dni temu"]},
    "sl": {60: ["pred # minutama"], 3_600: ["pred # urama"], 86_400: ["pred # dnevoma"]},
    "ru": {60: ["# минут назад"], 3_600: ["# часов назад"], 86_400: ["# дней назад"]},
    "uk": {60: ["# хвилин тому"], 3_600: ["# годин тому"], 86_400: ["# дні тому", "# днів тому"]},
    "be": {60: ["# хвілін таму"], 3_600: ["# гадзін таму"], 86_400: ["# дні таму", "# дзён таму"]},
    "lt": {60: ["prieš # minutes"], 3_600: ["prieš # valandas"], 86_400: ["prieš # dienas"]},
    "ro": {60: ["acum # minute"], 3_600: ["acum # ore"]},
    "he": {
        60: ["לפני דקה"], 120: ["לפני שתי דקות"], 3_600: ["לפני שעה"], 7_200: ["לפני שעתיים"],
        172_800: ["לפני יומיים"],
    },
    "ar": {
        60: ["منذ # دقيقة", "منذ # دقائق", "منذ دقيقة", "قبل دقيقة"], 120: ["منذ دقيقتين", "قبل دقيقتين"],
        3_600: ["منذ # ساعة", "منذ # ساعات", "منذ ساعة", "قبل ساعة"], 7_200: ["منذ ساعتين", "قبل ساعتين"],
        86_400: ["منذ # يوم", "منذ # أيام", "منذ # يوما", "قبل # يوما", "منذ يوم", "قبل يوم"],
        172_800: ["منذ يومين", "قبل يومين"],
    },
    "cy": {60: ["# funud yn ôl"], 3_600: ["awr yn ôl"], 86_400: ["# ddiwrnod yn ôl"]},
    "ga": {3_600: ["# huaire ó shin"]},
    "mt": {60: ["# minuti ilu"], 3_600: ["# sigħat ilu"], 86_400: ["# ġranet ilu"]},
    "lb": {60: ["viru(n) # Minutten"], 3_600: ["viru(n) # Stonnen"], 86_400: ["viru(n) # Deeg"]},
}  # fmt: skip
"""By language and seconds, phrases for so long ago; without ``#`` for one, or for two in languages with a dual."""
_JUST_NOW = {
    "en": ["just now", "moments ago", "# moment ago", "seconds ago", "# few seconds ago", "less than # minute ago"],
    "de": ["gerade eben", "soeben", "vor wenigen Sekunden", "vor # Moment"],
    "fr": ["à l'instant", "il y a quelques secondes", "il y a # instant"],
    "es": ["ahora mismo", "justo ahora", "hace unos segundos", "hace # momento"],
    "it": ["proprio ora", "pochi secondi fa"],
    "pt": ["agora mesmo", "agora há pouco", "há poucos segundos"],
    "nl": ["zojuist", "zonet"],
    "sv": ["just nu"],
    "da": ["lige nu"],
    "nb": ["akkurat nå", "nå nettopp"],
    "pl": ["przed chwilą"],
    "ru": ["только что"],
    "uk": ["щойно"],
    "tr": ["az önce"],
    "id": ["baru saja"],
    "vi": ["vừa xong"],
    "zh": ["刚刚", "剛剛"],
    "ja": ["たった今"],
    "ko": ["방금", "방금 전"],
}
"""Phrases for a moment ago; ``#`` stands for *a*."""
_DAYS_AGO = {"0 day ago": 0, "1 day ago": 1, "2 day ago": 2}
# Accents, joiners, and marks of abbreviations and apostrophes that some writers leave out.
_DROPPED = re.compile(r"[\u0300-\u036f\u200b-\u200f॰׳ʼ]")
_TOKEN = re.compile(r"\d+|[^\s\d!-/:-@\[-`{-~‘’“”«»–—‒•·…،؛。、,|]+")

Roles = Mapping[str, frozenset[str]]
"""For each language, the roles of a word: ``month 5``, ``weekday 0``, ``am``, ``pm``, ``filler``."""


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return the text in lower case, without accents on letters and without full stops after letters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i")
        text = unicodedata.normalize("NFKC", _DROPPED.sub("", text))
    return text.lower().replace(".", "")


def joined(words: Iterable[str]) -> str:
    """Return the words folded, as one: names of two or three words are kept so."""
    return "".join(map(fold, words))


def tokens(text: str) -> list[str]:
    """Return the numbers and words of the text."""
    return _TOKEN.findall(text)


FILLERS = frozenset(map(fold, _FILLERS.split()))
"""Words between the parts of a date, in any language."""


def _roles() -> dict[str, dict[str, set[str]]]:
    roles: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def add(language: str, names: Iterable[str], role: str) -> None:
        for name in names:
            word = joined(tokens(name.replace(".", "")))
            if not any(map(str.isdigit, word)) and (language, word) not in _WRONG:
                roles[word][language].add(role)

    for language, info in _tables():
        for source in (info, *info.get("locale_specific", {}).values(), _MORE.get(language, {})):
            for number, name in enumerate(_MONTHS, start=1):
                add(language, source.get(name, ()), f"month {number}")
            for number, name in enumerate(_WEEKDAYS):
                add(language, source.get(name, ()), f"weekday {number}")
            add(language, source.get("am", ()), "am")
            add(language, source.get("pm", ()), "pm")
            add(language, (*source.get("skip", ()), *source.get("pertain", ())), "filler")
    return roles


def _tables() -> list[tuple[str, dict[str, Any]]]:
    names = ((name, name.partition("-")[0]) for name in LANGUAGES)
    return [(code, import_module(f"dateparser.data.date_translation_data.{name}").info) for name, code in names]


def _relative() -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """The phrases for some time ago (with ``#`` for the number) and for a day, with the seconds and the days."""
    spans: dict[str, dict[str, int]] = defaultdict(dict)
    days: dict[str, dict[str, int]] = defaultdict(dict)
    for language, info in _tables():
        for source in (info, *info.get("locale_specific", {}).values()):
            for unit, seconds in _RELATIVE_UNITS.items():
                for pattern in source.get("relative-type-regex", {}).get(rf"\1 {unit} ago", ()):
                    phrase = _NUMBER_GROUP.sub("#", pattern).replace(r"\s*", "")
                    if phrase.count("#") == 1 and not set(phrase) & set("\\([+*?|"):
                        spans[squeeze(phrase)][language] = seconds
            to_come = {squeeze(name) for name in source.get("relative-type", {}).get("in 1 day", ())}
            for key, ago in _DAYS_AGO.items():
                for name in source.get("relative-type", {}).get(key, ()):
                    if squeeze(name) not in to_come:
                        days[squeeze(name)][language] = ago
    for language, by_seconds in _MORE_SPANS.items():
        for seconds, phrases in by_seconds.items():
            for phrase in phrases:
                spans[squeeze(phrase)][language] = seconds
    for language, phrases in _JUST_NOW.items():
        for phrase in phrases:
            spans[squeeze(phrase)][language] = 0
    return spans, days


def squeeze(text: str) -> str:
    """Return the text folded and without blanks."""
    return "".join(map(fold, text.split())).replace("-", "").replace("'", "").replace("’", "")


def single(text: str) -> str:
    """Return the text with the first word for *one*, as in *an hour ago*, written as a number."""
    words = text.split()
    where = next((index for index, word in enumerate(words) if fold(word) in _ONES), None)
    return text if where is None else " ".join((*words[:where], "1", *words[where + 1 :]))


def _orders() -> dict[str, str | None]:
    orders: dict[str, str | None] = {}
    for language, info in _tables():
        orders.setdefault(language, info.get("date_order"))
        for name, table in info.get("locale_specific", {}).items():
            orders[name.lower()] = table.get("date_order") or info.get("date_order")
    orders["en"] = None  # the United States write the month first, others the day
    return orders


ROLES: Mapping[str, Roles] = {
    word: {language: frozenset(of) for language, of in languages.items()} for word, languages in _roles().items()
}
"""The roles of each folded word."""
SPANS, DAYS = _relative()
"""By squeezed phrase and language: seconds per unit of *# hours ago*; days since *yesterday*."""
ORDERS = _orders()
"""By language or language and country (``en-gb``), the order of day, month and year in numbers; None if it varies."""
