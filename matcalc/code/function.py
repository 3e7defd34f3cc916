"""Functions of arrays: what was derived, as a source file and as a callable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matcalc.code.source import TARGETS, Request, Source, Wanted, source
from matcalc.errors import DerivationProblem, MatcalcError
from matcalc.graph.node import Node, axes, full_shape, topological, variables
from matcalc.language.names import canonical, unicode_name
from matcalc.printers.text import write

if TYPE_CHECKING:
    from matcalc.derivation import Derivation
    from matcalc.reading import Reading

_MOST = 2 * 10**9  # numbers that one array may hold: 16 GB
_LONGEST = 110  # characters of a formula in a file's head
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
    wanted = [Wanted("value", _opened(first, first.value), f"{_shape(first.value)}")] if value else []
    for each in derivations if derivative else ():
        node = _opened(each, each.result)
        is_row = len(axes(node.shape)) < len(each.shape)
        wanted.append(Wanted(_name(each), node, _words(each.shape), is_row, compressed))
    named: dict[str, Node] = {}
    for each in derivations:
        named |= each.names.by_name
    nodes = [each.node for each in wanted]
    used = set(variables(nodes))
    known = _variables(derivations)
    what = first.kind if len(derivations) == 1 else f"{first.kind}s"
    function = "_and_".join(["value"] * value + [what.replace("hvp", "hessian_product")] * derivative)
    request = Request(
        function=function,
        summary=_summary(derivations, value, derivative),
        formulas=[_formula(each) for each in derivations] if derivative else [],
        wanted=wanted,
        arguments=[node for node in known if node in used],
        spare=[node for node in known if node not in used],
        named=named,
    )
    reading = first.reading
    return source(request, target, reading.graph, reading.operations, reading.structures)


def function(
    derivations: Sequence[Derivation], target: str, value: bool = False, compressed: bool = False
) -> Callable[..., Any]:
    """A callable of arrays by name that returns the derivatives, or the value and the derivatives."""
    if target == "matlab":
        raise DerivationProblem("MATLAB code can't be called from Python; d.code('matlab') gives its text")
    made = code(derivations, target, value, True, compressed)
    space: dict[str, Any] = {}
    exec(compile(made.text, f"<matcalc {made.function}>", "exec"), space)  # our own text; names are checked
    return _Callable(made, space[made.function], target)


class _Callable:
    """Checks the arrays that are given by name and calls the generated function."""

    def __init__(self, made: Source, compute: Callable[..., Any], target: str) -> None:
        self.source = made.text
        self._made = made
        self._compute = compute
        self._convert = _CONVERT[target]
        self._names = [str(node.data) for node, _ in made.arguments]
        self._accepted: set[tuple[object, ...]] = set()

    def __call__(self, *unnamed: object, **arrays: object) -> Any:
        names = self._names
        if unnamed:
            raise MatcalcError("arrays are given by name: " + ", ".join(f"{name}=…" for name in names))
        if len(arrays) != len(names) or any(name not in arrays for name in names):
            arrays = self._by_canonical_name(arrays)
        values = [self._convert(arrays[name], name) for name in names]
        key = tuple(value.shape for value in values)
        if key not in self._accepted:
            self._check(values)
            self._accepted.add(key)
        try:
            return self._result(self._compute(*values))
        except MemoryError:
            raise MatcalcError("the value needs more memory than there is") from None
        except ArithmeticError as problem:
            raise MatcalcError(f"the value can't be computed: {problem}") from None
        except ValueError as problem:
            if type(problem).__name__ != "LinAlgError":
                raise
            raise MatcalcError(f"the value can't be computed at these arrays: {problem}") from None

    def _result(self, result: Any) -> Any:
        if isinstance(result, tuple):
            return tuple(self._convert(each, "") for each in result)
        return self._convert(result, "")

    def _by_canonical_name(self, arrays: Mapping[str, object]) -> dict[str, object]:
        given: dict[str, object] = {}
        for spelling, array in arrays.items():
            name = spelling if spelling in self._names else canonical(spelling) or spelling
            if name in given:
                raise MatcalcError(f"{spelling} is given twice, in two spellings")
            given[name] = array
        missing = [unicode_name(name) for name in self._names if name not in given]
        if missing:
            raise MatcalcError(f"no value was given for {', '.join(missing)}")
        return given

    def _check(self, values: Sequence[Any]) -> None:
        """Whether the arrays have the shapes of the variables, and the result is not too large."""
        import numpy as np

        from matcalc.check.arrays import bind, dimensions

        stand_ins = [np.broadcast_to(np.float64(0), value.shape) for value in values]
        sizes = bind(
            [node for node, _ in self._made.arguments], dict(zip(self._names, stand_ins, strict=True))
        )
        for shape in self._made.largest:
            if math.prod(dimensions(full_shape(shape), sizes)) > _MOST:
                raise MatcalcError("the value has parts that are too large to be computed")


def _numpy(array: object, name: str) -> Any:
    import numpy as np

    from matcalc.check.arrays import numeric

    if isinstance(array, np.ndarray) and array.dtype.kind == "f":
        return array
    return np.asarray(array) if isinstance(array, np.floating) else numeric(array, name)


def _jax(array: object, name: str) -> Any:
    import jax.numpy as jnp

    if not hasattr(array, "aval"):  # those that are traced have one too
        return jnp.asarray(array, dtype=_floating(array))
    return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(float)  # type: ignore[attr-defined]


def _torch(array: object, name: str) -> Any:
    import torch

    return array if isinstance(array, torch.Tensor) else torch.as_tensor(_numpy(array, name))


def _floating(array: object) -> Any:
    """The type of floating point numbers that an array has; None leaves it to the library."""
    kind = getattr(array, "dtype", None)
    return kind if getattr(kind, "kind", "") == "f" else float


_CONVERT: dict[str, Callable[[object, str], Any]] = {"numpy": _numpy, "jax": _jax, "torch": _torch}


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


def _summary(derivations: Sequence[Derivation], value: bool, derivative: bool) -> str:
    first = derivations[0]
    text = ""
    if first.reading.samples is not None:
        text = _of_samples(first.reading)
    elif sum(1 for _ in zip(topological([first.value]), range(60), strict=False)) < 60:
        text = write(first.value, "unicode", first.reading.operations)
    of = text if text and (len(text) <= _LONGEST or first.reading.samples) else "the formula"
    wrt = ", ".join(
        dict.fromkeys(unicode_name(str(node.data)) for each in derivations for node in each.heads())
    )
    kind = _KINDS[first.kind] if len(derivations) == 1 else f"{_KINDS[first.kind]}s"
    parts = ["value"] * value + [f"{kind} with respect to {wrt}"] * derivative
    return (
        f"{' and '.join(parts).capitalize()} of {of}."
        if not value
        else f"The {' and the '.join(parts)} of {of}."
    )


def _of_samples(reading: Reading) -> str:
    """The loss of a batch in terms of that of one sample, as it was typed where that is short."""
    samples = reading.samples
    assert samples is not None
    typed = reading.text.strip()
    is_short = len(typed) <= _LONGEST and typed.isprintable()  # one line
    loss = typed if is_short and not reading.symbols else "the formula"
    return f"the {samples.reduction} over the {samples.count} samples of {loss}"


_KINDS = {
    "gradient": "gradient", "jacobian": "Jacobian", "hessian": "Hessian", "hvp": "Hessian-vector product",
    "pullback": "pullback", "pushforward": "pushforward",
}  # fmt: skip


def _formula(derivation: Derivation) -> str:
    return repr(derivation)


def _shape(node: Node) -> str:
    return _words(axes(node.shape))


def _words(shape: Sequence[object]) -> str:
    if not shape:
        return "a number"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
