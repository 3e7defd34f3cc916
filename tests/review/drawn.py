"""Claims drawn over the public cases: right formulas, and what single slips of the pen make of them.

python -m tests.review.drawn --count 200 --seed 0
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

import matcalc
from matcalc.language.names import canonical

CASES = Path(__file__).parent.parent / "data" / "public.jsonl"
SPELLINGS = ("unicode", "ascii", "latex")
_TURNED = {"unicode": "ᵀ", "ascii": "'", "latex": "^{\\top}"}


@dataclass(frozen=True)
class Drawn:
    """A claim about a public case; ``slip`` says what was done to the right formula, or how it was rewritten."""

    case: dict
    claim: str
    spelling: str
    slip: str

    @property
    def shapes(self) -> dict:
        return {name: tuple(shape) for name, shape in self.case["shapes"].items()}

    @cached_property
    def report(self) -> matcalc.review.report.ClaimReport:
        """What matcalc says of the claim; raises ``SyntaxProblem`` where it is no formula."""
        case = self.case
        return matcalc.check(case[self.spelling], case["wrt"], self.claim, self.shapes, case["kind"])

    def value(self, formula: str, symmetric: bool = False) -> np.ndarray | None:
        """The value of a formula at the numbers of the case, their square matrices made ``symmetric``; None if none."""
        given = {str(canonical(name)): np.array(value) for name, value in self.case["inputs"].items()}
        if symmetric:
            given = {
                name: value + value.T if self._is_square(value) else value for name, value in given.items()
            }
        sizes = {name: "×".join(map(str, shape)) or "scalar" for name, shape in self.case["shapes"].items()}
        try:
            declared = ", ".join(f"{name}: {size}" for name, size in sizes.items())
            return np.asarray(matcalc.evaluate(formula, declared, **given))
        except matcalc.MatcalcError:
            return None

    @staticmethod
    def _is_square(value: np.ndarray) -> bool:
        return value.ndim == 2 and value.shape[0] == value.shape[1]

    def is_right(self, formula: str) -> bool:
        """Whether a formula has the derivative's numbers, which an independent oracle computed."""
        return _same(self.value(formula), np.array(self.case["expected"]))

    def is_conventional(self) -> bool:
        """Whether the claim is off by a factor of 2 or a transpose as a whole, or right where matrices are symmetric."""
        value, expected = self.value(self.claim), np.array(self.case["expected"])
        row = expected[None] if expected.ndim == 1 else expected.T
        if any(_same(value, other) for other in (2 * expected, expected / 2, expected.T, row)):
            return True
        right = self.value(formula_of(self.case, self.spelling), symmetric=True)
        return right is not None and _same(self.value(self.claim, symmetric=True), right)

    def is_formula(self) -> bool:
        """Whether the claim can be read as text, whatever its shapes."""
        try:
            return self.report is not None
        except matcalc.errors.SyntaxProblem:
            return False


def _same(value: np.ndarray | None, expected: np.ndarray) -> bool:
    return value is not None and value.shape == expected.shape and np.allclose(value, expected, 1e-7, 1e-9)


@cache
def cases() -> list[dict]:
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def formula_of(case: dict, spelling: str) -> str:
    return _formulas(case["name"])[SPELLINGS.index(spelling)]


@cache
def _formulas(name: str) -> tuple[str, ...]:
    case = next(case for case in cases() if case["name"] == name)
    shapes = {name: tuple(shape) for name, shape in case["shapes"].items()}
    derived = matcalc.derive(case["unicode"], case["wrt"], shapes, case["kind"])
    return derived.unicode(), derived.ascii(), derived.latex()


# Slips ---------------------------------------------------------------------------------------------------------------


def slips(text: str, spelling: str) -> Iterator[tuple[str, str]]:
    """What single slips make of a formula, with their names."""
    sign = _TURNED[spelling]
    for match in re.finditer(re.escape(sign), text):
        yield "transpose dropped", text[: match.start()] + text[match.end() :]
    for match in re.finditer(r"(?<![A-Za-z\\{_])[A-Za-z](?![A-Za-z_({'ᵀ^ₐ-ₜᵢ-ᵪⱼ₀-₉0-9⁻\[\],])", text):
        yield "transpose added", text[: match.end()] + sign + text[match.end() :]
    for match in re.finditer(r" ([+−-]) ", text):
        other = "+" if match[1] != "+" else ("−" if spelling == "unicode" else "-")
        yield "sign", text[: match.start(1)] + other + text[match.end(1) :]
    for match in re.finditer(r"(?<![\w.{^₀-₉/])\d(?![\w.}/])", text):
        yield "factor", text[: match.start()] + str(int(match[0]) + 1) + text[match.end() :]
    pair = (
        r"\b([A-Za-z])\*([A-Za-z])\b"
        if spelling == "ascii"
        else r"(?<![A-Za-z\\{_])([A-Za-z]) ?([A-Za-z])(?![A-Za-z_])"
    )
    for match in re.finditer(pair, text):
        swapped = match[0].replace(match[1], "·").replace(match[2], match[1]).replace("·", match[2])
        yield "swapped product", text[: match.start()] + swapped + text[match.end() :]
    for start, end in _terms(text):
        yield "missing term", text[:start] + text[end:]


