"""Derivatives: one backward sweep, the normal form, and the result in every form that a user asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from matcalc.deltas.projection import Projection, projected, projection, refuse_constant
from matcalc.deltas.sweep import Sweep, sweep
from matcalc.errors import DerivationProblem
from matcalc.graph.axes import fresh_names, words
from matcalc.graph.build import default_shape
from matcalc.graph.node import SCALAR, Node, Shape, Size, axes, topological, variables
from matcalc.graph.template import definition, instantiate, operands
from matcalc.language.assumptions import Assume
from matcalc.language.names import canonical, unicode_name
from matcalc.naming import Names, names_of
from matcalc.printers.abbreviations import LONG
from matcalc.printers.text import Written, write, written
from matcalc.reading import AMBIGUOUS, Reading, Rules, Shapes, read, value_of, without

if TYPE_CHECKING:
    from matcalc.check.report import CheckReport
    from matcalc.printers.shares import Share
    from matcalc.printers.steps import Steps

_DIRECTIONS = frozenset(["upstream", "tangent", "direction"])  # what is asked under a name


@dataclass(frozen=True)
class Claim:
    """What the check proves: ``derivative`` is the gradient of the scalar ``value`` in ``variable``.

    ``at_zero`` tells that it is so where the variable is zero.
    """

    value: Node
    variable: Node
    derivative: Node
    at_zero: bool = False


class Derivation:
    """The derivative of a formula with respect to one variable.

    ``kind`` is ``"gradient"``, ``wrt`` the variable's name, ``shape`` the derivative's shape as symbols or integers
    (``("m", "k")``, ``("n",)``, ``()``), ``notes`` what was guessed, ``shapes`` the shapes of all variables.
    ``named`` is the result with the names that the formula defines, ``result`` the same in terms of its variables.
    Where the variable's structure is known, ``projection`` says how the gradient comes from the ``ambient`` one.
    """

    kind: str = "gradient"
    long: int = LONG  # characters from which what a formula repeats gets names

    def __init__(
        self,
        reading: Reading,
        wrt: str,
        variable: Node,
        named: Node,
        swept: Sweep | None,
        names: Names | None = None,
        origin: Names | None = None,
        projection: Projection | None = None,
        ambient: Node | None = None,
    ) -> None:
        self.wrt = wrt
        self.variable = variable
        self.value = reading.value
        self.names = names or names_of(reading)
        self.named = named
        self.result = self.names.open([named])[0]
        self.sweep = swept
        self.reading = reading
        self.origin = origin  # where the variable is an intermediate value: all names of the formula
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
        notes = (*self.reading.notes, *self._notes_of_rules(self.sweep))
        if self.origin is not None:
            notes = (*notes, f"{self.wrt} is an intermediate value; this is its δ")
        if self.projection is not None:
            notes = (*notes, self.projection.note(self.reading.operations))
        return notes

    def _notes_of_rules(self, swept: Sweep) -> Iterator[str]:
        """What the rules say that were used between the value and this variable."""
        found: dict[str, None] = {}
        dependent = {self.variable}
        for node in topological([self.value]):
            if not dependent.isdisjoint(node.args):
                dependent.add(node)
                operation = self.reading.operations.by_name.get(node.op)
                if operation is not None and operation.note is not None and node in swept.deltas:
                    found[operation.note] = None
        yield from found

    def unicode(self, inline: bool = False) -> str:
        """The formula as papers print it: ``2(As − x)sᵀ``; ``inline`` writes out what has a name."""
        return str(self.written("unicode", inline))

    def ascii(self, inline: bool = False) -> str:
        """The formula as MATLAB writes it: ``2*(A*s - x)*s'``; ``inline`` writes out what has a name."""
        return str(self.written("ascii", inline))

    def latex(self, inline: bool = False) -> str:
        """The formula in LaTeX, without dollar signs; ``inline`` writes out what has a name."""
        return str(self.written("latex", inline))

    def written(self, spelling: str, inline: bool = False, headed: bool = False) -> Written:
        """The formula, and the definitions of the names in it; ``inline`` leaves as few as possible.

        Where it stands ``headed``, behind ``head``, the indices there tell sizes that it need not repeat.

        Raises ``DerivationProblem`` where it is too long to be written without them.
        """
        return self.write(
            (self.inlined if inline else self).named, spelling, inline, self.head(spelling) if headed else ""
        )

    def write(self, node: Node, spelling: str, inline: bool = False, left: str = "") -> Written:
        """A formula of this derivation, with the definitions of the names in it."""
        names = self.reading.names.values()
        taken = frozenset((*self.reading.shapes, *self.reading.declared, *names))
        if self.projection is not None:  # the note speaks of the ambient gradient G
            taken |= {str(self.projection.symbol.data)}
        operations = self.reading.operations
        bodies = self._bodies(node, inline)
        known = self.heads() if left else ()
        return written(node, spelling, operations, taken, bodies, inline, self.long, left, known)

    def _bodies(self, node: Node, inline: bool) -> dict[str, Node]:
        """What the names in a formula stand for."""
        names = self.origin or self.names
        if not inline:
            return names.used([node])
        name = str(self.variable.data)
        written_out = self.origin is not None and any(inner is self.variable for inner in variables([node]))
        return {name: names.by_name[name]} if written_out else {}

    @cached_property
    def inlined(self) -> Derivation:
        """The same derivative, simplified with all definitions put in."""
        if not self.names:
            return self
        bare = replace(self.reading, names={})
        delta = self.ambient or self.named
        opened = () if self.projection is None else (delta,)
        gradient = self.projected(delta)
        (result,) = names_of(bare).simplify([gradient], bare.operations, [self.value], opened=opened)
        return Derivation(
            bare,
            self.wrt,
            self.variable,
            result,
            self.sweep,
            None,
            self.origin,
            self.projection,
            self.ambient,
        )

    def projected(self, delta: Node) -> Node:
        """The part of a delta of the variable, or of a contribution to it, in the space of its structure."""
        if self.projection is None:
            return delta
        return projected(self.projection, delta, self.reading.graph, self.reading.operations)

    @property
    def contributions(self) -> tuple[Share, ...]:
        """What each use of the variable adds to the derivative, by the definition in which it stands."""
        from matcalc.printers.shares import shares

        return shares(self)

    def _repr_latex_(self) -> str:
        """How Jupyter shows a derivation."""
        return f"$\\displaystyle {self.head('latex')} = {self.latex()}$"

    def __repr__(self) -> str:
        return f"{self.head('unicode')} = {self.written('unicode', headed=True)}"

    @cached_property
    def sympy(self) -> Any:
        """The derivative as a SymPy expression over MatrixSymbols (vectors are n×1) and Symbols."""
        from matcalc.printers.to_sympy import to_sympy

        return to_sympy(self.inlined.result, self.reading)

    @cached_property
    def steps(self) -> Steps:
        """The layer table: the layers of the network that the formula is, and the deltas that go back through it."""
        from matcalc.printers.steps import layer_table

        return layer_table(self)

    def function(self, target: str = "numpy") -> Any:
        """A function of the variables, by keyword in any spelling, that computes the derivative as an ndarray."""
        from matcalc.evaluation import function

        if self.origin is None:
            return function(self.result, self.reading, target, also=[self.variable])
        return function(self.origin.open([self.result])[0], self.reading, target)

    def claims(self) -> Sequence[Claim]:
        """What the check proves."""
        return [Claim(self.value, self.variable, self.result)]

    def heads(self) -> Sequence[Node]:
        """The variables that ``head`` names."""
        return [self.variable]

    def head(self, spelling: str) -> str:
        """What the formula is equal to: ``∇W``."""
        name = write(self.variable, spelling, self.reading.operations)
        signs = {"unicode": f"∇{name}", "ascii": f"grad {name}", "latex": f"\\nabla_{{{name}}}"}
        return signs[spelling]

    def check(self, points: int = 3, seed: int = 0) -> CheckReport:
        """Compare the formula with finite differences of the original formula at random points of its domain."""
        return _checked([self], points, seed)[0]


