"""The clean stage: a raw message in, a clean article out, and every removed span kept with its offset.

Reading order:

- ``article``: the stage, from bytes to record.
- ``input``: formats, decoding, HTML pages and their metadata.
- ``plain``: what other programs put into plain text: entities, tags, Markdown, wrapped lines.
- ``tables``: reads the tables of rules.
- ``text`` and ``spans``: repair and normal form; cut, restore and offsets.
- ``segments`` and ``units``: what a text consists of, found line by line.
- ``boilerplate``: rules, lists of links, donation appeals, page chrome.
- ``fields``: agencies, bylines, captions, datelines, dates, headlines, language, URLs.
- ``candidates``: which source of a field wins.

Everything here is a pure function: no clock, environment, I/O or logging.
"""

from workers.clean.article import article_id, clean
from workers.clean.spans import restore

__all__ = ["article_id", "clean", "restore"]
