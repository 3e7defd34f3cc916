"""What stands where in a formula: the subscripted names, each with the sums around it, and the names without."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from matcalc.errors import SyntaxProblem
from matcalc.language import conventions
from matcalc.language.names import unicode_name
from matcalc.language.shapes import Sizes
from matcalc.language.subscripted import Scope, letters_of, split
from matcalc.language.syntax import Call, Constant, Index, Name, Syntax
from matcalc.language.usage import operands


class Use(NamedTuple):
    """A name with a subscript that may be an index: its base, its letters and where it stands."""

    base: str
    letters: tuple[str, ...]
    scope: Scope
    vector: bool  # whether it is used as a vector

    @property
    def is_bound(self) -> bool:
        return any(letter in self.scope for letter in self.letters)


class Survey:
    """The names and indices of trees; ``kept`` are the names that are whole, whatever their subscript.

    ``asked`` are those that a derivative is asked for.
    """

    def __init__(
        self, text: str, declared: Mapping[str, Sizes], kept: Collection[str], asked: Collection[str]
    ) -> None:
        self.text = text
        self.declared = declared
        self.kept = kept
        self.asked = asked
        self.uses: dict[Name, Use] = {}
        self.scopes: dict[Syntax, Scope] = {}  # of entries, and of sums: that of their body
        self.plain: set[str] = set()  # names that occur without indices
        self.bracketed: dict[str, int] = {}  # base -> the most indices in brackets
        self.free: set[str] = set()  # letters in brackets that no sum binds
        self.sizes: set[str] = set()  # names that sums run to
        self.count = 0

    def add(self, tree: Syntax, free: Scope) -> None:
        """Find every subscripted name, with the sums around it; ``free`` are the indices of the left side."""
        stack: list[tuple[Syntax, Scope, bool]] = [(tree, free, False)]
        while stack:
            piece, scope, vector = stack.pop()
            if isinstance(piece, Name):
                self._add_name(piece, scope, vector)
            if not isinstance(piece, Call):
                continue
            if piece.function == "sum over":
                scope = self._inside(piece, scope)
                self.scopes[piece] = scope
                stack.append((piece.args[0], scope, False))
            elif piece.function == "entry":
                self.scopes[piece] = scope
                if self._add_entry(piece, scope):
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

    def _add_entry(self, piece: Call, scope: Scope) -> bool:
        """Note what stands in the brackets; whether what is before them may hold indices itself, as in xᵢ[j]."""
        for index in piece.args[1:]:
            self.free.update(letter for letter in letters_of(index) if letter not in scope)
        base = piece.args[0]
        if not isinstance(base, Name):
            return True
        found = None if base.name in self.kept else split(base.name, scope)
        if found is not None and any(letter in scope for letter in found[1]):
            return True
        self.bracketed[base.name] = max(self.bracketed.get(base.name, 0), len(piece.args) - 1)
        return False

    def _add_name(self, piece: Name, scope: Scope, vector: bool) -> None:
        if piece.name in scope:
            raise SyntaxProblem(
                f"`{piece.name}` is the index of a sum, which can't be used as a number",
                self.text,
                piece.start,
                piece.end,
            )
        found = None if piece.name in self.kept else split(piece.name, scope)
        if piece.name in self.asked:
            self._refuse_one_term(piece, scope)
        if found is not None:
            self.uses[piece] = Use(*found, scope, vector)
        else:
            self.plain.add(piece.name)

    def _refuse_one_term(self, piece: Name, scope: Scope) -> None:
        """The derivative in one xᵢ of a sum over i is a part of that in all of them."""
        whole = split(piece.name, scope)
        if whole is None or not any(letter in scope for letter in whole[1]):
            return
        name = unicode_name(piece.name)
        base, letters = whole
        all_of_them = unicode_name(base)
        if len(base) == 1 and base.islower() and len(letters) == 1:
            all_of_them = f"{base.upper()}, or in {base} if they are numbers"
        raise SyntaxProblem(
            f"{name} is a different one in each term of the sum; the derivative in all of them is that in {all_of_them}",
            self.text,
            piece.start,
            piece.end,
        )

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
        return conventions.rank(piece.name) == 2 and (piece.name in self.kept or not split(piece.name))