def _checked(derivations: Sequence[Derivation], points: int, seed: int) -> list[CheckReport]:
    """The reports of derivations of one formula; what is claimed of one value is checked at the same points."""
    from matcalc.check.gradients import check_gradients

    reading = derivations[0].reading
    structures = reading.structures
    together: dict[tuple[Node, int], dict[Node, Node]] = {}
    places: list[list[tuple[tuple[Node, int], Node]]] = []
    for derivation in derivations:
        own = []
        for number, claim in enumerate(derivation.claims()):
            group = (claim.value, 0 if derivation.kind == "gradient" else id(derivation) + number)
            together.setdefault(group, {})[claim.variable] = claim.derivative
            if claim.at_zero:
                structures = structures.zero(claim.variable.data)
            own.append((group, claim.variable))
        places.append(own)
    reports = {
        group: check_gradients(
            group[0],
            claimed,
            reading.operations,
            lambda node: definition(node, reading.graph, reading.operations),
            lambda text, node: instantiate(
                text, operands(node, reading.operations, reading.graph), reading.graph, reading.operations
            ),
            points=points,
            seed=seed,
            structures=structures,
            projected=group[1] == 0,  # only gradients are
        )
        for group, claimed in together.items()
    }
    return [_weakest([reports[group][variable] for group, variable in own]) for own in places]


