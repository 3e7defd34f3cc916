"""Random formulas in structured variables: simplification keeps their values, and gradients pass the check."""

import random

import numpy as np
import pytest

import matcalc
from matcalc.graph.template import definition
from matcalc.index.simplify import simplify
from matcalc.reading import read
from matcalc.verification.draws import Draws
from matcalc.verification.evaluate import evaluate
from matcalc.verification.structured import structured

SHAPES = "S: n×n, T: n×n, A: n×n, B: n×n, x: n, y: n, u: n, p: n"
KINDS = ["symmetric", "spd", "skew", "diagonal", "orthogonal", "lower", "upper"]
N = 4


class Author:
    """Writes random formulas."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def matrix(self, depth: int) -> str:
        if depth == 0:
            return self.random.choice(
                ["S", "S", "S", "Sᵀ", "T", "A", "B", "uuᵀ", "xyᵀ", "diag(x)", "S⁻¹", "S⁻ᵀ"]
            )
        left, right = self.matrix(depth - 1), self.matrix(depth - 1)
        return self.random.choice(
            [
                f"({left})·({right})",
                f"({left})({right})",
                f"({left} + {right})",
                f"({left} − 2{self.matrix(0)})",
                f"({left})ᵀ",
                f"({left} ⊙ {right})",
                f"inv({left} + 5I)",
                f"diag(diag({left}))",
                f"exp({self.matrix(0)})",
            ]
        )

    def vector(self, depth: int) -> str:
        if depth == 0:
            return self.random.choice(["x", "y", "u", "p", "|p|", "√(p ⊙ p)", "diag(S)"])
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        return self.random.choice(
            [f"({self.matrix(depth - 1)})({left})", f"({left} + {right})", f"({left} ⊙ {right})"]
        )

    def scalar(self) -> str:
        depth = self.random.choice([1, 2, 2])
        matrix, vector = self.matrix(depth), self.vector(depth)
        forms = [
            f"tr({matrix})",
            f"({vector})ᵀ({self.vector(1)})",
            f"‖{matrix}‖²",
            f"‖u‖‖{vector}‖²",
            f"Σ({matrix})",
        ]
        return self.random.choice(forms)


@pytest.mark.parametrize("seed", range(8))
def test_values_and_gradients(seed):
    author, rng, draws = Author(seed), np.random.default_rng(seed), Draws(seed)
    compared = 0
    for _ in range(20):
        formula = f"{author.scalar()} + {author.scalar()}"
        assume = f"S: {author.random.choice(KINDS)}, T: {author.random.choice(KINDS)}, u: unit, p: positive"
        reading = read(formula, SHAPES, assume=assume)
        graph, operations = reading.graph, reading.operations
        (node,) = simplify([reading.value], graph, operations, [reading.value], structures=reading.structures)
        values = {}
        for name, shape in reading.shapes.items():
            z = 0.7 * rng.standard_normal((3, N, N if shape[1] else 1))
            known = name in reading.structures.kinds
            values[name] = structured(reading.structures, name, z, draws) if known else z
        before, after = evaluate(
            [reading.value, node],
            values,
            {"n": N},
            operations,
            lambda n, g=graph, o=operations: definition(n, g, o),
        )
        good = np.isfinite(before) & (np.abs(before) < 1e8)
        assert (np.abs(before - after) <= 1e-7 * (1 + np.abs(before)))[good].all(), (formula, assume)
        compared += good.sum()
        wrt = author.random.choice(list(reading.shapes))
        assert matcalc.derive(formula, wrt, SHAPES, assume=assume).check().ok is not False, (
            formula,
            wrt,
            assume,
        )
    assert compared > 40


@pytest.mark.parametrize("seed", range(4))
def test_derivatives_in_free_entries(seed):
    author = Author(seed)
    for _ in range(30):
        kind = author.random.choice(["jacobian", "hessian", "hvp", "pullback", "pushforward"])
        assume = f"S: {author.random.choice(KINDS)}, T: {author.random.choice(KINDS)}, u: unit, p: positive"
        depth = author.random.choice([1, 2])
        if kind in ("hessian", "hvp"):
            formula = author.scalar()
        else:
            formula = author.random.choice([author.matrix(1), author.vector(depth), author.scalar()])
        wrt = author.random.choice("SSSTxup")
        derivation = matcalc.derive(formula, wrt, SHAPES, kind, assume=assume)
        assert derivation.check().ok is not False, (formula, kind, wrt, assume)
