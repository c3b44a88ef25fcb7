"""Networks put together in every way: the arrows of the graph, how far an edit goes, and code that runs when copied."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw
from torch import nn
torch.manual_seed(0)

class Pair(nn.Module):
    def __init__(self, between, kind=nn.GRU, two_ways=False):
        super().__init__()
        self.a = nn.GRU(2, 3, bidirectional=two_ways)
        self.b = kind(6 if two_ways else 3, 3)
        self.between = between
    def forward(self, x):
        return self.b(self.between(self.a(x)[0]))[0]

def show(model, *inputs):
    with rv.record(model) as trace:
        model(*inputs).sum().backward()
    return rw.UnrolledGraph(trace, folded=False)

class Top(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, 3, num_layers=2, dropout=0.5)
    def forward(self, x):
        return self.rnn(x)[0]

class Coder(nn.Module):
    def __init__(self, bridge):
        super().__init__()
        self.a, self.b, self.bridge = nn.GRU(2, 3), nn.GRU(1, 3), bridge
    def forward(self, x):
        return self.b(torch.zeros(3, x.shape[1], 1), self.bridge(self.a(x)[1]))[0]

class Cells(nn.Module):
    def __init__(self, between):
        super().__init__()
        self.a, self.b, self.between = nn.GRUCell(2, 3), nn.LSTMCell(3, 3), between
    def forward(self, x):
        h, state = torch.zeros(x.shape[1], 3), None
        for step in x:
            h = self.a(step, h)
            state = self.b(self.between(h), state)
        return state[0]

x = torch.randn(4, 2, 2)
"""
#: Each with the names of what stands on its arrows, and the layers at which a change of input 0 at t = 0 stops.
NETWORKS: dict[str, tuple[str, set[str], list[str]]] = {
    "dropout in the module": ("show(Top(), x)", {"dropout"}, []),
    "nothing": ("show(Pair(nn.Identity()), x)", set(), []),
    "dropout": ("show(Pair(nn.Dropout(0.3), nn.LSTM), x)", {"dropout"}, []),
    "a norm": ("show(Pair(nn.LayerNorm(3)), x)", {"?"}, ["b.l0"]),
    "a projection": ("show(Pair(nn.Linear(3, 3), nn.RNN), x)", {"?"}, ["b.l0"]),
    "a residual sum": ("show(Pair(lambda y: y + x.sum(-1, keepdim=True)), x)", {"?"}, ["b.l0"]),
    "two directions": ("show(Pair(nn.Identity(), two_ways=True), x)", set(), []),
    "a norm over two directions": ("show(Pair(nn.LayerNorm(6), two_ways=True), x)", {"?"}, ["b.l0"]),
    "an encoder and a decoder": ("show(Coder(nn.Identity()), x)", set(), []),
    "a bridge": ("show(Coder(nn.Linear(3, 3)), x)", {"?"}, ["b.l0"]),
    "cells": ("show(Cells(nn.Identity()), x)", set(), []),
    "cells and dropout": ("show(Cells(nn.Dropout(0.5)), x)", {"dropout"}, []),
    "cells and a norm": ("show(Cells(nn.LayerNorm(3)), x)", {"?"}, ["b"]),
}


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    cells = [(SETUP,), *((made,) for made, _, _ in NETWORKS.values())]
    return serve_cells("01-wiring", cells, title="Wiring")


@pytest.fixture
def graphs(page: Page, server: Any, open_lesson: Callable[..., None]) -> dict[str, Locator]:
    open_lesson(page, server, "01-wiring")
    found = page.locator(".rnnviz-unrolled-graph")
    expect(found).to_have_count(len(NETWORKS))
    return {name: found.nth(k) for k, name in enumerate(NETWORKS)}


def test_what_lies_between_stands_on_the_arrows_and_edits_go_as_far_as_is_known(
    graphs: dict[str, Locator],
) -> None:
    for name, graph in graphs.items():
        _, between, stops = NETWORKS[name]
        assert set(graph.locator("text.rv-between").all_text_contents()) == between, name
        # Down to the input, and change it.
        graph.locator(".rv-board").focus()
        for _ in range(4):
            graph.page.keyboard.press("PageDown")
        graph.page.keyboard.press("Enter")
        field = graph.get_by_label("Input 0 at t = 0")
        note = graph.locator(".rv-input-editor .rv-note")
        expect(note).to_contain_text("every state from here on follows")
        field.fill("5")
        said = graph.locator("p.rv-stops")
        if stops:
            for layer in stops:
                expect(said).to_contain_text(f"It stops before {layer}: ")
                expect(note).to_contain_text(f"It stops before {layer}: ")
        else:
            expect(said).to_be_hidden()
        # Of every layer that a change reaches, units are marked; the first layer's always are.
        changed = graph.locator(".rv-unit.rv-changed")
        expect(changed.first).to_be_attached()
        rows = changed.evaluate_all(
            "all => new Set(all.map((one) => Math.round(one.getBoundingClientRect().y))).size"
        )
        columns = changed.evaluate_all("all => new Set(all.map((one) => one.closest('.rv-column'))).size")
        if name in ("an encoder and a decoder", "a bridge"):
            # A decoder stands on the encoder's line, in the columns behind its four.
            assert (columns > 4) == (not stops), (name, columns)
        else:
            # The input and the first module's layers; the second module where it follows.
            assert (rows > 1 + (2 if "two directions" in name else 1)) == (not stops), (name, rows)


def test_code_copied_from_each_runs_and_is_wired_alike(graphs: dict[str, Locator]) -> None:
    page = next(iter(graphs.values())).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name, graph in graphs.items():
        menu = graph.locator("details.rv-save")
        menu.locator("summary").click()
        menu.get_by_role("button", name="Copy the code").click()
        expect(menu).not_to_have_attribute("open", "")
        code = page.evaluate("navigator.clipboard.readText()")
        names: dict[str, Any] = {}
        exec(re.sub(r"\nrw\.", "\nshown = rw.", code), names)
        sent = names["shown"].trace.layers
        _, between, stops = NETWORKS[name]
        # An unknown part is not made up: what reads it is given numbers of its own.
        last = sent[-1]["reads"]
        if name in ("an encoder and a decoder", "a bridge"):
            assert (sent[-1]["start"]["layer"] == 0) == (not stops), code
        else:
            assert bool(last["layers"]) == (not stops), code
            assert (last["mask"] is not None) == ("dropout" in between), code
