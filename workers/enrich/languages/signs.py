"""Finds names in Chinese and Japanese, which have no blanks between words: where does a name begin and end?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

_KATAKANA = re.compile("[ァ-ヺー]")
_KATAKANA_BEFORE = re.compile("[ァ-ヺー・＝]*$")
_KATAKANA_AFTER = re.compile("[ァ-ヺー・＝]*")
_SEPARATORS = re.compile("[・＝]")
_MAX_KATAKANA = 40
_FOREIGN_SOUND_AFTER = re.compile(
    r"""
    (?! 恩怨 | 奥[运委] | 德国 | 克[制服里] | 拉[响开美动] | 达[成到]
      | 多[数次名个地家年人位方处所座种项起边] | 里[程面约的] | 图[谋为]
      | 亚[洲太运冠非] | 诺贝尔 | 纳[入税粹] | 兰花 | 圣[诞战地] )
    [兰蘭尔爾斯伦倫姆娅婭莎娜丝絲蒂诺諾顿頓逊遜瑟茨恩奥奧德克夫弗卡拉罗羅里洛哥亚亞纳納尼莱萊雷勒圣聖达達多塔图圖雅]
    """,
    re.VERBOSE,
)
"""A sign that in Chinese mostly spells a foreign sound: the name goes on (马里 in 马里兰). Not before real words."""
_SEA = re.compile("[^军軍上外兵运運关關事]|$")


def find_signs(text: str, names: Mapping[str, Sequence[T]], longest: int) -> Iterator[tuple[int, int, Sequence[T]]]:
    """The longest names at each place of the text, without those that only begin or end a longer name.

    ``longest`` is the length of the longest name. Names without a value are words that contain a name: skipped.
    """
    place = 0
    while place < len(text):
        for end in range(min(len(text), place + longest), place + 1, -1):
            found = names.get(text[place:end])
            if found is not None and _is_whole(text, place, end, names, longest):
                if found:
                    yield place, end, found
                place = end
                break
        else:
            place += 1


def _is_whole(text: str, start: int, end: int, names: Collection[str], longest: int) -> bool:
    """Whether the name ends where its word does."""
    if _KATAKANA.match(text, start) or _KATAKANA.match(text, end - 1):
        return _is_whole_katakana(text, start, end, names)
    if text[start - 1 : start] == "·":  # 梅拉尼娅·特朗普 is not Donald
        return False
    if text[end - 1] == "海":
        return _SEA.match(text, end) is not None
    if not _FOREIGN_SOUND_AFTER.match(text, end):
        return True
    return any(text[end : end + length] in names for length in range(2, longest + 1))


def _is_whole_katakana(text: str, start: int, end: int, names: Collection[str]) -> bool:
    """Whether no Katakana continues the name (マリ in マリー) but other known names (フランス・パリ)."""
    before = _KATAKANA_BEFORE.search(text, max(0, start - _MAX_KATAKANA), start)
    after = _KATAKANA_AFTER.match(text, end, end + _MAX_KATAKANA)
    beside = (before.group() if before else ""), (after.group() if after else "")
    if (beside[0] and not _SEPARATORS.match(beside[0][-1])) or (beside[1] and not _SEPARATORS.match(beside[1][0])):
        return False
    return all(part in names for side in beside for part in _SEPARATORS.split(side) if part)
