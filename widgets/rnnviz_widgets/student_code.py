"""Runs code that may be unfinished, wrong or endless, and says in plain words what went wrong, and where."""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import io
import linecache
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any

PRINTED_AT_MOST = 600
"""Characters of a student's own printing that are shown."""
LINES_AT_MOST = 8
"""Lines of it."""


class TookTooLongError(BaseException):
    """Raised inside code that ran past its time; no ``except Exception`` of the student's can swallow it."""


@dataclass(frozen=True)
class Outcome:
    """What a call came to: a value or an error, and what was printed on the way."""

    value: Any = None
    error: BaseException | None = None
    printed: str = ""


def call_bounded(function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> Outcome:
    """Call a function and give up after `seconds`.

    Only Python code can be stopped: a single call of a compiled routine is waited for.

    Parameters
    ----------
    function : callable
        The student's function.
    arguments : tuple
        Its arguments.
    seconds : float
        When to give up.

    Returns
    -------
    Outcome
        The value, or the error that ended it (`TookTooLongError` when time ran out, `SystemExit` when the
        code asked Python to end), and what was printed.

    Examples
    --------
    >>> call_bounded(abs, (-2,), seconds=1.0).value
    2
    """
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), _time_limit(seconds):
            value = function(*arguments)
        return Outcome(value=value, printed=_shorten(printed.getvalue()))
    except (Exception, SystemExit, TookTooLongError) as error:
        return Outcome(error=error, printed=_shorten(printed.getvalue()))


def _shorten(printed: str) -> str:
    lines = printed[:PRINTED_AT_MOST].splitlines(keepends=True)
    short = "".join(lines[:LINES_AT_MOST])
    return f"{short}…" if len(short) < len(printed) else short


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    # A watcher raises the error inside this thread. Signals would do it too, but not on Windows.
    here = ctypes.c_ulong(threading.get_ident())
    raise_here = ctypes.pythonapi.PyThreadState_SetAsyncExc
    finished = threading.Event()
    lock = threading.Lock()

    def watch() -> None:
        # Again and again: a bare `except:` in a student's loop may swallow the first.
        wait = seconds
        while not finished.wait(wait):
            with lock:
                if not finished.is_set():
                    raise_here(here, ctypes.py_object(TookTooLongError))
            wait = 0.05

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        while not finished.is_set():
            # The error may still arrive here, a moment late; the watcher has to be told all the same.
            with contextlib.suppress(TookTooLongError), lock:
                finished.set()
                # One that was sent but has not arrived yet must not hit whoever runs next.
                raise_here(here, None)


def is_unwritten(outcome: Outcome) -> bool:
    """Whether this is a stub nobody has filled in: it raises NotImplementedError or holds ``...`` and nothing else.

    Examples
    --------
    >>> is_unwritten(Outcome(value=...))
    True
    >>> is_unwritten(Outcome(value=(1, ...)))
    False
    """
    error = outcome.error
    parts = outcome.value if isinstance(outcome.value, list | tuple) else [outcome.value]
    return (
        (len(parts) > 0 and all(part is Ellipsis for part in parts))
        or isinstance(error, NotImplementedError)
        or (isinstance(error, TypeError | AttributeError) and "ellipsis" in str(error).lower())
    )


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


def explain_error(error: BaseException, function: Callable[..., Any], seconds: float) -> str:
    """Say in a sentence or two what went wrong in the student's code, with the line.

    Parameters
    ----------
    error : BaseException
        What ended the call.
    function : callable
        The function that was called.
    seconds : float
        The time it was given.

    Returns
    -------
    str
        "Line 3, `y = x @ W`: …", or without the line where it is not known.
    """
    sentence = _describe_error(error, seconds)
    place = _find_line(error.__traceback__, function)
    if place is None:
        return sentence[0].upper() + sentence[1:]
    number, text = place
    return f"Line {number}, `{text}`: {sentence}" if text else f"Line {number}: {sentence}"


def _find_line(traceback: TracebackType | None, function: Callable[..., Any]) -> tuple[int, str] | None:
    code = getattr(function, "__code__", None)
    found = None
    while traceback is not None:
        frame = traceback.tb_frame
        if code is not None and frame.f_code.co_filename == code.co_filename:
            found = traceback
        traceback = traceback.tb_next
    if found is None:
        return None
    text = linecache.getline(found.tb_frame.f_code.co_filename, found.tb_lineno).strip()
    return found.tb_lineno, text


def _describe_error(error: BaseException, seconds: float) -> str:
    message = str(error).strip().split("\n")[0]
    if isinstance(error, TookTooLongError):
        return f"this was still running after {seconds:g} seconds. Does a loop end?"
    if isinstance(error, SystemExit):
        return "this asks Python itself to end. To leave a function, use `return`."
    if isinstance(error, UnboundLocalError | NameError):
        name = getattr(error, "name", None) or (re.findall(r"'(\w+)'", message) or ["this name"])[0]
        if isinstance(error, UnboundLocalError):
            return f"`{name}` is used before it has a value."
        return f"Python does not know the name `{name}` here. Is it spelled as where it was made?"
    if (misfit := re.search(r"\((\d+x\d+) and (\d+x\d+)\)", message)) is not None:
        left, right = (size.replace("x", "×") for size in misfit.groups())
        return f"a {left} matrix cannot be multiplied by a {right} one: the inner two numbers must agree."
    if isinstance(error, RuntimeError) and "size of tensor" in message:
        sizes = re.findall(r"\((\d+)\)", message)
        return f"two tensors of different sizes ({' and '.join(sizes)}) meet here. Print their shapes."
    if isinstance(error, TypeError) and "NoneType" in message:
        return f"something here is None: perhaps a function without `return`. (Python says: {message})"
    if isinstance(error, TypeError) and "argument" in message:
        return f"the arguments do not fit the function. (Python says: {message})"
    if isinstance(error, ValueError) and "to unpack" in message:
        return f"there are not as many values as names to the left of the `=`. (Python says: {message})"
    if isinstance(error, AttributeError):
        return f"there is no such attribute. (Python says: {message})"
    if isinstance(error, IndexError):
        return f"this index is beyond the end; the first is 0. (Python says: {message})"
    if isinstance(error, KeyError):
        return f"there is no entry {message}."
    if isinstance(error, ZeroDivisionError):
        return "this divides by zero."
    if isinstance(error, RecursionError):
        return "the function calls itself without end."
    return f"{type(error).__name__}: {message}" if message else f"{type(error).__name__}."
