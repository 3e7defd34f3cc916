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
from matcalc.graph.replace import replaced
from matcalc.graph.sizes import product
from matcalc.language.alphabet import is_latex
from matcalc.language.indices import resolve
from matcalc.language.names import FROM_SUBSCRIPT, canonical
from matcalc.language.parser import parse
from matcalc.language.resolved import Resolved
from matcalc.language.syntax import Syntax
from matcalc.printers.text import write
from matcalc.reading import AMBIGUOUS

_DERIVATIVE = re.compile(
    r"\s*(∇|∂|δ|\\nabla|\\partial|\\delta|\\frac\s*\{\s*(\\partial|\\mathrm\{d\}|d)|(grad|jac|hess)\b|d\w*\s*/\s*d\w)"
)

_SUBSCRIPTED = re.compile(
    r"(?<![A-Za-z\\])d?([A-Za-zα-ωΑ-Ω]|\\(?!nabla|partial)[A-Za-z]+)"
    r"(?:\s*_\s*(?:\{([a-z](?:[\s,]*[a-z])*)\}|([a-z]{1,2})(?![A-Za-z]))|([ᵢⱼₖₗₘₙₚ]+)|\[([^\]]*)\])"
)
_FENCES = re.compile(r"\$+|\\[\[\]()]|^\s*=|[.,;]\s*\$*\s*\Z")  # what stands around a formula in a text


@dataclass(frozen=True)
class Claimed:
    """A claimed formula, whose trees are built in the graph of a derivation."""

    text: str
    resolved: Resolved
    derivation: Derivation
    notes: tuple[str, ...] = ()

    @property
    def says_which(self) -> bool:
        """Whether its left side says which index is which axis: then no layout is left to choose."""
        return "" in self.resolved.orders

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
        origin = self.derivation.origin
        if origin is not None:  # a claim may write out the value that it is the derivative in
            held = {origin.by_name[str(node.data)]: node for node in self.derivation.heads()}
            (built.value,) = replaced([built.value], dict(held), reading.graph)
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
        text = write(node, self.spelling, derivation.reading.operations)
        if (
            self.says_which
            and "[" in text
            and node.shape == derivation.result.shape
            and None not in node.shape
        ):
            return self.right  # A[j,i] alone would not say which index is which axis
        return text

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
    text = _FENCES.sub(lambda found: " " * len(found[0]), text)
    bare = without_head(text)
    shapes = known_shapes(derivation)
    names = frozenset(AMBIGUOUS & shapes.keys())
    known = {name for name in shapes if name not in AMBIGUOUS} | names
    parsed = parse(bare, known, derivation.reading.operations.functions)
    defined = {name for name, _ in parsed.definitions}
    declared = {name: shape for name, shape in shapes.items() if name not in defined}
    left = _left(text, derivation) if text != bare or derivation.kind == "hessian" else ()
    if left:
        parsed = parsed._replace(order=tuple(letter for _, letters in left for letter in letters))
    resolved = resolve(parsed, bare, declared, names)
    if left:
        resolved = resolved._replace(left=tuple(pair for pair in left if pair[0] in shapes))
    return Claimed(bare, resolved, derivation, parsed.notes)


def _left(text: str, derivation: Derivation) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The names and indices of a left side such as ``∂f/∂X_{ji}``, where the right side has them too.

    Those of a Hessian are in the order of its variables: ∂²f/∂y_j∂x_i is ∂²f/∂x_i∂y_j.
    """
    head, sign, rest = text.partition("=")
    left = _subscripted(head) if sign and _DERIVATIVE.match(head) else ()
    wrt = [str(variable.data) for variable in derivation.heads()]
    if derivation.kind == "hessian" and len(left) == 2 and [left[1][0], left[0][0]] == wrt:
        left = left[::-1]
    order = [letter for _, letters in left for letter in letters]
    fits = len(order) == len(set(order)) == len(axes(derivation.result.shape))
    used = {letter for _, letters in _subscripted(rest) for letter in letters}
    return left if fits and used.issuperset(order) else ()


def _subscripted(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The names in a text that have indices, with these."""
    return tuple(
        (
            canonical(found[1]) or found[1],
            tuple(filter(str.isalpha, "".join(found.groups("")[1:]).translate(FROM_SUBSCRIPT))),
        )
        for found in _SUBSCRIPTED.finditer(text)
    )


def without_head(text: str) -> str:
    """A claim with blanks in place of a left side ``∇_W … =`` or ``∂L/∂W =``; places in it stay what they are.

    A left side with indices, ``∂y[i]/∂x[j] =``, is kept: it says which index is which axis.
    """
    head, sign, rest = text.partition("=")
    if not sign or "[" in head or not _DERIVATIVE.match(head) or "where" in head:
        return text
    return " " * (len(head) + 1) + rest.replace("&", " ", 1)
