"""Index notation: the entry of a value at indices, as ``2(VᵀV)[j,l]δ[i,k]``.

Values with more than two axes, and contractions that no matrix product says, are written by their entries.  The free
indices of a formula stand for its axes in alphabetical order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from matcalc.errors import DerivationProblem
from matcalc.graph.node import SCALAR, Node, is_row, own_axes
from matcalc.graph.subscripts import Subscripts
from matcalc.language.indexing import ROW
from matcalc.operations import Operations
from matcalc.printers.constants import one, sized_identity
from matcalc.printers.levels import POSTFIX, PREFIX, PRODUCT, SUM, UNIT, Text

if TYPE_CHECKING:
    from matcalc.printers.formula import Formula

_FREE = "ijklpqrstabcdfgh"  # letters that are read as an index in x[…] whatever stands around it
_SUMMED = "pqrstuvwijklhgfdcba"
_ENTRYWISE = frozenset("add sub neg scale over hadamard eldivide intpower power elpower sqrt".split())


def indexed_nodes(order: Sequence[Node], operations: Operations) -> tuple[set[Node], list[Node]]:
    """The nodes of formulas (operands first) that are written by their entries, and those of them that need a name.

    A name is needed where an operation takes the whole value, as the inverse of a contraction.
    """
    indexed: set[Node] = set()
    named: dict[Node, None] = {}
    if not [node for node in order if len(node.shape) > 2 or node.op == "contract"]:
        return indexed, []
    for node in order:
        if is_indexed(node, indexed, operations):
            indexed.add(node)
        elif indexed and node.op != "contract":
            named.update(dict.fromkeys(arg for arg in node.args if arg in indexed))
    return indexed, list(named)


def is_indexed(node: Node, indexed: Collection[Node], operations: Operations) -> bool:
    """Whether a node is written by its entries, where ``indexed`` are those of its operands that are."""
    if len(node.shape) > 2 or (node.op == "contract" and node.shape != SCALAR):
        return True
    if not indexed:
        return False
    entrywise = node.op in _ENTRYWISE or _is_elementwise(node, operations)
    return entrywise and node.shape != SCALAR and any(arg in indexed for arg in node.args)


def is_shift(node: Node) -> bool:
    """Whether a node has the ones of x[i+p]."""
    return node.op == "selection" and node.data == "+"


def _is_ones(node: Node) -> bool:
    """Whether a node is a vector of ones, which stands along an axis that nothing else has."""
    return (
        node.op == "fill"
        and node.args[0].op == "number"
        and node.args[0].data == 1
        and len(own_axes(node.shape)) == 1
    )


def _is_elementwise(node: Node, operations: Operations) -> bool:
    operation = operations.by_name.get(node.op)
    return operation is not None and operation.elementwise


def free_letters(count: int, taken: Collection[str]) -> tuple[str, ...]:
    """Letters for the axes of a value, in alphabetical order."""
    letters = [letter for letter in _FREE if letter not in taken][:count]
    if len(letters) < count:
        raise DerivationProblem("the result has more axes than there are letters left for indices")
    return tuple(sorted(letters))


class Entries:
    """Writes entries of nodes, with the texts of whole values from a ``Formula``."""

    def __init__(self, formula: Formula, indexed: Collection[Node], unusable: Collection[str]) -> None:
        self.formula = formula
        self.spelling = formula.spelling
        self.indexed = indexed
        self.unusable = unusable  # names that stand for something else
        self._elsewhere: dict[Node, frozenset[str]] = {}  # letters that the other terms of a sum have

    def equation(self, node: Node, name: str) -> str:
        """``M[i,j] = …``, of a row ``y[1,i] = …``: what the entries of a named value are."""
        letters = free_letters(len(own_axes(node.shape)), self.unusable)
        left = self.at(name, (ROW, *letters) if is_row(node.shape) else letters)[0]
        return f"{left} = {self.written_out(node, letters)[0]}"

    def text(self, node: Node) -> str:
        """The entry of a node at free indices in alphabetical order."""
        letters = free_letters(len(own_axes(node.shape)), self.unusable)
        return self.entry(node, letters)[0]

    def at(self, text: str, letters: Sequence[str]) -> Text:
        """The text of a whole value with indices behind it."""
        if not letters:
            return text, UNIT
        if self.spelling.latex and not any("+" in letter or letter == ROW for letter in letters):
            joined = "".join(letters)
            bracketed = text.startswith("(") and text.endswith(")")
            plain = "_" not in text and (text.isalnum() or text.startswith("\\")) and not text.endswith("}")
            if not bracketed and not plain:
                text = self.spelling.brackets(text)
            return f"{text}_{{{joined}}}" if len(joined) > 1 else f"{text}_{joined}", UNIT
        return f"{text}[{','.join(letters)}]", UNIT

    def entry(self, node: Node, letters: tuple[str, ...]) -> Text:
        """The entry of a node and how tightly its text binds."""
        if node in self.formula.named:
            return self.at(self.formula.written(node)[0], letters)
        if node in self.indexed:
            return self.written_out(node, letters)
        return self._of_whole(node, letters)

    def written_out(self, node: Node, letters: tuple[str, ...]) -> Text:
        """The entry of a node, not its name."""
        writer = _WRITERS.get(node.op)
        if writer is not None:
            return writer(self, node, letters)
        if node.args:
            return self._function(node, letters)
        return self._of_whole(node, letters)

    def _of_whole(self, node: Node, letters: tuple[str, ...]) -> Text:
        """The entry of a value that has matrix notation."""
        if not letters:
            return self.formula.written(node)
        if node.op == "identity" and not self.formula.sized:
            self.formula.wrote_constant = True
            return self.at(self.spelling.delta, letters)
        if node.op == "fill":
            return self._fill(node, letters)
        if is_shift(node):
            return self._shift(node, letters)
        if node.op == "transpose":
            return self.entry(node.args[0], letters[::-1])
        if node.op == "diagonal":
            return self.entry(node.args[0], (*letters, *letters))
        if node.op == "hadamard":
            return self._product([self.entry(arg, letters) for arg in node.args])
        text, level = self.formula.written(node)
        return self.at(text if level == UNIT else self.spelling.brackets(text), letters)

    def _fill(self, node: Node, letters: tuple[str, ...]) -> Text:
        """A number in every entry, as a multiple of ones, which say what the axes are that nothing else has."""
        elsewhere = self._elsewhere.pop(node, frozenset())
        sizes = [node.shape[place] for place in own_axes(node.shape)]
        ones = [
            self.at(one(self.formula, (size, None)), letter)
            for size, letter in zip(sizes, letters, strict=True)
            if letter not in elsewhere
        ]
        scalar = node.args[0]
        if ones and scalar.op == "number" and scalar.data == 1:
            return self._product(ones)
        return self._product([self.formula.written(scalar), *ones])

    def _product(self, factors: Sequence[Text]) -> Text:
        """A product of entries, brackets where they are needed."""
        if len(factors) == 1:
            return factors[0]
        texts = [text if level >= PRODUCT else self.spelling.brackets(text) for text, level in factors]
        product = texts[0]
        for text in texts[1:]:
            product = self.formula.beside(product, text)[0]
        return product, PRODUCT

    def _contract(self, node: Node, letters: tuple[str, ...]) -> Text:
        subscripts = node.data
        assert isinstance(subscripts, Subscripts)
        names = dict(zip(subscripts.output, letters, strict=True))
        spare = self._spare(letters)
        summed = [names.setdefault(index, next(spare)) for index in subscripts.summed]
        merged = self._merge_shifts(node, names)
        summed = [letter for letter in summed if letter not in merged]
        elsewhere = self._elsewhere.pop(node, frozenset())
        factors = [
            self.entry(arg, tuple(names[index] for index in indices))
            for arg, indices in zip(node.args, subscripts.inputs, strict=True)
            if not (is_shift(arg) and "+" in names[indices[0]])
            and not (_is_ones(arg) and names[indices[0]] in elsewhere)
        ]
        if self.formula.exact:
            factors = [*self._ranges(node, names), *factors]
        if not summed:
            return self._product(factors)
        return self.spelling.indexed_sum(summed, self._product(factors)[0]), (
            UNIT if self.spelling.total is None else PREFIX
        )

    def _merge_shifts(self, node: Node, names: dict[int, str]) -> list[str]:
        """Write x[i+p] for the Σₐ δ[a,i+p]x[a] of convolutions; give the letters that no sum needs any more."""
        assert isinstance(node.data, Subscripts)
        merged: list[str] = []
        everywhere = [index for indices in node.data.inputs for index in indices]
        for arg, indices in zip(node.args, node.data.inputs, strict=True):
            if not is_shift(arg) or indices[0] in node.data.output or everywhere.count(indices[0]) != 2:
                continue
            shifted, *parts = indices
            partner = next(
                other
                for other, places in zip(node.args, node.data.inputs, strict=True)
                if other is not arg and shifted in places
            )
            if all(part in node.data.output for part in parts):
                continue  # x[i+j] with free letters would be read as a product
            if partner.op in ("variable", "identity") or partner in self.formula.named:
                merged.append(names[shifted])
                names[shifted] = "+".join(names[part] for part in parts)
        return merged

    def _ranges(self, node: Node, names: dict[int, str]) -> list[Text]:
        """𝟏₃[i] for every letter that nothing but an x[i+p] has, which does not say how far it runs."""
        assert isinstance(node.data, Subscripts)
        parts = list(zip(node.args, node.data.inputs, strict=True))
        told = {
            index for arg, indices in parts if not is_shift(arg) and not _is_ones(arg) for index in indices
        }
        sizes = {
            index: size
            for arg, indices in parts
            if is_shift(arg)
            for index, size in zip(indices[1:], arg.shape[1:], strict=True)
            if index not in told
        }
        return [self.at(one(self.formula, (size, None)), names[index]) for index, size in sizes.items()]

    def _shift(self, node: Node, letters: tuple[str, ...]) -> Text:
        """δ[a,i+p]: which entry of x the x[i+p] of a convolution is."""
        if any("+" in letter for letter in letters):
            raise DerivationProblem("an index that is the sum of more than two letters can't be written")
        size = node.shape[0]
        text = self.spelling.delta
        if self.formula.sized and size is not None:
            text = sized_identity(self.formula, size)
        self.formula.wrote_constant = True
        return self.at(text, (letters[0], "+".join(letters[1:])))

    def _spare(self, used: Sequence[str]) -> Iterator[str]:
        """Letters for summed indices."""
        for letter in _SUMMED:
            if letter not in used and letter not in self.unusable:
                yield letter
        raise DerivationProblem("the result has more indices than there are letters for them")

    def _sum(self, node: Node, letters: tuple[str, ...]) -> Text:
        """A sum or difference; chains of them are written without recursion."""
        (_, first), *terms = self._terms(node, whole=True)
        parts = [first, *(term for _, term in terms)]
        uses = Counter(letter for part in parts for letter in self._own_letters(part, letters))
        text, level = self._term(first, letters, uses)
        for sign, term in terms:
            right, level = self._term(term, letters, uses)
            text += f" {sign} {right if level >= PREFIX else self.spelling.brackets(right)}"
        return text, SUM

    def _terms(self, node: Node, whole: bool = False) -> list[tuple[str, Node]]:
        """The terms of a sum with their signs; one that has a name is a term itself, unless it is the ``whole``."""
        terms: list[tuple[str, Node]] = []
        while node.op in ("add", "sub") and (whole or node not in self.formula.named):
            terms.append(("+" if node.op == "add" else self.spelling.minus, node.args[1]))
            node, whole = node.args[0], False
        return [("+", node), *reversed(terms)]

    def _term(self, term: Node, letters: tuple[str, ...], uses: Counter[str]) -> Text:
        """A term of a sum, without the ones along what another term has: T[i,j] + b[i], not b[i]𝟏[j]."""
        core = self._core(term)
        own = self._own_letters(term, letters)
        if core.op == "fill" or (core.op == "contract" and own):
            self._elsewhere[core] = frozenset(letter for letter in letters if uses[letter] > (letter in own))
        text = self.entry(term, letters)
        self._elsewhere.pop(core, None)  # its name was written
        return text

    def _core(self, term: Node) -> Node:
        """A term without its sign and the scalars that it is multiplied by."""
        while term.op in ("neg", "scale", "over") and term not in self.formula.named:
            term = term.args[term.op == "scale"]
        return term

    def _own_letters(self, term: Node, letters: tuple[str, ...]) -> frozenset[str]:
        """The letters that a term has in factors that are not ones."""
        core = self._core(term)
        if core.op == "fill":
            return frozenset()
        subscripts = core.data
        if not isinstance(subscripts, Subscripts) or core in self.formula.named:
            return frozenset(letters)
        names = dict(zip(subscripts.output, letters, strict=True))
        parts = zip(core.args, subscripts.inputs, strict=True)
        own = (index for arg, indices in parts if not _is_ones(arg) for index in indices)
        return frozenset(names[index] for index in own if index in names)

    def _neg(self, node: Node, letters: tuple[str, ...]) -> Text:
        text, level = self.entry(node.args[0], letters)
        return self.spelling.minus + (text if level >= PREFIX else self.spelling.brackets(text)), SUM

    def _scale(self, node: Node, letters: tuple[str, ...]) -> Text:
        scalar, value = node.args
        text, level = self.entry(value, letters)
        self.formula.written(scalar)
        first = self.formula.coefficient(scalar)
        if level == PREFIX:
            return self.formula.beside(first, text)[0], PREFIX
        return self.formula.beside(first, text if level >= PRODUCT else self.spelling.brackets(text))[
            0
        ], PRODUCT

    def _over(self, node: Node, letters: tuple[str, ...]) -> Text:
        top, bottom = self.entry(node.args[0], letters), self.formula.written(node.args[1])
        return self._quotient(top, bottom)

    def _quotient(self, top: Text, bottom: Text) -> Text:
        if self.spelling.latex:
            return f"\\frac{{{top[0]}}}{{{bottom[0]}}}", POSTFIX
        above = top[0] if top[1] >= PRODUCT else self.spelling.brackets(top[0])
        below = bottom[0] if bottom[1] >= POSTFIX else self.spelling.brackets(bottom[0])
        return f"{above}/{below}", PRODUCT

    def _hadamard(self, node: Node, letters: tuple[str, ...]) -> Text:
        return self._product([self.entry(arg, letters) for arg in node.args])

    def _eldivide(self, node: Node, letters: tuple[str, ...]) -> Text:
        above, below = node.args
        if above.op == "fill":
            self._elsewhere[above] = frozenset().union(
                *(self._own_letters(term, letters) for _, term in self._terms(below))
            )
        top, bottom = (self.entry(arg, letters) for arg in node.args)
        return self._quotient(top, bottom)

    def _power(self, node: Node, letters: tuple[str, ...]) -> Text:
        base, exponent = node.args
        text, level = self.entry(base, letters)
        above = (
            self.formula.written(exponent)[0]
            if exponent.shape == SCALAR
            else self.entry(exponent, letters)[0]
        )
        return self.spelling.power(
            text if level == UNIT else self.spelling.brackets(text), above, False
        ), POSTFIX

    def _function(self, node: Node, letters: tuple[str, ...]) -> Text:
        """A function of each entry."""
        args = ", ".join(
            self.formula.written(arg.args[0])[0] if arg.op == "fill" else self.entry(arg, letters)[0]
            for arg in node.args
        )
        name = self.spelling.function(self.formula.operations[node.op])
        return name + self.spelling.brackets(args), UNIT


_WRITERS: dict[str, Callable[[Entries, Node, tuple[str, ...]], Text]] = {
    "contract": Entries._contract,
    "add": Entries._sum,
    "sub": Entries._sum,
    "neg": Entries._neg,
    "scale": Entries._scale,
    "over": Entries._over,
    "hadamard": Entries._hadamard,
    "eldivide": Entries._eldivide,
    "intpower": Entries._power,
    "power": Entries._power,
    "elpower": Entries._power,
    "fill": Entries._fill,
}
