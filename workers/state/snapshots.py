"""Snapshots: ledgers as they stood a while ago, in files, so that a start need not index a million articles anew.

A snapshot is only a cache of the ledger's topic. Whatever is wrong with one, the ledger is read back from the topic.
"""

from __future__ import annotations

import logging
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.lib.npyio import NpzFile

from workers import __version__
from workers.dedupe import Ledger
from workers.dedupe.postings import Arrays

log = logging.getLogger(__name__)

LAYOUT = 4
"""To be raised whenever what ``Ledger.dump`` gives, or what it means, changes."""
HEADER = "header"
READERS = 2
"""Threads that read a snapshot."""
OLDEST = 12 * 3600
"""Seconds after which a snapshot is stale: after a day (delete.retention.ms) Kafka may forget what was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a snapshot must agree with to be of use: topics by their ids, partitions, the window, the program."""

    topic_id: str
    source_topic_ids: str
    partitions: int
    window: int
    version: str = __version__
    layout: int = LAYOUT


class Snapshots:
    """The snapshots in a directory, one file a partition."""

    def __init__(self, directory: Path, kind: Kind) -> None:
        self._directory = directory
        self._kind = kind

    def save(self, partition: int, arrays: Arrays, read_to: int) -> int:
        """The bytes of the file written, in one step: there is always a whole snapshot, or none.

        ``read_to`` is the offset in the ledger's topic below which the arrays hold everything.

        Raises:
            OSError: the disk is full, or the directory is gone; the snapshot before is still there.
        """
        final = self._path(partition)
        # What a killed process left half done, or a worker that has this partition no longer is about to.
        for left in self._directory.glob(f"{final.name}.*"):
            left.unlink(missing_ok=True)
        header = {**asdict(self._kind), "partition": partition, "read_to": read_to, "written": int(time.time())}
        half_done = final.with_name(f"{final.name}.{os.getpid()}")
        try:
            with half_done.open("wb") as file:
                np.savez(file, allow_pickle=False, **{HEADER: np.frombuffer(orjson.dumps(header), np.uint8)}, **arrays)
                file.flush()
                os.fsync(file.fileno())
            half_done.replace(final)
        except OSError:
            with suppress(OSError):
                half_done.unlink()
            raise
        return final.stat().st_size

    def load(self, partition: int) -> tuple[Ledger, int] | None:
        """The ledger of the partition and the offset up to which its topic was read; None where no snapshot is good."""
        path = self._path(partition)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                header = orjson.loads(archive[HEADER].tobytes())
                if why := self._unfit(header, partition):
                    log.warning("snapshot not used; reading the whole topic", extra={"file": str(path), "why": why})
                    return None
                arrays = _arrays(archive)
            return Ledger.restored(arrays), int(header["read_to"])
        except FileNotFoundError:
            log.info("no snapshot; reading the whole topic", extra={"file": str(path)})
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            # A torn file ends early, or its checksums are wrong.
            extra = {"file": str(path), "why": f"torn: {type(error).__name__}: {error}"}
            log.warning("snapshot not used; reading the whole topic", extra=extra)
        return None

    def _unfit(self, header: dict[str, object], partition: int) -> str | None:
        """Why a snapshot with this header is of no use."""
        for name, wanted in {**asdict(self._kind), "partition": partition}.items():
            if (found := header.get(name)) != wanted:
                return f"{name} is {found!r}, not {wanted!r}"
        age = time.time() - int(str(header["written"]))
        return f"stale: {age / 3600:.0f} hours old" if age > OLDEST else None

    def _path(self, partition: int) -> Path:
        return self._directory / f"ledger-{partition}.npz"


def _arrays(archive: NpzFile) -> Arrays:
    """The arrays in the archive, by name, but for the header."""
    names = [name for name in archive.files if name != HEADER]
    # Memory that is touched for the first time, checksums, copies: most of it goes on without the interpreter's lock.
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(names, pool.map(archive.__getitem__, names), strict=True))
