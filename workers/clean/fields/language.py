"""The language of a text, as an ISO 639-1 code."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNDETERMINED = "und"

_SAMPLE_CHARS = (300, 600)  # the first nearly always decides; more than the second changes no answer
_MIN_LETTERS = 24
_MIN_CONFIDENCE = 0.9
_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8}){0,4}")
# Names and three-letter codes that senders use for the most common languages.
_NAMES = {
    "eng": "en", "english": "en", "fra": "fr", "fre": "fr", "french": "fr", "deu": "de", "ger": "de", "german": "de",
    "spa": "es", "spanish": "es", "por": "pt", "portuguese": "pt", "ita": "it", "italian": "it", "rus": "ru",
    "russian": "ru", "ara": "ar", "arabic": "ar", "zho": "zh", "chi": "zh", "chinese": "zh", "jpn": "ja",
    "japanese": "ja", "kor": "ko", "korean": "ko", "nld": "nl", "dut": "nl", "dutch": "nl", "pol": "pl", "tur": "tr",
    "ukr": "uk", "ukrainian": "uk", "hin": "hi", "ind": "id", "iw": "he", "in": "id",
}  # fmt: skip


def load() -> None:
    """Load the model, which otherwise happens at the first call of ``language``.

    Raises:
        OSError: the model cannot be unpacked into the temporary directory, where it needs 70 MB.
    """
    _identifier()


def language(text: str, declared: str | None = None) -> str:
    """Return the language of the text as ISO 639-1, or ``und`` if it cannot be determined.

    A declared language (``en-GB``, ``English``) decides if the text is too short or the guess uncertain.
    """
    prior = normalise(declared)
    if sum(map(str.isalpha, text[: _SAMPLE_CHARS[-1]])) < _MIN_LETTERS:
        return prior or UNDETERMINED
    for length in _SAMPLE_CHARS:
        guess, confidence = _identifier().classify(text[:length])
        if confidence >= _MIN_CONFIDENCE:
            return str(guess)
    return prior or UNDETERMINED


def normalise(declared: str | None) -> str | None:
    """Return the declared language as ISO 639-1 (``en-GB`` → ``en``), or None if it has no such code."""
    if declared is None:
        return None
    name = declared.strip().lower()
    if name in _NAMES:
        return _NAMES[name]
    match = _CODE.fullmatch(name)
    if match is None:
        return None
    code = _NAMES.get(match[1], match[1])
    return code if len(code) == 2 else None


@cache
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Only languages with a two-letter code: a creole or dialect makes the guess of its close relative uncertain.
    identifier.set_languages([code for code in identifier.nb_classes if len(code) == 2])
    return identifier
