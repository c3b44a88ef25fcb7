"""Functions are written out again with what they use, so that the copy runs elsewhere."""

from __future__ import annotations

import linecache
from functools import partial
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
def factory(size, é="ü"):
    def measure(n):
        def inside(m): return é + str(m + size)  # size
        return inside(n) if n >= 0 else measure(-n)
    return measure
def shadow(size):
    def measure(n):
        return size + sum(map(lambda size: size + 1, [n]))
    return measure
def short(size):
    return lambda n: size * n
late = [lambda n, k=k: n * k for k in (5, 6)]
alias = outer
def hints(n: int, table: torch.Tensor | None = None, *, call=named, k=scale + 1) -> torch.Tensor:
    return torch.tensor(call(n) + k) if n > 0 else alias(3.5) + len(table or "")
@torch.no_grad()
def quiet(n):
    return n
silent = torch.no_grad()(outer)
ping = lambda n: 0 if n < 1 else pong(n - 1) + 1
pong = lambda n: ping(n - 1) + 1
several = (
    lambda n: n
    + scale
)
"""


def run_notebook() -> dict[str, Any]:
    """Run it as a cell is: its source can be read again."""
    names: dict[str, Any] = {"__name__": "__main__"}
    linecache.cache["<cell>"] = (len(NOTEBOOK), None, NOTEBOOK.splitlines(keepends=True), "<cell>")
    exec(compile(NOTEBOOK, "<cell>", "exec"), names)
    return names


def run_copy(*functions: Any) -> tuple[list[Any], str]:
    lines, expressions = write_functions({f"the {k}th": function for k, function in enumerate(functions)})
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
    assert write_functions({"one": first, "two": second}) == (
        [],
        ["lambda n: 2 * n", "lambda n: (lambda k: k + 1)(n) + 3"],
    )


def test_what_cannot_be_written_out_is_named() -> None:
    _, text = run_copy(run_notebook()["reads"])
    assert "# also from your notebook: weights, far" in text
    assert "from rnnviz.data.mackey_glass import mackey_glass" in text
    assert "import torch" in text
    assert write_functions({"The sum": torch.zeros(1).sum}) == (
        ["# also from your notebook: the_sum"],
        ["the_sum"],
    )


def test_functions_of_one_factory_stay_apart() -> None:
    names = run_notebook()
    closed, factory, short = names["closed"], names["factory"], names["short"]
    givens = [closed(1), closed(2), factory(3), factory(4, "a"), short(5), short(6), closed(1)]
    copies, _ = run_copy(*givens)
    assert [copy(-7) for copy in copies] == [given(-7) for given in givens]


def test_a_name_that_cannot_be_changed_is_asked_for() -> None:
    shadow = run_notebook()["shadow"]
    first, second = shadow(1), shadow(2)
    lines, expressions = write_functions({"one": first, "two": second})
    assert expressions == ["measure", "measure_2"]
    assert "# also from your notebook: measure_2" in lines


def test_partials_are_asked_for_one_by_one() -> None:
    twice = {"Half of it": partial(pow, 2), "!": partial(pow, 3), "class": partial(pow, 4)}
    lines, expressions = write_functions(twice)
    assert expressions == ["half_of_it", "measure", "measure_2"]
    assert lines == ["# also from your notebook: half_of_it, measure, measure_2"]


def test_defaults_annotations_and_other_names_are_followed() -> None:
    names = run_notebook()
    givens = [*names["late"], names["hints"], names["alias"], names["count"], names["ping"], names["several"]]
    copies, text = run_copy(*givens)
    assert [copy(4) for copy in copies] == [given(4) for given in givens]
    assert copies[2](-1) == names["hints"](-1)
    assert "also from your notebook" not in text


def test_what_a_decorator_adds_is_not_lost() -> None:
    names = run_notebook()
    lines, expressions = write_functions({"no gradient": names["quiet"], "silence": names["silent"]})
    assert (lines, expressions) == (
        ["# also from your notebook: no_gradient, silence"],
        ["no_gradient", "silence"],
    )
