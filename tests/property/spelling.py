"""Writes random expressions as text, in a spelling drawn at random; shares no code with matcalc's printers.

Texts are lists of tokens with the level at which they bind.  Brackets stand where the language needs them, and at
random where it does not.  ``JUX`` between two tokens is a product without a sign; ``_join`` finds the space for it.
"""

from __future__ import annotations

import random
from fractions import Fraction

from .tree import SIZES, Expr, rank

ADD, SIGN, STAR, OVER, JUX, ROOT, POST, ATOM = range(1, 9)
JUXTAPOSED = "\0"
Tokens = list[str]
Text = tuple[Tokens, int]

_GREEK = dict(
    zip(
        "alpha beta gamma delta eps zeta eta theta kappa lambda mu nu xi rho sigma tau phi psi omega Sigma Theta ell".split(),
        "αβγδεζηθκλμνξρστφψω𝛴Θℓ",
        strict=True,
    )
)
_WORDS = """exp log ln sqrt sin cos tan tanh sinh cosh arcsin arccos arctan asin acos atan abs sign sgn relu sigmoid
logistic softplus erf max min softmax logsumexp tr trace det logdet inv diag sum norm step eye ones pi vector matrix
where xi nu mu eta phi chi psi rho tau eps Mu Nu Xi Pi Eta Rho Tau Phi Chi Psi""".split()
_SUPER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUB = str.maketrans("0123456789nmkp", "₀₁₂₃₄₅₆₇₈₉ₙₘₖₚ")
_VULGAR = {
    Fraction(1, 2): "½",
    Fraction(1, 3): "⅓",
    Fraction(2, 3): "⅔",
    Fraction(3, 4): "¾",
    Fraction(1, 8): "⅛",
}
_LATEX_FUNCTIONS = set("exp log sin cos tan sinh cosh tanh arcsin arccos arctan max min det".split())
_OPENING = {"(", "[", "\\left(", "\\bigl("}
_UNITS = {
    "variable",
    "transpose",
    "inv",
    "diag",
    "softmax",
    "identity",
    "ones",
}  # what may stand first in a product


