"""What a block of a document asks: formulas or programs, their variables, and whether the steps are wanted.

    shapes U: n×n, h0: n
    h = tanh(U h0)
    grad ‖h − t‖² wrt U
    steps

Lines before the one that asks are those of a program.  There may be several that ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from matcalc.errors import SyntaxProblem

KINDS = {
    "grad": "gradient",
    "gradient": "gradient",
    "jacobian": "jacobian",
    "hessian": "hessian",
    "hvp": "hvp",
    "pullback": "pullback",
    "pushforward": "pushforward",
}
_ASKS = re.compile(rf"\s*({'|'.join(KINDS)})(?![A-Za-z0-9_(\[])\s*:?\s*(?![=:])(.*)\Z", re.DOTALL)
_WRT = re.compile(r"(?<![A-Za-z0-9_\\])wrt(?![A-Za-z0-9_])")
_STEPS = re.compile(r"[,;]?\s*(?:with\s+)?(?<![A-Za-z0-9_\\])steps\s*\.?\s*\Z")
_WHERE = re.compile(r"(?<![A-Za-z0-9_\\])where(?![A-Za-z0-9_(])")
_COMMENT = re.compile(r"(?<!\\)[#%].*")
_OPTION = re.compile(
    r"\s*(?:(shapes?|assume)(?:\s*:\s*|\s+)(\S.*)|(steps)|(layout|order|direction|upstream|tangent)\s*[: ]\s*(\S+))\s*\Z"
)
_NAMES = re.compile(r"\s*(?:,|;|(?<![A-Za-z])and(?![A-Za-z]))\s*|\s+")
_EXAMPLE = "for example `grad ‖Ax − b‖² wrt x`"


@dataclass(frozen=True)
class Request:
    """One derivative that is asked for; the fields are the arguments of ``matcalc.derive``."""

    kind: str
    formula: str
    wrt: tuple[str, ...]
    shapes: str | None = None
    assume: str | None = None
    asked: Mapping[str, str | int] = field(default_factory=dict)
    steps: bool = False


@dataclass
class _Block:
    """What the lines of a block have said so far."""

    program: list[str] = field(default_factory=list)
    asks: list[tuple[str, str, str]] = field(default_factory=list)  # kind, formula, what follows `wrt`
    shapes: list[str] = field(default_factory=list)
    assume: list[str] = field(default_factory=list)
    asked: dict[str, str | int] = field(default_factory=dict)
    steps: bool = False


def read_requests(text: str) -> list[Request]:
    """The requests in the text of a block; raises ``SyntaxProblem`` where it asks nothing that can be understood."""
    block = _Block()
    lines = iter(text.split("\n"))
    asked = False
    for line in lines:
        asks = _ASKS.match(line)
        option = _OPTION.match(_COMMENT.sub("", line))
        if asks is not None:
            kind, parts = asks[1], [asks[2]]
            while not _WRT.search(parts[-1]):
                following = next(lines, None)
                if following is None:
                    raise SyntaxProblem(
                        f"this request does not say with respect to what: end it in `wrt` and a name, {_EXAMPLE}",
                        text,
                        text.rfind(line),
                        text.rfind(line) + len(line.rstrip()),
                    )
                parts.append(following)
            rest = "\n".join(parts)
            *_, last = _WRT.finditer(rest)
            formula = "\n".join([*block.program, rest[: last.start()].rstrip(" \t\n,")])
            block.asks.append((KINDS[kind], formula, rest[last.end() :]))
            asked = True
        elif option is not None:
            _take(block, option)
        elif _COMMENT.sub("", line).strip():
            block.program.append(line)
            asked = False
    if not block.asks:
        what = "the block is empty" if not block.program else "the block asks for nothing"
        raise SyntaxProblem(f"{what}: write what is wanted, {_EXAMPLE}")
    if block.program and not asked:
        start = text.rfind(block.program[-1])
        raise SyntaxProblem(
            "this line stands after what was asked; the lines of a program stand before `grad … wrt …`",
            text,
            start,
            start + len(block.program[-1].rstrip()),
        )
    return [_request(block, *asks) for asks in block.asks]


def _take(block: _Block, option: re.Match[str]) -> None:
    word, value, steps, name, given = option.groups()
    if steps:
        block.steps = True
    elif word == "assume":
        block.assume.append(value)
    elif word:
        block.shapes.append(value.rstrip().rstrip(",;"))
    else:
        block.asked[name] = int(given) if name == "order" and given.isdecimal() else given


def _request(block: _Block, kind: str, formula: str, tail: str) -> Request:
    tail = _COMMENT.sub("", tail)
    steps = _STEPS.search(tail)
    tail = tail[: steps.start()] if steps else tail
    clause = _WHERE.search(tail)
    if clause is not None:
        before = "," if _WHERE.search(formula) else " where"
        formula = f"{formula}{before} {tail[clause.end() :].strip()}"
        tail = tail[: clause.start()]
    names = tuple(name.strip("$") for name in _NAMES.split(tail.strip(" \t\n\r.,;")) if name.strip("$"))
    if not names:
        raise SyntaxProblem(f"no name follows `wrt`; write one, {_EXAMPLE}")
    return Request(
        kind,
        formula.strip("\n"),
        names,
        ", ".join(block.shapes) or None,
        "; ".join(block.assume) or None,
        block.asked,
        block.steps or steps is not None,
    )
