"""Derivatives other than gradients: Jacobians, Hessians, pullbacks, pushforwards and Hessian-vector products.

All of them are backward sweeps with the same rules.  A pullback starts from a delta with a name.  A Jacobian starts from
the identity tensor, whose axes ride along.  A Hessian is the Jacobian of the gradient; a Hessian-vector product the
pullback of the gradient, since the Hessian is symmetric.  A pushforward is the pullback, with respect to the delta, of a
pullback: that is linear in its delta, and the transpose of a transpose is the map itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from matcalc.deltas.sweep import sweep
from matcalc.derivation import Claim, Derivation, Derivations, filled, variable_of
from matcalc.errors import DerivationProblem
from matcalc.graph.algebra import Algebra
from matcalc.graph.axes import words
from matcalc.graph.node import SCALAR, Node, Shape, Size, axes, full_shape, own_axes, topological
from matcalc.graph.replace import replaced
from matcalc.graph.subscripts import Subscripts
from matcalc.language.names import canonical, unicode_name
from matcalc.naming import Names, names_of
from matcalc.printers.abbreviations import LONG_WITH_AXES
from matcalc.reading import Reading, value_of, without

_SEED = "∂"  # names that no text can name
_WEIGHTS = "∂C"
_STEP = "∂ε"
_CALLED = {"jacobian": "Jacobian", "hessian": "Hessian", "hvp": "Hessian-vector product"}  # in notes
LAYOUTS = ("numerator", "denominator", "kron")
_HIGHEST = 8  # order of a derivative
_OPTIONS = {  # the kinds that take an option
    "layout": ("jacobian", "hessian"),
    "order": ("hessian",),
    "upstream": ("pullback",),
    "tangent": ("pushforward",),
    "direction": ("hvp",),
}
_REPEATED = 2  # uses of the formula's own value from which it gets a name in a Jacobian


@dataclass(frozen=True)
class Question:
    """What is asked: the formula, its own value under a name where that helps, and the variables.

    ``directions`` are the variables that stand for an arriving delta or a direction.  A variable that the formula
    defines has no definition in ``reading``, but in ``origin``.
    """

    kind: str
    reading: Reading
    variables: tuple[tuple[str, Node], ...]
    directions: tuple[Node, ...] = ()
    layout: str = "numerator"
    origin: Names | None = None  # where a variable is an intermediate value: all names of the formula


class Derivative(Derivation):
    """A derivative that is no gradient; its shape is that of the value followed by those of the variables."""

    def __init__(
        self,
        question: Question,
        named: Node,
        names: Names,
        shape: tuple[Size, ...],
        claims: Sequence[Claim],
    ) -> None:
        ((wrt, variable), *_) = question.variables
        super().__init__(question.reading, wrt, variable, named, None, names, question.origin)
        self.kind = question.kind
        self.long = LONG_WITH_AXES
        self.question = question
        self._shape = shape
        self._claims = tuple(claims)
        self._remarks: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape of the derivative."""
        return self._shape

    @property
    def shapes(self) -> dict[str, tuple[Size, ...]]:
        """The shapes of the variables, the deltas and directions among them, by name."""
        known = dict(super().shapes)
        for node in self.question.directions:
            known[str(node.data)] = axes(node.shape)
        return known

    @property
    def notes(self) -> tuple[str, ...]:
        """How the formula was read, and what else the reader of the result should know."""
        inner = [
            f"{wrt} is an intermediate value; it is a variable here"
            for wrt, variable in dict.fromkeys(self.question.variables)
            if self.origin is not None and str(variable.data) in self.origin.by_name
        ]
        vain = [
            f"{wrt} does not occur in the formula"
            for wrt, variable in dict.fromkeys(self.question.variables)
            if not _depends(self.reading.value, variable)
        ]
        return (*self.reading.notes, *inner, *vain, *self._remarks, *self._free_entries())

    def _free_entries(self) -> list[str]:
        """Notes that a variable of known structure moves as if it had none."""
        structures = self.reading.structures
        kinds = {node: structures.projecting(node.data) for _, node in self.question.variables}
        return [
            f"{unicode_name(str(node.data))} is {kind.name}; this {_CALLED.get(self.kind, self.kind)} treats its entries"
            " as independent"
            for node, kind in kinds.items()
            if kind is not None
        ]

    @property
    def inlined(self) -> Derivation:
        """The same derivative with all definitions put in."""
        if not self.names:
            return self
        question = replace(self.question, reading=replace(self.reading, names={}))
        return answer(question, own_name=False)

    def function(self, target: str = "numpy") -> Any:
        """A function of the variables, by keyword in any spelling, that computes the derivative as an ndarray."""
        from matcalc.evaluation import function

        also = [node for _, node in self.question.variables] + list(self.question.directions)
        result = self.result if self.origin is None else self.origin.open([self.result])[0]
        compute = function(result, self.reading, target, also=also)
        rank = len(self._shape)

        def shaped(*unnamed: object, **arrays: object) -> Any:
            result = compute(*unnamed, **arrays)
            return result.reshape(1, *result.shape) if result.ndim < rank else result  # the value is a row

        return shaped

    @cached_property
    def sympy(self) -> Any:
        """The derivative in SymPy; beyond two axes an array expression, whose shape is that of the derivative."""
        from matcalc.printers.to_sympy import to_sympy

        result = self.inlined.result
        is_row = len(own_axes(result.shape)) < len(self._shape)
        return to_sympy(result, self.reading, row=is_row)

    def claims(self) -> Sequence[Claim]:
        """What the check proves: scalar values and their gradients."""
        return self._claims

    def heads(self) -> Sequence[Node]:
        """The variables that ``head`` names."""
        return [node for _, node in self.question.variables]

    def head(self, spelling: str) -> str:
        """What the formula is equal to: ``∂Y[i,j]/∂X[k,l]``."""
        from matcalc.printers import heads

        reading = self.reading
        variables = [node for _, node in self.question.variables]
        name = reading.names.get(reading.value) or own_value_name(reading)
        value = reading.graph.variable(name, reading.value.shape)
        if self.kind == "pullback":
            return heads.delta_head(spelling, self.variable)
        if self.kind == "pushforward":
            return heads.differential_head(spelling, value)
        if self.kind == "hvp":
            return heads.hessian_product_head(spelling, self.variable, self.question.directions[0])
        vec = self.question.layout == "kron"
        return heads.derivative_head(spelling, value, variables, self.named, reading.operations, vec)


