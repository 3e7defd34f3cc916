"""Names in generated code: users' names where they are identifiers, and safe ones where not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from matcalc.code.kernels import reserved


def identifiers(names: Iterable[str], target: str, taken: Iterable[str] = ()) -> Mapping[str, str]:
    """A valid identifier for each name, all different, none of them reserved in the target's language."""
    used = set(taken) | reserved(target)
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_") or "x"
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
