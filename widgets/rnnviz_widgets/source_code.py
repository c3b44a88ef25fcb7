"""Functions of a notebook written out again, with what they use: for code that a reader copies."""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import importlib
import inspect
import itertools
import keyword
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
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
    definitions: list[str] = field(default_factory=list)
    """Plain values and functions, each below what it needs."""
    missing: list[str] = field(default_factory=list)
    """Names of what cannot be written out: tensors, models, data."""
    names: dict[str, Any] = field(default_factory=dict)
    """What each name stands for: closures of one factory call different things alike."""
    begun: list[FunctionType] = field(default_factory=list)
    """Functions that are written or being written: some call themselves."""

    def lines(self) -> list[str]:
        """Return them as lines of Python, the missing ones named in a comment."""
        lines = sorted(self.imports)
        if self.missing:
            lines.append(f"# also from your notebook: {', '.join(self.missing)}")
        below = False
        for text in self.definitions:
            is_function = text.startswith(("def ", "async "))
            lines += [*([""] if is_function or below else []), *text.splitlines()]
            below = is_function
        return lines

    def find(self, value: Any) -> str | None:
        """Return the name that something other than a plain value already has."""
        return next((name for name, one in self.names.items() if one is value), None)

    def name(self, value: Any, wanted: str) -> tuple[str, bool]:
        """Return a name that stands for this value alone, and whether it is a new one."""
        for name in itertools.chain([wanted], (f"{wanted}_{k}" for k in itertools.count(2))):
            if name not in self.names:
                self.names[name] = value
                return name, True
            if _is_same(self.names[name], value):
                return name, False
        raise AssertionError("there is always one more number")


def write_functions(functions: Mapping[str, Callable[..., Any]]) -> tuple[list[str], list[str]]:
    """Write functions as one would to call them elsewhere.

    Parameters
    ----------
    functions : mapping of str to callable
        What the reader knows each by → the function. What cannot be written out is named after that.

    Returns
    -------
    lines : list of str
        Imports, plain values and definitions that they need, in the order of Python.
    expressions : list of str
        For each function, what stands for it after those lines.

    Examples
    --------
    >>> import math
    >>> write_functions({"square root": math.sqrt})
    (['from math import sqrt'], ['sqrt'])
    """
    needed = Definitions()
    expressions = [
        _write(function, getattr(function, "__name__", ""), needed, missed=_make_name(known))
        for known, function in functions.items()
    ]
    return needed.lines(), expressions


def _make_name(words: str) -> str:
    """Make a name for Python of words for a reader."""
    name = re.sub(r"\W+", "_", words).strip("_").lower()
    return name if name.isidentifier() and not keyword.iskeyword(name) else "measure"


def _write(value: Any, name: str, needed: Definitions, missed: str | None = None) -> str:
    """Note what is needed to write `value`, called `name` where possible, and return the expression for it."""
    if _is_plain(value):
        given, is_new = needed.name(value, name)
        if is_new:
            needed.definitions.append(f"{given} = {value!r}")
        return given
    if known := needed.find(value):
        return known
    if isinstance(value, ModuleType):
        given, _ = needed.name(value, name)
        called = "" if value.__name__ == given else f" as {given}"
        needed.imports.append(f"import {value.__name__}{called}")
        return given
    if home := _find_home(value):
        own = value.__qualname__
        given, _ = needed.name(value, name)
        needed.imports.append(f"from {home} import {own}" + ("" if own == given else f" as {given}"))
        return given
    if isinstance(value, FunctionType) and (text := _find_source(value)):
        written = _write_function(value, text, name, needed)
        if written is not None:
            return written
    given = needed.find(value) or needed.name(value, missed or name)[0]
    needed.missing.append(given)
    return given


def _write_function(function: FunctionType, text: str, name: str, needed: Definitions) -> str | None:
    """Write a function and what it uses; None where its text cannot be changed as it must be."""
    is_lambda = function.__name__ == "<lambda>"
    wanted = name if is_lambda else function.__name__
    if wanted.isidentifier():
        needed.name(function, wanted)  # before what it uses, since that may call it
    elif any(function is one for one in needed.begun):
        return text
    needed.begun.append(function)
    renamed = {}
    for used, what in _list_used(function):
        if what is function and needed.find(function) is None:
            needed.name(function, used)  # a lambda that calls itself needs a name
        if (written := _write(what, used, needed)) != used:
            renamed[used] = written
    own = needed.find(function)
    changed = _change_text(function, text, own, renamed, needed)
    if changed is None or own is None:
        return changed
    needed.definitions.append(f"{own} = {changed}" if is_lambda else changed)
    return own


