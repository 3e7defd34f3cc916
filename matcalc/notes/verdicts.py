"""The verdict on a claimed derivative, and the claims of a document over all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

from matcalc.checking import check
from matcalc.errors import MatcalcError
from matcalc.notes.claims import Claimed, Question
from matcalc.review.report import CONVENTION, EQUAL

RIGHT, WRONG, UNREADABLE, UNCHECKED = "right", "wrong", "unreadable", "not checked"
STANDINGS = (RIGHT, CONVENTION, WRONG, UNREADABLE, UNCHECKED)
_FEW = 4  # claims that are checked before other processes would have started


@dataclass(frozen=True)
class Verdict:
    """What was found of a claim: ``standing`` is right, right up to a convention, wrong, unreadable or not checked.

    ``text`` says so in words, ``reasons`` why, and ``repair`` is a formula that would be right.
    """

    standing: str
    text: str
    reasons: tuple[str, ...] = ()
    repair: str | None = None


def verdict_of(question: Question) -> Verdict:
    """The verdict of ``matcalc.check``; raises ``MatcalcError`` where the claim can't be read."""
    wrt = question.wrt[0] if len(question.wrt) == 1 else list(question.wrt)
    report = check(question.value, wrt, question.claim, dict(question.shapes), question.kind)
    found = report.reasons if report.verdict != EQUAL else ()
    standing = RIGHT if report.verdict == EQUAL else CONVENTION if report.ok else WRONG
    return Verdict(standing, report.verdict, found, report.repair)


def judged(claimed: Claimed) -> Verdict:
    """The verdict on a claim: the first way to read it that makes it right, else the first that can be read."""
    if claimed.problem is not None:
        return Verdict(UNCHECKED, f"not checked: {claimed.problem}")
    found: list[Verdict] = []
    problem: MatcalcError | None = None
    for question in claimed.questions:
        try:
            verdict = verdict_of(question)
        except MatcalcError as error:
            problem = problem or error
            continue
        notes = [question.note or "", "its variables were read as numbers" if question.numbers else ""]
        verdict = replace(verdict, text="; ".join([verdict.text, *filter(None, notes)]))
        if verdict.standing == RIGHT:
            return verdict
        found.append(verdict)
    if found:
        return min(found, key=lambda verdict: STANDINGS.index(verdict.standing))
    return Verdict(UNREADABLE, "unreadable", (str(problem),))


def verdicts(
    claims: Sequence[Claimed], workers: int | None = None, done: Callable[[], None] = lambda: None
) -> list[Verdict]:
    """The verdicts on claims, in their order, over ``workers`` processes (all cores); ``done`` is called after each."""
    workers = min(workers or os.cpu_count() or 1, len(claims))
    if workers < 2 or len(claims) < _FEW:
        return list(_one_by_one(claims, done))
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        return _spread(pool, claims, done)


def _one_by_one(claims: Sequence[Claimed], done: Callable[[], None]) -> Iterator[Verdict]:
    for claimed in claims:
        yield judged(claimed)
        done()


def _spread(pool: Executor, claims: Sequence[Claimed], done: Callable[[], None]) -> list[Verdict]:
    futures = [pool.submit(judged, claimed) for claimed in claims]
    try:
        for _ in as_completed(futures):
            done()
        return [future.result() for future in futures]
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
