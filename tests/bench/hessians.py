"""Hessians: our NumPy and JAX code beside `jax.jit(jax.hessian)`, `torch.func.hessian` and code written by hand.

    python -m tests.bench.hessians [--quick] [--only WORD] [--threads N]

The three problems of Laue, Mitterreiter and Giesen (Computing Higher Order Derivatives of Matrix and Tensor Expressions,
NeurIPS 2018; A Simple and Efficient Tensor Calculus, AAAI 2020), CPU, double precision: logistic regression with 2n×n
data, the factorization of an n×n matrix at rank 5, and a network of ten fully connected layers with ReLU and softmax
cross-entropy, in the weights of its first layer.  All results are compared before anything is measured.  A peer's ratio
says how many times as long it takes as our code; `to by hand` is our time over that of the code in `optima.py`, of whose ways
the fastest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import matcalc
from tests.bench import optima, ours, peers
from tests.bench.comparison import agree
from tests.bench.peers import Kit, Loss
from tests.bench.timing import (
    MEASURED,
    QUICK,
    Call,
    Pace,
    Times,
    arguments,
    duration,
    interleaved,
    present,
    setting,
    table,
)

LIMIT = 1.15  # how many times as long as by hand our code may take
RANK = 5
LAYERS = 10
HEADINGS = (
    "problem",
    "n",
    "code",
    "ours",
    "jax.hessian",
    "torch.func.hessian",
    "by hand",
    "to by hand",
    "goal",
    "",
)
PACKAGES = ("numpy", "torch", "jax")
_OURS, _HAND, _JAX, _TORCH = "ours", "by hand", "jax.hessian", "torch.func.hessian"


@dataclass(frozen=True)
class Problem:
    """A Hessian at some sizes; ``goals`` says by size how many times as long a peer is to take at least."""

    name: str
    text: str
    wrt: str
    shapes: Mapping[str, tuple[str, ...]]
    sizes: tuple[int, ...]
    inputs: Callable[[int], dict[str, Any]]
    loss: Loss
    by_hand: Mapping[str, tuple[Callable[..., Any], ...]]
    goals: Mapping[int, float]
    compressed: bool = False


def logistic(kit: Kit, *, X: Any, w: Any, y: Any) -> Any:
    return kit.xp.sum(kit.softplus(-y * (X @ w)))


def logistic_inputs(n: int) -> dict[str, Any]:
    rng = np.random.default_rng(n)
    signs = np.where(rng.random(2 * n) < 0.5, -1.0, 1.0)
    return {"X": rng.standard_normal((2 * n, n)) / np.sqrt(n), "w": rng.standard_normal(n), "y": signs}


def factorization(kit: Kit, *, T: Any, U: Any, V: Any) -> Any:
    return kit.xp.sum((T - U @ V.T) ** 2)


def factorization_inputs(n: int) -> dict[str, Any]:
    rng = np.random.default_rng(n)
    shapes = {"T": (n, n), "U": (n, RANK), "V": (n, RANK)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def network(kit: Kit, *, x: Any, t: Any, **weights: Any) -> Any:
    activation = x
    for layer in range(1, LAYERS):
        activation = kit.relu(weights[f"W{layer}"] @ activation)
    logits = weights[f"W{LAYERS}"] @ activation
    return kit.logsumexp(logits) - t @ logits


def network_text() -> str:
    hidden = [f"h{i} = relu(W{i} h{i - 1})" for i in range(2, LAYERS)]
    last = [f"z = W{LAYERS} h{LAYERS - 1}", "logsumexp(z) − tᵀz"]
    return "\n".join(["h1 = relu(W1 x)", *hidden, *last])


def network_inputs(n: int) -> dict[str, Any]:
    """Weights of He et al. (2015), which keep a signal's size; the target is a class."""
    rng = np.random.default_rng(n)
    weights = {f"W{i}": rng.standard_normal((n, n)) * np.sqrt(2 / n) for i in range(1, LAYERS + 1)}
    return {"x": rng.standard_normal(n), "t": np.eye(n)[0], **weights}


_FACTORIZATION_SHAPES = {"T": ("n", "m"), "U": ("n", "k"), "V": ("m", "k")}
_FACTORIZATION = (
    "‖T − UVᵀ‖²",
    "U",
    _FACTORIZATION_SHAPES,
    (20, 50, 100),
    factorization_inputs,
    factorization,
)

PROBLEMS = (
    Problem(
        "logistic regression",
        "Σ log(1 + exp(−y ⊙ Xw))",
        "w",
        {"X": ("m", "n"), "w": ("n",), "y": ("m",)},
        (100, 200, 400),
        logistic_inputs,
        logistic,
        {"numpy": (optima.plain, optima.root), "jax": (optima.plain_jax, optima.strips)},
        {400: 2.0},
    ),
    Problem(
        "factorization, dense",
        *_FACTORIZATION,
        {"numpy": (optima.view,), "jax": (optima.select,)},
        {100: 250.0},
    ),
    Problem(
        "factorization, compressed",
        *_FACTORIZATION,
        {"numpy": (optima.block,), "jax": (optima.block,)},
        {100: 2000.0},
        compressed=True,
    ),
    Problem(
        "ten-layer network",
        network_text(),
        "W1",
        {"x": ("n",), "t": ("n",), **{f"W{i}": ("n", "n") for i in range(1, LAYERS + 1)}},
        (20, 50),
        network_inputs,
        network,
        {"numpy": (optima.rows,), "jax": (optima.outer,)},
        {20: 1.0, 50: 1.0},
    ),
)


