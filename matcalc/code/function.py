"""Functions of arrays: what was derived, as a source file and as a callable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from matcalc.code.calling import Function
from matcalc.code.source import TARGETS, Request, Source, Wanted, source
from matcalc.errors import DerivationProblem
from matcalc.graph.node import Node, axes, full_shape, own_axes, topological, variables
from matcalc.language.names import unicode_name
from matcalc.printers.text import write

if TYPE_CHECKING:
    from matcalc.derivation import Derivation

_LONGEST = 110  # characters of a formula in a file's head
_LARGEST = 60  # nodes of a formula that is written there
_LARGEST_DERIVATIVE = (
    120  # nodes of a derivative that is written there: the statements are shorter than the formula
)
_PREFIXES = {
    "gradient": "grad", "jacobian": "jac", "hessian": "hess", "hvp": "hvp", "pullback": "delta", "pushforward": "push",
}  # fmt: skip


def code(
    derivations: Sequence[Derivation],
    target: str,
    value: bool = True,
    derivative: bool = True,
    compressed: bool = False,
) -> Source:
    """The file with a function of the formula's ``value`` and of the derivatives of it, or of their factors."""
    if target not in TARGETS:
        raise DerivationProblem(f"code is written for {', '.join(TARGETS)}, not for {target!r}")
    if not value and not derivative:
        raise DerivationProblem("a function returns the value, the derivative or both")
    first = derivations[0]
    is_row = first.value.shape[0] is None and first.value.shape[1] is not None
    wanted = [Wanted("value", _opened(first, first.value), _shape(first.value), is_row)] if value else []
    for each in derivations if derivative else ():
        node = _opened(each, each.result)
        is_row = len(own_axes(node.shape)) < len(each.shape)
        wanted.append(Wanted(_name(each), node, _words(each.shape), is_row, compressed))
    named: dict[str, Node] = {}
    for each in derivations:
        named |= each.names.by_name
    nodes = [each.node for each in wanted]
    used = set(variables(nodes))
    known = _variables(derivations)
    names = [str(node.data) for node in known]
    if len(set(names)) < len(names):
        raise DerivationProblem(
            "these derivatives have directions of one name and different shapes; write the code of each alone"
        )
    what = first.kind if len(derivations) == 1 else f"{first.kind}s"
    function = "_and_".join(["value"] * value + [what.replace("hvp", "hessian_product")] * derivative)
    spelling = "ascii" if target == "matlab" else "unicode"
    request = Request(
        function=function,
        summary=_summary(derivations, value, derivative, spelling),
        formulas=[_formula(each, spelling) for each in derivations if _is_short(each)] if derivative else [],
        wanted=wanted,
        arguments=[node for node in known if node in used],
        spare=[node for node in known if node not in used],
        named=named,
        structures=first.reading.structures,
    )
    return source(request, target, first.reading.graph, first.reading.operations)


def function(
    derivations: Sequence[Derivation], target: str, value: bool = False, compressed: bool = False
) -> Callable[..., Any]:
    """A callable of arrays by name that returns the derivatives, or the value and the derivatives."""
    if target == "matlab":
        raise DerivationProblem("MATLAB code can't be called from Python; d.code('matlab') gives its text")
    made = code(derivations, target, value, True, compressed)
    space: dict[str, Any] = {}
    exec(compile(made.text, f"<matcalc {made.function}>", "exec"), space)  # our own text; names are checked
    from matcalc.derivation import reading_name

    reading = derivations[0].reading
    return Function(made, space[made.function], target, lambda name: reading_name(reading, name))


def _opened(derivation: Derivation, node: Node) -> Node:
    return node if derivation.origin is None else derivation.origin.open([node])[0]


def _variables(derivations: Sequence[Derivation]) -> list[Node]:
    """All variables that the formula, its declarations and what is asked know, in the order of the formula."""
    reading = derivations[0].reading
    found: dict[Node, None] = {}
    used = set(variables([derivations[0].value]))
    for name, shape in reading.shapes.items():
        if reading.graph.variable(name, shape) in used:
            found[reading.graph.variable(name, shape)] = None
    for each in derivations:
        found |= dict.fromkeys(variables([_opened(each, each.value)]))
        found |= dict.fromkeys(variables([_opened(each, each.result)]))
        if each.origin is None:
            found[each.variable] = None
    shapes = {name: full_shape(shape) for name, shape in reading.declared.items()} | dict(reading.shapes)
    found |= {reading.graph.variable(name, shape): None for name, shape in shapes.items()}
    inner = {name for each in derivations if each.origin is not None for name in each.origin.by_name}
    return [node for node in found if str(node.data) not in inner]


def _name(derivation: Derivation) -> str:
    """What a derivative is called in the code."""
    names = [str(node.data) for node in derivation.heads()]
    prefix = _PREFIXES[derivation.kind]
    if derivation.kind == "hessian" and len(names) > 2:
        prefix = f"deriv{len(names)}"
    plain = ["".join(letter if letter.isalnum() else "_" for letter in name) for name in dict.fromkeys(names)]
    return "_".join([prefix, *plain])


def _summary(derivations: Sequence[Derivation], value: bool, derivative: bool, spelling: str) -> str:
    first = derivations[0]
    text = ""
    samples = first.reading.samples
    one = first.value if samples is None or samples.loss is None else samples.loss
    if len(topological([one])) < _LARGEST:
        text = write(one, spelling, first.reading.operations)
    of = text if text and len(text) <= _LONGEST else "the formula"
    if samples is not None:
        of = f"the {samples.reduction} over the {samples.count} samples of {of}"
    shown = unicode_name if spelling == "unicode" else str
    wrt = ", ".join(dict.fromkeys(shown(str(node.data)) for each in derivations for node in each.heads()))
    kind = _KINDS[first.kind] if len(derivations) == 1 else f"{_KINDS[first.kind]}s"
    parts = ["value"] * value + [f"{kind} with respect to {wrt}"] * derivative
    return f"The {' and the '.join(parts)} of {of}."


_KINDS = {
    "gradient": "gradient", "jacobian": "Jacobian", "hessian": "Hessian", "hvp": "Hessian-vector product",
    "pullback": "pullback", "pushforward": "pushforward",
}  # fmt: skip


def _formula(derivation: Derivation, spelling: str) -> str:
    return f"{derivation.head(spelling)} = {derivation.written(spelling, headed=True)}"


def _is_short(derivation: Derivation) -> bool:
    return len(topological([derivation.result])) <= _LARGEST_DERIVATIVE


def _shape(node: Node) -> str:
    return _words(axes(node.shape))


def _words(shape: Sequence[object]) -> str:
    if not shape:
        return "a number"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
