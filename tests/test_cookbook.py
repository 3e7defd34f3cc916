"""The derivative formulas of the Matrix Cookbook's chapter 2: derived, right, and printed no longer than there."""

import inspect
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from cookbook_oracle import VALUES, derivative, second_derivative

import matcalc
from matcalc.operations import standard

ALL = tomllib.loads((Path(__file__).parent / "data" / "cookbook.toml").read_text("utf-8"))["entry"]
ENTRIES = [entry for entry in ALL if "out_of_reach" not in entry]
OUT_OF_REACH = [entry for entry in ALL if "out_of_reach" in entry]
SIZES = {"k": 2, "m": 3, "n": 4, "p": 5}

# What matcalc has: entries that need more are skipped until it is there.
_OPTIONS = inspect.signature(matcalc.derive).parameters
HAVE = {
    "jacobian": "kind" in _OPTIONS,
    "hessian": "kind" in _OPTIONS,
    "assume": "assume" in _OPTIONS,
    "symmetric_rule": "symmetric_rule" in _OPTIONS,
    "kron": "kron" in standard().by_name,
}


def needs(entry):
    """What a derivation needs beyond gradients of free variables."""
    kind = entry.get("kind", "gradient")
    options = [option for option in ("assume", "symmetric_rule") if option in entry]
    return [*([kind] if kind != "gradient" else []), *options, *entry.get("needs", [])]


def language(entry):
    """What reading the book's formula needs."""
    return entry.get("needs", [])


def cases(entries, needed=needs):
    params = []
    for entry in entries:
        missing = [each for each in needed(entry) if not HAVE[each]]
        skip = pytest.mark.skip(reason=f"matcalc has no {', '.join(missing)} yet")
        params.append(pytest.param(entry, id=entry["equation"], marks=[skip] if missing else []))
    return pytest.mark.parametrize("entry", params)


def derived(entry):
    options = {name: entry[name] for name in ("kind", "assume", "symmetric_rule") if name in entry}
    return matcalc.derive(entry["formula"], entry["wrt"], entry["shapes"], **options)


def inputs(entry, seed=0):
    """A point: square matrices well away from singular ones, symmetric positive where they are declared symmetric."""
    rng = np.random.default_rng([seed, *map(ord, entry["equation"])])
    point = {}
    for declaration in entry["shapes"].split(", "):
        name, shape = declaration.split(": ")
        sizes = [] if shape == "scalar" else [SIZES[size] for size in shape.split("×")]
        array = 0.5 * rng.standard_normal(sizes)
        if len(sizes) == 2 and sizes[0] == sizes[1]:
            array = array + 2 * np.eye(sizes[0])
        structure = entry.get("assume", {}).get(name)
        if structure == "symmetric":
            array = (array + array.T) / 2
        elif structure == "diagonal":
            array = np.diag(np.diagonal(array))
        point[name] = array
    return point


def oracle(entry, point):
    value = VALUES[entry["equation"]]
    if entry.get("kind") == "hessian":
        return second_derivative(value, point, entry["wrt"])
    return derivative(value, point, entry["wrt"], entry.get("assume", {}).get(entry["wrt"]))


def agrees(got, expected):
    got = np.asarray(got, dtype=float)
    if got.shape != expected.shape and not (got.shape == () and got == 0):  # 0 stands for an array of zeros
        return False
    return np.abs(got - expected).max() <= 1e-7 * max(np.abs(expected).max(), 1e-3)


def book(entry):
    """The book's result as it is measured."""
    return entry.get("print", entry["cookbook"])


def length(text):
    """How long a formula is in print; of a line in index notation, what stands right of the equals sign."""
    return len(text.split(" = ")[-1].replace(" ", ""))


def symbols(text):
    """How long a formula is without its round brackets."""
    return length(text.replace("(", "").replace(")", ""))


MEASURED = [entry for entry in ENTRIES if "cookbook" in entry]


def test_every_equation_of_the_chapter_is_here():
    numbers = {int("".join(filter(str.isdigit, name))) for name in names(ALL) if name[0].isdigit()}
    assert numbers == set(range(33, 145))
    assert len(names(ALL)) == len(ALL), "an equation stands here twice"


