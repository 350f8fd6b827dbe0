"""What numpy must be told about the processor before it is imported."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
FIRST_PROCESSOR = 4096
"""Characters of the file that are read: the first processor is among them."""

_SLOW_COMPRESS = re.compile(
    r"^vendor_id\s*: AuthenticAMD$.*^cpu family\s*: 25$.*^flags\s*:.*\bavx512f\b", re.MULTILINE | re.DOTALL
)
"""AMD's Zen 4. It takes a hundred cycles for the instruction by which numpy's sort for AVX-512 writes its numbers, so
that sorting takes four times as long as without AVX-512 (https://github.com/numpy/x86-simd-sort/issues/6)."""


def cpu_info() -> str:
    """What Linux says of the first processor; empty on other systems."""
    with suppress(OSError), CPU_INFO.open() as file:
        return file.read(FIRST_PROCESSOR)
    return ""


def numpy_variables(cpu_info: str) -> Mapping[str, str]:
    """The environment variables for numpy on such a processor."""
    # Workers scale by processes, and numpy's threads would only compete with each other.
    variables = {"OPENBLAS_NUM_THREADS": "1"}
    if _SLOW_COMPRESS.search(cpu_info):
        variables["NPY_DISABLE_CPU_FEATURES"] = "X86_V4"
    return variables


def prepare_numpy() -> None:
    """Set the variables that are not set yet. They take effect only if numpy is not imported yet."""
    for name, value in numpy_variables(cpu_info()).items():
        os.environ.setdefault(name, value)