def _weakest(reports: Sequence[CheckReport]) -> CheckReport:
    """The first report that failed or found nothing, else the one with the largest error."""
    for verdict in (False, None):
        for report in reports:
            if report.ok is verdict:
                return report
    return max(reports, key=lambda report: report.error or 0.0)


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
    kind: str = "gradient",
    *,
    rules: Rules = (),
    assume: Assume = None,
    symmetric_rule: str = "projection",
    **asked: Any,
) -> Derivation | Derivations:
    """The derivative of a formula with respect to ``wrt``, by default the gradient of a scalar one.

    ``formula`` is text in Unicode, ASCII or LaTeX, or a SymPy expression.  ``wrt`` is a name or SymPy's symbol; a list of
    them or ``"all"`` gives ``Derivations`` by name.  ``shapes`` and ``rules`` are as for ``matcalc.read``.

    ``kind`` is one of

    - ``"gradient"``: of a scalar, with the shape of the variable;
    - ``"jacobian"``: of any value, with the shape of the value followed by that of the variable; ``layout`` is
      ``"numerator"``, ``"denominator"`` (for a vector in a vector) or ``"kron"`` (a matrix for vec of both);
    - ``"hessian"``: the second derivative of a scalar, ``order=N`` the N-th; a pair of names gives the mixed block;
    - ``"hvp"``: the Hessian times a ``direction`` (a name for it);
    - ``"pullback"``: the delta that reaches the variable when ``upstream`` (a name) arrives at the value;
    - ``"pushforward"``: how the value moves when the variable moves along ``tangent`` (a name).

    ``assume`` says what variables are, ``{"S": "symmetric"}`` or ``"S: symmetric, Q: orthogonal"``.  The gradient in
    such a variable is the projection of the ambient gradient onto its structure's space, or, with the
    ``symmetric_rule`` ``"cookbook"``, the derivative in the independent entries of a symmetric matrix.  The other kinds
    are simplified with what is assumed, and not projected: they are derivatives in free entries.

    Raises ``MatcalcError`` where the formula can't be read or has no such derivative.
    """
    single = isinstance(wrt, str) or hasattr(wrt, "name")
    given = [_name_of(wrt)] if single else [_name_of(each) for each in _iterated(wrt)]
    directions = [name for key, name in asked.items() if key in _DIRECTIONS and name not in AMBIGUOUS]
    names = [canonical(name) or name for name in (*given, *filter(None, directions))]
    reading = read(formula, shapes, rules, names=names, assume=assume)
    reading = _with_rule(reading, symmetric_rule, kind)
    if kind != "gradient":
        from matcalc.derivatives import asked_for

        if given == ["all"]:
            given, single = _free_names(reading), False
        return asked_for(kind, reading, given, single, **asked)
    if asked:
        raise DerivationProblem(f"a gradient takes no {next(iter(asked))}")
    if reading.value.shape != SCALAR:
        raise DerivationProblem(
            f"the value of this formula is no scalar, its shape is {words(reading.value.shape)}, so it has no gradient; "
            "a gradient needs one number: add the entries with Σ(…) or sum(…), or take ‖…‖². The derivative of an "
            "array is its Jacobian: matcalc jacobian" + _by_letter(reading),
            reading.text,
            0,
            len(reading.text.rstrip()),
        )
    if single and given != ["all"]:
        return _gradients(reading, given)[given[0]]
    return Derivations(_gradients(reading, _free_names(reading) if given == ["all"] else given))