def asked_for(
    kind: str,
    reading: Reading,
    wrt: Sequence[str],
    single: bool,
    *,
    layout: str = "numerator",
    order: int = 2,
    upstream: str | None = None,
    tangent: str | None = None,
    direction: str | None = None,
    **unknown: object,
) -> Derivation | Derivations:
    """The derivatives of a kind: one for each name of ``wrt``, or one Hessian block for a pair of them.

    Raises ``DerivationProblem`` where the kind or the layout is unknown or does not fit the formula.
    """
    if kind not in _KINDS:
        raise DerivationProblem(f"kind is gradient, {', '.join(_KINDS)}, not {kind!r}")
    if layout not in LAYOUTS:
        raise DerivationProblem(f"layout is {', '.join(LAYOUTS)}, not {layout!r}")
    given = {"layout": layout != "numerator", "order": order != 2, "upstream": upstream, "tangent": tangent}
    given |= {"direction": direction, **dict.fromkeys(unknown, True)}
    for option, present in given.items():
        if present and kind not in _OPTIONS.get(option, ()):
            raise DerivationProblem(f"kind={kind!r} takes no {option}")
    if kind == "hessian":
        if not isinstance(order, int) or not 1 <= order <= _HIGHEST:
            raise DerivationProblem(f"the order of a derivative is between 1 and {_HIGHEST}, not {order}")
        if not wrt:
            raise DerivationProblem("a Hessian needs the name of a variable, or of two for the mixed block")
        cut, origin = _held(reading, wrt)
        variables = tuple((name, variable_of(cut, name)) for name in wrt)
        if len(variables) == 1:
            variables *= order
        return answer(Question(kind, cut, variables, layout=layout, origin=origin))
    found = {}
    whole = reading
    for name in wrt:
        reading, origin = _held(whole, [name])
        variable = variable_of(reading, name)
        direction_of = {
            "pullback": (
                _upright(reading.value.shape),
                upstream,
                ("delta mu nu", "delta g d u", "G D H P"),
                "what arrives",
            ),
            "pushforward": (variable.shape, tangent, ("tau mu nu", "v u w", "V U H P"), "the direction"),
            "hvp": (variable.shape, direction, ("tau mu nu", "v u w", "V U H P"), "the direction"),
        }.get(kind)
        directions: tuple[Node, ...] = ()
        if direction_of is not None:
            shape, wanted, letters, what = direction_of
            directions = (reading.graph.variable(free_name(reading, wanted, shape, letters, what), shape),)
        found[name] = answer(Question(kind, reading, ((name, variable),), directions, layout, origin))
    return next(iter(found.values())) if single else Derivations(found)