def names(entries):
    return {entry["equation"] for entry in entries}


def test_every_entry_has_its_oracle_and_every_oracle_its_entry():
    assert names(ENTRIES) == set(VALUES)


def test_what_is_out_of_reach_is_held_by_something_else_where_it_says_so():
    held = {entry["held_by"] for entry in OUT_OF_REACH if "held_by" in entry}
    assert held <= names(ENTRIES)
    assert len(OUT_OF_REACH) <= 22


def test_the_operations_that_are_out_of_reach_still_are():
    """Where this fails, an entry of the data can be derived now."""
    assert not {entry["lacks"] for entry in OUT_OF_REACH if "lacks" in entry} & set(standard().by_name)


@pytest.mark.skipif(not HAVE["assume"], reason="matcalc has no structure of variables yet")
@pytest.mark.parametrize("structure", sorted({e["structure"] for e in OUT_OF_REACH if "structure" in e}))
def test_the_structures_that_are_out_of_reach_still_are(structure):
    with pytest.raises(matcalc.MatcalcError):
        matcalc.derive("tr(AX)", "X", "A: n×n, X: n×n", assume={"X": structure})


@cases(ENTRIES)
def test_the_derivative_equals_the_oracles(entry):
    derivation = derived(entry)
    for seed in range(2):
        point = inputs(entry, seed)
        assert agrees(derivation.function("numpy")(**point), oracle(entry, point)), derivation.unicode()


@cases(ENTRIES)
def test_the_check_agrees(entry):
    assert derived(entry).check().ok is True


@cases(MEASURED, language)
def test_the_cookbooks_formula_equals_the_oracles(entry):
    point = inputs(entry)
    expected = oracle(entry, point)
    if "[" in entry["cookbook"]:
        assert agrees(entrywise(entry["cookbook"], entry["shapes"], point, expected.shape), expected)
    else:
        assert agrees(matcalc.evaluate(entry["cookbook"], entry["shapes"], **point), expected)


def entrywise(text, shapes, point, shape):
    """The value of a sum of products in index notation, with the result's axes i, j, k, l in this order."""
    letters = "ijkl"[: len(shape)]
    sizes = dict(zip(letters, shape, strict=True))
    total = np.zeros(shape)
    for term in text.replace("-", "+-").split("+"):
        factors = re.findall(r"([^\[\]]+)\[(\w),(\w)\]", term.strip().removeprefix("-"))
        arrays = [
            np.eye(sizes[row]) if base == "δ" else matcalc.evaluate(base, shapes, **point)
            for base, row, _ in factors
        ]
        legs = ",".join(row + column for _, row, column in factors)
        if factors:
            total += (-1 if "-" in term else 1) * np.einsum(f"{legs}->{letters}", *arrays)
    return total


@cases([entry for entry in MEASURED if not {"longer", "brackets"} & set(entry)])
def test_the_print_is_no_longer_than_the_cookbooks(entry):
    printed = derived(entry).unicode()
    assert length(printed) <= length(book(entry)), printed


@cases([entry for entry in MEASURED if "brackets" in entry])
def test_the_print_is_longer_by_a_pair_of_brackets_only(entry):
    printed = derived(entry).unicode()
    assert length(book(entry)) < length(printed) <= length(book(entry)) + 2, printed
    assert symbols(printed) <= symbols(book(entry)), printed


@cases([entry for entry in MEASURED if "longer" in entry])
def test_what_is_said_to_print_longer_still_does(entry):
    assert length(derived(entry).unicode()) > length(book(entry))


def test_a_row_of_cofactors_times_a_row_of_the_matrix():
    """Equations 47 and 50: Σₖ ∂det(X)/∂Xᵢₖ Xⱼₖ is det(X) for i = j and else 0."""
    entry = next(entry for entry in ENTRIES if entry["equation"] == "49")
    point = inputs(entry)
    gradient = derived(entry).function("numpy")(**point)
    assert np.allclose(gradient @ point["X"].T, np.linalg.det(point["X"]) * np.eye(4), rtol=1e-12, atol=1e-12)