def _change_text(
    function: FunctionType, text: str, own: str | None, renamed: dict[str, str], needed: Definitions
) -> str | None:
    """Put new names, and what its defaults and annotations stand for, into a function's text."""
    is_lambda = function.__name__ == "<lambda>"
    if is_lambda:
        text = f"({text})"  # it may go over several lines
    (statement,) = ast.parse(text).body
    node = statement.value if isinstance(statement, ast.Expr) else statement
    assert isinstance(node, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef))
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    inner = [part for statement in body for part in ast.walk(statement)]
    if renamed.keys() & set(_list_bound(inner)):
        return None
    changes: list[tuple[ast.expr, str | None, str]] = [
        (part, part.id, renamed[part.id])
        for part in inner
        if isinstance(part, ast.Name) and part.id in renamed
    ]
    for argument, default, value in _pair_defaults(function, node.args):
        if not isinstance(default, ast.Constant):
            # What it was when the function was made, which its name may no longer stand for.
            new = repr(value) if _is_plain(value) else _write(value, argument, needed)
            changes.append((default, ast.get_source_segment(text, default), new))
    for annotation in _list_annotations(node):
        for part in ast.walk(annotation):
            if not isinstance(part, ast.Name) or part.id in vars(builtins):
                continue
            if part.id not in function.__globals__:
                return None
            changes.append((part, part.id, _write(function.__globals__[part.id], part.id, needed)))
    raw = text.encode()  # columns are counted in bytes
    starts = [0, *itertools.accumulate(map(len, raw.splitlines(keepends=True)))]

    def find(line: int | None, column: int | None) -> int:
        assert line is not None
        assert column is not None
        return starts[line - 1] + column

    places = [
        (find(part.lineno, part.col_offset), find(part.end_lineno, part.end_col_offset), old, new)
        for part, old, new in changes
    ]
    if own is not None and not is_lambda and own != function.__name__:
        # Of a function without decorators the first name after "def".
        at = raw.index(function.__name__.encode(), raw.index(b"def ") + 4)
        places.append((at, at + len(function.__name__.encode()), function.__name__, own))
    for start, end, old, new in sorted(places, key=lambda place: -place[0]):
        if raw[start:end].decode() != old:
            return None
        raw = raw[:start] + new.encode() + raw[end:]
    changed = raw.decode()
    return changed[1:-1] if is_lambda and "\n" not in changed else changed


def _list_bound(nodes: list[ast.AST]) -> Iterator[str]:
    """Names that functions inside a function bind in other ways than by assignment."""
    for node in nodes:
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)):
            yield node.name or ""
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]


def _pair_defaults(function: FunctionType, arguments: ast.arguments) -> Iterator[tuple[str, ast.expr, Any]]:
    """Each argument that has a default, as it is written and as it is."""
    by_place = [*arguments.posonlyargs, *arguments.args]
    for one, default, value in zip(
        reversed(by_place), reversed(arguments.defaults), reversed(function.__defaults__ or ()), strict=False
    ):
        yield one.arg, default, value
    for one, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            yield one.arg, keyword_default, (function.__kwdefaults__ or {})[one.arg]


def _list_annotations(node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    given = node.args
    for one in [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]:
        if one is not None and one.annotation is not None:
            yield one.annotation
    if not isinstance(node, ast.Lambda) and node.returns is not None:
        yield node.returns


def _is_same(one: Any, other: Any) -> bool:
    return one is other or (
        _is_plain(one) and _is_plain(other) and type(one) is type(other) and repr(one) == repr(other)
    )


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
    """Return the text of a function; None where it is not at hand, or not all that the function does."""
    if hasattr(function, "__wrapped__"):
        return None  # the text would be that of the function inside
    try:
        if function.__name__ != "<lambda>":
            text = textwrap.dedent(inspect.getsource(function)).rstrip()
            (node,) = ast.parse(text).body
            is_plain = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list
            return text if is_plain else None
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
