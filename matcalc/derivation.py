"""Derivatives: one backward sweep, the normal form, and the result in every form that a user asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from matcalc.deltas.projection import Projection, projected, projection
from matcalc.deltas.sweep import Sweep, sweep
from matcalc.errors import DerivationProblem
from matcalc.graph.axes import fresh_names, words
from matcalc.graph.build import default_shape
from matcalc.graph.node import SCALAR, Node, Shape, Size, axes
from matcalc.graph.template import definition, instantiate, operands
from matcalc.index.simplify import simplify
from matcalc.language.assumptions import Assume
from matcalc.language.names import canonical, unicode_name
from matcalc.printers.text import write
from matcalc.reading import Reading, Rules, Shapes, read

if TYPE_CHECKING:
    from matcalc.check.report import CheckReport
    from matcalc.printers.steps import Steps


class Derivation:
    """The derivative of a formula with respect to one variable.

    ``kind`` is ``"gradient"``, ``wrt`` the variable's name, ``shape`` the derivative's shape as symbols or integers
    (``("m", "k")``, ``("n",)``, ``()``), ``notes`` what was guessed, ``shapes`` the shapes of all variables.
    Where the variable's structure is known, ``projection`` says how the gradient comes from the ``ambient`` one.
    """

    kind = "gradient"

    def __init__(
        self,
        reading: Reading,
        wrt: str,
        variable: Node,
        result: Node,
        swept: Sweep | None,
        projection: Projection | None = None,
        ambient: Node | None = None,
    ) -> None:
        self.wrt = wrt
        self.variable = variable
        self.value = reading.value
        self.result = result
        self.sweep = swept
        self.reading = reading
        self.projection = projection
        self.ambient = ambient

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape of the derivative, which is that of the variable."""
        return axes(self.variable.shape)

    @property
    def shapes(self) -> dict[str, tuple[Size, ...]]:
        """The shapes of the variables, declared or found, by name."""
        known = {**self.reading.shapes, str(self.variable.data): self.variable.shape}
        return {reading_name(self.reading, name): axes(shape) for name, shape in known.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """How the formula was read where that was a guess, and what else the reader of the result should know."""
        if self.sweep is None:
            return (*self.reading.notes, f"{self.wrt} does not occur in the formula, so its gradient is 0")
        if self.projection is not None:
            return (*self.reading.notes, self.projection.note(self.reading.operations))
        return self.reading.notes

    def unicode(self) -> str:
        """The formula as papers print it: ``2(As − x)sᵀ``."""
        return self._write("unicode")

    def ascii(self) -> str:
        """The formula as MATLAB writes it: ``2*(A*s - x)*s'``."""
        return self._write("ascii")

    def latex(self) -> str:
        """The formula in LaTeX, without dollar signs."""
        return self._write("latex")

    def _write(self, spelling: str) -> str:
        taken = frozenset((*self.reading.shapes, *self.reading.declared))
        return write(self.result, spelling, self.reading.operations, taken)

    def _repr_latex_(self) -> str:
        """How Jupyter shows a derivation."""
        return f"$\\displaystyle \\nabla_{{{write(self.variable, 'latex', self.reading.operations)}}} = {self.latex()}$"

    def __repr__(self) -> str:
        return f"∇{unicode_name(str(self.variable.data))} = {self.unicode()}"

    @cached_property
    def sympy(self) -> Any:
        """The derivative as a SymPy expression over MatrixSymbols (vectors are n×1) and Symbols."""
        from matcalc.printers.to_sympy import to_sympy

        return to_sympy(self.result, self.reading)

    @cached_property
    def steps(self) -> Steps:
        """The layer table: the layers of the network that the formula is, and the deltas that go back through it."""
        from matcalc.printers.steps import layer_table

        return layer_table(self)

    def function(self, target: str = "numpy") -> Any:
        """A function of the variables, by keyword in any spelling, that computes the derivative as an ndarray."""
        from matcalc.evaluation import function

        return function(self.result, self.reading, target, also=[self.variable])

    def check(self, points: int = 3, seed: int = 0) -> CheckReport:
        """Compare the formula with finite differences of the original formula at random points of its domain."""
        return _checked([self], points, seed)[0]


def _checked(derivations: Sequence[Derivation], points: int, seed: int) -> list[CheckReport]:
    """The reports of derivations of one formula, at the same points."""
    from matcalc.check.gradients import check_gradients

    reading = derivations[0].reading
    reports = check_gradients(
        reading.value,
        {each.variable: each.result for each in derivations},
        reading.operations,
        lambda node: definition(node, reading.graph, reading.operations),
        lambda text, node: instantiate(
            text, operands(node, reading.operations), reading.graph, reading.operations
        ),
        points=points,
        seed=seed,
        structures=reading.structures,
    )
    return [reports[each.variable] for each in derivations]


class Derivations(dict[str, Derivation]):
    """Derivations by variable; a name may be looked up in any of its spellings."""

    def check(self, points: int = 3, seed: int = 0) -> dict[str, CheckReport]:
        """The check of every derivation, by variable, at the same points."""
        return dict(zip(self, _checked(list(self.values()), points, seed), strict=True)) if self else {}

    def _key(self, name: object) -> object:
        if isinstance(name, str) and not super().__contains__(name):
            wanted = canonical(name)
            return next((key for key in self if canonical(key) == wanted), name)
        return name

    def __getitem__(self, name: str) -> Derivation:
        return super().__getitem__(str(self._key(name)))

    def __contains__(self, name: object) -> bool:
        return super().__contains__(self._key(name))


def derive(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    symmetric_rule: str = "projection",
) -> Derivation | Derivations:
    """The gradient of a scalar formula with respect to ``wrt``.

    ``formula`` is text in Unicode, ASCII or LaTeX, or a SymPy expression.  ``wrt`` is a name or SymPy's symbol; a list of
    them or ``"all"`` gives ``Derivations`` by name, from one sweep.  ``shapes`` and ``rules`` are as for ``matcalc.read``.
    ``assume`` says what variables are, ``{"S": "symmetric"}`` or ``"S: symmetric, Q: orthogonal"``; the gradient in
    such a variable is the projection of the ambient gradient onto its structure's space, or, with the
    ``symmetric_rule`` ``"cookbook"``, the derivative in the independent entries of a symmetric matrix.
    Raises ``MatcalcError`` where the formula can't be read or has no gradient.
    """
    single = isinstance(wrt, str) or hasattr(wrt, "name")
    given = [_name_of(wrt)] if single else [_name_of(each) for each in _iterated(wrt)]
    reading = read(formula, shapes, rules, names=[canonical(name) or name for name in given], assume=assume)
    reading = _with_rule(reading, symmetric_rule)
    if reading.value.shape != SCALAR:
        raise DerivationProblem(
            f"the value of this formula is no scalar, its shape is {words(reading.value.shape)}, so it has no gradient; "
            "a gradient needs one number: add the entries with Σ(…) or sum(…), or take ‖…‖². The derivative of an "
            "array is a Jacobian, which this version does not give" + _by_letter(reading),
            reading.text,
            0,
            len(reading.text.rstrip()),
        )
    if single and given != ["all"]:
        return _gradients(reading, given)[given[0]]
    names = given
    if given == ["all"]:
        free = [name for name in reading.shapes if not reading.structures.has(name, "constant")]
        names = [reading_name(reading, name) for name in free]
    return Derivations(_gradients(reading, names))


def _with_rule(reading: Reading, rule: str) -> Reading:
    """The reading with the rule for the gradients in symmetric variables."""
    structures = reading.structures.of(rule)
    if rule != "projection" and not any({"symmetric", "spd"} & kinds for kinds in structures.kinds.values()):
        note = f"no variable is assumed symmetric, so the symmetric rule {rule} changes nothing"
        return replace(reading, structures=structures, notes=(*reading.notes, note))
    return replace(reading, structures=structures)


def _iterated(wrt: object) -> Iterable[object]:
    if not isinstance(wrt, Iterable):
        raise DerivationProblem(f"wrt is a name or a list of names, not {type(wrt).__name__}")
    return wrt


def _name_of(wrt: object) -> str:
    """The name of a variable given as text or as SymPy's symbol."""
    name = wrt if isinstance(wrt, str) else getattr(wrt, "name", None)
    if not isinstance(name, str):
        kind = type(wrt).__name__
        raise DerivationProblem(f"a variable is given by its name or by SymPy's symbol, not as {kind}")
    return name


def _by_letter(reading: Reading) -> str:
    """How names without a declaration were read."""
    kinds: dict[str, list[str]] = {}
    for name, shape in reading.shapes.items():
        if name not in reading.declared:
            kind = "scalar" if shape == SCALAR else "vector" if None in shape else "matrix"
            kinds.setdefault(kind, []).append(unicode_name(name))
    if not kinds:
        return ""
    read_as = "; ".join(f"{', '.join(names)} as {kind}" for kind, names in kinds.items())
    return f". Without a declaration were read {read_as}: --shape 'n: scalar' says otherwise"


def reading_name(reading: Reading, name: str) -> str:
    """How results call a variable: as the formula spells it where that is a Python name."""
    spelling = reading.spellings.get(name, name)
    return spelling if spelling.isidentifier() else name


def _gradients(reading: Reading, names: Sequence[str]) -> dict[str, Derivation]:
    """The gradients for these names, from one sweep."""
    variables = {name: _variable(reading, name) for name in names}
    targets = [node for node in variables.values() if str(node.data) in reading.shapes]
    swept = sweep(reading.value, targets, reading.graph.number(1), reading.graph, reading.operations)
    zero = reading.graph.number(0)
    deltas = [swept.deltas.get(node) or _filled(reading, zero, node.shape) for node in variables.values()]
    graph, operations, structures = reading.graph, reading.operations, reading.structures
    taken = frozenset((*reading.shapes, *reading.declared))
    rules = [projection(node, structures, graph, operations, taken) for node in variables.values()]
    structured = [
        delta if rule is None else projected(rule, delta, graph, operations)
        for rule, delta in zip(rules, deltas, strict=True)
    ]
    results = simplify(structured, graph, operations, [reading.value], structures, opened={*deltas})
    return {
        name: Derivation(reading, name, node, result, swept if node in targets else None, rule, delta)
        for (name, node), result, rule, delta in zip(variables.items(), results, rules, deltas, strict=True)
    }


def _filled(reading: Reading, scalar: Node, shape: Shape) -> Node:
    return scalar if shape == SCALAR else reading.graph.node("fill", (scalar,), shape)


def _variable(reading: Reading, name: str) -> Node:
    """The variable of a name; one that does not occur gets its declared shape or the one its letter stands for."""
    known = canonical(name)
    if known is None and name in reading.declared:
        known = name
    if known is None:
        raise DerivationProblem(f"`{name}` is no name of a variable; the formula has {_listed(reading)}")
    if known in reading.shapes:
        return reading.graph.variable(known, reading.shapes[known])
    taken = {size for shape in (*reading.shapes.values(), *reading.declared.values()) for size in shape}
    shape = default_shape(known, reading.declared, fresh_names({*taken, *reading.shapes}))
    if known in reading.structures.square() and None not in shape and known not in reading.declared:
        shape = (shape[0], shape[0])
    reading.structures.fit({known: shape})
    return reading.graph.variable(known, shape)


def _listed(reading: Reading) -> str:
    names: Mapping[str, Shape] = reading.shapes
    return "the variables " + ", ".join(unicode_name(name) for name in names) if names else "no variables"


def gradient(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    symmetric_rule: str = "projection",
) -> Any:
    """The gradient as a SymPy expression; the arguments are those of ``derive``."""
    derivation = derive(formula, wrt, shapes, rules=rules, assume=assume, symmetric_rule=symmetric_rule)
    if isinstance(derivation, Derivations):
        return {name: each.sympy for name, each in derivation.items()}
    return derivation.sympy
