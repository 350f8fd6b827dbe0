"""The stems of Cyrillic words: Russian and Ukrainian names have cases."""

from __future__ import annotations

import re

_WORD = re.compile(
    r"([а-яёіїєґ]{3,}?)(?:ого|его|ому|ему|ами|ями|ією|ою|ею|ом|ем|єм|ой|ей|ым|им|ых|их|ах|ях|ам|ям|ии|ия|ию|а|у|е|ы|и|і|ю|я|ь|о)?\b",
    re.IGNORECASE,
)


def without_cases(name: str) -> str:
    """The name with each Cyrillic word cut to its stem, other words as they are: Макрона and Макроном are one."""
    return _WORD.sub(r"\1", name)
