"""Draws the pictures of the documents into ``deploy/pictures``."""
