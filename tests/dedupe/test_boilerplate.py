"""Press releases: what all releases of a company say about it does not make them copies."""

from __future__ import annotations

import pytest

from schemas import CopyKind, Verdict
from tests.dedupe.support import WINDOW, article
from workers.dedupe import Ledger
from workers.dedupe.boilerplate import Rule, news, rules

ABOUT = """About Halden Instruments
Halden Instruments (NYSE: HLD) makes precise instruments for laboratories, factories and hospitals. Founded in 1958 in
Rochester, New York, it employs more than 6,200 people in 34 countries and holds over 900 patents. Its products test
drinking water, calibrate aircraft engines and measure the purity of medicines.
Forward-Looking Statements
This press release contains forward-looking statements within the meaning of the Private Securities Litigation Reform
Act of 1995. They are based on current expectations and subject to risks that could cause actual results to differ
materially, including changes in demand, the cost of components, the movement of currencies, and other factors that are
described in its annual report. The company undertakes no obligation to update them except as required by law."""
LAUNCH = """ROCHESTER, N.Y. - Halden Instruments today launched the AquaSense 400, a device that detects lead in tap
water within ninety seconds. Engineers in Toledo and Flint tested forty units over the winter and found results within
two percent of those of laboratories. It costs $1,290 and ships in June, said Greta Moll of the water business."""
OFFICER = """ROCHESTER, N.Y. - Halden Instruments today named Victor Osei as chief financial officer from July 1. Osei,
49, comes from the maker of aircraft parts Lorrimer, where he was treasurer for eight years and bought two companies. He
succeeds Paula Stein, who retires after nineteen years. He has a degree in engineering from Purdue."""


def verdict_after(first: str, second: str) -> Verdict:
    ledger = Ledger(WINDOW)
    ledger.decide(article(first, offset=0, headline="First"), 0, 0)
    return ledger.decide(article(second, offset=1, headline="Second"), 1, 0).verdict


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_finds_its_examples_after_the_news(rule: Rule) -> None:
    for example in rule.examples:
        assert news(f"{LAUNCH}\n{example}") == LAUNCH, example
        assert news(example) == example
    for counterexample in rule.counterexamples:
        assert news(text := f"{LAUNCH}\n{counterexample}") is text, counterexample


def test_releases_of_one_company_are_no_copies() -> None:
    verdict = verdict_after(f"{LAUNCH}\n{ABOUT}", f"{OFFICER}\n{ABOUT}")
    assert verdict.duplicate_of is None


@pytest.mark.parametrize(
    ("copy", "kind"),
    [
        (f"{LAUNCH}\n{ABOUT}", CopyKind.EXACT),
        (LAUNCH, CopyKind.NEAR),
        (f"Our readers in Toledo drink from the lake.\n{LAUNCH}\n{ABOUT}", CopyKind.NEAR),
    ],
)
def test_a_release_with_or_without_its_boilerplate_is_a_copy(copy: str, kind: CopyKind) -> None:
    assert verdict_after(f"{LAUNCH}\n{ABOUT}", copy).copy_kind is kind
