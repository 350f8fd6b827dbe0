"""What several stages look for: news agencies, desks, months, particles of names, text in quotation marks.

``agencies`` reads ``agencies.tsv``; ``desks``, ``months`` and ``particles`` are short lists. Each of these gives its
words as pieces of regular expressions that need no escaping, also within verbose patterns.
"""