def _free_names(reading: Reading) -> list[str]:
    """What ``all`` stands for: the variables that are not assumed constant."""
    free = [name for name in reading.shapes if not reading.structures.has(name, "constant")]
    return [reading_name(reading, name) for name in free]


def _with_rule(reading: Reading, rule: str, kind: str) -> Reading:
    """The reading with the rule for the gradients in symmetric variables."""
    structures = reading.structures.of(rule)
    if rule != "projection" and kind != "gradient":
        raise DerivationProblem(f"the symmetric rule {rule} is for gradients; a {kind} has free entries")
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
    """The gradients for these names: from one sweep, and one more for each that is an intermediate value."""
    defined = dict(reading.parsed.definitions) if reading.parsed else {}
    inner = [name for name in names if canonical(name) in defined]
    outer = [name for name in names if name not in inner]
    every = names_of(reading)
    variables = {name: variable_of(reading, name) for name in outer}
    found = _swept(reading, variables, every) if outer or not inner else {}
    for name in inner:
        cut, variable, origin = _cut(reading, name)
        found |= _swept(cut, {name: variable}, names_of(cut), origin)
    return {name: found[name] for name in names}


def _cut(reading: Reading, name: str) -> tuple[Reading, Node, Names]:
    """The formula with an intermediate value as a variable, that variable, and all names with what they stand for."""
    known = str(canonical(name))
    value = value_of(reading, known)
    variable = reading.graph.variable(known, value.shape)
    cut = without(reading, known, variable)
    return cut, variable, Names({**reading.names, value: known}, reading.graph, cut.names)


def _swept(
    reading: Reading, variables: Mapping[str, Node], names: Names, origin: Names | None = None
) -> dict[str, Derivation]:
    """The gradients with respect to variables, from one sweep."""
    targets = [node for node in variables.values() if str(node.data) in reading.shapes]
    swept = sweep(reading.value, targets, reading.graph.number(1), reading.graph, reading.operations)
    zero = reading.graph.number(0)
    deltas = [swept.deltas.get(node) or filled(reading, zero, node.shape) for node in variables.values()]
    graph, operations = reading.graph, reading.operations
    taken = frozenset((*reading.shapes, *reading.declared, *reading.names.values()))
    rules = [projection(node, reading.structures, graph, operations, taken) for node in variables.values()]
    structured = [
        delta if rule is None else projected(rule, delta, graph, operations)
        for rule, delta in zip(rules, deltas, strict=True)
    ]
    opened = [delta for rule, delta in zip(rules, deltas, strict=True) if rule is not None]
    results = names.simplify(structured, operations, [reading.value], opened=opened)
    return {
        name: Derivation(
            reading, name, node, result, swept if node in targets else None, names, origin, rule, delta
        )
        for (name, node), result, rule, delta in zip(variables.items(), results, rules, deltas, strict=True)
    }


def filled(reading: Reading, scalar: Node, shape: Shape) -> Node:
    return scalar if shape == SCALAR else reading.graph.node("fill", (scalar,), shape)


def variable_of(reading: Reading, name: str) -> Node:
    """The variable of a name; one that does not occur gets its declared shape or the one its letter stands for."""
    known = canonical(name)
    if known is None and name in reading.declared:
        known = name
    if known is None:
        raise DerivationProblem(f"`{name}` is no name of a variable; the formula has {_listed(reading)}")
    refuse_constant(known, reading.structures)
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
    return _in_sympy(derive(formula, wrt, shapes, rules=rules, assume=assume, symmetric_rule=symmetric_rule))


def jacobian(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    layout: str = "numerator",
) -> Any:
    """The Jacobian as a SymPy expression, an array expression where it has more than two axes; see ``derive``."""
    return _in_sympy(derive(formula, wrt, shapes, "jacobian", rules=rules, assume=assume, layout=layout))


def hessian(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    layout: str = "numerator",
    order: int = 2,
) -> Any:
    """The Hessian as a SymPy expression, an array expression where it has more than two axes; see ``derive``."""
    return _in_sympy(
        derive(formula, wrt, shapes, "hessian", rules=rules, assume=assume, layout=layout, order=order)
    )


def _in_sympy(derivation: Derivation | Derivations) -> Any:
    if isinstance(derivation, Derivations):
        return {name: each.sympy for name, each in derivation.items()}
    return derivation.sympy
