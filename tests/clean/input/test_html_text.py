"""The text of pages: what readers see is kept, what they do not see goes, and what was left out is told."""

from __future__ import annotations

import json
import re

import pytest

from schemas import Caption
from tests.clean.samples import BODY, HEADLINE, STORY, cleaned
from workers.errors import RejectedError

FIRST, *_, LAST = (f"<p>{line}</p>" for line in BODY)
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)


def document(inside: str) -> str:
    """Return a page with this inside its body."""
    return f"<html><head><title>{HEADLINE}</title></head><body>{inside}</body></html>"


def body(inside: str, lang: str = "en") -> str:
    """Return the body of a page whose article has this between its first and its other paragraphs."""
    html = (
        f"<!DOCTYPE html><html lang={lang}><head><title>{HEADLINE}</title></head><body><article><h1>{HEADLINE}</h1>"
        f"{FIRST}{inside}{PARAGRAPHS.removeprefix(FIRST)}</article></body></html>"
    )
    return cleaned(html).body


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>The quay is closed for a week, the mayor said.</p>", "The quay is closed for a week, the mayor said."),
        ("<div>The quay is closed for a week.</div>", "The quay is closed for a week."),
        ("<div><p>The quay is closed.</p><p>Boats stay out.</p></div>", "The quay is closed.\nBoats stay out."),
        ("<p>The quay is closed.</p>\n<p>Boats stay out.</p>", "The quay is closed.\nBoats stay out."),
        ("<p>The quay is <b>closed</b><br>for a week.", "The quay is closed\nfor a week."),
        ("<!-- draft --><p>The quay is closed.</p>", "The quay is closed."),
        ("<html><body><p>The quay is closed for a week.</p></body></html>", "The quay is closed for a week."),
        ("<p>The quay is closed.<script>track()</script></p><style>p {}</style>", "The quay is closed."),
        ("<span>The quay is closed.</span> Boats stay out.", "The quay is closed. Boats stay out."),
    ],
)
@pytest.mark.parametrize("field", ["body", "html"])
def test_a_fragment_of_any_shape_is_read(field: str, html: str, expected: str) -> None:
    assert cleaned({"headline": HEADLINE, field: html}).body == expected


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<p>It sails at <time>8 o'clock</time> from the quay.</p>", "It sails at 8 o'clock from the quay."),
        ("<p>The <label>harbour master</label> counted <output>eleven</output> boats.</p>",
         "The harbour master counted eleven boats."),
        ("<p>Of H<sub>2</sub>O there are 10<sup>3</sup> tons, <abbr title=x>RNLI</abbr> men said.</p>",
         "Of H2O there are 10 3 tons, RNLI men said."),
        ("<p>The <x-name>Northline</x-name> fleet <mark>stays</mark> in <data value=1>port</data> today.</p>",
         "The Northline fleet stays in port today."),
        ("<p><q>We stay in port</q>, said the captain, <q>until <b>Monday</b></q>.</p>",
         "“We stay in port”, said the captain, “until Monday”."),
        ("<p>The port of <ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby> is open to the fleet.</p>",
         "The port of 東京 is open to the fleet."),
    ],
)  # fmt: skip
def test_inline_elements_keep_their_text(inside: str, expected: str) -> None:
    assert expected in body(inside).replace("103", "10 3")


@pytest.mark.parametrize(
    "line",
    [
        "The crews of <a href=/northline>Northline</a> stay in port.",
        "<b>Ferries</b>: the <i>crews</i> of Northline stay in port until <a href=/monday>Monday</a>.",
    ],
)
def test_the_lines_of_a_brief_are_not_broken_at_links_and_bold_words(line: str) -> None:
    plain = re.sub("<[^>]*>", "", line)
    assert cleaned(document(f"<h1>{HEADLINE}</h1><p>{line}</p><p>{line}</p>")).body == f"{plain}\n{plain}"


