"""The unrolled graph in a real page: costs left out, outputs, a decoder, and the gradient's way there and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from torch import nn

import rnnviz as rv

CELLS = [
    (
        "import torch, rnnviz as rv, rnnviz_widgets as rw\n"
        "torch.manual_seed(0)\n"
        "rnn, out = torch.nn.RNN(2, 4), torch.nn.Linear(4, 2)\n"
        "with rv.record(rnn) as trace:\n"
        "    h, _ = rnn(torch.randn(6, 1, 2))\n"
        "    out(h)[2:4].square().sum().backward()\n"
        "rw.UnrolledGraph(trace, folded=False, readout=out, in_cost=[0, 0, 1, 1, 0, 0])",
    ),
    (
        "encoder, decoder, out = torch.nn.GRU(2, 5), torch.nn.GRU(1, 5), torch.nn.Linear(5, 3)\n"
        "with rv.record(torch.nn.ModuleList([encoder, decoder])) as pair:\n"
        "    _, state = encoder(torch.randn(3, 1, 2))\n"
        "    h, _ = decoder(torch.zeros(3, 1, 1), state)\n"
        "    out(h).square().sum().backward()\n"
        "rw.UnrolledGraph(pair, folded=False, readout=out, activation='softmax', classes=['a', 'b', 'c'],\n"
        "                 inputs_at=[1, 1, 1, 0, 0, 0], outputs_at=[0, 0, 0, 1, 1, 1])",
    ),
    (
        "gru = torch.nn.GRU(2, 3, bidirectional=True)\n"
        "with rv.record(gru) as both:\n"
        "    gru(torch.randn(5, 1, 2))\n"
        "rw.UnrolledGraph(both, folded=False)",
    ),
]


def measure_gradients() -> list[float]:
    """Return what torch says of the first graph: ‖∂L/∂h_t‖ at each step."""
    torch.manual_seed(0)
    rnn, out = nn.RNN(2, 4), nn.Linear(4, 2)
    with rv.record(rnn) as trace:
        h, _ = rnn(torch.randn(6, 1, 2))
        out(h)[2:4].square().sum().backward()
    sizes: list[float] = trace["l0"].grad_norm[:, 0].tolist()
    return sizes


GRADIENTS = measure_gradients()


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("01-graphs", CELLS, title="Graphs")


@pytest.fixture
def graphs(page: Page, server: Any, open_lesson: Callable[..., None]) -> list[Locator]:
    open_lesson(page, server, "01-graphs")
    found = page.locator(".rnnviz-unrolled-graph")
    expect(found).to_have_count(3)
    return [found.nth(k) for k in range(3)]


def widths(graph: Locator) -> list[float]:
    ribbons = graph.locator(".rv-ribbon")
    found: list[float] = ribbons.evaluate_all("all => all.map(p => Number(p.getAttribute('stroke-width')))")
    return found


def test_the_cost_greys_what_it_leaves_out_and_the_gradient_comes_from_the_rest(
    graphs: list[Locator],
) -> None:
    graph = graphs[0]
    assert graph.locator(".rv-step-cost text").all_text_contents() == ["–", "–", "L₂", "L₃", "–", "–"]
    # Left out: four costs, and four outputs with them.
    assert graph.locator(".rv-left-out").count() == 8
    graph.get_by_role("button", name="Backward pass").click()
    # Down into the two states that the cost looks at, and back over three steps; nothing comes from later ones.
    expect(graph.locator(".rv-ribbon")).to_have_count(5)
    assert all(0 < width <= 14 for width in widths(graph))


def test_the_wave_runs_back_as_the_cursor_does(graphs: list[Locator]) -> None:
    graph = graphs[0]
    graph.get_by_role("button", name="Backward pass").click()
    graph.get_by_role("button", name="Last step").click()
    reached = graph.locator(".rv-ribbon.rv-reached")
    expect(reached).to_have_count(0)
    graph.get_by_role("button", name="Step back").click()
    graph.get_by_role("button", name="Step back").click()
    expect(reached).to_have_count(1)
    graph.get_by_role("button", name="First step").click()
    expect(reached).to_have_count(5)


def test_a_changed_weight_changes_the_way_back_and_says_what_it_does_not_change(
    graphs: list[Locator],
) -> None:
    graph = graphs[0]
    graph.get_by_role("button", name="Backward pass").click()
    expect(graph.locator(".rv-ribbon")).to_have_count(5)
    recorded = widths(graph)
    note = graph.locator(".rv-caption")
    expect(note).to_contain_text("from above")
    expect(note).not_to_contain_text("Computed anew")
    graph.get_by_role("button", name="Show the arithmetic").click()
    for unit in range(4):
        graph.get_by_role("spinbutton", name=f"Weight of unit {unit}").fill("0")
    expect(note).to_contain_text("Computed anew with your changes; only what comes down from the cost")
    changed = widths(graph)
    # What comes down from the cost is the recording's; without a weight of unit 0 less comes back.
    assert len(changed) == len(recorded)
    assert sum(new != pytest.approx(old, abs=1e-3) for new, old in zip(changed, recorded, strict=True)) == 3
    graph.get_by_role("button", name="Undo my changes").click()
    expect(note).not_to_contain_text("Computed anew")
    assert widths(graph) == recorded


def test_the_ribbons_at_the_cursor_are_told_by_key_alone(graphs: list[Locator]) -> None:
    graph = graphs[0]
    said = graph.locator(".rv-voice")
    graph.locator(".rv-board").focus()
    for _ in range(3):
        graph.page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("t = 3, hidden state, unit 0")
    expect(said).not_to_contain_text("Gradient")
    graph.page.keyboard.press("b")
    # The last step that the cost looks at: nothing comes back to it.
    from_above, nothing = f"{GRADIENTS[3]:.3f} from above", "0.000 back from t = 4"
    expect(said).to_contain_text(f"Gradient that reaches h₃: {from_above}, {nothing}")
    graph.page.keyboard.press("ArrowLeft")
    graph.page.keyboard.press("ArrowLeft")
    # A step that it leaves out: all of its gradient comes back from the next.
    expect(said).to_contain_text(f"h₁: 0.000 from above, {GRADIENTS[1]:.3f} back from t = 2")
    expect(graph.locator(".rv-caption")).to_contain_text("Gradient that reaches h₁")
    graph.page.keyboard.press("b")
    expect(said).not_to_contain_text("Gradient")


def test_it_plays_there_and_back(graphs: list[Locator]) -> None:
    graph = graphs[0]
    graph.get_by_role("combobox", name="Speed").select_option("8")
    graph.get_by_role("button", name="Play there and back").click()
    backward = graph.get_by_role("button", name="Backward pass")
    expect(backward).to_have_attribute("aria-pressed", "true")
    expect(graph.locator(".rv-where")).to_have_text("t = 0 · step 1 of 6")
    expect(graph.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(graph.locator(".rv-ribbon.rv-reached")).to_have_count(5)


def test_an_output_opens_down_to_its_sum_and_follows_a_weight(graphs: list[Locator]) -> None:
    graph = graphs[0]
    graph.locator(".rv-board").focus()
    graph.page.keyboard.press("PageUp")
    graph.page.keyboard.press("Enter")
    expect(graph.get_by_role("heading", name="How output 0 gets its value at t = 0")).to_be_visible()
    expect(graph.get_by_text("from the state h at this step")).to_be_visible()
    graph.get_by_role("spinbutton", name="Weight of unit 1").fill("4")
    # A weight of the readout moves the outputs of all steps, and no state.
    expect(graph.locator(".rv-changed")).to_have_count(6)
    graph.get_by_role("button", name="Whole layer").click()
    expect(graph.get_by_role("heading", name="What the readout computes at t = 0")).to_be_visible()
    assert graph.locator(".rv-layer-part").count() >= 3


def test_an_input_is_reached_and_changed_by_key_alone(graphs: list[Locator]) -> None:
    graph = graphs[0]
    keyboard = graph.page.keyboard
    graph.locator(".rv-board").focus()
    for key in ("ArrowRight", "ArrowRight", "PageDown", "ArrowDown", "Enter"):
        keyboard.press(key)
    field = graph.get_by_role("spinbutton", name="Input 1 at t = 2")
    expect(field).to_be_focused()
    field.fill("3")
    columns = graph.locator(".rv-column")
    expect(graph.locator(".rv-changed").first).to_be_attached()
    changed = [columns.nth(k).locator(".rv-changed").count() for k in range(6)]
    assert changed[:2] == [0, 0]
    assert all(count > 0 for count in changed[2:])


def test_a_decoder_stands_behind_its_encoder(graphs: list[Locator]) -> None:
    graph = graphs[1]
    assert graph.locator(".rv-column").count() == 6
    assert graph.locator(".rv-handover").count() == 1
    said = graph.locator(".rv-said").all_text_contents()
    assert len(said) == 3
    assert set(said) <= {"a", "b", "c"}
    # A change of what the encoder reads reaches what the decoder says.
    keyboard = graph.page.keyboard
    graph.locator(".rv-board").focus()
    keyboard.press("PageDown")
    keyboard.press("Enter")
    graph.get_by_role("spinbutton", name="Input 0 at t = 0").fill("5")
    columns = graph.locator(".rv-column")
    expect(columns.nth(5).locator(".rv-changed").first).to_be_attached()


def test_both_directions_are_computed_after_a_change(graphs: list[Locator]) -> None:
    graph = graphs[2]
    graph.get_by_role("button", name="Last step").click()
    graph.locator(".rv-board").focus()
    graph.page.keyboard.press("PageDown")
    graph.page.keyboard.press("Enter")
    graph.get_by_role("spinbutton", name="Input 0 at t = 4").fill("5")
    expect(graph.locator(".rv-changed").first).to_be_attached()
    columns = graph.locator(".rv-column")
    # Only the reverse direction carries the last input to the first step: its three units there, and no other.
    assert columns.nth(0).locator(".rv-changed").count() == 3


def test_nothing_bars_the_way(
    graphs: list[Locator], page: Page, find_barriers: Callable[..., list[str]]
) -> None:
    graph = graphs[0]
    graph.get_by_role("button", name="Backward pass").click()
    graph.get_by_role("button", name="Show the arithmetic").click()
    graph.get_by_role("button", name="Whole layer").click()
    assert find_barriers(page, ".rnnviz-unrolled-graph") == []


@pytest.mark.parametrize("width", [320, 390])
def test_no_graph_is_wider_than_its_page(
    new_page: Callable[..., Page], server: Any, open_lesson: Callable[..., None], width: int
) -> None:
    page = new_page(width=width, height=800)
    open_lesson(page, server, "01-graphs")
    for graph in page.locator(".rnnviz-unrolled-graph").all():
        graph.get_by_role("button", name="Show the arithmetic").click()
        assert graph.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_an_edited_input_changes_the_open_sum(graphs: list[Locator]) -> None:
    graph = graphs[0]
    graph.locator(".rv-board").press("Enter")
    result = graph.locator(".rv-arithmetic")
    expect(result).to_contain_text("at t = 0")
    before = result.inner_text()
    graph.locator(".rv-board").press("PageDown")
    field = graph.get_by_label("Input 0 at t = 0")
    field.fill("3")
    expect(result).to_contain_text("at t = 0")
    expect(result).not_to_have_text(before, use_inner_text=True)
    expect(result).to_contain_text("3.000")


def test_a_graph_that_is_too_narrow_says_so(
    new_page: Callable[..., Page], server: Any, open_lesson: Any
) -> None:
    page = new_page(width=375, height=740)
    open_lesson(page, server, "01-graphs")
    graph = page.locator(".rnnviz-unrolled-graph").first
    extent = graph.locator(".rv-extent")
    expect(extent).to_have_text(re.compile(r"^t = 0 … \d of 0 … 5 · later steps →$"))
    graph.get_by_role("button", name="Last step").click()
    expect(extent).to_have_text(re.compile(r"^← earlier steps · t = \d … 5 of 0 … 5$"))
