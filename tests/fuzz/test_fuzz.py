"""A short campaign without atheris: hypothesis mutates the same seeds for the same targets."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.campaign import INPUTS, shares
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import TARGETS
from tests.fuzz.trial import MAX_SECONDS, Target, attempt

FEW = 10
MANY = 100
PATIENCE = 5 * MAX_SECONDS
"""A busy machine takes more processor time for the same work; what does not end takes longer than this."""


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
def test_no_input_makes_a_target_fail(target: Target) -> None:
    inputs = st.sampled_from(target.seeds()) | st.binary(max_size=200)

    @given(inputs, st.integers(0, 2**32))
    @settings(
        deadline=None,
        derandomize=True,
        database=None,
        max_examples=FEW if target.name == "clean-stretched" else MANY,
        suppress_health_check=list(HealthCheck),
    )
    def run(data: bytes, seed: int) -> None:
        data = mutate(data, Random(seed), target.seeds(), target.max_bytes)
        assert attempt(target, data, PATIENCE).fault is None

    run()


def faulty(data: bytes) -> None:
    """A target with a fault."""
    if data == b"fault":
        raise KeyError(data)
    if data == b"refused":
        raise ValueError


def test_a_fault_has_its_place_and_an_allowed_error_is_not_a_fault() -> None:
    target = Target(name="faulty", check=faulty, seeds=list, allowed=(ValueError,))
    assert "KeyError at tests/fuzz/test_fuzz.py" in str(attempt(target, b"fault").fault)
    assert attempt(target, b"refused").fault is None
    assert attempt(target, b"").fault is None


def test_a_slow_input_is_a_fault() -> None:
    assert attempt(Target(name="slow", check=faulty, seeds=list), b"", max_seconds=-1.0).fault == "slow"


def test_a_campaign_runs_every_target() -> None:
    jobs = shares(INPUTS)
    assert {name for name, _ in jobs} == set(TARGETS)
    assert sum(count for _, count in jobs) >= INPUTS
