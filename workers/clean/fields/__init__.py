"""Finds and normalises the fields of an article, one module each.

``agencies``, ``bylines``, ``captions``, ``datelines``, ``dates``, ``headlines``, ``language``, ``urls``.
"""
