"""Reads raw bytes as the text and fields of one article.

Reading order: ``formats`` (which format the bytes are in), ``decoding``, ``html`` (web pages), ``html_limits``,
``html_metadata``.
"""
