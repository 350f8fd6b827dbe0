"""Output that appears under its name only when it is complete."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import BinaryIO

from workers.errors import UnwritableFileError
from workers.files import STDIN, display_name


@contextmanager
def written_aside(name: str | None) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of the named one at the end of the block.

    It is written in the same folder under another name, so that the input may be the output, and an error or Ctrl-C
    leaves what was there before. Permissions stay, and a symbolic link goes on pointing to its file. Pipes and devices
    are written directly. Without a name, or for ``-``, it is standard output.

    Raises:
        UnwritableFileError: the file cannot be written.
    """
    try:
        if name is None or name == STDIN or _is_stdout(name):
            if not sys.stdout:
                raise OSError("it is closed")
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        elif os.path.exists(name) and not os.path.isfile(name):
            with open(name, "wb") as file:
                yield file
        else:
            with _replaced(os.path.realpath(name)) as file:
                yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        shown = "stdout" if name is None else display_name(name)
        raise UnwritableFileError(f"{shown} cannot be written: {error.strerror or error}") from None


@contextmanager
def _replaced(name: str) -> Iterator[BinaryIO]:
    old = os.stat(name) if os.path.exists(name) else None
    if old and not os.access(name, os.W_OK):
        raise PermissionError(0, "it is read-only")
    folder = os.path.dirname(name)
    aside = os.path.join(folder, f".copydesk-{token_hex(8)}.tmp")
    try:
        # The mode is what the shell gives to new files.
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            if old:
                with suppress(PermissionError):  # only root gives files away
                    os.chown(file.fileno(), old.st_uid, old.st_gid)
                os.chmod(file.fileno(), stat.S_IMODE(old.st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, name)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(aside)
        raise
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_stdout(name: str) -> bool:
    """Whether the name is that of standard output, such as /dev/stdout, or of the file that it is redirected to."""
    try:
        return os.path.samestat(os.stat(name), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError, AttributeError):  # closed, or without a file as in tests
        return False
