"""A widget saved as a picture: what carries data is in it, what only does something is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw
from rnnviz.data import Words, everyday_sentences, made_up_pairs
from rnnviz.models import CharacterLearning, EncoderDecoder, WordLearning
torch.manual_seed(0)
lstm = torch.nn.LSTM(3, 8)
with rv.record(lstm) as trace:
    lstm(torch.randn(12, 2, 3))[0].square().sum().backward()
sentences = everyday_sentences(200)
words = WordLearning.skip_gram(Words(sentences), sentences, size=8)
pairs = made_up_pairs()
source, target = pairs.vocabularies()
"""
CELLS = {
    "unrolled-graph": "rw.UnrolledGraph(trace, folded=False)",
    "gate-heatmap": "rw.GateHeatmap(trace)",
    "gradient-curves": "rw.GradientCurves({'LSTM': trace}, quantity='cell')",
    "embedding-map": "rw.EmbeddingMap(words, word='milk')",
    "translator": "rw.Translator(EncoderDecoder(len(source), len(target)), source, target, sentence='i drink')",
    "writer": "rw.Writer(CharacterLearning('to be or not to be, that is it. ' * 9, 'gru', 8), prompt='to', length=30)",
    "remedies": "rw.Remedies(updates=40)",
    "padding-explorer": "rw.PaddingExplorer()",
    "response-explorer": "rw.ResponseExplorer()",
    "experiment": "rw.Experiment({'double': lambda n: 2.0 * n}, low=0, high=9, x='n')",
}
# What is drawn is the text that the browser makes an image of.
KEEP_DRAWN = """
const write = XMLSerializer.prototype.serializeToString;
XMLSerializer.prototype.serializeToString = function (node) {
  return (window.drawn = write.call(this, node));
};
"""


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-pictures", [(SETUP,), *((cell,) for cell in CELLS.values())], title="Pictures")


@pytest.fixture
def widgets(page: Page, server: Any, open_lesson: Callable[..., None]) -> dict[str, Locator]:
    page.add_init_script(KEEP_DRAWN)
    open_lesson(page, server, "01-pictures")
    found = {name: page.locator(f".rnnviz-{name}") for name in CELLS}
    for widget in found.values():
        expect(widget).to_be_visible()
    return found


def save(widget: Locator, choice: str, path: Path) -> Path:
    widget.locator(".rv-save summary").click()
    with widget.page.expect_download() as download:
        widget.get_by_role("button", name=choice).click()
    path.mkdir(exist_ok=True)
    path /= download.value.suggested_filename
    download.value.save_as(path)
    return path


def words_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_pictures_show_what_the_widgets_show(page: Page, widgets: dict[str, Locator], tmp_path: Path) -> None:
    drawn: dict[str, str] = {}
    for name, widget in widgets.items():
        picture = save(widget, "Picture (PNG)", tmp_path / name)
        assert picture.read_bytes().startswith(b"\x89PNG")
        drawn[name] = page.evaluate("window.drawn")
        # Neither the menu itself nor the buttons that move time.
        assert not re.search(r"\bSave\b|Copy the code|Last step", words_of(drawn[name])), name
    said = {name: words_of(markup) for name, markup in drawn.items()}

    def shown(name: str, selector: str) -> list[str]:
        texts = [" ".join(text.split()) for text in widgets[name].locator(selector).all_text_contents()]
        assert len(texts) > 1
        return texts

    for name, selector in {
        "embedding-map": ".rv-word-side li button span",
        "translator": ".rv-said button",
        "writer": ".rv-place li button span",
        "remedies": ".rv-segments button[aria-pressed=true]",
        "gradient-curves": ".rv-curve-list .rv-reading, h3",
        "experiment": ".rv-reading, .rv-axis",
    }.items():
        for text in shown(name, selector):
            assert text in said[name], (name, text)
    assert "negative to positive" in said["gate-heatmap"]
    # What is chosen outside a bar of controls is said; plotly's plot is not a black square.
    assert "none (linear)" in said["response-explorer"]
    assert "Tamed by tanh" not in said["response-explorer"]
    assert "fill-opacity:0;" in drawn["gradient-curves"]
    # A switch that is on looks another way than one that is off.
    grounds = {
        on: re.findall(rf'<button[^>]*aria-pressed="{on}"[^>]*background:([^;]*);', drawn["remedies"])
        for on in ("true", "false")
    }
    assert grounds["true"]
    assert not set(grounds["true"]) & set(grounds["false"])
    # Bars that the style sheet draws, with their numbers.
    counts = (
        widgets["padding-explorer"]
        .locator(".rv-length-bar")
        .evaluate_all("bars => bars.map(bar => bar.dataset.count).filter(Boolean)")
    )
    assert counts
    for count in counts:
        assert f">{count}</span>" in drawn["padding-explorer"]
    for name, button in {
        "embedding-map": "Let go",
        "writer": "New dice",
        "translator": "Let it choose again",
        "remedies": "No remedy",
        "gate-heatmap": "Select",
    }.items():
        assert widgets[name].locator("button", has_text=button).count() >= 1
        assert not re.search(rf"<button[^>]*>{button}</button>", drawn[name])


def test_a_drawing_keeps_its_names_readable(page: Page, widgets: dict[str, Locator], tmp_path: Path) -> None:
    drawing = save(widgets["unrolled-graph"], "Picture (SVG)", tmp_path).read_text()
    names = re.findall(r"<text[^>]*>", drawing)
    # Names have a pale edge, so that they can be read above lines: the edge must lie below the letters.
    edged = [name for name in names if re.search(r"stroke-width:[1-9]", name) and "stroke:none" not in name]
    assert edged
    assert all("paint-order:stroke" in name for name in edged)
    assert "filter:" in drawing
    for name, choice in (("gradient-curves", "Picture (SVG)"), ("experiment", "Picture (SVG)")):
        assert save(widgets[name], choice, tmp_path).read_text().lstrip().startswith("<svg")
