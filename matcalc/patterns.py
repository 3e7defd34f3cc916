"""Regular expressions that are compiled when they are first used: each takes time, and a formula needs few of them."""

from __future__ import annotations

import re
from typing import Any, cast


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same as ``re.compile``, but later; a mistake in the pattern is raised at the first use."""
    return cast("re.Pattern[str]", _Regex(pattern, flags))


class _Regex:
    def __init__(self, pattern: str, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """What the compiled pattern has under this name, kept for the next time."""
        found = getattr(re.compile(*self._source), name)
        setattr(self, name, found)
        return found
