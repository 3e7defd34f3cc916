"""The derivatives that users ask for: what the arguments mean, and which kind answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from matcalc.collector import paused
from matcalc.derivation import Derivation, Derivations, reading_name
from matcalc.errors import DerivationProblem
from matcalc.gradients import gradients
from matcalc.graph.axes import words
from matcalc.graph.node import SCALAR
from matcalc.language.assumptions import Assume
from matcalc.language.names import canonical, unicode_name
from matcalc.reading import AMBIGUOUS, Reading, Rules, Shapes, read, scalar_instead

if TYPE_CHECKING:
    from matcalc.language.batches import Batch

_DIRECTIONS = frozenset(["upstream", "tangent", "direction"])  # what is asked under a name


@paused()
def derive(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    kind: str = "gradient",
    *,
    rules: Rules = (),
    assume: Assume = None,
    symmetric_rule: str = "projection",
    batch: str | Iterable[str] = (),
    reduction: str = "mean",
    **asked: Any,
) -> Derivation | Derivations:
    """The derivative of a formula with respect to ``wrt``, by default the gradient of a scalar one.

    ``formula`` is text in Unicode, ASCII or LaTeX, or a SymPy expression.  ``wrt`` is a name or SymPy's symbol; a list of
    them or ``"all"`` gives ``Derivations`` by name.  ``shapes`` and ``rules`` are as for ``matcalc.read``.

    ``kind`` is one of

    - ``"gradient"``: of a scalar, with the shape of the variable;
    - ``"jacobian"``: of any value, with the shape of the value followed by that of the variable; ``layout`` is
      ``"numerator"``, ``"denominator"`` (for a vector in a vector) or ``"kron"`` (a matrix for vec of both);
    - ``"hessian"``: the second derivative of a scalar, ``order=N`` the N-th; a pair of names gives the mixed block;
    - ``"hvp"``: the Hessian times a ``direction`` (a name for it);
    - ``"pullback"``: the delta that reaches the variable when ``upstream`` (a name) arrives at the value;
    - ``"pushforward"``: how the value moves when the variable moves along ``tangent`` (a name).

    ``assume`` says what variables are, ``{"S": "symmetric"}`` or ``"S: symmetric, Q: orthogonal"``.  The gradient in
    such a variable is the projection of the ambient gradient onto its structure's space, or, with the
    ``symmetric_rule`` ``"cookbook"``, the derivative in the independent entries of a symmetric matrix.  The other kinds
    are simplified with what is assumed, and not projected: they are derivatives in free entries.

    ``batch`` names the variables that differ from sample to sample, ``"x, y"``: the formula is the loss of one sample,
    and the ``"mean"`` or the ``"sum"`` (``reduction``) over the rows of X and the entries of y is derived.  ``shapes``
    declares one sample, ``x: d``, or all of them, ``X: n×d``.

    Raises ``MatcalcError`` where the formula can't be read or has no such derivative.
    """
    single = isinstance(wrt, str) or hasattr(wrt, "name")
    given = [_name_of(wrt)] if single else [_name_of(each) for each in _iterated(wrt)]
    directions = [name for key, name in asked.items() if key in _DIRECTIONS and name not in AMBIGUOUS]
    names = [canonical(name) or name for name in (*given, *filter(None, directions))]
    reading = read(formula, shapes, rules, names=names, assume=assume, batch=_batch(batch, reduction))
    reading = _with_rule(reading, symmetric_rule, kind)
    if kind != "gradient":
        from matcalc.kinds import asked_for

        if given == ["all"] and kind == "hessian":
            raise DerivationProblem(
                "a Hessian is asked for one variable, or for two: its mixed block; name them"
            )
        if given == ["all"]:
            given, single = _free_names(reading), False
        return asked_for(kind, reading, given, single, **asked)
    if asked:
        raise DerivationProblem(f"a gradient takes no {next(iter(asked))}")
    if reading.value.shape != SCALAR:
        raise DerivationProblem(
            f"the value of this formula is no scalar, its shape is {words(reading.value.shape)}, so it has no gradient; "
            "a gradient needs one number: add the entries with Σ(…) or sum(…), or take ‖…‖². The derivative of an "
            "array is its Jacobian: matcalc jacobian" + _by_letter(reading, rules, names, assume),
            reading.text,
            0,
            len(reading.text.rstrip()),
        )
    if single and given != ["all"]:
        return gradients(reading, given)[given[0]]
    return Derivations(gradients(reading, _free_names(reading) if given == ["all"] else given))


def _batch(names: str | Iterable[str], reduction: str) -> Batch | None:
    """The batch that is asked for; most formulas have none."""
    if names == () and reduction == "mean":
        return None
    from matcalc.language.batches import batch_of

    return batch_of(names, reduction)


def _free_names(reading: Reading) -> list[str]:
    """What ``all`` stands for: the variables that are not assumed constant."""
    free = [name for name in reading.shapes if not reading.structures.has(name, "constant")]
    return [reading_name(reading, name) for name in free]


def _with_rule(reading: Reading, rule: str, kind: str) -> Reading:
    """The reading with the rule for the gradients in symmetric variables."""
    structures = reading.structures.of(rule)
    if rule != "projection" and kind != "gradient":
        raise DerivationProblem(f"the symmetric rule {rule} is for gradients; a {kind} has free entries")
    if rule != "projection" and not any({"symmetric", "spd"} & kinds for kinds in structures.kinds.values()):
        note = f"no variable is assumed symmetric, so the symmetric rule {rule} changes nothing"
        return reading._replace(structures=structures, notes=(*reading.notes, note))
    return reading._replace(structures=structures)


def _iterated(wrt: object) -> Iterable[object]:
    if not isinstance(wrt, Iterable):
        raise DerivationProblem(f"wrt is a name or a list of names, not {type(wrt).__name__}")
    return wrt


def _name_of(wrt: object) -> str:
    """The name of a variable given as text or as SymPy's symbol."""
    name = wrt if isinstance(wrt, str) else getattr(wrt, "name", None)
    if not isinstance(name, str):
        kind = type(wrt).__name__
        raise DerivationProblem(f"a variable is given by its name or by SymPy's symbol, not as {kind}")
    return name


