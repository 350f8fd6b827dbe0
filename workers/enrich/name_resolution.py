"""What the names of one article say of each other: full names and surnames, acronyms, one type for one name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from schemas.records import EntityType, MentionSource
from workers.enrich.lexicon import Table, Words, cues, entries, family_names, given_names, heads, not_names, titles
from workers.enrich.spans import Found, Page

LONGEST = 8
"""Names of more words are not looked for again."""

_SUFFIXES = ("Jr", "Sr", "II", "III", "IV")
_ACRONYM = range(3, 7)
_LAST = re.compile(r"(?<!\w)(\w+) $")
_BEFORE = re.compile(r"(?<=[a-z,] )([^\W\d_a-z]\w+(?:-\w+)?) $")
_NEXT = re.compile(r" (\w+)")
_SURE = 3
"""How much a mention counts in the vote on its name's type that a rule found, against one by the model."""

_LENT = ("place:", "country:JO", "country:TD", "country:?GE", "people:", "organisation:")
"""What people are named after: the lexicon gives way where the article names such a person in full."""


def surnames(name: str) -> tuple[str, ...]:
    """The names by which a person of that full name is called again; empty for a surname alone.

    The last word, with its particles too (de Gaulle), and the first word if it is a family name that stands first.
    """
    words = name.split()
    while len(words) > 2 and words[-1].rstrip(".") in _SUFFIXES:
        words.pop()
    if len(words) < 2 or words[0].islower():
        return ()
    out = [words[0]] if words[0] in family_names() else []
    out.append(words[-1])
    particle = len(words) - 1
    while particle > 1 and words[particle - 1].islower():
        particle -= 1
    if particle < len(words) - 1:
        out.append(" ".join(words[particle:]))
    return tuple(word for word in out if len(word.strip(".")) > 1 and not word.islower())


def acronym(name: str) -> str | None:
    """The initials of the capitalised words of a name, if there are three or more; else None."""
    initials = "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper())
    return initials if len(initials) > 2 else None


def settled(pages: Sequence[Page], words: Sequence[Words]) -> list[list[Found]]:
    """The pieces of each page once every name has one type, and names found once are found wherever they stand."""
    types = _types(pages)
    # The lexicon has been everywhere already, and where it was turned away (US in "US $5") it has no business.
    lexical = entries().values
    table = Table({name: name for name in types if name not in lexical and name.count(" ") < LONGEST})
    pieces = [page.found() for page in pages]
    hits = [list(_overlaps(table.find(own), found)) for own, found in zip(words, pieces, strict=True)]
    seen = Counter(page.text[f.start : f.end] for page, found in zip(pages, pieces, strict=True) for f in found)
    missed = Counter(name for own in hits for _, _, name, over in own if not over)
    out = []
    for page, found, own in zip(pages, pieces, hits, strict=True):
        more: dict[int, Found] = {piece.start: piece for piece in found}
        for start, end, name, over in own:
            if (
                _wider(start, end, name, over)
                if over
                else page.free(start, end) and _sure(name, seen[name], missed[name])
            ):
                for piece in over:
                    del more[piece.start]
                if not over and types[name] is EntityType.PERSON and " " not in name:
                    start = _given(page, start)
                more[start] = Found(start, end, types[name], MentionSource.RULE)
        typed = (_typed(page.text, piece, types) for piece in more.values())
        out.append(sorted((p for p in typed if _is_name(page.text, p)), key=lambda p: p.start))
    return out


def _given(page: Page, start: int) -> int:
    """Where the name begins whose last word is at ``start``: with a capitalised word within the sentence before."""
    match = _BEFORE.search(page.text[max(0, start - 40) : start])
    if match is None or match[1] in titles().values or match[1] in not_names():
        return start
    begin = max(0, start - 40) + match.start(1)
    return begin if page.free(begin, start) else start


def _overlaps(
    hits: Iterable[tuple[int, int, str]], pieces: Sequence[Found]
) -> Iterator[tuple[int, int, str, list[Found]]]:
    """Each hit with the pieces that it overlaps; both in order of the text."""
    i = 0
    for start, end, name in hits:
        while i < len(pieces) and pieces[i].end <= start:
            i += 1
        j = i
        while j < len(pieces) and pieces[j].start < end:
            j += 1
        yield start, end, name, list(pieces[i:j])


