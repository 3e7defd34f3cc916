"""Which subscripts are indices: ``xᵢ`` under a sum over i is an entry of x or a row of X, elsewhere it is a name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from matcalc.errors import SyntaxProblem
from matcalc.language import conventions
from matcalc.language.counts import counted
from matcalc.language.indexing import ROW, left_axes
from matcalc.language.names import SUBSCRIPT_CHARACTERS
from matcalc.language.parser import Parsed
from matcalc.language.resolved import Resolved, Row, letter
from matcalc.language.shapes import Sizes
from matcalc.language.subscripted import Scope, letters_of, split
from matcalc.language.survey import Survey, Use
from matcalc.language.syntax import Call, Constant, Index, Name, Number, Shift, Syntax, postorder, rebuilt
from matcalc.patterns import regex

_UNIT = regex(r"e([0-9]{1,6})\Z")


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
    if any(len((split(name) or ("", ()))[1]) > 1 for name, _ in parsed.definitions):  # Y_ij = …
        return True
    trees = [parsed.tree, *(tree for _, tree in parsed.definitions)]
    for tree in trees:
        for piece in postorder(tree):
            if isinstance(piece, Name):
                found = split(piece.name) if "_" in piece.name else None
                if found is not None and (found[0] in known or found[0] in ("delta", "e")):
                    return True
                if _UNIT.match(piece.name):
                    return True
            elif isinstance(piece, Call) and piece.function in ("entry", "sum over"):
                return True
    return False


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
        self.seen = Survey(text, declared, self.kept, self.names - self.known)
        self.matrices: dict[str, str] = {}  # base -> what its matrix is called
        self.rows: list[Row] = []  # one for each matrix
        self.notes: list[str] = []
        self.axes: dict[str, int] = {}

    def run(self) -> Resolved:
        definitions, orders = self._renamed()
        trees = [self._value(definitions), *(tree for _, tree in definitions)]
        for tree, order in zip(
            trees, [self.parsed.order, *(orders.get(name, ()) for name, _ in definitions)], strict=True
        ):
            self.seen.add(tree, {letter: letter for letter in order})
        accepted = self._accepted()
        for base in dict.fromkeys(self.seen.uses[name].base for name in accepted):
            self._decide(
                base, [self.seen.uses[name] for name in accepted if self.seen.uses[name].base == base]
            )
        for base, count in self.seen.bracketed.items():
            if base not in self.known and base not in self.axes:
                self.axes[base] = max(count, conventions.rank(base) if base in self.seen.plain else count)
                self._note_on_capital(base)
        counts = counted(trees, self.seen.scopes, self.kept | self.seen.sizes)
        for name, indices in counts.items():
            of = " and ".join(letter(index) for index in indices)
            self._note(f"{name} was read as the number of terms of the sum over {of}")
        tree, *bodies = (self._rebuilt(tree, accepted) for tree in trees)
        return Resolved(
            tree,
            tuple((name, body) for (name, _), body in zip(definitions, bodies, strict=True)),
            {**orders, **({"": self.parsed.order} if self.parsed.order else {})},
            self.axes,
            frozenset(self.seen.sizes),
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
            found = split(name)
            if found is not None and found[0] not in self.declared and name not in orders:
                base, letters = found
                inside = {c for piece in postorder(tree) for c in letters_of(piece)}
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

    # What is an index ------------------------------------------------------------------------------------------

    def _accepted(self) -> dict[Name, None]:
        """The names that are entries, in the order of the text."""
        accepted: dict[Name, None] = {}
        for name, use in self.seen.uses.items():
            assert isinstance(name, Name)
            if self._is_entry(use):
                accepted[name] = None
        bases = {self.seen.uses[name].base: len(self.seen.uses[name].letters) for name in accepted}
        for name, use in self.seen.uses.items():
            assert isinstance(name, Name)
            if bases.get(use.base) == len(use.letters):
                accepted.setdefault(name)
            elif name not in accepted:
                self.seen.plain.add(name.name)
        return accepted

    def _is_entry(self, use: Use) -> bool:
        if use.is_bound:
            return True
        if use.base == "delta" and self._is_free_delta():
            return len(use.letters) == 2
        if use.base in self.axes:
            return self.axes[use.base] == len(use.letters)
        if use.base in self.declared:
            return len(self.declared[use.base]) == len(use.letters)
        if self.seen.bracketed.get(use.base) == len(use.letters):
            return True
        if use.base in self.known and len(use.letters) == conventions.rank(use.base):
            return True  # of a definition
        return bool(self.seen.free) and self.seen.free.issuperset(use.letters)

    def _decide(self, base: str, uses: list[Use]) -> None:
        """Whether a name with one index is an entry of a vector or a row of a matrix, and of which."""
        most = max(*(len(use.letters) for use in uses), self.seen.bracketed.get(base, 0), 1)
        known = self.axes.get(base) if base not in self.declared else len(self.declared[base])
        if known is not None or base in self.known:
            return
        if base == "delta" and most == 2 and base not in self.seen.plain:
            return
        if base == "e" and most == 1 and base not in self.seen.plain:
            return
        fixed = base in self.seen.plain or base in self.seen.bracketed or base in self.names
        partner = "" if fixed else conventions.capital(base)
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
            self.axes[base] = max(most, conventions.rank(base)) if base in self.seen.plain else most
            self._note_on_capital(base)

    def _note_on_capital(self, base: str) -> None:
        if self.axes[base] == 1 and conventions.rank(base) == 2:
            self._note(f"{base} was read as a vector; declare {base} if it is a matrix: {base}: m×n")

    def _is_known_matrix(self, name: str) -> bool:
        if name in self.declared:
            return len(self.declared[name]) == 2
        return name in self.seen.plain or self.seen.bracketed.get(name) == 2

    def _is_free(self, name: str) -> bool:
        return name not in self.known and name not in self.seen.plain and name not in self.seen.bracketed

    # The resolved tree -----------------------------------------------------------------------------------------

    def _rebuilt(self, tree: Syntax, accepted: Collection[Name]) -> Syntax:
        def leaf(piece: Syntax) -> Syntax:
            if not isinstance(piece, Name):
                return piece
            return self._entry(piece) if piece in accepted else self._unit(piece) or piece

        return rebuilt(tree, leaf, self._call)

    def _call(self, piece: Call, args: tuple[Syntax, ...]) -> Syntax:
        if piece.function == "sum over":
            scope = self.seen.scopes[piece]
            args = (args[0], *(_named(index, scope) for index in args[1:]))
        elif piece.function == "entry":
            scope = self.seen.scopes[piece]
            base = args[0]
            if isinstance(base, Name) and base.name == "delta" and self._is_free_delta() and len(args) == 3:
                base = Constant(base.start, base.end, "identity")
            args = (base, *(_named(index, scope) for index in args[1:]))
        elif all(new is old for new, old in zip(args, piece.args, strict=True)):
            return piece
        return Call(piece.start, piece.end, piece.function, args)

    def _is_free_delta(self) -> bool:
        return "delta" not in self.kept and "delta" not in self.seen.plain

    def _entry(self, piece: Name) -> Syntax:
        """The entry that a subscripted name stands for."""
        use = self.seen.uses[piece]
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
        if found is None or piece.name in self.kept or "e" in self.kept or "e" in self.seen.plain:
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


def _named(index: Syntax, scope: Scope) -> Syntax:
    if isinstance(index, Index):
        return Index(index.start, index.end, scope.get(index.name, index.name), index.size)
    if isinstance(index, Shift):
        first, second = index.names
        return Shift(index.start, index.end, (scope.get(first, first), scope.get(second, second)))
    return index
