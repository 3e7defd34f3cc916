"""Numbers as they are typed, and files of them."""

import numpy as np
import pytest

from matcalc import MatcalcError
from matcalc.pictures.point import arrays_at


@pytest.mark.parametrize(
    ("text", "arrays"),
    [
        ("x=-2, y=5", {"x": -2, "y": 5}),
        ("x = −2; y: 1/2", {"x": -2, "y": 0.5}),
        ("x=1e-3,y=.5,z=+2.", {"x": 1e-3, "y": 0.5, "z": 2}),
        ("v=[1,2,3]", {"v": [1, 2, 3]}),
        ("v=[1 -2 3]", {"v": [1, -2, 3]}),
        ("v=[1; 2]", {"v": [1, 2]}),
        ("A=[1 2; 3 4]", {"A": [[1, 2], [3, 4]]}),
        ("A=[1, 2; 3, 4], x=1", {"A": [[1, 2], [3, 4]], "x": 1}),
        ("A=[[1, 2], [3, 4]]", {"A": [[1, 2], [3, 4]]}),
        ("A=[1 2]", {"A": [[1, 2]]}),
        ("A=[1; 2]", {"A": [[1], [2]]}),
        ("T=[[[1,2],[3,4]]]", {"T": [[[1, 2], [3, 4]]]}),
        ("W_{in}=2, γ=0.1, x₁=3", {"W_{in}": 2, "γ": 0.1, "x₁": 3}),
        ("x=1,\n y=2,", {"x": 1, "y": 2}),
    ],
)
def test_what_is_read(text, arrays):
    found = arrays_at(text)
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert np.array_equal(found[name], np.array(array, dtype=float)), name


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("x", "`=` and a value are needed after x", 0),
        ("x=", "a number is needed here", 1),
        ("x=two", "a number is needed here", 2),
        ("x=1 y=2", "a comma is needed between two values", 4),
        ("x=[1 2", "this bracket is not closed", 2),
        ("x=[1 2; 3]", "x: the rows have different lengths", 0),
        ("x=[1, [2, 3]]", "x: the rows have different lengths", 0),
        ("x=[1 2]]", "a comma is needed", 7),
        ("x=[]", "a number is needed here", 3),
        ("x=[1 2;]", "a number is needed here", 7),
        ("=3", "a name is needed here", 0),
        ("x=1, x=2", "x is given twice", 5),
        ("x=1/0", "this divides by 0", 2),
        ("x=1.2.3", "a number is needed here", 2),
        ("x=" + "[" * 40, "an array has at most 12 axes", 14),
        ("x=__import__('os')", "a number is needed here", 2),
    ],
)
def test_errors_point_at_their_place(text, message, place):
    with pytest.raises(MatcalcError) as caught:
        arrays_at(text)
    assert message in caught.value.message
    assert caught.value.start == place
    assert "^" in str(caught.value)


def test_nothing_is_an_error():
    with pytest.raises(MatcalcError, match="no values are given"):
        arrays_at("  ")


def test_long_texts_end():
    with pytest.raises(MatcalcError, match="at most"):
        arrays_at("x=" + "1" * 300_000)


def test_files(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, A=np.ones((2, 3)), x=np.array([1, 2, 3]))
    for point in (path, str(path)):
        found = arrays_at(point)
        assert found["A"].shape == (2, 3) and found["x"].tolist() == [1, 2, 3]


def test_files_that_can_not_be_used(tmp_path):
    with pytest.raises(MatcalcError, match="can't read the file"):
        arrays_at(tmp_path / "none.npz")
    text = tmp_path / "text.npz"
    text.write_text("x=1", encoding="utf-8")
    with pytest.raises(MatcalcError, match="no .npz file"):
        arrays_at(text)
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, A=np.array([{}], dtype=object))
    with pytest.raises(MatcalcError, match="no .npz file"):
        arrays_at(pickled)
    complex_numbers = tmp_path / "complex.npz"
    np.savez(complex_numbers, A=np.ones(2) * 1j)
    with pytest.raises(MatcalcError, match="real numbers"):
        arrays_at(complex_numbers)
    damaged = tmp_path / "damaged.npz"
    good = tmp_path / "good.npz"
    np.savez_compressed(good, A=np.arange(1000.0))
    data = bytearray(good.read_bytes())
    data[60:200] = bytes(140)
    damaged.write_bytes(bytes(data))
    with pytest.raises(MatcalcError, match="no .npz file"):
        arrays_at(damaged)
