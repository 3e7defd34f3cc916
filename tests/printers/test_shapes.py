"""Shapes as readers say them."""

from __future__ import annotations

import pytest

from matcalc.printers.shapes import shape_text


@pytest.mark.parametrize(
    ("sizes", "texts"),
    [
        ((), ("scalar", "scalar", "\\text{scalar}")),
        (("n",), ("n", "n", "n")),
        ((1, "n_1"), ("1×n₁", "1 x n1", "1 \\times n_{1}")),
        (("m+p", "2*n"), ("(m+p)×2n", "(m+p) x 2n", "(m+p) \\times 2n")),
        (("m+p",), ("m+p", "m+p", "m+p")),
        ((3, "a", "b"), ("3×a×b", "3 x a x b", "3 \\times a \\times b")),
    ],
)
def test_a_shape_in_each_spelling(sizes, texts):
    assert tuple(shape_text(sizes, spelling) for spelling in ("unicode", "ascii", "latex")) == texts
