"""Lesson 02 as an instructor shows it and as a student runs it: the graph steps, folds and computes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

NAME = "02-the-recurrent-neuron"


def graph_of_a_layer(lesson: Page) -> Locator:
    """The last graph of the lesson: a layer of several units, unrolled."""
    graph = lesson.locator(".rnnviz-unrolled-graph").last
    graph.scroll_into_view_if_needed()
    return graph


def test_the_lesson_lives(lesson: Page, find_barriers: Callable[..., list[str]]) -> None:
    graph = graph_of_a_layer(lesson)
    map_of_units = lesson.locator(".rnnviz-gate-heatmap").last
    at = re.compile(r"t = \d+ · step (\d+) of (\d+)")
    where = graph.get_by_text(at)
    expect(where).to_be_visible()
    found = at.search(where.text_content() or "")
    assert found
    steps = int(found[2])

    # A step forward: the picture is another, and the map next to it moves along without being told.
    before, map_before = graph.screenshot(), map_of_units.screenshot()
    graph.get_by_role("button", name="Step forward").click()
    expect(where).to_have_text(f"t = 1 · step 2 of {steps}")
    expect(map_of_units.get_by_text(at)).to_have_text(f"t = 1 · step 2 of {steps}")
    assert graph.screenshot() != before
    assert map_of_units.screenshot() != map_before

    # The slider, by mouse and by key, moves both ways.
    slider = map_of_units.get_by_role("slider", name="Step")
    box = slider.bounding_box()
    assert box
    slider.click(position={"x": 2, "y": box["height"] / 2})
    expect(where).to_have_text(f"t = 0 · step 1 of {steps}")
    slider.press("End")
    expect(where).to_have_text(f"t = {steps - 1} · step {steps} of {steps}")
    slider.press("Home")
    expect(where).to_have_text(f"t = 0 · step 1 of {steps}")

    # Folded, the steps are one column with a loop; unfolded again, as many as there are.
    shown = graph.locator(".rv-column:not([opacity='0'])")
    assert shown.count() == steps
    unfolded = graph.screenshot()
    graph.get_by_role("button", name="Fold into a loop").click()
    expect(graph.get_by_role("button", name="Unfold in time")).to_be_visible()
    assert graph.screenshot() != unfolded
    graph.get_by_role("button", name="Unfold in time").click()
    expect(shown).to_have_count(steps)

    # The arithmetic of a value: another weight gives another state, there and in the picture.
    graph.get_by_role("button", name="Step forward").click()
    graph.get_by_role("button", name="Show the arithmetic").click()
    expect(graph.get_by_role("heading", name="gets its value at t = 1")).to_be_visible()
    state = graph.locator(".rv-hidden[data-speaks]")
    old, picture = state.inner_text(), graph.locator("svg").first.screenshot()
    weight = graph.get_by_role("spinbutton", name="Weight of unit 0")
    weight.fill("2.5")
    weight.press("Enter")
    expect(state).not_to_have_text(old)
    assert graph.locator("svg").first.screenshot() != picture

    assert find_barriers(lesson, ".rnnviz") == []


def test_questions_are_answered_after_the_reader(lesson: Page) -> None:
    question = lesson.locator(".rnnviz-predict").first
    question.scroll_into_view_if_needed()
    commit = question.get_by_role("button", name="Commit to this prediction")
    expect(commit).to_be_disabled()
    # JupyterLab lays a cell out only once it is on screen; until then there is no text to compare.
    expect(question).to_contain_text("How sure are you?", use_inner_text=True)
    before = question.inner_text()
    question.get_by_role("radio", name="It grows with every step").check()
    question.get_by_role("radio", name="fairly sure").check()
    assert len(question.inner_text()) == pytest.approx(len(before), abs=20)
    commit.click()
    # Only now is there more to read: what happens, and what that says of the prediction.
    expect(question.get_by_role("status").first).not_to_be_empty()
    assert len(question.inner_text()) > len(before) + 50

    # The same goes for a quiz.
    question = lesson.locator(".rnnviz-quiz").first
    question.scroll_into_view_if_needed()
    question.get_by_role("radio").first.check()
    expect(question).to_contain_text("Commit to this answer", use_inner_text=True)
    before = question.inner_text()
    question.get_by_role("button", name="Commit to this answer").click()
    expect(question.get_by_role("status").first).not_to_be_empty()
    assert len(question.inner_text()) > len(before) + 30


def test_the_lesson_opens_with_a_neuron_to_play_with(lesson: Page) -> None:
    graph = lesson.locator(".rnnviz-unrolled-graph").first
    graph.get_by_role("button", name="Show the arithmetic").click()
    value = graph.locator(".rv-equation")
    # No bias, and no b.
    expect(value).not_to_contain_text("b")
    for _ in range(2):
        graph.get_by_role("button", name="Step forward").click()
    expect(value).to_contain_text("=0.000")
    weight = graph.get_by_role("spinbutton", name="Weight of unit 0")
    weight.fill("0.9")
    weight.press("Enter")
    expect(value).to_contain_text("=0.490")
    # What one is told after the lesson is folded up.
    outcomes = lesson.locator("details", has_text="After this lesson you can")
    expect(outcomes.get_by_role("listitem").first).not_to_be_visible()
    outcomes.locator("summary").click()
    expect(outcomes.get_by_role("listitem")).to_have_count(5)


def test_what_the_lesson_says_can_be_seen(lesson: Page) -> None:
    # Two neurons that hear each other: with one sign turned round, they ring.
    question = lesson.locator(".rnnviz-predict").filter(has_text="Neither hears itself")
    question.scroll_into_view_if_needed()
    question.get_by_role("radio", name="Only the second").check()
    question.get_by_role("button", name="Commit to this prediction").click()
    two = question.locator(".rnnviz-unrolled-graph")
    for _ in range(2):
        two.get_by_role("button", name="Step forward").click()
    two.get_by_role("button", name="Show the arithmetic").click()
    value = two.locator(".rv-equation")
    expect(value).to_contain_text("=0.490")
    weight = two.get_by_role("spinbutton", name="Weight of unit 1")
    weight.fill("-0.9")
    weight.press("Enter")
    expect(value).to_contain_text("=−0.490")

    # One set of weights: a bias changed while one instance is shown counts for another as well.
    four = lesson.locator(".rnnviz-unrolled-graph").filter(has_text="One layer, four instances")
    four.scroll_into_view_if_needed()
    four.get_by_role("button", name="Show the arithmetic").click()
    instance, value = four.get_by_role("combobox", name="Sequence"), four.locator(".rv-equation")
    instance.select_option("3")
    recorded = value.text_content() or ""
    instance.select_option("0")
    expect(value).to_contain_text("tanh(0.000+0.000+")
    bias = four.get_by_role("spinbutton", name="Weight of bias (input)")
    bias.fill("1")
    bias.press("Enter")
    instance.select_option("3")
    expect(value).not_to_have_text(recorded)
    expect(value).not_to_contain_text("tanh(0.000+0.000+")

    # What is read off the state does not come back: another readout leaves the states as they are.
    read = lesson.locator(".rnnviz-unrolled-graph").filter(has_text="1 layer of 3 units")
    read.scroll_into_view_if_needed()
    numbers = read.locator("svg .rv-column").nth(1).locator(".rv-unit")
    shown = [unit.get_attribute("fill") for unit in numbers.all()]
    numbers.last.click(force=True)
    expect(read.get_by_role("heading", name="How output 0 gets its value at t = 1")).to_be_visible()
    weight = read.get_by_role("spinbutton", name="Weight of unit 1")
    weight.fill("2")
    weight.press("Enter")
    expect(read.get_by_role("button", name="Undo my changes")).to_be_visible()
    now = [unit.get_attribute("fill") for unit in numbers.all()]
    assert now[:-1] == shown[:-1]
    assert now[-1] != shown[-1]

    # A list of steps and a loop take the same memory.
    question = lesson.locator(".rnnviz-predict").filter(has_text="Whose graph takes more memory?")
    question.scroll_into_view_if_needed()
    question.get_by_role("radio", name="Both take the same").check()
    question.get_by_role("button", name="Commit to this prediction").click()
    reading = question.locator(".rnnviz-experiment .rv-reading")
    expect(reading).to_contain_text("one loop 256.4 kB, written out 256.2 kB, in pieces 5.48 kB")
