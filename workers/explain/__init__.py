"""Explains one article: what was cut and why, and every decision after it.

In reading order:

- ``pieces``: a text as pieces, some of which are marked: cuts, mentions.
- ``comparing``: what two texts share, and what changed between them.
- ``facts``: what is known of an article; ``in_files`` finds it in files, and ``in_topics`` in the topics.
- ``explanation``: the facts put in order and in words: what the renderers show.
- ``terminal`` and ``page``: the explanation as text and as an HTML page.
"""
