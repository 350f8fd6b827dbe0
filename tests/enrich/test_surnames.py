from __future__ import annotations

import pytest

from workers.enrich.surnames import surnames


@pytest.mark.parametrize(
    ("name", "short_names"),
    [
        ("Marta Oyelaran", ("Oyelaran",)),
        ("Kim Jong Un", ("Kim", "Un")),
        ("Ana van der Berg", ("Berg", "van der Berg")),
        ("Martin Brand Jr.", ("Brand",)),
        ("Oyelaran", ()),
        ("van der Berg", ()),
        ("Jon B.", ()),
    ],
)
def test_surnames_are_the_short_forms_of_a_full_name(name: str, short_names: tuple[str, ...]) -> None:
    assert surnames(name) == short_names
