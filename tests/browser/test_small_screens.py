"""The whole family on the smallest phone, and where the system forces its colours.

Nothing is wider than its card, a finger hits what it aims at, and no state is told by a background alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

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
    "word-lookup": "rw.WordLookup(data.Words(sentences), torch.nn.Embedding(500, 40), 'I drink 3 l of kombucha')",
    "reservoir-playground": "rw.ReservoirPlayground(units=[20, 50])",
    "bet": "rw.Bet(steps=20, updates=50)",
    "recall-race": "rw.RecallRace(updates=40)",
    "bearing-race": "rw.BearingRace(updates=40)",
    "learning-race": 'rw.LearningRace("parity", updates=40)',
    "bearing-watch": "rw.BearingWatch()",
    "car-drive": "rw.CarDrive()",
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


#: Of a card in forced colours: what loses its meaning with its background.
LOST = """card => {
  const lost = [];
  const look = (element) => {
    const style = getComputedStyle(element);
    const kept = style.forcedColorAdjust === "none" ? [style.backgroundColor, style.color] : [];
    const { outlineStyle, outlineWidth, borderTopStyle, borderTopWidth, textDecorationLine, fontWeight } = style;
    const border = [outlineStyle, outlineWidth, borderTopStyle, borderTopWidth, textDecorationLine, fontWeight];
    return JSON.stringify([...border, ...kept, element.textContent]);
  };
  const seen = (element) => element.getClientRects().length > 0;
  for (const button of card.querySelectorAll("button[aria-pressed]")) {
    if (!seen(button)) continue;
    const state = button.getAttribute("aria-pressed");
    const looks = ["true", "false"].map((pressed) => {
      button.setAttribute("aria-pressed", pressed);
      return look(button);
    });
    button.setAttribute("aria-pressed", state);
    if (looks[0] === looks[1]) lost.push(`pressed: ${button.textContent}`);
  }
  for (const radio of card.querySelectorAll("label input[type=radio]")) {
    const label = radio.closest("label");
    const style = getComputedStyle(radio);
    // The browser draws its own.
    if (!seen(label) || (style.appearance !== "none" && style.opacity !== "0" && radio.offsetWidth > 4)) continue;
    const all = [...card.querySelectorAll(`input[name="${radio.name}"]`)];
    const before = all.map((one) => one.checked);
    const looks = [true, false].map((checked) => {
      radio.checked = checked;
      return look(label);
    });
    all.forEach((one, k) => {
      one.checked = before[k];
    });
    if (looks[0] === looks[1]) lost.push(`chosen: ${label.textContent}`);
  }
  for (const element of card.querySelectorAll("i, b, span, div")) {
    if (element.childNodes.length > 0 || !seen(element) || element.closest("[role=status], .js-plotly-plot")) continue;
    const style = getComputedStyle(element);
    const filled = !/, 0\\)$/.test(style.backgroundColor) || style.backgroundImage !== "none";
    if (filled && style.forcedColorAdjust !== "none" && style.borderTopStyle === "none")
      lost.push(`filled: ${element.outerHTML}`);
  }
  return lost;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", FAMILY)
def test_no_state_is_told_by_a_background_alone(
    phone: Page, name: str, scheme: Literal["light", "dark"]
) -> None:
    phone.emulate_media(forced_colors="active", color_scheme=scheme, reduced_motion="reduce")
    phone.wait_for_function(f"document.body.dataset.jpThemeLight === '{str(scheme == 'light').lower()}'")
    assert phone.locator(f".rnnviz-{name}").evaluate(LOST) == []


def test_right_and_wrong_differ_in_form(phone: Page) -> None:
    phone.emulate_media(forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    quiz = phone.locator(".rnnviz-quiz")
    form = "element => [getComputedStyle(element).borderTopStyle, getComputedStyle(element).borderTopWidth]"
    for answer, state, looks, again in (
        ("B", "wrong", "dashed", "Try again"),
        ("A", "right", "solid", "Answer again"),
    ):
        quiz.locator(".rv-option-text").get_by_text(answer, exact=True).click()
        quiz.get_by_role("button", name="Commit to this answer").click()
        for place in (".rv-option:has(input:checked)", ".rv-answer"):
            expect(quiz.locator(place)).to_have_attribute("data-state", state)
            assert quiz.locator(place).evaluate(form) == [looks, "3px"]
        quiz.get_by_role("button", name=again).click()
