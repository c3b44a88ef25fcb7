"""Functions are written out again with what they use, so that the copy runs elsewhere."""

from __future__ import annotations

import linecache
from typing import Any

import torch

from rnnviz_widgets.source_code import write_functions

NOTEBOOK = """
import math as m
import torch
from rnnviz.data import mackey_glass
scale, table, weights = 3, {"a": [1, None]}, torch.zeros(200)
far = float("inf")
def inner(n):
    return outer(n) if n < 0 else scale * m.floor(n)
def outer(n):
    "Calls one that stands above it, and is called by it."
    return inner(n) + len(table["a"]) + sum(k for k in range(scale))
def reads(n):
    return weights[n] + mackey_glass(n + 2).values[0] + torch.tensor(far)
pair = [lambda n: 2 * n, lambda n: (lambda k: k + 1)(n) + 3]
named = lambda n: outer(n) + 1
count = lambda n: 0 if n < 1 else count(n - 1) + 1
def calls(n):
    return named(n) + count(3)
def closed(size):
    def measure(n):
        return n + size
    return measure
"""


def run_notebook() -> dict[str, Any]:
    """Run it as a cell is: its source can be read again."""
    names: dict[str, Any] = {"__name__": "__main__"}
    linecache.cache["<cell>"] = (len(NOTEBOOK), None, NOTEBOOK.splitlines(keepends=True), "<cell>")
    exec(compile(NOTEBOOK, "<cell>", "exec"), names)
    return names


def run_copy(*functions: Any) -> tuple[list[Any], str]:
    lines, expressions = write_functions(functions)
    text = "\n".join(lines)
    names: dict[str, Any] = {}
    exec(text, names)
    return [eval(expression, names) for expression in expressions], text


def test_a_function_comes_with_all_that_it_calls() -> None:
    names = run_notebook()
    (outer, calls, closed), text = run_copy(names["outer"], names["calls"], names["closed"](7))
    assert [outer(4.5), calls(4.5), closed(1)] == [names["outer"](4.5), names["calls"](4.5), 8]
    assert "import math as m" in text
    assert "weights" not in text


def test_a_function_without_a_name_is_written_where_it_stands() -> None:
    first, second = run_notebook()["pair"]
    assert write_functions([first, second]) == (
        [],
        ["lambda n: 2 * n", "lambda n: (lambda k: k + 1)(n) + 3"],
    )


def test_what_cannot_be_written_out_is_named() -> None:
    _, text = run_copy(run_notebook()["reads"])
    assert "# also from your notebook: weights, far" in text
    assert "from rnnviz.data.mackey_glass import mackey_glass" in text
    assert "import torch" in text
    assert write_functions([torch.zeros(1).sum])[0] == ["# also from your notebook: sum"]
