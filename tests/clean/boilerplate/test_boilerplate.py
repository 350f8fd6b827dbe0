"""The boilerplate of the seeds and more, with other names, outlets, wording and order."""

from __future__ import annotations

import pytest

from schemas import Caption, Credit, Dateline
from tests.clean.samples import APPEAL, APPEAL_END, BODY, HEADLINE, LEAD, STORY, cleaned, lines, raw, removed


def test_a_clean_text_loses_nothing() -> None:
    article = cleaned({"headline": HEADLINE, "body": STORY})
    assert article.body == STORY
    assert article.removed == ()


def test_the_headline_of_a_bare_text_is_its_first_line() -> None:
    article = cleaned(lines(HEADLINE, STORY))
    assert article.headline == HEADLINE
    assert article.body == STORY
    assert raw(article) == lines(HEADLINE, STORY)


def test_a_bare_text_that_starts_with_a_sentence_has_no_headline() -> None:
    article = cleaned(STORY)
    assert article.headline == ""
    assert article.body == STORY


def test_a_headline_repeated_above_the_body_is_removed() -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(HEADLINE.upper(), STORY)})
    assert article.body == STORY
    assert removed(article, "headline") == [HEADLINE.upper()]


def test_a_standfirst_repeated_by_the_lead_is_the_summary() -> None:
    standfirst = "Ferry crews on the northern islands have voted for a walkout, leaving nine routes without a timetable"
    article = cleaned(lines(HEADLINE, standfirst, STORY))
    assert article.summary == standfirst
    assert article.body == STORY


def test_a_lead_is_not_a_standfirst() -> None:
    article = cleaned(lines(HEADLINE, "PORT ELLERY (AP) — " + LEAD, *BODY[1:]))
    assert article.summary is None
    assert article.body == STORY


@pytest.mark.parametrize("end", ["\n", "", " "], ids=["line", "glued", "blank"])
def test_an_appeal_is_removed_as_one_span_wherever_it_ends(end: str) -> None:
    text = lines(HEADLINE, *APPEAL, APPEAL_END) + end + STORY
    article = cleaned(text)
    assert article.headline == HEADLINE
    if end != " ":  # after a blank, the appeal's last words and the story's first paragraph are one line
        assert article.body == STORY
        assert removed(article, "appeal") == [lines(*APPEAL, APPEAL_END)]


def test_an_appeal_in_the_middle_or_at_the_end_is_removed() -> None:
    middle = cleaned({"headline": HEADLINE, "body": lines(*BODY[:2], *APPEAL, APPEAL_END, *BODY[2:])})
    assert middle.body == STORY
    end = cleaned({"headline": HEADLINE, "body": lines(STORY, *APPEAL, APPEAL_END)})
    assert end.body == STORY


def test_the_signature_of_an_email_is_removed() -> None:
    footer = ("--", "The Courier, 12 Quay Street, Port Ellery", "desk@courier.example | +44 20 7946 0000")
    article = cleaned({"headline": HEADLINE, "body": lines(STORY, *footer)})
    assert article.body == STORY
    assert removed(article, "promo") == [lines(*footer)]


@pytest.mark.parametrize(
    "end",
    [
        ("--", "The ferries of the northern islands", "Built in 1974"),
        ("--", BODY[0], "See https://courier.example/ferries"),
        ("See https://courier.example/ferries",),
    ],
)
def test_other_ends_of_a_text_stay(end: tuple[str, ...]) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(*BODY[1:], *end)})
    assert article.body == lines(*BODY[1:], *end)


def test_news_about_donations_and_journalism_is_not_an_appeal() -> None:
    text = lines(
        "The charity said a donation of two million had arrived from an unknown giver in the capital.",
        "The union of journalists said local reporting had lost a third of its jobs, and asked for public money.",
        "“We rely on readers,” the editor of the weekly told the hearing, “and every subscription counts for us.”",
    )
    assert cleaned({"headline": "Hearing on the press", "body": text}).body == text


