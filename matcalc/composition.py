"""Programs put together in Python: definitions that several formulas share.

>>> import matcalc
>>> step = matcalc.let(h1="tanh(U h0 + P x1)", h2="tanh(U h1 + P x2)")
>>> step.derive("½‖h2 − t‖²", "t").unicode()
't − h₂ where h₁ = tanh(Uh₀ + Px₁), h₂ = tanh(Uh₁ + Px₂)'
>>> step.let(r="h2 − t").derive("‖r‖²", "t").unicode()
'−2r where h₁ = tanh(Uh₀ + Px₁), h₂ = tanh(Uh₁ + Px₂), r = h₂ − t'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matcalc.derivation import Derivation, Derivations
from matcalc.deriving import derive, gradient
from matcalc.errors import MatcalcError, SyntaxProblem
from matcalc.evaluation import evaluate
from matcalc.language.assumptions import Assume, parse_assumptions, read_assumptions, read_shapes
from matcalc.language.names import ascii_name, canonical
from matcalc.language.parser import parse
from matcalc.language.program import outline
from matcalc.language.shapes import Sizes
from matcalc.operations import load
from matcalc.reading import Rules, Shapes


@dataclass(frozen=True)
class Program:
    """Definitions and shapes that formulas can use; ``let`` gives a new program with more of them.

    ``definitions`` are (name, formula) pairs, ``shapes`` (name, sizes) pairs, names canonical.
    """

    definitions: tuple[tuple[str, str], ...] = ()
    shapes: tuple[tuple[str, Sizes], ...] = ()
    rules: tuple[Any, ...] = ()
    assumed: tuple[tuple[str, tuple[str, ...]], ...] = ()  # variables and their structures

    def let(
        self,
        *pieces: Program | Mapping[str, str],
        shapes: Shapes = None,
        rules: Rules = (),
        assume: Assume = None,
        **definitions: str,
    ) -> Program:
        """This program with the definitions of ``pieces`` and those given by name.

        A name may come twice if it means the same.  ``shapes``, ``rules`` and ``assume`` are as for ``derive``.
        Raises ``MatcalcError`` where a definition can't be read or a name is defined in two ways.
        """
        known = dict(self.definitions)
        declared = dict(self.shapes)
        files = [*self.rules, *rules]
        more, beside = read_shapes(shapes)
        assumed = [*self.assumed, *parse_assumptions(assume), *beside]
        for piece in (*pieces, definitions):
            if isinstance(piece, Program):
                files += [rule for rule in piece.rules if rule not in files]
                assumed += piece.assumed
                _add(declared, dict(piece.shapes), "declared")
                _add(known, dict(piece.definitions), "defined")
            elif isinstance(piece, Mapping):
                _add(known, {_canonical(name): formula for name, formula in piece.items()}, "defined")
            else:
                raise MatcalcError(f"a piece is a program or a mapping of names to formulas, not {piece!r}")
        _add(declared, more, "declared")
        structures = read_assumptions(None, assumed).kinds
        names = {*known, *declared, *structures}
        functions = load(files).functions
        own = dict(self.definitions)
        for name, formula in known.items():
            if own.get(name) != formula:
                known[name] = _one_line(formula, names, functions)
        kinds = tuple((name, tuple(sorted(each))) for name, each in structures.items())
        return Program(tuple(known.items()), tuple(declared.items()), tuple(files), kinds)

    def text(self, formula: str) -> str:
        """The program whose value is ``formula``, one definition a line, as ``derive`` and files have it."""
        parts = outline(formula)
        last = formula if parts.is_program else parts.text.replace("\n", " ").strip()
        return "\n".join([*(f"{ascii_name(name)} = {body}" for name, body in self.definitions), last])

    def derive(
        self, formula: str, wrt: object, shapes: Shapes = None, kind: str = "gradient", **asked: Any
    ) -> Derivation | Derivations:
        """``matcalc.derive`` of a formula that may use the definitions."""
        known, assume = self._known(shapes)
        return derive(self.text(formula), wrt, known, kind, rules=self.rules, assume=assume, **asked)

    def gradient(self, formula: str, wrt: object, shapes: Shapes = None) -> Any:
        """``matcalc.gradient`` of a formula that may use the definitions."""
        known, assume = self._known(shapes)
        return gradient(self.text(formula), wrt, known, rules=self.rules, assume=assume)

    def evaluate(self, formula: str, shapes: Shapes = None, **arrays: object) -> Any:
        """``matcalc.evaluate`` of a formula that may use the definitions."""
        return evaluate(self.text(formula), self._known(shapes)[0], rules=self.rules, **arrays)

    def _known(self, more: Shapes) -> tuple[dict[str, object], Assume]:
        """The shapes and structures of variables, with those that a caller adds."""
        declared = dict(self.shapes)
        added, assumed = read_shapes(more)
        _add(declared, added, "declared")
        return dict(declared), read_assumptions(None, self.assumed, assumed).kinds


def let(
    *pieces: Program | Mapping[str, str],
    shapes: Shapes = None,
    rules: Rules = (),
    assume: Assume = None,
    **definitions: str,
) -> Program:
    """A program from definitions: ``let(h1="tanh(U h0 + P x1)", h2="tanh(U h1 + P x2)")``.

    Names that are no Python names come in a mapping, ``let({"W_{in}": "A B"})``; other programs may be given before.
    """
    return Program().let(*pieces, shapes=shapes, rules=rules, assume=assume, **definitions)


def _canonical(name: object) -> str:
    found = canonical(name) if isinstance(name, str) else None
    if found is None:
        raise MatcalcError(f"`{name}` is no name; a name is a letter or a word, with a subscript if any")
    return found


def _add(known: dict[str, Any], more: Mapping[str, Any], verb: str) -> None:
    for name, value in more.items():
        if known.setdefault(name, value) != value:
            raise MatcalcError(f"`{name}` is {verb} twice: as {known[name]} and as {value}")


def _one_line(formula: object, names: set[str], functions: frozenset[str]) -> str:
    """A definition's formula on one line, after a look at whether it can be read."""
    if not isinstance(formula, str):
        raise MatcalcError(f"a definition is a text, not {type(formula).__name__}")
    parts = outline(formula)
    if parts.is_program:  # its place is that of the last name
        raise SyntaxProblem("a definition is one formula", formula, *parts.value)
    parse(formula, names, functions)
    return parts.text.replace("\n", " ").strip()
