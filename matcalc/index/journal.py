"""What simplification did: kept only where somebody asks, so that steps can say what really happened."""

from __future__ import annotations


class Journal:
    """The kinds of changes that were made, each once, in the order in which they came first.

    An entry is a kind and what it was about: ``("rewrite", "logistic")``, ``("collected", "")``.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], None] = {}

    def note(self, kind: str, about: str = "") -> None:
        """Something was done."""
        self._entries.setdefault((kind, about))

    def __contains__(self, kind: str) -> bool:
        return any(kind == own for own, _ in self._entries)

    @property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """What was done, the first first."""
        return tuple(self._entries)