def test_quotation_marks_are_those_of_the_language() -> None:
    assert "«Nous restons au port»" in body(
        "<p><q>Nous restons au port</q>, a dit la capitaine de la flotte.</p>", "fr"
    )


@pytest.mark.parametrize(
    "mark",
    [
        "<template><p>{}</p></template>",
        "<p hidden>{}</p>",
        "<div aria-hidden=true><p>{}</p></div>",
        '<p style="color: red; display:none">{}</p>',
        '<p style="visibility: hidden">{}</p>',
        "<noscript><p>{}</p></noscript>",
    ],
)
def test_what_no_reader_sees_is_not_in_the_body(mark: str) -> None:
    assert "draft" not in body(mark.format("This draft of a paragraph is what no reader of the Courier ever sees."))


def test_a_body_that_a_script_will_show_is_read() -> None:
    html = document(f"<article style='display:none'>{PARAGRAPHS}</article>")
    assert cleaned(html).body == STORY


def test_a_body_for_readers_without_scripts_is_read() -> None:
    html = document(f"<div id=app></div><noscript>{PARAGRAPHS}</noscript>")
    assert cleaned(html).body == STORY


def test_the_title_of_a_page_is_no_text() -> None:
    with pytest.raises(RejectedError, match="no article was found"):
        cleaned(document("<div id=app></div><script>load()</script>"))


def test_the_headings_of_a_list_of_paragraphs_are_lines() -> None:
    items = "".join(f"<li><h3>Quay {number}</h3><p>{line}</p></li>" for number, line in enumerate(BODY))
    lines = body(f"<ol>{items}</ol>").split("\n")
    assert ["Quay 1", BODY[1]] == lines[lines.index("Quay 1") :][:2]


def test_a_body_split_over_containers_is_joined() -> None:
    parts = [f"<div class='story-part'>{FIRST}{FIRST.replace('Friday', 'Monday')}</div>", *(
        f"<div class='story-part'><p>{line}</p><p>{line} Again.</p></div>" for line in BODY[1:]
    )]  # fmt: skip
    html = document(f"<div>{'<div class=ad>Advertisement</div>'.join(parts)}</div>")
    assert all(line in cleaned(html).body for line in BODY)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("<figure><img src=a><figcaption>The quay on Monday.</figcaption></figure>",
         Caption(text="The quay on Monday.")),
        ("<figure><img src=a><figcaption>The quay on Monday. Photo: Ida Holm</figcaption></figure>",
         Caption(text="The quay on Monday.", credit="Photo: Ida Holm")),
        ("<div class=wp-caption><img src=a><p class=wp-caption-text>The quay on Monday.</p></div>",
         Caption(text="The quay on Monday.")),
        ("<ul><li><figure><img src=a><figcaption>The quay on Monday.</figcaption></figure></li></ul>",
         Caption(text="The quay on Monday.")),
    ],
)  # fmt: skip
def test_captions_are_recorded(figure: str, expected: Caption) -> None:
    html = document(f"<article>{FIRST}{figure}{PARAGRAPHS}</article>")
    article = cleaned(html)
    assert article.captions == (expected,)
    assert "on Monday." not in article.body


def test_captions_of_teasers_are_not_those_of_the_article() -> None:
    figure = "<figure><img src=a><figcaption>The mill.</figcaption></figure>"
    teaser = f"<aside>{figure}</aside><a href=/>{figure}</a>"
    html = document(f"<article>{PARAGRAPHS}{teaser}</article>")
    assert cleaned(html).captions == ()


@pytest.mark.parametrize("mark", ["footer", "cite"])
@pytest.mark.parametrize("around", ["{}", "<figure>{}</figure>"])
def test_a_quote_keeps_its_speaker(around: str, mark: str) -> None:
    said = "We stay in port until the talks are over."
    quote = f"<blockquote><p>{said}</p><{mark}>Mara Quill, secretary</{mark}></blockquote>"
    text = body(around.format(quote))
    assert said in text
    assert "Mara Quill, secretary" in text


