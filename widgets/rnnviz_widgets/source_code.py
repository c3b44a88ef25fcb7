"""Functions of a notebook written out again, with what they use: for code that a reader copies."""

from __future__ import annotations

import ast
import contextlib
import dis
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType, ModuleType
from typing import Any

PLAIN = (bool, int, float, str, list, tuple, dict, type(None))
LONGEST = 80
"""Characters of a plain value that is written out."""


@dataclass
class Definitions:
    """What must stand before some functions can be called."""

    imports: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Names of what cannot be written out: tensors, models, data."""
    begun: list[FunctionType] = field(default_factory=list)
    """Functions that are written or being written: some call themselves."""

    def lines(self) -> list[str]:
        """Return them as lines of Python, the missing ones named in a comment."""
        note = [f"# also from your notebook: {', '.join(self.missing)}"] if self.missing else []
        functions = [line for text in self.functions for line in ["", *text.splitlines()]]
        return [*sorted(self.imports), *note, *self.values, *functions]


def write_functions(functions: Sequence[Callable[..., Any]]) -> tuple[list[str], list[str]]:
    """Write functions as somebody would who wanted to call them elsewhere.

    Parameters
    ----------
    functions : sequence of callable

    Returns
    -------
    lines : list of str
        Imports, plain values and definitions that they need, in the order of Python.
    expressions : list of str
        For each function, what stands for it after those lines.

    Examples
    --------
    >>> import math
    >>> write_functions([math.sqrt])
    (['from math import sqrt'], ['sqrt'])
    """
    needed = Definitions()
    expressions = [
        _write(function, getattr(function, "__name__", "measure"), needed) for function in functions
    ]
    return needed.lines(), expressions


def _write(value: Any, name: str, needed: Definitions) -> str:
    """Note what `name` needs to stand for `value`, and return the expression that does."""
    if isinstance(value, ModuleType):
        called = "" if value.__name__ == name else f" as {name}"
        _add(needed.imports, f"import {value.__name__}{called}")
    elif home := _find_home(value):
        own = value.__qualname__
        _add(needed.imports, f"from {home} import {own}" + ("" if own == name else f" as {name}"))
    elif _is_plain(value):
        _add(needed.values, f"{name} = {value!r}")
    elif isinstance(value, FunctionType) and (text := _find_source(value)):
        if any(value is one for one in needed.begun) and name.isidentifier():
            return name
        needed.begun.append(value)
        is_lambda = value.__name__ == "<lambda>"
        for used, what in _list_used(value):
            _write(what, used, needed)
        if not is_lambda:
            needed.functions.append(text)  # below what it calls
        elif name.isidentifier():
            _add(needed.values, f"{name} = {text}")
        else:
            return text
    else:
        name = name if name.isidentifier() else "measure"
        _add(needed.missing, name)
    return name


def _add(lines: list[str], line: str) -> None:
    if line not in lines:
        lines.append(line)


def _is_plain(value: Any) -> bool:
    """Whether Python reads a value's own writing back as the same value, and it is short."""
    if not isinstance(value, PLAIN) or (isinstance(value, (str, list, tuple, dict)) and len(value) > LONGEST):
        return False
    text = repr(value)
    try:
        return len(text) <= LONGEST and bool(ast.literal_eval(text) == value)
    except (ValueError, SyntaxError):
        return False


def _find_home(value: Any) -> str | None:
    """Return the module that a function or class can be imported from, or none."""
    home, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if not home or home == "__main__" or not name.isidentifier():
        return None
    try:
        return home if getattr(importlib.import_module(home), name, None) is value else None
    except ImportError:
        return None


def _find_source(function: FunctionType) -> str | None:
    try:
        if function.__name__ != "<lambda>":
            return textwrap.dedent(inspect.getsource(function)).rstrip()
        source = "".join(inspect.findsource(function)[0])
        tree = ast.parse(source)
    except (OSError, SyntaxError, TypeError):
        return None
    # Several may stand on one line: the first instruction that has a place tells which it is.
    place = next(
        (
            (line, column)
            for line, _, column, end in function.__code__.co_positions()
            if line and column is not None and end and end > column
        ),
        None,
    )
    inside = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda) and place is not None and _contains(node.body, place)
    ]
    # Breadth first, so the innermost comes last.
    return ast.get_source_segment(source, inside[-1]) if inside else None


def _contains(node: ast.expr, place: tuple[int, int]) -> bool:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset) <= place < (node.end_lineno, node.end_col_offset)


def _list_used(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Name what a function takes from around it, with its value."""
    cells = function.__closure__ or ()
    for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
        with contextlib.suppress(ValueError):  # not assigned yet
            yield name, cell.cell_contents
    for name in dict.fromkeys(_list_globals(function.__code__)):
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _list_globals(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _list_globals(constant)