@pytest.mark.parametrize(
    ("line", "place", "agency"),
    [
        ("PORT ELLERY (Reuters) - ", "Port Ellery", "Reuters"),
        ("PORT ELLERY, Northland (AP) — ", "Port Ellery, Northland", "AP"),
        ("Lisbon, Aug. 4 (Xinhua) -- ", "Lisbon", "Xinhua"),
        ("ST. JOHN, Mich. (AP) — ", "St. John, Mich.", "AP"),
        ("GENEVA — ", "Geneva", None),
        ("Saltby, March 7, 2025 (AFP) - ", "Saltby", "AFP"),
        ("Saltby (Noruega), 7 mar (EFE).- ", "Saltby (Noruega)", "EFE"),
        ("MADRID, 7 Mar. (EUROPA PRESS) - ", "Madrid", "Europa Press"),
        ("СОЛТБИ, 7 марта. /ТАСС/. ", "Солтби", "TASS"),
        ("SALTBY, March 7, 2025 /PRNewswire/ -- ", "Saltby", "PR Newswire"),
        ("PORT ELLERY--(BUSINESS WIRE)--", "Port Ellery", "Business Wire"),
    ],
)
def test_a_dateline_becomes_a_field(line: str, place: str, agency: str | None) -> None:
    article = cleaned({"headline": HEADLINE, "body": line + STORY})
    assert article.body == STORY
    assert article.dateline == Dateline(text=line.strip(), place=place, agency=agency)
    assert article.agency == agency


@pytest.mark.parametrize(
    ("start", "place", "agency", "byline"),
    [
        ("新华社北京3月7日电（记者王明、李华）", "北京", "Xinhua", ("王明", "李华")),
        ("据新华社电 ", None, "Xinhua", ()),
        ("本报讯（记者 王明）", None, None, ("王明",)),
        ("（中央社記者王小明台北7日電）", None, "Central News Agency", ()),
        ("【ソウル＝山田太郎】", "ソウル", None, ("山田太郎",)),
        ("【ソウル共同】", "ソウル", "Kyodo", ()),
        ("[東京 ７日 ロイター] - ", "東京", "Reuters", ()),
        ("(서울=연합뉴스) 김민수 이영희 기자 = ", "서울", "Yonhap", ("김민수", "이영희")),
    ],
)
def test_a_dateline_of_east_asia_names_reporters(
    start: str, place: str | None, agency: str | None, byline: tuple[str, ...]
) -> None:
    text = "渡轮船员周五投票决定罢工，工会表示，周末九条航线将没有时刻表。"
    article = cleaned({"headline": HEADLINE, "body": start + text})
    assert article.dateline == Dateline(text=start.strip(), place=place, agency=agency)
    assert (article.body, article.agency, article.byline) == (text, agency, byline)


@pytest.mark.parametrize(
    "line", ["新华网友说今天电影很好。", "社会新闻：3月7日电动车起火。", "(서울=오늘) 비가 온다.", "本报记者认为。"]
)
def test_other_lines_of_east_asia_are_no_datelines(line: str) -> None:
    assert cleaned({"headline": HEADLINE, "body": line}).body == line


def test_captions_and_credits_become_fields_in_any_order() -> None:
    caption = "Passengers wait at Port Ellery on March 7, 2025. Northern Press/Ida Holm via AFP"
    article = cleaned(
        lines(
            HEADLINE,
            "By Ida Holm and ABBY Reed",
            BODY[0],
            caption,
            "A ferry at anchor in the bay (Photo: Jon Vale/EPA)",
            *BODY[1:],
            "(Additional reporting by Jon Vale in Geneva and Ann Lee; Writing by Mo Hill)",
            "Editing by Sam Roe",
        )
    )
    assert article.body == STORY
    assert article.byline == ("Ida Holm", "ABBY Reed")
    assert article.captions == (
        Caption(text="Passengers wait at Port Ellery on March 7, 2025.", credit="Northern Press/Ida Holm via AFP"),
        Caption(text="A ferry at anchor in the bay", credit="Photo: Jon Vale/EPA"),
    )
    assert article.credits == (
        Credit(name="Jon Vale", role="reporting"),
        Credit(name="Ann Lee", role="reporting"),
        Credit(name="Mo Hill", role="writing"),
        Credit(name="Sam Roe", role="editing"),
    )


