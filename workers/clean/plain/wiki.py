"""The markup of MediaWiki within plain text: ``'''Ferries''' [[Strike|stop]]``, as Wikinews has it."""

from __future__ import annotations

import re

_SIGN = re.compile(r"\[\[[^\[\]\n]{1,300}\]\]|'''[^'\n]")
"""What tells a text with such markup from others."""
_MAX_NESTED = 4
_TEMPLATE = re.compile(r"\{\{[^{}]{0,5000}\}\}")
_REFERENCE = re.compile(r"<ref\b[^<>]{0,300}(?:/>|>[^<>]{0,3000}</ref>)", re.IGNORECASE)
_FILE = re.compile(
    r"\[\[(?:file|image|category|datei|bild|kategorie|fichier|catégorie|archivo|categoría|immagine|categoria|bestand"
    r"|arquivo|plik|kategoria|файл|категория|文件|分类|ファイル|カテゴリ|파일|분류)\s?:(?:[^\[\]]|\[\[[^\[\]]{0,300}\]\]){0,1000}\]\]",
    re.IGNORECASE,
)
_LINK = re.compile(r"\[\[:?(?:[^\[\]|\n]{0,300}\||[a-z]{1,3}:(?=\S))?([^\[\]|\n]{1,300})\]\]")
_ADDRESS = re.compile(r"\[https?://[^\s\[\]]{1,500} ([^\[\]\n]{1,300})\]")
_MARKED = re.compile(r"(?<!')('{2,5})(?=[^'\s])((?:[^'\n]|'(?!'))*+)(?<=\S)\1(?!')")
"""Marked words with no marks within them, so that each search ends at the next marks."""
_HEADING = re.compile(r"^(={2,5})([^=\n]{1,200})\1[ \t]*$", re.MULTILINE)
_ITEM = re.compile(r"^\*+[ \t]*(?=\S)", re.MULTILINE)


def without_marks(text: str) -> str:
    """Return the text without marks; templates, references, files and categories go, of links their labels stay."""
    if _SIGN.search(text) is None:
        return text
    text = _nested(_TEMPLATE, "", text)
    text = _LINK.sub(r"\1", _FILE.sub("", _REFERENCE.sub("", text)))
    text = _HEADING.sub(lambda heading: heading[2].strip(), _ADDRESS.sub(r"\1", text))
    return _ITEM.sub("• ", _nested(_MARKED, r"\2", text))


def _nested(pattern: re.Pattern[str], replacement: str, text: str) -> str:
    """Return the text with what the pattern finds replaced, from the innermost outwards."""
    for _ in range(_MAX_NESTED):
        before, text = text, pattern.sub(replacement, text)
        if text == before:
            break
    return text
