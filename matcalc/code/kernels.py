"""How a target writes what one operation computes: the texts of ``rules/targets.toml`` and the functions they call.

The targets are numpy, jax, torch and matlab.  A text is a template: ``{0}``, ``{1}``, … stand for the operands, each a
name or in brackets, ``{m}`` and ``{n}`` for the rows and columns of the result.  What a target lacks is a function in
``helpers/``; generated code holds the functions that it calls, so that it needs no matcalc.
"""

from __future__ import annotations

import ast
import keyword
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from matcalc.operations import TARGETS, Operation, shipped_rules, standard

_PREFIXES = {"jax": "jnp.", "torch": "torch."}
_HELPERS = Path(__file__).parent / "helpers"
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_MODULES = frozenset(["np", "jnp", "jax", "torch", "math", "numpy"])
_BUILTINS = frozenset(
    "abs bool dict enumerate float int len list max min pow print range reversed round slice sum tuple zip".split()
)
_MATLAB = frozenset(
    # keywords, constants, and functions that statements around the kernels use
    "break case catch classdef continue do else elseif end end_try_catch end_unwind_protect endfor endfunction endif "
    "endswitch endwhile for function global if otherwise parfor persistent return spmd switch try until unwind_protect "
    "unwind_protect_cleanup while "
    "ans e eps false i I Inf inf j J NA NaN nan nargin nargout pi true varargin varargout "
    "abs all any bsxfun cast cat ceil cell chol class cos cross cumsum det diag dot double eig exp eye find floor function_handle "
    "gamma horzcat inv isempty isscalar kron length log lu max mean min mod mtimes ndgrid norm numel ones permute pinv plus prod "
    "qr rank real repmat reshape round sign sin single size sort spdiags sparse sqrt squeeze sub2ind sum svd tan tanh tensorprod "
    "times trace transpose tril triu vec vertcat zeros".split()
)


def template(operation_name: str, kernel: str | None, target: str) -> str | None:
    """The text for an operation of this name, or else for its kernel; None where the table has neither.

    An operation of a user's own rules that has a shipped one's name may compute something else: see ``template_of``.
    """
    table = _table()
    line = table.get(operation_name) or (table.get(kernel) if kernel is not None else None)
    return (_text(line, target) or None) if line is not None else None


def name_of(operation: Operation, target: str) -> str | None:
    """The name under which the table has an operation: its own where it is the shipped one of that name, or its
    kernel's; None where it has neither, and its `value` is opened.
    """
    own = (operation.name,) if standard().by_name.get(operation.name) == operation else ()
    kernel = operation.numpy or (None if operation.value is not None else operation.name)
    return next((name for name in (*own, kernel) if name and template(name, None, target) is not None), None)


def template_of(operation: Operation, target: str) -> str | None:
    """The text for an operation; None where it has none."""
    name = name_of(operation, target)
    return None if name is None else template(name, None, target)


def helpers(texts: Iterable[str], target: str) -> list[str]:
    """The sources of the helper functions that texts of a target call, and of those that these call.

    Each comes once and after those it calls.
    """
    sources = _sources(target)
    calls = _calls(target)
    found: dict[str, None] = {}

    def visit(name: str) -> None:  # as deep as helpers call each other: no cycles
        for other in calls[name]:
            visit(other)
        found[name] = None

    for text in texts:
        for name in _NAME.findall(text):
            if name in sources and name not in found:
                visit(name)
    return [sources[name] for name in found]


@cache
def reserved(target: str) -> frozenset[str]:
    """The names that a variable of generated code must not have."""
    own = frozenset(_sources(target))
    if target == "matlab":
        texts = [_text(line, target) for line in _table().values()]
        called = {name for text in texts for name in re.findall(r"\b([A-Za-z]\w*)\(", text)}
        return own | _MATLAB | called
    return own | frozenset(keyword.kwlist) | _MODULES | _BUILTINS


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    data: dict[str, dict[str, str]] = tomllib.loads(
        Path(shipped_rules(), TARGETS).read_text(encoding="utf-8")
    )
    return data


def _text(line: Mapping[str, str], target: str) -> str:
    given = line.get(target)
    return _ported(line["numpy"], target) if given is None else given


@cache
def _sources(target: str) -> Mapping[str, str]:
    """The helper functions of a target by name."""
    if target == "matlab":
        files = sorted((_HELPERS / "matlab").glob("*.m"))
        return {file.stem: file.read_text(encoding="utf-8").strip() for file in files}
    found = _functions(target)
    if target != "numpy":  # as for the texts, what a library's file lacks is NumPy's with the library's name
        shared = _functions("numpy")
        pending = [*(_text(line, target) for line in _table().values()), *found.values()]
        while pending:
            called = _NAME.findall(_code(pending.pop(), target))
            missing = [name for name in called if name in shared and name not in found]
            found |= {name: _ported(shared[name], target) for name in missing}
            pending += [found[name] for name in missing]
    return found


def _functions(target: str) -> dict[str, str]:
    """The functions of a library's file."""
    source = (_HELPERS / f"{target}.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in functions}


def _ported(text: str, target: str) -> str:
    """A text of NumPy with another library's name."""
    return re.sub(r"\bnp\.", _PREFIXES[target], text)


@cache
def _calls(target: str) -> Mapping[str, tuple[str, ...]]:
    """The helper functions that each helper function names in its code."""
    sources = _sources(target)
    return {
        name: tuple(
            other for other in sources if other != name and other in _NAME.findall(_code(source, target))
        )
        for name, source in sources.items()
    }


def _code(source: str, target: str) -> str:
    """A source without its comments and documentation."""
    if target == "matlab":
        return re.sub(r"%.*", "", source)
    return re.sub(r'""".*?"""|#.*', "", source, flags=re.DOTALL) if '"""' in source else source
