"""A derivative in every form that a user asks for: text, SymPy, a function, steps, a proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from matcalc.deltas.projection import Projection, projected
from matcalc.deltas.sweep import Sweep
from matcalc.graph.node import Node, Size, axes, topological, variables
from matcalc.graph.template import definition, instantiate, operands
from matcalc.language.names import canonical
from matcalc.naming import Names, names_of
from matcalc.printers.abbreviations import LONG
from matcalc.printers.text import Written, write, written
from matcalc.reading import Reading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from matcalc.pictures.point import Point
    from matcalc.printers.steps import Steps
    from matcalc.steps.shares import Share
    from matcalc.verification.report import CheckReport

from matcalc.claims import Claim
from matcalc.collector import paused


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
        self.sweep = swept
        self.reading = reading
        self.origin = origin  # where the variable is an intermediate value: all names of the formula
        self.projection = projection
        self.ambient = ambient

    @cached_property
    def result(self) -> Node:
        """The derivative in terms of the formula's variables."""
        return self.names.open([self.named])[0]

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

    @paused()
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
        bare = self.reading._replace(names={})
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
        from matcalc.steps.shares import shares

        return shares(self)

    def _repr_latex_(self) -> str:
        """How Jupyter shows a derivation."""
        return f"$\\displaystyle {self.head('latex')} = {self.latex()}$"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The same in all forms that notebooks ask for."""
        from matcalc.jupyter import derivation_bundle

        return derivation_bundle(self)

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

    def figure(self, deltas: bool = False, at: Point | None = None) -> Figure:
        """The formula as a figure of matplotlib: its network of layers where ``steps`` has one, else its operations.

        With ``deltas`` they stand under the nodes.  ``at`` gives numbers, as ``{"x": [1, 2]}``, ``"x=[1, 2]"`` or an
        ``.npz`` file: then each node has its value above and its gradient below.  Raises ``MatcalcError`` where they do
        not fit, or matplotlib is missing.
        """
        from matcalc.pictures.figure import figure
        from matcalc.pictures.making import picture_of
        from matcalc.pictures.saving import drawing_of

        return figure(drawing_of(picture_of(self, deltas, at)))

    def function(
        self, target: str = "numpy", value: bool = False, compressed: bool = False
    ) -> Callable[..., Any]:
        """A function of the variables, by keyword in any spelling, that computes the derivative as an array.

        ``target`` is ``"numpy"``, ``"jax"`` or ``"torch"``; with ``value`` it returns the formula's value and the
        derivative.  ``compressed`` gives the derivative's factors in its place, for ‖T − UVᵀ‖² in U the k×k block of
        the Hessian; ``source`` of the function is the text that runs, and says what the factors are.  That of
        ``"jax"`` works inside ``jax.jit``, ``jax.vmap`` and ``shard_map``.
        """
        from matcalc.code.function import function

        return function([self], target, value, compressed)

    def code(
        self, target: str = "numpy", value: bool = True, derivative: bool = True, compressed: bool = False
    ) -> str:
        """A source file with one function that returns the value and the derivative, or one of them.

        ``target`` is ``"numpy"``, ``"jax"``, ``"torch"`` or ``"matlab"``.  The file needs nothing but that library.
        ``compressed`` is as for ``function``.
        """
        from matcalc.code.function import code

        return code([self], target, value, derivative, compressed).text

    def hvp(self, direction: str | None = None) -> Derivation:
        """The Hessian of the formula in the variable, times a direction: ``direction`` is the name for it.

        Raises ``DerivationProblem`` where the formula is no scalar or the name has a meaning in it.
        """
        from matcalc.kinds import asked_for

        found = asked_for("hvp", self.reading, [self.wrt], True, direction=direction)
        assert isinstance(found, Derivation)
        return found

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
    from matcalc.verification.gradients import check_gradients

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

    def function(
        self, target: str = "numpy", value: bool = False, compressed: bool = False
    ) -> Callable[..., Any]:
        """A function of the variables that returns all derivatives, after the value where that is asked for."""
        from matcalc.code.function import function

        return function(list(self.values()), target, value, compressed)

    def code(
        self, target: str = "numpy", value: bool = True, derivative: bool = True, compressed: bool = False
    ) -> str:
        """A source file with one function that returns the value and all derivatives; see ``Derivation.code``."""
        from matcalc.code.function import code

        return code(list(self.values()), target, value, derivative, compressed).text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """How Jupyter shows derivations: below each other."""
        from matcalc.jupyter import derivations_bundle

        return derivations_bundle(self)

    def _key(self, name: object) -> object:
        if isinstance(name, str) and not super().__contains__(name):
            wanted = canonical(name)
            return next((key for key in self if canonical(key) == wanted), name)
        return name

    def __getitem__(self, name: str) -> Derivation:
        return super().__getitem__(str(self._key(name)))

    def __contains__(self, name: object) -> bool:
        return super().__contains__(self._key(name))


def reading_name(reading: Reading, name: str) -> str:
    """How results call a variable: as the formula spells it where that is a Python name."""
    spelling = reading.spellings.get(name, name)
    return spelling if spelling.isidentifier() else name
