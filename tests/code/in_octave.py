"""Runs generated MATLAB functions in GNU Octave: many cases in one process."""

import re
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np

OCTAVE = shutil.which("octave-cli") or shutil.which("octave")


@dataclass(frozen=True)
class Call:
    """A generated function, its arguments in order and how many results are asked for."""

    text: str
    arguments: tuple[np.ndarray, ...]
    results: int = 2


def run(folder, calls):
    """For each call the results, each a pair of its class and an array; or the error as text."""
    for place, call in enumerate(calls):
        first = re.search(r"^function [^(]*?(\w+)\(", call.text, re.MULTILINE)
        (folder / f"case_{place}.m").write_text(
            call.text[: first.start(1)] + f"case_{place}" + call.text[first.end(1) :], "utf-8"
        )
    lines = ["1;", "function show(x)", *_SHOW, "end"]
    for place, call in enumerate(calls):
        outputs = ", ".join(f"r{k}" for k in range(call.results))
        given = ", ".join(map(literal, call.arguments))
        lines += [f'printf("CASE {place}\\n");', "try", f"[{outputs}] = case_{place}({given});"]
        lines += [f"show(r{k});" for k in range(call.results)]
        lines += ["catch problem", 'printf("ERROR %s\\n", strrep(problem.message, "\\n", " "));', "end"]
    (folder / "driver.m").write_text("\n".join(lines) + "\n", "utf-8")
    done = subprocess.run(
        [OCTAVE, "--no-gui", "--quiet", "--no-init-file", "--eval", "driver"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    found = done.stdout.split("CASE ")[1:]
    assert len(found) == len(calls), done.stdout[-1000:] + done.stderr[-1000:]
    return [_read(part) for part in found]


_SHOW = [
    '  printf("RESULT %s %s :", class(x), mat2str(size(x)));',
    '  printf(" %.17g", x(:));',
    '  printf("\\n");',
]


def literal(array):
    """An array as MATLAB text; one with an axis is a column."""
    array = np.asarray(array)
    kind = "single" if array.dtype == np.float32 else "double"
    shape = [*array.shape, 1, 1][: max(2, array.ndim)]
    numbers = " ".join(repr(float(x)) for x in array.ravel(order="F"))
    return f"reshape({kind}([{numbers}]), [{' '.join(map(str, shape))}])"


def _read(part):
    if "ERROR" in part:
        return part[part.index("ERROR") :].strip()
    results = []
    for line in part.splitlines()[1:]:
        head, numbers = line.split(" :")
        kind, size = re.fullmatch(r"RESULT (\w+) \[(.*)\]", head).groups()
        shape = tuple(map(int, size.split()))
        results.append((kind, np.array([float(x) for x in numbers.split()]).reshape(shape, order="F")))
    return results


def shaped(array, shape):
    """An array of Octave with the axes that NumPy gives it; None where the sizes are others."""
    expected = (*shape, 1, 1)[: max(2, len(shape))]
    while len(expected) > 2 and expected[-1] == 1:
        expected = expected[:-1]
    return array.reshape(shape, order="F") if array.shape == expected else None
