"""IPTC's ninjs, versions 1 to 3."""

from __future__ import annotations

from typing import Any

from workers.clean.input.formats.base import Fields, Format, Group, Json, first, objects, picked

_BODY_KEYS = frozenset({"body_html", "body_xhtml", "body_nitf", "body_text", "body_main", "body_richtext", "bodies"})
_NINJS_KEYS = frozenset({"versioncreated", "versionCreated", "pubstatus", "pubStatus", "firstcreated", "firstCreated"})
_MAIN_ROLES = ("main", "body", "", None)
_BODY_ROLES = (*_MAIN_ROLES, "richtext", "fulltext")

_read_paths = picked(
    id=("uri", "guid", "altids.guid"),
    headline=("headline", "headline_main", "title", "name"),
    summary=("description_text", "description_summary", "description_main", "description_html"),
    byline=("byline", "by"),
    dateline="dateline",
    published=("firstcreated", "firstCreated", "contentcreated", "contentCreated", "versioncreated", "versionCreated"),
    modified=("contentmodified", "versioncreated", "versionCreated"),
    source=("copyrightholder", "copyrightHolder", "source", "provider"),
    url=("url", "canonicalurl", "links.canonical", "altids.url", "link"),
    language="language",
    status=("pubstatus", "pubStatus"),
    embargoed=("embargoed", "embargoedUntil"),
)


def _read(document: Json) -> Fields:
    found = _read_paths(document)
    text, markup = _body(document)
    found |= {"body": text} if text else {"html": markup}
    for field, key in (("headline", "headlines"), ("summary", "descriptions"), ("byline", "bylines")):
        if field not in found and (value := _main(document.get(key))):
            found[field] = value
    if sources := [name for source in objects(document.get("infosources")) if (name := source.get("name"))]:
        found.setdefault("source", sources[0])
    subjects = objects(document.get("subject")) or objects(document.get("subjects"))
    if names := [name for subject in subjects if (name := subject.get("name"))]:
        found["keywords"] = names
    elif keywords := document.get("keywords"):
        found["keywords"] = keywords
    people = objects(document.get("people")) or objects(document.get("person"))
    authors = [person.get("name") for person in people if person.get("rel") in ("author", "creator")]
    if authors and "byline" not in found:
        found["byline"] = authors
    if first(document, "representationtype", "representationType") == "incomplete":
        found["truncated"] = True
    return found


def _body(document: Json) -> tuple[Any, Any]:
    """The body as text and as HTML; one of them is enough."""
    text = first(document, "body_text", "body_main", "body")
    markup = first(document, "body_html", "body_xhtml", "body_richtext", "body_nitf")
    bodies = objects(document.get("bodies"))
    for body in [body for body in bodies if body.get("role") in _BODY_ROLES] or bodies:
        kind = str(body.get("contenttype") or body.get("contentType") or "")
        if "html" in kind:
            markup = markup or body.get("value")
        else:
            text = text or body.get("value")
    # HTML has the paragraphs; a text may be one long line.
    return (None, markup) if markup else (text, None)


def _main(values: object) -> Any:
    """The value of the main item of a list of texts with roles."""
    items = sorted(objects(values), key=lambda item: item.get("role") not in _MAIN_ROLES)
    return next((value for item in items if (value := item.get("value") or item.get("by") or item.get("name"))), None)


FORMAT: Format[Json] = Format(
    name="ninjs",
    recognised_by="`versioncreated`, `firstcreated` or `pubstatus` (also `versionCreated` …), and `body_html`, "
    "`body_text`, `body_main`, `bodies` or `body`; or `uri` and one of the bodies",
    link="https://iptc.org/standards/ninjs/",
    group=Group.AGENCIES,
    text_in="`body_html`, `body_text`, `body_main` or `bodies`",
    matches=lambda document: (
        bool(_NINJS_KEYS & document.keys() and (_BODY_KEYS | {"body"}) & document.keys())
        or bool("uri" in document and _BODY_KEYS & document.keys())
    ),
    read=_read,
)
