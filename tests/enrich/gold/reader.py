"""Reads the gold articles; README.md beside this file describes their notation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

from schemas.records import Dateline, EntityType, Origin, Section, UniqueArticle

ARTICLES = Path(__file__).parent / "articles"

_ENTITY = re.compile(r"([*-]) ([^:]+): ([A-Z_]+)(?: (\w+:[\w-]+))?(?: = (.+))?")
_SIGN = re.compile(r"\[(?P<surface>[^\[\]{}|]+)(?:\|(?P<meaning>[^\[\]{}|]+))?\]|\{(?P<speaker>[^{}:]+): |\}|[\[\]{|]")
_INLINE = re.compile(r"([A-Z_]{3,})(?: (\w+:[\w-]+))?")
_QUOTATION_MARKS = "\"“”„«»‚‘’'「」"


class GoldError(ValueError):
    """A gold article is not written in the notation of README.md."""


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """An entity, and whether the article is about it. Any of ``names`` is right; the first is used in the file."""

    names: tuple[str, ...]
    type: EntityType
    link: str | None = None
    is_about: bool = False


@dataclass(frozen=True, slots=True)
class GoldMention:
    """A mention; the entity by the first of its names."""

    section: Section
    start: int
    end: int
    entity: str


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """A quote in the body, without its marks; the speaker by the first of its names, None if no entity."""

    start: int
    end: int
    speaker: str | None


@dataclass(slots=True)
class GoldArticle:
    """An article and all that should be found in it; what is at ``optional`` places may be found or not."""

    where: str
    language: str = ""
    kind: str = ""
    is_held_back: bool = False
    texts: dict[Section, str] = field(default_factory=dict)
    entities: dict[str, GoldEntity] = field(default_factory=dict)
    mentions: list[GoldMention] = field(default_factory=list)
    optional: list[tuple[Section, int, int]] = field(default_factory=list)
    quotes: list[GoldQuote] = field(default_factory=list)

    def unique_article(self) -> UniqueArticle:
        """The article as the enrich stage receives it."""
        dateline = self.texts.get(Section.DATELINE)
        return UniqueArticle(
            id=self.where,
            origin=Origin(topic="news-unique", partition=0, offset=0),
            headline=self.texts[Section.TITLE],
            body=self.texts[Section.BODY],
            language=self.language,
            dateline=Dateline(text=dateline) if dateline else None,
            story_id="s1",
        )


@cache
def gold_articles() -> tuple[GoldArticle, ...]:
    """All gold articles, in the order of their files.

    Raises:
        GoldError: one of them is not written in the notation.
    """
    return tuple(
        chain.from_iterable(_read(path.name, path.read_text("utf-8")) for path in sorted(ARTICLES.glob("*.md")))
    )


def _read(file: str, text: str) -> Iterator[GoldArticle]:
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith("# ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield read_article(lines[start:end], f"{file}:{start + 1}")


def read_article(lines: list[str], where: str = "article") -> GoldArticle:
    """The article that the lines describe.

    Raises:
        GoldError: the lines are not written in the notation.
    """
    try:
        return _Reader(where).read(lines)
    except GoldError as error:
        raise GoldError(f"{where} ({lines[0]}): {error}") from None


class _Reader:
    """Reads one article. Names are known once they are declared, so the header is read before the texts."""

    def __init__(self, where: str) -> None:
        self._article = GoldArticle(where)
        self._by_name: dict[str, str] = {}

    def read(self, lines: list[str]) -> GoldArticle:
        article = self._article
        blank = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
        header, body = lines[1:blank], "\n".join(line for line in lines[blank:] if line.strip())
        if not header or not body:
            raise GoldError("give a line with language and kind, the entities, a blank line and the body")
        article.language, article.kind, *flags = header[0].split()
        article.is_held_back = flags == ["held-back"]
        if flags and not article.is_held_back:
            raise GoldError(f"unknown flag {' '.join(flags)!r}: only 'held-back' may follow language and kind")
        dateline = ""
        for line in header[1:]:
            if line.startswith("dateline: "):
                dateline = line.removeprefix("dateline: ")
            else:
                self._declare_line(line)
        sources = {Section.TITLE: lines[0].removeprefix("# "), Section.DATELINE: dateline, Section.BODY: body}
        for text in sources.values():
            for sign in _SIGN.finditer(text):
                if (
                    sign["meaning"]
                    and (inline := _INLINE.fullmatch(sign["meaning"]))
                    and inline[1] in EntityType.__members__
                ):
                    self._declare((sign["surface"],), EntityType(inline[1]), inline[2])
        for section, text in sources.items():
            if text:
                self._read_text(section, text)
        if unused := set(article.entities) - {mention.entity for mention in article.mentions}:
            raise GoldError(f"no mention of {', '.join(sorted(unused))}: mark one, or delete the entity")
        return article

    def _declare_line(self, line: str) -> None:
        match = _ENTITY.fullmatch(line)
        if not match or match[3] not in EntityType.__members__:
            raise GoldError(f"cannot read {line!r}: write '- Name: TYPE link = Other name, Another'")
        sign, names, kind, link, aliases = match.groups()
        self._declare(tuple(names.split(" / ")), EntityType(kind), link, (aliases or "").split(", "), sign == "*")

    def _declare(
        self,
        names: tuple[str, ...],
        kind: EntityType,
        link: str | None,
        aliases: list[str] | None = None,
        is_about: bool = False,
    ) -> None:
        if names[0] in self._article.entities:
            raise GoldError(f"{names[0]} is declared twice: mark it as [{names[0]}] where it comes again")
        self._article.entities[names[0]] = GoldEntity(names, kind, link, is_about)
        for name in filter(None, (*names, *(aliases or ()))):
            self._by_name.setdefault(name, names[0])

    def _entity(self, name: str) -> str:
        try:
            return self._by_name[name]
        except KeyError:
            raise GoldError(f"{name!r} is not declared: add it to the entities or write [{name}|TYPE]") from None

    def _read_text(self, section: Section, source: str) -> None:
        article, plain, marked, position = self._article, "", "", 0
        quote: tuple[int, str] | None = None
        for sign in _SIGN.finditer(source):
            between = source[position : sign.start()]
            plain, marked, position = plain + between, marked + between, sign.end()
            if surface := sign["surface"]:
                start, plain, marked = len(plain), plain + surface, marked + "\0" * len(surface)
                if sign["meaning"] == "-":
                    article.optional.append((section, start, len(plain)))
                else:
                    name = (
                        surface
                        if (sign["meaning"] or "").partition(" ")[0] in EntityType.__members__
                        else sign["meaning"]
                    )
                    article.mentions.append(GoldMention(section, start, len(plain), self._entity(name or surface)))
            elif sign["speaker"] and quote is None:
                quote = len(plain), sign["speaker"]
            elif sign.group() == "}" and quote is not None:
                article.quotes.append(self._quote(plain, *quote))
                quote = None
            else:
                raise GoldError(f"unexpected {sign.group()!r} after {plain[-30:]!r}")
        if quote is not None:
            raise GoldError(f"the quote by {quote[1]} has no end: write }} after it")
        article.texts[section] = plain + source[position:]
        marked += source[position:]
        for name in self._by_name:
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", marked):
                raise GoldError(f"{name!r} stands unmarked in the {section}: write [{name}], or [{name}|-]")

    def _quote(self, plain: str, start: int, speaker: str) -> GoldQuote:
        text = plain[start:]
        if text[0] not in _QUOTATION_MARKS:
            raise GoldError(f"the quote {text[:30]!r} does not begin with a quotation mark")
        inner = text[1:-1] if text[-1] in _QUOTATION_MARKS else text[1:]
        start += 1 + len(inner) - len(inner.lstrip())
        return GoldQuote(start, start + len(inner.strip()), None if speaker == "?" else self._entity(speaker))
