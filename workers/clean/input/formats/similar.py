"""Any other JSON object whose keys have the usual names: ``title``, ``content``, ``published_at`` …"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from workers.clean.input.formats.base import Fields, Format, Group, Json

NAMES: dict[str, Sequence[str]] = {
    "id": ("id", "_id", "uuid", "guid", "article_id", "uri"),
    "headline": ("headline", "headlines", "title", "article_title", "heading", "web_title", "news_title", "name",
                 "titel", "titre", "título", "titulo", "titular", "titolo", "tytuł", "заголовок", "标题", "標題",
                 "タイトル", "제목", "judul", "العنوان", "عنوان"),
    "body": (
        "body", "text", "content", "article_body", "articlebody", "body_text", "full_text", "fulltext", "article_text",
        "article", "maintext", "main_text", "story", "content_text", "plain_text", "plaintext", "text_content",
        "cleaned_text", "raw_text", "raw_content", "page_content", "markdown", "contents", "message", "log", "blocks",
        "components", "paragraphs", "encoded", "content_elements", "selftext",
        "inhalt", "artikeltext", "contenu", "texte", "corps", "contenido", "cuerpo", "texto", "testo", "corpo",
        "contenuto", "conteudo", "conteúdo", "tekst", "treść", "текст", "正文", "内容", "內容", "本文", "본문", "내용",
        "isi", "konten", "النص", "متن",
    ),
    "html": ("html", "raw_html", "content_html", "body_html", "html_content", "page", "source_html", "article_html",
             "page_html"),
    "summary": ("summary", "description", "abstract", "excerpt", "lead", "teaser", "standfirst", "subtitle", "dek",
                "snippet", "intro", "trail_text", "short_description"),
    "byline": ("byline", "authors", "author", "creator", "writer", "journalist", "author_name", "authors_byline",
               "primary_author",
               "published_by", "credits", "by", "autor", "autorin", "autoren", "autores", "auteur", "auteurs", "autore",
               "автор", "作者", "記者", "著者", "기자", "penulis"),
    "dateline": ("dateline",),
    "language": ("language", "lang", "locale", "language_code"),
    "published": (
        "published", "published_at", "publication_date", "pub_date", "pubdate", "publish_date", "date_published",
        "date_publish", "published_date", "publish_time", "published_time", "display_date", "date_gmt", "date",
        "datetime", "timestamp",
        "published_on", "web_publication_date", "published_utc", "first_published", "release_date", "post_date",
        "publication_timestamp", "version_created", "publish_datetime_utc", "created_at", "created_utc", "created",
        "veröffentlicht", "veroeffentlicht", "datum", "date_publication", "fecha", "fecha_publicacion",
        "data_publicacao", "data_pubblicazione", "дата", "发布时间", "發布時間", "日期", "公開日", "날짜", "tanggal",
    ),
    "modified": ("modified_gmt", "modified", "modified_at", "updated", "updated_at", "date_modified", "last_modified",
                 "modify_date",
                 "last_updated"),
    "fetched": ("fetched", "fetched_at", "crawled", "crawled_at", "crawl_date", "scraped_at", "date_download",
                "retrieved", "retrieved_at", "downloaded_at", "crawl_time"),
    "source": ("source", "source_name", "publisher", "site", "site_name", "sitename", "website", "domain", "outlet",
               "media", "provider", "publication", "newspaper", "host", "hostname", "clean_url",
               "origin"),
    "url": ("url", "link", "web_url", "page_url", "permalink", "href", "uri", "original_url", "source_url",
            "url_source",
            "article_url", "alternate"),
    "canonical_url": ("canonical_url", "canonical", "canonical_link"),
    "keywords": ("keywords", "tags", "topics", "labels", "categories", "subjects"),
    "section": ("section", "section_name", "category", "rubric", "desk"),
    "status": ("pubstatus", "status"),
    "embargoed": ("embargoed", "embargoed_until", "embargo_until", "embargo_date", "embargo", "sperrfrist"),
    "truncated": ("truncated", "is_truncated"),
}  # fmt: skip
"""For each field of ours, the names that others give it, the most telling first."""


_ERROR_MARKS = frozenset(
    {"error", "errors", "fault", "error_code", "error_message", "status_code", "documentation_url"}
)
_ERROR_KEYS = _ERROR_MARKS | {
    "status", "code", "message", "detail", "details", "title", "type", "instance", "request_id", "trace_id", "success",
    "timestamp", "path", "description", "error_description",
}  # fmt: skip
_LOG_MARKS = frozenset(
    {"level", "levelname", "log_level", "log.level", "loglevel", "severity", "severity_text", "logger", "logger_name"}
)
_LOG_TEXTS = frozenset({"message", "log", "msg"})
_MAX_LOGGED_CHARS = 300
_FAILED = ("error", "fail", "failed", "failure")
_MAX_KEYS = 2_000  # of an object
_MAX_NAME_CHARS = 100  # of a key; a longer one is no name
_MIN_SUMMARY_CHARS = 400  # longer than any teaser
_NESTED = ("links", "metadata", "meta", "attributes", "fields", "taxonomy")
"""Objects that have more fields of an article; what stands beside them counts more."""
PARTS = ("pages", "sections")
"""Lists of objects that have the parts of a text; as lists of texts they are names."""


_BRACKETS = re.compile(r"[()]")
_SUFFIX = re.compile(r"_(?:ss?|t|txt|t?dt)\Z")
"""What Solr's dynamic fields have for their type: ``title_s``, ``body_txt``."""
_TEASER_CHARS = 60


