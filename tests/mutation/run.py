"""Changes every rule in turn and shows what the check says: ``python -m tests.mutation.run [--rule NAME] [--jobs 2]``.

Ends with 1 where a mutation survives that is neither proven to be equivalent nor in ``equivalent.toml``, or where
a mutation ends the check in an exception.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from matcalc.operations import standard

from .mutations import Mutation, mutations
from .structures import PREFIX, of_structures
from .structures import tried as tried_structure
from .trial import CAUGHT, CRASHED, EQUIVALENT, LISTED, REFUSED, SURVIVED, UNWRITTEN, Trial, listed, tried

_ORDER = (CAUGHT, REFUSED, EQUIVALENT, LISTED, UNWRITTEN, SURVIVED, CRASHED)


def one(mutation: Mutation) -> Trial:
    """The trial of a mutation of the shipped rules."""
    if mutation.line.startswith(PREFIX):
        return tried_structure(mutation)
    return tried(mutation, standard())


def also_listed() -> list[Mutation]:
    """The listed mutations of shipped rules that no edit makes any more: which function follows depends on the table."""
    made = list(mutations(standard()))
    texts, known = {each.rule: each for each in made}, {(each.rule, each.after) for each in made}
    return [
        replace(texts[rule], after=after, edit="listed")
        for rule, entries in listed().items()
        for after in entries
        if rule in texts and (rule, after) not in known
    ]


def trials(chosen: list[Mutation], jobs: int) -> Iterator[Trial]:
    """The trials in the order of the mutations."""
    if jobs == 1:
        yield from map(one, chosen)
        return
    with multiprocessing.Pool(jobs) as pool:
        yield from pool.imap(one, chosen, chunksize=20)


def rot(done: Iterable[Trial]) -> list[str]:
    """What is wrong with the list: entries for rules that were tried whose mutation did not end as ``listed``."""
    done = list(done)
    found = {(trial.mutation.rule, trial.mutation.after): trial.verdict for trial in done}
    rules = {trial.mutation.rule for trial in done}
    return [
        f"{rule}: `{text}` is listed, but was {found.get((rule, text), 'no mutation')}"
        for rule, texts in listed().items()
        if rule in rules
        for text in texts
        if found.get((rule, text)) != LISTED
    ]


def main(argv: list[str] | None = None) -> int:
    """Print the table of trials, the survivors with their reasons and the counts; 1 where a change went unseen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rule", help="the operation or rewrite to change; all are changed without it")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--survivors", action="store_true", help="print only what passed the check")
    options = parser.parse_args(argv)
    every = [*mutations(standard()), *of_structures(), *also_listed()]
    chosen = [each for each in every if options.rule in (None, each.line)]
    if not chosen:
        parser.error(f"no rule file has the line `{options.rule}`, or it has nothing to change")
    start = time.monotonic()
    done = []
    for trial in trials(chosen, options.jobs):
        done.append(trial)
        each = trial.mutation
        if not options.survivors:
            print(
                f"{each.rule:24} {trial.verdict:10}  {each.after}  ({each.edit} in {each.before})", flush=True
            )

    for verdict in (EQUIVALENT, LISTED, UNWRITTEN, SURVIVED, CRASHED):
        some = [trial for trial in done if trial.verdict == verdict]
        if some:
            print(f"\n{verdict}")
        for trial in some:
            each = trial.mutation
            print(f"  {each.rule:24} {each.before}   ⇒   {each.after}   {trial.reason}")
    counts = Counter(trial.verdict for trial in done)
    summary = ", ".join(f"{counts[verdict]} {verdict}" for verdict in _ORDER)
    print(f"\n{len(done)} mutations: {summary}; {time.monotonic() - start:.0f} s")
    stale = rot(done)
    for line in stale:
        print(f"STALE: {line}")
    return 1 if counts[SURVIVED] or counts[CRASHED] or stale else 0


if __name__ == "__main__":
    sys.exit(main())
