"""Calling generated code with arrays by name: shapes are checked once for each combination of shapes that is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from matcalc.code.source import Source
from matcalc.errors import MatcalcError
from matcalc.graph.node import full_shape
from matcalc.language.names import canonical, unicode_name

Convert = Callable[[Any], Any]


class Function:
    """A generated function, called with arrays by keyword in any spelling.

    ``source`` is its text, and ``compute`` the bare function, of arrays in the order of ``arguments``.
    """

    def __init__(
        self, made: Source, compute: Callable[..., Any], target: str, called: Callable[[str], str]
    ) -> None:
        self.source = made.text
        self._made = made
        self.compute = compute
        self._names = [str(node.data) for node, _ in made.arguments]
        self.arguments = tuple(map(called, self._names))  # as the derivation's `shapes` call them
        self._library = _LIBRARIES[target]()
        self._orders: dict[tuple[str, ...], list[str]] = {}  # keywords as given -> those of the arguments
        self._accepted: dict[tuple[object, ...], list[Convert]] = {}

    def __call__(self, *unnamed: object, **arrays: object) -> Any:
        order = self._orders.get(tuple(arrays))
        if order is None or unnamed:
            order = self._order(unnamed, arrays)
        given = [arrays[keyword] for keyword in order]
        key = self._library.key(given)
        converts = self._accepted.get(key)
        if converts is None:
            converts = self._accept(given, key)
        values = [convert(value) for convert, value in zip(converts, given, strict=True)]
        try:
            result = self.compute(*values)
        except MemoryError:
            raise MatcalcError("the value needs more memory than there is") from None
        except ArithmeticError as problem:
            raise MatcalcError(f"the value can't be computed: {problem}") from None
        except (ValueError, RuntimeError) as problem:
            if type(problem).__name__ not in ("LinAlgError", "_LinAlgError"):
                raise
            raise MatcalcError(f"the value can't be computed at these arrays: {problem}") from None
        own = self._library.own
        if type(result) is not tuple:
            return own(result, values)
        found: list[Any] = []
        for each in result:
            found.append(own(each, [*values, *found]))
        return tuple(found)

    def _order(self, unnamed: Sequence[object], arrays: Mapping[str, object]) -> list[str]:
        """The keywords of the arguments in their order."""
        if unnamed:
            named = ", ".join(f"{name}=…" for name in self._names)
            raise MatcalcError(f"arrays are given by name: {named}")
        given: dict[str, str] = {}
        written = {
            called: str(node.data) for node, called in self._made.arguments
        }  # lambda_ in the text, for λ
        for spelling in arrays:
            known = spelling in self._names
            name = spelling if known else canonical(spelling) or written.get(spelling, spelling)
            if name in given:
                raise MatcalcError(f"{spelling} is given twice, in two spellings")
            given[name] = spelling
        missing = [unicode_name(name) for name in self._names if name not in given]
        if missing:
            raise MatcalcError(f"no value was given for {', '.join(missing)}")
        order = [given[name] for name in self._names]
        if len(self._orders) < 100:
            self._orders[tuple(arrays)] = order
        return order

    def _accept(self, given: Sequence[Any], key: tuple[object, ...]) -> list[Convert]:
        """How each argument is converted, once the shapes have been found to be those of the variables."""
        import numpy as np

        from matcalc.verification.arrays import MOST, bind, dimensions

        nodes = [node for node, _ in self._made.arguments]
        converts: list[Convert] = self._library.converts(given, self._names)
        shapes = [np.shape(convert(value)) for convert, value in zip(converts, given, strict=True)]
        stand_ins = [np.broadcast_to(np.float64(0), shape) for shape in shapes]
        sizes = bind(nodes, dict(zip(self._names, stand_ins, strict=True)))
        for shape in self._made.largest:
            if math.prod(dimensions(full_shape(shape), sizes)) > MOST:
                raise MatcalcError("the value has parts that are too large to be computed")
        if len(self._accepted) < 100 and all(isinstance(part, tuple) or part in _NUMBERS for part in key):
            self._accepted[key] = converts
        return converts


_NUMBERS = (float, int)


class _NumPy:
    """Arrays of float64 or float32; numbers take the type of the arrays."""

    def __init__(self) -> None:
        import numpy as np

        self._array = np.ndarray
        self._np = np

    def key(self, given: Sequence[Any]) -> tuple[object, ...]:
        """What tells apart the arguments that need different conversions."""
        array = self._array
        return tuple([(value.shape, value.dtype) if type(value) is array else type(value) for value in given])

    def converts(self, given: Sequence[Any], names: Sequence[str]) -> list[Convert]:
        """The conversion of each argument; raises where one is no array of numbers."""
        from matcalc.verification.arrays import numeric

        np = self._np
        checked = [self._floating(value, name) for value, name in zip(given, names, strict=True)]
        single = any(value.dtype == np.float32 for value in checked if value.ndim)
        single = single and not any(value.dtype == np.float64 for value in checked if value.ndim)
        number = np.float32 if single else np.float64
        found: list[Convert] = []
        for value, array, name in zip(given, checked, names, strict=True):
            if array.ndim == 0 and array.dtype.kind == "f":
                found.append(number)
            elif array is value:
                found.append(_same)
            else:
                found.append(partial(numeric, name=name))
        return found

    def _floating(self, value: Any, name: str) -> Any:
        from matcalc.verification.arrays import numeric

        is_floating = isinstance(value, (self._array, self._np.floating)) and value.dtype.kind == "f"
        return self._np.asarray(value) if is_floating else numeric(value, name)

    def own(self, result: Any, others: Sequence[Any]) -> Any:
        """A result that is no view of ``others``, what was given and the results before it."""
        if type(result) is not self._array:
            return self._np.asarray(result, dtype=getattr(result, "dtype", float))
        if result.base is not None or any(result is value for value in others):
            return result.copy()
        return result


class _Jax:
    """Arrays of JAX, traced ones too."""

    def __init__(self) -> None:
        import jax.numpy as jnp

        self._jnp = jnp

    def key(self, given: Sequence[Any]) -> tuple[object, ...]:
        """What tells apart the arguments that need different conversions."""
        return tuple((value.shape, value.dtype) if hasattr(value, "aval") else type(value) for value in given)

    def converts(self, given: Sequence[Any], names: Sequence[str]) -> list[Convert]:
        """The conversion of each argument."""
        floating = self._jnp.floating
        return [
            _same
            if hasattr(value, "aval") and self._jnp.issubdtype(value.dtype, floating)
            else partial(self._array, name=name)
            for value, name in zip(given, names, strict=True)
        ]

    def _array(self, value: Any, name: str) -> Any:
        if hasattr(value, "aval"):  # those that are traced have one too
            return _real(value, name).astype(float)
        if isinstance(value, (int, float)):
            return self._jnp.asarray(float(value))  # which takes the type of the arrays that it meets
        return self._jnp.asarray(_floating(value, name))

    def own(self, result: Any, others: Sequence[Any]) -> Any:
        """A result as an array."""
        return result if hasattr(result, "aval") else self._jnp.asarray(result, dtype=float)


class _Torch:
    """Tensors of PyTorch."""

    def __init__(self) -> None:
        import torch

        self._torch = torch

    def key(self, given: Sequence[Any]) -> tuple[object, ...]:
        """What tells apart the arguments that need different conversions."""
        tensor = self._torch.Tensor
        return tuple(
            (value.shape, value.dtype) if isinstance(value, tensor) else type(value) for value in given
        )

    def converts(self, given: Sequence[Any], names: Sequence[str]) -> list[Convert]:
        """The conversion of each argument: all get the most precise type that one of them has."""
        import numpy as np

        arrays = [
            value if isinstance(value, self._torch.Tensor) else _floating(value, name)
            for value, name in zip(given, names, strict=True)
        ]
        kinds = {str(_real(each, name).dtype) for each, name in zip(arrays, names, strict=True) if each.ndim}
        single = bool(kinds) and all(kind.endswith("float32") for kind in kinds)
        number = self._torch.float32 if single else self._torch.float64

        def convert(value: Any, name: str) -> Any:
            if isinstance(value, self._torch.Tensor):
                return value.to(number)
            return self._torch.as_tensor(np.ascontiguousarray(_floating(value, name)), dtype=number).reshape(
                np.shape(value)
            )

        return [
            _same
            if isinstance(value, self._torch.Tensor) and value.dtype == number
            else partial(convert, name=name)
            for value, name in zip(given, names, strict=True)
        ]

    def own(self, result: Any, others: Sequence[Any]) -> Any:
        """A result that is no view of ``others``, what was given and the results before it."""
        tensor = self._torch.Tensor
        if not isinstance(result, tensor):
            return self._torch.as_tensor(result, dtype=self._torch.float64)
        if any(isinstance(value, tensor) and value.data_ptr() == result.data_ptr() for value in others):
            return result.clone()
        return result


def _floating(value: Any, name: str) -> Any:
    """An array of real floating point numbers; one that has such a type keeps it."""
    import numpy as np

    from matcalc.verification.arrays import numeric

    if isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind == "f":
        return np.asarray(value)
    try:
        return _real(numeric(value, name), name)
    except RuntimeError as problem:  # a tensor that is part of a graph
        raise MatcalcError(f"{name}: {problem}") from None


def _real(array: Any, name: str) -> Any:
    if "complex" in str(array.dtype):
        raise MatcalcError(f"{name}: real numbers are needed")
    return array


def _same(value: Any) -> Any:
    return value


_LIBRARIES: dict[str, Callable[[], Any]] = {"numpy": _NumPy, "jax": _Jax, "torch": _Torch}
