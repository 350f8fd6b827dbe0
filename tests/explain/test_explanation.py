"""What is explained of an article in a file, and how it is shown."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest

from schemas import encode
from tests.dedupe.support import BOTH, DAM, QUAKES, RESCUE, WALL
from tests.dedupe.test_background import BACKGROUND, DRONES, TALKS
from tests.deploy.programs import browse, needs
from tests.explain.support import ARTICLE, BRIDGE, NOW, REVISION, SETTINGS, explained, inputs
from workers.cli.demo.samples import samples
from workers.errors import NotFoundError
from workers.explain import in_files
from workers.explain.explanation import Explanation, Field, RevisionReport, explain
from workers.explain.facts import Member, Refusal
from workers.explain.in_files import Choice, SeveralArticlesError
from workers.explain.page import as_page
from workers.explain.pieces import CUT, FIELD, LEFT_OUT, MENTION, SHARED, Piece, shortened
from workers.explain.terminal import as_text
from workers.outcomes import Outcome

PNG = b"\x89PNG\r\n\x1a\n"
SIZE = "1200,1600"
MARKUP = (
    "<script>document.title='run'</script></div></body><style>*{display:none}</style><img src=x onerror=alert(1)> & "
)
CONTROLS = "\x1b[2J\x1b]0;owned\x07 \u202e"
HOSTILE = MARKUP + CONTROLS


def hostile() -> Explanation:
    """An explanation with markup and terminal controls wherever there is text of strangers."""
    explanation = explained(1)
    pieces = (Piece(text=HOSTILE), Piece(text=HOSTILE, mark=CUT, label=HOSTILE), *explanation.text)
    return replace(
        explanation,
        where=HOSTILE,
        headline=HOSTILE,
        notes=(HOSTILE,),
        refusal=Refusal(stage="clean", reason="no_body", message=HOSTILE, todo=""),
        seen=HOSTILE,
        fields=(Field(name="source", value=HOSTILE),),
        text=pieces,
        revision=RevisionReport(previous=MEMBER, headline=pieces, body=pieces),
        story=(MEMBER,),
    )


MEMBER = Member(where=HOSTILE, id="1", headline=HOSTILE, source=HOSTILE)


def answers(explanation: Explanation) -> dict[str, str]:
    return {each.about: each.answer for each in explanation.decisions}


def why(explanation: Explanation) -> dict[str, str]:
    return {each.about: each.why for each in explanation.decisions}


def labels(pieces: Iterable[Piece], mark: str) -> list[tuple[str, str | None]]:
    return [(piece.text.strip(), piece.label) for piece in pieces if piece.mark == mark]


def test_a_notice_is_explained_with_what_it_is_about() -> None:
    killed = {"headline": "KILL ADVISORY: Bridge", "source": "Wire", "body": "\n\n".join(BRIDGE)}
    decisions = {each.about: (each.answer, each.why) for each in explained(2, (ARTICLE, killed)).decisions}
    about = decisions["story"][0].removeprefix("story-")  # a story is named after its first article
    assert decisions["notice"] == (f"a withdrawal of {about}", "a line says “KILL ADVISORY: Bridge”")
    assert decisions["copy"] == ("no", "a notice is passed on, whatever text it repeats")


def test_every_cut_is_in_its_place_with_its_rule() -> None:
    explanation = explained(1)
    assert "".join(piece.text for piece in explanation.text) == ARTICLE["body"].replace("\n\n", "\n")
    assert labels(explanation.text, CUT) == [
        ("Advertisement", "ad-label (ad)"),
        ("Sign up for our newsletter", "newsletter (promo)"),
    ]
    assert labels(explanation.text, FIELD) == [("KESTREL BAY (Reuters) -", "dateline (dateline)")]
    assert [(cut.rule, cut.cuts, cut.kept_as_field) for cut in explanation.cuts] == [
        ("dateline", 1, True),
        ("ad-label", 1, False),
        ("newsletter", 1, False),
    ]


def test_a_new_article_has_its_fields_and_its_entities() -> None:
    explanation = explained(1)
    assert explanation.outcome is Outcome.ENRICHED
    assert answers(explanation) | {"story": "", "entities": ""} == {
        "format": "JSON in our own format", "cuts": "3 cuts, 65 of 454 characters", "language": "en",
        "fields": "1 field could not be used", "copy": "no", "revision": "no", "story": "", "entities": "",
    }  # fmt: skip
    assert [warning.field for warning in explanation.warnings] == ["published"]
    assert ("Rotterdam", "GPE") in [label for text in explanation.mentions for label in labels(text.text, MENTION)]


def test_a_copy_is_beside_its_original() -> None:
    explanation = explained(2)
    assert explanation.outcome is Outcome.DUPLICATE
    assert answers(explanation)["copy"].startswith("yes: near, score 100%, of ")
    assert explanation.copy
    assert explanation.copy.original.where == "crawl.jsonl, line 1"
    assert (explanation.copy.words_of_copy, explanation.copy.passages) == (1.0, 1)


def test_a_text_of_a_series_is_beside_the_first_one() -> None:
    explanation = explained(2, [{"body": text} for text in QUAKES])
    assert explanation.copy
    assert explanation.copy.of_series
    assert "The first text is" in as_text(explanation)
    assert ("local time at a depth of", "2") in labels(explanation.copy.copy_text, SHARED)


def test_an_article_is_beside_one_with_the_same_background_and_says_why_it_is_no_copy() -> None:
    texts = (f"{TALKS}\n{BACKGROUND}", f"{DRONES}\n{BACKGROUND}")
    explanation = explained(2, [{"body": text} for text in texts])
    assert explanation.copy
    assert "background" in why(explanation)["copy"]
    assert explanation.copy.original.id in why(explanation)["copy"]
    shown = as_text(explanation)
    assert "WHAT IT SHARES" in shown
    assert "The other text is" in shown


def test_a_copy_that_a_setting_lets_pass_says_so() -> None:
    off = replace(SETTINGS, copies_off=("kind:near",))
    texts = (f"{TALKS}\n{BACKGROUND}", f"{TALKS}\n{BACKGROUND.replace('dam', 'canal')}")
    facts = in_files.find(inputs([{"body": text} for text in texts]), Choice(number=2), off, NOW)
    assert "COPYDESK_COPIES_OFF" in why(explain(facts, off))["copy"]


def test_a_revision_that_has_the_text_of_another_article_is_beside_that() -> None:
    elsewhere = {"url": "https://other.example/bridge", "source": "Other Post", "id": "b1"}
    explanation = explained(3, (ARTICLE, {"body": DAM} | elsewhere, ARTICLE | elsewhere))
    assert explanation.revision
    assert explanation.copy
    assert explanation.copy.original.where == "crawl.jsonl, line 1"


def test_a_revision_says_what_changed() -> None:
    explanation = explained(3)
    assert answers(explanation)["revision"].startswith("2 of ")
    assert explanation.revision
    shown = as_text(explanation)
    assert "1 sentence added, 1 sentence removed" in " ".join(shown.split())
    assert "{+Nobody was hurt.+}" in shown
    assert "[-Engineers found" in shown


def test_a_refusal_says_why_and_what_came() -> None:
    shown = as_text(explained(4))
    assert "by clean: no_body" in shown
    assert "body, text and html are missing or empty" in " ".join(shown.split())
    assert '{"id":"a4","body":""}' in shown
    assert "0x00" not in as_text(explained(1, [b"\x00\xff\x1b[2J"]))


@pytest.mark.parametrize("choice", [Choice(line=2), Choice(id="a2"), Choice(number=2, line=2)])
def test_an_article_is_chosen_by_line_or_id(choice: Choice) -> None:
    assert in_files.find(inputs(), choice, SETTINGS, NOW).where == "crawl.jsonl, line 2"


def test_an_article_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NotFoundError, match="none of its 4 articles has number 9"):
        in_files.find(inputs(), Choice(number=9), SETTINGS, NOW)
    with pytest.raises(NotFoundError, match="no article in it"):
        in_files.find(inputs(()), Choice(), SETTINGS, NOW)


def test_without_a_choice_several_articles_are_listed() -> None:
    with pytest.raises(SeveralArticlesError) as error:
        in_files.find(inputs([ARTICLE] * 30), Choice(), SETTINGS, NOW)
    assert (len(error.value.listed), error.value.more) == (20, True)
    with pytest.raises(SeveralArticlesError) as error:
        in_files.find(inputs(), Choice(), SETTINGS, NOW)
    assert [line.split()[4] for line in error.value.listed] == ["unique", "copy", "revision", "refused"]
    assert in_files.find(inputs([ARTICLE]), Choice(), SETTINGS, NOW).outcome is Outcome.UNIQUE


def test_long_texts_are_shortened_but_for_their_marks() -> None:
    pieces = (Piece(text="word " * 1_000), Piece(text="cut", mark=CUT), Piece(text="word " * 1_000))
    shown = shortened(pieces)
    assert [piece.mark for piece in shown] == [None, LEFT_OUT, None, CUT, None, LEFT_OUT, None]
    assert "characters not shown" in shown[1].text
    assert sum(len(piece.text) for piece in shown) < 1_500
    assert len(as_text(explained(1, [ARTICLE | {"body": "\n".join(BRIDGE) * 50}]), full=True)) > 15_000


def test_the_same_article_is_always_explained_alike() -> None:
    assert encode(explained(2)) == encode(explained(2))
    assert orjson.loads(encode(explained(2)))["duplicate"]["kind"] == "near"


def test_colours_are_for_terminals() -> None:
    assert "\x1b[" not in as_text(explained(1))
    shown = as_text(explained(1), colour=True, width=80)
    assert "\x1b[9;31mAdvertisement" in shown
    assert "[-" not in shown


def test_a_terminal_gets_nothing_to_obey() -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", as_text(hostile()))


class Elements(HTMLParser):
    """The names of the elements, and the attributes that load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loading: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loading += [name for name, _ in attrs if name in ("src", "href", "srcset") or name.startswith("on")]