def test_a_credit_at_the_end_of_the_last_paragraph_is_removed() -> None:
    article = cleaned({"headline": HEADLINE, "body": STORY + " (Reporting by Ida Holm; Editing by Jon Vale)"})
    assert article.body == STORY
    assert [credit.name for credit in article.credits] == ["Ida Holm", "Jon Vale"]


def test_breadcrumbs_give_the_section_and_the_date() -> None:
    article = cleaned(lines(HEADLINE, "", "  • Islands", "  • Friday, 07 Mar 2025", "", STORY))
    assert article.section == "Islands"
    assert article.published == "2025-03-07T00:00:00Z"
    assert article.body == STORY


@pytest.mark.parametrize(
    "boilerplate",
    [
        "Advertisement",
        "Story continues below advertisement",
        "Join our WhatsApp channel for storm warnings and school closures!",
        "Sign up for the Courier's weekly newsletter and never miss a tide",
        "Follow The Courier on Facebook and Instagram",
        "Download the Courier app for live ferry times",
        "Share this article",
        "Facebook Twitter WhatsApp Email",
        "READ MORE: Harbour master quits over dredging bill",
        "Also read: Harbour master quits over dredging bill",
        "4 min read",
        "Published Mar 7, 2025 • Updated 2 hours ago",
        "12 Comments",
        "© 2025 The Island Courier. All rights reserved.",
        "We use cookies to make your visit better. Read our cookie policy.",
        "Terms of Use | Privacy Policy",
        "Already a subscriber? Log in",
    ],
)
def test_a_line_of_boilerplate_is_removed_anywhere_in_the_text(boilerplate: str) -> None:
    for at in (1, 3, len(BODY)):
        article = cleaned({"headline": HEADLINE, "body": lines(*BODY[:at], boilerplate, *BODY[at:])})
        assert article.body == STORY, boilerplate


@pytest.mark.parametrize(
    "header", ["Next In Islands", "Most Read", "Related Stories", "You may also like", "More from The Courier"]
)
def test_a_list_of_headlines_is_removed_with_its_header(header: str) -> None:
    headlines = (
        "Harbour master quits over dredging bill",
        "Storm tears roof off school at Saltby",
        "Seal pups return to the western beaches",
    )
    article = cleaned(lines(HEADLINE, STORY, header, *headlines, "Others Also Read"))
    assert article.body == STORY
    assert removed(article, "related") == [lines(header, *headlines, "Others Also Read")]


def test_a_list_of_headlines_within_the_text_ends_where_prose_starts() -> None:
    article = cleaned(
        {
            "headline": HEADLINE,
            "body": lines(*BODY[:2], "Read more", "Storm tears roof off school at Saltby", *BODY[2:]),
        }
    )
    assert article.body == STORY


def test_menus_around_the_text_of_a_dirty_page_are_removed() -> None:
    top = (
        "Skip to main content",
        "Home",
        "News",
        "Islands",
        "Sport",
        "Weather",
        "Jobs",
        "Boats",
        "Subscribe",
        "Log in",
    )
    bottom = ("About us", "Contact", "Privacy Policy", "Terms of Use", "© 2025 The Island Courier")
    assert cleaned({"headline": HEADLINE, "body": lines(*top, STORY, *bottom)}).body == STORY


@pytest.mark.parametrize("ornament", ["======", "- - -", "###", "* * *", "————"])
def test_lines_of_signs_go_and_are_no_headline(ornament: str) -> None:
    article = cleaned(lines(ornament, HEADLINE, ornament, *BODY[:2], ornament, *BODY[2:], ornament))
    assert (article.headline, article.body) == (HEADLINE, STORY)


