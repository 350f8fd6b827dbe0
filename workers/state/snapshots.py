"""Snapshots: recent states of the ledgers in files, so that a start need not index a million articles again.

A snapshot is only a cache of the ledger topic. If anything is wrong with one, the ledger is read back from the topic.

A file is a line with a checksum and a header in JSON, which describes the arrays, and then the bytes of the arrays,
which go from the file to their place at once. Numpy's format for several arrays, a zip archive, takes longer to read.
"""

from __future__ import annotations

import logging
import os
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.lib.format import descr_to_dtype, dtype_to_descr

from workers import __version__
from workers.dedupe import Ledger
from workers.dedupe.arrays import Array, Arrays
from workers.dedupe.copies import COPY_THRESHOLD

log = logging.getLogger(__name__)

SNAPSHOT_FORMAT = 17
"""Version of what ``Ledger.dump`` returns. Raise it whenever the arrays or their meaning change."""
READ_THREADS = 2
"""Threads that read one snapshot."""
MAX_AGE_SECONDS = 12 * 3600
"""Age above which a snapshot is stale: Kafka may remove tombstones after a day (delete.retention.ms)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotIdentity:
    """What must be the same when a snapshot is written and when it is loaded."""

    topic_id: str
    """The Kafka id of the ledger topic."""
    source_topic_ids: str
    """The Kafka ids of the raw and clean topics."""
    shards: str
    """The languages of the ledger topic's partitions, in order."""
    window_ms: int
    memory_ms: int
    copy_threshold: int = COPY_THRESHOLD
    version: str = __version__
    layout: int = SNAPSHOT_FORMAT


class Snapshots:
    """The snapshots in a directory, one file per partition.

    ``copies_off`` is that of the ledgers that are loaded. Snapshots do not depend on it, nor do stored verdicts.
    """

    def __init__(self, directory: Path, identity: SnapshotIdentity, copies_off: Collection[str] = ()) -> None:
        self._directory = directory
        self._identity = identity
        self._copies_off = copies_off

    def save(self, partition: int, arrays: Arrays, read_to: int) -> int:
        """Write a snapshot atomically, and return its size in bytes.

        ``read_to`` is the offset in the ledger topic below which the arrays hold every record.

        Raises:
            OSError: the disk is full or the directory is missing; the previous snapshot is kept.
        """
        final = self._path(partition)
        # Partial files of a killed process, or of a worker that no longer owns this partition.
        leftovers = [*self._directory.glob(f"{final.name}.*"), final.with_suffix(".npz")]  # the former format
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        header = {
            **asdict(self._identity),
            "partition": partition,
            "read_to": read_to,
            "written": int(time.time()),
            "arrays": [_described(name, array) for name, array in arrays.items()],
        }
        unfinished = final.with_name(f"{final.name}.{os.getpid()}")
        try:
            with unfinished.open("wb") as file:
                file.write(_line(header))
                for array in arrays.values():
                    file.write(array.data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(final)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()
            raise
        return final.stat().st_size

    def load(self, partition: int) -> tuple[Ledger, int] | None:
        """The ledger of a partition and the ledger topic offset to read on from, or None without a usable snapshot."""
        path = self._path(partition)
        try:
            with path.open("rb") as file:
                header, start = _header(file.readline()), file.tell()
            if why := self._rejection(header, partition):
                log.warning("snapshot not used; reading the whole topic", extra={"file": str(path), "why": why})
                return None
            return Ledger.restored(_arrays(path, start, header["arrays"]), self._copies_off), int(header["read_to"])
        except FileNotFoundError:
            log.info("no snapshot; reading the whole topic", extra={"file": str(path)})
        except (OSError, ValueError) as error:
            extra = {"file": str(path), "why": f"torn: {type(error).__name__}: {error}"}
            log.warning("snapshot not used; reading the whole topic", extra=extra)
        return None

    def _rejection(self, header: dict[str, object], partition: int) -> str | None:
        """Why a snapshot with this header cannot be used, or None if it can."""
        for name, expected in {**asdict(self._identity), "partition": partition}.items():
            if (actual := header.get(name)) != expected:
                return f"{name} is {actual!r}, not {expected!r}"
        age = time.time() - int(str(header["written"]))
        return f"stale: {age / 3600:.0f} hours old" if age > MAX_AGE_SECONDS else None

    def _path(self, partition: int) -> Path:
        return self._directory / f"ledger-{partition}.snapshot"


def _line(header: dict[str, object]) -> bytes:
    """The first line of a file."""
    data = orjson.dumps(header)
    return b"%08x %b\n" % (zlib.crc32(data), data)


def _header(line: bytes) -> dict[str, Any]:
    """The header in the first line of a file.

    Raises:
        ValueError: the line is torn.
    """
    checksum, _, data = line.removesuffix(b"\n").partition(b" ")
    if zlib.crc32(data) != int(checksum, 16):
        raise ValueError("wrong checksum of the header")
    header: dict[str, Any] = orjson.loads(data)
    return header


def _described(name: str, array: Array) -> dict[str, object]:
    """What a header says of an array."""
    return {
        "name": name,
        "type": dtype_to_descr(array.dtype),
        "shape": array.shape,
        "bytes": array.nbytes,
        "checksum": zlib.crc32(array.data),
    }


def _arrays(path: Path, start: int, described: Sequence[Mapping[str, Any]]) -> Arrays:
    """The arrays of a file by name; ``start`` is where the first one begins.

    Raises:
        ValueError: one is torn.
    """
    starts = accumulate((each["bytes"] for each in described), initial=start)
    # Page faults, checksums and copies: most of it runs without the interpreter lock.
    with ThreadPoolExecutor(READ_THREADS) as pool:
        arrays = list(pool.map(partial(_array, path), described, starts))
    return dict(zip((each["name"] for each in described), arrays, strict=True))


def _array(path: Path, described: Mapping[str, Any], start: int) -> Array:
    """The array of a file that begins at ``start``."""
    array = np.empty(described["shape"], descr_to_dtype(described["type"]))
    with path.open("rb") as file:
        file.seek(start)
        file.readinto(array.view(np.uint8).data)
    if zlib.crc32(array.data) != described["checksum"]:
        raise ValueError(f"wrong checksum of {described['name']}")
    return array
