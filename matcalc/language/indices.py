"""Which subscripts are indices: ``xᵢ`` under a sum over i is an entry of x or a row of X, elsewhere it is a name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from matcalc.errors import SyntaxProblem
from matcalc.language.indexing import ROW, left_axes
from matcalc.language.names import SUBSCRIPT_CHARACTERS, SYMBOLS
from matcalc.language.parser import Parsed
from matcalc.language.shapes import Sizes
from matcalc.language.syntax import Call, Constant, Index, Name, Number, Shift, Syntax, postorder, rebuilt
from matcalc.language.usage import capital, denominators, factors, operands

_LETTERS = re.compile(r"(.+?)((?:_[A-Za-z])+)\Z")  # x_i, x_hat_i, A_i_j
_RUN = re.compile(r"(.+)_([A-Za-z]{2,})\Z")  # A_ij
_WORDS = frozenset(
    "hat bar tilde in out max min new old ref opt init test train tot avg obs true pred".split()
)
_UNIT = re.compile(r"e([0-9]{1,6})\Z")


def _split(name: str, scope: Collection[str] = ()) -> tuple[str, tuple[str, ...]] | None:
    """The base and the letters of a canonical name whose subscript may be indices; None for one without letters.

    Words such as the ``in`` of W_in are no indices, unless a sum runs over each of their letters.
    """
    found = _LETTERS.match(name)
    if found is not None:
        return found[1], tuple(found[2].replace("_", ""))
    found = _RUN.match(name)
    if found is None or (found[2] in _WORDS and not set(found[2]).issubset(scope)):
        return None
    return found[1], tuple(found[2])


Scope = Mapping[str, str]  # index letter -> the name of the index, which differs for each sum


@dataclass(frozen=True)
class Row:
    """``xᵢ`` that was read as a row of a matrix: as it was written, the letter, and the name of the matrix.

    ``of_sample`` where it is one sample of a batch, x without the letter, which may be a number, an entry of a vector.
    """

    written: str
    letter: str
    matrix: str
    of_sample: bool = False

    def note(self, axes: int, shape: str) -> str:
        """How it was read; ``axes`` and ``shape`` are those of the matrix."""
        place = f" ({shape})" if shape else ""
        if not self.of_sample:
            return (
                f"{self.written} was read as the {self.letter}-th row of the data matrix {self.matrix}{place}"
            )
        if axes == 1:
            return f"{self.written} is a number of one sample, the {self.letter}-th entry of the vector {self.matrix}{place}"
        return (
            f"{self.written} is one sample, the {self.letter}-th row of the data matrix {self.matrix}{place}"
        )


@dataclass(frozen=True)
class Resolved:
    """A formula whose indices are told from its names.

    ``axes`` says how many axes the indexed variables have that no declaration knows; ``sizes`` are the names that
    sums run to, as the n of Σ_{i=1}^n; ``counts`` are names that stand for the length of sums, as the n of
    1/n Σᵢ.  Free indices keep their letters, those of sums have a number behind the letter.
    """

    tree: Syntax
    definitions: tuple[tuple[str, Syntax], ...]
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    axes: Mapping[str, int] = field(default_factory=dict)
    sizes: frozenset[str] = frozenset()
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> indices
    rows: tuple[Row, ...] = ()
    left: tuple[
        tuple[str, tuple[str, ...]], ...
    ] = ()  # variables on the left side, with the indices of their axes
    notes: tuple[str, ...] = ()


def letter(index: str) -> str:
    """How an index is written: its name without the number of its sum."""
    return index.partition("#")[0]


def resolve(
    parsed: Parsed, text: str, declared: Mapping[str, Sizes], names: Collection[str] = ()
) -> Resolved:
    """Tell indices from names.

    ``declared`` has the shapes that are known, ``names`` are variables by any other sign.  Raises ``SyntaxProblem``
    where an index is used as a number or a value has fewer axes than it is given indices.
    """
    if not _has_indices(parsed, {*declared, *(name for name, _ in parsed.definitions)}):
        return Resolved(parsed.tree, parsed.definitions)
    return _Resolver(parsed, text, declared, names).run()


def _has_indices(parsed: Parsed, known: Collection[str]) -> bool:
    """Whether anything in a formula could be an index."""
    if parsed.order or parsed.orders:
        return True
    if any(len((_split(name) or ("", ()))[1]) > 1 for name, _ in parsed.definitions):  # Y_ij = …
        return True
    trees = [parsed.tree, *(tree for _, tree in parsed.definitions)]
    for tree in trees:
        for piece in postorder(tree):
            if isinstance(piece, Name):
                found = _split(piece.name) if "_" in piece.name else None
                if found is not None and (found[0] in known or found[0] in ("delta", "e")):
                    return True
                if _UNIT.match(piece.name):
                    return True
            elif isinstance(piece, Call) and piece.function in ("entry", "sum over"):
                return True
    return False


@dataclass(frozen=True)
class _Use:
    """A name with a subscript that may be an index: its base, its letters and where it stands."""

    base: str
    letters: tuple[str, ...]
    scope: Scope
    vector: bool  # whether it is used as a vector

    @property
    def is_bound(self) -> bool:
        return any(letter in self.scope for letter in self.letters)


class _Resolver:
    def __init__(
        self, parsed: Parsed, text: str, declared: Mapping[str, Sizes], names: Collection[str]
    ) -> None:
        self.parsed = parsed
        self.text = text
        self.declared = declared
        self.known = {*declared, *(name for name, _ in parsed.definitions)}
        self.kept = {*self.known, *names}
        self.names = frozenset(names)
        self.uses: dict[Syntax, _Use] = {}  # by the Name
        self.scopes: dict[Syntax, Scope] = {}  # of entries, and of sums: that of their body
        self.plain: set[str] = set()  # names that occur without indices
        self.plain_letters: dict[str, Name] = {}
        self.bracketed: dict[str, int] = {}  # base -> the most indices in brackets
        self.free: set[str] = set()  # letters in brackets that no sum binds
        self.matrices: dict[str, str] = {}  # base -> what its matrix is called
        self.sizes: set[str] = set()
        self.rows: list[Row] = []  # one for each matrix
        self.notes: list[str] = []
        self.axes: dict[str, int] = {}
        self.count = 0

    def run(self) -> Resolved:
        definitions, orders = self._renamed()
        trees = [self._value(definitions), *(tree for _, tree in definitions)]
        for tree, order in zip(
            trees, [self.parsed.order, *(orders.get(name, ()) for name, _ in definitions)], strict=True
        ):
            self._survey(tree, {letter: letter for letter in order})
        accepted = self._accepted()
        for base in dict.fromkeys(self.uses[name].base for name in accepted):
            self._decide(base, [self.uses[name] for name in accepted if self.uses[name].base == base])
        for base, count in self.bracketed.items():
            if base not in self.known and base not in self.axes:
                self.axes[base] = max(count, self._convention(base) if base in self.plain else count)
                self._note_on_capital(base)
        counts = self._counts(trees)
        tree, *bodies = (self._rebuilt(tree, accepted) for tree in trees)
        return Resolved(
            tree,
            tuple((name, body) for (name, _), body in zip(definitions, bodies, strict=True)),
            {**orders, **({"": self.parsed.order} if self.parsed.order else {})},
            self.axes,
            frozenset(self.sizes),
            counts,
            tuple(self.rows),
            left_axes(self.text) if self.parsed.order else (),
            tuple(self.notes),
        )

    def _renamed(self) -> tuple[tuple[tuple[str, Syntax], ...], dict[str, tuple[str, ...]]]:
        """The definitions; ``M_ij = …`` defines M where its right side has the indices i and j."""
        orders = dict(self.parsed.orders)
        definitions = []
        for name, tree in self.parsed.definitions:
            found = _split(name)
            if found is not None and found[0] not in self.declared and name not in orders:
                base, letters = found
                inside = {c for piece in postorder(tree) for c in _letters_of(piece)}
                if inside.issuperset(letters):
                    self.kept.discard(name)
                    name = base
                    self.kept.add(name)
                    self.known.add(name)
                    orders[name] = letters
            definitions.append((name, tree))
        for name, order in orders.items():
            self.axes[name] = len([letter for letter in order if letter != ROW])
        return tuple(definitions), orders

    def _value(self, definitions: tuple[tuple[str, Syntax], ...]) -> Syntax:
        """The tree of the value, which may be the name of a definition that was ``M_ij = …``."""
        tree = self.parsed.tree
        for (old, _), (new, _) in zip(self.parsed.definitions, definitions, strict=True):
            if isinstance(tree, Name) and tree.name == old:
                return Name(tree.start, tree.end, new)
        return tree

    # What stands where -----------------------------------------------------------------------------------------

    def _survey(self, tree: Syntax, free: Scope) -> None:
        """Find every subscripted name, with the sums around it; ``free`` are the indices of the left side."""
        stack: list[tuple[Syntax, Scope, bool]] = [(tree, free, False)]
        while stack:
            piece, scope, vector = stack.pop()
            if isinstance(piece, Name):
                self._survey_name(piece, scope, vector)
            if not isinstance(piece, Call):
                continue
            if piece.function == "sum over":
                scope = self._inside(piece, scope)
                self.scopes[piece] = scope
                stack.append((piece.args[0], scope, False))
            elif piece.function == "entry":
                self.scopes[piece] = scope
                if self._survey_entry(piece, scope):
                    stack.append((piece.args[0], scope, True))
            else:
                stack.extend((arg, scope, needs) for arg, needs in operands(piece, vector, self._is_matrix))

    def _inside(self, piece: Call, scope: Scope) -> Scope:
        """The scope of a sum's body."""
        inner = dict(scope)
        for index in piece.args[1:]:
            assert isinstance(index, Index)
            self.count += 1
            inner[index.name] = f"{index.name}#{self.count}"
            if isinstance(index.size, str):
                self.sizes.add(index.size)
        return inner

    def _survey_entry(self, piece: Call, scope: Scope) -> bool:
        """Note what stands in the brackets; whether what is before them may hold indices itself, as in xᵢ[j]."""
        for index in piece.args[1:]:
            self.free.update(letter for letter in _letters_of(index) if letter not in scope)
        base = piece.args[0]
        if not isinstance(base, Name):
            return True
        found = None if base.name in self.kept else _split(base.name, scope)
        if found is not None and any(letter in scope for letter in found[1]):
            return True
        self.bracketed[base.name] = max(self.bracketed.get(base.name, 0), len(piece.args) - 1)
        return False

    def _survey_name(self, piece: Name, scope: Scope, vector: bool) -> None:
        if piece.name in scope:
            raise SyntaxProblem(
                f"`{piece.name}` is the index of a sum, which can't be used as a number",
                self.text,
                piece.start,
                piece.end,
            )
        found = None if piece.name in self.kept else _split(piece.name, scope)
        if found is not None:
            self.uses[piece] = _Use(*found, scope, vector)
        else:
            self.plain.add(piece.name)
            self.plain_letters.setdefault(piece.name, piece)

    def _is_matrix(self, piece: Syntax) -> bool:
        """Whether a factor is a matrix by its name."""
        while isinstance(piece, Call) and piece.function in ("mul", "power", "inv"):
            piece = piece.args[-1] if piece.function == "mul" else piece.args[0]
        if isinstance(piece, Constant):
            return piece.kind == "identity"
        if not isinstance(piece, Name):
            return False
        if piece.name in self.declared:
            return len(self.declared[piece.name]) == 2
        return self._convention(piece.name) == 2 and (piece.name in self.kept or not _split(piece.name))

    @staticmethod
    def _convention(name: str) -> int:
        letters = name.split("_")[0].rstrip("0123456789")
        if letters in SYMBOLS and letters != "ell":
            return 0
        return 2 if name[0].isupper() else 1

    # What is an index ------------------------------------------------------------------------------------------

    def _accepted(self) -> dict[Name, None]:
        """The names that are entries, in the order of the text."""
        accepted: dict[Name, None] = {}
        for name, use in self.uses.items():
            assert isinstance(name, Name)
            if self._is_entry(use):
                accepted[name] = None
        bases = {self.uses[name].base: len(self.uses[name].letters) for name in accepted}
        for name, use in self.uses.items():
            assert isinstance(name, Name)
            if bases.get(use.base) == len(use.letters):
                accepted.setdefault(name)
            elif name not in accepted:
                self.plain.add(name.name)
        return accepted

    def _is_entry(self, use: _Use) -> bool:
        if use.is_bound:
            return True
        if use.base == "delta" and "delta" not in self.kept | self.plain:
            return len(use.letters) == 2
        if use.base in self.axes:
            return self.axes[use.base] == len(use.letters)
        if use.base in self.declared:
            return len(self.declared[use.base]) == len(use.letters)
        if self.bracketed.get(use.base) == len(use.letters):
            return True
        if use.base in self.known and len(use.letters) == self._convention(use.base):
            return True  # of a definition
        return bool(self.free) and self.free.issuperset(use.letters)

    def _decide(self, base: str, uses: list[_Use]) -> None:
        """Whether a name with one index is an entry of a vector or a row of a matrix, and of which."""
        most = max(*(len(use.letters) for use in uses), self.bracketed.get(base, 0), 1)
        known = self.axes.get(base) if base not in self.declared else len(self.declared[base])
        if known is not None or base in self.known:
            return
        if base == "delta" and most == 2 and base not in self.plain:
            return
        if base == "e" and most == 1 and base not in self.plain:
            return
        fixed = base in self.plain or base in self.bracketed or base in self.names
        partner = "" if fixed else capital(base)
        vector = any(use.vector and len(use.letters) == 1 for use in uses)
        if partner and (most == 1 or not base[0].isupper()) and self._is_known_matrix(partner):
            self.matrices[base] = partner
            if partner not in self.declared:
                self.axes.setdefault(partner, 2)
        elif most == 1 and vector:
            name = partner if partner and self._is_free(partner) else base
            self.matrices[base] = name
            self.axes[name] = 2
        else:
            self.axes[base] = max(most, self._convention(base)) if base in self.plain else most
            self._note_on_capital(base)

    def _note_on_capital(self, base: str) -> None:
        if self.axes[base] == 1 and self._convention(base) == 2:
            self._note(f"{base} was read as a vector; declare {base} if it is a matrix: {base}: m×n")

    def _is_known_matrix(self, name: str) -> bool:
        if name in self.declared:
            return len(self.declared[name]) == 2
        return name in self.plain or self.bracketed.get(name) == 2

    def _is_free(self, name: str) -> bool:
        return name not in self.known and name not in self.plain and name not in self.bracketed

    # The resolved tree -----------------------------------------------------------------------------------------

    def _rebuilt(self, tree: Syntax, accepted: Collection[Name]) -> Syntax:
        def leaf(piece: Syntax) -> Syntax:
            if not isinstance(piece, Name):
                return piece
            return self._entry(piece) if piece in accepted else self._unit(piece) or piece

        return rebuilt(tree, leaf, self._call)

    def _call(self, piece: Call, args: tuple[Syntax, ...]) -> Syntax:
        if piece.function == "sum over":
            scope = self.scopes[piece]
            args = (args[0], *(_named(index, scope) for index in args[1:]))
        elif piece.function == "entry":
            scope = self.scopes[piece]
            base = args[0]
            if isinstance(base, Name) and base.name == "delta" and self._is_free_delta() and len(args) == 3:
                base = Constant(base.start, base.end, "identity")
            args = (base, *(_named(index, scope) for index in args[1:]))
        elif all(new is old for new, old in zip(args, piece.args, strict=True)):
            return piece
        return Call(piece.start, piece.end, piece.function, args)

    def _is_free_delta(self) -> bool:
        return "delta" not in self.kept and "delta" not in self.plain

    def _entry(self, piece: Name) -> Syntax:
        """The entry that a subscripted name stands for."""
        use = self.uses[piece]
        start, end = piece.start, piece.end
        indices = [_named(Index(start, end, letter), use.scope) for letter in use.letters]
        if use.base == "delta" and len(indices) == 2 and self._is_free_delta():
            return Call(start, end, "entry", (Constant(start, end, "identity"), *indices))
        if use.base == "e" and len(indices) == 1 and "e" not in self.kept and "e" not in self.axes:
            written = self.text[start:end]
            self._note(
                f"{written} was read as the {use.letters[0]}-th unit vector; declare e if it is a variable"
            )
            return Call(start, end, "entry", (Constant(start, end, "identity"), *indices))
        if use.base == "pi" and "pi" not in self.kept:
            raise SyntaxProblem("π is a number; call the variable something else", self.text, start, end)
        matrix = self.matrices.get(use.base, use.base)
        axes = len(self.declared[matrix]) if matrix in self.declared else self.axes.get(matrix)
        if axes is None:
            axes = len(indices)
        if len(indices) > axes:
            kind = {0: "a scalar", 1: "a vector", 2: "a matrix"}.get(axes, f"a tensor with {axes} axes")
            raise SyntaxProblem(
                f"{matrix} is {kind}, which {len(indices)} indices don't fit", self.text, start, end
            )
        if len(indices) == 1 and axes == 2:
            if all(row.matrix != matrix for row in self.rows):
                self.rows.append(Row(self.text[start:end], use.letters[0], matrix))
        elif matrix != use.base:
            self._note(f"{self.text[start:end]} was read as an entry of the matrix {matrix}")
        elif not use.is_bound:
            self._note(f"{self.text[start:end]} was read as an entry of {matrix}; declare it if it is a name")
        return Call(start, end, "entry", (Name(start, end, matrix), *indices))

    def _unit(self, piece: Name) -> Syntax | None:
        """``e₃``, the third unit vector, where e₃ is no variable."""
        found = _UNIT.match(piece.name)
        if found is None or piece.name in self.kept or "e" in self.kept or "e" in self.plain:
            return None
        written = self.text[piece.start : piece.end]
        if "_" not in written and written[-1] not in SUBSCRIPT_CHARACTERS or int(found[1]) == 0:
            return None
        self._note(f"{written} was read as the unit vector number {found[1]}; declare it if it is a variable")
        number = Number(piece.start, piece.end, Fraction(int(found[1])))
        return Call(piece.start, piece.end, "entry", (Constant(piece.start, piece.end, "identity"), number))

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    # 1/n Σᵢ ----------------------------------------------------------------------------------------------------

    def _counts(self, trees: list[Syntax]) -> dict[str, tuple[str, ...]]:
        """Names that occur in denominators only, next to sums of no written range: how many terms these have."""
        total: dict[str, int] = {}
        below: dict[str, int] = {}
        pairs: dict[str, dict[str, None]] = {}
        first = ""
        for tree in trees:
            for piece in postorder(tree):
                if isinstance(piece, Name):
                    total[piece.name] = total.get(piece.name, 0) + 1
                if not isinstance(piece, Call):
                    continue
                first = self._runs_over(piece) or first
                if piece.function == "divide":
                    for name in factors(piece.args[1]):
                        below[name] = below.get(name, 0) + 1
                        pairs.setdefault(name, {}).update(
                            dict.fromkeys(filter(None, [self._runs_over(piece.args[0])]))
                        )
                elif piece.function == "mul":
                    index = self._runs_over(piece.args[1])
                    for name in denominators(piece.args[0]) if index else ():
                        pairs.setdefault(name, {})[index] = None
        counts = {}
        for name in sorted({"n", "N", "m", "M"} - self.kept - self.sizes):
            if below.get(name) and below[name] == total[name] and first:
                counts[name] = tuple(pairs[name]) or (first,)
                of = " and ".join(letter(index) for index in counts[name])
                self._note(f"{name} was read as the number of terms of the sum over {of}")
        return counts

    def _runs_over(self, piece: Syntax) -> str:
        """The first index of a sum with no written range; nothing for anything else."""
        if isinstance(piece, Call) and piece.function == "sum over":
            for index in piece.args[1:]:
                if isinstance(index, Index) and index.size is None:
                    return self.scopes[piece][index.name]
        return ""


def _named(index: Syntax, scope: Scope) -> Syntax:
    if isinstance(index, Index):
        return Index(index.start, index.end, scope.get(index.name, index.name), index.size)
    if isinstance(index, Shift):
        first, second = index.names
        return Shift(index.start, index.end, (scope.get(first, first), scope.get(second, second)))
    return index


def _letters_of(piece: Syntax) -> tuple[str, ...]:
    if isinstance(piece, Index):
        return (piece.name,)
    if isinstance(piece, Shift):
        return piece.names
    found = _split(piece.name) if isinstance(piece, Name) else None
    return found[1] if found else ()
