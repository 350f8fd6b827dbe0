"""Bylines: people, without addresses, jobs, places and agencies."""

from __future__ import annotations

import pytest

from workers.clean.fields.authors import agency_of, names, offices


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("Written by Ida Holm", ["Ida Holm"]),
        ("Words: Ida Holm", ["Ida Holm"]),
        # what buttons beside it say
        ("Ida Holm\nShare this: Facebook | Twitter", ["Ida Holm"]),
        ("By Ida Holm Click to share on X (Opens in new window) X", ["Ida Holm"]),
        ("Ida Holm Print Email Share", ["Ida Holm"]),
        ("Ida Holm Follow @ida", ["Ida Holm"]),
        ("Ida Holm Email the author", ["Ida Holm"]),
        ("Ida Holm Like this: Like Loading...", ["Ida Holm"]),
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
        ("Jon Vale, Chief Political Correspondent", ["Jon Vale"]),
        ("Jon Vale, Senior Business Reporter and Ida Holm, Deputy Foreign Editor", ["Jon Vale", "Ida Holm"]),
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
        ("Ida Holm, Oslo", ["Ida Holm"]),
        ("Ida Holm, Reporter in Oslo", ["Ida Holm"]),
        ("Ida Holm, DVM", ["Ida Holm"]),
        ("Ida Holm Vice President of Ferries", ["Ida Holm"]),
        ("Ida Holm March 7, 2025", ["Ida Holm"]),
        ("By Ida Holm - June 12, 2025", ["Ida Holm"]),
        ("Posted by Ida Holm on Friday, March 7, 2025 at 8:15 am", ["Ida Holm"]),
        ("Ida Holm am 7. März 2025 um 8.15 Uhr", ["Ida Holm"]),
        ("Publicado por Ida Holm el 7 de marzo de 2025", ["Ida Holm"]),
        ("Updated March 7, 2025 | Written by Ida Holm", ["Ida Holm"]),
        ("This article was written by Ida Holm", ["Ida Holm"]),
        ("Author Ida Holm", ["Ida Holm"]),
        ("Authors: Ida Holm, Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("The Author", []),
        ("View all posts by Ida Holm", ["Ida Holm"]),
        ("View Full Profile", []),
        ("By Ida Holm | Reviewed by Jon Vale", ["Ida Holm"]),
        ("Text: Ida Holm, Fotos: Jon Vale", ["Ida Holm"]),
        ("Por: Ida", ["Ida"]),
        ("Par Ida Holm et Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Av Ida Holm og Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Ida Holm och Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Di Ida Holm e Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Ida Holm/Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Ida Holm – political editor", ["Ida Holm"]),
        ("Автор: Ида Хольм", ["Ида Хольм"]),
        ("記者：王小明", ["王小明"]),
        ("홍길동 기자", ["홍길동"]),
        # what stands beside a byline
        ("Ida Holm Last updated on 7 March 2025", ["Ida Holm"]),
        ("Ida Holm Published: Mar 7, 2025 Boats and Tides", ["Ida Holm"]),
        ("By Ida Holm | March 7, 2025 (8:15 AM ET)", ["Ida Holm"]),
        ("Ida Holm 7 March 2025 / 08:15 GMT", ["Ida Holm"]),
        ("Ida Holm Facebook Twitter", ["Ida Holm"]),
        ("By Ida Holm Share", ["Ida Holm"]),
        ("Ida Holm Head Shipwright, Co-Founder", ["Ida Holm"]),
        ("Ida Maria Holm Senior Staff Writer", ["Ida Maria Holm"]),
        ("Ida Holm Ida Holm", ["Ida Holm"]),
        ("Ida Holm Fact-checked by Jon Vale", ["Ida Holm"]),
        ("Fact checked", []),
        ("More about this author", []),
        ("https://www.facebook.com/courier.example", []),
        ("By", []),
        ("Human in the loop", ["Human in the loop"]),
        ("Holm, Ida and Vale, Jon", ["Ida Holm", "Jon Vale"]),
        ("Von der Leyen, Ada", ["Ada Von der Leyen"]),
        ("Holm, Ida & Vale, Jon", ["Ida Holm", "Jon Vale"]),
        ("IDA HOLM AND JON VALE", ["IDA HOLM", "JON VALE"]),
        ("By Ida Holm and by Jon Vale", ["Ida Holm", "Jon Vale"]),
        ("Analysis by Ida Holm", ["Ida Holm"]),
        ("<a href='/ida'>Ida Holm</a>", ["Ida Holm"]),
        ("Por Redacción", []),
        ("jse", []),
        ("AFP", []),
        ("AFP/Reuters", []),
        ("AFP, MANILA", []),
        ("Von dpa", []),
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


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("The Associated Press", ("The Associated Press",)),
        ("By Associated Press 12:20pm March 7, 2025", ("Associated Press",)),
        ("Reuters, AFP", ("Reuters", "AFP")),
        ("Von dpa", ("dpa",)),
        ("Harbour Desk", ("Harbour Desk",)),
        ("TC Staff", ("TC Staff",)),
        ("Kurier-Redaktion", ("Kurier-Redaktion",)),
        ("The Courier", ()),
        ("Staff", ()),
        ("Staff Reporter", ()),
        ("Editorial Team", ()),
        ("Agencies", ("Agencies",)),
        ("By Staff Reporter and agencies", ()),
        ("Reuters and agencies", ("Reuters",)),
        ("Ida Holm, political editor", ()),
    ],
)
def test_agencies_and_desks_sign_as_the_byline_writes_them(byline: str, expected: tuple[str, ...]) -> None:
    assert offices(byline, ["The Courier"]) == expected
