"""Bylines: people, without addresses, jobs, places and agencies."""

from __future__ import annotations

import pytest

from workers.clean.fields.authors import agency_of, names


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("Written by Ida Holm", ["Ida Holm"]),
        ("Words: Ida Holm", ["Ida Holm"]),
        ("Von Ida Holm", ["Ida Holm"]),
        ("Por Ida Holm y Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Von Miller", ["Von Miller"]),
        ("Di Maria", ["Di Maria"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Holm, Ida", ["Ida Holm"]),
        ("van der Berg, Piet", ["Piet van der Berg"]),
        ("Holm, Ida; Vale, Jon", ["Ida Holm", "Jon Vale"]),
        (["Holm, Ida", "Jon Vale"], ["Ida Holm", "Jon Vale"]),
        ("Jon Vale, Jr.", ["Jon Vale Jr."]),
        ("Jon Vale, Jr., and Ida Holm", ["Jon Vale Jr.", "Ida Holm"]),
        ("Jon Vale III", ["Jon Vale III"]),
        ("Ida Holm, MD", ["Ida Holm"]),
        ("Dr. Ida Holm", ["Dr. Ida Holm"]),
        ("Ida Holm (ida@courier.example)", ["Ida Holm"]),
        ("Ida Holm <ida@courier.example>", ["Ida Holm"]),
        ("ida@courier.example (Ida Holm)", ["Ida Holm"]),
        ("Ida Holm @idaholm", ["Ida Holm"]),
        ("Ida Holm, 43", ["Ida Holm"]),
        ("Ida Holm (43)", ["Ida Holm"]),
        ("Ida Holm (iho)", ["Ida Holm"]),
        ("Ida Holm, political editor", ["Ida Holm"]),
        ("Ida Holm Harbour Correspondent", ["Ida Holm"]),
        ("Ida Holm in Port Ellery and Jon Vale in Saltby", ["Ida Holm", "Jon Vale"]),
        ("Ida Holm / Reuters", ["Ida Holm"]),
        ("Ida Holm|Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Ida Holm\nJon Vale", ["Ida Holm", "Jon Vale"]),
        ("IDA HOLM, Ida Holm", ["IDA HOLM"]),
        ("佐藤花子、鈴木一郎", ["佐藤花子", "鈴木一郎"]),
        ("AFP", []),
        ("Staff Reporter", []),
        ("admin", []),
        ("https://courier.example/ida", []),
        ("x" * 3_000, []),
    ],
)
def test_a_byline_gives_people(byline: str | list[str], expected: list[str]) -> None:
    assert list(names(byline)) == expected


@pytest.mark.parametrize("name", ["Courier", "The Courier", "courier.example", "COURIER News", "MDR Nord"])
def test_a_publisher_is_no_person(name: str) -> None:
    assert names([name, "Ida Holm"], ["The Courier", "courier.example", "mdr.de"]) == ("Ida Holm",)


@pytest.mark.parametrize(("byline", "expected"), [("Ida Holm, Reuters", "Reuters"), ("Ida Holm", None), ("dpa", "dpa")])
def test_an_agency_is_told_apart(byline: str, expected: str | None) -> None:
    assert agency_of(byline) == expected
