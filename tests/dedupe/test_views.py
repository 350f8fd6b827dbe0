"""What is shown of a story: its most central article, and the sources of all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas import StoryView, VerdictKind
from tests.dedupe.support import BRIDGE, DAM, WALL, WINDOW, Delivery, article, entries_of, entry_of, load
from workers.dedupe import Ledger
from workers.dedupe.stories.view import MAX_HEADLINE_CHARS, MAX_SOURCES, view_of

OPEN = (
    "The gates of the Sellmark dam are open because of cracks in its wall, the water board at Lake Tarn said on "
    "Tuesday, and farmers below the reservoir moved their cattle."
)


def report(offset: int, body: str, *, url: int | None = None, source: str | None = None, at: int = 0) -> Delivery:
    """An article whose source is ``OFFSET.example`` by default."""
    address = f"https://news.example/{offset if url is None else url}"
    made = article(body, offset=offset, headline=f"Report {offset}", url=address)
    return Delivery(replace(made, source=source or f"{offset}.example"), offset, at or offset)


def last_view(*deliveries: Delivery) -> StoryView:
    """What is shown of the story of the last article."""
    entry = entries_of(*deliveries)[-1]
    own = view_of(entry.position, entry.headline, entry.source, entry.words.split())
    return entry.verdict.story_view or own


def test_article_alone_is_shown_by_its_headline_its_source_and_its_most_telling_words() -> None:
    (entry,) = entries_of(report(0, DAM))
    assert entry.verdict.story_view is None
    view = last_view(report(0, DAM))
    assert (view.central, view.headline, view.sources) == (0, "Report 0", ("0.example",))
    assert {"sellmark", "dam", "reservoir"} < set(view.terms)
    assert not {"the", "on", "and"} & set(view.terms)


@pytest.mark.parametrize(
    ("language", "first", "second", "other"),
    [
        (
            "zh",
            (
                "广西柳州暴雨引发洪水 两万人转移",
                "连日暴雨使广西柳州的柳江水位超过警戒线六米，洪水淹没了沿江街道。市政府说已转移两万名居民，学校停"
                "课。防汛部门预计洪峰将在星期日通过市区。",
            ),
            (
                "柳江洪峰将过柳州 沿江街道被淹",
                "广西柳州防汛部门表示，柳江洪峰预计星期日通过市区，水位将超过警戒线六米以上。沿江街道已被洪水淹没"
                "，两万居民被转移，全市学校停课两天。",
            ),
            (
                "湖南怀化洪灾 三座桥梁被冲毁",
                "湖南怀化市遭遇强降雨，沅江支流暴涨，三座桥梁被冲毁，五个乡镇通信中断。市应急管理局说，已有八千人"
                "转移，四人失踪。武警官兵用冲锋舟运送药品和食物。",
            ),
        ),
        (
            "zh",
            (
                "广州地铁十一号线全线开通 首日客流八十万",
                "广州首条环线地铁十一号线周六上午全线开通运营，线路全长四十四公里，设三十一座车站，其中二十三座可以换"
                "乘。截至晚上十点，首日客流约八十万人次。部分车站排队超过半小时，地铁公司增派了志愿者维持秩序。",
            ),
            (
                "环线来了 广州人排队坐十一号线",
                "周六一早，广州市民涌向十一号线。这条四十四公里长的环线连接天河、海珠等五个区，三十一个车站里有二十三"
                "个是换乘站。运营方说，第一天有约八十万人次乘坐，琶洲等站进站要等半个多小时。",
            ),
            (
                "杭州地铁早高峰信号故障 数万人迟到",
                "杭州地铁三号线周一早高峰发生信号故障，列车限速运行近两个小时，数万名乘客上班迟到。地铁公司道歉，并"
                "在各车站发放迟到证明。故障原因仍在调查。",
            ),
        ),
        (
            "ja",
            (
                "トヨタ、福岡に電池工場を建設へ",
                "トヨタ自動車は水曜日、福岡県に電気自動車向けの電池工場を建設すると発表した。投資額は2500億円"
                "で、2028年に稼働する予定だ。佐藤恒治社長は、九州をアジア向けの輸出拠点にすると述べた。",
            ),
            (
                "福岡県知事、トヨタの電池工場を歓迎",
                "福岡県の服部知事は、トヨタ自動車が県内に2500億円を投じて建設する電池工場を歓迎した。工場は電"
                "気自動車向けの電池を2028年から生産する。佐藤社長は輸出拠点として九州に期待を示した。",
            ),
            (
                "日産、追浜工場の生産を終了",
                "日産自動車は木曜日、神奈川県横須賀市の追浜工場で車両の生産を2027年度末に終えると発表した。従"
                "業員2400人は他の工場に移る。エスピノーサ社長は、過剰な生産能力を減らすと説明した。",
            ),
        ),
        (
            "ko",
            (
                "국회, 내년 예산안 656조원 의결",
                "국회는 2일 본회의를 열어 내년도 예산안 656조원을 찬성 183표로 통과시켰다. 여야는 연구개발 예산을 1조원"
                " 늘리는 데 합의했다. 우원식 의장은 법정 시한을 지켰다고 말했다.",
            ),
            (
                "656조원 예산안 본회의 통과…R&D 1조원 증액",
                "내년 나라살림 656조원이 2일 국회 본회의에서 확정됐다. 찬성은 183표였다. 막판 협상에서 연구개발 예산이 "
                "1조원 늘었다. 우원식 국회의장은 5년 만에 시한 내 처리했다고 밝혔다.",
            ),
            (
                "서울 지하철 노조, 5일 파업 예고",
                "서울교통공사 노조가 인력 감축에 반대하며 5일 첫차부터 파업에 들어가겠다고 1일 예고했다. 노조는 1800명 "
                "충원을 요구한다. 서울시는 출퇴근 시간 운행률을 90%로 유지하겠다고 했다.",
            ),
        ),
        (
            "pl",
            (
                "Pożar hali w Radomiu, strażacy gasili sześć godzin",
                "W nocy z poniedziałku na wtorek w Radomiu spłonęła hala magazynowa z oponami. Strażacy z dwudziestu "
                "jednostek walczyli z ogniem sześć godzin. Nikt nie ucierpiał. Prezydent miasta zaapelował do "
                "mieszkańców o zamknięcie okien.",
            ),
            (
                "Radom: spłonął magazyn opon",
                "Dwadzieścia zastępów straży pożarnej gasiło przez sześć godzin magazyn opon w Radomiu. Ogień pojawił "
                "się we wtorek po północy. Mieszkańców proszono, by nie otwierali okien. Rannych nie ma, poinformował "
                "prezydent Radomia.",
            ),
            (
                "Pożar kamienicy w Łodzi, dwie osoby w szpitalu",
                "We wtorek rano w Łodzi zapaliło się mieszkanie na trzecim piętrze kamienicy przy ulicy Zachodniej. "
                "Dwie osoby podtruły się dymem i trafiły do szpitala. Strażacy ewakuowali trzydziestu lokatorów.",
            ),
        ),
    ],
)
def test_stories_form_also_where_words_change_their_form_or_have_no_spaces(
    language: str, first: tuple[str, str], second: tuple[str, str], other: tuple[str, str]
) -> None:
    made = []
    for offset, (headline, body) in enumerate((first, other, second)):
        each = report(offset, body)
        made.append(replace(each, article=replace(each.article, headline=headline, language=language)))
    stories = [entry.verdict.story_id for entry in entries_of(*made)]
    assert stories[0] == stories[2] != stories[1]


def test_headline_and_terms_are_those_of_the_article_most_like_the_others() -> None:
    assert last_view(report(0, DAM), report(1, WALL)).headline == "Report 0"
    # The second tells of the dam and of the earthquake; it was the first that told of the dam alone.
    story = [report(0, BRIDGE), report(1, DAM), report(2, WALL)]
    view = last_view(*story)
    assert view.headline != "Report 0"
    assert view.sources == ("0.example", "1.example", "2.example")
    assert view.terms == last_view(story[view.central]).terms


def test_revision_of_the_central_article_is_shown_instead_of_it() -> None:
    view = last_view(report(0, DAM), report(1, WALL), report(2, f"{DAM} It rains.", url=0, source="0.example"))
    assert (view.headline, view.sources) == ("Report 2", ("0.example", "1.example"))
    kept = last_view(report(0, DAM), report(1, WALL), report(2, f"{WALL} It rains.", url=1, source="1.example"))
    assert (kept.headline, kept.sources) == ("Report 0", ("0.example", "1.example"))


def test_article_that_has_left_the_window_is_not_shown_any_more() -> None:
    view = last_view(report(0, DAM, at=1), report(1, WALL, at=WINDOW), report(2, OPEN, at=WINDOW + 2))
    assert view.headline == "Report 2"
    assert view.sources == ("0.example", "1.example", "2.example")


def test_entry_of_an_earlier_version_gives_way_to_the_first_article_with_a_headline() -> None:
    ledger = Ledger(WINDOW)
    load(ledger, replace(*entries_of(report(0, DAM)), headline="", source=None, words=""))
    ledger.catch_up(1)
    verdict = entry_of(ledger, report(1, WALL)).verdict
    assert (verdict.story_id, verdict.story_view) == (f"story-{0:016x}", None)


def test_copy_is_not_shown() -> None:
    copy = entries_of(report(0, DAM), report(1, DAM))[-1]
    assert copy.verdict.kind is VerdictKind.COPY
    assert (copy.verdict.story_view, copy.headline, copy.source, copy.words) == (None, "", None, "")


@pytest.mark.parametrize("count", [MAX_SOURCES, MAX_SOURCES + 3])
def test_sources_and_headlines_are_bounded(count: int) -> None:
    reports = [report(0, DAM), *(report(offset, f"{WALL} {offset}.", url=1) for offset in range(1, count))]
    assert len(last_view(*reports).sources) == MAX_SOURCES
    assert view_of(0, "x" * 1_000, None, ()).headline == f"{'x' * (MAX_HEADLINE_CHARS - 1)}…"


def test_telling_words_are_whole_where_words_have_no_spaces() -> None:
    chips = report(0, "台积电说，芯片的价格很高。德累斯顿的人在等台积电的芯片，德累斯顿在等台积电。")
    (entry,) = entries_of(replace(chips, article=replace(chips.article, headline="台积电的芯片", language="zh")))
    assert {"台积电", "德累斯顿", "芯片"} <= set(entry.words.split())
