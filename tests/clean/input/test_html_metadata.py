"""What pages declare about their article, in every place and shape that publishers use."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.clean.samples import BODY, HEADLINE, cleaned

URL = "https://courier.example/islands/walkout"
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
ARTICLE = {"@type": "NewsArticle", "headline": HEADLINE, "datePublished": "2025-03-07T09:15:00+01:00",
           "author": {"@type": "Person", "name": "Ida Holm"}}  # fmt: skip
RELATED = {"@type": "NewsArticle", "headline": "Mill grinds rye again", "datePublished": "2024-01-02T09:00:00Z",
           "author": {"name": "Jon Vale"}, "url": "https://courier.example/mill"}  # fmt: skip
TEXT = json.dumps(ARTICLE)


def page(head: str = "", body: str = "", title: str = HEADLINE) -> str:
    """Return a page with an article below what stands in ``body``."""
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{title}</title>{head}</head>"
        f"<body>{body or f'<h1>{HEADLINE}</h1>'}<article>{PARAGRAPHS}</article></body></html>"
    )


def script(*blocks: Any) -> str:
    """Return blocks of JSON-LD, given as text or as values."""
    texts = (block if isinstance(block, str) else json.dumps(block) for block in blocks)
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)


def prefixed(value: Any, start: str) -> Any:
    """Return a value of JSON-LD whose names have a prefix."""
    if isinstance(value, dict):
        return {name if name[0] == "@" else start + name: prefixed(one, start) for name, one in value.items()} | (
            {"@type": start + value["@type"]} if "@type" in value else {}
        )
    return value


@pytest.mark.parametrize(
    "head",
    [
        script(ARTICLE),
        script([ARTICLE]),
        script([[ARTICLE]]),
        script({"@graph": [{"@type": "WebSite"}, ARTICLE]}),
        script({"@graph": ARTICLE}),
        script({"@type": "WebPage", "mainEntity": ARTICLE}),
        script({"@type": "WebPage", "mainEntityOfPage": [ARTICLE]}),
        script({"@type": "WebPage", "hasPart": ARTICLE}),
        script(ARTICLE | {"@type": ["Thing", "schema:ReportageNewsArticle"]}),
        script(ARTICLE | {"author": [[{"name": ["Ida Holm"]}]]}),
        script(ARTICLE | {"author": {"givenName": "Ida", "familyName": "Holm"}}),
        script({"@graph": [ARTICLE | {"author": {"@id": "#i"}}, {"@type": "Person", "@id": "#i", "name": "Ida Holm"}]}),
        script({"@graph": [ARTICLE | {"author": "#i"}, {"@type": "Person", "@id": "#i", "name": "Ida Holm"}]}),
        script(ARTICLE | {"author": {"@id": "#i"}}, {"@type": "Person", "@id": "#i", "name": "Ida Holm"}),
        script(ARTICLE | {"author": {"@list": [{"name": "Ida Holm"}]}}),
        script(ARTICLE | {"author": {"@type": "Role", "author": {"name": "Ida Holm"}, "roleName": "Reporter"}}),
        script(ARTICLE | {"author": {"@type": "Person", "alternateName": "Ida Holm"}}),
        script(ARTICLE | {"datePublished": {"@value": "2025-03-07T09:15:00+01:00"}}),
        script(f"{TEXT};"),
        script(f"{TEXT[:-1]},}}"),
        script(f"//<![CDATA[\n{TEXT}\n//]]>"),
        script(f"<![CDATA[{TEXT}]]>"),
        script(f"<!-- {TEXT} -->"),
        script(f"/* article */ {TEXT}"),
        script(f"var article = {TEXT};"),
        script(f"{{}}{TEXT}"),
        script(TEXT.replace("Ferry", "Ferry\n")),
        script(TEXT.replace("Ferry", "Ferry\\'s")),
        script(TEXT.replace('"', "&quot;")),
        script("{broken", ARTICLE),
        script(f"<!--//--><![CDATA[//><!--\n{TEXT}\n//--><!]]>"),
        script(TEXT[:-1] + ', "description": "It said "no" twice"}'),
        script(TEXT[:-1] + ', "image": {"url": "https://courier.exa'),
        # Prefixed and expanded names, and blocks that are JSON in JSON.
        *(script(prefixed(ARTICLE, start)) for start in ("schema:", "http://schema.org/", "https://www.schema.org/")),
        script([{"@type": ["http://schema.org/NewsArticle"],
                 "http://schema.org/author": [{"http://schema.org/name": [{"@value": "Ida Holm"}]}],
                 "http://schema.org/datePublished": [{"@value": "2025-03-07T09:15:00+01:00"}]}]),
        script(json.dumps(TEXT)),
        # Slips that browsers' consoles would show and nobody reads.
        script(TEXT.replace('"', "'")),
        script(TEXT.replace("Ferry", "Holm's ferry").replace('"', "'")),
        script(re.sub(r'"(\w+)":', r"\1:", TEXT)),
        script(TEXT.replace('", "', '" "')),
        script(TEXT.replace('"Ida Holm"', "“Ida Holm”")),
        script(TEXT.replace(", ", ",\u00a0")),
        script(TEXT.replace('"', "&#34;")),
        script({("@Type" if key == "@type" else key): value for key, value in ARTICLE.items()}),
        script({("contributor" if key == "author" else key): value for key, value in ARTICLE.items()}),
        script(ARTICLE | {"author": "https://courier.example/authors/ida-holm"}),
        script(ARTICLE | {"author": {"@type": "Person", "url": "https://courier.example/author/ida-holm/"}}),
        script(ARTICLE | {"author": {"en": "Ida Holm"}}),
        script(ARTICLE | {"datePublished": 1741335300}),
        script({"@graph": [{"@type": "WebPage", "datePublished": ARTICLE["datePublished"], "author": {"@id": "#i"}},
                           {"@type": "WebSite"}, {"@type": "Person", "@id": "#i", "name": "Ida Holm"}]}),
    ],
)  # fmt: skip
def test_json_ld_is_read_in_every_shape(head: str) -> None:
    article = cleaned(page(head))
    assert article.byline == ("Ida Holm",)
    assert article.published == "2025-03-07T08:15:00Z"


@pytest.mark.parametrize(
    "head",
    [
        f'<link rel="canonical" href="{URL}">' + script(RELATED, ARTICLE | {"url": URL, "headline": "The ferries"}),
        f'<link rel="canonical" href="{URL}">' + script(RELATED, ARTICLE | {"mainEntityOfPage": {"@id": URL + "?x=1"}}),
        script(RELATED, ARTICLE),
        script({"@type": "ItemList", "itemListElement": [RELATED]}, ARTICLE),
        script(ARTICLE | {"citation": RELATED, "hasPart": [RELATED]}),
    ],
)
def test_the_article_of_the_page_is_told_from_related_ones(head: str) -> None:
    article = cleaned(page(head))
    assert (article.headline, article.byline) == (HEADLINE, ("Ida Holm",))


def test_a_related_article_alone_is_not_the_one_of_the_page() -> None:
    article = cleaned({"html": page(script(RELATED)), "url": URL})
    assert (article.headline, article.byline, article.published) == (HEADLINE, (), None)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (f"{HEADLINE} | The Courier", "<p></p>"),
        (f"{HEADLINE} - courier.example", "<p></p>"),
        (f"{HEADLINE} -- The Courier", "<p></p>"),
        (f"{HEADLINE} ∙ The Courier", "<p></p>"),
        (f"{HEADLINE}, The Courier", "<p></p>"),
        (f"{HEADLINE} – Courier", "<p></p>"),
        (f"{HEADLINE}：The Courier", "<p></p>"),
        (f"{HEADLINE} :: The Courier — Boats and tides", "<p></p>"),
        (f"{HEADLINE} - Local News - The Courier", "<p></p>"),
        (f"{HEADLINE} : Politik : Courier Online", "<p></p>"),
        (f"The Courier - Sport - {HEADLINE}", "<p></p>"),
        (f"{HEADLINE} — Islands — The Courier", f"<h1>{HEADLINE}</h1>"),
        (f"The Courier: {HEADLINE}", "<p></p>"),
        (f"The Courier » {HEADLINE}", "<p></p>"),
        (f"{HEADLINE} · Islands", f"<h1>The Courier</h1><h1>{HEADLINE}</h1>"),
        (f"Opinion | {HEADLINE}", "<p></p>"),
        ("", f"<h1>{HEADLINE}<span class='sr-only'>, article 3 of 5</span></h1>"),
        ("", f"<h1><span class='head__kicker'>Islands</span><i> - </i>{HEADLINE}</h1>"),
        ("", f"<h1><svg><title>Play</title></svg>{HEADLINE}</h1>"),
        (f"{HEADLINE} - Valley Post", "<p></p>"),
        (f"{HEADLINE} :: Boats and Tides", "<p></p>"),
        ("", f"<h1 class=logo><span class='visually-hidden'>{HEADLINE}</span></h1>"),
    ],
)
def test_a_headline_is_without_the_name_of_the_site(title: str, body: str) -> None:
    html = page('<meta property="og:site_name" content="The Courier">', body, title)
    assert cleaned({"html": html, "url": URL}).headline == HEADLINE


@pytest.mark.parametrize("title", ["Quill sells - The Post", "Boats we lost in the war - Holm and the long Post"])
def test_a_headline_with_a_dash_is_whole(title: str) -> None:
    assert cleaned(page("", "<p></p>", title)).headline == title


def test_an_article_that_is_part_of_itself_keeps_its_headline() -> None:
    html = page(script(ARTICLE | {"isPartOf": {"@type": ["NewsArticle", "Product"], "name": HEADLINE}}))
    assert cleaned(html).headline == HEADLINE


def test_an_article_is_part_of_its_page_and_that_of_its_site() -> None:
    graph = [ARTICLE | {"isPartOf": {"@id": "#page"}},
             {"@type": "WebPage", "@id": "#page", "name": HEADLINE, "isPartOf": {"@id": "#site"}},
             {"@type": "WebSite", "@id": "#site", "name": "The Courier"}]  # fmt: skip
    html = page(script({"@graph": graph}), "<p></p>", f"{HEADLINE} - The Courier")
    assert cleaned(html).headline == HEADLINE


def test_a_heading_that_is_the_tail_of_the_title_is_the_name_of_the_site() -> None:
    html = page("", f"<header><h1>The Courier</h1></header><h2>{HEADLINE}</h2>", f"{HEADLINE} - The Courier")
    assert cleaned(html).headline == HEADLINE


def test_a_heading_before_the_names_of_many_sections_is_the_headline() -> None:
    html = page("", "<h1>Tides at Saltby</h1>", "Tides at Saltby | The Courier | Boats | Islands | Races")
    assert cleaned(html).headline == "Tides at Saltby"


@pytest.mark.parametrize("title", ["Tides at Saltby - All news of boats", "All news of boats | Tides at Saltby"])
def test_a_short_headline_that_another_place_repeats_is_no_name_of_the_site(title: str) -> None:
    head = '<meta property="og:title" content="Tides at Saltby">'
    assert cleaned(page(head, "<h1>Tides at Saltby</h1>", title)).headline == "Tides at Saltby"


@pytest.mark.parametrize("title", ["{} - The Courier - Boats", "The Courier - Boats | {}"])
def test_the_name_of_a_site_may_have_a_dash(title: str) -> None:
    html = page('<meta property="og:site_name" content="The Courier - Boats">', "<p></p>", title.format(HEADLINE))
    assert cleaned(html).headline == HEADLINE


def test_a_short_title_in_chinese_is_without_the_name_of_the_site() -> None:
    html = page('<meta property="og:site_name" content="港口日报">', "<p></p>", "市议会关闭大桥：港口日报")
    assert cleaned(html).headline == "市议会关闭大桥"


def test_a_paragraph_is_no_date_to_be_warned_of() -> None:
    assert cleaned(page("", "<p>On <time>Friday</time> all 12 boats stay in.</p>")).warnings == ()


@pytest.mark.parametrize(
    "headline",
    ["Night shifts—the argument", "Night shifts - the long argument", "Night shifts at sea - sport - the argument"],
)
def test_a_dash_within_a_headline_stays(headline: str) -> None:
    assert cleaned(page(body=f"<h1>{headline}</h1>", title=headline)).headline == headline


@pytest.mark.parametrize(
    "title",
    ["{} ‹ Courier", "{} ► Courier", "{} ~ Courier", "{} [The Courier]", "{} :: Courier", "{} // Courier",
     "{} ‖ Courier", "{}—Courier", "{} - www.boats.example"],
)  # fmt: skip
def test_rare_separators_part_title_and_site(title: str) -> None:
    html = page('<meta property="og:site_name" content="The Courier">', "<p></p>", title.format(HEADLINE))
    assert cleaned(html).headline == HEADLINE


@pytest.mark.parametrize(
    "title", ["渡轮停航两周 | Courier", "渡轮停航，船员说_新闻频道_信使网", "渡轮停航两周｜Courier"]
)
def test_a_title_in_chinese_is_wider_than_the_name_of_its_site(title: str) -> None:
    assert cleaned(page(title=title)).headline == re.split("[ _｜]", title)[0]


@pytest.mark.parametrize("headline", [f"# {HEADLINE}", f"**{HEADLINE}**", HEADLINE])
def test_a_headline_is_without_marks_of_markdown(headline: str) -> None:
    assert cleaned({"headline": headline, "body": BODY[0]}).headline == HEADLINE
    assert cleaned({"headline": "#MeToo at sea", "body": BODY[0]}).headline == "#MeToo at sea"


SOCIAL = '<meta property="og:title" content="Ferry crews of Holm vote for a walkout tonight">'


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        # The title of social media is no second voice where the title element repeats it.
        (SOCIAL, f"<h1>{HEADLINE}</h1>", "Ferry crews of Holm vote for a walkout tonight"),
        (script(ARTICLE) + SOCIAL, "<h2>Islands</h2>", "Ferry crews of Holm vote for a walkout tonight"),
        (script(ARTICLE) + SOCIAL, f"<h1>Islands</h1><h1>{HEADLINE}</h1>", HEADLINE),
        ("", "<h1>The Courier</h1>", f"{HEADLINE} | The Courier"),
        ("", "<h1>Islands of the north</h1>", HEADLINE),
        (f'<meta property="og:title" content="{HEADLINE}">', f"<h1>Islands - {HEADLINE}</h1>", HEADLINE),
        (f'<meta property="og:title" content="Strike: {HEADLINE}">', f"<h1>Islands - {HEADLINE}</h1>", HEADLINE),
    ],
)
def test_the_headline_is_what_readers_see_unless_the_others_agree(head: str, body: str, title: str) -> None:
    assert cleaned(page(head, body, title)).headline == HEADLINE


def test_a_tagline_in_json_ld_does_not_win_over_heading_and_title() -> None:
    head = script(ARTICLE | {"headline": "The islands in the morning, noon and night"})
    assert cleaned(page(head)).headline == HEADLINE


@pytest.mark.parametrize(
    "mark",
    [
        '<meta name="author" content="Ida Holm">',
        '<meta name="parsely-author" content="Ida Holm">',
        '<meta name="DC.creator" content="Holm, Ida">',
        '<meta name="sailthru.author" content="By Ida Holm">',
        '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ida Holm">',
        '<meta property="article:author" content="https://fb.example/ida"><meta name="author" content="Ida Holm">',
        '<meta name="author" content="The Courier"><p><a rel="author" href="/x">Ida Holm</a></p>',
        '<p itemprop="author" itemscope><span itemprop="name">Ida Holm</span></p>',
        '<p><a href="/authors/ida">Ida Holm</a></p><aside><a href="/authors/jon">Jon Vale</a></aside>',
        '<p><a href="/contributors/ida">Ida Holm</a></p><li><b><a href="/contributors/jon">Jon Vale</a></b></li>',
        '<p class="article-byline">By Ida Holm</p>',
        script(ARTICLE | {"author": {"@type": "Person", "name": "https://courier.example/authors/ida-holm"}}),
        '<p class="author">Boats and tides</p><p class="author">Ida Holm</p>',
        '<div class="author-bio">Jon Vale</div><div class="authorDateBlock_authorName__N6j3">Ida Holm</div>',
        '<div class="author"><b class="author-name">Ida Holm</b><i>Holm Valley</i></div>',
        "<div>By <b>Ida Holm</b><i>Published: Mar 7, 2025</i></div>",
        "<p>Written by Ida Holm | Boats</p>",
    ],
)
def test_authors_are_read_from_every_place(mark: str) -> None:
    html = page('<meta property="og:site_name" content="The Courier">', f"<h1>{HEADLINE}</h1>{mark}")
    assert cleaned(html).byline == ("Ida Holm",)


@pytest.mark.parametrize(
    "mark",
    [
        "<p>By the harbour</p>",
        "<p>Von der Leyen besucht Holm</p>",
        '<p class="author-role">Boats</p>',
        '<aside><p class="author-name">Jon Vale</p></aside>',
        "<p>Ida Holm</p>",
    ],
)
def test_other_lines_below_the_headline_are_no_byline(mark: str) -> None:
    assert cleaned(page(body=f"<h1>{HEADLINE}</h1>{mark}")).byline == ()


def test_each_author_of_a_byline_has_an_element() -> None:
    mark = '<p><i class="c-byline__author-name">Ida Holm</i>, <i class="c-byline__author-name">Jon Vale</i></p>'
    other = '<ul><li><div><p class="author-name">Ada Birch</p></div></li></ul>'
    assert cleaned(page(body=f"<h1>{HEADLINE}</h1>{mark}{other}")).byline == ("Ida Holm", "Jon Vale")


@pytest.mark.parametrize("mark", ["<li>Ida Holm</li><li>Jon Vale</li>", "<a>Ida Holm</a> <a>Jon Vale</a>"])
def test_authors_in_a_list_are_several(mark: str) -> None:
    html = page(body=f'<h1>{HEADLINE}</h1><ul class="article-authors">{mark}</ul>')
    assert cleaned(html).byline == ("Ida Holm", "Jon Vale")


DATE = "2025-03-07T09:15:00+01:00"


@pytest.mark.parametrize(
    "mark",
    [
        '<meta name="DC.creator" content="Ida Holm"><meta name="DC.date" content="{}">',
        '<meta property="dc:creator" content="Ida Holm"><meta property="dc:created" content="{}">',
        '<meta name="dcterms.creator" content="Ida Holm"><meta name="dcterms.date" content="{}">',
        '<meta name="citation_author" content="Holm, Ida"><meta name="citation_publication_date" content="{}">',
        '<meta name="cXenseParse:author" content="Ida Holm"><meta name="cXenseParse:publishtime" content="{}">',
        '<meta name="vr:author" content="Ida Holm"><meta name="vr:published_time" content="{}">',
        '<meta property="rnews:author" content="Ida Holm"><meta property="rnews:datePublished" content="{}">',
        '<meta name="DCSext.author" content="Ida Holm"><meta name="DCSext.articleFirstPublished" content="{}">',
        '<meta name="byline" content="By Ida Holm"><meta name="published-date" content="{}">',
        '<meta name="authors" content="Ida Holm"><meta name="PublishDate" content="{}">',
        """<meta name="parsely-page" content='{{"author": "Ida Holm", "pub_date": "{}"}}'>""",
        '<p property="schema:author">Ida Holm</p><time property="schema:datePublished" datetime="{}">Friday</time>',
        '<p property="dc:creator">Ida Holm</p><span property="dc:date dc:created" content="{}">Friday</span>',
        '<p itemprop="author">Ida Holm</p><time itemprop="datePublished" datetime="{}">Friday</time>',
    ],
)
def test_authors_and_dates_are_read_from_every_vocabulary(mark: str) -> None:
    article = cleaned(page(body=f"<h1>{HEADLINE}</h1>{mark.format(DATE)}"))
    assert (article.byline, article.published) == (("Ida Holm",), "2025-03-07T08:15:00Z")


def test_the_day_in_a_title_is_better_than_none() -> None:
    assert cleaned(page(title=f"{HEADLINE} | Courier | 07.03.2025")).published == "2025-03-07T00:00:00Z"


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("AFP", ("AFP",)),
        ([{"name": "Harbour Desk"}, {"name": "The Courier"}], ("Harbour Desk",)),
        ([{"name": "Reuters"}, {"name": "Ida Holm"}], ("Ida Holm",)),
        ("Staff", ()),
    ],
)
def test_agency_or_desk_is_the_byline_of_a_page_that_names_no_person(author: Any, byline: tuple[str, ...]) -> None:
    head = script(ARTICLE | {"author": author, "publisher": {"name": "The Courier"}})
    assert cleaned(page(head)).byline == byline


@pytest.mark.parametrize("name", ["The Courier", "Courier", "courier.example", "COURIER"])
def test_the_publisher_is_no_author(name: str) -> None:
    publisher = {"@type": "Organization", "name": "The Courier"}
    head = script(ARTICLE | {"author": {"name": name}, "publisher": publisher})
    assert cleaned({"html": page(head), "url": URL}).byline == ()


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="news_keywords" content="ferries, strike">',
        '<meta name="keywords" content="ferries; strike">',
        '<meta name="keywords" content="ferries|strike|Ferries">',
        '<meta property="article:tag" content="ferries"><meta property="article:tag" content="strike">',
        '<meta name="parsely-tags" content="ferries,strike">',
        '<meta name="dc.subject" content="#ferries, strike,">',
        '<meta name="keywords" content="#ferries #strike">',
        script(ARTICLE | {"keywords": "ferries,strike"}),
        script(ARTICLE | {"keywords": ["ferries, strike", "ferries"]}),
        script(ARTICLE | {"keywords": [{"@type": "DefinedTerm", "name": "ferries"}, "strike"]}),
        '<link><p><a rel="tag" href="/t/1">ferries</a> <a rel="tag" href="/t/2">strike</a></p>',
    ],
)
def test_keywords_are_split_and_read_from_every_place(head: str) -> None:
    assert cleaned(page(head)).keywords == ("ferries", "strike")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="/news/bridge">', "https://www.courier.example/news/bridge"),
        ('<link rel="canonical" href="//courier.example/a">', "https://courier.example/a"),
        ('<link rel="canonical" href="bridge">', "https://www.courier.example/news/bridge"),
        ('<base href="https://courier.example/b/"><link rel="canonical" href="bridge">', "https://courier.example/b/bridge"),
        ('<link rel="canonical" href="http://[broken">', "https://www.courier.example/news/x?y=1"),
    ],
)  # fmt: skip
def test_a_relative_link_is_resolved(head: str, expected: str) -> None:
    assert cleaned({"html": page(head), "url": "https://www.courier.example/amp/news/x?y=1"}).canonical_url == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://www-courier-example.cdn.ampproject.org/c/s/www.courier.example/news/bridge",
        "https://www-courier-example.cdn.ampproject.org/v/s/www.courier.example/news/bridge?usqp=mq331",
        "https://www.google.com/amp/s/www.courier.example/news/bridge",
        "https://web.archive.org/web/20250307081500/https://www.courier.example/news/bridge",
        "https://news.google.com/rss/articles/CBMiK2h0",
    ],
)
def test_the_source_of_a_page_from_a_cache_is_the_publisher(url: str) -> None:
    html = page('<link rel="canonical" href="https://www.courier.example/news/bridge">')
    article = cleaned({"html": html, "url": url})
    assert article.source == "courier.example"
    assert article.canonical_url == "https://www.courier.example/news/bridge"


def test_a_page_from_a_cache_needs_no_canonical_link() -> None:
    url = "https://www-courier-example.cdn.ampproject.org/c/s/www.courier.example/news/bridge"
    assert cleaned({"html": page(), "url": url}).canonical_url == "https://www.courier.example/news/bridge"
