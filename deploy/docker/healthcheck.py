"""The container's health check: exit code 0 if at least one worker answers /livez and none fails it, otherwise 1.

It asks the port in COPYDESK_METRICS_PORT, or the default ports of all roles: `copydesk run` has a worker on each.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

from workers.settings import PREFIX
from workers.stages import STAGES


def alive(port: int) -> bool | None:
    """Whether the worker on the port is alive; None if nothing listens there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return False
    except urllib.error.URLError as error:
        return None if isinstance(error.reason, ConnectionRefusedError) else False
    except OSError:
        return False


if __name__ == "__main__":
    configured = os.environ.get(f"{PREFIX}METRICS_PORT")
    workers = [
        alive(port) for port in ([int(configured)] if configured else [stage.metrics_port for stage in STAGES.values()])
    ]
    sys.exit(not (True in workers and False not in workers))
