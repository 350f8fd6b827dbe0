from __future__ import annotations

from collections import Counter

import ftfy
import orjson
import pytest

from workers.cli.demo.samples import Sample, samples
from workers.in_process import InProcessStream
from workers.outcomes import Outcome, Reason, Stage
from workers.settings import Settings

NOW = 1_741_428_000_000
BY_NAME = {sample.name: sample for sample in samples()}


def body(sample: Sample) -> str:
    text: str = orjson.loads(sample.value)["body"]
    return text


def test_there_are_about_forty_samples_with_unique_names() -> None:
    assert 38 <= len(samples()) <= 44
    assert len(BY_NAME) == len(samples())
    assert all(sample.description and sample.value for sample in samples())


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_the_expected_fields_fit_the_outcome(sample: Sample) -> None:
    assert sample.outcome in {Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.DEAD_LETTER}
    assert (sample.reason is not None) == (sample.outcome is Outcome.DEAD_LETTER)
    assert (sample.duplicate_of is not None) == (sample.outcome is Outcome.DUPLICATE)
    if sample.story or sample.revision_of:
        assert sample.outcome is Outcome.ENRICHED


def test_copies_and_revisions_refer_to_an_earlier_enriched_sample() -> None:
    sent: set[str] = set()
    for sample in samples():
        for earlier in filter(None, (sample.duplicate_of, sample.revision_of)):
            assert earlier in sent
            assert BY_NAME[earlier].outcome is Outcome.ENRICHED
        sent.add(sample.name)


def test_stories_have_several_full_length_articles() -> None:
    stories = Counter(sample.story for sample in samples() if sample.story)
    assert stories == {"ferry": 5, "port": 4, "quake": 2, "tunnel": 2}
    assert all(len(body(sample).split()) >= 150 for sample in samples() if sample.story)


def test_refused_samples_cover_several_reasons() -> None:
    assert {sample.reason for sample in samples()} - {None} == {
        Reason.INVALID_JSON,
        Reason.NO_BODY,
        Reason.UNREADABLE,
    }


def test_every_sample_has_the_outcome_that_it_expects() -> None:
    stream = InProcessStream(Settings(models={}), Stage.CLEAN, Stage.ENRICH, NOW)
    lines = list(stream.run((sample.name, sample.value) for sample in samples()))
    assert {
        sample.name: (line.outcome, line.error and line.error["reason"])
        for sample, line in zip(samples(), lines, strict=True)
    } == {sample.name: (sample.outcome, sample.reason) for sample in samples()}


def test_the_recrawled_message_has_the_same_bytes() -> None:
    assert BY_NAME["recrawl-1"].value == BY_NAME["recrawl-2"].value


def test_the_revision_keeps_the_url_and_changes_headline_and_body() -> None:
    first, second = (orjson.loads(BY_NAME[name].value) for name in ("quake-1", "quake-2"))
    assert first["url"] == second["url"]
    assert first["headline"] != second["headline"]
    assert first["body"] != second["body"]


def test_the_mojibake_is_repairable() -> None:
    garbled = body(BY_NAME["mojibake"])
    assert "SÃ£o Paulo" in garbled
    repaired = ftfy.fix_text(garbled)
    assert "João Gonçalves" in repaired
    assert "Ã" not in repaired
    assert "â€" not in repaired


def test_samples_keep_unusual_bytes_unchanged() -> None:
    assert BY_NAME["text-glacier"].value.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in BY_NAME["text-glacier"].value
    assert BY_NAME["bad-picture"].value.startswith(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UnicodeDecodeError):
        BY_NAME["bad-encoding"].value.decode()
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(BY_NAME["bad-json"].value)
