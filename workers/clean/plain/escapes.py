r"""Escapes and codes that programs left in a plain text: ``\n`` and ``\u00e9`` of JSON, shortcodes of WordPress."""

from __future__ import annotations

import re

_LINE_END = re.compile(r"(?:(?:\\r)?\\n){2,}|(?<=[.!?…:;”\"’')\]])\s?(?:\\r)?\\n(?=[\s\W]|[^\W\d_a-z])")
_CHARACTERS = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_EMBEDDED = re.compile(
    r"""
    \[ (?P<name> embed | youtube | video | audio | gallery | playlist | tweet ) \b
    (?: [^\[\]]{0,500} = [^\[\]]{0,500} \] (?: [^\[\]]{0,500} \[/ (?P=name) \] )? | \] [^\[\]]{0,500} \[/ (?P=name) \] )
    """,
    re.VERBOSE,
)
_SHORTCODE = re.compile(
    r"\[/?(?:vc|et_pb|fusion|su)_\w{1,30}[^\[\]]{0,500}\]"
    r"|\[(?:wp_)?caption [^\[\]]{0,500}=[^\[\]]{0,500}\]"
)
_END_OF_CAPTION = re.compile(r"\s*\[/(?:wp_)?caption\]\s*")


def without_escapes(text: str) -> str:
    """Return the text with its escaped characters and without shortcodes; line ends only if all are escaped."""
    if "\\" in text:
        if "\n" not in text:
            text = _LINE_END.sub("\n", text)
        text = _CHARACTERS.sub(_unescaped, text)
    if "[" in text:
        text = _END_OF_CAPTION.sub("\n", _SHORTCODE.sub("", _EMBEDDED.sub("", text)))
    return text


def _unescaped(escapes: re.Match[str]) -> str:
    """The characters of a run of escapes; pairs of surrogates are one character."""
    units = bytes.fromhex(escapes[0].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")
