"""``python -m deploy [--check]``: write the generated files of deploy/ anew, or say which differ from their sources."""

from __future__ import annotations

import sys

from deploy.generate import drifted, write

if sys.argv[1:] == ["--check"]:
    if names := drifted():
        sys.exit(f"deploy: {', '.join(names)} differ from what they are made of; run `python -m deploy`, then commit")
elif not sys.argv[1:]:
    write()
else:
    sys.exit(__doc__)