def _by_letter(reading: Reading, rules: Rules, names: Iterable[str], assume: Assume) -> str:
    """How names without a declaration were read, and which of them as a scalar would make the value one."""
    kinds: dict[str, list[str]] = {}
    for name, shape in reading.shapes.items():
        if name not in reading.declared:
            kind = "scalar" if shape == SCALAR else "vector" if None in shape else "matrix"
            kinds.setdefault(kind, []).append(unicode_name(name))
    if not kinds:
        return ""
    read_as = "; ".join(f"{', '.join(found)} as {kind}" for kind, found in kinds.items())
    example = next(found[0] for kind, found in kinds.items() if kind != "scalar" or len(kinds) == 1)
    other = "scalar" if "scalar" not in kinds or len(kinds) > 1 else "n"
    if not reading.symbols:
        example = (
            scalar_instead(
                kinds.get("vector", ()),
                lambda name: (
                    read(
                        reading.text, {**reading.declared, name: ()}, rules, names=names, assume=assume
                    ).value
                ),
                lambda value: value.shape == SCALAR,
            )
            or example
        )
    return f". Without a declaration were read {read_as}: --shape '{example}: {other}' says otherwise"


def gradient(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    symmetric_rule: str = "projection",
) -> Any:
    """The gradient as a SymPy expression; the arguments are those of ``derive``."""
    return _in_sympy(derive(formula, wrt, shapes, rules=rules, assume=assume, symmetric_rule=symmetric_rule))


def jacobian(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    layout: str = "numerator",
) -> Any:
    """The Jacobian as a SymPy expression, an array expression where it has more than two axes; see ``derive``."""
    return _in_sympy(derive(formula, wrt, shapes, "jacobian", rules=rules, assume=assume, layout=layout))


def hessian(
    formula: object,
    wrt: object,
    shapes: Shapes = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    layout: str = "numerator",
    order: int = 2,
) -> Any:
    """The Hessian as a SymPy expression, an array expression where it has more than two axes; see ``derive``."""
    return _in_sympy(
        derive(formula, wrt, shapes, "hessian", rules=rules, assume=assume, layout=layout, order=order)
    )


def _in_sympy(derivation: Derivation | Derivations) -> Any:
    if isinstance(derivation, Derivations):
        return {name: each.sympy for name, each in derivation.items()}
    return derivation.sympy