def test_a_layout_table_gives_paragraphs() -> None:
    cell = f"<td><h1>{HEADLINE}</h1>{PARAGRAPHS}</td>"
    html = document(f"<table><tr><td><a href=/>Home</a></td>{cell}</tr></table>")
    assert cleaned(html).body == STORY


def test_a_data_table_gives_a_line_for_each_row() -> None:
    counts = (("Port Ellery", 9), ("Saltby", 4), ("Holm", ""))
    rows = "".join(f"<tr><td>{name}</td><td>{count}</td></tr>" for name, count in counts)
    text = body(f"<table><caption>The fleet</caption><tr><th>Harbour</th><th>Boats</th></tr>{rows}</table>")
    assert "The fleet\nHarbour | Boats\nPort Ellery | 9\nSaltby | 4\nHolm\n" in text


def test_the_entries_of_a_live_blog_keep_their_times() -> None:
    entries = "".join(
        f"<div class=entry><time datetime='2025-03-07T{clock}Z'>{clock}</time><h3>News</h3><p>{line}</p></div>"
        for clock, line in zip(("10:42", "10:15", "09:50", "09:10", "08:00"), BODY, strict=True)
    )
    html = document(f"<article><h1>{HEADLINE}</h1>{entries}</article>")
    text = cleaned(html).body
    assert f"10:42 News\n{BODY[0]}" in text
    assert f"10:15 News\n{BODY[1]}" in text


def test_the_entries_of_a_live_blog_keep_times_that_only_a_class_names() -> None:
    entries = "".join(
        f"<div class=entry><span class=time>10.{minute} Uhr</span><p>{line}</p></div>"
        for minute, line in zip((42, 15, 10), BODY, strict=False)
    )
    assert "10.15 Uhr" in cleaned(document(f"<article><h1>{HEADLINE}</h1>{entries}</article>")).body


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("<time datetime=2025-03-07T10:42Z>10:42</time><time datetime=2025-03-07T10:15Z>10:15</time>", None),
        ("<time datetime=2025-03-07T10:42Z>10:42</time>", "2025-03-07T10:42:00Z"),
        ("<time datetime=2025-03-07T10:42Z>7 March 2025, 10:42</time>", "2025-03-07T10:42:00Z"),
    ],
    ids=["live blog", "one time", "date"],
)
def test_the_time_of_an_entry_is_not_that_of_the_article(times: str, expected: str | None) -> None:
    assert cleaned(document(f"<article><h1>{HEADLINE}</h1>{times}{PARAGRAPHS}</article>")).published == expected


def test_advertisements_of_amp_are_not_in_the_body() -> None:
    assert "Buy boats" not in body("<amp-ad>Buy boats at the quay of Northline today.</amp-ad>")


def test_bodies_in_several_containers_of_one_article_are_joined() -> None:
    parts = "".join(f"<div itemprop=articleBody>{line}</div>" for line in (FIRST, PARAGRAPHS.removeprefix(FIRST)))
    assert cleaned(document(f"<div><h1>{HEADLINE}</h1>{parts}</div>")).body == STORY


@pytest.mark.parametrize(
    "teaser",
    [
        "<article class=teaser><h3>Mill grinds again</h3><p>The mill of Saltby grinds rye on Fridays.</p></article>",
        "<article><h3><a href=/mill>Mill grinds again</a></h3><p>The mill grinds rye on Fridays.</p></article>",
    ],
)
def test_a_teaser_within_the_article_is_not_in_the_body(teaser: str) -> None:
    assert "mill" not in body(teaser).lower()


def test_what_of_a_page_is_left_out_is_summed_up() -> None:
    html = document(
        f"<nav>Home Sport</nav><article>{PARAGRAPHS}<p hidden>Draft</p><figure><figcaption>The quay.</figcaption>"
        "</figure></article><aside>More</aside><footer>© Courier</footer>"
    )
    left_out = {item.kind: item.characters for item in cleaned(html).left_out}
    assert {"navigation": 10, "hidden": 5, "caption": 9, "aside": 4, "footer": 9}.items() <= left_out.items()


