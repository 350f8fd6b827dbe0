"""``python -m deploy [--check]``: write the generated files of deploy/, or list outdated ones."""

from __future__ import annotations

import sys

from deploy.generate import drifted, write

if sys.argv[1:] == ["--check"]:
    if names := drifted():
        sys.exit(f"deploy: {', '.join(names)} are outdated; run `make generated` and commit the result")
elif not sys.argv[1:]:
    write()
else:
    sys.exit(__doc__)