def _wider(start: int, end: int, name: str, over: Sequence[Found]) -> bool:
    """Whether the name is of several words and all pieces there are mere parts of it."""
    return " " in name and all(
        start <= piece.start and piece.end <= end and piece.end - piece.start < end - start for piece in over
    )


def _sure(name: str, seen: int, missed: int) -> bool:
    """Whether a name is one wherever it stands: of several words, or found more often than overlooked."""
    return " " in name or seen == 0 or seen * 2 >= missed


def _typed(text: str, found: Found, types: Mapping[str, EntityType]) -> Found:
    kind = types.get(text[found.start : found.end], found.type)
    if found.key and not (kind is EntityType.PERSON and found.key.startswith(_LENT)):
        return found
    return replace(found, type=kind, key=None)


def _is_name(text: str, found: Found) -> bool:
    name = text[found.start : found.end]
    if found.key:
        return True
    first, _, last = name.rpartition(" ")
    return not (name in not_names() or name.islower() or (first and heads().get(last, found.type) is None))


def _types(pages: Sequence[Page]) -> dict[str, EntityType]:
    """The type of each name in the pages: by form, else by vote; surnames and acronyms by their full names."""
    votes: dict[str, Counter[EntityType]] = defaultdict(Counter)
    known: dict[str, EntityType] = {}
    for page in pages:
        for found in page.found():
            name = page.text[found.start : found.end]
            if found.key:
                known[name] = found.type
            elif _is_name(page.text, found):
                votes[name].update(_votes(page.text, name, found))
    types = {name: _form(name) or count.most_common(1)[0][0] for name, count in votes.items()}
    people = [name for name, kind in types.items() if kind is EntityType.PERSON]
    parts = {part for name in people for part in surnames(name) if part not in not_names() and part not in heads()}
    # A given name alone is not looked for everywhere, since it may be a word; where a model saw a name, it is hers.
    parts |= {given for name in people if (given := name.partition(" ")[0]) != name and given in votes}
    types |= dict.fromkeys(parts, EntityType.PERSON)
    organisations = {short for name, kind in types.items() if kind is EntityType.ORG and (short := acronym(name))}
    for name, kind in types.items():
        unknown = kind is EntityType.PERSON and name.isupper() and name.capitalize() not in parts
        if name in organisations or (unknown and name.isalpha() and len(name) in _ACRONYM):
            types[name] = EntityType.ORG
    return types | {name: kind for name, kind in known.items() if types.get(name) is not EntityType.PERSON}


def _votes(text: str, name: str, found: Found) -> Counter[EntityType]:
    """What one place says of a name's type: who found it, the words next to it, a title before it."""
    votes = Counter({found.type: 1 if found.source is MentionSource.MODEL else _SURE})
    if " " not in name and not name.isupper():
        for kind, weight in _cued(text, found.start, found.end):
            votes[kind] += weight
    if _titled(text, found.start):
        votes[EntityType.PERSON] += _SURE
    return votes


def _cued(text: str, start: int, end: int) -> Iterator[tuple[EntityType, int]]:
    """What the words on either side tell of a name's type."""
    for side, word in (("before", _LAST.search(text, max(0, start - 20), start)), ("after", _NEXT.match(text, end))):
        if word and (cue := cues().get((side, word[1]))):
            yield cue


def _titled(text: str, start: int) -> bool:
    """Whether a title that only people have stands right before."""
    before = text[max(0, start - 30) : start]
    words = before.split()
    sure = titles().values
    return before.endswith(" ") and any(sure.get(" ".join(words[-n:]), False) for n in (1, 2, 3))


def _form(name: str) -> EntityType | None:
    """The type that a name's last word tells, or its first if it is a given name."""
    words = name.split()
    if len(words) > 1 and words[-1] in heads():
        return heads()[words[-1]]
    return EntityType.PERSON if words[0] in given_names() and len(words) < 5 else None
