"""Named places at which the reliability drills break a worker on purpose.

``@fault_point("send output")`` only records where a function is defined; in production the function is unchanged. A
drill names the point, not the function, so renaming the function cannot disarm the drill. Call such a function as a
method or through its module: a name imported before the drill still refers to the original.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_points: dict[str, tuple[str, str]] = {}


def fault_point(name: str) -> Callable[[F], F]:
    """A decorator that records a function or method under a name.

    Raises:
        ValueError: another function has the name.
    """

    def record(function: F) -> F:
        place = function.__module__, function.__qualname__
        if _points.setdefault(name, place) != place:
            raise ValueError(f"two functions have the fault point {name!r}: {_points[name]} and {place}")
        return function

    return record


def replace_at(name: str, replace: Callable[[Any], object]) -> None:
    """Replace the function at the point by ``replace(function)``, for the rest of the process.

    Raises:
        KeyError: no loaded module has a point of that name.
    """
    owner, attribute = _place(name)
    setattr(owner, attribute, replace(getattr(owner, attribute)))


def remove_at(name: str) -> None:
    """Remove the method at the point, so that the inherited one applies.

    Raises:
        KeyError: no loaded module has a point of that name.
    """
    delattr(*_place(name))


def _place(name: str) -> tuple[Any, str]:
    module, qualified_name = _points[name]
    *path, attribute = qualified_name.split(".")
    return reduce(getattr, path, sys.modules[module]), attribute
