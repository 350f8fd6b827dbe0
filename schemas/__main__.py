"""``python -m schemas [--check]``: write the JSON Schemas, or list those that differ from the records."""

from __future__ import annotations

import sys

from schemas.generate import drifted, write

if sys.argv[1:] == ["--check"]:
    if names := drifted():
        sys.exit(
            f"schemas: {', '.join(names)} differ from schemas/records.py; run `make generated` and commit the result"
        )
elif not sys.argv[1:]:
    write()
else:
    sys.exit(__doc__)