def test_a_text_leaves_nothing_out() -> None:
    assert cleaned(STORY).left_out == ()


ESCAPED = "".join(f"&lt;p&gt;{line}&lt;/p&gt;" for line in BODY)


@pytest.mark.parametrize("declared", ["\\n\\n".join(BODY), PARAGRAPHS, ESCAPED], ids=["text", "html", "escaped"])
@pytest.mark.parametrize(
    "shown",
    [
        "<div id=root></div>",
        "<div id=root>Loading…</div><noscript>You need to enable JavaScript to run this app.</noscript>",
        "<p>We use cookies to measure our audience.</p><p>Manage settings</p>",
        FIRST,
    ],
    ids=["empty", "noscript", "consent", "start"],
)
def test_a_page_without_its_article_gives_that_of_its_json_ld(shown: str, declared: str) -> None:
    script = f'{{"@type": "NewsArticle", "headline": "{HEADLINE}", "articleBody": "{declared}"}}'
    article = cleaned(document(f'<script type="application/ld+json">{script}</script>{shown}'))
    assert article.body == STORY
    assert [(warning.field, warning.value) for warning in article.warnings] == [("body", "")]


@pytest.mark.parametrize(
    "inside",
    [
        "<h1>{h}</h1><p>{0}</p><p><a href=/report><strong>{1}</strong></a></p><p>{2}</p><p>{3}</p>",
        "<h1>{h}</h1><p class=teaser>{0}</p><p>{1}</p><p>{2}</p><p>{3}</p>",
        "<table><tr><td><h1>{h}</h1>{0}<p>{1}<p>{2}<p>{3}</td></tr></table>",
        "<b>{h}</b><br><font size=2>{0}<p>{1}<p>{2}<p>{3}</font>",
        "{0}<p>{1}<p>{2}<p>{3}",
    ],
    ids=["linked", "teaser", "table", "font", "body"],
)
def test_what_stands_among_paragraphs_and_looks_otherwise_stays(inside: str) -> None:
    text = cleaned(document(inside.format(*BODY, h=HEADLINE))).body
    assert text.removeprefix(HEADLINE).strip().split("\n") == list(BODY[:4])


PROSE = "The mediator, a former judge, came to the harbour on Monday and left at night without a word to the press."


@pytest.mark.parametrize(
    "block",
    [f"<div>{PROSE}</div>", f"<div class=text><div>{PROSE}</div></div>", f"<section>{PROSE}</section>"],
)
def test_text_of_a_block_among_paragraphs_stays(block: str) -> None:
    assert f"{BODY[0]}\n{PROSE}\n" in body(block)


@pytest.mark.parametrize("class_name", ["newsletter-box", "author-bio", "c-ad", "related"])
def test_text_of_a_block_of_another_kind_goes(class_name: str) -> None:
    assert body(f"<div class={class_name}>{PROSE}</div>") == STORY


@pytest.mark.parametrize("inside", [f"<ul><li>{PROSE}</li></ul>", f"<h4>{PROSE}</h4>", f"<dl><dd>{PROSE}</dd></dl>"])
def test_the_only_container_of_prose_is_an_article(inside: str) -> None:
    html = document(f"<div><h1>{HEADLINE}</h1>{FIRST}{inside}{PARAGRAPHS.removeprefix(FIRST)}</div><ul><li>Home</ul>")
    assert PROSE in cleaned(html).body


def test_custom_elements_may_be_paragraphs() -> None:
    assert cleaned(document("".join(f"<news-p>{line}</news-p>" for line in BODY))).body == STORY


@pytest.mark.parametrize(
    "inside",
    [f"<textarea>{PARAGRAPHS}</textarea>", "<div>" + PARAGRAPHS.replace("<", "&lt;").replace(">", "&gt;") + "</div>"],
    ids=["field", "escaped"],
)
def test_html_that_a_page_shows_as_text_is_read(inside: str) -> None:
    assert cleaned(document(inside)).body == STORY