def normalised(name: str) -> str:
    """A key in lower case with single underscores between its words: ``publishedAt`` is ``published_at``."""
    name = _BRACKETS.sub("", name[:_MAX_NAME_CHARS].rpartition(":")[2])  # content:encoded, author(s)
    words = "".join(
        f"_{char}" if char.isupper() and before.islower() else char
        for before, char in zip(" " + name, name, strict=False)
    )
    return "_".join(words.lower().replace("-", "_").replace(" ", "_").split("_")).strip("_")


def without_type(name: str) -> str:
    """A normalised key without what Solr's dynamic fields have for their type."""
    return _SUFFIX.sub("", name)


def has_text(document: Json) -> bool:
    """Whether an object has a key that usually holds a text."""
    return any(normalised(key) in (*NAMES["body"], *NAMES["html"]) for key in islice(document, _MAX_KEYS))


def is_api_error(document: Json) -> bool:
    """Whether a server sent the object instead of an article: ``{"status": "error", "message": …}``."""
    if len(document) > len(_ERROR_KEYS):
        return False
    keys = {normalised(key) for key in document}
    status = document.get("status")
    has_failed = status in _FAILED or (isinstance(status, int) and not isinstance(status, bool) and status >= 400)
    return keys <= _ERROR_KEYS and (has_failed or not keys.isdisjoint(_ERROR_MARKS))


def is_log_entry(document: Json, *, is_in_log: bool = False) -> bool:
    """Whether an object is what a program says of itself: ``{"level": "info", "message": "Started"}``.

    ``is_in_log``: it stands in a line of a log, and so needs no level.
    """
    by_name = {normalised(key): value for key, value in islice(document.items(), _MAX_KEYS)}
    if not is_in_log and by_name.keys().isdisjoint(_LOG_MARKS):
        return False
    texts = by_name.keys() & {*NAMES["headline"], *NAMES["body"], *NAMES["html"], "msg"}
    return bool(texts) and texts <= _LOG_TEXTS and all(_is_short_line(by_name[name]) for name in texts)


def _is_short_line(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_LOGGED_CHARS and "\n" not in value and "{" not in value


def _read(document: Json) -> Fields:
    around = [inner for key in _NESTED if isinstance(inner := document.get(key), Mapping)]
    within = [embedded] if isinstance(embedded := document.get("_embedded"), Mapping) else []
    by_name = {
        normalised(key): value
        for source in (*around, document, *within)  # WordPress has the author's number, and embeds the author
        for key, value in islice(source.items(), _MAX_KEYS)
        if value is not None
    }
    by_name = {without_type(name): value for name, value in by_name.items()} | by_name
    found = {}
    for field, names in NAMES.items():
        values = [by_name[name] for name in names if name in by_name]
        if values:
            # An empty value counts only if no other key has one.
            found[field] = next((value for value in values if value not in ("", [], {})), values[0])
            if field == "body":
                found[field] = next((value for value in values if _goes_on(value, found[field])), found[field])
    return found if "body" in found or "html" in found else found | _text_elsewhere(by_name, found)


def _text_elsewhere(by_name: Json, found: Fields) -> Fields:
    """The text of an object that has none under a name for it, and no summary if that is the text."""
    summary = found.get("summary", "")
    is_long = len(str(summary)) >= _MIN_SUMMARY_CHARS
    parts = next(filter(_are_objects, map(by_name.get, PARTS)), ())
    if parts and (any(map(has_text, parts)) or not is_long):  # sections may be those of the site
        return {"body": parts}
    # Google Reader's API, as FreshRSS and others have it; some news APIs have the text or its start nowhere else.
    return {"body": summary, "summary": None} if is_long or isinstance(summary, Mapping) else {}


def _goes_on(value: object, start: object) -> bool:
    """Whether a text is the whole of which the other is the start."""
    if not isinstance(value, str) or not isinstance(start, str) or len(value) <= len(start):
        return False
    return start[:_TEASER_CHARS] in value and len(start) > _TEASER_CHARS


def _are_objects(parts: object) -> bool:
    return isinstance(parts, list) and bool(parts) and all(isinstance(part, Mapping) for part in parts)


FORMAT: Format[Json] = Format(
    name="other JSON",
    recognised_by="the usual names: `title`, `content`, `published_at`, `author`, `link` …",
    link="workers/clean/input/formats/similar.py",
    group=Group.OWN,
    text_in="`body`, `text`, `html` or one of their usual names",
    matches=lambda document: True,
    read=_read,
)
