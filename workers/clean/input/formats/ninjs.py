"""IPTC's ninjs, versions 1 to 3."""

from __future__ import annotations

from typing import Any

from workers.clean.input.formats.base import Fields, Format, Json, first, objects, picked

_OWN_KEYS = frozenset({"body_html", "body_xhtml", "body_text", "bodies", "body"})
_NINJS_KEYS = frozenset({"versioncreated", "versionCreated", "pubstatus", "pubStatus", "firstcreated", "firstCreated"})
_MAIN_ROLES = ("main", "body", "", None)

_read_paths = picked(
    id=("uri", "altids.guid"),
    headline=("headline", "title"),
    summary=("description_text", "description_summary"),
    byline=("byline", "by"),
    dateline=("dateline", "slugline.dateline"),
    published=("firstcreated", "firstCreated", "contentcreated", "contentCreated", "versioncreated", "versionCreated"),
    modified=("contentmodified", "versioncreated", "versionCreated"),
    source=("copyrightholder", "copyrightHolder", "usageterms_source", "source"),
    url=("url", "canonicalurl", "links.canonical"),
    language="language",
    status=("pubstatus", "pubStatus"),
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
    return found


def _body(document: Json) -> tuple[Any, Any]:
    """The body as text and as HTML; one of them is enough."""
    text, markup = first(document, "body_text", "body"), first(document, "body_html", "body_xhtml")
    for body in sorted(objects(document.get("bodies")), key=lambda body: body.get("role") not in _MAIN_ROLES):
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
    return next((value for item in items if (value := item.get("value") or item.get("name"))), None)


FORMAT: Format[Json] = Format(
    name="ninjs",
    recognised_by="`body_html`, `body_text` or `bodies`, or `versioncreated` or `pubstatus` beside a body",
    link="https://iptc.org/standards/ninjs/",
    matches=lambda document: (
        bool({"body_html", "body_xhtml", "body_text", "bodies"} & document.keys())
        or bool(_NINJS_KEYS & document.keys() and _OWN_KEYS & document.keys())
    ),
    read=_read,
)
