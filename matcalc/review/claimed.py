"""A claimed formula: read with the variables of the formula whose derivative it is said to be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from matcalc.derivation import Derivation
from matcalc.errors import DerivationProblem, MatcalcError
from matcalc.graph.build import Built, build
from matcalc.graph.node import SCALAR, Node, Shape, axes
from matcalc.graph.sizes import product
from matcalc.language.alphabet import is_latex
from matcalc.language.indices import resolve
from matcalc.language.parser import parse
from matcalc.language.resolved import Resolved
from matcalc.language.syntax import Syntax
from matcalc.printers.text import write
from matcalc.reading import AMBIGUOUS

_DERIVATIVE = re.compile(
    r"\s*(∇|∂|δ|\\nabla|\\partial|\\delta|\\frac\s*\{\s*(\\partial|\\mathrm\{d\}|d)|(grad|jac|hess)\b|d\w*\s*/\s*d\w)"
)


@dataclass(frozen=True)
class Claimed:
    """A claimed formula, whose trees are built in the graph of a derivation."""

    text: str
    resolved: Resolved
    derivation: Derivation
    notes: tuple[str, ...] = ()

    @property
    def tree(self) -> Syntax:
        """The formula as it was written."""
        return self.resolved.tree

    @property
    def spelling(self) -> str:
        """The spelling of the claim; what is ASCII may be any of them, and is that of the formula."""
        for text in (self.text, self.derivation.reading.text):
            if is_latex(text):
                return "latex"
            if not text.isascii():
                return "unicode"
        return "ascii"

    def built(
        self,
        tree: Syntax | None = None,
        bound: Mapping[str, Node] | None = None,
        definitions: Sequence[tuple[str, Syntax]] | None = None,
    ) -> Built:
        """A tree with definitions, by default those of the claim, as a graph; ``bound`` are nodes for names in it.

        Raises ``ShapeProblem`` with the place in the claim where shapes don't conform.
        """
        reading = self.derivation.reading

        def make(expected: Shape | None = None) -> Built:
            return build(
                self.tree if tree is None else tree,
                self.text,
                reading.graph,
                reading.operations,
                known_shapes(self.derivation),
                self.resolved.definitions if definitions is None else definitions,
                bound=bound,
                expected=expected,
                indices=self.resolved,
                square=reading.structures.square(),
            )

        built = make()
        if built.invented and built.value.shape != SCALAR:  # I is as large as the derivative
            for expected in self._expected():
                with suppress(MatcalcError):
                    built = make(expected)
                    break
        (built.value,) = self.derivation.names.open([built.value])
        return built

    def _expected(self) -> Iterator[Shape]:
        """The shape of the derivative; of one with four axes also that of the matrix for vec of value and variable."""
        shape = self.derivation.result.shape
        yield shape
        if len(shape) > 2:
            inner = len(axes(self.derivation.value.shape)) or len(shape) // 2
            sizes = [
                [1 if size is None else size for size in part] for part in (shape[:inner], shape[inner:])
            ]
            rows, columns = map(product, sizes)
            yield from ((rows, columns), (columns, rows))

    def written(self, node: Node) -> str:
        """A formula in the spelling of the claim; of more than two axes with a left side that says which is which."""
        derivation = self.derivation
        if len(node.shape) == len(derivation.result.shape) > 2:
            head = derivation.head(self.spelling)
            return f"{head} = {derivation.write(node, self.spelling, left=head)}"
        return write(node, self.spelling, derivation.reading.operations)

    @property
    def right(self) -> str:
        """The derivative, written likewise."""
        derivation = self.derivation
        if len(derivation.result.shape) > 2:
            return f"{derivation.head(self.spelling)} = {derivation.written(self.spelling, headed=True)}"
        return str(derivation.written(self.spelling))


def known_shapes(derivation: Derivation) -> dict[str, tuple[str | int, ...]]:
    """The shapes of what a claim may speak of: variables, directions and the values that the formula names."""
    named = {name: axes(node.shape) for name, node in derivation.names.by_name.items()}
    directions = getattr(getattr(derivation, "question", None), "directions", ())
    given = {str(node.data): axes(node.shape) for node in (*derivation.heads(), *directions)}
    variables = {name: axes(shape) for name, shape in derivation.reading.shapes.items()}
    return {**derivation.reading.declared, **named, **variables, **given}


def read_claim(text: str, derivation: Derivation) -> Claimed:
    """Read a claim; a left side such as ∇W = is passed over.

    Raises ``SyntaxProblem`` where it can't be read and ``DerivationProblem`` where it is no text.
    """
    if not isinstance(text, str):
        raise DerivationProblem(f"a claim is the text of a formula, not {type(text).__name__}")
    bare = without_head(text)
    shapes = known_shapes(derivation)
    names = frozenset(AMBIGUOUS & shapes.keys())
    known = {name for name in shapes if name not in AMBIGUOUS} | names
    parsed = parse(bare, known, derivation.reading.operations.functions)
    defined = {name for name, _ in parsed.definitions}
    declared = {name: shape for name, shape in shapes.items() if name not in defined}
    return Claimed(bare, resolve(parsed, bare, declared, names), derivation, parsed.notes)


def without_head(text: str) -> str:
    """A claim with blanks in place of a left side ``∇_W … =`` or ``∂L/∂W =``; places in it stay what they are.

    A left side with indices, ``∂y[i]/∂x[j] =``, is kept: it says which index is which axis.
    """
    head, sign, rest = text.partition("=")
    if not sign or "[" in head or not _DERIVATIVE.match(head) or "where" in head:
        return text
    return " " * (len(head) + 1) + rest.replace("&", " ", 1)
