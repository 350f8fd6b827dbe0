"""Series: reports from one template are no copies, and one story only if just their figures differ."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from schemas import VerdictKind
from tests.dedupe.support import QUAKES, Delivery, article, entries_of


@pytest.mark.parametrize("texts", list(permutations(QUAKES)))
def test_each_text_of_a_series_passes_in_a_story_of_its_own(texts: tuple[str, ...]) -> None:
    entries = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate(texts)))
    assert [entry.verdict.kind for entry in entries] == 3 * [VerdictKind.NEW]
    assert [entry.verdict.series_of for entry in entries] == [None, entries[0].id, entries[0].id]
    assert len({entry.verdict.story_id for entry in entries}) == 3


def test_bulletins_on_one_event_are_a_series_and_one_story() -> None:
    bulletin = (
        "Hurricane Odile was about {} miles southeast of Cape Linn early on {} with winds of {} miles an hour, the "
        "hurricane centre said. The storm was moving northwest at {} miles an hour and was expected to turn north. A "
        "warning was in effect from Ardo to Dorn. Residents of low-lying areas were told to leave."
    )
    texts = (bulletin.format(320, "Monday", 105, 9), bulletin.format(90, "Tuesday", 120, 12))
    first, last = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate(texts)))
    assert (last.verdict.series_of, last.verdict.story_id) == (first.id, first.verdict.story_id)


def test_prose_with_other_words_here_and_there_is_no_template() -> None:
    advice = (
        "Moving house is one of the most tiring things that a family can do. Most people leave the packing to the last "
        "week, and then they find that the boxes are too few and the evenings too short. Begin with what you do not "
        "need every day: books, winter clothes, the good plates, and all that has been in the cellar since Grandma Ada "
        "was there. Write on each box what is in it and to which room it belongs, because nobody will remember. Ask "
        "three firms what they charge, in May rather than in June, when students move as well. The cheapest is not "
        "always the best, and a firm that wants to be paid in advance is rarely a good one. On the day itself keep a "
        "kettle, some cups, a lamp and the papers with you in the car. Children like to have a box of their own. Say "
        "goodbye to Frau Kern next door. In the evening make the beds first, and leave the rest for Sunday."
    )
    names = {"Ada": "Rosa", "May": "March", "June": "April", "Frau": "Doctor", "Kern": "Roth", "Sunday.": "Monday."}
    edited = " ".join("perhaps" if at % 9 == 4 else names.get(word, word) for at, word in enumerate(advice.split()))
    reprint = f"LONDON (Tribune) - {edited}"
    first, last = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate((advice, reprint))))
    assert (last.verdict.kind, last.verdict.duplicate_of) == (VerdictKind.COPY, first.id)


ACCIDENT = (
    "{} people were injured when a {} collided on the road between {} on {}. The road was closed for {} hours. Police "
    "are looking for witnesses."
)
TREMOR = (
    "{} में {} को रिक्टर पैमाने पर {} तीव्रता का भूकंप आया। राष्ट्रीय भूकंप विज्ञान केंद्र के अनुसार भूकंप का केंद्र {} से {} "
    "किलोमीटर दूर जमीन से {} किलोमीटर की गहराई में था। अभी तक जान-माल के नुकसान की कोई सूचना नहीं है। लोग घरों से बाहर निकल आए।"
)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            (
                ACCIDENT.format("Two", "car and a tractor", "Sund and Norrum", "Friday afternoon", "two"),
                ACCIDENT.format("Four", "bus and a van", "Hallby and Orrin", "Sunday morning", "three"),
            ),
        ),
        (
            "hi",
            (
                TREMOR.format("असम", "सोमवार", "4.2", "तेजपुर", 34, 10),
                TREMOR.format("गुजरात", "शुक्रवार", "3.9", "भुज", 21, 15),
            ),
        ),
    ],
)
def test_short_texts_that_name_nothing_in_common_are_a_series(language: str, texts: tuple[str, str]) -> None:
    articles = (replace(article(text, offset=at), language=language) for at, text in enumerate(texts))
    first, last = entries_of(*(Delivery(each, at, 0) for at, each in enumerate(articles)))
    assert (last.verdict.duplicate_of, last.verdict.series_of) == (None, first.id)


FORECASTS = {
    "hi": (
        "मौसम विभाग के अनुसार {} में {} को तापमान {} डिग्री तक रहेगा। सुबह आसमान साफ रहेगा और दोपहर बाद पश्चिम से बादल आएंगे। "
        "हवा {} से धीमी चलेगी। रात में तापमान {} डिग्री तक गिरेगा। {} इलाके में कोहरे की चेतावनी जारी की गई है।",
        ("जयपुर", "सोमवार", 17, "दक्षिण", 4, "सांभर"),
        ("पटना", "शुक्रवार", 23, "उत्तर", 11, "मोकामा"),
    ),
    "ar": (
        "تتوقع هيئة الأرصاد في {} يوم {} أن تصل الحرارة إلى {} درجة. ويكون الجو صحوا في الصباح وتأتي السحب من الغرب "
        "بعد الظهر. وتهب الرياح خفيفة من {}. وتنخفض الحرارة ليلا إلى {} درجات. وصدر تحذير من الضباب في منطقة {}.",
        ("طنطا", "الاثنين", 17, "الجنوب", 4, "رشيد"),
        ("أسوان", "الجمعة", 23, "الشمال", 11, "إدفو"),
    ),
    "ko": (
        "기상청은 {}의 {} 낮 최고 기온을 {}도로 예보했다. 오전은 맑고 오후에는 서쪽에서 구름이 몰려온다. 바람은 "
        "{}에서 약하게 분다. 밤에는 {}도까지 내려간다. {} 지역에는 안개 주의보가 내려졌다.",
        ("대전", "월요일", 17, "남쪽", 4, "논산"),
        ("강릉", "금요일", 23, "북쪽", 11, "속초"),
    ),
}


def test_reports_from_a_template_of_long_passages_are_a_series_in_both_orders() -> None:
    match = (
        "{} ha battuto {} per {} nella partita di {}. Ha segnato per primo {}, poi la squadra ha amministrato il "
        "vantaggio. L'arbitro ha mostrato tre cartellini gialli. Il tecnico si è detto contento del gioco e ha chiesto "
        "più attenzione in difesa."
    )
    matches = [
        match.format("Il Pisa", "il Lecco", "2-0", "domenica", "Rinaldi"),
        match.format("La Spal", "il Cuneo", "3-1", "sabato", "Bassi"),
    ]
    for texts in permutations(matches):
        articles = (replace(article(text, offset=at), language="it") for at, text in enumerate(texts))
        first, last = entries_of(*(Delivery(each, at, 0) for at, each in enumerate(articles)))
        assert (last.verdict.duplicate_of, last.verdict.series_of) == (None, first.id)


@pytest.mark.parametrize("language", FORECASTS)
def test_short_texts_in_a_script_without_capitals_with_other_numbers_and_words_are_a_series(language: str) -> None:
    template, *days = FORECASTS[language]
    first, last = entries_of(
        *(
            Delivery(replace(article(template.format(*day), offset=at), language=language), at, 0)
            for at, day in enumerate(days)
        )
    )
    assert (last.verdict.duplicate_of, last.verdict.series_of) == (None, first.id)


def test_a_new_toll_in_a_script_without_capitals_is_a_copy() -> None:
    crash = (
        "सीतापुर के पास सोमवार को बस पलटने से {} लोगों की मौत हो गई और {} घायल हो गए। पुलिस ने बताया कि चालक ने मोड़ पर "
        "नियंत्रण खो दिया। घायलों को जिला अस्पताल में भर्ती कराया गया है। मुख्यमंत्री ने जांच के "
        "आदेश दिए हैं और परिवारों को सहायता देने की घोषणा की है।"
    )
    articles = (
        replace(article(crash.format(*toll), offset=at), language="hi") for at, toll in enumerate(((12, 40), (15, 52)))
    )
    first, last = entries_of(*(Delivery(each, at, 0) for at, each in enumerate(articles)))
    assert last.verdict.duplicate_of == first.id


def test_a_new_toll_in_a_script_without_spaces_is_a_copy() -> None:
    blast = (
        "北海市一家化工厂周一上午发生爆炸，造成{}人死亡，{}人受伤。消防部门说，大火在中午前被扑灭。工厂负责人已被警方控制。市政府成立调查组，"
        "查明事故原因。附近居民已被疏散。"
    )
    articles = (
        replace(article(blast.format(*toll), offset=at), language="zh") for at, toll in enumerate(((12, 30), (15, 41)))
    )
    first, last = entries_of(*(Delivery(each, at, 0) for at, each in enumerate(articles)))
    assert last.verdict.duplicate_of == first.id


FRAME = (
    "Good morning. Here is what you need to know today, {}.\n1. {}\n2. {}\n3. {}\nThat's all for this morning. Did a "
    "friend forward you this newsletter? Sign up here to get it in your inbox every weekday at six. Tell us what you "
    "think by replying to this email. Have a great day, and see you tomorrow."
)
ISSUES = (
    FRAME.format(
        "Monday, May 4",
        "The council of Saltby votes on the bridge tonight. It may fail by one vote.",
        "Rain is expected in the north, with up to forty millimetres by noon.",
        "The strike at Tellmann's pipe works goes into its third week.",
    ),
    FRAME.format(
        "Tuesday, May 5",
        "Norma Tull is the new head of the harbour board after a night of counting.",
        "Astronomers at Brenmoor have lost the comet in the clouds again.",
        "A bakery from 1911 reopens on Orchard Street under a new owner.",
    ),
)


@pytest.mark.parametrize("issues", list(permutations(ISSUES)))
def test_issues_of_a_newsletter_are_a_series_and_the_same_one_with_a_new_greeting_is_a_copy(
    issues: tuple[str, ...],
) -> None:
    texts = (*issues, issues[0].replace("Good morning.", "Hello from Saltby!"))
    first, second, again = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate(texts)))
    assert (second.verdict.duplicate_of, second.verdict.series_of) == (None, first.id)
    assert again.verdict.duplicate_of == first.id


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_report_that_goes_on_otherwise_in_the_middle_is_a_copy(is_reversed: bool) -> None:
    report = (
        "The council of Saltby voted on Monday night to close the harbour bridge for six weeks. {} The work will be "
        "paid for by the state and the port in equal parts. Lorries will take the ferry, which will sail every half "
        "hour until the end of May, and buses will turn at the fish market. The mayor asked for patience and promised "
        "that the footpath would stay open."
    )
    texts = [
        report.format(
            "Eleven members were in favour and ten against, after a debate of five hours in which the engineers were "
            "asked about every bolt. Two councillors left the hall in protest."
        ),
        report.format(
            "The engineers had told the members that cracks in two piers had grown by a third since the spring. "
            "Shopkeepers on the quay expect to lose half of their trade and want help."
        ),
    ]
    first, last = entries_of(
        *(Delivery(article(text, offset=at), at, 0) for at, text in enumerate(texts[::-1] if is_reversed else texts))
    )
    assert last.verdict.duplicate_of == first.id
