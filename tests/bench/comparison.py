"""Whether contestants give the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def agree(results: Mapping[Any, Any], tolerance: float = 1e-8) -> None:
    """Fail where results, each an array or a tuple of them, are not the same to rounding."""
    (_, first), *others = results.items()
    for name, other in others:
        for expected, found in zip(_parts(first), _parts(other), strict=True):
            assert found.shape == expected.shape, (name, found.shape, expected.shape)
            error = np.abs(found - expected).max() / max(1e-300, np.abs(expected).max())
            assert error < tolerance, (name, error)


def _parts(result: Any) -> list[Any]:
    return [np.asarray(part) for part in (result if isinstance(result, tuple) else (result,))]
