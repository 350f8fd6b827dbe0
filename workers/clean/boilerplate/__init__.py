"""Finds boilerplate: line rules, lists of links, donation appeals and page chrome.

Reading order: ``rules`` with ``rules.toml``, ``appeals``, ``lines`` (what a unit shows by itself), ``page_chrome``
(what only the whole text shows).
"""
