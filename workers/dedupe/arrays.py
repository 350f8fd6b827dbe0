"""The types of the arrays that the indexes are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = dict[str, Array]
"""State that is stored, by name."""
Hashes = npt.NDArray[np.uint32]
SlotArray = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
