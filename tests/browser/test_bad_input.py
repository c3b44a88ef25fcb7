"""Input that nobody hopes for: the widgets draw what there is and say what is wrong, and the page goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SETUP = """
import math, numpy as np, torch, traitlets, rnnviz as rv, rnnviz_widgets as rw
from torch import nn
from rnnviz import data, models
nan, inf = math.nan, math.inf

def show(make, *given):
    # What a widget refuses, it refuses in a sentence; here it is read beside the others.
    try:
        return make(*given)
    except (ValueError, TypeError, MemoryError, traitlets.TraitError) as error:
        print(f"refused: {getattr(make, '__name__', '')}: {error}")

def steps_of(trace):
    return len(trace["l0"].hidden) if getattr(trace, "layers", None) else 0

def record_nothing():
    with rv.record(nn.LSTM(2, 3)) as trace:
        return trace

def record(model, x, backward=True):
    with rv.record(model) as trace:
        output = model(x)[0]
        if backward:
            output.square().sum().backward()
    return trace
"""
TRACES = {
    "not numbers": "record(torch.nn.LSTM(2, 6), torch.full((8, 1, 2), torch.nan))",
    "infinite": "record(torch.nn.RNN(2, 6, nonlinearity='relu'), torch.full((8, 1, 2), 1e38) * 1e3)",
    "a thousand units": "record(torch.nn.LSTM(2, 1000), torch.randn(12, 1, 2))",
    "ten thousand steps": "record(torch.nn.GRU(2, 4), torch.randn(10_000, 1, 2))",
    "one step": "record(torch.nn.LSTM(2, 1), torch.randn(1, 1, 2))",
}
WIDGETS = [
    "UnrolledGraph",
    "CellAnatomy",
    "GateHeatmap",
    "GradientFlow",
    "Spectrum",
    "WeightGradient",
    "GradientCurves",
]
#: These take more than the trace.
OTHERS = [
    "show(lambda trace: rw.Compare({'one': trace, 'the same': trace}), trace)",
    # A symbol for every step of any of them; more are cut off.
    "show(lambda trace: rw.TextStates(trace, ('ab c ' * 2000)[:max(steps_of(trace), 1)]), trace)",
]
#: Nothing in them can be drawn.
NOTHING = {
    "an empty trace": "record_nothing()",
    "a tensor": "torch.zeros(3, 4)",
}
MORE = """
letters = data.Characters("to be or not")
source, target = data.made_up_pairs().vocabularies()

def spoil(model):
    with torch.no_grad():
        next(model.parameters()).fill_(nan)
    return model
