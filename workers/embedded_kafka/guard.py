"""The process that stands between a Python process and its Kafka, so that the one never outlives the other.

Run by path (``python -I -S guard.py JSON``), in a session of its own, with nothing but the standard library. Standard
input is a pipe that the parent holds open and never writes to: it ends when the parent closes it or dies, however it
dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

TAIL = 16_384
"""Bytes of each file that the parent is told: together they fit into a pipe that nobody reads."""


def stop_at_end_of_input(process: subprocess.Popen[bytes], grace: float) -> None:
    """Wait until the parent's end of the pipe goes, then stop the process in order within ``grace`` s, or kill it."""
    os.read(0, 1)
    if grace:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    process.kill()


def say(text: bytes) -> None:
    """Write to the parent, if it is still there."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, text)


def run(commands: list[list[str]], output: str, log: str, remove: str | None, grace: float) -> None:
    """Run the commands in turn; tell the parent the process id of the last, and the words of one that failed.

    Args:
        commands: all but the last are preparations, which must succeed.
        output: the file that takes what they print.
        log: a file that they write themselves.
        remove: a directory to remove at the end, however it ends.
        grace: seconds that a command has for stopping in order; 0 kills it.
    """
    # Who signals the whole group reaches Kafka directly; the guard stays until it has gone. A handler that does
    # nothing, and not SIG_IGN, which Kafka would inherit.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    try:
        with open(output, "wb") as sink:
            for command in commands:
                # Inherited descriptors pass on to Kafka: the lock on its data directory lasts as long as it runs.
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, close_fds=False)
                threading.Thread(target=stop_at_end_of_input, args=(process, grace), daemon=True).start()
                if command is commands[-1]:
                    say(b"%d\n" % process.pid)
                if process.wait():
                    for path in filter(os.path.exists, (output, log)):
                        with open(path, "rb") as file:
                            say(file.read()[-TAIL:])
                    break
    finally:
        if remove is not None:
            shutil.rmtree(remove, ignore_errors=True)


if __name__ == "__main__":
    run(**json.loads(sys.argv[1]))
