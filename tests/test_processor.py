"""What numpy is told about the processor."""

from __future__ import annotations

import pytest

from workers.processor import numpy_variables


def cpu_info(vendor: str, family: int, flags: str) -> str:
    """The file that Linux shows, with the lines that matter."""
    return f"processor\t: 0\nvendor_id\t: {vendor}\ncpu family\t: {family}\nmodel\t\t: 17\nflags\t\t: {flags} rdseed\n"


@pytest.mark.parametrize(
    ("info", "is_slow"),
    [
        pytest.param(cpu_info("AuthenticAMD", 25, "avx2 avx512f"), True, id="Zen 4"),
        pytest.param(cpu_info("AuthenticAMD", 25, "avx2"), False, id="Zen 3"),
        pytest.param(cpu_info("AuthenticAMD", 26, "avx2 avx512f"), False, id="Zen 5"),
        pytest.param(cpu_info("GenuineIntel", 6, "avx2 avx512f"), False, id="Intel"),
        pytest.param("", False, id="not Linux"),
    ],
)
def test_numpy_sorts_without_avx512_where_its_way_of_writing_is_slow(info: str, is_slow: bool) -> None:
    assert ("NPY_DISABLE_CPU_FEATURES" in numpy_variables(info)) is is_slow
