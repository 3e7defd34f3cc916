"""What rewriters of expressions share: operands before the values that use them, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from matcalc.code.expression import Arrays, Expression, ordered


class Rewriting:
    """Rewrites expressions; what is used more than once, or has a name (``kept``), stays as it is."""

    def __init__(self, arrays: Arrays, kept: Collection[Expression]) -> None:
        self._arrays = arrays
        self._kept = kept
        self._uses: Counter[Expression] = Counter()
        self._done: dict[Expression, Expression] = {}

    def of(self, outputs: Sequence[Expression]) -> list[Expression]:
        """The same values, written otherwise."""
        order = ordered(outputs)
        self._uses.update(arg for value in order for arg in value.args)
        self._uses.update(outputs)
        for value in order:
            self._done[value] = self._rewritten(value)
        return [self._done[value] for value in outputs]

    def moved(self, value: Expression) -> Expression:
        """What an expression has become."""
        return self._done.get(value, value)

    def _rewritten(self, value: Expression) -> Expression:
        """What a value becomes, whose operands are done."""
        raise NotImplementedError

    def _is_loose(self, value: Expression) -> bool:
        return self._uses[value] <= 1 and value not in self._kept
