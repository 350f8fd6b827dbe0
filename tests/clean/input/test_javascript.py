"""Values that JavaScript writes are read; what is more than values is not."""

from __future__ import annotations

import pytest

from workers.clean.input import javascript


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("{a: 'ferry', 'b': \"quay\", c: `mill`}", {"a": "ferry", "b": "quay", "c": "mill"}),
        ("{a: undefined, b: !0, c: void 0, d: NaN}", {"a": None, "b": True, "c": None, "d": None}),
        ("[1, .5, 0x10, -2,]", [1, 0.5, 16, -2]),
        ("{/* b */ a: 1, // c\n}", {"a": 1}),
        (r"{a: 'Mara\'s \u201cboat\u201d\n\x41'}", {"a": "Mara's “boat”\nA"}),
        ("{true: true, a: b}", {"true": True, "a": "given"}),
    ],
)
def test_a_value_is_read_as_javascript_reads_it(code: str, value: object) -> None:
    assert javascript.read(f"x={code};y=1", 2, {"b": '"given"'}) == (value, len(code) + 2)


@pytest.mark.parametrize("code", ["{a: b()}", "{a: 1 + 1}", "{a: 'b", "{", "[}", "", "{a: c}", "[" * 200])
def test_what_is_more_than_values_is_an_error(code: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        javascript.read(code)