class Speller:
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
        self.style, self.rng, self.names, self.integers = style, rng, names, integers
        self.needless = brackets
        self.plain = plain  # no surprises: one way to write each thing
        self.latex, self.ascii = style == "latex", style == "ascii"

    def text(self, root: Expr) -> str:
        return self._join(self.of(root)[0])

    # Helpers

    def one_of(self, *ways: str) -> str:
        return ways[0] if self.plain else self.rng.choice(ways)

    def perhaps(self, chance: float) -> bool:
        return not self.plain and self.rng.random() < chance

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

    def name(self, name: str) -> str:
        base, _, sub = name.partition("_")
        digits = base.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        base = base[: len(base) - len(digits)]
        if base in ("weights", "bias", "rate"):
            return self.one_of(f"\\mathrm{{{base}}}", f"\\text{{{base}}}") if self.latex else base
        if sub == "hat":
            return "\\hat{x}" if self.latex else "x_hat" if self.ascii else self.one_of("x̂", "x_hat")
        if self.ascii:
            return f"{base}_{{{sub}}}" if sub and self.perhaps(0.3) else name
        symbol = _GREEK.get(base, base)
        if self.latex:
            symbol = "\\epsilon" if base == "eps" else "\\" + base if base in _GREEK else base
            if len(base) == 1 and self.perhaps(0.1):
                symbol = f"\\mathbf{{{base}}}"
            index = digits or sub
            if not index:
                return symbol
            if len(index) == 1 and self.perhaps(0.5):
                return f"{symbol}_{index}"
            return (
                f"{symbol}_{{{index}}}"
                if len(index) == 1 or self.perhaps(0.5)
                else f"{symbol}_{{\\mathrm{{{index}}}}}"
            )
        if digits or sub.isdigit():
            index = digits or sub
            return symbol + self.one_of(index.translate(_SUB), index, f"_{index}", f"_{{{index}}}")
        return f"{symbol}_{{{sub}}}" if sub else symbol

    def size(self, name: str) -> str:
        return str(SIZES[name]) if self.integers else name

    def indexed(self, base: str, size: str) -> str:
        size = self.size(size)
        if not (self.latex or self.ascii) and size.translate(_SUB) != size and self.perhaps(0.5):
            return base + size.translate(_SUB)
        return base + self.one_of(f"_{{{size}}}", f"_{size}")

    # Leaves

    def _variable(self, piece: Expr) -> Text:
        return [self.name(piece.data)], ATOM

    def _number(self, piece: Expr) -> Text:
        value: Fraction = piece.data
        if value.denominator == 1:
            text = str(value.numerator)
            return [self.one_of(text, text, text, text, text + ".0" if not self.latex else text)], ATOM
        exact = value.denominator in (2, 4, 5, 8, 10)
        if exact and self.rng.random() < 0.4:
            return [str(float(value))], ATOM
        if self.latex:
            digits = f"\\frac{value.numerator}{value.denominator}"
            if self.perhaps(0.3) and value.numerator < 10 and value.denominator < 10:
                return [digits], ATOM
            return [f"\\frac{{{value.numerator}}}{{{value.denominator}}}"], ATOM
        if not self.ascii and value in _VULGAR and self.rng.random() < 0.6:
            return [_VULGAR[value]], ATOM
        return [str(value.numerator), "/", str(value.denominator)], OVER

    def _pi(self, piece: Expr) -> Text:
        return ["\\pi" if self.latex else "pi" if self.ascii else "π"], ATOM

    def _ones(self, piece: Expr) -> Text:
        size = str(piece.shape[0])
        if self.ascii:
            return [
                self.one_of(f"ones({self.size(size)})", f"ones_{self.size(size)}")
                if piece.sized
                else self.one_of("vector(1)", "ones")
            ], ATOM
        one = self.one_of("\\mathbf{1}", "\\mathbf 1") if self.latex else "𝟏"
        return [self.indexed(one, size) if piece.sized else one], ATOM

    def _identity(self, piece: Expr) -> Text:
        size = str(piece.shape[0])
        if piece.sized:
            return [
                f"eye({self.size(size)})" if self.ascii and self.perhaps(0.5) else self.indexed("I", size)
            ], ATOM
        return [self.one_of("I", "I", "eye") if self.ascii else "I"], ATOM

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

    # Sums

    def _add(self, piece: Expr) -> Text:
        left, right = piece.args
        return [*self.at(left, ADD), "+", *self.at(right, STAR)], ADD

    def _sub(self, piece: Expr) -> Text:
        left, right = piece.args
        return [*self.at(left, ADD), self._minus(), *self.at(right, STAR)], ADD

    def _neg(self, piece: Expr) -> Text:
        return [self._minus(), *self.at(piece.args[0], STAR)], SIGN

    def _minus(self) -> str:
        return "−" if self.style == "unicode" and self.rng.random() < 0.7 else "-"

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
                self._choose(["^-T"], ["⁻ᵀ"], ["^{-\\top}", "^{-T}"]),
            ], POST
        mark = self._choose(
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

    def _choose(self, ascii_: list[str], unicode: list[str], latex: list[str]) -> str:
        return self.one_of(*(ascii_ if self.ascii else latex if self.latex else unicode))

    def _inv(self, piece: Expr) -> Text:
        inner = piece.args[0]
        if self.perhaps(0.6):
            return [*self._base(inner), self._choose(["^-1", "^(-1)"], ["⁻¹", "^-1"], ["^{-1}"])], POST
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
            tokens, own = [self._minus(), *self._number(_positive(exponent))[0]], SIGN
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
            name = self._choose(
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

    # Spaces

    def _join(self, tokens: Tokens) -> str:
        text, run = "", ""
        for place, token in enumerate(tokens):
            if token == JUXTAPOSED:
                continue
            before = tokens[place - 1] if place else ""
            joined = before == JUXTAPOSED
            if joined:
                before = tokens[place - 2]
            if not text:
                space = ""
            elif joined:
                space = self._between(text, before, token, run)
            elif self._glued(before, token, text):
                space = " "
            else:
                tight = (
                    token in (",", ")", "]")
                    or before in ("(", "[")
                    or token[0] in "'^.ᵀ⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
                    or (before and before[-1] in "^")
                )
                name_before_bracket = token in _OPENING and before and before[-1].isalnum()
                wide = token in "+-−" or before in "+-−"
                if tight or name_before_bracket:
                    space = " " if token == ".^" and self.perhaps(0.1) else ""
                else:
                    space = " " if self.rng.random() < (0.8 if wide else 0.4) else ""
            letter = len(token) == 1 and token.isascii() and token.isalpha()
            run = (run + token if run and not space and joined else token) if letter else ""
            text += space + token
        return text

    def _between(self, text: str, before: str, token: str, run: str) -> str:
        """What stands between the factors of a product without a sign."""
        letter = len(token) == 1 and token.isascii() and token.isalpha()
        if self._glued(before, token, text):
            return " "
        if text[-1].isalnum() and token[0].isalnum() and text[-1].isascii():
            single = letter and (run or text[-1].isdigit() and before.isdigit())
            if (
                not single
                or len(run) > 2
                or run + token in _WORDS
                or any(run[-2:] + token == word for word in _WORDS)
            ):
                return " "
        if text[-1].isalpha() and token in _OPENING and not text[-1].isascii():
            return " "
        if self.latex and token[0] == "\\" or not self.perhaps(0.5):
            return " "
        return self.one_of("", "", "\\," if self.latex else "")

    @staticmethod
    def _glued(before: str, token: str, text: str) -> bool:
        """Whether two tokens would run into one."""
        if before.startswith("\\") and text[-1].isalpha() and token[0].isalpha():
            return True
        if text.endswith(("\\top", "^T", "^-T")) and token[0].isalnum():
            return True
        if text[-1] in "|" and token[0] == "|":
            return True
        return (
            text[-1].isalnum()
            and token[0].isalnum()
            and not text[-1].isdigit()
            and token[0].isascii()
            and text[-1].isascii()
            and len(before) > 1
        )


def _positive(piece: Expr) -> Expr:
    return Expr("number", (), piece.shape, -piece.data, -piece.value)
