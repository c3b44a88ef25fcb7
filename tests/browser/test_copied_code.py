"""The code that a reader copies runs, and gives a widget of the same recording's kind and size."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw
from torch.nn.utils.rnn import pack_padded_sequence
from rnnviz.data import Characters, Words, made_up_pairs
from rnnviz.models import EncoderDecoder
torch.manual_seed(0)

class Reader(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.ModuleDict({'rnn': torch.nn.LSTM(5, 7, num_layers=2)})
        self.head = torch.nn.Linear(7, 5)
    def forward(self, x):
        return self.head(self.net['rnn'](x)[0])

nested = Reader()
with rv.record(nested) as reading:
    nested(torch.randn(9, 2, 5)).square().mean().backward()

both = torch.nn.GRU(3, 6, num_layers=2, bidirectional=True)
with rv.record(both) as two_ways:
    packed = pack_padded_sequence(torch.randn(8, 3, 3), [5, 8, 2], enforce_sorted=False)
    both(packed)[0].data.square().mean().backward()

sized = torch.nn.RNN(4, 11, nonlinearity='relu', bias=False)
with rv.record(sized) as plain:
    sized(torch.randn(6, 1, 4))[0][-1].sum().backward()

class Coder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.sides = torch.nn.ModuleDict({'in': torch.nn.LSTM(3, 4), 'out': torch.nn.LSTM(2, 4)})
        self.say = torch.nn.Linear(4, 3)
    def forward(self, x, y):
        _, state = self.sides['in'](x)
        return self.say(self.sides['out'](y, state)[0])

coder = Coder()
with rv.record(coder) as coding:
    coder(torch.randn(5, 2, 3), torch.randn(3, 2, 2)).square().mean().backward()

text = 'to be or not to be'
alphabet = Characters(text)
model = torch.nn.ModuleDict({'deep': torch.nn.GRU(len(alphabet), 8)})
head = torch.nn.Linear(8, len(alphabet))
with rv.record(model) as spelling:
    model['deep'](torch.nn.functional.one_hot(alphabet.encode(text), len(alphabet)).float()[:, None])

sentences = [['i', 'drink', 'milk'], ['you', 'drink', 'cold', 'tea']]
words = Words(sentences)
embedding = torch.nn.Embedding(len(words), 6)
verdict = torch.nn.Linear(7, 1)
rows = torch.nn.utils.rnn.pad_sequence([embedding(words.encode(row)) for row in sentences])
lstm = torch.nn.LSTM(6, 7)
with rv.record(lstm) as sayings:
    lstm(pack_padded_sequence(rows, [3, 4], enforce_sorted=False))

source, target = made_up_pairs().vocabularies()
translator = EncoderDecoder(len(source), len(target), embedding=10, units=12, attention=False)
CALLS = {'many': 3}
def double(n): return CALLS['many'] * n
offset = 2
def add(n): return double(n) + offset
"""
# What a copy is called by, where it is the recorded name: a nested module is recorded alone.
NESTED = {"net.rnn.": "", "deep.": "", "sides.in": "sides_in", "sides.out": "sides_out"}
CHANCE = re.compile(r", (radius|product)=[^,)]+")
WIDGETS = [
    *(
        f"rw.{widget}({trace}{options})"
        for trace, options in {
            "reading": ", layer='net.rnn.l0'",
            "two_ways": ", layer='l1_reverse'",
            "plain": "",
        }.items()
        for widget in ("CellAnatomy", "GateHeatmap", "GradientFlow", "Spectrum", "WeightGradient")
    ),
    "rw.GateHeatmap(reading, colours='all', sort='range', arrays=['forget', 'grad_cell'])",
    "rw.GradientFlow(reading, of='influence', labels=[list('ninesteps')] * 2)",
    "rw.UnrolledGraph(reading, folded=False, readout=nested.head, activation='softmax', classes=list('abcde'),"
    " title='Nine \"steps\"', in_cost=[False] * 8 + [True], labels=[list('ninesteps')] * 2)",
    "rw.UnrolledGraph(two_ways)",
    "rw.UnrolledGraph(plain, in_cost=torch.eye(6)[:, :1].bool())",
    "rw.UnrolledGraph(coding, readout=coder.say, in_cost=[[k > 4, k > 5] for k in range(8)],"
    " inputs_at=[k < 5 for k in range(8)], outputs_at=[k >= 5 for k in range(8)])",
    "rw.Compare({'nested': reading, 'both \"ways\"': two_ways, 'plain': plain}, layers={'nested': 'net.rnn.l0'})",
    "rw.GradientCurves({'reader': reading, 'top': two_ways['l1'], 'plain': plain}, scale='linear')",
    "rw.GradientCurves(two_ways)",
    "rw.GradientCurves({'back': two_ways['l1_reverse'], 'plain': plain})",
    "rw.GradientCurves(cells=('RNN', 'LSTM'), steps=40, units=5, forget_bias=2.0, quantity='cell')",
    "rw.TextStates(spelling, text, vocabulary=alphabet, head=head, array='surprise', unit=3)",
    "rw.TextStates(sayings, sentences, vocabulary=words, embedding=embedding, head=verdict, array='cell')",
    "rw.TextStates(reading, [list('ninesteps'), list('ten steps')], layer='net.rnn.l0')",
    "rw.Translator(translator, source, target, sentence='i drink milk')",
    "rw.Experiment({'sum': add, 'twice': lambda n: 2 * n}, low=1, high=9, x='n', unit='kB', first=range(1, 10))",
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    cells = [(SETUP,), *((widget,) for widget in WIDGETS)]
    return serve_cells("01-copies", cells, title="Copies")


def run(code: str) -> dict[str, Any]:
    """Run copied code as a cell is run; what its last expression gives is called "shown"."""
    tree = ast.parse(code)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr)
    names: dict[str, Any] = {}
    exec(compile(tree, "copied", "exec"), names)
    names["shown"] = eval(compile(ast.Expression(last.value), "copied", "eval"), names)
    return names


