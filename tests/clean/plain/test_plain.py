"""Plain text: entities, tags and markup go, wrapped lines become paragraphs, and candid text stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clean.samples import BODY, HEADLINE, STORY, cleaned, lines, raw
from workers.clean import plain
from workers.clean.plain.markdown import SIGNS, Sign
from workers.clean.text import tidy

CANDID = (
    "If 5 < 6 and a<b, then b>a, and <3 is a heart.",
    "AT&T, R&D and Q&A; Marks & Spencer &c. rose by 3 %.",
    "“He were [sic] there,” it says [1], and (see below) [emphasis added].",
    "Set snake_case_name and __init__ in *.py, or 2 * 3 * 4, or 2**10.",
    "Fares* rose by 5 per cent.",
    "* Before tax. ** Not all of them.",
    "*Name changed",
    "M*A*S*H was f***ing good, they said.",
    "Use the <b> tag, a List<String> or <laughs>.",
    "#MeToo and C# and item #4.",
    "It cost ~5 or ~~ 6, at C:\\Users\\ada.",
    "He said: > 5 is more.",
    "¯\\_(ツ)_/¯",
    "See https://valley.example/a_b_c?x=1&y=2#z for more.",
    "The '80s, rock 'n' roll, 5'' of rain and {{ name }} in == 2 ==.",
    "Chords: [b] for B flat, [quote] for a quotation, and [b] and [/b] for bold words.",
)


@pytest.mark.parametrize("text", [*CANDID, *(f"{BODY[0]}\n{text}\n{BODY[1]}" for text in CANDID), "\n".join(CANDID)])
def test_candid_text_stays(text: str) -> None:
    assert plain.read(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The town&#8217;s quay &mdash; shut", "The town’s quay — shut"),
        ("Fish &amp; chips", "Fish & chips"),
        ("Fish &amp;amp; chips &amp;amp;amp; peas", "Fish & chips & peas"),
        ("5 &lt; 6 &#x26; 7 &amp;gt; 6", "5 < 6 & 7 > 6"),
        ("S&atilde;o Paulo&nbsp;&hellip;", "São Paulo\xa0…"),
        ("&quot;Stay&quot;, she said&#44; &#39;please&#39;", "\"Stay\", she said, 'please'"),
        ("It&#146;s windy", "It’s windy"),
        ("Use the &lt;b&gt; tag", "Use the <b> tag"),
        ("&unknown; &x; AT&amp;T", "&unknown; &x; AT&T"),
    ],
)
def test_entities_become_characters(text: str, expected: str) -> None:
    assert plain.read(text) == expected
    assert cleaned({"headline": text, "body": STORY, "section": text}).headline == tidy(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "'''Ferries''' stop at [[Port Ellery|the port]] and [[w:Holm]], ''they'' say.{{cite|url=x}}",
            "Ferries stop at the port and Holm, they say.",
        ),
        (
            "The [[quay]] shut.<ref>{{cite|a}}</ref>\n== Sources ==\n[https://a.test/ A report]",
            "The quay shut.\nSources\nA report",
        ),
        (
            "The [[quay]] shut.\n[[Category:Quays]]\n[[Datei:a.jpg|mini|The [[old]] quay]]\nBoats stay.",
            "The quay shut.\n\n\nBoats stay.",
        ),
        ("'''They ''all'' stay''' in [[:fr:Port]], ''the dogs' boats''.", "They all stay in Port, the dogs' boats."),
        ("At the [[quay]]: [[10:30 update]], [[US: no boats]]", "At the quay: 10:30 update, US: no boats"),
    ],
)
def test_markup_of_mediawiki_goes(text: str, expected: str) -> None:
    assert plain.read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The <b>union</b> said <i class=x>no</i>.", "The union said no."),
        ('The <a href="https://x.example/a?b=1&c=2">union</a> said no.', "The union said no."),
        ("It said no.<br>It said<br />never.", "It said no.\nIt said\nnever."),
        ("It said no.</p><p>Boats stay\nin port.</p>", "It said no.\nBoats stay in port."),
        ("Boats:<ul><li>Gull</li><li>Tern</li></ul>", "Boats:\nGull\nTern"),
        ("Lead.\n<table><tr><td>Gull</td><td>2</td></tr><tr><td>Tern</td><td>1</td></tr></table>",
         "Lead.\nGull | 2\nTern | 1"),
        ("It said no.<script>var a = '<b>';</script> <!-- ad --><img src=a.jpg>It sailed.", "It said no. It sailed."),
        ("It <strong>said &amp; did</strong> no <em>harm</em>", "It said & did no harm"),
        ("It said &lt;b&gt;no&lt;/b&gt;.", "It said no."),
        ("The page shows <p>Hello</p> and nothing else.", "The page shows <p>Hello</p> and nothing else."),
    ],
)  # fmt: skip
def test_tags_within_a_text_go(text: str, expected: str) -> None:
    assert tidy(plain.read(text)) == expected


@pytest.mark.parametrize("times", [1, 2])
def test_a_wholly_escaped_page_is_read_as_html(times: int) -> None:
    html = "".join(f"<p>{line}</p>" for line in BODY) + "<script>let a = 1</script>"
    for _ in range(times):
        html = html.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for message in ({"headline": HEADLINE, "body": html}, {"headline": HEADLINE, "html": html}, html):
        assert cleaned(message).body == STORY


@pytest.mark.parametrize("start", [f"<b>{BODY[0]}</b>", f"<!-- more -->{BODY[0]}", f"<!-- more -->\n{BODY[0]}"])
def test_line_ends_count_in_a_text_with_tags_only_within_lines(start: str) -> None:
    assert cleaned({"headline": HEADLINE, "body": f"{start}\n{BODY[1]}"}).body == lines(*BODY[:2])


@pytest.mark.parametrize(
    "text",
    [
        "<text>" + "".join(f'<para id="1">{line}</para>' for line in BODY) + "</text>",
        f"<?xml version='1.0'?>\n<ns:story><ns:break />{STORY}</ns:story>",
        f"<story-body>{STORY}</story-body>",
        f"<lead>{BODY[0]}</lead>{lines(*BODY[1:])}",
        f"<page-break/>{STORY}",
    ],
)
def test_elements_that_html_does_not_know_are_blocks(text: str) -> None:
    assert cleaned({"headline": HEADLINE, "body": text}).body == STORY


@pytest.mark.parametrize("start", ["<Reuters> ", "<applause>\n", "<UPDATED 10:42> "])
def test_words_in_angle_brackets_at_the_start_of_a_text_stay(start: str) -> None:
    assert cleaned({"headline": HEADLINE, "body": start + STORY}).body == start + STORY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # wherever they stand
        ("The [union](https://u.example/a_(b)) said no.", "The union said no."),
        ('The [union](/about "Who we are") said [no](#no).', "The union said no."),
        ("[![The quay](quay.jpg)](https://u.example)It said no.", "It said no."),
        ("![The quay](https://u.example/q.jpg)\nIt said no.", "It said no."),
        ("The [union][1] and the [crews] said [no][].\n\n[1]: https://u.example\n[no]: <https://u.example/b> 'No'\n",
         "The union and the [crews] said no."),
        ("The union<https://u.example/a> said no at <https://u.example/b>.",
         "The union said no at https://u.example/b."),
        ("The **union** said ***no***.", "The union said no."),
        # where it is clear
        ("## What next\n\nThe *union* said __no__, `a_b` and ~~yes~~.", "What next\nThe union said no, a_b and yes."),
        ("# Walkout\n\n> We *stay* in port.\n>\n> Tom\n\n---\nIt said no.",
         "Walkout\nWe stay in port.\nTom\nIt said no."),
        ("Walkout\n=======\n\n- Nine **routes**\n- Snake\\_case \\*stays\\*",
         "Walkout\n- Nine routes\n- Snake_case *stays*"),
        ("| Boat | Runs |\n|---|---:|\n| Gull | 2 |", "Boat | Runs\nGull | 2"),
        ("See [it](https://u.example), in 1986\\. A *year*.\n```\na_b_c = __init__\n```",
         "See it, in 1986. A year.\na_b_c = __init__"),
        # where it is not
        ("The *union* said _no_.", "The *union* said _no_."),
        ("# 1 hit in the charts", "# 1 hit in the charts"),
        ("> We stay, he wrote.", "> We stay, he wrote."),
        ("The union [said](no) and [went] (home).", "The union [said](no) and [went] (home)."),
        ("[1]: the first note", "[1]: the first note"),
        (f"*{HEADLINE}*\n\n_By Ida Holm_\n\nThe council met.", f"{HEADLINE}\nBy Ida Holm\nThe council met."),
        ("Read <https://u.example/a?b=1|the report> or <mailto:a@u.example|write>.", "Read the report or write."),
        ("*Names* have *changed*.\n__init__\n*sigh*", "*Names* have *changed*.\n__init__\n*sigh*"),
    ],
)  # fmt: skip
def test_markdown_becomes_text(text: str, expected: str) -> None:
    assert tidy(plain.read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The [b]union[/b] said [i][u]no[/u][/i].", "The union said no."),
        ("The [url=https://valley.example/a]union[/url] said [color=red]no[/color].", "The union said no."),
        ("Boats stay.[img]https://valley.example/a.jpg[/img] Crews too.", "Boats stay. Crews too."),
        ('[quote="Ida"]Boats stay.[/quote]Crews too.', "\nBoats stay.\nCrews too."),
        ("[list][*]Boats stay.[*] Crews too.[/list]", "\n\n• Boats stay.\n• Crews too.\n"),
        ("The [B]union[/B] said [sic] no[/b].", "The union said [sic] no[/b]."),
    ],
)
def test_bbcode_becomes_text(text: str, expected: str) -> None:
    assert plain.read(text) == expected


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.example[:12])
def test_a_sign_of_markdown_matches_its_example_and_not_its_counter_example(sign: Sign) -> None:
    assert len(sign.pattern.findall(sign.example)) >= sign.least
    assert len(sign.pattern.findall(sign.counter_example)) < sign.least


def wrapped(text: str, width: int, indent: str = "") -> str:
    """Return the text with a line end before each word that does not fit."""
    found = [indent]
    for word in text.split():
        if len(found[-1]) + 1 + len(word) > width:
            found.append(word)
        else:
            found[-1] += " " * (found[-1] != indent) + word
    return "\n".join(found)


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize("between", ["\n\n", "\n \n\n", "\r\n\r\n"])
def test_wrapped_lines_become_paragraphs(width: int, between: str) -> None:
    assert cleaned(between.join([HEADLINE, *(wrapped(line, width) for line in BODY)])).body == STORY
    assert cleaned({"headline": HEADLINE, "body": between.join(wrapped(line, width) for line in BODY)}).body == STORY


def test_two_paragraphs_as_long_as_a_line_may_be_stay_two() -> None:
    first = f"{BODY[0][:100]:x<107}."
    assert plain.tidied(f"{first}\n\nSign up for our letter.") == f"{first}\nSign up for our letter."


def test_wrapped_paragraphs_without_blank_lines_are_told_by_their_indents() -> None:
    assert cleaned("\n".join([HEADLINE, *(wrapped(line, 64, "   ") for line in BODY)])).body == STORY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The crews of the boats met the harbour master of Port\nEllery, a captain named Tom van\nder Adair, in New\n"
         "Holm on the first of May.",
         "The crews of the boats met the harbour master of Port Ellery, a captain named Tom van der Adair, in New "
         "Holm on the first of May."),
        ("The harbour is shut, and nobody said when the har-\nbour would open, or who would open it.",
         "The harbour is shut, and nobody said when the harbour would open, or who would open it."),
        ("The crews asked for rest days and for a twenty-\nminute break, and for a two-\nand a three-year plan of pay.",
         "The crews asked for rest days and for a twenty-minute break, and for a two- and a three-year plan of pay."),
        ("離島を結ぶ船の乗組員は金曜日、夜勤をめぐる交渉が決裂したため、\n週末に仕事を休むことを投票で決めた。九つの航路で時刻表がなくな\nると組合は述べた。"
         "会社は二日の休みを加えると申し出たままである\nとしている。",
         "離島を結ぶ船の乗組員は金曜日、夜勤をめぐる交渉が決裂したため、週末に仕事を休むことを投票で決めた。九つの航路で時刻表がなくなると組合は述べた。"
         "会社は二日の休みを加えると申し出たままであるとしている。"),
    ],
)  # fmt: skip
def test_names_and_words_broken_over_lines_are_whole(text: str, expected: str) -> None:
    assert plain.read(text) == expected


WRAPPED = (
    "The crews of the boats met on Friday, and said that they",
    "would not sail before the end of the month without rest.",
    "The harbour of Port Ellery stays closed, as does the har-",
    "bour of Saltby.",
)
PARAGRAPH = " ".join(WRAPPED).replace("har- bour", "harbour")


@pytest.mark.parametrize("between", ["Photo: Jon Vale", "(Reporting by Ida Holm)", "Tags: boats, strike"])
def test_a_paragraph_is_whole_once_a_line_within_it_is_removed(between: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(WRAPPED[0], between, *WRAPPED[1:], *BODY)})
    assert article.body == lines(PARAGRAPH, *BODY)
    assert between in raw(article)


@pytest.mark.parametrize(
    "between", ["By Ida Holm", "Photo: Jon Vale", "(Reporting by Ida Holm)", "Advertisement", "Tags: boats, strike"]
)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_line_that_will_be_removed_is_no_part_of_a_wrapped_paragraph(between: str, at: int) -> None:
    article = cleaned({"headline": HEADLINE, "body": lines(*WRAPPED[:at], between, *WRAPPED[at:], *BODY)})
    before, after = " ".join(WRAPPED[:2]), PARAGRAPH.removeprefix(" ".join(WRAPPED[:2])).strip()
    assert article.body == (lines(before, after, *BODY) if at == 2 else lines(PARAGRAPH, *BODY))
    assert [removed.text.strip() for removed in article.removed] == [between]


def test_lines_that_will_be_removed_are_no_wrapped_paragraph() -> None:
    video = ("We apologize, but this video has failed to load.", "Try refreshing your browser, or",
             "tap here to see other videos from our team.")  # fmt: skip
    assert cleaned({"headline": HEADLINE, "body": lines(*BODY[:2], *video, *BODY[2:])}).body == STORY


STANDING = {
    "verse": "The tide goes out, the tide comes in,\nAnd nobody keeps the score;\nBy Holm and Vale the boats lie thin\n"
    "And thinner than before.",
    "free verse": "I have counted\nthe boats\nthat were in\nthe harbour",
    "long verse": "I sing of the ferry and the hands upon the rope in the morning,\n"
    "Of the salt on the rail and the gulls that have followed us home,\n"
    "Of the captain who sleeps with the chart of the islands beside him.",
    "results": "Saltby 2 Holm 1\nVale 0 Port Ellery 0\nHolm Town 3 Northland United 3",
    "table": "Boat            Runs      Seats\nGull of Saltby     2        120\nTern of Holm       1         90",
    "list": "- the crews of the ferries on the northern islands\n- the owners of the shops at Port Ellery\n- schools",
    "bare list": "Nine routes lose their timetable at the weekend\nThe union wants eleven rest days for its crews\n"
    "A mediator comes to the islands on Monday",
    "numbers": "1. the crews of the ferries on the northern islands\n2. the owners of the shops at Port Ellery",
    "address": "The Courier\n1 Quay Street\nPort Ellery\nNorthland",
    "quotes": "> The crews of the ferries on the northern islands\n> will stay in port, he wrote.",
    "speakers": "MARA QUILL: We will not sail again without rest days\n"
    "TOM ADAIR: But the hospital boat has to run, and it will",
    "dialogue": "— We will not sail again without rest days, and the company knows it\n— but you will",
    "code": "// the crews of the ferries on the northern islands\nint boats = count(of, the, harbour);",
}


@pytest.mark.parametrize("text", STANDING.values(), ids=STANDING.keys())
def test_lines_that_stand_alone_on_purpose_are_not_joined(text: str) -> None:
    assert plain.read(text) == text
    assert plain.read(f"{STORY}\n\n{text}\n\n{BODY[0]}") == f"{STORY}\n\n{text}\n\n{BODY[0]}"


CLEAN_LINES = st.sampled_from((*BODY, *CANDID, *(line for text in STANDING.values() for line in text.split("\n"))))


@given(st.lists(st.sampled_from((*BODY, *CANDID)), min_size=1, max_size=12).map("\n".join))
@settings(max_examples=150)
def test_clean_text_is_a_fixed_point(text: str) -> None:
    assert plain.read(text) == text


@given(
    st.lists(
        CLEAN_LINES
        | st.text(alphabet=st.sampled_from("ab <>/&;#*_[]()!`\\-=|.\n~p1"), max_size=40)
        | st.sampled_from(
            [
                "<b>",
                "</b>",
                "<p>",
                "&amp;",
                "&lt;",
                "lt;",
                "## ",
                "[a](https://x.y)",
                "[a]: /b",
                "```",
                "",
                "``",
                "''",
                "[b]",
                "[/b]",
                "[quote]",
                "[/quote]",
                "[*]",
                "[img]",
                "[/img]",
            ]
        ),
        max_size=16,
    ),
    st.sampled_from(["\n", "\n\n", " ", ""]),
)
@settings(max_examples=300)
def test_reading_twice_changes_nothing(pieces: list[str], separator: str) -> None:
    once = plain.read(separator.join(pieces))
    assert plain.read(once) == once
    clean = plain.tidied(separator.join(pieces))
    assert plain.tidied(clean) == clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"The quay is closed.\n\nBoats stay out.", "The quay is closed.\nBoats stay out."),
        (r"The quay is closed.\r\nBoats stay out.", "The quay is closed.\nBoats stay out."),
        (r"The caf\u00e9 \ud83d\ude00 is closed.", "The café 😀 is closed."),
        (r"Look in C:\new\notes for it.", r"Look in C:\new\notes for it."),
        (
            "The quay is closed.\n[embed]https://a.example/v[/embed]\nBoats stay out.",
            "The quay is closed.\nBoats stay out.",
        ),
        ('The quay.\n[vc_row width="1/2"]Boats stay out.[/vc_row]', "The quay.\nBoats stay out."),
        ("The mayor [video] said [sic] that boats stay out.", "The mayor [video] said [sic] that boats stay out."),
    ],
)
def test_escapes_and_shortcodes_of_programs_are_read(text: str, expected: str) -> None:
    assert plain.tidied(text) == expected


def test_the_text_of_a_caption_in_a_shortcode_is_a_line() -> None:
    assert plain.read('[caption id="1"]The quay.[/caption]Boats stay in.') == "The quay.\nBoats stay in."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("``We sail at noon,'' she said.", "“We sail at noon,” she said."),
        ("`` He said `no' to the dogs' boats , '' she said.", "“He said `no' to the dogs' boats ,” she said."),
        ("``The quay is closed.\n``Boats stay out,'' she said.", "“The quay is closed.\n“Boats stay out,” she said."),
        ("``We sail.'' ``When?'' ``At noon.''", "“We sail.” “When?” “At noon.”"),
        ("Write ``quay`` and ''boat'' there.", "Write ``quay`` and ''boat'' there."),
        ("``We sail at noon, she said.\nBoats stay out.''", "``We sail at noon, she said.\nBoats stay out.''"),
    ],
)
def test_accents_and_apostrophes_become_quotation_marks(text: str, expected: str) -> None:
    assert plain.read(text) == expected
    assert plain.line(text) == expected
