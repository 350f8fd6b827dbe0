"""Exit code 0 where a worker of this container is alive and none says that it is not, by /livez; 1 otherwise.

The port tells the role, or COPYDESK_METRICS_PORT does; `copydesk run` has a worker on each.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

from workers.settings import PREFIX
from workers.stages import STAGES


def alive(port: int) -> bool | None:
    """Whether the worker on the port is alive; None where nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
    except urllib.error.URLError as error:
        return None if isinstance(error.reason, ConnectionRefusedError) else False
    except OSError:
        return False


if __name__ == "__main__":
    given = os.environ.get(f"{PREFIX}METRICS_PORT")
    answers = [alive(port) for port in ([int(given)] if given else [stage.metrics_port for stage in STAGES.values()])]
    sys.exit(not (True in answers and False not in answers))
