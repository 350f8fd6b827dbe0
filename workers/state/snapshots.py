"""Snapshots: recent states of the ledgers in files, so that a start need not index a million articles again.

A snapshot is only a cache of the ledger topic. If anything is wrong with one, the ledger is read back from the topic.
"""

from __future__ import annotations

import logging
import os
import time
import zipfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.lib.npyio import NpzFile

from workers import __version__
from workers.dedupe import Ledger
from workers.dedupe.arrays import Arrays
from workers.dedupe.copies import COPY_THRESHOLD

log = logging.getLogger(__name__)

SNAPSHOT_FORMAT = 15
"""Version of what ``Ledger.dump`` returns. Raise it whenever the arrays or their meaning change."""
HEADER = "header"
"""Name of the array that holds the header, as JSON."""
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
        for leftover in self._directory.glob(f"{final.name}.*"):
            leftover.unlink(missing_ok=True)
        header = {**asdict(self._identity), "partition": partition, "read_to": read_to, "written": int(time.time())}
        partial = final.with_name(f"{final.name}.{os.getpid()}")
        try:
            with partial.open("wb") as file:
                np.savez(file, allow_pickle=False, **{HEADER: np.frombuffer(orjson.dumps(header), np.uint8)}, **arrays)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(final)
        except OSError:
            with suppress(OSError):
                partial.unlink()
            raise
        return final.stat().st_size

    def load(self, partition: int) -> tuple[Ledger, int] | None:
        """The ledger of a partition and the ledger topic offset to read on from, or None without a usable snapshot."""
        path = self._path(partition)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                header = orjson.loads(archive[HEADER].tobytes())
                if why := self._rejection(header, partition):
                    log.warning("snapshot not used; reading the whole topic", extra={"file": str(path), "why": why})
                    return None
                arrays = _arrays(archive)
            return Ledger.restored(arrays, self._copies_off), int(header["read_to"])
        except FileNotFoundError:
            log.info("no snapshot; reading the whole topic", extra={"file": str(path)})
        except (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile) as error:
            # A torn file ends early, has wrong checksums, or seems to be encrypted or packed in another way.
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
        return self._directory / f"ledger-{partition}.npz"


def _arrays(archive: NpzFile) -> Arrays:
    """The arrays of the archive by name, without the header."""
    names = [name for name in archive.files if name != HEADER]
    # Page faults, checksums and copies: most of it runs without the interpreter lock.
    with ThreadPoolExecutor(READ_THREADS) as pool:
        return dict(zip(names, pool.map(archive.__getitem__, names), strict=True))
