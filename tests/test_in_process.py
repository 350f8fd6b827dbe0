"""The stream without a broker, and the command that runs files through it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from schemas import CopyKind, EnrichedArticle, EntityType, UniqueArticle, encode
from tests.dedupe.support import PARAGRAPHS
from tests.shared import needs_shared, seed
from workers.clean.input.reading import MAX_BYTES
from workers.cli import main
from workers.files.articles import articles
from workers.in_process import BATCH_SIZE, InProcessStream, Line
from workers.outcomes import Outcome, Stage
from workers.settings import Settings

NOON = 1_767_268_800_000
LINE = {"input_id", "where", "outcome", "article", "duplicate", "error"}


def through(rows: Iterable[object], first: Stage = Stage.CLEAN, last: Stage = Stage.ENRICH) -> list[Line]:
    """Run the rows (bytes as they are, anything else as JSON) without models: entities come from the lexicon."""
    stream = InProcessStream(Settings(models={}), first, last, NOON)
    return list(stream.run(("rows", row if isinstance(row, bytes) else orjson.dumps(row)) for row in rows))


def process(*arguments: str, input: bytes = b"") -> list[dict[str, Any]]:
    """The output lines of ``copydesk process``."""
    done = CliRunner().invoke(main, ["process", *arguments], input=input, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout_bytes.splitlines()]


def row(body: str, **fields: object) -> dict[str, object]:
    return {"body": body, "language": "en", **fields}


def test_every_input_has_a_line_in_input_order() -> None:
    rows = [row(f"{PARAGRAPHS[n % 6]} {n}.", id=n) for n in range(3 * BATCH_SIZE + 1)]
    rows[40] = row("", id=40)
    lines = through(rows, Stage.DEDUPE, Stage.DEDUPE)
    assert [line.input_id for line in lines] == list(range(len(rows)))
    assert lines[40].outcome is Outcome.DEAD_LETTER


def test_copies_revisions_and_stories_are_found() -> None:
    lines = through(
        [
            row(PARAGRAPHS[0], id="first", url="https://a.example/harbour"),
            row(PARAGRAPHS[0], id="copy", url="https://b.example/harbour"),
            row(f"{PARAGRAPHS[0]} {PARAGRAPHS[1]}", id="revision", url="https://a.example/harbour"),
            row(PARAGRAPHS[1], id="french", language="fr"),
        ],
        Stage.DEDUPE,
    )
    assert [line.outcome for line in lines] == [
        Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.ENRICHED, Outcome.ENRICHED,
    ]  # fmt: skip
    copy = lines[1].duplicate
    assert copy is not None
    assert (copy.duplicate_of, copy.kind, copy.score) == ("first", CopyKind.EXACT, 1.0)
    assert lines[1].article is not None
    assert (lines[1].article.id, lines[1].article.body) == ("copy", PARAGRAPHS[0])
    revision = lines[2].article
    assert isinstance(revision, EnrichedArticle)
    assert (revision.revision, revision.revision_of, revision.story_id) == (2, "first", "story-first")


@pytest.mark.parametrize("first", [Stage.DEDUPE, Stage.ENRICH])
def test_a_later_first_stage_keeps_the_body_unchanged_and_offsets_refer_to_it(first: Stage) -> None:
    body = "  Advertisement\r\n\n A ferry ran aground off  Norway on Monday.\u00a0 \n\n"
    for name in ("body", "text"):
        (line,) = through([{name: body, "id": "x", "headline": " Ferry  aground "}], first)
        article = line.article
        assert isinstance(article, EnrichedArticle)
        assert (article.body, article.headline, article.removed) == (body, " Ferry  aground ", ())
        (norway,) = [entity for entity in article.entities if entity.type is EntityType.GPE]
        assert [body[mention.start : mention.end] for mention in norway.mentions] == ["Norway"]


def test_an_article_counts_as_received_at_the_time_of_the_stream() -> None:
    over, still = through([row(PARAGRAPHS[n], embargoed=f"{2025 + n}-12-31") for n in (0, 1)], last=Stage.CLEAN)
    assert [line.article is not None and line.article.notice is not None for line in (over, still)] == [False, True]


def test_the_stages_run_up_to_the_last_one_asked_for() -> None:
    raw = {"id": 7, "headline": "Pilots stay ashore", "body": PARAGRAPHS[0]}
    outcomes = []
    for last in Stage:
        (line,) = through([raw], Stage.CLEAN, last)
        assert line.article is not None
        outcomes.append((line.outcome, type(line.article).__name__))
    assert outcomes == [
        (Outcome.CLEAN, "CleanArticle"), (Outcome.UNIQUE, "UniqueArticle"), (Outcome.ENRICHED, "EnrichedArticle"),
    ]  # fmt: skip


def test_models_are_not_loaded_without_the_enrich_stage() -> None:
    def no_models(*_: object) -> None:
        raise AssertionError("the models were loaded")

    stream = InProcessStream(Settings(), Stage.DEDUPE, Stage.DEDUPE, NOON, models_loaded=no_models)
    (line,) = stream.run([("x", b'{"body": "A ferry ran aground."}')])
    assert isinstance(line.article, UniqueArticle)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"", "invalid_json"),
        (b"plain text", "invalid_json"),
        (b"[1, 2]", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        ({}, "no_body"),
        ({"body": " \n"}, "no_body"),
        ({"body": 5}, "no_body"),
        ({"body": None, "text": None}, "no_body"),
        ({"body": "x", "headline": 5}, "invalid_field"),
        ({"body": "x", "language": 5}, "invalid_field"),
        ({"body": "x", "published": "some day"}, "invalid_field"),
        ({"body": "x", "url": ["a"]}, "invalid_field"),
        ({"body": "x", "origin": "here"}, "invalid_field"),
    ],
)
@pytest.mark.parametrize("first", [Stage.DEDUPE, Stage.ENRICH])
def test_a_bad_row_is_a_dead_letter_and_does_not_affect_others(bad: object, reason: str, first: Stage) -> None:
    before, line, after = through([row(PARAGRAPHS[0]), bad, row(PARAGRAPHS[2])], first)
    assert (line.outcome, line.article, line.duplicate) == (Outcome.DEAD_LETTER, None, None)
    assert line.error is not None
    assert line.error["reason"] == reason
    assert line.error["message"]
    assert before.outcome is after.outcome is Outcome.ENRICHED


def test_lines_of_one_run_are_the_input_of_the_next() -> None:
    rows: list[Any] = [row(PARAGRAPHS[0]), row(PARAGRAPHS[2]), row(PARAGRAPHS[0]), {"body": ""}]
    through_all = through(rows, Stage.CLEAN)
    for stage in (Stage.CLEAN, Stage.DEDUPE, Stage.ENRICH):
        rows = [orjson.loads(encode(line)) for line in through(rows, stage, stage)]
    assert [line["outcome"] for line in rows] == ["enriched", "enriched", "dead_letter", "dead_letter"]
    assert [line["error"]["reason"] for line in rows[2:]] == ["no_article", "no_article"]
    assert [line["article"] for line in rows[:2]] == [orjson.loads(encode(line))["article"] for line in through_all[:2]]


def test_a_declared_language_is_normalised_and_a_missing_one_detected() -> None:
    lines = through(
        [
            {"body": PARAGRAPHS[0], "language": "en-GB"},
            {"body": PARAGRAPHS[0], "language": "English"},
            {"body": PARAGRAPHS[0]},
            {"body": "Die Lotsen im Hafen weigerten sich am Montag, Tanker an der Mole vorbeizuführen."},
            {"body": "Kurz.", "language": "de"},
        ],
        Stage.DEDUPE,
        Stage.DEDUPE,
    )
    assert [line.article.language for line in lines if line.article] == ["en", "en", "en", "de", "de"]


def test_our_own_records_can_enter_at_their_stage() -> None:
    (clean,) = through([{"id": "mine", "headline": "Ferry", "body": PARAGRAPHS[0]}], Stage.CLEAN, Stage.CLEAN)
    (unique,) = through([clean.article], Stage.DEDUPE, Stage.DEDUPE)
    (enriched,) = through([unique.article], Stage.ENRICH)
    assert clean.article is not None
    assert enriched.article is not None
    assert isinstance(unique.article, UniqueArticle)
    assert (enriched.article.id, enriched.article.origin) == (clean.article.id, clean.article.origin)
    assert enriched.outcome is Outcome.ENRICHED


def test_a_refused_raw_message_has_a_line() -> None:
    lines = through([b"", b"null", b'{"body": ', {"id": 3, "body": ""}, {"id": 4, "body": PARAGRAPHS[0]}])
    assert [line.outcome for line in lines] == [*[Outcome.DEAD_LETTER] * 4, Outcome.ENRICHED]
    assert [line.input_id for line in lines] == [None, None, None, 3, 4]


def test_the_command_reads_json_lines_gzipped_or_not_and_single_articles(tmp_path: Path) -> None:
    body = PARAGRAPHS[0]
    (tmp_path / "a.jsonl").write_bytes(b"\r\n".join(orjson.dumps({"id": n, "body": f"{body} {n}."}) for n in "12"))
    with gzip.open(tmp_path / "b.jsonl.gz", "wb") as lines:
        lines.write(orjson.dumps({"id": "3", "body": PARAGRAPHS[2]}) + b"\n")
    (tmp_path / "c.txt").write_text(f"A comet in October\n\n{PARAGRAPHS[5]}\n")
    (tmp_path / "d.json").write_text(json.dumps({"id": "5", "body": PARAGRAPHS[4]}, indent=2))
    page = f"<html><head><title>Stage race</title></head><body><article><h1>Stage race</h1><p>{PARAGRAPHS[3]}</p>"
    (tmp_path / "e.html").write_text(f"{page}<p>{PARAGRAPHS[2]}</p></article></body></html>")
    files = sorted(str(path) for path in tmp_path.iterdir())
    output = tmp_path / "out"
    assert process("--until", "clean", "-o", str(output), *files) == []
    written = [json.loads(line) for line in output.read_bytes().splitlines()]
    assert all(line.keys() == LINE for line in written)
    assert [line["outcome"] for line in written] == ["clean"] * 6
    assert [line["input_id"] for line in written] == ["1", "2", "3", None, "5", None]
    assert written[3]["article"]["headline"] == "A comet in October"
    assert written[3]["article"]["origin"]["topic"] == files[2]
    assert [line["where"].removeprefix(f"{tmp_path}/") for line in written] == [
        "a.jsonl, line 1", "a.jsonl, line 2", "b.jsonl.gz, line 1", "c.txt", "d.json", "e.html",
    ]  # fmt: skip


def test_a_line_that_decompresses_beyond_any_message_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "bomb.jsonl.gz"
    with gzip.open(file, "wb", compresslevel=1) as lines:
        lines.write(b"a" * (3 * MAX_BYTES) + b"\n" + orjson.dumps(row(PARAGRAPHS[0], id="x")))
    (_, bomb, _), (_, whole, _) = articles([str(file)])
    assert len(bomb) == MAX_BYTES + 1
    assert orjson.loads(whole)["id"] == "x"


def test_without_files_and_with_a_dash_the_command_reads_stdin() -> None:
    lines_in = orjson.dumps(row(PARAGRAPHS[0], id="x")) + b"\n\n"
    for arguments in ([], ["-"]):
        lines = process("--from", "dedupe", "--until", "dedupe", *arguments, input=lines_in)
        assert [(line["input_id"], line["where"]) for line in lines] == [("x", "stdin, line 1")]
    assert process("--until", "clean", input=b"") == []


def test_stages_in_the_wrong_order_are_usage_errors() -> None:
    for arguments, error in (
        (["--from", "enrich", "--until", "clean"], "--from enrich comes after --until clean"),
        (["--from", "print"], "'print' is not one of"),
    ):
        done = CliRunner().invoke(main, ["process", *arguments])
        assert done.exit_code == 2
        assert error in done.output


@pytest.mark.process
@needs_shared
def test_the_seeds_are_two_articles_of_one_story(tmp_path: Path) -> None:
    for prefix in ("000", "001"):
        (tmp_path / f"{prefix}.txt").write_text(seed(prefix))
    command = [sys.executable, "-m", "workers", "process", *(str(tmp_path / f"{name}.txt") for name in ("000", "001"))]
    done = subprocess.run(command, capture_output=True, check=True)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert [first["outcome"], second["outcome"]] == ["enriched", "enriched"]
    assert first["duplicate"] is second["duplicate"] is None
    first, second = first["article"], second["article"]
    assert first["story_id"] == second["story_id"]
    assert first["id"] != second["id"]

    assert first["headline"].startswith("Russia's Putin offers disaster aid")
    assert first["summary"]
    assert first["body"].startswith("Russian President Vladimir Putin offered humanitarian assistance")
    assert first["body"].endswith("South Korea's offer to provide aid.")
    (appeal,) = [span["text"] for span in first["removed"] if span["category"] == "appeal"]
    assert appeal.startswith("Your support helps us")
    assert appeal.strip().endswith("makes all the difference.")
    assert not {"Elon Musk", "The Independent", "Donald Trump"} & {entity["name"] for entity in first["entities"]}
    counts = {entity["name"]: entity["count"] for entity in first["entities"]}
    assert counts["Kim Jong Un"] == 8

    assert second["section"] == "World"
    assert second["published"].startswith("2024-08-04")
    assert second["captions"][0]["credit"]
    assert (second["dateline"]["place"], second["dateline"]["agency"]) == ("Seoul", "Reuters")
    assert second["credits"] == [
        {"name": "Hyonhee Shin", "role": "reporting"}, {"name": "David Gregorio", "role": "editing"},
    ]  # fmt: skip
    assert second["body"].startswith("Russian President Vladimir Putin has offered humanitarian aid")
    assert second["body"].replace("”", '"').endswith('partnership" pact in June.')
    assert "Others Also Read" not in second["body"]


def test_a_row_too_short_for_language_detection_gets_the_main_language() -> None:
    (line,) = through([{"body": "Merkel said little."}], Stage.ENRICH, Stage.ENRICH)
    assert line.article is not None
    assert line.article.language == Settings().languages[0]
