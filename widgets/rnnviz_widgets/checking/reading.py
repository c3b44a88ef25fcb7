"""Reads what came back from a student's code: whatever means the right value is read, the same way everywhere."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal

import numpy as np
import torch

from rnnviz_widgets.checking.wording import (
    count_items,
    describe_shape,
    format_value,
    name_kind,
    name_number,
)

Kind = Literal["tensor", "complex tensor", "tensors", "number", "whole number", "truth"]
Returns = Kind | tuple[Kind, ...]
"""What an answer should return: one thing, or several."""


class UnfitError(Exception):
    """Says why what came back is not what can be checked."""


NOTHING = "Nothing came back. Is there a `return`?"


def read_answer(value: Any, returns: Returns) -> Any:
    """Read what a student's code returned.

    Tensors, parameters, arrays, lists, tuples and single numbers of torch, numpy and Python are all read alike,
    whatever their precision, and without what autograd knows of them.

    Parameters
    ----------
    value : object
        What came back.
    returns : str or tuple of str
        What should have come back: "tensor", "complex tensor", "tensors" (a list of any length), "number",
        "whole number" or "truth"; or a tuple of these where several should.

    Returns
    -------
    torch.Tensor, float, int, bool, list or tuple
        A tensor of float64 (whole numbers and truths as they are), or a number, or True or False. Of several, a part
        that cannot be read is the `UnfitError` that says so.

    Raises
    ------
    UnfitError
        In words, if it cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> read_answer(np.float32(0.5), "number"), read_answer(np.bool_(True), "truth")
    (0.5, True)
    >>> read_answer([torch.ones(2), (1, 2)], ("tensor", "tensor"))[1]
    tensor([1, 2])
    """
    if value is None:
        raise UnfitError(NOTHING)
    if isinstance(returns, str):
        return _READERS[returns](value)
    parts = _split(value, returns)
    read: list[Any] = []
    for part, kind in zip(parts, returns, strict=True):
        try:
            read.append(read_answer(part, kind))
        except UnfitError as error:
            read.append(error)
    return tuple(read)


def require_parts(value: Any) -> Any:
    """Return what was read, or raise the first `UnfitError` among its parts."""
    for part in value if isinstance(value, tuple) else ():
        if isinstance(part, UnfitError):
            raise part
    return value


def read_tensors(value: Any, count: int) -> Any:
    """Read what came back as so many tensors.

    Parameters
    ----------
    value : object
        What a student's function returned.
    count : int
        How many tensors are expected: one is read by itself, several from a tuple, a list, or a stacked tensor.

    Returns
    -------
    torch.Tensor or tuple of torch.Tensor
        Without what autograd knows of them.

    Raises
    ------
    UnfitError
        In words, if these are not so many, or no tensor.

    Examples
    --------
    >>> read_tensors([torch.ones(2), torch.zeros(2)], 1).shape
    torch.Size([2, 2])
    >>> read_tensors((torch.ones(2), [1, 2, 3]), 2)[1]
    tensor([1, 2, 3])
    """
    kinds: tuple[Kind, ...] = tuple("tensor" for _ in range(count))
    return require_parts(read_answer(value, kinds if count > 1 else "tensor"))


def _split(value: Any, returns: tuple[Kind, ...]) -> Sequence[Any]:
    whats = "tensors" if set(returns) == {"tensor"} else "things"
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 0 and len(value) == len(returns):
        return list(value)
    if isinstance(value, dict | AbstractSet):
        raise UnfitError(
            f"{name_kind(value).capitalize()} came back; return {len(returns)} {whats}, with a comma."
        )
    if not isinstance(value, list | tuple):
        raise UnfitError(
            f"Only {name_kind(value)} came back; {len(returns)} {whats} are expected, with a comma between them."
        )
    if len(value) != len(returns):
        raise UnfitError(f"{count_items(len(value))} came back instead of {len(returns)}.")
    return value


def read_tensor(value: Any, *, wanted: str = "A tensor") -> torch.Tensor:
    """Make one tensor of numbers, arrays, lists and tensors; floats in double precision.

    Raises
    ------
    UnfitError
        In words, if no tensor can be made of it.
    """
    if isinstance(value, torch.Tensor):
        return _settle(value)
    if value is ... or (isinstance(value, list | tuple) and any(part is ... for part in value)):
        raise UnfitError("There is still a … in what came back.")
    if isinstance(value, str | bytes | AbstractSet | Mapping) or value is None:
        raise UnfitError(f"{wanted} was expected; this is {name_kind(value)}.")
    try:
        if isinstance(value, np.ndarray | np.generic):
            return _settle(_from_array(value))
        if isinstance(value, numbers.Number) and not isinstance(value, bool | int | float | complex):
            return torch.tensor(float(value), dtype=torch.float64)  # type: ignore[arg-type]
        if isinstance(value, bool | int | float | complex):
            return _from_array(np.asarray(_fit(value)))
        if isinstance(value, Sequence):
            return _stack(value)
        if hasattr(value, "__array__"):
            return _settle(_from_array(np.asarray(value)))
    except UnfitError:
        raise
    except Exception as error:  # what came back may be anything at all
        raise UnfitError(f"{wanted} was expected; this is {name_kind(value)}.") from error
    if hasattr(value, "__next__"):
        raise UnfitError(
            f"{wanted} was expected; this is {name_kind(value)}, which has not counted anything yet. `list(…)` makes "
            "it do so."
        )
    raise UnfitError(f"{wanted} was expected; this is {name_kind(value)}.")


def _settle(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.layout != torch.strided:
        raise UnfitError("This tensor is stored in a sparse way. Return it with every number: `.to_dense()`.")
    if tensor.device.type == "meta":
        raise UnfitError("This tensor has a shape but no numbers: it is on the device `meta`.")
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.is_complex():
        return tensor.to("cpu", torch.complex128).resolve_conj()
    if tensor.is_floating_point():
        return tensor.to("cpu", torch.float64)
    return tensor.cpu()


def _from_array(array: Any) -> torch.Tensor:
    array = np.asarray(array)
    if array.dtype.kind in "US":
        raise UnfitError("Numbers were expected; this is an array of texts.")
    if array.dtype.kind == "O":
        return _stack(array.tolist()) if array.ndim else read_tensor(array.item())
    if array.dtype.kind in "mM":
        raise UnfitError("Numbers were expected; this is an array of dates or times.")
    if array.dtype.kind == "f":
        array = array.astype(np.float64)
    # A copy of its own: torch knows neither arrays that run backwards nor those that cannot be written to.
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C", copy=True))


def _fit(value: complex) -> complex:
    """Python's whole numbers have no end; those that torch cannot hold become floats."""
    return float(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def _stack(value: Sequence[Any]) -> torch.Tensor:
    if len(value) == 0:
        return torch.empty(0, dtype=torch.float64)
    if all(type(part) in (int, float) for part in value):
        return (
            torch.tensor([float(part) for part in value], dtype=torch.float64)
            if any(type(part) is float or abs(part) >= 2**63 for part in value)
            else torch.tensor(list(value))
        )
    try:
        parts = [read_tensor(part) for part in value]
    except UnfitError as error:
        text = next((part for part in value if isinstance(part, str | bytes)), None)
        if text is None:
            raise
        raise UnfitError(f"Numbers were expected; this is {name_kind(value)} with text in it.") from error
    if len({part.shape for part in parts}) > 1:
        raise UnfitError(f"The parts of this {type(value).__name__} differ in length, so it makes no tensor.")
    kind = parts[0].dtype
    for part in parts:
        kind = torch.promote_types(kind, part.dtype)
    return torch.stack([part.to(kind) for part in parts])


def _read_real(value: Any) -> torch.Tensor:
    tensor = read_tensor(value)
    if tensor.is_complex():
        raise UnfitError("These are complex numbers; real ones were expected. `.real` is the real part.")
    return tensor


def _read_list(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 0:
        return [_read_real(part) for part in value]
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise UnfitError(f"A list of tensors was expected; this is {name_kind(value)}.")
    return [_read_real(part) for part in value]


def _read_single(value: Any, wanted: str) -> torch.Tensor:
    tensor = read_tensor(value, wanted=wanted)
    if (said := describe_shape((), tensor)) is not None:
        raise UnfitError(said)
    return tensor


def read_number(value: Any) -> float:
    """Read one number, and leave a whole one whole."""
    tensor = _read_single(value, "A number")
    if tensor.dtype == torch.bool:
        raise UnfitError(f"{bool(tensor)} came back; a number is expected.")
    if tensor.is_complex():
        raise UnfitError("This is a complex number; a real one was expected. `.real` is the real part.")
    number: float = tensor.item()
    return number


def read_whole(value: Any) -> int:
    """Read a whole number, also where it comes as 3.0."""
    number = read_number(value)
    if not float(number).is_integer():
        raise UnfitError(f"{name_number(number)} came back; a whole number is expected.")
    return int(number)


def read_truth(value: Any) -> bool:
    """Read True or False."""
    if isinstance(value, bool):
        return value
    unfit = f"{format_value(value)} came back; it should be True or False."
    try:
        tensor = read_tensor(value)
    except UnfitError as error:
        raise UnfitError(unfit) from error
    if tensor.dtype != torch.bool or tensor.ndim > 0:
        raise UnfitError(unfit)
    return bool(tensor)


_READERS = {
    "tensor": _read_real,
    "complex tensor": read_tensor,
    "tensors": _read_list,
    "number": read_number,
    "whole number": read_whole,
    "truth": read_truth,
}


def holds_nan(value: Any) -> bool:
    """Whether there is a NaN in what was read, or in a call's arguments."""
    if isinstance(value, torch.Tensor):
        return (value.is_floating_point() or value.is_complex()) and bool(value.isnan().any())
    if isinstance(value, float):
        return value != value
    if isinstance(value, list | tuple):
        return any(holds_nan(part) for part in itertools.islice(value, 10_000))
    return False