"""
#: The widgets that show no trace: what they are given, and the words of their refusal, or none where they draw.
FAMILY: dict[str, list[tuple[str, str | None]]] = {
    "fresh cells": [
        ("rw.GradientCurves(spectral_radius=nan)", "spectral_radius is nan"),
        ("rw.GradientCurves(steps=10_000)", "not be greater than 1000"),
        ("rw.GradientCurves(spectral_radius=10, steps=1000, activation='relu')", None),
        ("rw.Cliff(w=nan)", "w is nan"),
        ("rw.ReservoirPlayground(units=1000)", "sizes from 2 to 200"),
        ("rw.ReservoirPlayground(units=[])", "sizes from 2 to 200"),
        ("rw.ResponseExplorer(inputs=[nan])", "not finite"),
        ("rw.ResponseExplorer(inputs='abc')", "expected a float"),
        ("rw.ResponseExplorer(feedback=1e300, radius=1e300, steps=2000)", None),
        ("rw.PaddingExplorer([])", "no sequences"),
        ("rw.PaddingExplorer([nan, 3])", "whole numbers of steps"),
        ("rw.PaddingExplorer([10_000, 3])", None),
        ("rw.LengthsExplorer(nn.RNN(3, 5), torch.full((4, 2, 3), nan), [4, 2])", "not finite"),
        ("rw.LengthsExplorer(nn.RNN(3, 5), torch.zeros(0, 0, 3), [])", "at least one step"),
        ("rw.LengthsExplorer(nn.RNN(3, 5), torch.zeros(4, 2, 7), [4, 2])", r"should be \(time, batch, 3\)"),
        ("rw.LengthsExplorer(nn.GRU(3, 1000), torch.zeros(4, 2, 3), [4, 2])", None),
    ],
    "texts": [
        ("rw.Writer(models.CharacterModel(len(letters), 8), letters, prompt='')", "prompt is empty"),
        ("rw.Writer(models.CharacterModel(5, 8), letters)", "built for"),
        ("rw.Writer(spoil(models.CharacterModel(len(letters), 8)), letters)", "not finite"),
        ("rw.Writer(models.CharacterModel(len(letters), 8), letters, prompt='to be ' * 1000)", None),
        (
            "rw.Translator(spoil(models.EncoderDecoder(len(source), len(target))), source, target)",
            "not finite",
        ),
        ("rw.Translator(models.EncoderDecoder(len(source), len(target)), target, source)", "made for"),
        ("rw.Translator(models.EncoderDecoder(len(source), len(target)), source, target, sentence='')", None),
        ("rw.EmbeddingMap(data.WordVectors(('a', 'b'), torch.tensor([[nan, 1], [1, 2.0]])))", "not finite"),
        ("rw.EmbeddingMap(data.WordVectors((), torch.zeros(0, 2)))", "one row for each word"),
        ("rw.EmbeddingMap(data.WordVectors(('a', 'b'), torch.zeros(3, 4)))", "one row for each word"),
        ("rw.EmbeddingMap(data.WordVectors(('a',), torch.zeros(1, 2)))", None),
        ("rw.EmbeddingMap(data.WordVectors(('a', 'b', 'c'), torch.zeros(3, 4)))", None),
    ],
    "learners": [
        ("rw.LiveForecast(data.Series('gaps', np.full(200, nan)))", "no finite value"),
        ("rw.LiveForecast(data.Series('nothing', np.zeros(0)))", "too short"),
        ("rw.LiveForecast(data.Series('deep', np.ones((10, 10, 10))))", r"\(time,\) or \(time, feature\)"),
        ("rw.LiveForecast(data.Series('flat', np.ones(200)))", None),
        ("rw.DigitReader(spoil(models.SequenceClassifier(8, 5, 10)), data.digits().test)", "not finite"),
        ("rw.DigitReader(models.SequenceClassifier(28, 5, 10), data.digits().test)", "8 columns"),
        ("rw.DigitReader(models.SequenceClassifier(8, 5, 10), torch.zeros(3, 8, 8))", "Tensor as digits"),
        ("rw.Experiment({'n': lambda n: [1, 2]}, low=0, high=3, x='n')", "one number"),
        ("rw.Experiment({}, low=0, high=3, x='n')", "0 measures"),
        ("rw.Experiment({'n': lambda n: inf if n else nan}, low=0, high=3, x='n')", None),
        ("rw.Bet({})", "between two and eight"),
        ("rw.Bet({'a': 1, 'b': 2})", "Contender"),
        ("rw.Bet(steps=10_000)", "12 to 400"),
        ("rw.Bet(steps=12, updates=25)", None),
        ("rw.Predict('How many?', kind='number', truth=nan, reveal='x')", "finite number"),
        ("rw.Remedies(steps=10_000)", "shows 10 to"),
    ],
}
#: Moves whatever can be moved, and gives the longest that one frame took.
MOVE_ALL = """async () => {
  let slowest = 0;
  for (const card of document.querySelectorAll("section.rnnviz")) {
    const fields = [...card.querySelectorAll("input[type=range], select")];
    for (const field of fields.filter((e) => !e.disabled && e.getClientRects().length).slice(0, 8)) {
      const start = performance.now();
      if (field.tagName === "SELECT") field.selectedIndex = (field.selectedIndex + 1) % field.options.length;
      else field.value = String((Number(field.min) + Number(field.max)) / 2);
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      slowest = Math.max(slowest, performance.now() - start);
    }
  }
  return slowest;
}"""


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Callable[[str], Any]:
    served: dict[str, Any] = {}

    def serve(which: str) -> Any:
        if which not in served:
            cells = [(SETUP + f"trace = {(TRACES | NOTHING)[which]}",)]
            cells += [(f"show(rw.{name}, trace)",) for name in WIDGETS]
            cells += [(one,) for one in OTHERS]
            served[which] = serve_cells("01-bad", cells, title="Bad input")
        return served[which]

    return serve


@pytest.mark.parametrize("which", TRACES)
def test_the_page_stays_alive(
    page: Page, server: Callable[[str], Any], open_lesson: Callable[..., None], which: str
) -> None:
    open_lesson(page, server(which), "01-bad")
    drawn = page.locator("section.rnnviz")
    refused = page.get_by_text("refused:")
    # A large trace is still on its way when the cells have run.
    expect(drawn.or_(refused)).to_have_count(len(WIDGETS) + len(OTHERS))
    # None of them gave up: a widget that fails says "could not be drawn".
    expect(page.locator(".rv-error:visible")).to_have_count(0)
    for number in range(refused.count()):
        assert len(refused.nth(number).inner_text()) > 60
    # Forty moves through time: each takes its frame, and none takes seconds.
    heatmap = page.locator(".rnnviz-gate-heatmap")
    heatmap.locator(".rv-maps").focus()
    slowest = page.evaluate(
        """async () => {
          const slider = document.querySelector(".rnnviz-gate-heatmap input[type=range]");
          let slowest = 0;
          for (let step = 0; step < 40; step++) {
            const start = performance.now();
            slider.value = String(step % (Number(slider.max) + 1));
            slider.dispatchEvent(new Event("input"));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            slowest = Math.max(slowest, performance.now() - start);
          }
          return slowest;
        }"""
    )
    assert slowest < 2000


def test_what_is_no_number_is_said(page: Page, server: Any, open_lesson: Callable[..., None]) -> None:
    open_lesson(page, server("not numbers"), "01-bad")
    heatmap = page.locator(".rnnviz-gate-heatmap")
    expect(heatmap.get_by_text("48 values not finite").first).to_be_visible()
    expect(heatmap.locator(".rv-caption")).to_contain_text("holds values that are not numbers")
    expect(page.locator(".rnnviz-compare .rv-caption")).to_have_text(re.compile("not a number"))


@pytest.mark.parametrize("which", NOTHING)
def test_what_holds_no_recording_is_refused_by_all(
    page: Page, server: Any, open_lesson: Callable[..., None], which: str
) -> None:
    open_lesson(page, server(which), "01-bad")
    refused = page.get_by_text("refused:")
    assert refused.count() == len(WIDGETS) + len(OTHERS)
    words = {"an empty trace": "holds no layer", "a tensor": "Tensor"}[which]
    for text in refused.all_inner_texts():
        assert words in text


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(
            name,
            marks=pytest.mark.xfail(
                reason="the tab ends now and then while the step of a thousand is moved; the cause is not found",
                strict=False,
            )
            if name == "fresh cells"
            else (),
        )
        for name in FAMILY
    ],
)
def test_the_rest_of_the_family_draws_or_says_why_not(
    page: Page, serve_cells: Callable[..., Any], open_lesson: Callable[..., None], which: str
) -> None:
    cells = [(SETUP + MORE,), *((f"show(lambda: {code})",) for code, _ in FAMILY[which])]
    open_lesson(page, serve_cells("01-family", cells, title="Bad input"), "01-family")
    words = [word for _, word in FAMILY[which] if word is not None]
    said = page.get_by_text("refused:").all_inner_texts()
    for word, text in zip(words, said, strict=True):
        assert re.search(word, text)
        assert len(text) > 40
    drawn = page.locator("section.rnnviz")
    expect(drawn).to_have_count(len(FAMILY[which]) - len(words))
    expect(page.locator(".rv-error:visible")).to_have_count(0)
    assert page.evaluate(MOVE_ALL) < 2000


def test_an_experiment_tells_infinite_from_no_number(
    page: Page, serve_cells: Callable[..., Any], open_lesson: Callable[..., None]
) -> None:
    measured = "rw.Experiment({'n': lambda n: inf if n else nan}, low=0, high=3, x='steps', unit='kB')"
    open_lesson(page, serve_cells("01-experiment", [(SETUP + measured,)], title="Bad input"), "01-experiment")
    experiment = page.locator(".rnnviz-experiment")
    expect(experiment.locator(".rv-reading")).to_have_text("3 steps: n ∞.")
    expect(experiment.locator("svg[role=img]")).to_have_attribute(
        "aria-label", re.compile("n goes from not a number to ∞")
    )
    slider = experiment.get_by_role("slider")
    slider.fill("0")
    expect(experiment.locator(".rv-reading")).to_have_text("0 steps: n not a number.")
    slider.fill("2")
    expect(experiment.locator(".rv-reading")).to_have_text("2 steps: n ∞.")
