"""The search for cycles among objects, put off while a formula is derived."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Don't look for cycles meanwhile: a derivation makes many objects and no cycles, and most of them stay to its end.

    Python looks for cycles each time some hundred objects were made, which takes a fifth of the time of a derivation.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
