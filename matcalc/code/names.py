"""Names in generated code: users' names where they are identifiers, and safe ones where not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from matcalc.code.kernels import reserved

_LONGEST = 56  # characters; MATLAB reads 63, and a number may follow


def identifiers(
    names: Iterable[str], target: str, taken: Iterable[str] = (), free: frozenset[str] = frozenset()
) -> Mapping[str, str]:
    """A valid identifier for each name, all different, none of them reserved in the target's language.

    ``taken`` are names that must not be given again, ``free`` reserved ones that may be.
    """
    used = set(taken) | (reserved(target) - free)
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_") or "x"
        if target == "matlab":
            plain = plain[:_LONGEST]
        if not plain[0].isalpha():
            plain = f"x_{plain}"
        spelled, number = plain, 1
        while spelled in used:
            spelled = f"{plain}_{number}" if number > 1 else f"{plain}_"
            if target == "matlab":
                spelled = f"{plain}_{number}"
            number += 1
        used.add(spelled)
        found[name] = spelled
    return found