def test_a_press_release_is_without_its_frame() -> None:
    frame = ("FOR IMMEDIATE RELEASE", "Media contact: Mara Quill, +47 123 45 678, mara@union.example")
    article = cleaned(
        lines(*frame, HEADLINE, "SALTBY, March 7, 2025 /PRNewswire/ -- " + STORY, "###", "SOURCE Northline")
    )
    assert (article.headline, article.body, article.agency) == (HEADLINE, STORY, "PR Newswire")


@pytest.mark.parametrize(
    "line",
    ["ih/jv/mq", "（完）", "【责任编辑：李明】", "minsu@wire.example", "<저작권자(c) 뉴스, 무단 전재-재배포 금지>",
     "本サイトの記事の無断転載を禁じます", "未经授权不得转载", "© Wren – Alle Rechte vorbehalten",
     "Riproduzione riservata"],
)  # fmt: skip
def test_what_agencies_end_their_texts_with_goes(line: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(STORY, line)})
    assert article.body == STORY


@pytest.mark.parametrize("line", ["ETH/USDT", "EUR/USD"])
def test_a_pair_of_currencies_is_no_pair_of_initials(line: str) -> None:
    assert cleaned({"headline": HEADLINE, "body": lines(STORY, line)}).body == lines(STORY, line)


def test_a_short_last_sentence_stays_above_what_ends_a_dirty_text() -> None:
    body = lines(*BODY[:2], "The boats stay in.", "© 2025 The Courier")
    assert cleaned(lines(HEADLINE, body)).body == lines(*BODY[:2], "The boats stay in.")


@pytest.mark.parametrize(
    ("text", "ending", "mark"),
    [
        (BODY[0], "They sail at noon. EFE", "ih/jv"),
        (BODY[0], "Nobody knows.", "Ends"),
        (
            "新华社北京3月7日电（记者王明）港务局周一表示，由于大风，渡轮停航，乘客须等到周三。",
            "渡轮周三恢复。",
            "（完）",
        ),
        (
            "新华社北京3月7日电（记者王明）港务局周一表示，由于大风，渡轮停航，乘客须等到周三。",
            "渡轮周三恢复。",
            "责任编辑：李华",
        ),
    ],
)
def test_a_short_last_sentence_of_wire_copy_stays_above_its_end_mark(text: str, ending: str, mark: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(HEADLINE, text, ending, mark)})
    assert article.body.splitlines()[-1] == ending.removesuffix(" EFE")


def test_a_list_in_a_clean_text_stays() -> None:
    text = lines(
        *BODY[:3], "Routes without boats:", "Port Ellery to Saltby", "Saltby to Holm", "Holm to Vale", *BODY[3:]
    )
    assert cleaned({"headline": HEADLINE, "body": text}).body == text


def test_a_json_body_keeps_its_first_line_unless_it_is_clearly_a_headline() -> None:
    assert cleaned({"body": lines("Nine routes affected", STORY)}).body == lines("Nine routes affected", STORY)
    article = cleaned({"body": lines(HEADLINE, STORY)})
    assert article.headline == HEADLINE
    assert article.body == STORY


def test_boilerplate_is_found_in_a_text_that_lost_its_line_ends() -> None:
    text = lines(
        HEADLINE,
        "• Islands",
        "• Friday, 07 Mar 2025",
        "Passengers wait at Port Ellery on March 7, 2025. Northern Press/Ida Holm/Pool via REUTERS/File Photo",
        "PORT ELLERY (Reuters) - " + LEAD,
        *BODY[1:],
        "(Reporting by Ida Holm; Editing by Jon Vale)",
        "Join our WhatsApp channel for storm warnings and school closures!",
        "Next In Islands",
        "Harbour master quits over dredging bill",
        "Storm tears roof off school at Saltby",
    )
    article = cleaned(text.replace("\n", " "))
    assert article.headline == HEADLINE
    assert article.body == STORY.replace("\n", " ")
    assert article.published == "2025-03-07T00:00:00Z"
    assert article.section == "Islands"
    assert [caption.text for caption in article.captions] == ["Passengers wait at Port Ellery on March 7, 2025."]
    assert [credit.name for credit in article.credits] == ["Ida Holm", "Jon Vale"]
    assert raw(article) == text.replace("\n", " ")


