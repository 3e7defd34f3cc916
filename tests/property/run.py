"""Runs many random expressions: ``python -m tests.property.run --count 20000 --seed 0 --jobs 2``."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from .checks import Discarded, draw, examine, shrink

_ENOUGH = 20  # so many failures that look alike are made small
_shrunk: Counter[str] = Counter()
_PARTS = re.compile(r"`[^`]*`|[0-9.]+(e[+-]?[0-9]+)?|'[^']*'")


def one(task: tuple[int, int, bool, bool]) -> dict[str, Any]:
    """The result of the case of one seed, as plain data."""
    seed, depth, check, small = task
    rng = random.Random(seed)
    start = time.perf_counter()
    case = draw(rng, rng.randint(min(2, depth), depth))
    result: dict[str, Any] = {"seed": seed, "text": case.text, "failures": [], "discarded": False}
    try:
        outcome = examine(case, check)
    except Discarded as why:
        return result | {"discarded": True, "why": str(why)}
    result["checked"], result["reason"] = outcome.checked, outcome.reason
    result["slowest"] = max(outcome.seconds.items(), key=lambda pair: pair[1], default=("", 0.0))
    result["derive"] = outcome.seconds.get("derive", 0.0) + outcome.seconds.get("print unicode", 0.0)
    result["ops"] = sorted({piece.op for piece in case.root.walk()})
    for kind, detail in outcome.failures:
        template = f"{kind} {_PARTS.sub('…', detail)[:40]}"
        _shrunk[template] += 1
        least = shrink(case, kind) if small and _shrunk[template] <= _ENOUGH else case
        result["failures"].append(
            {
                "kind": kind,
                "detail": detail,
                "from": case.reproduction(),
                "small": least.reproduction(),
                "least": _detail(least, kind),
            }
        )
    result["seconds"] = time.perf_counter() - start
    return result


def _detail(case: Any, kind: str) -> str:
    try:
        return next((detail for name, detail in examine(case).failures if name == kind), "")
    except Discarded:
        return ""


def results(seeds: range, depth: int, jobs: int, check: bool, small: bool) -> Iterator[dict[str, Any]]:
    tasks = ((seed, depth, check, small) for seed in seeds)
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
    parser.add_argument("--depth", type=int, default=6)
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
    derive: list[float] = []
    log = open(options.log, "a") if options.log else None  # noqa: SIM115
    start = time.monotonic()
    seeds = range(options.seed, options.seed + options.count)
    for result in results(seeds, options.depth, options.jobs, not options.no_check, not options.no_shrink):
        counts["expressions"] += 1
        if result["discarded"]:
            counts["discarded (the oracle is not sure)"] += 1
            continue
        ops.update(result["ops"])
        derive.append(result["derive"])
        kinds = {failure["kind"] for failure in result["failures"]}
        counts["derived"] += not any(kind.startswith(("derive", "evaluate")) for kind in kinds)
        counts["gradient disagrees"] += bool({"gradient wrong", "gradient shape"} & kinds)
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