def test_the_page_loads_and_runs_nothing() -> None:
    page = as_page(hostile())
    elements = Elements(page)
    assert elements.loading == []
    assert not {"script", "img", "link", "b", "iframe"} & set(elements.names)
    assert elements.names.count("style") == elements.names.count("body") == 1
    assert not re.search(r"@import|url\(", page)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", page)


@needs("chromium")
@pytest.mark.process
def test_a_browser_shows_the_page_in_light_and_dark(tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    page.write_text(as_page(hostile()), encoding="utf-8")
    report = tmp_path / "report.html"
    report.write_text(as_page(explained(2)), encoding="utf-8")
    light, dark = tmp_path / "light.png", tmp_path / "dark.png"
    shown = browse(page.as_uri(), light, SIZE)
    assert "<title>&lt;script&gt;" in shown
    assert "Rotterdam</mark><small>GPE</small>" in shown
    browse(report.as_uri(), dark, SIZE, dark=True)
    assert first_pixel(light) == b"\xff\xff\xff"
    assert first_pixel(dark) == b"\x14\x18\x1d"


def first_pixel(picture: Path) -> bytes:
    """The red, green and blue of the upper left corner of a PNG."""
    data = picture.read_bytes()
    chunks, start = b"", len(PNG)
    while start < len(data):
        size = int.from_bytes(data[start : start + 4], "big")
        if data[start + 4 : start + 8] == b"IDAT":
            chunks += data[start + 8 : start + 8 + size]
        start += size + 12
    return zlib.decompress(chunks)[1:4]


def test_what_of_a_page_was_not_taken_is_counted() -> None:
    page = next(sample.value for sample in samples() if sample.name == "html-observatory")
    explanation = explained(1, [page])
    assert answers(explanation)["format"] == "a page"
    assert {part.kind for part in explanation.left_out} >= {"navigation", "footer"}
    assert "Not taken from the page" in as_text(explanation)


def test_an_article_that_merges_stories_says_so_and_has_the_articles_of_both() -> None:
    found = explained(4, [{"headline": f"Report {body[:3]}", "body": body} for body in (RESCUE, DAM, WALL, BOTH)])
    decisions = {each.about: each for each in found.decisions}
    assert decisions["story"].why == "with 3 other articles"
    assert decisions["another story"].answer.endswith("merged into it")
    assert [each.headline for each in found.story] == ["Report Res", "Report Eng", "Report Cra"]


def test_a_revision_at_another_url_is_said_to_be_one_by_its_id() -> None:
    moved = REVISION | {"id": ARTICLE["id"], "url": "https://kestrel.example/elsewhere"}
    (revision,) = [each for each in explained(2, [ARTICLE, moved]).decisions if each.about == "revision"]
    assert revision.answer.startswith("2 of ")
    assert revision.why.startswith("another text came from Kestrel Courier under the id a1")


def test_a_version_that_has_taken_over_another_text_is_known_as_the_one_before() -> None:
    place = {"url": "https://kestrel.example/dam"}
    versions = [place | {"body": body} for body in (DAM, RESCUE, f"{RESCUE} The roads stay closed until Friday.")]
    found = explained(4, [{"body": RESCUE, "url": "https://other.example/rescue"}, *versions])
    assert found.revision is not None
    assert {each.about: each for each in found.decisions}["story"].why == "with 2 other articles"
