"""The clean stage: raw message in, clean article out, and everything that was taken out kept with its place.

Reading order: ``article`` (the stage), ``formats``, ``html``, ``tree`` and ``metadata`` (what comes in), ``text``
(repair, spans), ``parts`` (what is found in a text), ``units``, ``rules`` with ``rules.toml``, ``boilerplate``,
``appeals`` and ``surroundings`` (furniture), ``agencies``, ``captions``, ``credits``, ``headings``, ``dates``,
``urls``, ``language``.
Pure functions: no clock, environment, I/O or logging.
"""

from workers.clean.article import article_id, clean
from workers.clean.text import restore

__all__ = ["article_id", "clean", "restore"]