def _terms(text: str) -> Iterator[tuple[int, int]]:
    """The places of terms behind a sign, with the sign."""
    for match in re.finditer(r" [+−-] ", text):
        depth, place = 0, match.end()
        while place < len(text):
            character = text[place]
            depth += (character in "([{") - (character in ")]}")
            if depth < 0 or (depth == 0 and re.match(r" ([+−-]|where|⊙|\.\*|\\odot) ", text[place:])):
                break
            place += 1
        yield match.start(), place


def wrong_claims(count: int, seed: int) -> list[Drawn]:
    """Claims that one slip made wrong; those that are right nevertheless, or up to a convention, are not among them."""
    rng = random.Random(seed)
    known = cases()
    found: dict[tuple[str, str], Drawn] = {}
    while len(found) < count:
        case, spelling = rng.choice(known), rng.choice(SPELLINGS)
        made = list(slips(formula_of(case, spelling), spelling))
        if not made:
            continue
        kind = rng.choice(sorted({slip for slip, _ in made}))
        claim = rng.choice([text for slip, text in made if slip == kind])
        drawn = Drawn(case, claim, spelling, kind)
        if not drawn.is_right(claim) and not drawn.is_conventional() and drawn.is_formula():
            found[case["name"], claim] = drawn
    return list(found.values())


# Other ways to write --------------------------------------------------------------------------------------------------


def right_claims(count: int, seed: int) -> list[Drawn]:
    """Right formulas in other words."""
    rng = random.Random(seed)
    known = cases()
    found: dict[tuple[str, str], Drawn] = {}
    while len(found) < count:
        case, spelling = rng.choice(known), rng.choice(SPELLINGS)
        claim, kind = formula_of(case, spelling), ""
        made = list(rewritings(claim, spelling, case, rng))
        for _ in range(rng.choice((1, 1, 2))):
            kind, claim = rng.choice(made) if not kind else (kind, claim)
        drawn = Drawn(case, claim, spelling, kind)
        if drawn.is_right(claim):
            found[case["name"], claim] = drawn
    return list(found.values())


def rewritings(text: str, spelling: str, case: dict, rng: random.Random) -> Iterator[tuple[str, str]]:
    """A formula written otherwise."""
    formula, where, rest = text.partition("where" if spelling != "latex" else "\\quad\\text{where}")
    formula, tail = formula.strip(), where and f" {where}{rest}"
    turned = _TURNED[spelling]
    for other in SPELLINGS:
        if other != spelling:
            yield "another spelling", formula_of(case, other)
    yield (
        "halves",
        f"½({formula}) + ½({formula}){tail}"
        if spelling == "unicode"
        else f"0.5*({formula}) + 0.5*({formula}){tail}",
    )
    yield "negated twice", f"-(-({formula})){tail}"
    yield "transposed twice", f"(({formula}){turned}){turned}{tail}"
    yield "more than needed", f"3*({formula}) - 2*({formula}){tail}"
    shape = case["shapes"][case["wrt"]]
    name = formula_name(case["wrt"], spelling)
    if case["kind"] == "gradient" and "where" not in text:
        yield "something added and taken away", f"({formula}) + {name} - {name}"
        if len(shape) == 2:
            yield "times I", f"({formula})*I" if spelling == "ascii" else f"({formula})I"
    for match in re.finditer(r"\(([^()]+) ([+−-]) ([^()]+)\)", formula):
        one, sign, other = match.groups()
        if re.search(r" [+−-] ", other):
            continue
        swapped = f"({other} + {one})" if sign == "+" else f"(-{other} + {one})"
        if not one.startswith(("−", "-")):
            yield "a sum turned round", formula[: match.start()] + swapped + formula[match.end() :] + tail


def formula_name(name: str, spelling: str) -> str:
    return {"unicode": name, "ascii": name, "latex": name}[spelling] if len(name) == 1 else name


# Running --------------------------------------------------------------------------------------------------------------


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--verbose", action="store_true")
    given = options.parse_args()
    right, wrong = right_claims(given.count, given.seed), wrong_claims(given.count, given.seed)
    kinds, named, verdicts = Counter[str](), Counter[str](), Counter[str]()
    for drawn in right:
        report = drawn.report
        verdicts["right claims called wrong"] += not report.ok
        if not report.ok or given.verbose:
            print(drawn.case["name"], drawn.slip, drawn.claim, report, sep="\n  ")
    for drawn in wrong:
        report = drawn.report
        kinds[drawn.slip] += 1
        verdicts[f"wrong claims called {report.verdict}"] += 1
        good = report.repair is not None and drawn.is_right(report.repair)
        named[drawn.slip] += report.slip is not None and good
        verdicts["repairs that are no repair"] += not good and not report.ok
        if report.ok or report.slip is None or not good or given.verbose:
            print(drawn.case["name"], drawn.slip, drawn.case[drawn.spelling], drawn.claim, report, sep="\n  ")
    for slip, count in kinds.items():
        print(f"{slip:<20} {count:>4} drawn, {named[slip]:>4} named and repaired by one edit")
    print(f"{'all':<20} {len(wrong):>4} drawn, {named.total():>4} ({100 * named.total() / len(wrong):.0f} %)")
    print(len(right), "right claims;", dict(verdicts))


if __name__ == "__main__":
    main()
