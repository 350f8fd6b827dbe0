"""Source code with its comments, which read like an article: only what is between them tells that it is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workers.clean.input import no_article_words
from workers.clean.input.no_article_forms import MIN_LINES, PROGRAM, SHELL

_MAX_CHARS = 40_000
_MAX_LINES = 300
_MAX_LINE_CHARS = 500
_MIN_CODE_LINES = 3
_MIN_SHARE_OF_CODE = 0.8
_MIN_SHARE_OF_LIKELY_CODE = 0.6
_MIN_SHARE_OF_ODD_WORDS = 0.15
"""The share of words that are none, from which lines need less often have the form of code."""
_MIN_SHARE_OF_COMMENTS = 0.8
"""The share of the lines of a text without code that are comments. Lists and dialogues have marks, too."""
_MAX_SHARE_OF_SENTENCES = 0.1
_MIN_SHARE_OF_YAML = 0.9

_CLOSING = {'"""': '"""', "'''": "'''", "/*": "*/", "<!--": "-->", "\n=": "\n=cut"}
_OPENING = re.compile(r'"""|\'\'\'|/\*|<!--|\n=(?=[a-z])')
_COMMENT = re.compile(r"^[ \t]*(?:(?:\#|//|--|;|\*|%)|(?:REM|dnl)\b).*$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"[ \t]*(?:\#|;|//|dnl)(?:\s|$)")
_HUNK = re.compile(r"^--- \S[^\n]*\n\+\+\+ \S[^\n]*\n@@ -\d", re.MULTILINE)
_OF_PROGRAM = re.compile(r"^(?:diff |Index: |From [0-9a-f]{40} |commit [0-9a-f]{40}|---\n\Z)", re.MULTILINE)
_LINE_OF_PATCH = re.compile(r"[-+ @]|diff |[Ii]ndex|Binary |(?:new|deleted|old|rename|similarity) ")
_MIN_SHARE_OF_PATCH = 0.8
_PART = re.compile(
    r"""
      \s+ (?: [\w$"'-]{1,60} \s? : \s .* | ["'] .* ["'(,] | (?: typeof | && | \|\| | [?:] ) \s .* )
    """,
    re.VERBOSE,
)
"""A line of a value that takes several, such as an object of JavaScript."""
_LINES = (SHELL.line, PROGRAM.line, _PART)
_YAML = re.compile(r"\s*(?:-\s)?\s*(?:[\"']?[\w./$-]{1,60}[\"']?:(?:\s.*)?|-\s.*)|\s{4}.*|[\]}],?|---")
_IS_YAML = re.compile(
    r"""
      ^ (?: -[ ] )? [\w.-]{1,60} : \n [ ]{2,20} (?: -[ ] )? [\w"'] [^\n]* :
    | ^ [ ]{0,20} -[ ] [\w.-]{1,60} : [^\n]* \n [ ]{2,20} [\w.-]{1,60} :
    """,
    re.VERBOSE | re.MULTILINE,
)


def kind(text: str) -> str | None:
    """Return what a text with comments is instead of an article, or None if it may be one."""
    text = text[:_MAX_CHARS]
    if (hunk := _HUNK.search(text)) and _is_patch(text[: hunk.start()], text[hunk.start() :]):
        return "a log of changes"
    code = _without_comments(text)
    lines = [line for line in code if line.strip()]
    if len(lines) < _MIN_CODE_LINES:
        return "source code" if _is_commented(text) else None
    return "source code" if _is_code(lines) else "a configuration file" if _is_yaml(lines) else None


def _without_comments(text: str) -> list[str]:
    """The first lines of a text without comments, whatever language marks them so."""
    last = {closing: text.rfind(closing) for closing in _CLOSING.values()}
    kept, end = [], 0
    for opening in _OPENING.finditer(text):
        closing = _CLOSING[opening[0]]
        if opening.start() >= end and opening.end() <= last[closing]:  # what nothing closes is no comment
            kept.append(text[end : opening.start()])
            end = text.index(closing, opening.end()) + len(closing)
    kept.append(text[end:])
    lines = _COMMENT.sub("", "".join(kept)).split("\n", _MAX_LINES)[:_MAX_LINES]
    return [line[:_MAX_LINE_CHARS].rstrip() for line in lines]


def _is_patch(before: str, text: str) -> bool:
    """Whether a text is nothing but the changed lines of files. A message may stand before it.

    Articles quote patches, too: in them, sentences follow or more text stands before, which no program has written.
    """
    if len(before) > len(text) and not _OF_PROGRAM.search(before):
        return False
    lines = [line for line in text.split("\n", _MAX_LINES)[:_MAX_LINES] if line.strip()]
    others = [line for line in lines if not _LINE_OF_PATCH.match(line)]
    return len(others) <= (1 - _MIN_SHARE_OF_PATCH) * len(lines) and not any(map(no_article_words.is_sentence, others))


def _is_commented(text: str) -> bool:
    """Whether a text is all comments."""
    lines = [line for line in text.split("\n", _MAX_LINES)[:_MAX_LINES] if line.strip()]
    commented = sum(1 for line in lines if _COMMENT_LINE.match(line))
    is_block = text.lstrip().startswith("/*") and "*/" in text
    return len(lines) >= MIN_LINES and (is_block or commented >= _MIN_SHARE_OF_COMMENTS * len(lines))


def _is_code(lines: Sequence[str]) -> bool:
    text = "\n".join(lines)
    if no_article_words.is_code(text):
        return True
    sentences = sum(map(no_article_words.is_sentence, lines))
    if sentences > _MAX_SHARE_OF_SENTENCES * len(lines) or not PROGRAM.sign or not PROGRAM.sign.search(text):
        return False
    coded = sum(1 for line in lines if any(form.fullmatch(line) for form in _LINES)) / len(lines)
    is_likely = no_article_words.share_of_odd(text) >= _MIN_SHARE_OF_ODD_WORDS
    return coded >= (_MIN_SHARE_OF_LIKELY_CODE if is_likely else _MIN_SHARE_OF_CODE)


def _is_yaml(lines: Sequence[str]) -> bool:
    keyed = sum(1 for line in lines if _YAML.fullmatch(line))
    return keyed >= _MIN_SHARE_OF_YAML * len(lines) and _IS_YAML.search("\n".join(lines)) is not None
