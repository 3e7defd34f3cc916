"""Numeric values of a graph, batched and without recursion.

``evaluate`` is the one-shot form; a ``Program`` is the same prepared once and run often.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from matcalc.errors import MatcalcError, RuleProblem
from matcalc.graph.node import Node
from matcalc.graph.sizes import separated
from matcalc.operations import Operations
from matcalc.verification.arrays import Array, bind, dimensions, from_batch, to_batch
from matcalc.verification.contraction import aligned, contract
from matcalc.verification.kernels import Kernel, kernel_of
from matcalc.verification.layout import commutation, pairing

__all__ = ["Array", "Definition", "Program", "bind", "evaluate", "from_batch", "to_batch"]

Definition = Callable[[Node], Node]

LEAVES = frozenset(
    ["variable", "number", "pi", "size", "identity", "ones", "selection", "commutation", "pairing"]
)
_DEEPEST = 40  # definitions inside definitions; more means that a rule is defined by itself


class _Step(NamedTuple):
    """One value: of a leaf (no kernel, no arguments), of a kernel, or (no kernel) that of its definition."""

    node: Node
    kernel: Kernel | None
    arguments: tuple[int, ...]  # places of the operands' values
    dead: list[int]  # places that nothing after this step reads


class Program:
    """The steps that compute ``outputs``, each node once, operands first.

    ``definition(node)`` gives an equivalent node, built from the node's operands, for an operation that a rule
    defines by a `value` text; it may be None where no such operation occurs.
    """

    def __init__(
        self, outputs: Sequence[Node], operations: Operations, definition: Definition | None
    ) -> None:
        self._place: dict[Node, int] = {}
        self._steps: list[_Step] = []
        kernels: dict[str, Kernel | None] = {}
        for node, kernel, children in _ordered(outputs, operations, definition, kernels):
            try:
                arguments = tuple(self._place[child] for child in children)
            except KeyError:
                raise RuleProblem(f"`{node.op}` is defined by itself") from None
            self._place[node] = len(self._steps)
            self._steps.append(_Step(node, kernel, arguments, []))
        self._outputs = [self._place[node] for node in outputs]
        self.analytic = all(kernel is None or kernel.analytic for kernel in kernels.values())
        self._mark_dead()

    def __len__(self) -> int:
        return len(self._steps)

    def _mark_dead(self) -> None:
        last = {place: step for step, line in enumerate(self._steps) for place in line.arguments}
        for place in self._outputs:
            last.pop(place, None)
        for place, step in last.items():
            self._steps[step].dead.append(place)

    def cells(self, sizes: Mapping[Any, int]) -> int:
        """The most numbers that one point of a batch holds at a time."""
        area = [math.prod(dimensions(step.node.shape, sizes)) for step in self._steps]
        alive = most = 0
        for place, step in enumerate(self._steps):
            alive += area[place]
            most = max(most, alive)
            alive -= sum(area[dead] for dead in step.dead)
        return most

    def run(
        self,
        values: Mapping[str, Array],
        sizes: Mapping[Any, int],
        watch: Callable[[Node, Array], None] | None = None,
    ) -> list[Array]:
        """The outputs, (…batch, rows, columns) each, for the variables' values in the same form.

        ``watch`` is called with every node and its value.  Overflow and bad arguments give inf and nan in silence.
        """
        done: list[Array | None] = [None] * len(self._steps)
        with np.errstate(all="ignore"):
            for place, step in enumerate(self._steps):
                arguments: list[Any] = [done[argument] for argument in step.arguments]
                value = done[place] = _value(step, arguments, values, sizes)
                if watch is not None:
                    watch(step.node, value)
                for dead in step.dead:
                    done[dead] = None
        return [result for place in self._outputs if (result := done[place]) is not None]


def evaluate(
    outputs: Sequence[Node],
    values: Mapping[str, Array],
    sizes: Mapping[Any, int],
    operations: Operations,
    definition: Definition | None = None,
) -> list[Array]:
    """The values of ``outputs``; all arrays, in and out, are (…batch, rows, columns), see ``to_batch``.

    ``sizes`` gives a number for each symbolic size (``bind`` finds them).  A singular matrix has the inverse nan.
    """
    return Program(outputs, operations, definition).run(values, sizes)


def _ordered(
    outputs: Sequence[Node],
    operations: Operations,
    definition: Definition | None,
    kernels: dict[str, Kernel | None],
) -> Iterator[tuple[Node, Kernel | None, tuple[Node, ...]]]:
    """Every node with its kernel and the nodes it is computed from, those first; fills ``kernels`` by operation."""
    children: dict[Node, tuple[Node, ...]] = {}
    stack: list[tuple[Node, int, bool]] = [(node, 0, False) for node in reversed(outputs)]
    while stack:
        node, depth, done = stack.pop()
        if done:
            yield node, kernels.get(node.op), children[node]
            continue
        if node in children:
            continue
        children[node] = node.args
        if node.op not in LEAVES and node.op != "contract":
            if node.op not in kernels:
                kernels[node.op] = _kernel(node, operations)
            if kernels[node.op] is None:
                children[node] = (_defined(node, definition, depth),)
        stack.append((node, depth, True))
        if children[node] is not node.args:
            stack.append((children[node][0], depth + 1, False))
        # Operands come before the definition, so that only what the definition adds counts as deeper.
        stack.extend((child, depth, False) for child in reversed(node.args) if child not in children)


def _kernel(node: Node, operations: Operations) -> Kernel | None:
    operation = operations.by_name.get(node.op)
    if operation is None:
        raise RuleProblem(f"no rule file has the operation `{node.op}`")
    return kernel_of(operation)


def _defined(node: Node, definition: Definition | None, depth: int) -> Node:
    if definition is None:
        raise RuleProblem(f"`{node.op}` is defined by a `value` text, which can't be read here")
    if depth > _DEEPEST:
        raise RuleProblem(f"`{node.op}` is defined by itself")
    return definition(node)


def _value(step: _Step, arguments: list[Any], values: Mapping[str, Array], sizes: Mapping[Any, int]) -> Array:
    node, kernel = step.node, step.kernel
    size = dimensions(node.shape, sizes)
    if len(size) > 2 and node.op != "contract":
        arguments = [
            aligned(value, arg.shape, len(size)) for value, arg in zip(arguments, node.args, strict=False)
        ]
    if node.op == "contract":
        value = contract(node, arguments, size)
    elif not step.arguments:
        value = _leaf(node, values, sizes, size)
    elif kernel is None:
        value = arguments[0]
    elif kernel.sized:
        value = kernel.apply(*arguments, size)
    else:
        value = kernel.apply(*arguments)
    if value.shape[-len(size) :] != size:
        raise RuleProblem(
            f"`{node.op}` gives a value of {value.shape[-len(size) :]}, but its line says {size}"
        )
    return value


def _leaf(node: Node, values: Mapping[str, Array], sizes: Mapping[Any, int], size: tuple[int, ...]) -> Array:
    if node.op == "variable":
        name = str(node.data)
        if name not in values:
            raise MatcalcError(f"{name} has no value")
        return values[name]
    if node.op == "identity":
        return np.eye(size[0], size[1])
    if node.op == "selection":
        return _selection(str(node.data), size)
    if node.op == "ones":
        return np.ones(size)
    if node.op == "pairing":
        return pairing(*size[1:])
    if node.op == "commutation":
        return commutation(*dimensions(separated(str(node.data)), sizes))
    if node.op == "pi":
        return np.full((1, 1), math.pi)
    if node.op == "size":
        data: Any = node.data
        return np.full((1, 1), float(dimensions((data, None), sizes)[0]))
    return np.full((1, 1), _number(node))


def _selection(places: str, size: tuple[int, ...]) -> Array:
    """The columns of an identity at ``places``: ``"3"``, ``"2:5"`` or, all sums of two places, ``"+"``."""
    if places == "+":
        whole, first, second = (np.arange(length) for length in size)
        return np.asarray(whole[:, None, None] == first[:, None] + second, dtype=float)
    lowest, _, highest = places.partition(":")
    if int(highest or lowest) > size[0]:
        raise MatcalcError(f"an axis of length {size[0]} has no entry {highest or lowest}")
    return np.asarray(np.eye(size[0])[:, int(lowest) - 1 : int(highest or lowest)])


def _number(node: Node) -> float:
    """The value of a ``number`` as a float; beyond the largest float it is infinite."""
    number = node.data
    assert isinstance(number, Fraction)
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