def test_an_appeal_is_removed_from_a_text_that_lost_its_line_ends() -> None:
    text = " ".join((*BODY[:2], *APPEAL, APPEAL_END, *BODY[2:]))
    article = cleaned({"headline": HEADLINE, "body": text})
    assert article.body == STORY.replace("\n", " ")


def test_a_sentence_that_starts_like_a_credit_stays() -> None:
    sentence = "Written by Jon Vale in 1911, the play is about a ferry that never leaves."
    body = lines(*BODY[:2], sentence, *BODY[2:])
    article = cleaned({"headline": HEADLINE, "body": body})
    assert (article.body, article.credits) == (body, ())


def test_boilerplate_is_removed_in_any_order() -> None:
    promo = "Get the latest from the islands on our Telegram channel"
    credit = "(Reporting by Ida Holm; Editing by Jon Vale)"
    for tail in ((promo, credit), (credit, promo)):
        article = cleaned(
            lines(HEADLINE, *APPEAL, APPEAL_END, "By Ida Holm", "SALTBY (AP) — " + LEAD, *BODY[1:], *tail)
        )
        assert article.body == STORY
        assert article.byline == ("Ida Holm",)
        assert article.agency == "AP"


@pytest.mark.parametrize(
    "end",
    [
        "Continue reading this article with a subscription",
        "Subscribe to read the full story",
        "This article is for subscribers only",
        "This content is available exclusively to our subscribers.",
        "Log in or register",
        "Please log in or subscribe to continue reading.",
        "To continue reading, create a free account",
        "Already a member? Sign in here",
        "You have reached your limit of free articles.",
        "The rest of this article is reserved for members",
    ],
)
def test_a_paywall_below_a_truncated_article_is_removed(end: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(*BODY[:2], end)})
    assert article.body == lines(*BODY[:2])


@pytest.mark.parametrize(
    ("line", "names", "published"),
    [
        ("Gordon Leclair | Published 3 May 2024, 10:00", ("Gordon Leclair",), "2024-05-03T10:00:00Z"),
        ("By Gordon Leclair, 3 May 2024", ("Gordon Leclair",), "2024-05-03T00:00:00Z"),
        ("By Ida Holm and Jon Vale • Updated 3 May 2024", ("Ida Holm", "Jon Vale"), None),
        ("By Agencies | 3 May 2024", (), "2024-05-03T00:00:00Z"),
    ],
)
def test_a_byline_and_a_date_on_one_line_become_fields(
    line: str, names: tuple[str, ...], published: str | None
) -> None:
    article = cleaned(lines(HEADLINE, line, STORY))
    assert article.body == STORY
    assert article.byline == names
    assert article.published == published


POINTS = ("• Nine routes lose their timetable", "• Eleven rest days", "• Talks on Monday")


@pytest.mark.parametrize("around", [(), ("Advertisement", "Share this article", "Sign up for our newsletter")])
@pytest.mark.parametrize(
    "points", [POINTS, POINTS[1:], ("• Boats stay", "• Crews wait", "• Shops shut"), ("- Boats stay", "- Crews wait")]
)
def test_key_points_above_the_lead_stay_and_are_no_section(points: tuple[str, ...], around: tuple[str, ...]) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(*around[:1], *points, STORY, *around[1:])})
    assert article.body == lines(*points, STORY)
    assert article.section is None


@pytest.mark.parametrize("crumbs", [("• Islands",), ("• News", "• Islands"), ("• The Islands", "• 7 March 2025")])
def test_breadcrumbs_are_no_key_points(crumbs: tuple[str, ...]) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(*crumbs, STORY)})
    assert article.body == STORY
    assert article.section


