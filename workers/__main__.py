"""``python -m workers``: the command ``copydesk``."""

from workers.cli import main

main()
