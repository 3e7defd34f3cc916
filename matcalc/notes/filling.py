"""A document with the derivatives that it asks for put into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from matcalc.derivation import Derivation, Derivations
from matcalc.deriving import derive
from matcalc.errors import MatcalcError
from matcalc.notes import markdown, tex
from matcalc.notes.answers import latex_answer, latex_problem, markdown_answer, markdown_problem
from matcalc.notes.files import Document
from matcalc.notes.macros import expanded, macros
from matcalc.notes.places import Place
from matcalc.notes.requests import Request, read_requests
from matcalc.printers.escaping import ascii_text

if TYPE_CHECKING:
    from matcalc.verification.report import CheckReport

Lines = Sequence[str]


class Answer(Protocol):
    """What writes one derivative."""

    def __call__(self, derivation: Derivation, report: CheckReport, steps: bool, first: bool) -> Lines: ...


@dataclass(frozen=True)
class Filled:
    """What became of one place: its line, how many derivatives stand there, and what went wrong.

    ``ok`` is False where a check failed, None where something could not be derived.
    """

    line: int
    derivatives: int
    ok: bool | None = True
    problem: str | None = None


@dataclass(frozen=True)
class _Form:
    places: Callable[[str], list[Place]]
    markers: tuple[str, str]
    answer: Answer
    problem: Callable[[str], Lines]


FORMS = {
    "markdown": _Form(markdown.places, markdown.MARKERS, markdown_answer, markdown_problem),
    "latex": _Form(tex.places, tex.MARKERS, latex_answer, latex_problem),
}


def filled(document: Document) -> tuple[str, list[Filled]]:
    """The text of the document with its results, new ones in the places of old ones, and what became of each place.

    Nothing else in the text changes, and what is filled in twice is the same as once.
    """
    form = FORMS[document.kind]
    pieces: list[str] = []
    found: list[Filled] = []
    position = 0
    commands = macros(document.text)
    for place in form.places(document.text):
        if place.problem is not None:
            found.append(Filled(place.line, 0, None, place.problem))
            continue
        lines, result = _answered(replace(place, request=expanded(place.request, commands)), form)
        found.append(result)
        pieces += [document.text[position : place.start], _written(place, lines, form, document.is_ascii)]
        position = place.end
    return "".join(pieces) + document.text[position:], found


def _written(place: Place, lines: Lines, form: _Form, only_ascii: bool) -> str:
    text = place.written([form.markers[0], *lines, form.markers[1]])
    return replace(place, prefix="").before + ascii_text(text[len(place.before) :]) if only_ascii else text


def _answered(place: Place, form: _Form) -> tuple[Lines, Filled]:
    """The lines of the result, and what became of the request."""
    lines: list[str] = []
    problems: list[str] = []
    derivatives, wrong = 0, False
    try:
        requests = read_requests(place.request)
    except MatcalcError as problem:
        return form.problem(str(problem)), Filled(place.line, 0, None, str(problem))
    for request in requests:
        answer: list[str] = []
        try:
            for derivation, report in derived(request):
                answer += ["", *form.answer(derivation, report, request.steps, not answer)]
                derivatives += 1
                wrong |= report.ok is False
        except MatcalcError as problem:
            answer = ["", *form.problem(str(problem))]
            problems.append(str(problem))
        lines += answer
    ok = False if wrong else None if problems else True
    return lines[1:], Filled(place.line, derivatives, ok, "\n".join(problems) or None)


def derived(request: Request) -> list[tuple[Derivation, CheckReport]]:
    """The derivatives that were asked for, each with its check; raises ``MatcalcError``."""
    pair = request.kind == "hessian"
    names = list(request.wrt) if pair or "all" not in request.wrt else "all"
    asked: dict[str, Any] = dict(request.asked)
    found = derive(request.formula, names, request.shapes, request.kind, assume=request.assume, **asked)
    if isinstance(found, Derivation):
        found = Derivations({found.wrt: found})
    if not found:
        raise MatcalcError("the formula has no variables, so it has no gradients")
    return list(zip(found.values(), found.check().values(), strict=True))
