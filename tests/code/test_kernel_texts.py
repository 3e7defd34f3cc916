"""The texts of ``rules/targets.toml`` against the kernels of the check, in NumPy, JAX, PyTorch and GNU Octave."""

from __future__ import annotations

import math
import shutil
import subprocess
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from kernel_cases import CASES, Case

from matcalc.check.kernels import known_kernels
from matcalc.code.kernels import _table, helpers, reserved, template, template_of
from matcalc.operations import load, standard

HEADS = {
    "numpy": "import math\nimport numpy as np\n",
    "jax": "import jax\nimport jax.numpy as jnp\n",
    "torch": "import torch\n",
}
# Written by the code room itself, out of operators.
STRUCTURAL = frozenset(
    "add sub neg scale over matmul hadamard eldivide transpose fill diag diagonal sum sumsq tr power intpower elpower".split()
)
# The last digits of a type, and how many of them a result may be off before a case's own factor.
TOLERANCE = {"float64": 2e-13, "float32": 2e-5}
IDS = [f"{number}-{case.name}" for number, case in enumerate(CASES)]
DTYPES = ("float64", "float32")


def text_of(case: Case, target: str) -> str:
    text = template(case.name, None, target)
    assert text is not None
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
        expected = case.expected(rounded)
    close(value, expected, case, dtype)


def close(value: Any, expected: Any, case: Case, dtype: str) -> None:
    value = np.asarray(value, dtype=float)
    assert value.size == expected.size
    if value.ndim < 2:
        assert 1 in expected.shape or expected.ndim < 2
        expected = expected.reshape(value.shape)
    assert value.shape == expected.shape
    finite = np.isfinite(expected)
    assert np.array_equal(value[~finite], expected[~finite], equal_nan=True)
    scale = np.abs(expected[finite]).max(initial=0.0) if case.loose > 1 else np.abs(expected[finite])
    error = np.abs(value[finite] - expected[finite])
    assert np.all(error <= TOLERANCE[dtype] * case.loose * (scale + 0.05)), (value, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", HEADS)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_text_computes_its_kernel(case: Case, target: str, dtype: str) -> None:
    arguments = case.arguments()
    values = native(target, arguments, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", UserWarning)
        value = function(text_of(case, target), target, len(values))(*values)
    assert str(value.dtype).removeprefix("torch.") == dtype
    compare(value, case, arguments, dtype)


def test_every_kernel_has_a_text_and_every_text_a_case() -> None:
    assert set(known_kernels()) == STRUCTURAL | (set(known_kernels()) & set(_table()))
    assert STRUCTURAL.isdisjoint(_table())
    assert {case.name for case in CASES} == set(_table())
    for operation in standard().by_name.values():
        if operation.value is None and operation.name not in STRUCTURAL:
            assert template_of(operation, "numpy") is not None, operation.name
