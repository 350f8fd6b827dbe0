"""The stems of Cyrillic words: Russian and Ukrainian names have cases."""

from __future__ import annotations

import re

_WORD = re.compile(
    r"([а-яёіїєґ]{3,}?)(?:ого|його|его|ому|йому|ему|ами|ями|ією|ої|ою|ею|ом|ем|єм|ой|ей|ий|ый|ій|ым|им|ім|ых|их|ах|ях|ам|ям|ии|ия|ию|ії|ія|ію|ієм|ая|яя|а|у|е|ы|и|і|ю|я|ь|о)?\b",
    re.IGNORECASE,
)


def without_cases(name: str) -> str:
    """The name with each Cyrillic word cut to its stem, other words as they are: Макрона and Макроном are one."""
    return _WORD.sub(r"\1", name)
