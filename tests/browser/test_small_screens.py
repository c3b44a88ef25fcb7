"""The whole family on the smallest phone: nothing is wider than its card, and a finger hits what it aims at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw
from rnnviz import data, models
torch.manual_seed(0)

def record(layer):
    with rv.record(layer) as trace:
        layer(torch.randn(12, 2, 3))[0][-1].square().sum().backward()
    return trace

trace, plain = record(torch.nn.LSTM(3, 8)), record(torch.nn.RNN(3, 8))
rhyme = "One two, buckle my shoe. Three, four, knock at the door.\\n" * 6
learning = models.CharacterLearning(rhyme, "lstm", 24, steps=20, batch=16, learning_rate=0.01)
with rv.record(learning.model) as read:
    _ = learning.model(learning.alphabet.encode(rhyme)[:, None])
pairs = data.made_up_pairs()
source, target = pairs.vocabularies()
sentences = data.everyday_sentences(600)
words = models.WordLearning.skip_gram(data.Words(sentences), sentences, size=8, learning_rate=0.01)
"""
FAMILY = {
    "unrolled-graph": "rw.UnrolledGraph(trace)",
    "cell-anatomy": "rw.CellAnatomy(trace)",
    "gate-heatmap": "rw.GateHeatmap(trace)",
    "gradient-curves": "rw.GradientCurves({'lstm': trace, 'rnn': plain})",
    "gradient-flow": "rw.GradientFlow(trace)",
    "spectrum": "rw.Spectrum(trace)",
    "weight-gradient": "rw.WeightGradient(trace)",
    "compare": "rw.Compare({'a': trace, 'b': plain})",
    "live-forecast": "rw.LiveForecast(data.sunspots(), {'GRU': 'gru', 'linear': 'linear'})",
    "response-explorer": "rw.ResponseExplorer()",
    "padding-explorer": "rw.PaddingExplorer()",
    "lengths-explorer": "rw.LengthsExplorer(torch.nn.GRU(3, 5), torch.randn(4, 3, 3), [4, 2, 1])",
    "digit-reader": "rw.DigitReader(models.read_digit_lstm(), data.digits().test)",
    "text-states": "rw.TextStates(read, rhyme, vocabulary=learning.alphabet, head=learning.model.projection)",
    "writer": "rw.Writer(learning, prompt='One ', length=120)",
    "translator": "rw.Translator(models.EncoderDecoder(len(source), len(target)), source, target, examples=pairs)",
    "embedding-map": "rw.EmbeddingMap(words, word='milk', groups={'drinks': ['milk', 'tea']})",
    "reservoir-playground": "rw.ReservoirPlayground(units=[20, 50])",
    "bet": "rw.Bet(steps=20, updates=50)",
    "remedies": "rw.Remedies(updates=40)",
    "cliff": "rw.Cliff()",
    "experiment": "rw.Experiment({'double': lambda n: 2.0 * n}, low=0, high=1000, x='steps')",
    "plotly": "rw.PlotlyFigure([{'y': [1, 2]}])",
    "predict": "rw.Predict('How many?', kind='number', truth=40, reveal='x', low=0, high=100, lesson='02')",
    "quiz": (
        "rw.Quiz('Which?', options=[rw.Right('A', because='a'),"
        " rw.Wrong('B', misconception='b', answer='no')], lesson='02')"
    ),
}
#: Questions and plots need none.
WITHOUT_MENU = {"experiment", "plotly", "predict", "quiz"}
#: Where a row of targets has to fit into a phone, each is as wide as the guidelines ask at least.
NARROW = 24
FINGER = 44


@pytest.fixture(scope="module")
def phone(chromium: Browser, serve_cells: Callable[..., Any]) -> Any:
    server = serve_cells("01-family", [(SETUP,), *((code,) for code in FAMILY.values())], title="Family")
    context = chromium.new_context(
        viewport={"width": 320, "height": 700}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{server.url}voila/render/01-family.ipynb")
    page.wait_for_selector("body[data-lesson='ready']")
    for name in FAMILY:
        page.locator(f".rnnviz-{name}").wait_for()
    page.locator(".rnnviz-plotly .main-svg").first.wait_for()
    yield page
    context.close()


@pytest.mark.parametrize("name", FAMILY)
def test_nothing_is_wider_than_its_card(phone: Page, name: str) -> None:
    card = phone.locator(f".rnnviz-{name}")
    # The bars of the padding explorer reach from edge to edge, over the border of the card.
    assert card.evaluate("card => card.scrollWidth - card.clientWidth") <= 1
    menu = card.locator("details.rv-save")
    assert menu.count() == 1 or name in WITHOUT_MENU
    if menu.count():
        menu.locator("summary").click()
        inside = menu.locator(".rv-save-list").evaluate(
            """list => {
              const [box, card] = [list, list.closest("section")].map((e) => e.getBoundingClientRect());
              return box.width > 0 && box.left >= card.left && box.right <= card.right;
            }"""
        )
        assert inside
        assert card.evaluate("card => card.scrollWidth - card.clientWidth") <= 1
        phone.keyboard.press("Escape")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", FAMILY)
def test_every_target_is_as_large_as_a_finger(phone: Page, name: str) -> None:
    small = phone.locator(f".rnnviz-{name}").evaluate(
        """(card, finger) => {
          const targets = "button, input, select, textarea, summary, a[href], [role=slider]";
          return [...card.querySelectorAll(targets)].flatMap((element) => {
            // A box is hit by its words too, and what is set aside for screen readers by nobody.
            const hit = element.matches("[type=checkbox], [type=radio]")
              ? (element.closest("label") ?? element)
              : element;
            const { width, height } = hit.getBoundingClientRect();
            if (width === 0 || element.closest(".rv-hidden")) return [];
            // Halves of pixels come from scaling.
            if (Math.min(width, height) > finger - 0.5) return [];
            const called = element.getAttribute("aria-label") ?? element.textContent;
            return [{ what: `${element.localName}.${element.getAttribute("class")} ${called}`, width, height }];
          });
        }""",
        FINGER,
    )
    bars = [one for one in small if one["what"].startswith("div.rv-length-bar")]
    assert all(one["width"] >= NARROW and one["height"] >= FINGER for one in bars)
    assert (len(bars) > 0) == (name == "padding-explorer")
    assert [one for one in small if one not in bars] == []
