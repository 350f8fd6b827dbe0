"""``python -m workers``: the command ``copydesk``."""

from __future__ import annotations

import signal


def run() -> None:
    """Run the command line. Ctrl-C while it is being loaded ends it at once, as it ends any program."""
    is_heeded = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN  # shells have background jobs ignore it
    if is_heeded:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from workers.cli import main

    if is_heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    run()
