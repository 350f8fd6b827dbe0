"""Distinct values and groups of equal ones, by sorting: for some hundred values faster than ``np.unique``."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.number)
Positions = npt.NDArray[np.intp]


def distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The distinct values, sorted."""
    ordered = values.copy()
    ordered.sort()
    return ordered[starts_of_runs(ordered)]


def groups(values: npt.NDArray[Number]) -> tuple[Positions, Positions]:
    """The order that sorts the values, and where in it each group of equal values starts."""
    order = values.argsort()
    return order, starts_of_runs(values[order])


def starts_of_runs(ordered: npt.NDArray[Number]) -> Positions:
    """Where each run of equal values starts."""
    is_first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return is_first.nonzero()[0]
