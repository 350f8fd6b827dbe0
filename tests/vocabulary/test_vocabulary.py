"""The shared word lists: what the patterns match, and that the table of agencies is consistent."""

from __future__ import annotations

import re

import pytest

from workers.vocabulary.agencies import (
    AGENCIES,
    AGENCY_NAMES,
    CREDITED_AGENCY,
    PHOTO_AGENCY,
    PICTURE_AGENCY,
    TEXT_AGENCY,
)
from workers.vocabulary.months import MONTH, MONTH_EXACTLY, MONTH_START, MONTHS
from workers.vocabulary.particles import PARTICLE, PARTICLES


def test_a_surface_names_one_agency() -> None:
    surfaces = [surface.lower() for agency in AGENCIES for surface in agency.texts]
    assert len(surfaces) == len(set(surfaces)) == len(AGENCY_NAMES)


def test_every_agency_signs_texts_or_pictures() -> None:
    assert all(agency.texts or agency.credits or agency.pictures for agency in AGENCIES)


def test_an_agency_that_signs_texts_is_found_by_its_own_name() -> None:
    for agency in AGENCIES:
        if agency.texts:
            assert AGENCY_NAMES[agency.name.lower()] == agency.name


def test_what_signs_only_pictures_does_not_sign_both() -> None:
    for agency in AGENCIES:
        assert not set(agency.credits) & set(agency.pictures)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (TEXT_AGENCY, ["AFP", "Afp", "dpa", "The Canadian Press", "RFE/RL"], ["afp", "Getty Images"]),
        (CREDITED_AGENCY, ["AFP", "REUTERS", "Anadolu Agency"], ["Afp", "Getty"]),
        (PICTURE_AGENCY, ["Getty Images", "EPA-EFE", "AP Photo"], ["AP"]),
        (PHOTO_AGENCY, ["AP", "AP Photo", "EFE"], ["CNN"]),
        (MONTH, ["Jan", "January", "Sept", "September", "June"], ["january", "Now"]),
        (MONTH_EXACTLY, ["Sep", "Sept", "September", "May"], ["Septem", "Mayor"]),
        (MONTH_START, ["Jan", "May"], ["January"]),
        (PARTICLE, ["de", "della", "van", "ibn"], ["De", "and"]),
    ],
)
def test_a_pattern_matches_its_words_and_no_others(pattern: str, matching: list[str], other: list[str]) -> None:
    for flags in (re.NOFLAG, re.VERBOSE):
        assert all(re.fullmatch(pattern, word, flags) for word in matching)
        assert not any(re.fullmatch(pattern, word, flags) for word in other)


def test_there_are_twelve_months_and_no_particle_twice() -> None:
    assert len(MONTHS) == 12
    assert len(PARTICLES) == len(set(PARTICLES))