def _held(reading: Reading, names: Sequence[str]) -> tuple[Reading, Names | None]:
    """The formula in which the names that it defines are variables, and what they stand for, if there are such."""
    defined = dict(reading.parsed.definitions) if reading.parsed else {}
    inner = [known for known in dict.fromkeys(map(canonical, names)) if known in defined]
    if not inner:
        return reading, None
    values = [value_of(reading, str(known)) for known in inner]
    origin = Names({**reading.names, **dict(zip(values, map(str, inner), strict=True))}, reading.graph)
    for known, value in zip(inner, values, strict=True):
        reading = without(reading, str(known), reading.graph.variable(str(known), value.shape))
    return reading, origin


def answer(question: Question, own_name: bool = True) -> Derivation:
    """The derivative that is asked for."""
    return _KINDS[question.kind](question, own_name)


# Kinds -----------------------------------------------------------------------------------------------------------


def _jacobian(question: Question, own_name: bool) -> Derivation:
    reading = question.reading
    value = reading.value
    ((_, variable),) = question.variables
    result, names = _with_own_name(
        reading, own_name, lambda names: jacobian_of(value, variable, reading, names, [value])
    )
    shape = (*axes(value.shape), *axes(variable.shape))
    opened = names.open([result])[0]
    claims = [_weighed(value, variable, opened, reading)]
    return laid_out(Derivative(question, result, names, shape, claims), value, variable)


def _hessian(question: Question, own_name: bool) -> Derivation:
    """The derivative of the gradient in the first variable with respect to the second, and so on for higher orders."""
    reading = question.reading
    _require_scalar(reading)
    names = names_of(reading)
    claims = []
    known = [reading.value]
    for place, (_, variable) in enumerate(question.variables, 1):
        last = place == len(question.variables)  # the others are differentiated again, in free entries
        result = jacobian_of(known[-1], variable, reading, names, known, last)
        opened = names.open([result])[0]
        claims.append(_weighed(known[-1], variable, opened, reading))
        known.append(opened)
    shape = tuple(size for _, variable in question.variables for size in axes(variable.shape))
    derived = Derivative(question, result, names, shape, claims)
    mixed = variable is not question.variables[0][1] or question.layout == "kron"
    return laid_out(derived, known[-2], variable) if len(claims) == 2 and mixed else derived


def _hessian_product(question: Question, own_name: bool) -> Derivation:
    reading = question.reading
    _require_scalar(reading)
    names = names_of(reading)
    ((_, variable),) = question.variables
    (direction,) = question.directions
    ambient = jacobian_of(reading.value, variable, reading, names, [reading.value], structured=False)
    gradient = names.open([ambient])[0]
    (delta,) = _pulled_back(gradient, [variable], direction, reading)
    (result,) = names.simplify([delta], reading.operations, [reading.value, gradient])
    opened = names.open([result])[0]
    along = _inner(gradient, direction, reading)
    claims = [_weighed(reading.value, variable, gradient, reading), Claim(along, variable, opened)]
    return Derivative(question, result, names, axes(variable.shape), claims)


def _pullback(question: Question, own_name: bool) -> Derivation:
    reading = question.reading
    value = reading.value
    ((_, variable),) = question.variables
    (upstream,) = question.directions

    arriving = upstream if upstream.shape == value.shape else Algebra(reading.graph).transpose(upstream)

    def derive(names: Names) -> Node:
        deltas = _pulled_back(value, [variable], arriving, reading)
        return names.simplify(deltas, reading.operations, [value])[0]

    result, names = _with_own_name(reading, own_name, derive, enough=1)
    opened = names.open([result])[0]
    claims = [Claim(_inner(value, upstream, reading), variable, opened)]
    return Derivative(question, result, names, axes(variable.shape), claims)