def test_what_is_copied_runs_and_shows_the_same_kind_and_size(
    page: Page, server: Any, open_lesson: Callable[..., None]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_lesson(page, server, "01-copies")
    cards = page.locator("section.rnnviz")
    expect(cards).to_have_count(len(WIDGETS))
    originals: dict[str, Any] = {}
    exec(compile(SETUP, "setup", "exec"), originals)
    faults = []
    for number, widget in enumerate(WIDGETS):
        menu = cards.nth(number).locator("details.rv-save")
        menu.locator("summary").click()
        menu.get_by_role("button", name="Copy the code").click()
        expect(menu).not_to_have_attribute("open", "")
        code = page.evaluate("navigator.clipboard.readText()").replace("steps=350", "steps=1")
        expected = repr(eval(widget, originals))
        for name, alone in NESTED.items():
            expected = expected.replace(name, alone)
        try:
            found = run(code)["shown"]
        except Exception as error:
            faults.append(f"{widget}: {type(error).__name__}: {error}\n{code}")
            continue
        # Eigenvalues are those of other weights.
        if CHANCE.sub("", repr(found)) != CHANCE.sub("", expected):
            faults.append(f"{widget}: {found!r} instead of {expected}\n{code}")
    assert not faults, "\n\n".join(faults)


#: Those that show one recording, whose file the page can ask for.
RECORDED = [
    number
    for number, widget in enumerate(WIDGETS)
    if re.match(r"rw\.(CellAnatomy|GateHeatmap|GradientFlow|Spectrum|UnrolledGraph|WeightGradient)", widget)
]


def test_a_saved_recording_and_its_code_give_the_recorded_numbers(
    page: Page,
    server: Any,
    open_lesson: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run beside the file, the copy shows what the widget shows: weights, states, gradients, what follows from them."""
    monkeypatch.chdir(tmp_path)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_lesson(page, server, "01-copies")
    cards = page.locator("section.rnnviz")
    expect(cards).to_have_count(len(WIDGETS), timeout=60_000)
    originals: dict[str, Any] = {}
    exec(compile(SETUP, "setup", "exec"), originals)
    faults = []
    for number in RECORDED:
        widget = WIDGETS[number]
        menu = cards.nth(number).locator("details.rv-save")
        menu.locator("summary").click()
        with page.expect_download() as download:
            menu.get_by_role("button", name="Save the recording, copy its code").click()
        expect(menu).not_to_have_attribute("open", "")
        download.value.save_as(tmp_path / download.value.suggested_filename)
        code = page.evaluate("navigator.clipboard.readText()")
        found = run(code)
        recorded = originals[re.findall(r"\((\w+)", widget)[0]]
        expected = repr(eval(widget, originals))
        if repr(found["shown"]) != expected:
            faults.append(f"{widget}: {found['shown']!r} instead of {expected}\n{code}")
        for layer in recorded.layers:
            wanted = recorded[layer].arrays() | vars(recorded[layer].weights)
            have = found["trace"][layer].arrays() | vars(found["trace"][layer].weights)
            faults += [
                f"{widget}: {layer}.{name} differs"
                for name, array in wanted.items()
                if not (array is have[name] is None or torch.equal(array, have[name]))
            ]
        if "readout=" in widget:
            head = eval(re.findall(r"readout=([\w.]+)", widget)[0], originals)
            if not all(map(torch.equal, head.parameters(), found["readout"].parameters())):
                faults.append(f"{widget}: the readout differs\n{code}")
    assert not faults, "\n\n".join(faults)
