"""Writes random expressions as text, in a spelling drawn at random; shares no code with matcalc's printers.

Brackets stand where the language needs them, and at random where it does not.
"""

from __future__ import annotations

import random
from fractions import Fraction

from .leaves import Leaves
from .spaces import joined
from .tokens import ADD, ATOM, JUX, JUXTAPOSED, OVER, POST, ROOT, SIGN, STAR, Text, Tokens
from .tree import Expr, rank

_SUPER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LATEX_FUNCTIONS = set("exp log sin cos tan sinh cosh tanh arcsin arccos arctan max min det".split())
_UNITS = set("variable transpose inv diag softmax identity ones".split())  # what may stand first in a product


class Speller(Leaves):
    """Writes pieces in one spelling; ``brackets`` is the share of needless brackets."""

    def __init__(
        self,
        style: str,
        rng: random.Random,
        names: set[str],
        brackets: float,
        integers: bool = False,
        plain: bool = False,
    ) -> None:
        super().__init__(style, rng, integers, plain)
        self.names = names
        self.needless = brackets

    def text(self, root: Expr) -> str:
        return joined(self.of(root)[0], self)

    # Brackets

    def of(self, piece: Expr) -> Text:
        tokens, level = getattr(self, "_" + piece.op, self._function)(piece)
        if level < ATOM and self.rng.random() < self.needless:
            return self.enclosed(tokens), ATOM
        return tokens, level

    def at(self, piece: Expr, level: int) -> Tokens:
        tokens, own = self.of(piece)
        return tokens if own >= level else self.enclosed(tokens)

    def enclosed(self, tokens: Tokens) -> Tokens:
        if self.latex:
            left, right = self.one_of("\\left( \\right)", "( )", "( )", "\\bigl( \\bigr)", "[ ]").split()
        else:
            left, right = self.one_of("( )", "( )", "( )", "( )", "[ ]").split()
        if left == "[" and not any(
            (token[:1].islower() and token[:1] != "ᵀ") or token[:1] in "+-−([\\" for token in tokens if token
        ):
            left, right = "(", ")"  # [H Y] is a row of blocks
        return [left, *tokens, right]

    def call(self, name: str, *args: Tokens) -> Tokens:
        left, right = ("\\left(", "\\right)") if self.latex and self.perhaps(0.5) else ("(", ")")
        inner: Tokens = []
        for arg in args:
            inner += [",", *arg] if inner else arg
        return [name, left, *inner, right]

    # Sums

    def _fill(self, piece: Expr) -> Text:
        if not piece.sized:
            name = "vector" if rank(piece.shape) == 1 else "matrix"
            return self.call(
                f"\\operatorname{{{name}}}" if self.latex else name, self.of(piece.args[0])[0]
            ), ATOM
        tokens = self.at(piece.args[0], POST)
        for place, size in enumerate(piece.shape):
            if size is not None:
                one = self.indexed("ones" if self.ascii else "\\mathbf{1}" if self.latex else "𝟏", size)
                tokens = [*tokens, "*" if not self.latex else "\\cdot", one]
                if place == 1:
                    tokens.append("^{\\top}" if self.latex else "'")
        return tokens, STAR

    def _add(self, piece: Expr) -> Text:
        left, right = piece.args
        return [*self.at(left, ADD), "+", *self.at(right, STAR)], ADD

    def _sub(self, piece: Expr) -> Text:
        left, right = piece.args
        return [*self.at(left, ADD), self.minus(), *self.at(right, STAR)], ADD

    def _neg(self, piece: Expr) -> Text:
        return [self.minus(), *self.at(piece.args[0], STAR)], SIGN

    # Products

    def _scale(self, piece: Expr) -> Text:
        return self._product(piece, self._dot(0.5))

    def _matmul(self, piece: Expr) -> Text:
        return self._product(piece, self._dot(0.3))

    def _dot(self, chance: float) -> str:
        if self.plain or self.rng.random() < chance:
            return (
                "*"
                if self.ascii
                else self.one_of("\\cdot", "\\times")
                if self.latex
                else self.one_of("·", "*", "×")
            )
        return "*" if self.ascii and self.rng.random() < 0.8 else JUXTAPOSED

    def _product(self, piece: Expr, sign: str) -> Text:
        left, right = piece.args
        first = self._left_factor(left, STAR if sign != JUXTAPOSED else JUX)
        level = STAR if sign != JUXTAPOSED else JUX
        bare = self._bare(right) if self.perhaps(0.3) else None
        if bare is not None:
            return [*first, sign, *bare], SIGN
        # A·(B·x) may lose its brackets where all three are true products of matrices.
        associative = (
            piece.op == right.op == "matmul" and self._true(piece) and self._true(right) and self._true(left)
        )
        if associative and self._first(right).op in _UNITS and self.perhaps(0.7):
            second, own = self.of(right)
            if own < level:
                second = self.enclosed(second)
        else:
            second = self.at(right, level + 1)
        if second[0][0].isdigit() or second[0][0] in "½⅓⅔¾⅛" or second[0].startswith("\\frac"):
            if sign == JUXTAPOSED:
                sign, level = ("*" if self.ascii else "\\cdot" if self.latex else "·"), STAR
                second = second if self._alone(second) else self.enclosed(second)
        elif sign == JUXTAPOSED and second[0][0] in "|‖" and first[-1][-1] in "|‖₁₂₃_":
            second = self.enclosed(second)
        return [*first, sign, *second], level

    def _left_factor(self, left: Expr, level: int) -> Tokens:
        tokens, own = self.of(left)
        if own >= level or (own == OVER and left.op == "number" and self.perhaps(0.5)):
            return tokens
        return self.enclosed(tokens)

    @staticmethod
    def _alone(tokens: Tokens) -> bool:
        return len(tokens) == 1

    @staticmethod
    def _first(piece: Expr) -> Expr:
        while piece.op == "matmul":
            piece = piece.args[0]
        return piece

    @staticmethod
    def _true(piece: Expr) -> bool:
        """Whether a piece is no scalar, and neither is a factor that it would show."""
        return rank(piece.shape) > 0 and (
            piece.op != "matmul" or all(rank(arg.shape) > 0 for arg in piece.args)
        )

    def _bare(self, piece: Expr) -> Tokens | None:
        """A function without brackets, where one may stand last."""
        if piece.op in ("log", "exp", "sin", "tanh", "tr", "det") and piece.args[0].op == "variable":
            name = self._function_name(piece)
            return [name, *self.of(piece.args[0])[0]]
        return None

    def _hadamard(self, piece: Expr) -> Text:
        left, right = piece.args
        sign = (
            ".*"
            if self.ascii
            else self.one_of("\\odot", "\\circ")
            if self.latex
            else self.one_of("⊙", "∘", "•", ".*")
        )
        return [*self.at(left, STAR), sign, *self.at(right, JUX)], STAR

    def _eldivide(self, piece: Expr) -> Text:
        left, right = piece.args
        sign = "./" if self.ascii else "\\oslash" if self.latex else self.one_of("⊘", "⊘", "./")
        return [*self.at(left, STAR), sign, *self.at(right, JUX)], STAR

    def _over(self, piece: Expr) -> Text:
        top, bottom = piece.args
        if self.latex and not self.perhaps(0.2):
            return ["\\frac{", *self.of(top)[0], "}{", *self.of(bottom)[0], "}"], POST
        return [*self.at(top, OVER), "/", *self.at(bottom, POST)], OVER

    # Powers and marks

    def _transpose(self, piece: Expr) -> Text:
        inner = piece.args[0]
        if inner.op == "inv" and self.perhaps(0.5):
            return [
                *self.at(inner.args[0], ATOM),
                self.choose(["^-T"], ["⁻ᵀ"], ["^{-\\top}", "^{-T}"]),
            ], POST
        mark = self.choose(
            ["'", "'", "'", "^T"],
            ["ᵀ", "ᵀ", "ᵀ", "'", "ᵀ"],
            ["^{\\top}", "^\\top", "^T", "^{T}", "^{\\mathsf T}"],
        )
        return [
            *(self.at(inner, POST) if inner.op == "inv" and self._stacks() else self._base(inner)),
            mark,
        ], POST

    def _stacks(self) -> bool:
        """Whether one mark may follow another; LaTeX has no double superscripts."""
        return not self.latex and self.perhaps(0.2)

    def _base(self, piece: Expr) -> Tokens:
        return self.at(piece, POST if piece.op == "transpose" and self._stacks() else ATOM)

    def _inv(self, piece: Expr) -> Text:
        inner = piece.args[0]
        if self.perhaps(0.6):
            return [*self._base(inner), self.choose(["^-1", "^(-1)"], ["⁻¹", "^-1"], ["^{-1}"])], POST
        return self.call("\\operatorname{inv}" if self.latex else "inv", self.of(inner)[0]), ATOM

    def _matpow(self, piece: Expr) -> Text:
        return [*self._base(piece.args[0]), self._whole(piece.data)], POST

    def _intpow(self, piece: Expr) -> Text:
        base = piece.args[0]
        if rank(base.shape) == 2 or (rank(base.shape) == 1 and self.rng.random() < 0.6):
            text = str(piece.data)
            if self.latex:
                mark = f"^{{\\circ {text}}}"
            elif self.ascii or self.perhaps(0.6):
                mark = self.one_of(f".^{text}", f".^({text})")
            else:
                mark = f"^{{∘{text}}}"
            return [*self._base(base), mark], POST
        return [*self._base(base), self._whole(piece.data)], POST

    def _whole(self, exponent: int) -> str:
        text = str(exponent)
        if self.latex:
            return f"^{text}" if len(text) == 1 and self.perhaps(0.5) else f"^{{{text}}}"
        if self.ascii or self.perhaps(0.2):
            return self.one_of(f"^{text}", f"^({text})")
        return text.translate(_SUPER)

    def _pow(self, piece: Expr) -> Text:
        base, exponent = piece.args
        if (
            exponent.op == "number"
            and exponent.data == Fraction(1, 2)
            and self.perhaps(0.3)
            and rank(base.shape) < 2
        ):
            if self.latex:
                return [*self._base(base), "^{1/2}"], POST
            if not self.ascii:
                return [*self._base(base), self.one_of("^½", "^(1/2)")], POST
        if (
            exponent.op == "number"
            and exponent.data == Fraction(1, 3)
            and self.latex
            and rank(base.shape) < 2
        ):
            return ["\\sqrt[3]{", *self.of(base)[0], "}"], ATOM
        arrays = rank(base.shape) == 2 or rank(exponent.shape) > 0
        dotted = arrays or (rank(base.shape) == 1 and self.rng.random() < 0.6)
        if exponent.op == "number" and exponent.data < 0:
            tokens, own = [self.minus(), *self._number(_positive(exponent))[0]], SIGN
        else:
            tokens, own = self.of(exponent)
        if self.latex:
            return [*self._base(base), "^{\\circ" if dotted else "^{", *tokens, "}"], POST
        exponent_text = tokens if own == ATOM and not self.perhaps(0.3) else self.enclosed(tokens)
        return [*self._base(base), ".^" if dotted else "^", *exponent_text], POST

    # Functions

    def _function_name(self, piece: Expr) -> str:
        op = piece.op
        name = "diag" if op == "diagonal" else op
        if name == "sigmoid" and "sigma" not in self.names:
            name = self.choose(
                ["sigmoid", "sigmoid", "logistic"], ["σ", "σ", "sigmoid"], ["\\sigma", "\\sigma", "sigmoid"]
            )
            if name[-1] == "σ" or name[0] == "\\":
                return name
        if name in ("arcsin", "arccos", "arctan") and not self.latex:
            name = self.one_of(name, name, "a" + name[3:])
        if name == "tr":
            name = self.one_of("tr", "tr", "trace")
        if name == "log" and not self.latex:
            name = self.one_of("log", "log", "log", "ln")
        if self.latex:
            if name in _LATEX_FUNCTIONS:
                return "\\" + name
            return self.one_of(
                f"\\operatorname{{{name}}}", f"\\operatorname{{{name}}}", f"\\mathrm{{{name}}}"
            )
        return name

    def _function(self, piece: Expr) -> Text:
        bare = self._bare(piece) if self.perhaps(0.15) else None
        if bare is not None:
            return bare, SIGN
        name = self._function_name(piece)
        if self.style == "unicode" and name == "σ" or name == "\\sigma":
            return [
                name,
                "(" if not self.latex else self.one_of("(", "\\left("),
                *self.of(piece.args[0])[0],
                ")",
            ], ATOM
        return self.call(name, *[self.of(arg)[0] for arg in piece.args]), ATOM

    def _exp(self, piece: Expr) -> Text:
        if "e" in self.names or not self.perhaps(0.25):
            return self._function(piece)
        tokens, own = self.of(piece.args[0])
        if self.latex:
            return ["e", "^{", *tokens, "}"], POST
        return ["e", "^", *(tokens if own == ATOM else self.enclosed(tokens))], POST

    def _sqrt(self, piece: Expr) -> Text:
        if self.latex:
            return ["\\sqrt{", *self.of(piece.args[0])[0], "}"], ATOM
        if self.ascii or self.perhaps(0.2):
            return self._function(piece)
        return ["√", *self.at(piece.args[0], ATOM)], ROOT

    def _sum(self, piece: Expr) -> Text:
        inner = piece.args[0]
        if self.ascii or self.perhaps(0.25):
            return self.call("\\operatorname{sum}" if self.latex else "sum", self.of(inner)[0]), ATOM
        sign = "\\sum" if self.latex else "∑" if "Sigma" in self.names else self.one_of("Σ", "Σ", "∑")
        return [
            sign,
            *(self.at(inner, STAR) if self.perhaps(0.4) else self.enclosed(self.of(inner)[0])),
        ], SIGN

    def _logdet(self, piece: Expr) -> Text:
        inner = self.of(piece.args[0])[0]
        if self.latex:
            return self.one_of_texts(
                [["\\log", "\\det", *self.enclosed(inner)], SIGN],
                [self.call("\\operatorname{logdet}", inner), ATOM],
            )
        if self.ascii or self.perhaps(0.4):
            return self.call("logdet", inner), ATOM
        return ["log", "det", *self.enclosed(inner)], SIGN

    def one_of_texts(self, *ways: list) -> Text:
        return tuple(ways[1] if self.plain else self.rng.choice(ways))

    def _norm2(self, piece: Expr) -> Text:
        mark = self.one_of("", "", "_F" if rank(piece.args[0].shape) == 2 else "_2")
        if self.latex:
            mark = (
                self.one_of("", "_2", "_{2}", "_F")
                if rank(piece.args[0].shape) == 2
                else self.one_of("", "_2", "_{2}")
            )
        elif not self.ascii:
            mark = self.one_of("", "", "₂")
        return self._bars(piece, "norm2", mark)

    def _norm1(self, piece: Expr) -> Text:
        return self._bars(
            piece, "norm1", self.one_of("_1", "_{1}") if self.latex else "_1" if self.ascii else "₁"
        )

    def _abs(self, piece: Expr) -> Text:
        inner = self.of(piece.args[0])[0]
        if self.latex:
            if self.perhaps(0.5):
                return ["\\lvert", *inner, "\\rvert"], ATOM
        elif not any(token[0] in "|‖" for token in inner) and self.perhaps(0.4):
            return ["|", *inner, "|"], ATOM
        return self._function(piece)

    def _bars(self, piece: Expr, name: str, mark: str) -> Text:
        inner = self.of(piece.args[0])[0]
        if self.latex:
            left, right = self.one_of("\\lVert \\rVert", "\\lVert \\rVert", "\\left\\| \\right\\|").split()
            return [left, *inner, right + mark], ATOM
        clear = not any(token[0] in "|‖" for token in inner)
        if self.ascii:
            if clear and self.perhaps(0.3):
                return ["||", *inner, "||" + mark], ATOM
            return self.call(name, inner), ATOM
        return (["‖", *inner, "‖" + mark], ATOM) if clear else (self.call(name, inner), ATOM)


def _positive(piece: Expr) -> Expr:
    return Expr("number", (), piece.shape, -piece.data, -piece.value)
