"""Writes values as short as they can be read, and says in words how two of them differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from rnnviz_widgets.checking.running import TookTooLongError

LONGEST = 400
"""Characters of a value that are shown."""
ITEMS = 60
"""Numbers of a tensor, or items of a list, that are shown; of a longer one only its size."""

RUN_ABOVE = (
    "`{}` is not there yet: a cell further up makes it. Run the cells above first (in JupyterLab: Run ▸ Run All Above "
    "Selected Cell), then this one again."
)


def describe_difference(expected: Any, got: Any, tolerance: float) -> str | None:
    """Say how a value differs from the expected one, or return None if it does not.

    Parameters
    ----------
    expected, got : object
        Numbers, texts, tensors, arrays, or lists, tuples and dicts of such.
    tolerance : float
        Largest difference of two numbers that count as equal.

    Returns
    -------
    str or None
        A sentence.

    Examples
    --------
    >>> describe_difference(2.0, 2.5, tolerance=1e-5)
    'The difference is 0.5.'
    """
    from rnnviz_widgets.checking import reading

    if got is None and expected is not None:
        return reading.NOTHING
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        if len(expected) != len(got):
            return f"{count_items(len(got))} came back instead of {len(expected)}."
        for place, (one, other) in enumerate(zip(expected, got, strict=True)):
            if (difference := describe_difference(one, other, tolerance)) is not None:
                return f"Item {place}: {difference[0].lower()}{difference[1:]}"
        return None
    if isinstance(expected, dict) and isinstance(got, dict):
        if expected.keys() != got.keys():
            return f"The entries are {_names(got)}; they should be {_names(expected)}."
        for name, one in expected.items():
            if (difference := describe_difference(one, got[name], tolerance)) is not None:
                return f"Entry {name!r}: {difference[0].lower()}{difference[1:]}"
        return None
    if isinstance(expected, bool):
        try:
            same = reading.read_truth(got) == expected
        except reading.UnfitError:
            same = False
        return None if same else f"{format_value(got)} came back instead of {expected}."
    if isinstance(expected, str | dict) or expected is None:
        if type(expected) is type(got) and expected == got:
            return None
        return f"{format_value(got)} came back instead of {format_value(expected)}."
    try:
        one = reading.read_tensor(expected)
        other = reading.read_tensor(got, wanted=name_kind(expected).capitalize())
    except reading.UnfitError as error:
        return str(error)
    return _describe_numbers(one, other, tolerance)


def _describe_numbers(one: torch.Tensor, other: torch.Tensor, tolerance: float) -> str | None:
    if other.is_complex() and not one.is_complex():
        return "These are complex numbers; real ones were expected. `.real` is the real part."
    # Whole numbers are counts or places: those are right or wrong, however large.
    inexact = one.is_floating_point() or other.is_floating_point()
    kind = torch.complex128 if one.is_complex() else torch.float64
    one, other = one.to(kind), other.to(kind)
    if (difference := describe_shape(one.shape, other)) is not None:
        return difference
    if not (inexact or one.is_complex()):
        tolerance = 0.0
    wrong = ~torch.isclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True)
    if not wrong.any():
        return None
    if other.isnan().any() and not one.isnan().any():
        return NOT_A_NUMBER
    if one.ndim == 0:
        return f"The difference is {float((one - other).abs()):.3g}."
    first = tuple(wrong.nonzero()[0].tolist())
    numbers = f"{name_number(other[first])} instead of {name_number(one[first])}."
    count = int(wrong.sum())
    if wrong.numel() == 1:
        return f"The only number differs: {numbers}"
    if count == 1:
        return f"1 of the {wrong.numel()} numbers differs, the one at {list(first)}: {numbers}"
    return f"{count} of the {wrong.numel()} numbers differ; the first at {list(first)}: {numbers}"


NOT_A_NUMBER = "There is a NaN (not a number) in it: a division 0/0, the logarithm of a negative, or ∞ − ∞."


def describe_shape(expected: Sequence[int], got: torch.Tensor) -> str | None:
    """Say how a tensor's shape differs from the expected one, or return None if it does not.

    Parameters
    ----------
    expected : sequence of int
        The shape that is expected; empty for a single number.
    got : torch.Tensor
        What came back.

    Returns
    -------
    str or None
        A sentence, the same for every property of an exercise, so that the page tells it once.

    Examples
    --------
    >>> describe_shape((2, 3), torch.zeros(3, 2))
    'The shape is (3, 2); it should be (2, 3).'
    >>> describe_shape((), torch.zeros(1))
    'The shape is (1,); it should be a single number.'
    """
    wanted = torch.Size(expected)
    if got.shape == wanted:
        return None
    if got.ndim == 0:
        return f"A single number came back; the shape should be {_shape(wanted)}."
    should_be = _shape(wanted) if wanted else "a single number"
    return f"The shape is {_shape(got.shape)}; it should be {should_be}."


def format_value(value: Any) -> str:
    """Write a value as short as it can be read, whatever it is.

    Examples
    --------
    >>> format_value(torch.tensor([[0.0, 1.5]]))
    '[[0, 1.5]]'
    """
    try:
        text = _write(value)
    except TookTooLongError:
        raise
    except BaseException:  # a student's own object may raise anything where it should describe itself
        text = f"{name_kind(value)} that does not say what it holds"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _write(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        if value.numel() > ITEMS:
            return f"tensor of shape {_shape(value.shape)}"
        try:
            return _nested(value.detach().to_dense().tolist())
        except (NotImplementedError, RuntimeError):  # some kinds of tensor hold no numbers to be written
            return f"tensor of shape {_shape(value.shape)}"
    if hasattr(value, "tolist") and hasattr(value, "shape"):
        if getattr(value, "size", 0) > ITEMS:
            return f"array of shape {_shape(value.shape)}"
        return _nested(value.tolist())
    if type(value) in (list, tuple):
        if len(value) > ITEMS:
            return f"{type(value).__name__} of {len(value)} items"
        inside = ", ".join(format_value(part) for part in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    return name_number(value) if isinstance(value, float) else "…" if value is ... else repr(value)


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(part) for part in value)}]"
    return name_number(value) if isinstance(value, float) else str(value)


def name_number(value: Any) -> str:
    """Write a number in five digits."""
    text = f"{value.item() if isinstance(value, torch.Tensor) else value:.5g}"
    return "0" if text == "-0" else text


def _shape(shape: Iterable[int]) -> str:
    sizes = [str(size) for size in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def name_kind(value: Any) -> str:
    """Say what kind of thing this is: "a list", "an array"."""
    name = type(value).__name__
    names = {
        "ndarray": "array",
        "int": "number",
        "float": "number",
        "Tensor": "tensor",
        "str": "text",
        "NoneType": "None",
        "ellipsis": "…",
    }
    kind = names.get(name, name)
    if kind in ("None", "…", "text"):
        return kind
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def _names(entries: Iterable[Any]) -> str:
    return ", ".join(repr(name) for name in entries) or "none"


def count_items(number: int) -> str:
    """Say how many there are."""
    return "1 item" if number == 1 else f"{number} items"
