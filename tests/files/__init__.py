"""Tests of ``workers/files``."""
