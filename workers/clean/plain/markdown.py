"""Markdown within plain text.

Links, images and bold text go wherever they stand, since prose has nothing that looks like them. The rest (emphasis,
headings, quotes, escapes) goes only from a text that is clearly Markdown: prose has asterisks, underscores and hashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_URL = r"""
    (?: < [^<>\n]{0,2000} >
      | (?: (?: https?:// | www\. | mailto: | tel: | / | \# | \.{1,2}/ )
            [^\s()]{0,2000} (?: \( [^\s()]{0,500} \) [^\s()]{0,500} ){0,5}
          | [^\s()]{1,500} \. (?: html? | php | aspx? | pdf | jpe?g | png | gif | webp | svg )
            (?: [?\#] [^\s()]{0,500} )?
        )
    )
"""
_TITLE = r"""(?: \s{1,9} (?: "[^"\n]{0,500}" | '[^'\n]{0,500}' ) )?"""
_LABEL = r"(?: [^\[\]]{1,300}+ | \[ [^\[\]]{0,200}+ \] ){0,9}"
_IMAGE = re.compile(rf"! \[ {_LABEL} \] (?: \( \s? {_URL} {_TITLE} \s? \) )", re.VERBOSE)
_LINK = re.compile(rf"(?<!\\) \[ (?P<text> {_LABEL} ) \] \( \s? {_URL} {_TITLE} \s? \)", re.VERBOSE)
_DEFINITION = re.compile(
    rf"^ [ \t]* \[ (?P<name> [^\[\]\n^]{{1,100}} ) \] : [ \t]+ {_URL} {_TITLE} [ \t]* (?: \n | \Z )",
    re.MULTILINE | re.VERBOSE,
)
_REFERENCE = re.compile(r"!?\[(?P<text>[^\[\]]{1,300})\] ?\[(?P<name>[^\[\]\n]{0,100})\](?!:)")
_GLUED_URL = re.compile(r"(?<=[\w)”’\"'])<(?:https?://|mailto:)[^\s<>]{1,2000}>")
_BARE_URL = re.compile(r"<((?:https?://|mailto:)[^\s<>]{1,2000})>")
_PIPED = re.compile(r"<(?:https?://|mailto:)[^\s<>|]{1,2000}\|(?P<text>[^<>|\n]{1,300})>")
"""A link as Slack writes it."""
_WHOLE_LINE = re.compile(
    r"^ [ \t]* (?P<mark> [*_] ) (?= [^\s*_] ) (?P<text> [^*_\n]{3,1000} ) (?<= [^\s*_\\] ) (?P=mark) [ \t]* $",
    re.MULTILINE | re.VERBOSE,
)
"""A line that is emphasised as a whole, as chats and newsletters have headlines, bylines and notes."""
_BOLD = re.compile(
    r"(?<![\w*\\]) (?P<mark> \*{2,3} ) (?= [^\s*] ) (?P<text> [^*\n]{1,1000}? ) (?<= [^\s*\\] ) (?P=mark) (?! [\w*] )",
    re.VERBOSE,
)

# Only in a text that is clearly Markdown.
_FENCED = re.compile(r"^[ \t]*```[^\n`]*\n(?P<text>.{0,20000}?)\n[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```[^\n`]*(?:\n|\Z)", re.MULTILINE)
_CODE = re.compile(r"(?<!`)(?P<mark>`{1,2})(?!`)(?P<text>[^`\n]{1,500})(?P=mark)(?!`)")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(?P<text>[^\n#]*+(?:#++(?![ \t]*$)[^\n#]*+)*+)#*[ \t]*$", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:={3,}|(?:-[ ]?){3,}|(?:\*[ ]?){3,}|(?:_[ ]?){3,})[ \t]*(?:\n|\Z)", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*(?:\n|\Z)", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*\|[ ]?(.*?)[ ]*\|[ \t]*$", re.MULTILINE)
_EMPHASIS = re.compile(
    r"""
    (?<![\w*\\]) \* (?= [^\s*] ) (?P<stars> [^*\n]{1,500}? ) (?<= [^\s*\\] ) \* (?![\w*])
  | (?<![\w_\\]) (?P<mark> __? ) (?= [^\s_] ) (?P<bars> [^\n]{1,500}? ) (?<= [^\s_\\] ) (?P=mark) (?![\w_])
  | (?<![\w~\\]) ~~ (?= \S ) (?P<struck> [^~\n]{1,500}? ) (?<= \S ) ~~ (?![\w~])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|<-])")
_ESCAPED = 0xF0000
_MAX_FENCES = 200
_MAX_MARKS = 5_000


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of Markdown; ``weight`` is how far it alone shows that a text is Markdown."""

    pattern: re.Pattern[str]
    weight: int
    example: str
    counter_example: str
    least: int = 1


SIGNS = (
    Sign(_LINK, 3, "The [council](https://valley.example/council) met.", "“[The mayor](sic) is out,” it said."),
    Sign(_IMAGE, 3, "![The quay](quay.jpg)", "Stop![1]"),
    Sign(re.compile(r"^[ \t]*#{2,6}[ \t]+\S", re.MULTILINE), 3, "## What comes next", "##metoo"),
    Sign(_TABLE_RULE, 3, "|---|---|", "--- | the end"),
    Sign(
        re.compile(r"\A[ \t]*#[ \t]+\S[^\n]*\n[ \t]*\n"), 3, "# Bridge closes\n\nThe council", "#1 in the charts\n\nThe"
    ),
    Sign(re.compile(r"^[ \t]*```", re.MULTILINE), 3, "```", "the `quay`"),
    Sign(re.compile(r"^[ \t]*#[ \t]+\S", re.MULTILINE), 2, "# Bridge closes", "#MeToo"),
    Sign(_BOLD, 2, "The **old** bridge", "** Before tax. 2**3"),
    Sign(re.compile(r"\S\n={3,}[ \t]*$", re.MULTILINE), 2, "Bridge closes\n======", "a === b"),
    Sign(re.compile(r"^[ \t]*>[ \t]?\S", re.MULTILINE), 1, "> We had no choice.", "5 > 4"),
    Sign(
        re.compile(r"^[ \t]*[*+-][ \t]+\S", re.MULTILINE), 1, "- Six months\n- Four millions", "* Before tax.", least=2
    ),
    Sign(_ESCAPE, 1, r"1986\. A year", "C:\\Users"),
)
"""The signs of Markdown, each with what must match and what must not."""
_CLEAR = 3
_MARKS = ("](", "#", "```", "**", "==", "--", "\\")
"""Every text that is clearly Markdown has one of these: a cheap test before the patterns run."""


def without_marks(text: str) -> str:
    """Return the text without Markdown's marks; the words of links stay, and images go."""
    if not any(mark in text for mark in "[]*_#>`\\=~|"):
        return text
    is_clear = is_markdown(text)
    text = _without_links(text)
    if "**" in text:
        text = _BOLD.sub(r"\g<text>", text)
    text = _WHOLE_LINE.sub(lambda line: line["text"] if " " in line["text"] else line[0], text)
    return _without_other_marks(text) if is_clear else text


def is_markdown(text: str) -> bool:
    """Return whether a text is clearly Markdown."""
    return any(mark in text for mark in _MARKS) and sum(_weights(text)) >= _CLEAR


def _weights(text: str) -> Iterator[int]:
    for sign in SIGNS:
        matches = sign.pattern.finditer(text)
        if all(next(matches, None) for _ in range(sign.least)):
            yield sign.weight


def _without_links(text: str) -> str:
    if "](" in text:
        text = _LINK.sub(r"\g<text>", _IMAGE.sub("", text))
    if "]:" in text:
        text = _without_references(text)
    return _BARE_URL.sub(r"\1", _GLUED_URL.sub("", _PIPED.sub(r"\g<text>", text)))


def _without_references(text: str) -> str:
    """Return the text without links to definitions (``[the quay][1]``), and without the definitions that they use."""
    defined = {definition["name"].lower() for definition in _DEFINITION.finditer(text)}
    used: set[str] = set()

    def words(reference: re.Match[str]) -> str:
        name = (reference["name"] or reference["text"]).lower()
        if name not in defined:
            return reference[0]
        used.add(name)
        return "" if reference[0].startswith("!") else reference["text"]

    text = _REFERENCE.sub(words, text) if defined else text
    return _DEFINITION.sub(lambda found: "" if found["name"].lower() in used else found[0], text)


def _without_other_marks(text: str) -> str:
    codes: list[str] = []

    def set_aside(code: re.Match[str]) -> str:
        codes.append(code["text"].strip())
        return "".join(chr(_ESCAPED + 0x100 + int(digit)) for digit in str(len(codes) - 1)) + chr(_ESCAPED + 0x10A)

    if text.count("```") <= _MAX_FENCES:
        text = _FENCED.sub(set_aside, text)
    text = _CODE.sub(set_aside, _FENCE.sub("", text))
    text = _ESCAPE.sub(lambda escape: chr(_ESCAPED + ord(escape[1])), text)
    text = _TABLE_ROW.sub(r"\1", _TABLE_RULE.sub("", text)) if _TABLE_RULE.search(text) else text
    text = _RULE.sub("\n", _QUOTE.sub("", text))
    text = _HEADING.sub(r"\g<text>", text)
    if text.count("*") + text.count("_") <= _MAX_MARKS:
        text = _EMPHASIS.sub(_emphasised, _EMPHASIS.sub(_emphasised, text))
    text = re.sub("[\U000f0100-\U000f0109]+\U000f010a", lambda code: codes[_number(code[0])], text)
    return re.sub("[\U000f0021-\U000f007e]", lambda escape: chr(ord(escape[0]) - _ESCAPED), text)


def _number(digits: str) -> int:
    return int("".join(str(ord(digit) - _ESCAPED - 0x100) for digit in digits[:-1]))


def _emphasised(mark: re.Match[str]) -> str:
    return mark["stars"] or mark["bars"] or mark["struck"]
