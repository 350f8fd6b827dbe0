"""Words that both cleaning and entity recognition look for: news agencies, desks, months, particles of names.

``agencies`` reads ``agencies.tsv``; ``desks``, ``months`` and ``particles`` are short lists. Each module gives its
words as pieces of regular expressions that need no escaping, also within verbose patterns.
"""
