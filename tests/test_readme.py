"""README.md, CONTRIBUTING.md and the map in ``workers/__init__.py`` agree with the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import workers
from deploy.generate import README_TABLES, readme, replace_between_markers
from schemas import EnrichedArticle, convert
from workers.cli import COMMANDS
from workers.observability.metrics import Metrics, RunMetrics
from workers.settings import table

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_generated_tables_are_up_to_date() -> None:
    assert readme() == README, "run `make generated` and commit the result"


@pytest.mark.parametrize("name", README_TABLES)
def test_an_edited_table_is_regenerated(name: str) -> None:
    edited = replace_between_markers(README, name, "| edited |\n")
    assert edited != README
    assert replace_between_markers(edited, name, README_TABLES[name]()) == README


def test_missing_markers_are_an_error() -> None:
    with pytest.raises(ValueError, match="begin settings"):
        replace_between_markers("no table here\n", "settings", "")


def test_every_setting_that_the_readme_mentions_exists() -> None:
    mentioned = set(re.findall(r"COPYDESK_[A-Z_]*[A-Z]", README))
    assert mentioned <= {variable for variable, *_ in table()}


def test_every_metric_that_the_readme_mentions_is_served() -> None:
    families = [*Metrics().registry.collect(), *RunMetrics().registry.collect()]
    samples = {sample.name for family in families for sample in family.samples}
    served = samples | {family.name for family in families} | {f"{family.name}_total" for family in families}
    assert set(re.findall(r"`(copydesk_\w+)", README)) <= served


def test_every_command_that_the_readme_mentions_exists() -> None:
    code = re.findall(r"```.*?```|`[^`\n]+`", README, re.DOTALL)
    assert set(re.findall(r"copydesk ([a-z-]+)\b", "\n".join(code))) <= set(COMMANDS)


def test_the_example_record_is_a_valid_enriched_article() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    article = convert(json.loads(example), EnrichedArticle)
    texts = {"body": article.body, "title": article.headline, "dateline": article.dateline and article.dateline.text}
    for entity in article.entities:
        for mention in entity.mentions:
            assert (texts[mention.section] or "")[mention.start : mention.end] == mention.text


def links(document: Path) -> set[str]:
    """The relative targets of the document's Markdown links, without anchors."""
    targets = re.findall(r"\]\(([^)#\s]*)(?:#[\w-]*)?\)", document.read_text(encoding="utf-8"))
    return {target for target in targets if target and "://" not in target}


@pytest.mark.parametrize("document", ["README.md", ".github/CONTRIBUTING.md"])
def test_every_link_leads_to_an_existing_file(document: str) -> None:
    path = ROOT / document
    assert links(path)
    assert not [target for target in links(path) if not (path.parent / target).exists()]


def test_every_path_in_the_map_exists() -> None:
    """The map is the docstring of ``workers``; its paths contain a slash."""
    paths = set(re.findall(r"``([\w.-]*/[\w./-]*)``", workers.__doc__ or ""))
    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_the_map_names_every_folder_of_workers() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "workers").glob("*/__init__.py")}
    assert not [folder for folder in folders if f"``{folder}/``" not in (workers.__doc__ or "")]
