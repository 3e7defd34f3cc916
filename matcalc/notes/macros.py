r"""The commands that a document defines, ``\newcommand{\norm}[1]{\lVert #1 \rVert}``, put into its formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_DEFINES = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?\s*(?:\{\s*\\(?P<new>[A-Za-z]+)\s*\}|\\(?P<bare>[A-Za-z]+))"
    r"\s*(?:\[(?P<count>[0-9])\]\s*(?:\[(?P<default>[^\]]*)\]\s*)?)?(?=\{)"
    r"|\\DeclareMathOperator\*?\s*\{\s*\\(?P<operator>[A-Za-z]+)\s*\}\s*(?=\{)"
    r"|\\def\s*\\(?P<def>[A-Za-z]+)\s*(?P<parameters>(?:#[1-9])*)\s*(?=\{)"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_PARAMETER = re.compile(r"#([1-9])")
_ROUNDS = 8  # commands in commands; one that holds itself stays
_LONGEST = 20_000  # characters of a formula


@dataclass(frozen=True)
class Macro:
    """A command: how many arguments it takes, what it stands for, and its first argument where that may be left out."""

    count: int
    body: str
    default: str | None = None


def macros(text: str) -> dict[str, Macro]:
    """The commands that a document defines, by name; the last definition of each."""
    found: dict[str, Macro] = {}
    for match in _DEFINES.finditer(text):
        body = _group(text, match.end())
        if body is None:
            continue
        name = match["new"] or match["bare"] or match["operator"] or match["def"]
        if match["operator"]:
            found[name] = Macro(0, f"\\operatorname{{{body[0]}}}")
        else:
            count = match["parameters"].count("#") if match["def"] else int(match["count"] or 0)
            found[name] = Macro(count, body[0], match["default"])
    return found


def expanded(text: str, known: Mapping[str, Macro]) -> str:
    """A formula with these commands written out."""
    if not known or "\\" not in text:
        return text
    for _ in range(_ROUNDS):
        once = _expanded(text, known)
        if once == text or len(once) > _LONGEST:
            break
        text = once
    return text


def _expanded(text: str, known: Mapping[str, Macro]) -> str:
    pieces: list[str] = []
    position = length = 0
    for command in _COMMAND.finditer(text):
        macro = known.get(command[1])
        if macro is None or command.start() < position:
            continue
        taken = _arguments(text, command.end(), macro)
        if taken is None:
            continue
        arguments, end = taken
        body = _PARAMETER.sub(lambda found, given=arguments: _argument(found, given), macro.body)  # type: ignore[misc]
        pieces += [text[position : command.start()], body]
        length += len(body)
        if length > _LONGEST:
            return text
        if body[-1:].isalpha() and text[end : end + 1].isalpha():
            pieces.append(" ")  # which ends a command
        position = end
    return "".join(pieces) + text[position:]


def _argument(found: re.Match[str], given: list[str]) -> str:
    place = int(found[1])
    return given[place - 1] if place <= len(given) else found[0]


def _arguments(text: str, position: int, macro: Macro) -> tuple[list[str], int] | None:
    """The arguments behind a command and where they end; None where there are too few."""
    found: list[str] = []
    if macro.count and macro.default is not None:
        close = text.find("]", position) if text[position : position + 1] == "[" else -1
        found.append(text[position + 1 : close] if close > 0 else macro.default)
        position = close + 1 if close > 0 else position
    while len(found) < macro.count:
        while text[position : position + 1].isspace():
            position += 1
        if position >= len(text) or text[position] == "}":
            return None
        group = _group(text, position) if text[position] == "{" else None
        if text[position] == "{" and group is None:
            return None
        command = _COMMAND.match(text, position)
        one = command[0] if command else text[position]
        argument, end = group or (one, position + len(one))
        found.append(argument)
        position = end
    return found, position


def _group(text: str, start: int) -> tuple[str, int] | None:
    """What stands in the braces that open here, and where they end."""
    depth = 0
    for position in range(start, min(len(text), start + _LONGEST)):
        if text[position] == "{" and text[position - 1] != "\\":
            depth += 1
        elif text[position] == "}" and text[position - 1] != "\\":
            depth -= 1
            if depth == 0:
                return text[start + 1 : position], position + 1
    return None
