"""Every format is recognised as itself and gives the right fields: the golden pairs in ``formats/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from schemas import CleanArticle, encode
from tests.clean.input.test_bad_input import reason
from tests.clean.samples import BODY, HEADLINE, ORIGIN, RECEIVED, STORY, cleaned
from tests.timing import seconds
from workers.clean import clean
from workers.clean.input import toml
from workers.clean.input.envelopes import open_envelopes
from workers.clean.input.formats import JSON_FORMATS, TEXT_FORMATS, XML_FORMATS, ours, similar, xml_root
from workers.clean.input.reading import read
from workers.outcomes import Reason

GOLDEN = Path(__file__).parent / "formats"
INPUTS = sorted(path for path in GOLDEN.iterdir() if ".expected" not in path.name)
_UNCHECKED = {"id", "origin", "removed"}


def fields(article: CleanArticle) -> dict[str, Any]:
    """The fields of an article that are not empty."""
    return {name: value for name, value in orjson.loads(encode(article)).items() if value and name not in _UNCHECKED}


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_a_golden_input_gives_the_expected_fields(path: Path) -> None:
    expected = orjson.loads((GOLDEN / f"{path.name}.expected.json").read_bytes())
    found = {"format": read(path.read_bytes()).format, **fields(cleaned(path.read_bytes()))}
    assert found == expected


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_a_golden_input_matches_no_other_format(path: Path) -> None:
    expected = orjson.loads((GOLDEN / f"{path.name}.expected.json").read_bytes())["format"]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        document = open_envelopes(orjson.loads(text))
        assert isinstance(document, dict)
        matching = {format.name for format in JSON_FORMATS if format.matches(document)} - {similar.FORMAT.name}
        # Ours has the commonest names, so it is asked last.
        assert matching - ({ours.FORMAT.name} if expected != ours.FORMAT.name else set()) <= {expected}
    elif path.suffix == ".xml":
        assert xml_root(text)
        root = etree.fromstring(path.read_bytes(), etree.XMLParser(recover=True))
        assert [format.name for format in XML_FORMATS if format.matches(root)] == [expected]
    else:
        assert [format.name for format in TEXT_FORMATS if format.matches(text)] == [expected]


def test_every_format_has_a_golden_pair() -> None:
    covered = {orjson.loads(path.read_bytes())["format"] for path in GOLDEN.glob("*.expected.json")}
    documents = [*(format.name for format in JSON_FORMATS), *(format.name for format in XML_FORMATS)]
    names = [*documents, *(format.name for format in TEXT_FORMATS)]
    assert covered == set(names)
    assert len(names) == len(set(names))


def test_an_unknown_key_that_looks_like_ours_is_warned_of() -> None:
    article = cleaned({"headlin": HEADLINE, "body": STORY, "keyword": ["ferries"], "colour": "blue"})
    assert [(warning.field, warning.problem) for warning in article.warnings] == [
        ("headlin", "unknown field; did you mean headline?"),
        ("keyword", "unknown field; did you mean keywords?"),
    ]


def test_paths_say_where_our_fields_are() -> None:
    message = orjson.dumps({"story": {"top": HEADLINE, "text": STORY}, "title": "A kicker", "when": "2025-03-07"})
    paths = {"headline": ("story.top",), "body": ("story.none", "story.text"), "published": ("when",)}
    article = clean(message, ORIGIN, RECEIVED, paths=paths)
    assert (article.headline, article.body, article.published) == (HEADLINE, STORY, "2025-03-07T00:00:00Z")


@pytest.mark.parametrize(
    ("fields", "truncated"),
    [
        ({"body": STORY}, False),
        ({"body": STORY, "truncated": True}, True),
        ({"body": f"{STORY}… [+1204 chars]"}, True),
        ({"body": f"{STORY}... [99 chars]"}, True),
        ({"body": f"{STORY} [+12 boats]"}, False),
    ],
)
def test_a_text_that_is_cut_is_marked(fields: dict[str, Any], truncated: bool) -> None:
    article = cleaned({"headline": HEADLINE, **fields})
    assert article.truncated is truncated
    assert "chars]" not in article.body


_WHEN, _WHERE = "2025-03-07T18:20:00Z", "https://courier.example/ferry"
OTHERS: dict[str, Any] = {
    "diffbot": {"objects": [{"title": HEADLINE, "text": STORY, "html": "<p>x</p>", "author": "Ida Holm", "date": _WHEN,
                             "siteName": "The Courier", "pageUrl": _WHERE}]},
    "zyte": {"url": _WHERE, "article": {"headline": HEADLINE, "articleBody": STORY, "datePublished": _WHEN,
                                        "authors": [{"name": "Ida Holm"}], "url": _WHERE}},
    "newsdata": {"status": "success", "results": [{"title": HEADLINE, "link": _WHERE, "creator": ["Ida Holm"],
                                                   "content": STORY, "pubDate": "2025-03-07 18:20:00"}]},
    "aylien": {"stories": [{"title": HEADLINE, "body": STORY, "author": {"name": "Ida Holm"}, "published_at": _WHEN,
                            "links": {"permalink": _WHERE}}]},
    "perigon": {"title": HEADLINE, "content": STORY, "authorsByline": "Ida Holm", "pubDate": _WHEN, "url": _WHERE,
                "source": {"domain": "courier.example"}},
    "feedly": {"title": HEADLINE, "content": {"content": STORY}, "author": "Ida Holm", "published": 1741371600000,
               "alternate": [{"href": _WHERE, "type": "text/html"}]},
    "ghost": {"posts": [{"title": HEADLINE, "plaintext": STORY, "published_at": _WHEN, "url": _WHERE,
                         "authors": [{"name": "Ida Holm"}]}]},
    "wordpress": {"title": {"rendered": HEADLINE}, "content": {"rendered": STORY}, "author": 7, "link": _WHERE,
                  "date_gmt": _WHEN[:-1], "_embedded": {"author": [{"id": 7, "name": "Ida Holm"}]}},
    "firecrawl": {"success": True, "data": {"markdown": STORY, "metadata": {
        "title": HEADLINE, "author": "Ida Holm", "sourceURL": _WHERE, "publishedTime": _WHEN}}},
    "mongodb": {"_id": {"$oid": "65"}, "title": HEADLINE, "text": STORY, "by": "Ida Holm", "url": _WHERE,
                "date": {"$date": _WHEN}},
    "german": {"titel": HEADLINE, "inhalt": STORY, "autorin": "Ida Holm", "datum": _WHEN, "url": _WHERE},
    "spanish": {"título": HEADLINE, "cuerpo": STORY, "autores": ["Ida Holm"], "fecha": _WHEN, "url": _WHERE},
    "russian": {"заголовок": HEADLINE, "текст": STORY, "автор": "Ida Holm", "дата": _WHEN, "url": _WHERE},
    "chinese": {"标题": HEADLINE, "正文": STORY, "作者": "Ida Holm", "发布时间": _WHEN, "url": _WHERE},
    "reddit": {"kind": "t3", "data": {"title": HEADLINE, "selftext": STORY, "author": "Ida Holm", "url": _WHERE,
                                      "created_utc": 1741371600.0}},
    "graphql": {"data": {"storyBySlug": {"headline": HEADLINE, "body": STORY, "byline": "Ida Holm", "url": _WHERE,
                                         "publishedAt": _WHEN}}, "errors": []},
    "activitypub": {"type": "Create", "object": {"type": "Article", "name": HEADLINE, "content": STORY, "url": _WHERE,
                                                 "published": _WHEN, "author": "Ida Holm"}},
    "mediawiki": {"parse": {"title": HEADLINE, "text": {"*": STORY}, "author": "Ida Holm", "date": _WHEN,
                            "url": _WHERE}},
    "spreadsheet": {"Headline": HEADLINE, "Article Body": STORY, "Author Name": "Ida Holm", "Post-Date": _WHEN,
                    "Page URL": _WHERE},
    "plurals": {"Title": HEADLINE, "Full Text": STORY, "Author(s)": "Ida Holm", "Date": _WHEN, "URL": _WHERE},
    "solr": {"response": {"docs": [{"title_s": HEADLINE, "body_txt": [STORY], "author_ss": ["Ida Holm"],
                                    "url_s": _WHERE, "published_dt": _WHEN}]}},
    "dynamodb": {"title": {"S": HEADLINE}, "body": {"S": STORY}, "author": {"S": "Ida Holm"}, "url": {"S": _WHERE},
                 "published": {"N": "1741371600"}},
    "guardian item": {"response": {"status": "ok", "content": {
        "webTitle": HEADLINE, "webUrl": _WHERE, "webPublicationDate": _WHEN,
        "fields": {"bodyText": STORY, "byline": "Ida Holm"}}}},
    "snippet": {"title": HEADLINE, "content": BODY[0], "raw_content": STORY, "author": "Ida Holm", "url": _WHERE,
                "published_date": _WHEN},
    "long description": {"link": _WHERE, "headline": HEADLINE, "short_description": STORY, "authors": "Ida Holm",
                         "date": _WHEN},
}  # fmt: skip


@pytest.mark.parametrize(
    "guarded",
    [
        "callback({});", ")]}}',\n{}", "while(1);{}", "{},\n", '{{"@timestamp": "2025-03-07", "message": {quoted}}}',
        "// Exported by Wren\n{}", "/* Wren */\n\n{}", "```json\n{}\n```", "Here is the article:\n\n```\n{}\n```",
        "Article 41 of 90:\n{}", "event: article\nid: 7\ndata: {}", "2025-03-07 10:00:00,123 INFO crawler - {}",
        "b'{}'", "window.__STORY__ = {};", "var story={}",
    ],
    ids=["jsonp", "guard", "loop", "comma", "logstash", "comment", "comment and blank", "fence", "announced fence",
         "announced", "event stream", "log", "bytes of Python", "window", "variable"],
)  # fmt: skip
def test_json_is_read_through_what_programs_put_around_it(guarded: str) -> None:
    document = orjson.dumps({"headline": HEADLINE, "body": BODY[1]}).decode()
    article = cleaned(guarded.format(document, quoted=orjson.dumps(document).decode()))
    assert (article.headline, article.body) == (HEADLINE, BODY[1])


@pytest.mark.parametrize(
    "data", ['{"status": "down"}', "{'status': None, 'boats': 11}", '["Gull", "Tern"]', '{"title": "Gull"}']
)
def test_a_text_that_starts_with_data_is_no_json(data: str) -> None:
    text = f"{data} was all that passengers saw on Friday when the site went down.\n{STORY}"
    assert cleaned(text).body == text


def test_an_article_as_a_text_in_the_body_keeps_the_fields_around_it() -> None:
    article = cleaned({"headline": HEADLINE, "url": _WHERE, "body": orjson.dumps({"text": STORY}).decode()})
    assert (article.headline, article.body, article.url) == (HEADLINE, STORY, _WHERE)


@pytest.mark.parametrize(
    "document",
    [
        {"text": STORY, "content": {"title": "Islands", "type": "article"}},
        {"content": {"title": HEADLINE, "body": STORY}},
        {"title": HEADLINE, "description": STORY, "sections": [{"name": "Islands", "path": "/islands"}]},
    ],
    ids=["an object beside the text", "an object with the text", "sections of the site"],
)
def test_the_text_and_what_is_beside_it_are_read(document: dict[str, Any]) -> None:
    article = cleaned({**document, "url": _WHERE, "author": "Ida Holm"})
    assert (article.body, article.url, article.byline) == (STORY, _WHERE, ("Ida Holm",))


def test_a_format_without_its_text_has_it_under_another_name() -> None:
    goose = {
        "title": HEADLINE,
        "cleaned_text": STORY,
        "publish_date": "2025-03-07",
        "canonical_link": "https://a.example/b",
    }
    article = cleaned(goose)
    assert (article.headline, article.body, article.canonical_url) == (HEADLINE, STORY, "https://a.example/b")


def test_what_a_reader_of_feeds_keeps_of_its_user_is_no_keyword() -> None:
    assert cleaned({"title": HEADLINE, "body": STORY, "categories": ["user/7/label/News", "ferries"]}).keywords == (
        "ferries",
    )


def test_keys_of_a_database_are_no_keywords() -> None:
    assert cleaned({"headline": HEADLINE, "body": STORY, "tags": [7, 8]}).keywords == ()


@pytest.mark.parametrize(
    "text",
    [
        f'+++\ntitle = "{HEADLINE}"\nurl = "https://courier.example/a"\n+++\n\n{STORY}',
        f"Title: {HEADLINE}\n\nURL Source: https://courier.example/a\n\nMarkdown Content:\n{STORY}",
    ],
    ids=["toml", "jina"],
)
def test_fields_in_front_of_markdown_are_read(text: str) -> None:
    article = cleaned(text)
    assert (article.headline, article.body, article.url) == (HEADLINE, STORY, "https://courier.example/a")


@pytest.mark.parametrize(
    "text",
    [
        f'+++\n# a draft\ntitle = "{HEADLINE}"\ndate = 2025-03-07T19:20:00+01:00\ntags = [\n  "ferries",\n]\n\n'
        f"[extra]\nviews = 7\n+++\n{STORY}",
        f'title = "{HEADLINE}"\npublished = 2025-03-07T18:20:00Z\ntags = ["ferries"]\nbody = """\n{STORY}"""\n',
        f'[article]\ntitle = "{HEADLINE}"\ndate = "2025-03-07 18:20"\nkeywords = "ferries"\ntext = """{STORY}"""',
    ],
    ids=["in front", "values", "table"],
)
def test_toml_is_read(text: str) -> None:
    article = cleaned(text)
    assert (article.headline, article.keywords, article.body) == (HEADLINE, ("ferries",), STORY)
    assert article.published == "2025-03-07T18:20:00Z"


@pytest.mark.parametrize("text", ["a = 1\nb" + ".a" * 200_000 + " = 1", "a = " + "[" * 400_000, "[a]\n" * 100_000])
def test_no_toml_takes_long(text: str) -> None:
    assert seconds(lambda: toml.read(text)) < 2


@pytest.mark.parametrize(
    "front",
    [
        f"Title: {HEADLINE}\nAuthor: Ida Holm\nDate: 7 March 2025 18:20 GMT\n\n",
        f"HEADLINE: {HEADLINE}\n\nBYLINE: Ida Holm\n\nLENGTH: 90 words\n\nDATE: 2025-03-07T18:20Z\n\nBODY:\n",
        f"Autorin: Ida Holm\nTitel: {HEADLINE}\nDatum: 07.03.2025, 19:20 Uhr MEZ\n\n",
        f"标题：{HEADLINE}\n作者：Ida Holm\n时间：2025-03-07 18:20 UTC\n\n",
        "---------- Forwarded message ---------\nFrom: Ida Holm <ida@courier.example>\n"
        f"Date: Fri, Mar 7, 2025 at 6:20 PM\nSubject: Fwd: {HEADLINE}\nTo: <desk@courier.example>\n\n\n",
        "-----Ursprüngliche Nachricht-----\nVon: Ida Holm <ida@courier.example>\n"
        f"Gesendet: Freitag, 7. März 2025 18:20\nAn: Redaktion\nBetreff: WG: {HEADLINE}\n\n",
    ],
    ids=["labels", "capitals", "german", "chinese", "forwarded", "german forwarded"],
)
def test_lines_with_the_fields_above_a_text_are_read(front: str) -> None:
    article = cleaned(front + STORY)
    assert (article.headline, article.byline, article.body) == (HEADLINE, ("Ida Holm",), STORY)
    assert article.published == "2025-03-07T18:20:00Z"


@pytest.mark.parametrize("first", ["De: a story", "Date: 7 March", "By: night, the boats left.\nLink: none"])
def test_a_line_like_a_field_is_none_without_a_title_beside_it(first: str) -> None:
    article = cleaned({"headline": HEADLINE, "body": f"{first}\n\n{STORY}"})
    assert STORY in article.body


@pytest.mark.parametrize("below", ["\n", "\n\nBody\n"])
def test_a_label_in_the_text_of_an_archive_is_a_part_of_it(below: str) -> None:
    text = "\n\n".join((*BODY[:2], "Source: Ministry of Boats", "Subject: Night shifts at sea", "Language", *BODY[2:4]))
    article = cleaned(
        f"{HEADLINE}\nThe Courier\nMarch 7, 2025 Friday\n\nLENGTH: 90 words\n\nBYLINE: Ida Holm{below}\n{text}\n\n"
        "Graphic\n\nThe pier at Saltby on Friday, where nobody was to be seen.\n\nLoad-Date: March 8, 2025"
    )
    assert (article.headline, article.byline, article.source) == (HEADLINE, ("Ida Holm",), "The Courier")
    assert article.body.replace("\n", "") == text.replace("\n", "")


def test_a_text_that_ends_with_its_rights_is_no_export_of_an_archive() -> None:
    text = "\n".join(BODY[:4])
    article = cleaned(f"{HEADLINE}\n90 words\n7 March 2025\nThe Courier\n{text}\nCopyright 2025 The Courier")
    assert text in article.body


def test_a_bare_ampersand_in_xml_is_a_character() -> None:
    item = "<item><title>{}</title><category>R&D</category><description>{}</description></item>"
    article = cleaned(item.format(HEADLINE, f"<![CDATA[<p>{BODY[0]}</p><p>Q&A by Northline</p><p>{BODY[1]}</p>]]>"))
    assert article.keywords == ("R&D",)
    assert "Q&A by Northline" in article.body


def test_an_entity_of_html_in_xml_is_a_character() -> None:
    article = cleaned(f"<item><title>{HEADLINE}</title><description>{BODY[0]}&nbsp;&mdash;&a;</description></item>")
    assert article.body == f"{BODY[0]} —&a;"


def test_an_entity_of_html_that_stands_for_a_mark_of_xml_is_text() -> None:
    item = "<item><title>{} A&AMP;B &LT;here&GT;</title><description>{}</description></item>"
    article = cleaned(item.format(HEADLINE, BODY[0]))
    assert (article.headline, article.body) == (f"{HEADLINE} A&B <here>", BODY[0])


def test_json_as_people_write_it_is_read() -> None:
    headline, body = orjson.dumps(HEADLINE).decode(), orjson.dumps(STORY).decode()
    for text in (
        f'{{"headline": {headline}, "body": {body},}}',
        f"{{headline: {headline}, /* text */ body: {body}}}\n;",
    ):
        article = cleaned(text)
        assert (article.headline, article.body) == (HEADLINE, STORY)


@pytest.mark.parametrize("document", OTHERS.values(), ids=OTHERS)
def test_other_json_is_read_by_the_usual_names(document: Any) -> None:
    article = cleaned(document)
    assert (article.headline, article.body, article.byline) == (HEADLINE, STORY, ("Ida Holm",))
    assert (article.published, article.url, article.warnings) == (_WHEN, _WHERE, ())


@pytest.mark.parametrize(
    "body",
    [
        {"rendered": STORY},
        [{"value": STORY, "format": "plain"}],
        [{"type": "paragraph", "text": line} for line in BODY],
        [{"_type": "block", "children": [{"text": line[:20]}, {"text": line[20:]}]} for line in BODY],
        {"string": STORY},
        list(BODY),
        {"time": 1, "version": "2", "blocks": [{"type": "paragraph", "data": {"text": line}} for line in BODY]},
        {"entityMap": {}, "blocks": [{"type": "unstyled", "text": line} for line in BODY]},
        {"root": {"type": "root", "children": [{"type": "paragraph", "children": [{"text": line}]} for line in BODY]}},
        {
            "type": "doc",
            "content": [
                {
                    "type": "paragraph",
                    "content": [{"type": "text", "text": line[:20]}, {"type": "text", "text": line[20:]}],
                }
                for line in BODY
            ],
        },
        {"en-US": STORY},
        {
            "ops": [
                part
                for line in BODY
                for part in (
                    {"insert": line},
                    {"insert": {"image": "a.jpg"}},
                    {"insert": "\n", "attributes": {"list": "bullet"}},
                )
            ]
        },
        [{"paragraphs": list(BODY[:2])}, {"paragraphs": [{"text": line} for line in BODY[2:]]}],
        {"sections": [{"heading": "", "paragraphs": list(BODY)}]},
        [{"paragraph": line} for line in BODY],
        {str(place): line for place, line in enumerate(BODY)},
        {"body": {"content": STORY}},
    ],
    ids=[
        "wordpress",
        "drupal",
        "blocks",
        "portable-text",
        "avro",
        "lines",
        "editorjs",
        "draftjs",
        "lexical",
        "prosemirror",
        "by-language",
        "quill",
        "sections",
        "sections-in-an-object",
        "paragraphs",
        "php",
        "bodies",
    ],
)
def test_a_body_may_be_an_object_or_a_list(body: object) -> None:
    assert cleaned({"headline": {"rendered": HEADLINE}, "body": body}).body == STORY


@pytest.mark.parametrize("text", ["<h2>Talks fail</h2>\n\n{}", "<div>Talks fail\n \n{}</div>"])
def test_blank_lines_part_paragraphs_of_html_without_elements_for_them(text: str) -> None:
    body = text.format("\n\n".join(BODY))
    assert cleaned({"headline": HEADLINE, "body": body}).body == f"Talks fail\n{STORY}"


def test_a_section_starts_with_its_heading() -> None:
    message = {"title": HEADLINE, "sections": [{"title": "What next", "paragraphs": BODY[:2]}, {"content": BODY[2]}]}
    assert cleaned(message).body.split("\n") == ["What next", *BODY[:3]]
    assert cleaned(message | {"html": f"<p>{BODY[0]}</p><p>{BODY[1]}</p>"}).body == "\n".join(BODY[:2])


@pytest.mark.parametrize(
    "published",
    [{"$date": "2025-03-07T18:20:00Z"}, {"$date": {"$numberLong": "1741371600000"}}, {"_seconds": 1741371600},
     {"date": "2025-03-07 19:20:00.000000", "timezone_type": 3, "timezone": "Europe/Paris"},
     [2025, 3, 7, 18, 20], [2025, 3, 7, 18, 20, 0, 4, 66, 0],
     "datetime.datetime(2025, 3, 7, 18, 20)", "Timestamp('2025-03-07 18:20:00+0000', tz='UTC')"],
)  # fmt: skip
def test_a_date_may_be_an_object_or_a_list(published: object) -> None:
    assert cleaned({"headline": HEADLINE, "body": STORY, "published": published}).published == "2025-03-07T18:20:00Z"


def test_fields_with_labels_may_stand_above_a_text() -> None:
    article = cleaned(f"Title: {HEADLINE}\nAuthor: Ida Holm\nDate: 2025-03-07\n\n{STORY}")
    assert (article.headline, article.byline, article.published) == (HEADLINE, ("Ida Holm",), "2025-03-07T00:00:00Z")
    assert article.body == STORY


def test_a_summary_is_the_text_only_if_it_is_long_and_there_is_no_other() -> None:
    summary = "\n".join(STORY.split("\n") * 2)
    assert cleaned({"title": HEADLINE, "link": "https://courier.example/a", "summary": summary}).body == summary
    assert cleaned({"title": HEADLINE, "text": STORY, "summary": summary}).body == STORY


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"webTitle": HEADLINE, "webUrl": "https://courier.example"}, ["The Guardian Open Platform", "headline, url"]),
        ({"publishedAt": "2025-03-07", "title": HEADLINE}, ["nearest format is NewsAPI.org"]),
        ({"title": HEADLINE}, ["read as other JSON", "it has headline, but no text"]),
        ({}, ["none of our fields"]),
        (
            {"titel": HEADLINE, "contnet": STORY},
            ["keys are `titel`, `contnet`", "did you mean `content` by `contnet`?"],
        ),
        ({"headline": HEADLINE, "body": 5}, ["body is a number, not a text"]),
        ({"headline": HEADLINE, "body": ""}, ["body, text and html are missing or empty; send one of them"]),
        ({"webTitle": HEADLINE, "webUrl": "https://courier.example"}, ["has it in `fields.body`"]),
        ({"@type": "WebSite", "name": "Courier"}, ["nearest format is schema.org JSON-LD"]),
    ],
)
def test_a_refusal_of_json_says_what_was_seen_and_what_is_missing(document: object, words: list[str]) -> None:
    why, message = reason(orjson.dumps(document))
    assert why is Reason.NO_BODY
    assert all(word in message for word in words), message
    assert "walkout" not in message


@pytest.mark.parametrize(
    ("text", "why", "words"),
    [
        ("<rss><channel><title>Courier</title></channel></rss>", Reason.EMPTY, ["a feed without items"]),
        ("<rss><channel><item><title>A</title></item></channel></rss>", Reason.NO_BODY, ["in `content:encoded`"]),
        ("<nitf><body/></nitf>", Reason.NO_BODY, ["read as NITF", "in `body.content`"]),
        ("<?xml version='1.0'?><boats><boat>12</boat></boats>", Reason.NO_BODY, ["root element `boats`", "`nitf`"]),
        ("<?xml version='1.0'?><newsitems><a>1</a></newsitems>", Reason.NO_BODY, ["nearest format is NewsML-G2"]),
        ("<html><body><div id=app></div></body></html>", Reason.NO_BODY, ["no article", "send a page"]),
        ("<urlset><url/></urlset>", Reason.NO_ARTICLE, ["a sitemap", "fetch the pages that it links to"]),
        ('{"status": "ok", "articles": []}', Reason.EMPTY, ["its list `articles` is empty"]),
        ("HTTP/1.1 301 Moved\r\nLocation: /b\r\n\r\n", Reason.EMPTY, ["status 301", "follow redirects"]),
        ('{"specversion": "1.0", "data_base64": "!"}', Reason.UNREADABLE, ["looks like base64", "it is damaged"]),
        ("12 + 30 = 42", Reason.NO_BODY, ["they have no letters", "send the text of an article"]),
    ],
)
def test_a_refusal_of_other_messages_says_what_was_seen_and_what_to_send(
    text: str, why: Reason, words: list[str]
) -> None:
    refused, message = reason(text.encode())
    assert refused is why
    assert all(word in message for word in words), message
