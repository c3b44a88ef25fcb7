"""The translator in a real page: it translates while one types, and another word changes what follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

# Untrained is enough to see every control work, and quick.
CELL = """
import rnnviz_widgets as rw
from rnnviz.data import made_up_pairs
from rnnviz.models import EncoderDecoder
pairs = made_up_pairs()
source, target = pairs.vocabularies()
rw.Translator(EncoderDecoder(len(source), len(target)), source, target, examples=pairs)
"""


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("11-translator", [(CELL,)], title="Translator")


def test_a_sentence_is_translated_as_it_is_typed_and_a_word_can_be_forced(
    page: Page, server: Any, open_lesson: Callable[..., None]
) -> None:
    open_lesson(page, server, "11-translator")
    widget = page.locator(".rnnviz-translator")
    field = widget.get_by_role("textbox", name="Sentence to translate")
    expect(field).to_have_value("i drink milk")
    expect(widget.get_by_text("In the corpus: je bois du lait")).to_be_visible()
    field.fill("")
    expect(widget.get_by_text("Type a sentence")).to_be_visible()
    field.press_sequentially("she likes purple")
    expect(widget.get_by_text("It does not know “purple”, and reads [UNK].")).to_be_visible()
    # Read backwards: the last word first. The cursor stands at the last word said; Home is the first one read.
    widget.locator(".rv-transport").get_by_role("button", name="First step").click()
    expect(widget.locator(".rv-caption")).to_have_text("Word 1 of 3 is read: “purple”.")
    expect(widget.get_by_text("It is still reading.")).to_be_visible()
    first = widget.locator(".rv-word").first
    first.click()
    chances = widget.locator(".rv-chance")
    expect(chances.first).to_have_attribute("aria-current", "true")
    other = chances.nth(2).locator("span").first.inner_text()
    chances.nth(2).click()
    expect(first).to_contain_text(other)
    expect(first).to_have_attribute("aria-label", re.compile("forced"))
    # The keyboard stays where it was, at the word that is now chosen.
    expect(widget.locator(".rv-chance[aria-current=true]")).to_be_focused()
    attention = widget.get_by_role("group", name="Attention")
    expect(attention.get_by_role("columnheader")).to_have_text(["she", "likes", "purple"])
    shares = attention.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
    assert sum(map(float, shares)) == pytest.approx(1, abs=0.02)
    widget.get_by_role("button", name="Let it choose again").click()
    expect(first).not_to_have_attribute("aria-label", re.compile("forced"))


def test_a_wider_beam_offers_more_sentences(
    page: Page, server: Any, open_lesson: Callable[..., None]
) -> None:
    open_lesson(page, server, "11-translator")
    widget = page.locator(".rnnviz-translator")
    beams = widget.locator(".rv-beams li")
    expect(beams).to_have_count(3)
    slider = widget.get_by_role("slider", name="Width of the beam")
    slider.focus()
    page.keyboard.press("End")
    expect(beams).to_have_count(6)
    text = beams.nth(4).get_by_role("button").inner_text()
    beams.nth(4).get_by_role("button").click()
    expect(widget.locator(".rv-caption")).to_contain_text("forced")
    said = [word for word in widget.locator(".rv-word").all_inner_texts() if "<eos>" not in word]
    assert " ".join(word.replace("✎", "").strip() for word in said).replace("' ", "'") == text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_translator_has_no_barriers_and_fits_a_phone(
    new_page: Any, server: Any, open_lesson: Any, find_barriers: Any, scheme: str
) -> None:
    page = new_page(width=320, height=700, scheme=scheme)
    open_lesson(page, server, "11-translator")
    expect(page.locator(".rnnviz-translator .rv-caption")).not_to_be_empty()
    assert find_barriers(page, "main") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