def jax_hessian(problem: Problem, inputs: Mapping[str, Any]) -> Call:
    """JAX's Hessian, compiled."""
    import jax

    kit = peers.jax_kit()
    return peers.jax_call(
        lambda **arrays: jax.hessian(peers.of_one(problem.loss, kit, problem.wrt, arrays))(
            arrays[problem.wrt]
        ),
        inputs,
    )


def torch_hessian(problem: Problem, inputs: Mapping[str, Any]) -> Call:
    """PyTorch's Hessian."""
    import torch

    arrays = peers.torch_kit().arrays(inputs)
    hessian = torch.func.hessian(peers.of_one(problem.loss, peers.torch_kit(), problem.wrt, arrays))
    return lambda: hessian(arrays[problem.wrt])


def contestants(problem: Problem, inputs: Mapping[str, Any]) -> dict[tuple[str, str], Call]:
    """What gives the Hessian, by name and target; peers have no target."""
    derivation = matcalc.derive(problem.text, problem.wrt, problem.shapes, kind="hessian")
    asked = {"compressed": True} if problem.compressed else {}
    found: dict[tuple[str, str], Call] = {}
    for target in ours.TARGETS:
        own = ours.call(derivation, target, inputs, **asked)
        if own is not None:
            found[_OURS, target] = own
        for hand in problem.by_hand[target]:
            call = peers.jax_call(hand, inputs) if target == "jax" else _of(hand, inputs)
            found[_HAND, f"{target} {hand.__name__}"] = call
    found[_JAX, ""] = jax_hessian(problem, inputs)
    if present("torch"):
        found[_TORCH, ""] = torch_hessian(problem, inputs)
    return found


def _of(function: Callable[..., Any], inputs: Mapping[str, Any]) -> Call:
    return lambda: function(**inputs)


def compare(problem: Problem, calls: Mapping[tuple[str, str], Call]) -> None:
    """Fail where two contestants differ; a compressed result is the block on the diagonal of the dense ones."""
    results: dict[object, Any] = {}
    for name, call in calls.items():
        result = call()
        if problem.compressed:
            whole = name[0] in (_JAX, _TORCH)
            result = np.asarray(result)[0, :, 0, :] if whole else _only_array(result)
        results[name] = result
    agree(results)


def _only_array(result: Any) -> Any:
    """The one array in a compressed result, which may stand alone, in a tuple or under a name."""
    parts = tuple(result.values()) if isinstance(result, Mapping) else result
    if isinstance(parts, tuple):
        (parts,) = (part for part in parts if np.ndim(part) == 2)
    return parts


def row(problem: Problem, n: int, target: str, times: Times, judged: bool) -> list[str]:
    """What is printed of a problem's code for one target, with a verdict where it is ``judged``."""
    own = f"{_OURS} {target}"
    hand = times.fastest([name for name in times.rounds if name.startswith(f"{_HAND} {target} ")])
    base = own if own in times.rounds else hand
    goal = problem.goals.get(n, 0.0)
    ratios = {name: times.ratio(f"{name} ", base) for name in (_JAX, _TORCH) if f"{name} " in times.rounds}
    to_hand = times.ratio(base, hand)
    missed = ["ratio"] * (min(ratios.values()) < goal) + ["by hand"] * (to_hand > LIMIT)
    return [
        problem.name,
        str(n),
        target,
        duration(times.seconds(own)) if base == own else "–",
        *(f"{ratios[name]:.3g}" if name in ratios else "–" for name in (_JAX, _TORCH)),
        f"{duration(times.seconds(hand))} {hand.split()[-1]}",
        f"{to_hand:.2f}" if base == own else "–",
        f"≥ {goal:g}" if goal else "",
        (f"missed: {', '.join(missed)}" if missed else "met") if judged and base == own else "",
    ]


def rows(pace: Pace, only: str) -> Iterator[list[str]]:
    """Every problem at every size; at the smallest alone where nothing is measured."""
    for problem in PROBLEMS:
        if only in problem.name:
            for n in problem.sizes[: 1 if pace is QUICK else None]:
                calls = contestants(problem, problem.inputs(n))
                compare(problem, calls)
                times = interleaved({" ".join(name): call for name, call in calls.items()}, pace)
                for target in ours.TARGETS:
                    yield row(problem, n, target, times, judged=pace is not QUICK)


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = arguments("tests.bench.hessians", __doc__ or "", given)
    print(setting(PACKAGES))
    print(table(HEADINGS, list(rows(QUICK if options.quick else MEASURED, options.only))))
    print(
        f"goals: each peer's ratio at least what `goal` says, ours at most {LIMIT} times what is written by hand"
    )


if __name__ == "__main__":
    main()
