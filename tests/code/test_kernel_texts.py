"""The texts of ``rules/targets.toml`` against the kernels of the check, in NumPy, JAX, PyTorch and GNU Octave."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kernel_cases import CASES, Case

from matcalc.code.kernels import _table, helpers, reserved, template, template_of
from matcalc.operations import load, standard
from matcalc.verification.kernels import known_kernels

HEADS = {
    "numpy": "import math\nimport numpy as np\n",
    "jax": "import math\nimport jax\nimport jax.numpy as jnp\n",
    "torch": "import math\nimport torch\n",
}
# Written by the code room itself, out of operators.
STRUCTURAL = frozenset(
    "add sub neg scale over matmul hadamard eldivide transpose fill diag diagonal sum sumsq tr".split()
)
# The last digits of a type, and how many of them a result may be off before a case's own factor.
TOLERANCE = {"float64": 2e-13, "float32": 2e-5}
IDS = [f"{number}-{case.name}" for number, case in enumerate(CASES)]
DTYPES = ("float64", "float32")
FIRST = tuple({case.name: case for case in reversed(CASES)}.values())  # one case of each name


def text_of(case: Case, target: str) -> str:
    text = template(case.name, None, target)
    assert text is not None
    if case.name.startswith("lu_"):  # of what `lu` gives
        text = text.replace("{0}", str(template("lu", None, target)))
    rows, columns = case.size()
    return text.format(*(f"x{k}" for k in range(len(case.operands))), m=rows, n=columns)


def function(text: str, target: str, count: int) -> Callable[..., Any]:
    """The text as a function, in a file that holds its helper functions and nothing else."""
    parts = [HEADS[target], *helpers([text], target)]
    names = ", ".join(f"x{k}" for k in range(count))
    scope: dict[str, Any] = {}
    exec("\n\n".join([*parts, f"def f({names}):\n    return {text}\n"]), scope)
    return scope["f"]


def native(target: str, arguments: tuple[Any, ...], dtype: str) -> tuple[Any, ...]:
    # column by column, as transposes lie in memory
    arrays = [np.asarray(x, dtype=dtype, order="F") for x in arguments]
    if target == "jax":
        jax = pytest.importorskip("jax")
        jax.config.update("jax_enable_x64", True)
        return tuple(jax.numpy.asarray(x) for x in arrays)
    if target == "torch":
        torch = pytest.importorskip("torch")
        return tuple(torch.as_tensor(x) for x in arrays)
    return tuple(arrays)


def compare(value: Any, case: Case, arguments: tuple[Any, ...], dtype: str) -> None:
    rounded = tuple(np.asarray(x, dtype).astype(float) for x in arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = case.expected(rounded).astype(dtype).astype(float)
    close(value, expected, case, dtype)


def close(value: Any, expected: Any, case: Case, dtype: str) -> None:
    value = np.asarray(value, dtype=float)
    assert value.size == expected.size
    if value.ndim < 2:
        assert 1 in expected.shape or expected.ndim < 2
    if value.ndim < 2 or expected.ndim < 2:
        expected = expected.reshape((*expected.shape, 1, 1)[: value.ndim] if value.ndim == 2 else value.shape)
    assert value.shape == expected.shape
    finite = np.isfinite(expected)
    assert np.array_equal(value[~finite], expected[~finite], equal_nan=True)
    scale = np.abs(expected[finite])
    if case.loose > 1 and case.near:
        scale = scale.max(initial=0.0)
    error = np.abs(value[finite] - expected[finite])
    bound = TOLERANCE[dtype] * case.loose * (scale + case.near) + 2 * float(np.finfo(dtype).tiny)
    assert np.all(error <= bound), (value, expected)


RUNS = [
    pytest.param(case, target, dtype, id=f"{name}-{target}-{dtype}")
    for name, case in zip(IDS, CASES, strict=True)
    for target in HEADS
    for dtype in DTYPES
    if target != "jax" or dtype == "float64" or case in FIRST  # JAX compiles for long
    if target != "numpy" or not case.name.startswith("lu_")  # which NumPy has none of
]


@pytest.mark.parametrize(("case", "target", "dtype"), RUNS)
def test_a_text_computes_its_kernel(case: Case, target: str, dtype: str) -> None:
    arguments = case.arguments()
    values = native(target, arguments, dtype)
    with warnings.catch_warnings():
        # in float32 the extreme numbers are 0 and inf, where warnings are right
        warnings.simplefilter("error" if dtype == "float64" else "ignore", RuntimeWarning)
        warnings.simplefilter("error", UserWarning)
        value = function(text_of(case, target), target, len(values))(*values)
    assert str(value.dtype).removeprefix("torch.") == dtype
    compare(value, case, arguments, dtype)


@pytest.mark.parametrize("case", FIRST, ids=lambda case: case.name)
def test_jax_texts_trace(case: Case) -> None:
    """Two points at once, compiled: the first axis of each operand is that of the points."""
    jax = pytest.importorskip("jax")
    points = [case.arguments(seed) for seed in (0, 1)]
    stacked = native("jax", tuple(np.stack(pair) for pair in zip(*points, strict=True)), "float64")
    values = jax.jit(jax.vmap(function(text_of(case, "jax"), "jax", len(stacked))))(*stacked)
    for value, arguments in zip(values, points, strict=True):
        compare(value, case, arguments, "float64")


@pytest.fixture(scope="module")
def octave(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], tuple[str, Any]]:
    """The class and value of each case and type, all from one process."""
    program = shutil.which("octave-cli") or shutil.which("octave")
    if program is None:
        pytest.skip("GNU Octave is not installed (apt-get install octave)")
    folder = tmp_path_factory.mktemp("octave")
    texts = [text_of(case, "matlab") for case in CASES]
    lines = ["1;", *helpers(texts, "matlab"), f"file = fopen('{folder / 'operands'}');"]
    operands = b""
    for number, (case, text) in enumerate(zip(CASES, texts, strict=True)):
        for kind, dtype in (("double", "float64"), ("single", "float32")):
            for k, x in enumerate(case.arguments()):
                rows, columns = (*x.shape, 1, 1)[:2]
                lines.append(f"x{k} = {kind}(fread(file, [{rows}, {columns}], 'double'));")
                operands += x.astype(float).tobytes(order="F")
            lines.append(f"try, y = {text}; printf('%d {dtype} %s %d %d', {number}, class(y), size(y));")
            lines.append(
                f"catch, y = []; printf('%d {dtype} %s 0 0', {number}, strrep(lasterr(), ' ', '_'));"
            )
            lines.append("end, printf(' %.17g', y); printf(';')")
    (folder / "operands").write_bytes(operands)
    script = folder / "kernels.m"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [program, "--no-gui", "--quiet", str(script)], capture_output=True, text=True, timeout=300
    )
    results = {}
    for part in done.stdout.split(";")[:-1]:
        number, dtype, kind, rows, columns, *numbers = part.split()
        value = np.array(numbers, dtype=float).reshape(int(rows), int(columns), order="F")
        results[int(number), dtype] = kind, value
    assert len(results) == 2 * len(CASES), done.stderr[-2000:]
    return results


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_a_matlab_text_computes_its_kernel(octave: Any, number: int, dtype: str) -> None:
    case = CASES[number]
    kind, value = octave[number, dtype]
    assert kind == ("double" if dtype == "float64" else "single")
    compare(value, case, case.arguments(), dtype)


def test_every_kernel_has_a_text_and_every_text_a_case() -> None:
    assert set(known_kernels()) == STRUCTURAL | (set(known_kernels()) & set(_table()))
    assert STRUCTURAL.isdisjoint(_table())
    assert {case.name for case in CASES} == set(_table()) - {"lu"}
    for operation in standard().by_name.values():
        if operation.value is None and operation.name not in STRUCTURAL:
            assert template_of(operation, "numpy") is not None, operation.name


@pytest.mark.parametrize("target", [*HEADS, "matlab"])
def test_helpers_come_once_and_after_those_they_call(target: str) -> None:
    texts = [text_of(case, target) for case in CASES if template(case.name, None, target)]
    texts += ["diagonal(x) einsum(x) commutation(x)"] if target == "matlab" else []  # of the code room itself
    sources = helpers(texts, target)
    assert sorted(sources) == sorted(
        helpers([f"{name}(x)" for name in reserved(target)], target)
    )  # all are used
    head = "function" if target == "matlab" else "def"
    names = [re.match(rf"{head} (?:\w+ = )?(\w+)\(", source)[1] for source in sources]  # type: ignore[index]
    assert len(set(names)) == len(names)
    for place, source in enumerate(sources):
        called = [name for name in names if name != names[place] and re.search(rf"\b{name}\(", source)]
        assert all(names.index(name) < place for name in called), (names[place], called)


def test_helpers_are_only_those_that_a_text_needs() -> None:
    assert helpers(["np.exp(x)", "logm + 1 if False else y.expm(x)"], "numpy") == helpers(
        ["logm(x)"], "numpy"
    )
    names = [source.split("(")[0] for source in helpers(["frechet(logm, a, e)"], "numpy")]
    assert names == ["def frechet", "def sqrtm", "def logm"]
    assert [source.split("\n")[0] for source in helpers(["polygamma(0, x)"], "numpy")] == [
        "def digamma(x):",
        "def polygamma(order, x):",
    ]
    assert helpers(["jax.nn.softmax(x, axis=1)"], "jax") == []
    assert helpers(["2 * solve_sylvester(a, b, c)"], "matlab")[0].startswith("function y = pseudo_inverse(x)")


@pytest.mark.parametrize("target", [*HEADS, "matlab"])
def test_no_reserved_name_is_free_for_a_variable(target: str) -> None:
    names = reserved(target)
    for case in CASES:
        text = template(case.name, None, target)
        assert set(re.findall(r"(?<![\w.'])([A-Za-z]\w*)(?=[(.])", str(text))) <= names
    assert {"A", "x", "gamma_1", "W_in", "epsilon"}.isdisjoint(names)
    common = {"e", "pi", "i", "j", "eye", "sum", "inv", "end", "function", "erf"}
    assert (common if target == "matlab" else {"lambda", "math", "int"}) <= names


def test_a_name_is_looked_up_before_its_kernel() -> None:
    assert template("softmax", None, "torch") == "softmax({0})"
    assert template("max", "maximum", "numpy") == "np.maximum({0}, {1})"
    assert template("trigamma", "log", "jax") == "jax.scipy.special.polygamma(1, {0})"
    assert template("gelu", None, "numpy") is None
    assert template("mine", "nothing", "numpy") is None


def test_operations_of_a_user_go_by_what_they_compute(tmp_path: Path) -> None:
    rules = tmp_path / "mine.toml"
    rules.write_text(
        'softplus = { takes = "X", gives = "X", X = "2*D", value = "2*X" }\n'
        'gamma = { takes = "X", gives = "X", X = "3*D", value = "3*X" }\n'
        'twice = { takes = "X", gives = "X", X = "D ./ X", numpy = "log1p" }\n'
        'erfc = { takes = "X", gives = "X", X = "-2/sqrt(π)*D .* exp(-X.^2)" }\n',
        encoding="utf-8",
    )
    mine = load([rules])
    assert template_of(mine["softplus"], "numpy") is None
    assert template_of(mine["gamma"], "numpy") is None
    assert template_of(mine["twice"], "numpy") == "np.log1p({0})"
    assert template_of(mine["erfc"], "matlab") == "erfc({0})"
    assert template_of(standard()["softplus"], "numpy") == "np.logaddexp({0}, 0)"
    assert template_of(standard()["gammafn"], "matlab") == "gamma({0})"


# Those that branch by numbers, which the device "meta" has not.
_DATA = frozenset(["logm", "frechet_log", "frechet_logtwo", "polygamma", "shift"])


@pytest.mark.parametrize(
    "case",
    [case for case in FIRST if case.name not in _DATA],
    ids=lambda case: case.name,
)
def test_torch_texts_stay_on_their_device(case: Case) -> None:
    torch = pytest.importorskip("torch")
    values = [x.to("meta") for x in native("torch", case.arguments(), "float64")]
    value = function(text_of(case, "torch"), "torch", len(values))(*values)
    assert value.device.type == "meta"
    assert torch.is_tensor(value)


def test_the_table_is_well_formed() -> None:
    for name, line in _table().items():
        assert {"numpy", "matlab"} <= set(line) <= {"numpy", "jax", "torch", "matlab"}, name
        operands = {text.count("{1}") > 0 for text in line.values() if text}
        assert len(operands) == 1, name
        for target in (*HEADS, "matlab"):
            text = template(name, None, target)
            if text is None:  # NumPy keeps no LU factors
                assert (target, name[:2]) == ("numpy", "lu")
                continue
            assert not re.search(r"\bnp\.", text) or target == "numpy"
            assert (
                text.count("{0}") == 1 or (name, target) == ("cholesky", "matlab") or name == "cholesky_solve"
            )