def _pushforward(question: Question, own_name: bool) -> Derivation:
    reading = question.reading
    value, graph = reading.value, reading.graph
    ((_, variable),) = question.variables
    (tangent,) = question.directions

    def derive(names: Names) -> Node:
        seed = graph.variable(_SEED, value.shape)
        (delta,) = _pulled_back(value, [variable], seed, reading)
        (moved,) = _pulled_back(delta, [seed], tangent, reading)
        return names.simplify([moved], reading.operations, [value])[0]

    result, names = _with_own_name(reading, own_name, derive, enough=1)
    opened = names.open([result])[0]
    step = graph.variable(_STEP, SCALAR)
    moved = graph.node(
        "add", (variable, graph.node("scale", (step, tangent), variable.shape)), variable.shape
    )
    # The result may hold only where the variable has its structure, so the slope is that at ε = 0.
    (there,) = replaced([value], {variable: moved}, graph)
    weights = graph.variable(_WEIGHTS, value.shape)
    claim = Claim(_inner(there, weights, reading), step, _inner(opened, weights, reading), at_zero=True)
    return Derivative(question, result, names, axes(value.shape), [claim])


_KINDS = {
    "jacobian": _jacobian,
    "hessian": _hessian,
    "hvp": _hessian_product,
    "pullback": _pullback,
    "pushforward": _pushforward,
}


# Sweeps ----------------------------------------------------------------------------------------------------------


def jacobian_of(
    value: Node,
    variable: Node,
    reading: Reading,
    names: Names,
    first: Sequence[Node],
    structured: bool = True,
) -> Node:
    """The simplified derivative of a value: of shape value × variable, that of the variable for a scalar value.

    Without ``structured`` nothing that is assumed of variables is used, so that it can be differentiated again.
    """
    graph = reading.graph
    scalar = value.shape == SCALAR
    seed = graph.number(1) if scalar else graph.variable(_SEED, value.shape)
    (delta,) = _pulled_back(value, [variable], seed, reading)
    shape = variable.shape if scalar else full_shape([*_sizes(value.shape), *_sizes(variable.shape)])
    if not _depends(value, variable):
        return filled(reading, graph.number(0), shape)
    start = None if scalar else seed
    return names.simplify([delta], reading.operations, first, start, structured=structured)[0]


def _pulled_back(value: Node, variables: Sequence[Node], seed: Node, reading: Reading) -> list[Node]:
    """The deltas of variables where ``seed`` arrives at a value; zero for those that it does not depend on."""
    swept = sweep(value, variables, seed, reading.graph, reading.operations)
    zero = reading.graph.number(0)
    return [swept.deltas.get(node) or filled(reading, zero, node.shape) for node in variables]


def _upright(shape: Shape) -> Shape:
    """The shape of a variable for values of a shape: names stand for columns, so a row is the transpose of one."""
    return (shape[1], None) if shape[0] is None and shape[1] is not None else shape


def _depends(value: Node, variable: Node) -> bool:
    return any(node is variable for node in topological([value]))


def _sizes(shape: Shape) -> list[Size]:
    return [size for size in shape if size is not None]


def _require_scalar(reading: Reading) -> None:
    if reading.value.shape != SCALAR:
        raise DerivationProblem(
            f"the value of this formula is no scalar, its shape is {words(reading.value.shape)}; a Hessian is the second "
            'derivative of one number. The derivative of an array is its Jacobian (kind="jacobian")',
            reading.text,
            0,
            len(reading.text.rstrip()),
        )


# The formula's own value -----------------------------------------------------------------------------------------


def _with_own_name(
    reading: Reading, wanted: bool, derive: Callable[[Names], Node], enough: int = _REPEATED
) -> tuple[Node, Names]:
    """The result with a name for the formula's own value where it occurs ``enough`` times, else without."""
    plain = names_of(reading)
    root = reading.value
    if wanted and root.args and root.shape != SCALAR and root not in reading.names:
        name = own_value_name(reading)
        names = Names({**reading.names, root: name}, reading.graph, structures=reading.structures)
        result = derive(names)
        if _occurrences(result, names.variables[root]) >= enough:
            return result, names
    return derive(plain), plain


def own_value_name(reading: Reading) -> str:
    """A free name for the value of a formula: f, y, or Y where it is a matrix."""
    taken = {*reading.shapes, *reading.declared, *reading.names.values()}
    shape = reading.value.shape
    letters = "fghLEJ" if shape == SCALAR else "yzuvhq" if None in shape else "YZUVHQ"
    return next((letter for letter in letters if letter not in taken), f"{letters[0]}_0")


