"""Finds people in languages that write names without capitals, Chinese, Japanese and Arabic: by the titles beside them.

A name that a title tells is one wherever the article has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from workers.enrich.languages.tables import cities, countries, names_of_people, words_around_people
from workers.enrich.spans import NamedSpan
from workers.enrich.types import BY_RULE, PERSON

_HAN = "一-鿿々"
_FOREIGN = (
    "阿埃艾爱安昂奥巴白班邦包鲍贝本比彼毕宾波博布察查达大戴丹道得德登邓迪蒂丁东杜多恩尔法凡范菲费芬冯夫弗福盖甘冈高戈格根贡古"
    "瓜哈海汉豪赫亨洪胡华惠霍基吉加贾简杰金津卡凯坎康考科克肯库夸奎拉莱赖兰朗劳勒雷蕾里利莉丽列林琳隆卢鲁伦罗洛马玛迈麦曼芒毛"
    "梅门蒙米密敏明摩莫墨默穆姆纳娜乃南内尼妮年宁纽农努诺欧帕潘庞佩彭皮平普奇齐恰钱强乔切琴丘邱让热日荣茹若撒萨塞赛桑瑟森沙莎"
    "山舍申圣施史士舒斯丝松苏索塔台太泰坦汤唐陶特滕提廷图托瓦万旺威韦维魏温文翁沃乌武西希锡席夏肖谢辛欣休许雅亚延扬杨耶叶伊因英"
    "尤于约泽扎詹张珍芝朱兹祖佐爾賓貝蘭羅馬倫納達賴萊雷維歐亞諾聖蘇圖華"
)
"""Signs that spell foreign names in Chinese."""
_KATAKANA_NAME = r"[ァ-ヺー]{2,}(?:[・＝][ァ-ヺー]{2,})*"
_INSTITUTION_END = tuple("県市町村区都府党省庁社行学院部会局軍国州道署団課")
_COMPANY_TITLES = frozenset(("社長", "副社長", "会長", "副会長", "最高経営責任者", "代表", "監督", "総裁"))
"""Titles that also stand after the name of a company or a club."""
_MAX_DIFFERENT = 200
"""How many different names are searched for in the rest of the article."""
_MAX_TITLE_WORDS = 4
_MAX_NAME_WORDS = 4
_ARABIC_WORD = re.compile(r"[ء-ي]+")
_ARABIC_LINKS = frozenset(("بن", "بنت", "ابن", "آل", "أبو", "ابو", "عبد", "أم", "الزهراء"))
_WITH_PREPOSITION = re.compile("[وفبك]ال|لل")
_ARABIC_SPELLING = str.maketrans("أإآىة", "اااية")


def find_people(texts: Sequence[str], language: str) -> list[list[NamedSpan]]:
    """The people in each text of an article, in text order; none in a language that writes names with capitals."""
    find = _FINDERS.get(language)
    if find is None:
        return [[] for _ in texts]
    found = [list(find(text)) for text in texts]
    every = (text[slice(*span)] for text, own in zip(texts, found, strict=True) for span in own)
    names = list(islice(dict.fromkeys(every), _MAX_DIFFERENT))
    if language != "ar" and names:
        anywhere = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
        inside = "[ァ-ヺー]" if language == "ja" else "·"
        found = [
            sorted({*own, *(match.span() for match in anywhere.finditer(text) if _is_whole(text, match, inside))})
            for text, own in zip(texts, found, strict=True)
        ]
    return [[NamedSpan(start, end, PERSON, BY_RULE) for start, end in own] for own in found]


def _is_whole(text: str, match: re.Match[str], inside: str) -> bool:
    """Whether a longer name does not begin or end there; a name of two signs must not follow another sign."""
    start, end = match.span()
    if end - start == 2 and re.match(f"[{_HAN}]", text[start - 1 : start]):
        return False
    return not re.match(inside, text[start - 1 : start]) and not re.match(inside, text[end : end + 1])


@cache
def _japanese() -> re.Pattern[str]:
    titles = "|".join(map(re.escape, words_around_people("ja")["after"]))
    return re.compile(
        rf"(?<![{_HAN}])(?P<han>[{_HAN}]{{2,5}}?)(?P<title>{titles})(?![{_HAN}])"
        rf"|(?<![ァ-ヺー・＝])(?P<kana>{_KATAKANA_NAME})(?P<after>{titles})(?![{_HAN}])"
    )


def _find_japanese(text: str) -> Iterator[tuple[int, int]]:
    """The names before titles: 田中裕子さん."""
    words = words_around_people("ja")["common"]
    for match in _japanese().finditer(text):
        name = match["han"] or match["kana"]
        if _is_japanese_place(name):
            continue
        if match["han"]:
            if name.endswith(_INSTITUTION_END) or any(name.startswith(word) or name.endswith(word) for word in words):
                continue
            yield match.span("han")
        elif match["after"] not in _COMPANY_TITLES or "・" in name or f"・{name}" in text:
            yield match.span("kana")


def _is_japanese_place(name: str) -> bool:
    return any(part in countries()["ja"] or part in cities("ja") for part in (name, *re.split("[・＝]", name)))


@cache
def _chinese() -> re.Pattern[str]:
    words = words_around_people("zh")
    titles, follow = "|".join(map(re.escape, words["before"])), "|".join(words["follow"])
    families = "|".join(sorted(map(re.escape, names_of_people("zh")), key=len, reverse=True))
    return re.compile(
        rf"(?:{titles})(?P<own>(?:{families})[{_HAN}]{{1,2}}?|[{_FOREIGN}]{{2,6}}?)(?={follow})"
        rf"|(?P<foreign>[{_FOREIGN}]{{1,6}}(?:·[{_FOREIGN}]{{1,7}}){{1,3}}?)(?={follow})"
    )


def _find_chinese(text: str) -> Iterator[tuple[int, int]]:
    """The names after titles (省长李明), and foreign ones that have a dot between their parts."""
    for match in _chinese().finditer(text):
        name = match["own"] or match["foreign"]
        if name not in countries()["zh"] and name not in cities("zh"):
            yield match.span("own" if match["own"] else "foreign")


@cache
def _arabic_given_names() -> frozenset[str]:
    return frozenset(name.translate(_ARABIC_SPELLING) for name in names_of_people("ar") if " " not in name)


def _find_arabic(text: str) -> Iterator[tuple[int, int]]:
    """The names that begin with a known given name, shortly after a title: وزير الصحة أحمد منصور."""
    words = words_around_people("ar")
    titles, functions = frozenset(words["before"]), frozenset(words["function"])
    tokens = [(match.group(), *match.span()) for match in _ARABIC_WORD.finditer(text)]
    i = 0
    while i < len(tokens):
        begins = _begins_arabic_name(tokens, i) and tokens[i][0] not in titles
        if not begins or not _is_after_title(tokens, i, titles, functions, text):
            i += 1
            continue
        last = i
        while last + 1 < len(tokens) and last - i + 1 < _MAX_NAME_WORDS:
            word, start, _ = tokens[last + 1]
            ends = word in functions or word in titles or _WITH_PREPOSITION.match(word)
            if text[tokens[last][2] : start] != " " or ends:
                break
            last += 1
            before = tokens[last - 1][0]
            if not _is_given_name(word) and word not in _ARABIC_LINKS and before not in _ARABIC_LINKS:
                last += _has_nisba_after(tokens, last, text)
                break
        while last > i and tokens[last][0] in _ARABIC_LINKS:
            last -= 1
        if last > i:
            yield tokens[i][1], tokens[last][2]
        i = last + 1


def _has_nisba_after(tokens: Sequence[tuple[str, int, int]], i: int, text: str) -> bool:
    """Whether a name of origin or family follows a grandfather's name: حمود العتيبي."""
    if i + 1 >= len(tokens) or tokens[i][0].startswith("ال") or text[tokens[i][2] : tokens[i + 1][1]] != " ":
        return False
    return tokens[i + 1][0].startswith("ال") and tokens[i + 1][0].endswith("ي")


def _is_given_name(word: str) -> bool:
    return word.translate(_ARABIC_SPELLING) in _arabic_given_names()


def _begins_arabic_name(tokens: Sequence[tuple[str, int, int]], i: int) -> bool:
    return _is_given_name(tokens[i][0]) or (tokens[i][0] == "عبد" and i + 1 < len(tokens))


def _is_after_title(
    tokens: Sequence[tuple[str, int, int]], i: int, titles: frozenset[str], functions: frozenset[str], text: str
) -> bool:
    """Whether a title stands before the word, with at most a few words of it between (وزير الخارجية المصري)."""
    for j in range(i - 1, max(-1, i - 1 - _MAX_TITLE_WORDS), -1):
        word, _, end = tokens[j]
        if text[end : tokens[j + 1][1]] != " " or word in functions - titles:
            return False
        if word in titles or word[1:] in titles:
            return True
        if not word.startswith("ال"):
            return False
    return False


_FINDERS: Mapping[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "ar": _find_arabic,
    "ja": _find_japanese,
    "zh": _find_chinese,
}