def test_a_word_that_a_button_explains_stays() -> None:
    assert "A term, she said, ends." in body("<p>A <button>term</button>, she said, ends.</p>")
    assert "Share" not in body("<p>The boats stay in. <button>Share</button></p>")


STORY_DATA = {"title": HEADLINE, "body": PARAGRAPHS, "author": "Ada Birch"}
STATE = {"props": {"pageProps": {"related": [{"title": "Mill grinds rye again", "body": "Rye is ground. " * 90}],
                                 "story": STORY_DATA}}}  # fmt: skip
ARC = {"type": "story", "headlines": {"basic": HEADLINE}, "credits": {"by": [{"name": "Ada Birch"}]},
       "content_elements": [{"type": "text", "content": line} for line in BODY]}  # fmt: skip
NUXT_3 = [["Reactive", 1], {"data": 2}, {"story": 3}, {"title": 4, "body": 5, "author": 6}, HEADLINE, PARAGRAPHS,
          "Ada Birch"]  # fmt: skip
FLIGHT = f'2:T{len(PARAGRAPHS.encode()):x},{PARAGRAPHS}5:["$",{{"story":{json.dumps(STORY_DATA | {"body": "$2"})}}}]\n'
SCRIPTS = {
    "json": f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(STATE)}</script>',
    "assigned": f"<script>var a=1;window.__INITIAL_STATE__ = {json.dumps(STATE)};</script>",
    "undefined": f"<script>window.state={{user: undefined, story: {json.dumps(STORY_DATA)}, }};</script>",
    "parsed": f"<script>window['__STATE__']=JSON.parse({json.dumps(json.dumps(STATE))});</script>",
    "called": "<script>window.__NUXT__=(function(a,b){return {data:[{story:{title:a,body:b,author:'Ada Birch'}}]}}"
    f"({json.dumps(HEADLINE)},{json.dumps(PARAGRAPHS)}));</script>",
    "numbered": f'<script id="__NUXT_DATA__" type="application/json">{json.dumps(NUXT_3)}</script>',
    "pushed": "".join(
        f"<script>self.__next_f.push([1,{json.dumps(part)}])</script>" for part in (FLIGHT[:400], FLIGHT[400:])
    ),
    "arc": f"<script type='application/javascript'>Fusion.globalContent={json.dumps(ARC)};Fusion.x={{}}</script>",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_page_without_its_article_gives_that_of_its_script_s_data(script: str) -> None:
    article = cleaned(document(f"<div id=app></div>{script}"))
    assert (article.body, article.byline) == (STORY, ("Ada Birch",))
    assert [warning.field for warning in article.warnings] == ["body"]
    assert cleaned(document(f"<main>{PARAGRAPHS}</main>{script}")).warnings == ()


@pytest.mark.parametrize("code", ["a={", "a={b:c()}", "a=JSON.parse('{')", "a=(function(b){return {", "a={b:1+1}"])
def test_code_without_data_gives_no_article(code: str) -> None:
    with pytest.raises(RejectedError):
        cleaned(document(f"<div id=app></div><script>{code}{PARAGRAPHS}</script>"))


def test_half_a_character_in_a_script_s_data_does_not_cost_the_article() -> None:
    script = SCRIPTS["called"].replace("</p>", "\\ud83d</p>", 1)
    assert cleaned(document(f"<div id=app></div>{script}")).body.split("\n")[1:] == list(BODY[1:])


def test_a_page_with_its_article_gives_its_own() -> None:
    script = f'{{"@type": "NewsArticle", "headline": "{HEADLINE}", "articleBody": "{" ".join(BODY)} More."}}'
    article = cleaned(document(f'<script type="application/ld+json">{script}</script><main>{PARAGRAPHS}</main>'))
    assert (article.body, article.warnings) == (STORY, ())
