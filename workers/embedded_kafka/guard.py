"""The guard: a process that runs Kafka for a Python process and stops it when that process ends, however it ends.

It is run by path (``python -I -S guard.py JSON``), in its own session, with only the standard library. Its standard
input is a pipe that the parent holds open and never writes to: it ends when the parent closes it or dies.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial

TAIL_BYTES = 16_384
"""Bytes at the end of each file that are sent to the parent: two files fit into a pipe that nobody reads."""


PR_SET_PDEATHSIG = 1
"""Linux's prctl option: the signal that a process gets when the one that started it ends."""
LIBC = ctypes.CDLL(None)


def get_signal_of_parents_end(number: signal.Signals) -> None:
    """Have the kernel send this process the signal when its parent ends, however it ends; only Linux can."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, number)


def stop_when_parent_ends(process: subprocess.Popen[bytes], grace: float) -> None:
    """Wait for the end of standard input, then terminate the process, and kill it after ``grace`` seconds."""
    os.read(0, 1)
    if grace:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    process.kill()


def tell_parent(text: bytes) -> None:
    """Write to the parent, unless it has ended."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, text)


def run(commands: list[list[str]], output: str, log: str, remove: str | None, grace: float) -> int:
    """Run the commands in order; tell the parent the process id of the last, and the output of one that fails.

    Return the exit code of the command that ran last, as a shell does: 128 and the signal if one killed it.

    Args:
        commands: all but the last are preparations and must succeed.
        output: the file for their standard output and error.
        log: a file that they write themselves.
        remove: a directory to remove at the end, however the guard ends.
        grace: seconds that a command has to stop after SIGTERM; 0 kills it at once.
    """
    get_signal_of_parents_end(signal.SIGCONT)  # a guard that is stopped (SIGSTOP) must go on, to stop Kafka
    # A signal to the process group also reaches Kafka; the guard stays until Kafka has ended. The handler does nothing,
    # but is not SIG_IGN, which Kafka would inherit.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    code = 0
    try:
        with open(output, "wb") as sink:
            for command in commands:
                # Kafka inherits our descriptors, so the lock on its data directory lasts as long as Kafka runs.
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, close_fds=False,
                    preexec_fn=partial(get_signal_of_parents_end, signal.SIGKILL),
                )  # fmt: skip
                threading.Thread(target=stop_when_parent_ends, args=(process, grace), daemon=True).start()
                if command is commands[-1]:
                    tell_parent(b"%d\n" % process.pid)
                if code := process.wait():
                    for path in filter(os.path.exists, (output, log)):
                        with open(path, "rb") as file:
                            tell_parent(file.read()[-TAIL_BYTES:])
                    break
    except OSError as error:  # a full disk
        code = 1
        tell_parent(f"{error.filename or output}: {error.strerror}\n".encode())
    finally:
        if remove is not None:
            shutil.rmtree(remove, ignore_errors=True)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(run(**json.loads(sys.argv[1])))