TABLES = {
    "football": ("Saltby 2 Holm 1", "Vale 0 Port Ellery 0", "Old Lock Rovers 3 Rye Hill Town 3", "Norrow 1 Mill End 4"),
    "rugby": ("Saltby Harriers 21-14 Holm", "Vale of Norrow 3-30 Port Ellery", "Old Lock Town 17-17 Rye Hill"),
    "votes": ("Mara Quill (Islands First) 12,345", "Tom Adair (Harbour Union) 9,876", "Jon Vale (Independents) 1,204"),
    "shares": ("Islands 100 index 7,512.30 +0.4%", "Northline ferries and docks 12.80 -1.2%", "Saltby Bank 3.15 0.0%"),
    "medals": ("1. Northland 12 8 4 24", "2. Westland and the Isles 9 9 9 27", "3. Eastland 2 0 1 3"),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
@pytest.mark.parametrize("at", [2, 5], ids=["within", "at-the-end"])
def test_a_table_of_results_stays_in_a_dirty_text(table: tuple[str, ...], at: int) -> None:
    text = lines("Advertisement", *BODY[:2], "Advertisement", *BODY[2:at], "Results from Friday", *table, *BODY[at:],
                 "Read more: School roof leaks", "Share this article", "Sign up for our newsletter")  # fmt: skip
    body = cleaned({"headline": HEADLINE, "body": text}).body
    assert body == lines(*BODY[:at], "Results from Friday", *table, *BODY[at:])


@pytest.mark.parametrize("mark", ["", "?"])
def test_short_questions_and_answers_stay_in_a_dirty_text(mark: str) -> None:
    questions = (f"Why do the crews vote on Friday{mark}", "They want rest days.",
                 f"When do the boats sail again{mark}", "On Monday at noon.",
                 f"Who runs the boat to the hospital{mark}", "The region does.")  # fmt: skip
    text = lines("Advertisement", BODY[0], *questions, "Share this article", *BODY[1:], "Sign up for our newsletter")
    assert cleaned({"headline": HEADLINE, "body": text}).body == lines(BODY[0], *questions, *BODY[1:])


@pytest.mark.parametrize(
    "first",
    [
        "View this email in your browser",
        "Having trouble viewing this email? Click here to view it online",
        "View online",
        "Web version | Unsubscribe",
        "Is this newsletter not displaying correctly? View it in your browser.",
    ],
)
@pytest.mark.parametrize(
    "last",
    [
        "Forward to a friend | Update your preferences | Unsubscribe",
        "You are receiving this email because you signed up on our website.",
        "Unsubscribe from this list · Manage preferences",
        "If you no longer want these e-mails, unsubscribe here.",
    ],
)
def test_the_frame_of_a_newsletter_goes(first: str, last: str) -> None:
    article = cleaned(f"{first}\n\nThe Courier Morning\n\n{STORY}\n\n{last}\n© 2025 The Courier, 1 Quay Street")
    assert (article.headline, article.body) == ("The Courier Morning", STORY)


@pytest.mark.parametrize(
    ("start", "agency"),
    [
        ("Saltby/Holm (dpa/lno) - ", "dpa"),
        ("Saltby (dpa/th) - ", "dpa"),
        ("SALTBY (dpa-AFX) - ", "dpa"),
        ("Saltby/Vale/Holm (AFP/dpa) — ", "AFP"),
        ("PORT ELLERY (AP) _ ", "AP"),
    ],
)
def test_a_dateline_may_name_services_and_several_places(start: str, agency: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": start + STORY})
    assert (article.body, article.agency) == (STORY, agency)


@pytest.mark.parametrize(
    "line",
    ["Share this:", "SHARE THIS: Facebook WhatsApp", "Click to share on X (Opens in new window) X", "Like Loading...",
     "Like this: Like Loading..."],
)  # fmt: skip
def test_the_buttons_of_blogs_are_removed(line: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": f"{STORY}\n{line}"})
    assert article.body == STORY
    assert {removed.category for removed in article.removed} == {"share"}


def test_the_header_of_wire_copy_is_recorded() -> None:
    header = "^BC-HOLM-FERRIES,0171<\n^Ferries stop in Holm<\n^Eds: RECASTS.<\n^By IDA HOLM=\n"
    article = cleaned(f"{header}{STORY}")
    assert (article.headline, article.body) == ("Ferries stop in Holm", STORY)
    assert "".join(removed.text for removed in article.removed) == header
