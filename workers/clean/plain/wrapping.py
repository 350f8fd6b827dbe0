"""Hard-wrapped text: joins lines that a program broke at a width, as e-mails and wires have them.

Verse, tables, lists, addresses and quotes have short lines on purpose. So lines are joined only where a block of them
reads like wrapped prose: no line is long, most lines end within a sentence, and most that do so go on in lower case, or
are so full that the next word did not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import groupby, pairwise

from workers.clean.boilerplate.rules import line_rule
from workers.clean.fields import bylines, captions
from workers.clean.units import MAX_LINES_CACHED

_MAX_WIDTH = 110
_MIN_WIDTH = 45
_MIN_WIDTH_OF_FULL_LINES = 30
_MIN_SHARE_WITHIN_SENTENCE = 0.5
_MIN_SHARE_GOING_ON = 0.5
_MIN_SHARE_GOING_ON_FROM_FULL_LINES = 0.34
_MIN_SHARE_OF_FULL_LINES = 0.75
_MIN_FULL_BREAKS = 3
_MIN_WORDS = 4
_MAX_SHARE_OF_FEW_WORDS = 0.1
_MIN_ROOM = 8
"""Characters that stay free below the width at the end of a paragraph or in a heading."""
_MAX_LINES = 20_000
_MAX_BLOCK_LINES = 200
_MAX_END_CHARS = 20

_BLANK_LINES = re.compile(r"(\n[ \t\u3000]*(?:\n[ \t\u3000]*)+)")
_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"”’'»)\]]{0,2}$")
_SHORT_WORD = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Sen|Rep|Gov|Lt|Col|No|vs)|(?:^|\s)[A-Z])\.$")
_UNFINISHED = re.compile(
    r"""
    (?: [ ] (?: the|an?|of|in|on|at|to|for|by|with|from|and|or|but|as|that|who|which|is|are|was|were|be|has|have|had
              | its?|his|her|their|our|will|would|than|into|over|after|about|said|not|New|San|Santa|Los|Las|Saint|North
              | South|East|West|Mrs?\.?|Ms\.?|Dr\.?|St\.?
              | der|die|das|den|dem|des|ein|eine|einen|und|oder|im|am|von|vom|zu|zum|zur|mit|auf|für|ist|sich|nicht|dass
              | le|la|les|l|un|une|du|de|d|et|ou|à|au|aux|en|dans|par|pour|que|qui|sur|est
              | el|los|las|una|y|o|del|al|con|por|para|se|su|lo|il|gli|di|da|che|e|nel|della|van|von|het|een
          )
    ) $
    """,
    re.VERBOSE,
)  # fmt: skip
_OWN_LINE = re.compile(
    r"""
      [•·●▪◦‣▶►*+–—-] \s            # an item of a list; a dash also opens speech
    | \(? (?: \d{1,3} | [a-zA-Z] | [ivx]{1,5} ) [.)] \s
    | [>|\#^=_~{}] | //
    | \w{1,30} :                        # a label
    | (?: [QA] | [^\W\d_a-z] [\w.'’-]{0,30} (?: [ ] [^\W\d_a-z] [\w.'’-]{0,30} ){0,3} ) : (?: \s | $ )   # who speaks
    | (?: https?:// | www\. ) \S+ $
    | \[\d{1,3}\]
    """,
    re.VERBOSE,
)
_ALONE = re.compile(r"[>|#^{}]|//")
_TABLE = re.compile(r"\S(?:[ ]{3,}|[ ]*\t|[ ]+\|[ ]+)[^\s]|\|$")
_FIGURE_END = re.compile(r"\d[%)]?$")
_BROKEN_WORD = re.compile(r"([^\W\d_]+)-$")
_WORD_START = re.compile(r"([^\W\d_A-Z]+)")
_AFTER_A_STEM = frozenset({"and", "or", "to", "und", "oder", "bis", "en", "of", "och", "og", "et", "ou", "y", "o", "e"})
"""Words after a hyphen that stays: ``two- and three-year plans``."""
_NO_BLANKS = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


def join(text: str) -> str:
    """Return the text with the lines of wrapped paragraphs joined; lines that stand alone on purpose stay."""
    if "\n" not in text or text.count("\n") > _MAX_LINES:
        return text
    pieces = _BLANK_LINES.split(text)
    if all("\n" not in block for block in pieces[::2]):
        return text
    words = _Words(text)
    blocks = [piece.split("\n") if index % 2 == 0 and "\n" in piece else None for index, piece in enumerate(pieces)]
    filled = ([line for line in block if line.strip()] for block in blocks if block)
    wrapped = [block for block in filled if 1 < len(block) <= _MAX_BLOCK_LINES and _is_wrapped(block)]
    # The width of the text tells blocks that have no other sign, such as two lines that each end a sentence.
    width = max(len(line.strip()) for block in wrapped for line in block) if len(wrapped) > 1 else 0
    return "".join(
        piece if block is None else "\n".join(_paragraphs(block, words, width))
        for piece, block in zip(pieces, blocks, strict=True)
    )


class _Words:
    """The words of a text, which are found only once they are needed."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(re.findall(r"\w+", self._text.lower()))

    def __contains__(self, word: str) -> bool:
        return word in self._known


def _paragraphs(lines: Sequence[str], words: _Words, width: int) -> Iterator[str]:
    """Yield the paragraphs of a block of lines without blank lines between them."""
    for is_short, group in groupby(lines, key=lambda line: 0 < len(line.strip()) <= _MAX_WIDTH):
        short = list(group)
        if not is_short or len(short) == 1 or max(map(len, short)) < _MIN_WIDTH_OF_FULL_LINES:
            yield from short
            continue
        block: list[str] = []
        within: list[str] = []  # lines that interrupt a paragraph of the block
        first = 0
        for index, line in enumerate(short):
            if index and _interrupts(short[index - 1 : index + 2]):
                within.append(line)
                continue
            if block and not _may_follow(block[-1], line):
                yield from _with_interruptions(short[first:index], block, within, words, width)
                block, within, first = [], [], index
            block.append(line)
        yield from _with_interruptions(short[first:], block, within, words, width)


def _with_interruptions(
    lines: Sequence[str], block: Sequence[str], within: Sequence[str], words: _Words, width: int
) -> Iterator[str]:
    """Yield the paragraphs of a block, and then the lines that interrupt them; or the lines as they are."""
    if len(lines) == 1:
        yield lines[0]
        return
    joined = list(_joined(block, words, width))
    yield from (*joined, *within) if len(joined) < len(block) else lines


def _interrupts(lines: Sequence[str]) -> bool:
    """Whether the second of the lines stands within a sentence that goes on from the first to the third: an advert."""
    if len(lines) < 3 or not lines[2].lstrip()[:1].islower() or _ends_sentence(lines[0]):
        return False
    return 4 * len(lines[1].strip()) <= 3 * len(lines[0].strip()) and _is_aside(lines[1])


@lru_cache(maxsize=MAX_LINES_CACHED)  # asked up to three times for each line
def _is_aside(line: str) -> bool:
    """Whether a line is one that cleaning removes or makes a field of, wherever it stands."""
    text = line.strip()
    rule = line_rule(text)
    return (
        (rule is not None and rule.sure == "always")
        or captions.caption(text) is not None
        or bylines.credits(text) is not None
        or bylines.is_byline(text)
    )


def _may_follow(before: str, line: str) -> bool:
    """Whether a line may go on with the paragraph of the line before it."""
    before_text, text = before.strip(), line.strip()
    if _ALONE.match(before_text) or _OWN_LINE.match(text) or _has_columns(before_text) or _has_columns(text):
        return False
    if _indent(line) > _indent(before) and not _OWN_LINE.match(before_text):  # the first line of a paragraph
        return False
    shorter, longer = sorted((before_text, text), key=len)
    if _is_aside(shorter) and (2 * len(shorter) <= len(longer) or _is_aside(longer)):
        return False
    return not (len(before_text) < _MIN_WIDTH and _FIGURE_END.search(before_text) and _FIGURE_END.search(text))


def _has_columns(line: str) -> bool:
    return ("   " in line or "\t" in line or "|" in line) and _TABLE.search(line) is not None


def _joined(block: Sequence[str], known: _Words, text_width: int) -> Iterator[str]:
    if len(block) == 1 or not (_is_wrapped(block) or _is_full(block, text_width)):
        yield from block
        return
    width = max(len(line.strip()) for line in block)
    paragraph = block[0].rstrip()
    is_heading_possible = True
    for before, line in pairwise(block):
        is_short = len(before.strip()) + len(_first_word(line)) + _MIN_ROOM <= width
        is_new = is_short and (_ends_sentence(before) or (is_heading_possible and _starts_anew(line)))
        if is_new:
            yield paragraph
            paragraph = line.strip()
        else:
            paragraph = _glued(paragraph, line.strip(), known)
        is_heading_possible = is_new
    yield paragraph


def _is_wrapped(block: Sequence[str]) -> bool:
    """Whether the lines are prose that was broken at a width."""
    width = max(len(line.strip()) for line in block)
    breaks = list(pairwise(block))
    if width > _MAX_WIDTH or width < (_MIN_WIDTH_OF_FULL_LINES if len(breaks) >= _MIN_FULL_BREAKS else _MIN_WIDTH):
        return False
    within = [(before, line) for before, line in breaks if not _ends_sentence(before)]
    if len(within) < _MIN_SHARE_WITHIN_SENTENCE * len(breaks):
        return False
    full = sum(len(before.strip()) + 1 + len(_first_word(line)) > width for before, line in breaks)
    going_on = sum(_goes_on(before, line) for before, line in within)
    if len(breaks) >= _MIN_FULL_BREAKS and full >= _MIN_SHARE_OF_FULL_LINES * len(breaks):
        has_case = any(line.strip().lower() != line.strip().upper() for line in block)
        return (not has_case or going_on >= _MIN_SHARE_GOING_ON_FROM_FULL_LINES * len(within)) and _is_prose(block)
    if len(breaks) < _MIN_FULL_BREAKS and not any(line.lstrip()[:1].islower() for _, line in within):
        return False
    few = sum(len(before.split()) < _MIN_WORDS for before, _ in breaks)
    return (
        width >= _MIN_WIDTH
        and few <= _MAX_SHARE_OF_FEW_WORDS * len(breaks)
        and going_on >= max(1.0, _MIN_SHARE_GOING_ON * len(within))
        and _is_prose(block)
    )


def _is_full(block: Sequence[str], width: int) -> bool:
    """Whether every line but the last is so full that the next word did not fit."""
    return all(
        len(before.strip()) <= width < len(before.strip()) + 1 + len(_first_word(line))
        for before, line in pairwise(block)
    )


def _is_prose(block: Sequence[str]) -> bool:
    """Whether the lines together have a sentence that ends, in one of them or in the last."""
    return any(_SENTENCE_END.search(_end(line)) or re.search(r"[.!?]\s+[^\W\d_a-z]", line) for line in block) or (
        len(block) > 2 and any("," in line for line in block)
    )


def _ends_sentence(line: str) -> bool:
    end = _end(line)
    return _SENTENCE_END.search(end) is not None and _SHORT_WORD.search(end) is None


def _end(line: str) -> str:
    """Return the end of a line, which is all that tells whether a sentence ends there."""
    return line.rstrip()[-_MAX_END_CHARS:]


def _goes_on(before: str, line: str) -> bool:
    """Whether a sentence goes on from one line to the next: in lower case, or after a word that ends no sentence."""
    return line.strip()[:1].islower() or _UNFINISHED.search(_end(before)) is not None


def _starts_anew(line: str) -> bool:
    first = line.strip().lstrip("\"“‘'«„(")[:1]
    return not first.islower()


def _first_word(line: str) -> str:
    text = line.strip()
    return text[:1] if _NO_BLANKS.match(text) and not _HANGUL.match(text) else text.split(maxsplit=1)[0]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _glued(before: str, line: str, known: _Words) -> str:
    """Return two lines as one; a word that was broken at a hyphen is put together if the text has it elsewhere."""
    start, end = _WORD_START.match(line), _BROKEN_WORD.search(before[-60:])
    if start and end and start[1] not in _AFTER_A_STEM:
        whole = (end[1] + start[1]).lower()
        return (before[:-1] if whole in known else before) + line
    if _NO_BLANKS.match(before[-1:]) and _NO_BLANKS.match(line) and not _HANGUL.match(line):
        return before + line
    return f"{before} {line}"
