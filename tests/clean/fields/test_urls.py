"""URLs: one canonical form for each article, and never one for two."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.clean.samples import HEADLINE, STORY, cleaned
from workers.clean.fields import caches, canonical, urls
from workers.clean.fields.url_parameters import RULES, Rule, is_superfluous

A = "https://courier.test/a"

FORMS: tuple[tuple[str, str | None, str], ...] = (
    # What the canonical form is, the URL, what it is about. Internationalised names and escapes:
    ("https://xn--b1agjinxh.test/%D0%BC%D0%BE%D1%81%D1%82", "https://вестник.test/мост", "an IDN"),
    ("https://xn--b1agjinxh.test/%D0%BC%D0%BE%D1%81%D1%82", "https://ВЕСТНИК.test/мост", "an IDN in capitals"),
    ("https://xn--b1agjinxh.test/%D1%82", "https://xn--b1agjinxh.test/%d1%82", "punycode and escapes"),
    ("https://xn--b1agjinxh.test/a", "https://XN--B1AGJINXH.TEST/a", "punycode in capitals"),
    ("https://xn--b1agjinxh.test/a", "https://%D0%B2%D0%B5%D1%81%D1%82%D0%BD%D0%B8%D0%BA.test/a", "an escaped IDN"),
    ("https://xn--fa-hia.test/a", "https://faß.test/a", "ß in a host, as browsers read it"),
    ("https://xn--wgv71a119e.test/a", "https://日本語。test/a", "an ideographic full stop"),
    ("https://courier.test/a", "https://ｃｏｕｒｉｅｒ.test/a", "full-width letters"),
    ("https://courier.test/%C3%A9t%C3%A9", "https://courier.test/été", "a raw path"),
    ("https://courier.test/%C3%A9t%C3%A9", "https://courier.test/%c3%a9t%c3%A9", "escapes in lower case"),
    ("https://courier.test/~ida/a-b_c.d", "https://courier.test/%7Eida/%61%2Db%5Fc%2Ed", "escaped unreserved ones"),
    ("https://courier.test/a%2Fb%3Fc", "https://courier.test/a%2fb%3fc", "escaped reserved characters stay"),
    ("https://courier.test/a?q=b%26c%3Dd", "https://courier.test/a?q=b%26c%3dd", "escaped delimiters of a query stay"),
    ("https://courier.test/a?q=%C3%B8l", "https://courier.test/a?q=øl", "a raw query"),
    ("https://courier.test/100%25", "https://courier.test/100%", "a percent sign that escapes nothing"),
    ("https://courier.test/%25zz", "https://courier.test/%zz", "a broken escape"),
    ("https://courier.test/%E9", "https://courier.test/%e9", "an escape that is not UTF-8"),
    ("https://courier.test/a,b;c=d/(e)'!*@:$", "https://courier.test/a,b;c=d/(e)'!*@:$", "reserved characters stay"),
    # Scheme, user, host, port:
    (A, "HTTPS://Courier.TEST/a", "capitals"),
    ("https://courier.test/A", "https://courier.test/A", "paths are told apart by case"),
    (A, "http://courier.test/a", "http"),
    (A, "https://courier.test:443/a", "the default port"),
    (A, "http://courier.test:80/a", "the default port of http"),
    ("http://courier.test:8080/a", "http://courier.test:8080/a", "another port keeps its scheme"),
    ("http://courier.test:443/a", "http://courier.test:443/a", "the other scheme's port is another one"),
    (A, "https://courier.test:/a", "an empty port"),
    (A, "https://ida:secret@courier.test/a", "user and password"),
    (A, "https://ida@holm@courier.test/a", "two users"),
    (A, "https://courier.test./a", "the root's full stop"),
    ("https://www.courier.test/a", "https://www.courier.test/a", "www. stays"),
    ("https://192.0.2.7/a", "https://192.0.2.7/a", "IPv4"),
    ("https://[2001:db8::1]/a", "https://[2001:DB8:0:0::1]:443/a", "IPv6"),
    ("https://news_desk.courier.test/a", "https://news_desk.courier.test/a", "an underscore in a host"),
    # Path, query, fragment:
    ("https://courier.test/", "https://courier.test", "no path"),
    ("https://courier.test/", "https://courier.test?", "an empty query without a path"),
    (A, "https://courier.test/a/", "a slash at the end"),
    (A, "https://courier.test/a?", "an empty query"),
    (A, "https://courier.test/a?#", "an empty query and fragment"),
    ("https://courier.test/b/c", "https://courier.test/a/../b/./c", "dot segments"),
    ("https://courier.test/b", "https://courier.test/a/%2e%2E/b", "escaped dot segments"),
    ("https://courier.test/b", "https://courier.test/../../b", "dot segments above the root"),
    ("https://courier.test/a//b", "https://courier.test/a//b", "two slashes inside stay"),
    ("https://courier.test/a?a=1&b=2", "https://courier.test/a?b=2&a=1", "the order of parameters"),
    ("https://courier.test/a?a=2&a=1", "https://courier.test/a?a=2&a=1", "the order of equal names stays"),
    ("https://courier.test/a.nsf?OpenDocument&id=7", "https://courier.test/a.nsf?OpenDocument&id=7", "a name alone"),
    ("https://courier.test/a?b=", "https://courier.test/a?b=", "an empty value stays"),
    ("https://courier.test/a?b=1&c=2", "https://courier.test/a?&b=1&&c=2&", "empty parameters"),
    ("https://courier.test/a?id=7&x=1", "https://courier.test/a?x=1&amp;id=7", "an ampersand escaped as in HTML"),
    ("https://courier.test/a?id=7&x=1", "https://courier.test/a?x=1&amp;amp;id=7", "an ampersand escaped twice"),
    ("https://courier.test/a?q=b%20c", "https://courier.test/a?q=b c", "a blank in a query"),
    ("https://courier.test/a?q=b+c", "https://courier.test/a?q=b+c", "a plus stays"),
    (A, "https://courier.test/a#comments", "a place in the page"),
    (A, "https://courier.test/a#:~:text=bridge", "a text in the page"),
    ("https://courier.test/#/story/7", "https://courier.test/#/story/7", "a route"),
    ("https://courier.test/app#!story/7", "https://courier.test/app/#!story/7", "a hash-bang"),
    ("https://courier.test/#/story?id=7", "https://courier.test/#/story?utm_source=x&id=7", "tracking in a route"),
    ("https://courier.test/", "https://courier.test/#/", "the empty route"),
    ("https://courier.test/", "https://courier.test/#!", "the empty hash-bang"),
    # What crawlers leave in:
    (A, " https://courier.test/a\n", "white space around it"),
    (A, "\ufeffhttps://courier.test/a", "a byte order mark"),
    (A, "https://courier.test/\ufeffa\u200b", "invisible characters inside"),
    (A, "https://cour\nier.test/\ta", "line ends and tabs inside"),
    ("https://courier.test/a%20b", "https://courier.test/a b", "a blank"),
    ("https://courier.test/a%C2%A0b", "https://courier.test/a\u00a0b", "a no-break space"),
    (A, "<https://courier.test/a>", "angle brackets"),
    (A, '"https://courier.test/a"', "quotation marks"),
    (A, "//courier.test/a", "no scheme"),
    ("https://www.courier.test/a", "www.courier.test/a", "neither scheme nor slashes, but www."),
    (A, "https:/courier.test/a", "one slash"),
    (A, "https:\\\\courier.test\\a", "backslashes"),
    # What does not tell the page:
    (A, "https://courier.test/a?utm_source=x&utm_medium=y&fbclid=z&gclid=1", "tracking"),
    (A, "https://courier.test/a?ref=newsletter_7&from=share&wtmc=sm", "where the reader came from"),
    (A, "https://courier.test/a?ref=daily-newsletter&src=facebook.com&via=app-ios", "the same, in more words"),
    ("https://courier.test/a?ref=7", "https://courier.test/a?ref=7", "another reference"),
    *(
        (f"https://courier.test/a?{name}", f"https://courier.test/a?{name}", "the name of an article")
        for name in (
            "ref=push-for-reform", "source=share_prices_fall", "from=app-store-ruling-2026", "linkid=712",
            "ref=email-scandal", "source=leaked-email", "from=app-store", "ref=twitter_ban",
        )
    ),
    ("https://courier.test/a?from=apps", "https://courier.test/a?from=apps", "a word that starts like a referrer"),
    ("https://courier.test/a?id=7", "https://courier.test/a?id=7?utm_source=x&fbclid=y", "a second query"),
    (A, "http://https://courier.test/a", "a scheme before the scheme"),
    ("https://courier.test/a?id=7?b=1", "https://courier.test/a?id=7?b=1", "a question mark in a value"),
    (A, "https://courier.test/a?UTM_Source=x", "tracking in capitals"),
    (A, "https://courier.test/a?%75tm_source=x", "escaped tracking"),
    ("https://courier.test/a?id=7&page=2", "https://courier.test/a?_ga=x&id=7&_gl=y&page=2", "tracking in between"),
    (A, "https://courier.test/a;jsessionid=0A1B2C.node1", "a session in the path"),
    (A, "https://courier.test/(S(0a1b2c3d4e5f6g7h8i9j0k1l))/a", "a session of ASP.NET in the path"),
    (A, "https://courier.test/a?PHPSESSID=0a1b2c", "a session in the query"),
    (A, "https://courier.test/a?sid=0123456789abcdef0123456789abcdef", "a session that its value tells"),
    # AMP and phones:
    (A, "https://courier.test/a/amp", "AMP at the end"),
    (A, "https://courier.test/a/amp/", "AMP at the end, with a slash"),
    (A, "https://courier.test/a.amp", "AMP as an ending"),
    ("https://courier.test/a.html", "https://courier.test/a.amp.html", "AMP before the ending"),
    (A, "https://courier.test/a/amp.html", "AMP as a document"),
    (A, "https://courier.test/a.amp/amp//", "AMP twice"),
    ("https://courier.test/news/a", "https://courier.test/amp/news/a", "AMP at the start"),
    ("https://courier.test/story-7", "https://courier.test/amp/story-7", "AMP before a story"),
    (A, "https://courier.test/a?amp=1", "AMP as a parameter"),
    (A, "https://courier.test/a?amp", "AMP as a name alone"),
    (A, "https://courier.test/a?outputType=amp", "AMP as an output"),
    (A, "https://amp.courier.test/a", "AMP's host"),
    (A, "https://m.courier.test/a", "the host for phones"),
    (A, "https://mobile.courier.test/a", "the host for phones, in full"),
    (A, "https://touch.courier.test/a", "the host for touch screens"),
    ("https://courier.co.uk/a", "https://m.courier.co.uk/a", "the host for phones below a country"),
    ("https://en.wikipedia.org/wiki/A", "https://en.m.wikipedia.org/wiki/A", "the host for phones of an edition"),
    ("https://courier.test/amp", "https://courier.test/amp", "a page about amplifiers"),
    ("https://courier.test/amp/guitar", "https://courier.test/amp/guitar", "a section about amplifiers"),
    ("https://courier.test/camp", "https://courier.test/camp", "a camp"),
    ("https://courier.test/a/ampere/b", "https://courier.test/a/ampere/b", "a physicist"),
    ("https://courier.test/a?amp=marshall", "https://courier.test/a?amp=marshall", "a parameter about amplifiers"),
    ("https://m.test/a", "https://m.test/a", "a site called m"),
    ("https://m.co.uk/a", "https://m.co.uk/a", "a site called m below a country"),
    ("https://mm.courier.test/a", "https://mm.courier.test/a", "a host that only starts like one for phones"),
    # What tells articles apart stays:
    ("https://courier.test/?p=123", "https://courier.test/?p=123", "the id of a post"),
    ("https://courier.test/story.php?storyid=7", "https://courier.test/story.php?storyid=7", "the id of a story"),
    ("https://courier.test/a?cid=4&sid=3", "https://courier.test/a?sid=3&cid=4", "ids that Media Cloud drops"),
    ("https://courier.test/a?gallery=2", "https://courier.test/a?gallery=2", "a gallery"),
    ("https://courier.test/a?ref=7&source=wire", "https://courier.test/a?ref=7&source=wire", "names used for both"),
    ("https://courier.test/index.php/a", "https://courier.test/index.php/a", "a path behind a script"),
    ("https://blog.courier.test/a", "https://blog.courier.test/a", "another host of the site"),
)  # fmt: skip

NO_ADDRESSES: tuple[tuple[str | None, str], ...] = (
    (None, ""),
    ("", "not an absolute"),
    ("courier.test/a", "not an absolute"),
    ("/a", "not an absolute"),
    ("a.html", "not an absolute"),
    ("https://", "not an absolute"),
    ("https:///", "not an absolute"),
    ("https://courier.test:99999/", "not an absolute"),
    ("https://courier.test:0/", "not an absolute"),
    ("https://courier.test:port/", "not an absolute"),
    ("https://[::1/", "not an absolute"),
    ("https://[:12:1]:45/a", "not an absolute"),
    ("https://[::99999]/a", "not an absolute"),
    ("https://a..test/", "not an absolute"),
    ("https://cour ier.test/", "not an absolute"),
    ("https://-/", "not an absolute"),
    ("https://\u2100.test/", "not an absolute"),
    ("localhost:8080/a", "not an absolute"),
    ("https://courier.test/" + "a" * 5_000, "5,021 characters, and the limit is 4,000"),
    ("ftp://courier.test/a", "an address of the scheme ftp"),
    ("javascript:void(0)", "an address of the scheme javascript"),
    ("mailto:ida@courier.test", "an address of the scheme mailto"),
    ("data:text/html,a", "an address of the scheme data"),
    ("file:///home/ida/a.html", "an address of the scheme file"),
    ("about:blank", "an address of the scheme about"),
    ("urn:newsml:courier.test:20250308:7", "an address of the scheme urn"),
    ("tag:courier.test,2025:7", "an address of the scheme tag"),
    ("view-source:https://courier.test/a", "an address of the scheme view-source"),
)


@pytest.mark.parametrize(("expected", "url"), [row[:2] for row in FORMS], ids=[row[2] for row in FORMS])
def test_an_article_has_one_url_however_it_is_written(expected: str, url: str) -> None:
    assert urls.normalise(url) == expected
    assert urls.normalise(expected) == expected
    assert urls.problem(url) is None


@pytest.mark.parametrize(("url", "problem"), NO_ADDRESSES)
def test_what_is_no_address_of_a_page_is_told(url: str | None, problem: str) -> None:
    assert urls.normalise(url) is None
    assert urls.host(url) is None
    if url is not None:
        assert (urls.problem(url) or "").startswith(problem)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_for_parameters_matches_its_example_only(rule: Rule) -> None:
    host = rule.hosts[0].replace("*", "com") if rule.hosts else "courier.test"
    assert is_superfluous(rule.example, host)
    assert not is_superfluous(rule.counter_example, host)
    assert not rule.hosts or not is_superfluous(rule.example, "courier.test")
    assert rule.source.startswith("https://")


@pytest.mark.parametrize("form", caches.FORMS, ids=lambda form: form.id)
def test_the_page_in_a_cache_or_behind_a_redirect_is_the_publishers(form: caches.Form) -> None:
    assert caches.original(form.example) == form.original
    assert caches.original(form.original) == form.original
    assert cleaned({"headline": HEADLINE, "body": STORY, "url": form.example}).source in (
        "courier.test",
        "the-courier.test",
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://cdn.ampproject.org/v/s/courier.test/a?amp_js_v=0.1&usqp=mq3", "https://courier.test/a"),
        ("https://www.bing.com/amp/s/amp.courier.test/a", A),
        ("https://web.archive.org/web/2025/https://web.archive.org/web/2024/https:/courier.test/a", A),
        ("https://archive.is/o/AbCdE/https://courier.test/a", A),
        ("https://news.google.com/articles/CBMiFmh0dHBzOi8vY291cmllci50ZXN0L2HSAQA?hl=no", A),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fcourier.test%2Fa%3Ffbclid%3D1&h=AT0", A),
        ("https://www.google.com/url?q=https://www.google.com/amp/s/courier.test/a/amp&sa=D", A),
        ("https://webcache.googleusercontent.com/search?hl=no&q=cache%3Ahttps%3A%2F%2Fcourier.test%2Fa", A),
        ("https://web.archive.org/web/https://courier.test/a", A),
        ("https://wayback.archive-it.org/1234/20250308101500/https://courier.test/a", A),
        ("https://href.li/?https://courier.test/a", A),
        ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Fcourier.test%2Fa&rut=x", A),
        ("https://vk.com/away.php?to=https%3A%2F%2Fcourier.test%2Fa", A),
        ("https://search.yahoo.com/r/x/RU=https%3a%2f%2fcourier.test%2fa/RK=2/RS=x", A),
        ("https://perma.cc/AB12-CD34", None),
        ("https://cc.bingj.com/cache.aspx?q=ferry&d=4711", None),
        ("https://archive.ph/AbCdE", None),
        ("https://news.google.com/rss/articles/CBMiSEFVX3lxTE5h", None),
        ("https://t.co/AbCdE", None),
        ("https://www.msn.com/en-us/news/other/a/ar-AA1", None),
    ],
)
def test_an_address_in_a_cache_has_the_canonical_form_of_the_page(url: str, expected: str | None) -> None:
    assert urls.normalise(caches.original(url)) == expected


STORY_7 = "https://courier.test/2025/03/08/ferry-crews-call-off-strike"
BELIEVED: tuple[tuple[str, str, str], ...] = (
    ("its own", STORY_7, STORY_7 + "?utm_source=x"),
    ("another path of the site", "https://courier.test/a", "https://courier.test/islands/ferry-strike-called-off"),
    ("another host of the site", "https://edition.courier.test/a-b-c-d", "https://www.courier.test/x/a-b-c-d"),
    ("the page for phones", "https://m.courier.test/a", "https://www.courier.test/a"),
    ("without a parameter that tells nothing", STORY_7 + "?view=full&id=7", STORY_7),
    ("a readable path for an id", "https://courier.test/?p=123", STORY_7),
    ("an id for a readable path", STORY_7, "https://courier.test/story.php?id=7"),
    ("the first page of an article", STORY_7 + "/2", STORY_7),
    ("the article of a print page", STORY_7 + "/print", STORY_7),
    ("without the words behind a number", "https://courier.test/story/12345/ferry-strike", "https://courier.test/story/12345"),
    ("the number with other words", "https://courier.test/12345678-ferry-strike", "https://courier.test/12345678-strike-off"),
    ("the same path at another site", "https://staging.test/a/7", "https://courier.test/a/7"),
    ("the same article at a partner's", "https://partner.test/x/ferry-crews-call-off-strike", STORY_7),
    ("the page in a cache", "https://webcache.googleusercontent.com/search?q=cache:courier.test/a", STORY_7),
    ("the page of an aggregator", "https://news.google.com/rss/articles/CBMiSEFVX3lxTE5h", STORY_7),
    ("a document", STORY_7, "https://courier.test/bridge.html"),
)  # fmt: skip
DISBELIEVED: tuple[tuple[str, str, str], ...] = (
    ("the home page", STORY_7, "https://courier.test/"),
    ("the home page as a document", STORY_7, "https://courier.test/index.html"),
    ("the home page of an edition", STORY_7, "https://courier.test/en-gb"),
    ("the section above", STORY_7, "https://courier.test/2025/03/08"),
    ("the section around an id", "https://courier.test/islands/ferry-strike-called-off", "https://courier.test/islands"),
    ("another section", "https://courier.test/ferry-crews-call-off-strike", "https://courier.test/news"),
    ("a section of several words", STORY_7, "https://courier.test/islands/arts-and-culture"),
    ("a search", STORY_7, "https://courier.test/search"),
    ("an error page", STORY_7, "https://courier.test/404.html"),
    ("an error page of an edition", STORY_7, "https://courier.test/en/404"),
    ("a login", STORY_7, "https://courier.test/account/login"),
    ("another site", STORY_7, "https://other.test/2025/03/08/school-opens-its-new-library"),
    ("the home page of another site", STORY_7, "https://other.test/"),
    ("a server at work", STORY_7, "http://localhost:3000/islands/walkout-at-the-quay-7"),
    ("a server behind it", STORY_7, "http://10.0.0.7/islands/walkout-at-the-quay-7"),
    ("an empty template", STORY_7, "https://courier.test/{{ article.slug }}"),
    ("an empty template of JavaScript", STORY_7, "https://courier.test/${slug}"),
    ("an empty route", STORY_7, "https://courier.test/story/:slug"),
    ("an undefined value", STORY_7, "https://courier.test/story/undefined"),
    ("an object", STORY_7, "https://courier.test/[object Object]"),
    ("an escaped template", STORY_7, "https://courier.test/%7B%7Burl%7D%7D"),
    ("without the id of a script", "https://courier.test/story.php?storyid=7", "https://courier.test/story.php"),
    ("without the id of a post", "https://courier.test/?p=123", "https://courier.test/blog"),
    ("without the id of a document", "https://courier.test/story.html?id=7", "https://courier.test/story.html"),
    ("with another number's name", "https://courier.test/news?item=7", "https://courier.test/news"),
    ("without the route", "https://courier.test/app#/story/7", "https://courier.test/app"),
    ("a script", STORY_7, "javascript:void(0)"),
    ("a mail address", STORY_7, "mailto:ida@courier.test"),
    ("an aggregator", STORY_7, "https://news.google.com/rss/articles/CBMiSEFVX3lxTE5h"),
)  # fmt: skip


@pytest.mark.parametrize(("own", "declared"), [row[1:] for row in BELIEVED], ids=[row[0] for row in BELIEVED])
def test_a_declared_url_that_may_be_the_articles_is_believed(own: str, declared: str) -> None:
    assert canonical.choose(own, [declared]) == canonical.Choice(urls.normalise(declared))


@pytest.mark.parametrize(("own", "declared"), [row[1:] for row in DISBELIEVED], ids=[row[0] for row in DISBELIEVED])
def test_a_declared_url_that_others_have_too_is_not_believed(own: str, declared: str) -> None:
    choice = canonical.choose(own, [declared])
    assert choice.url == urls.normalise(own)
    assert choice.disbelieved
    assert choice.disbelieved[0] == declared


def test_without_an_own_url_only_a_page_is_believed() -> None:
    assert canonical.choose(None, ["https://courier.test/"]).url is None
    assert canonical.choose(None, ["https://courier.test/{slug}", STORY_7]).url == STORY_7


def test_an_article_has_a_warning_for_a_url_that_is_not_believed() -> None:
    article = cleaned(
        {"headline": HEADLINE, "body": STORY, "url": "javascript:void(0)", "canonical_url": "https://courier.test/"}
    )
    assert (article.url, article.canonical_url, article.source) == (None, None, "courier.test")
    assert [(warning.field, warning.problem) for warning in article.warnings] == [
        ("url", "an address of the scheme javascript, not http or https"),
        ("canonical_url", "it names a site, not a page"),
    ]


def test_a_page_that_declares_a_section_has_its_own_url() -> None:
    html = f'<html><head><link rel=canonical href="/islands/"><title>{HEADLINE}</title></head><body><article>{STORY}'
    article = cleaned({"url": "http://courier.test/islands/ferry-strike-called-off?fbclid=1", "html": html})
    assert article.canonical_url == "https://courier.test/islands/ferry-strike-called-off"
    assert [warning.field for warning in article.warnings] == ["canonical_url"]


@pytest.mark.parametrize("host", ["www", "m", "amp", "mobile"])
def test_pages_for_phones_have_the_source_of_the_site(host: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": STORY, "url": f"https://{host}.courier.test/a-1"})
    assert article.source == "courier.test"


# --- laws ---

HOSTS = st.sampled_from(
    ("courier.test", "www.courier.test", "m.courier.test", "вестник.test", "[::1]", "192.0.2.7", "a.b.co.uk")
)
PIECES = st.sampled_from((
    "/", "a", "amp", ".amp", ".html", "..", ".", "%2e", "%2F", "%", "%7e", "é", " ", ";jsessionid=1", "?", "&", "=",
    "id=7", "utm_source=x", "&amp;", "amp;", "#", "#/", "#!", ":443", "@", "\\", "\u200b", "+", "//", "|", "{", "[",
    "\u0301", "\udc80",
))  # fmt: skip
ADDRESSES = st.builds(lambda host, rest: f"https://{host}/{''.join(rest)}", HOSTS, st.lists(PIECES, max_size=12))
ANY = ADDRESSES | st.text(max_size=60) | st.text(max_size=60).map("https://".__add__)


@given(ANY)
@example("https://courier.test/a?&amp;amp;amp=1")
def test_a_canonical_url_is_its_own_canonical_form(url: str) -> None:
    form = urls.normalise(url)
    assert urls.normalise(form) == form
    assert (form is None) == (urls.host(url) is None)
    assert (form is None) == (urls.problem(url) is not None)
    assert form is None or (form.isascii() and form.startswith("http"))


@given(ANY, st.lists(ANY, max_size=3))
def test_choosing_raises_nothing_and_gives_a_canonical_url(own: str, declared: list[str]) -> None:
    url = canonical.choose(own, declared).url
    assert url == urls.normalise(url)


@given(st.text("abcdefghijklmnopqrstuvwxyz.-", min_size=1, max_size=20), st.lists(PIECES, max_size=6))
def test_case_of_scheme_and_host_is_irrelevant(host: str, rest: list[str]) -> None:
    path = "/" + "".join(rest)
    assert urls.normalise(f"HTTPS://{host.upper()}{path}") == urls.normalise(f"https://{host}{path}")


@given(ADDRESSES, st.sampled_from([rule.example for rule in RULES if not rule.hosts and "text" not in rule.example]))
def test_a_parameter_that_says_nothing_changes_nothing(url: str, parameter: str) -> None:
    assume("#" not in url and "?" not in url and not url.rstrip("\u200b").endswith(" "))
    assert urls.normalise(f"{url}?{parameter}") == urls.normalise(url)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_articles_with_different_ids_have_different_urls(one: int, other: int) -> None:
    assume(one != other)
    for form in (
        "https://courier.test/?p={}",
        "https://courier.test/story.php?id={}&utm_source=x",
        "https://courier.test/a-{}/amp",
    ):
        assert urls.normalise(form.format(one)) != urls.normalise(form.format(other))