def _occurrences(root: Node, wanted: Node) -> int:
    """How often a node is written in the formula of ``root``."""
    count: dict[Node, int] = {}
    for node in topological([root]):
        count[node] = 1 if node is wanted else min(sum(count[arg] for arg in node.args), _REPEATED)
    return count[root]


# Claims ----------------------------------------------------------------------------------------------------------


def _inner(value: Node, weights: Node, reading: Reading) -> Node:
    """The sum of a value's entries times weights of the same shape."""
    if value.shape == SCALAR:
        return reading.graph.node("scale", (weights, value), SCALAR)
    indices = range(len(own_axes(value.shape)))
    return reading.graph.node("contract", (weights, value), SCALAR, Subscripts.of([indices, indices], ()))


def _weighed(value: Node, variable: Node, derivative: Node, reading: Reading) -> Claim:
    """What has to hold of a Jacobian: the gradient of Σ C ⊙ Y is Σ C ⊙ ∂Y/∂X, whatever the weights C."""
    if value.shape == SCALAR:
        return Claim(value, variable, derivative)
    graph = reading.graph
    weights = graph.variable(_WEIGHTS, value.shape)
    count = len(own_axes(value.shape))
    indices = range(count + len(own_axes(variable.shape)))
    subscripts = Subscripts.of([indices[:count], indices], indices[count:])
    gradient = graph.node("contract", (weights, derivative), variable.shape, subscripts)
    return Claim(_inner(value, weights, reading), variable, gradient)


# Layouts ---------------------------------------------------------------------------------------------------------


def laid_out(derived: Derivative, value: Node, variable: Node) -> Derivation:
    """The derivative of a value in a variable, in the layout that is asked for."""
    layout = derived.question.layout
    if layout == "kron":
        _vectorize(derived, value, variable)
        return derived
    if not len(_sizes(value.shape)) == len(_sizes(variable.shape)) == 1:
        return derived
    if layout == "denominator":
        reading = derived.reading
        algebra = Algebra(reading.graph)
        turned = algebra.transpose(derived.named)
        (derived.named,) = derived.names.simplify([turned], reading.operations, [reading.value])
        derived.result = derived.names.open([derived.named])[0]
        claim = _weighed(value, variable, algebra.transpose(derived.result), reading)
        derived._claims = (*derived._claims, claim)
        derived._shape = derived._shape[::-1]
    down, across = ("value", "variable") if layout == "numerator" else ("variable", "value")
    derived._remarks += (
        f"{layout} layout: a row for each entry of the {down}, a column for each of the {across}",
    )
    return derived


def _vectorize(derived: Derivative, value: Node, variable: Node) -> None:
    """Put a derivative into the Kronecker layout; the check then proves this matrix, put back as an array."""
    from matcalc.index.kronecker import as_array, kronecker

    reading = derived.reading
    derived.named = kronecker(
        derived.named,
        value.shape,
        variable.shape,
        reading.graph,
        reading.operations,
        reading.structures,
    )
    derived.result = derived.names.open([derived.named])[0]
    derived._shape = axes(derived.result.shape)
    derived._remarks += ("Kronecker layout: vec stacks columns; a row for each entry of the value",)
    array = as_array(derived.result, value.shape, variable.shape, reading.graph)
    derived._claims = (*derived._claims[:-1], _weighed(value, variable, array, reading))


def free_name(
    reading: Reading, wanted: str | None, shape: Shape, kinds: tuple[str, str, str], what: str
) -> str:
    """The canonical name of a delta or direction: the wanted one, else the first free letter for its shape.

    ``kinds`` are letters for scalars, vectors and matrices.
    """
    taken = {*reading.shapes, *reading.declared, *reading.names.values()}
    assumed = reading.structures.kinds.keys()
    if wanted is not None:
        name = canonical(wanted)
        if name is None:
            raise DerivationProblem(f"`{wanted}` is no name for {what}; take a letter, for example G")
        if name in taken:
            raise DerivationProblem(
                f"{unicode_name(name)} has a meaning in the formula; give {what} another name"
            )
        reading.structures.fit({name: shape})
        return name
    rank = len(_sizes(shape))
    for letter in kinds[min(rank, 2)].split():
        if letter not in taken and letter not in assumed:
            return letter
    return f"{kinds[min(rank, 2)].split()[0]}_0"
