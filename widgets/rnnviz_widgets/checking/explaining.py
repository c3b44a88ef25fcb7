"""Says in plain words what went wrong in a student's code, and where, and whether there is any code yet."""

from __future__ import annotations

import dis
import inspect
import linecache
import re
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any

from rnnviz_widgets.checking.running import Outcome, TookTooLongError

COMMON_IMPORTS = frozenset({"torch", "nn", "F", "np", "numpy", "math", "plt", "rv", "rw", "rnnviz"})
"""Names that a lesson's first cells import."""


def is_unwritten(outcome: Outcome) -> bool:
    """Whether this is a stub nobody has filled in: it raises NotImplementedError or holds ``...`` and nothing else.

    Examples
    --------
    >>> is_unwritten(Outcome(value=...))
    True
    >>> is_unwritten(Outcome(value=(1, ...)))
    False
    """
    error, value = outcome.error, outcome.value
    if isinstance(error, NotImplementedError):
        return _was_raised_by_hand(error)
    if isinstance(error, TypeError | AttributeError):
        return "ellipsis" in _message(error).lower()
    parts = value if type(value) in (list, tuple) else [value]
    return len(parts) > 0 and all(part is Ellipsis for part in parts)


def _was_raised_by_hand(error: BaseException) -> bool:
    """Whether a ``raise`` of Python code made it, not a routine of torch that knows no such kind of tensor."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None or place.tb_lasti < 0:
        return True
    return place.tb_frame.f_code.co_code[place.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def is_same_code(one: Any, other: Any) -> bool:
    """Whether two functions, or classes, are the very same code, comments, layout and their own names apart.

    Examples
    --------
    >>> is_same_code(lambda x: x + 1, lambda x: (x + 1))
    True
    >>> is_same_code(lambda x: x + 1, lambda x: x + 2)
    False
    """
    if isinstance(one, type) and isinstance(other, type):
        parts = [
            {name: part for name, part in vars(kind).items() if inspect.isfunction(part)}
            for kind in (one, other)
        ]
        return parts[0].keys() == parts[1].keys() and all(
            is_same_code(part, parts[1][name]) for name, part in parts[0].items()
        )
    if not (inspect.isfunction(one) and inspect.isfunction(other)):
        return False
    return _essence(one.__code__) == _essence(other.__code__)


def _essence(code: CodeType) -> tuple[object, ...]:
    constants = tuple(
        _essence(part) if isinstance(part, CodeType) else (type(part).__name__, repr(part))
        for part in code.co_consts
    )
    return code.co_code, code.co_names, code.co_varnames, constants


def find_missing_name(error: BaseException | None, function: Any, needs: frozenset[str]) -> str:
    """Return the name that a cell further up would have made, had it been run; or an empty text.

    Parameters
    ----------
    error : BaseException or None
        What ended the call.
    function : callable
        The function that was called.
    needs : frozenset of str
        Names that the cells above make.

    Returns
    -------
    str
    """
    if not isinstance(error, NameError) or isinstance(error, UnboundLocalError):
        return ""
    name = str(getattr(error, "name", "") or "")
    known = getattr(function, "__globals__", {})
    return name if name in needs and name not in known else ""


def explain_error(
    error: BaseException, function: Callable[..., Any], seconds: float, took: float = 0.0
) -> str:
    """Say in a sentence or two what went wrong in the student's code, with the line.

    Parameters
    ----------
    error : BaseException
        What ended the call.
    function : callable
        The function that was called.
    seconds : float
        The time it was given.
    took : float
        The time it took.

    Returns
    -------
    str
        "Line 3, `y = x @ W`: …", or without the line where it is not known.
    """
    sentence = _describe_error(error, seconds, took)
    place = _find_line(error.__traceback__, function)
    if place is None:
        return sentence[0].upper() + sentence[1:]
    number, text = place
    return f"Line {number}, `{text}`: {sentence}" if text else f"Line {number}: {sentence}"


def _find_line(traceback: TracebackType | None, function: Callable[..., Any]) -> tuple[int, str] | None:
    file = _find_file(function)
    found = None
    while traceback is not None:
        if file is not None and traceback.tb_frame.f_code.co_filename == file:
            found = traceback
        traceback = traceback.tb_next
    if found is None:
        return None
    text = linecache.getline(found.tb_frame.f_code.co_filename, found.tb_lineno).strip()
    return found.tb_lineno, text


def _find_file(function: Any) -> str | None:
    """Return the file, or the cell, in which a function or class is written."""
    if isinstance(function, type):
        function = next(filter(inspect.isfunction, vars(function).values()), None)
    code = getattr(function, "__code__", None)
    return code.co_filename if isinstance(code, CodeType) else None


def _message(error: BaseException) -> str:
    try:
        return str(error).strip().split("\n")[0]
    except BaseException:  # an error of the student's own making may not even tell its message
        return ""


def _describe_error(error: BaseException, seconds: float, took: float) -> str:
    message = _message(error)
    if isinstance(error, TookTooLongError):
        if took > 1.5 * seconds + 0.5:
            return (
                f"this took {took:.0f} seconds, and {seconds:g} are allowed. A single call of a compiled routine "
                "cannot be stopped: is something in it far too large?"
            )
        return f"this was still running after {seconds:g} seconds. Does a loop end?"
    if isinstance(error, SystemExit):
        return "this asks Python itself to end. To leave a function, use `return`."
    if isinstance(error, KeyboardInterrupt):
        return "this was interrupted, so nothing more was tried."
    if isinstance(error, GeneratorExit):
        return "this raises GeneratorExit, which only Python itself should do. To leave a function, use `return`."
    if isinstance(error, UnboundLocalError | NameError):
        name = getattr(error, "name", None) or (re.findall(r"'(\w+)'", message) or ["this name"])[0]
        if isinstance(error, UnboundLocalError):
            return f"`{name}` is used before it has a value."
        return f"Python does not know the name `{name}` here. Is it spelled as where it was made?"
    if isinstance(error, IndexError):
        return _describe_index_error(message)
    if (sentence := _describe_sizes(error, message)) is not None:
        return sentence
    if isinstance(error, TypeError) and "NoneType" in message:
        return f"something here is None: perhaps a function without `return`. (Python says: {message})"
    if isinstance(error, TypeError) and "indices must be integers" in message:
        return f"a list takes one whole number as its place. (Python says: {message})"
    if isinstance(error, TypeError) and "argument" in message:
        return f"the arguments do not fit the function. (Python says: {message})"
    if isinstance(error, ValueError) and "to unpack" in message:
        return f"there are not as many values as names to the left of the `=`. (Python says: {message})"
    if isinstance(error, AttributeError):
        return f"there is no such attribute. (Python says: {message})"
    if isinstance(error, KeyError):
        return f"there is no entry {message}."
    if isinstance(error, ZeroDivisionError):
        return "this divides by zero."
    if isinstance(error, RecursionError):
        return "the function calls itself without end."
    return f"{type(error).__name__}: {message}" if message else f"{type(error).__name__}."


def _describe_index_error(message: str) -> str:
    """Tell an index that is too large from one that is no index."""
    if "used as indices" in message or "valid indices" in message or "as indices must be" in message:
        return (
            "what stands in the brackets is no place. A mask must hold True and False, `mask.bool()`; places must be "
            f"whole numbers, `.long()`. (Python says: {message})"
        )
    if "too many indices" in message:
        return f"there are more indices in the brackets than axes. (Python says: {message})"
    if "shape of the mask" in message or "boolean index did not match" in message:
        return f"the mask has another shape than what it is to mask. (Python says: {message})"
    if "shape mismatch" in message:
        return f"the lists of places in the brackets differ in length. (Python says: {message})"
    if "0-dim" in message or "invalid index" in message:
        return f"this is a single number, which has no places. (Python says: {message})"
    if "empty" in message:
        return f"this list is empty. (Python says: {message})"
    return f"this index is beyond the end; the first is 0. (Python says: {message})"


def _describe_sizes(error: BaseException, message: str) -> str | None:
    if (misfit := re.search(r"\((\d+x\d+) and (\d+x\d+)\)", message)) is not None:
        left, right = (size.replace("x", "×") for size in misfit.groups())
        return f"a {left} matrix cannot be multiplied by a {right} one: the inner two numbers must agree."
    if isinstance(error, RuntimeError) and "size of tensor" in message:
        sizes = re.findall(r"\((\d+)\)", message)
        return f"two tensors of different sizes ({' and '.join(sizes)}) meet here. Print their shapes."
    if isinstance(error, RuntimeError) and "stack expects a non-empty" in message:
        return "there is nothing to stack: the list is empty."
    return None
