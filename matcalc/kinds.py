"""Derivatives other than gradients: Jacobians, Hessians, pullbacks, pushforwards and Hessian-vector products.

All of them are backward sweeps with the same rules.  A pullback starts from a delta with a name.  A Jacobian starts from
the identity tensor, whose axes ride along.  A Hessian is the Jacobian of the gradient; a Hessian-vector product the
pullback of the gradient, since the Hessian is symmetric.  A pushforward is the pullback, with respect to the delta, of a
pullback: that is linear in its delta, and the transpose of a transpose is the map itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matcalc.claims import WEIGHTS, Claim, inner_product, weighed
from matcalc.deltas.sweep import sweep
from matcalc.derivation import Derivation, Derivations
from matcalc.derivatives import Derivative, Question, depends_on, own_value_name
from matcalc.errors import DerivationProblem
from matcalc.gradients import filled, variable_of
from matcalc.graph.algebra import Algebra
from matcalc.graph.axes import words
from matcalc.graph.node import SCALAR, Node, Shape, axes, full_shape, is_row, sizes_of, topological
from matcalc.graph.replace import replaced
from matcalc.language.names import canonical, unicode_name
from matcalc.layouts import laid_out
from matcalc.naming import Names, names_of
from matcalc.reading import Reading, value_of, without

_SEED = "∂"  # names that no text can name
_STEP = "∂ε"
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
            called = free_name(reading, wanted, shape, letters, what)
            directions = (reading.graph.variable(called, shape),)
            spelled = wanted or (called if reading.text.isascii() else unicode_name(called))
            reading = reading._replace(spellings={**reading.spellings, called: spelled})
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
    claims = [weighed(value, variable, opened, reading)]
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
        claims.append(weighed(known[-1], variable, opened, reading))
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
    along = inner_product(gradient, direction, reading)
    claims = [weighed(reading.value, variable, gradient, reading), Claim(along, variable, opened)]
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

    result, names = _with_own_name(reading, own_name, derive, 1, question.directions)
    opened = names.open([result])[0]
    claims = [Claim(inner_product(value, upstream, reading), variable, opened)]
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

    result, names = _with_own_name(reading, own_name, derive, 1, question.directions)
    opened = names.open([result])[0]
    step = graph.variable(_STEP, SCALAR)
    moved = graph.node(
        "add", (variable, graph.node("scale", (step, tangent), variable.shape)), variable.shape
    )
    # The result may hold only where the variable has its structure, so the slope is that at ε = 0.
    (there,) = replaced([value], {variable: moved}, graph)
    weights = graph.variable(WEIGHTS, value.shape)
    claim = Claim(
        inner_product(there, weights, reading), step, inner_product(opened, weights, reading), at_zero=True
    )
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
    shape = variable.shape if scalar else full_shape([*sizes_of(value.shape), *sizes_of(variable.shape)])
    if not depends_on(value, variable):
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
    return (shape[1], None) if is_row(shape) else shape


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
    reading: Reading,
    wanted: bool,
    derive: Callable[[Names], Node],
    enough: int = _REPEATED,
    directions: Sequence[Node] = (),
) -> tuple[Node, Names]:
    """The result with a name for the formula's own value where it occurs ``enough`` times, else without."""
    plain = names_of(reading)
    root = reading.value
    if wanted and root.args and root.shape != SCALAR and root not in reading.names:
        name = own_value_name(reading, directions)
        names = Names({**reading.names, root: name}, reading.graph, structures=reading.structures)
        result = derive(names)
        found = _occurrences(result, names.variables[root])
        if found >= enough:
            return result, names
        if not found:
            return result, plain
    return derive(plain), plain


def _occurrences(root: Node, wanted: Node) -> int:
    """How often a node is written in the formula of ``root``."""
    count: dict[Node, int] = {}
    for node in topological([root]):
        count[node] = 1 if node is wanted else min(sum(count[arg] for arg in node.args), _REPEATED)
    return count[root]


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
    rank = len(sizes_of(shape))
    for letter in kinds[min(rank, 2)].split():
        if letter not in taken and letter not in assumed:
            return letter
    return f"{kinds[min(rank, 2)].split()[0]}_0"
