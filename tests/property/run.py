"""Runs many random expressions: ``python -m tests.property.run --count 20000 --seed 0 --jobs 2``.

With ``--order 2`` Hessians, mixed blocks and Jacobians instead of gradients.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from . import checks, seconds
from .checks import Discarded

_ENOUGH = 20  # so many failures that look alike are made small
_shrunk: Counter[str] = Counter()
_PARTS = re.compile(r"`[^`]*`|[0-9.]+(e[+-]?[0-9]+)?|'[^']*'")


Task = tuple[int, int, int, bool, bool]


def one(task: Task) -> dict[str, Any]:
    """The result of the case of one seed, as plain data."""
    order, seed, depth, check, small = task
    how = seconds if order == 2 else checks
    rng = random.Random(seed)
    start = time.perf_counter()
    case = how.draw(rng, rng.randint(min(2, depth), depth))
    result: dict[str, Any] = {"seed": seed, "text": case.text, "failures": [], "discarded": False}
    result["kind"] = "mixed block" if case.other else case.kind
    try:
        outcome = how.examine(case, check)
    except Discarded as why:
        return result | {"discarded": True, "why": str(why)}
    result["checked"], result["reason"] = outcome.checked, outcome.reason
    result["zero"], result["length"] = outcome.zero, outcome.length
    result["slowest"] = max(outcome.seconds.items(), key=lambda pair: pair[1], default=("", 0.0))
    result["derive"] = outcome.seconds.get("derive", 0.0) + outcome.seconds.get("print unicode", 0.0)
    result["ops"] = sorted({piece.op for piece in case.root.walk()})
    for kind, detail in outcome.failures:
        template = f"{kind} {_PARTS.sub('…', detail)[:40]}"
        _shrunk[template] += 1
        least = how.shrink(case, kind) if small and _shrunk[template] <= _ENOUGH else case
        result["failures"].append(
            {
                "kind": kind,
                "detail": detail,
                "from": case.reproduction(),
                "small": least.reproduction(),
                "least": _detail(least, kind, how.examine),
            }
        )
    result["seconds"] = time.perf_counter() - start
    return result


def _detail(case: checks.Case, kind: str, examine: Callable[[checks.Case], checks.Outcome]) -> str:
    try:
        return next((detail for name, detail in examine(case).failures if name == kind), "")
    except Discarded:
        return ""


def results(tasks: Iterable[Task], jobs: int) -> Iterator[dict[str, Any]]:
    if jobs == 1:
        yield from map(one, tasks)
        return
    with multiprocessing.Pool(jobs, maxtasksperchild=500) as pool:
        yield from pool.imap_unordered(one, tasks, chunksize=10)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument(
        "--seed", type=int, default=0, help="of the first expression; the others count on from it"
    )
    parser.add_argument("--order", type=int, choices=(1, 2), default=1)
    parser.add_argument("--depth", type=int, help="6, with --order 2 4")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--no-check", action="store_true", help="leave out d.check()")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--each", type=int, default=4, help="failures shown of each kind")
    parser.add_argument("--log", help="a file for every failure, one JSON object a line")
    options = parser.parse_args(argv)
    sys.setrecursionlimit(10_000)

    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    ops: Counter[str] = Counter()
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    slowest: list[tuple[float, str, int]] = []
    longest: list[tuple[int, int]] = []
    derive: list[float] = []
    log = open(options.log, "a") if options.log else None  # noqa: SIM115
    start = time.monotonic()
    seeds = range(options.seed, options.seed + options.count)
    depth = options.depth or (4 if options.order == 2 else 6)
    tasks = ((options.order, seed, depth, not options.no_check, not options.no_shrink) for seed in seeds)
    for result in results(tasks, options.jobs):
        counts["expressions"] += 1
        if result["discarded"]:
            counts["discarded (the oracle is not sure)"] += 1
            continue
        counts[result["kind"]] += 1
        counts[result["kind"] + ", zero everywhere"] += result["zero"]
        longest = sorted([*longest, (result["length"], result["seed"])], reverse=True)[:5]
        ops.update(result["ops"])
        derive.append(result["derive"])
        kinds = {failure["kind"] for failure in result["failures"]}
        counts["derived"] += not any(kind.startswith(("derive", "evaluate")) for kind in kinds)
        counts["disagrees with the oracle"] += any(kind.endswith((" wrong", " shape")) for kind in kinds)
        counts["with any failure"] += bool(kinds)
        counts["check ok"] += result["checked"] is True
        counts["check FALSE"] += result["checked"] is False
        if result["checked"] is None and result["reason"]:
            counts["not checked"] += 1
            reasons[_PARTS.sub("…", result["reason"])] += 1
        slowest = sorted(
            [*slowest, (result["slowest"][1], result["slowest"][0], result["seed"])], reverse=True
        )[:5]
        for failure in result["failures"]:
            groups[failure["kind"]].append(failure | {"seed": result["seed"]})
            if log:
                print(
                    json.dumps(failure | {"seed": result["seed"]}, ensure_ascii=False), file=log, flush=True
                )
    print(f"{time.monotonic() - start:.0f} s")
    for name, count in counts.items():
        print(f"{count:7} {name}")
    derive.sort()
    if derive:
        print(
            f"text to printed formula: median {derive[len(derive) // 2] * 1e3:.1f} ms, largest {derive[-1]:.2f} s"
        )
    print("slowest:", ", ".join(f"{seconds:.2f} s ({what}, seed {seed})" for seconds, what, seed in slowest))
    if options.order == 2:
        print("longest:", ", ".join(f"{length} characters (seed {seed})" for length, seed in longest))
    print("not checked because:", dict(reasons.most_common(6)))
    print("operations:", dict(ops.most_common()))
    for kind, failures in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        print(f"\n== {kind}: {len(failures)}")
        seen: set[str] = set()
        for failure in sorted(failures, key=lambda f: len(f["small"])):
            template = _PARTS.sub("…", failure["least"])[:60]
            if template in seen and len(seen) >= 2:
                continue
            seen.add(template)
            print(
                f"  seed {failure['seed']}: {failure['small']}\n      {failure['least'] or failure['detail']}"
            )
            if len(seen) >= options.each:
                break
    return 1 if groups else 0


if __name__ == "__main__":
    sys.exit(main())
