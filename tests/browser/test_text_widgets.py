"""The widgets that read and write text, in a real page: what is typed is read there, by key as well as by pointer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SETUP = """
import torch, rnnviz as rv, rnnviz_widgets as rw
from rnnviz.data import Characters, Words, made_up_reviews, pad_sentences
from rnnviz.models import CharacterLearning, WordLearning
rhyme = 'One two, buckle my shoe. "Three" (four), knock at the door.\\n' * 6
learning = CharacterLearning(rhyme, "lstm", 24, steps=20, batch=16, learning_rate=0.01)
for _ in range(60):
    learning.step()
model, alphabet = learning.model, learning.alphabet
with rv.record(model) as trace:
    _ = model(alphabet.encode(rhyme)[:, None])
cursor = rw.Cursor(step=5)
rw.TextStates(trace, rhyme, vocabulary=alphabet, head=model.projection, cursor=cursor)
"""
SENTENCES = """
reviews = made_up_reviews(100)
vocabulary = Words(reviews.sentences)
numbers, _ = pad_sentences([vocabulary.encode(s) for s in reviews.sentences])
words = WordLearning.sentiment(vocabulary, numbers, reviews.positive)
for _ in range(20):
    words.step()
sentiment, sentence = words.training.model, 'the soup was not good at all .'
with rv.record(sentiment) as judged:
    _ = sentiment(vocabulary.encode(sentence)[:, None])
rw.TextStates(judged, sentence.split(), vocabulary=vocabulary, embedding=sentiment.embedding,
              head=sentiment.projection, array='verdict')
"""
CELLS = [
    (SETUP,),
    ("rw.GateHeatmap(trace, cursor=cursor, labels=[list(rhyme)])",),
    (SENTENCES,),
    (
        "from rnnviz.models import write_text\n"
        "settings = dict(temperature=0.9, seed=3)\n"
        "writer = rw.Writer(learning, prompt='One ', length=120, **settings)\n"
        "writer",
    ),
    ("print(write_text(model, alphabet, 'One ', 120, **settings))",),
]


@pytest.fixture(scope="module")
def server(serve_cells: Callable[..., Any]) -> Any:
    return serve_cells("12-texts", CELLS, title="Texts")


@pytest.fixture
def open_texts(server: Any, open_lesson: Callable[..., None]) -> Callable[[Page], Locator]:
    def open_texts(page: Page) -> Locator:
        open_lesson(page, server, "12-texts")
        return page.locator(".rnnviz-text-states").first

    return open_texts


def test_the_text_moves_with_the_cursor_and_chooses_units(page: Page, open_texts: Any) -> None:
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(frame)))
    text = open_texts(page)
    view = text.locator(".rv-text")
    view.focus()
    page.wait_for_timeout(300)
    sent = len(frames)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(text.locator(".rv-where")).to_have_text("t = 7 of 360 · ,")
    expect(text.get_by_role("heading", level=3)).to_contain_text("Hidden state of unit 1, LSTM layer")
    expect(page.locator(".rnnviz-gate-heatmap .rv-where")).to_have_text("t = 7 · ,")
    text.get_by_label("Units sorted by").select_option("place in the line")
    expect(text.locator(".rv-units .rv-note")).to_contain_text("follows “place in the line” with r = ")
    strip = text.get_by_role("slider", name="Unit")
    expect(strip).to_have_attribute("aria-valuenow", "0")
    strip.focus()
    page.keyboard.press("ArrowDown")
    expect(strip).to_have_attribute("aria-valuenow", "1")
    assert len(frames) - sent <= 2


def test_a_drawn_stretch_finds_others_alike(page: Page, open_texts: Any) -> None:
    text = open_texts(page)
    text.locator(".rv-text").focus()
    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    likes = text.locator(".rv-likes")
    # The rhyme comes six times, so its other five lines are the likest; only the way into the first line differs.
    expect(likes.get_by_role("listitem")).to_have_count(6)
    for place in range(5):
        expect(likes.locator("mark").nth(place)).to_have_text("wo, buc")
    likes.get_by_role("button").first.click()
    where = text.locator(".rv-where").text_content() or ""
    assert (int(where.split()[2]) - 11) % 60 == 0
    text.locator(".rv-text").focus()
    page.keyboard.press("Escape")
    expect(likes).to_be_hidden()


def test_what_is_typed_is_read_in_the_page(page: Page, open_texts: Any) -> None:
    text = open_texts(page)
    field = text.get_by_label("Type here, and it reacts")
    caption = text.locator(".rv-caption")
    recorded = caption.text_content() or ""
    whole = field.input_value()
    # The same text, read by the page and not by torch, gives the same sentence to two digits.
    field.fill(whole + "x")
    expect(text.locator(".rv-where")).to_have_text("t = 360 of 361 · x")
    expect(text.get_by_role("status")).to_contain_text("Not in its vocabulary, dotted: x")
    field.fill(whole)
    expect(caption).to_have_text(recorded)
    text.get_by_label("Coloured by").select_option("surprise")
    expect(text.get_by_role("heading", level=3)).to_have_text("Surprise at each character")
    field.fill("two three")
    expect(text.locator(".rv-where")).to_have_text("t = 8 of 9 · e")
    text.get_by_role("button", name="Recorded text").click()
    expect(field).to_have_value(whole)


def test_words_are_judged_as_they_are_typed(page: Page, open_texts: Any) -> None:
    open_texts(page)
    text = page.locator(".rnnviz-text-states").nth(1)
    expect(text.get_by_role("heading", level=3)).to_have_text("Verdict at each word")
    text.get_by_label("Type here, and it reacts").fill("The soup was zebra 17")
    expect(text.locator(".rv-where")).to_have_text("t = 4 of 5 · [NUM]")
    expect(text.get_by_role("status")).to_contain_text("zebra")
    text.get_by_label("Coloured by").select_option("hidden")
    expect(text.get_by_role("heading", level=3)).to_contain_text("Hidden state of unit")


def test_ten_thousand_characters_do_not_freeze_the_page(page: Page, open_texts: Any) -> None:
    text = open_texts(page)
    text.get_by_label("Type here, and it reacts").fill("two three four, knock " * 500)
    expect(text.get_by_role("status")).to_contain_text("Only the first 10,000 are read")
    expect(text.locator(".rv-where")).to_contain_text("of 10000")
    expect(text.locator(".rv-caption")).to_contain_text("is highest on average")
    longest = page.evaluate(
        """async () => {
          const view = document.querySelector(".rv-text");
          const press = (key) => view.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          const times = [];
          for (let k = 0; k < 40; k++) {
            press(k % 2 ? "ArrowUp" : "ArrowLeft");
            const begin = performance.now();
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            times.push(performance.now() - begin);
          }
          return times.sort((a, b) => a - b)[20];
        }"""
    )
    # Two frames; on an idle machine 33 ms.
    assert longest < 120


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(
    new_page: Callable[..., Page], open_texts: Any, find_barriers: Callable[..., list[str]], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    text = open_texts(page)
    text.locator(".rv-text").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(text.locator(".rv-likes")).to_be_visible()
    for place in range(2):
        page.locator(".rnnviz-text-states").nth(place).evaluate("(e, k) => { e.id = `text-${k}`; }", place)
        assert find_barriers(page, f"#text-{place}") == []


@pytest.mark.parametrize("width", [320, 390, 3840])
def test_no_text_is_wider_than_its_page(new_page: Callable[..., Page], open_texts: Any, width: int) -> None:
    page = new_page(width=width, height=800)
    open_texts(page)
    for widget in page.locator(".rnnviz-text-states").all():
        assert widget.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_a_reader_takes_picture_numbers_and_code_away(page: Page, open_texts: Any, tmp_path: Path) -> None:
    take_away(page, open_texts(page), tmp_path, "rw.TextStates(trace, text", 8000)
    take_away(page, page.locator(".rnnviz-writer"), tmp_path, "rw.Writer(learning", 124)


# The writer.


def written(page: Page) -> str:
    """The whole text of the writer, read from its table."""
    writer = page.locator(".rnnviz-writer")
    writer.locator(".rv-save summary").click()
    with page.expect_download() as download:
        writer.get_by_role("button", name="Numbers (CSV)").click()
    rows = csv.DictReader(io.StringIO(Path(download.value.path()).read_text()))
    return "".join(row["character"] for row in rows)


@pytest.fixture
def open_writer(open_texts: Any) -> Callable[[Page], Locator]:
    def open_writer(page: Page) -> Locator:
        open_texts(page)
        writer = page.locator(".rnnviz-writer")
        expect(writer.locator(".rv-caption")).to_contain_text("It wrote 120 characters")
        return writer

    return open_writer


def move(slider: Locator, value: str) -> None:
    slider.evaluate(
        "(e, value) => { e.value = value; e.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def test_the_page_writes_what_python_writes(page: Page, open_writer: Any) -> None:
    open_writer(page)
    printed = page.locator(".jp-OutputArea-output pre").last.text_content() or ""
    assert written(page) == "One " + printed.removesuffix("\n")


def test_a_temperature_meets_the_same_dice(page: Page, open_writer: Any) -> None:
    writer = open_writer(page)
    first = written(page)
    move(writer.get_by_role("slider", name="temperature"), "0")
    expect(writer.locator(".rv-caption")).not_to_contain_text("nothing")
    coldest = written(page)
    assert coldest != first
    move(writer.get_by_role("slider", name="temperature"), "0.9")
    assert written(page) == first
    writer.get_by_role("button", name="New dice").click()
    assert written(page) != first
    writer.get_by_role("spinbutton", name="dice").fill("3")
    assert written(page) == first


def test_a_character_put_in_by_hand_changes_what_follows(page: Page, open_writer: Any) -> None:
    writer = open_writer(page)
    before = written(page)
    view = writer.locator(".rv-text")
    view.focus()
    page.keyboard.press("Home")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    # Keys are answered at once, what they lead to is drawn with the next frame.
    expect(writer.locator(".rv-where")).to_contain_text("t = 10 of 124")
    choice = writer.locator(".rv-chance[aria-pressed=false]").last
    name = choice.locator("kbd").text_content() or ""
    choice.click()
    expect(writer.get_by_role("button", name="Let the dice decide")).to_be_visible()
    after = written(page)
    assert after[:10] == before[:10]
    assert after[10] == {"␣": " ", "⏎": "\n"}.get(name, name) != before[10]
    writer.get_by_role("button", name="Let the dice decide").click()
    assert written(page) == before
    # The same by key: a letter pressed in the text stands there, and the cursor goes on.
    view.focus()
    page.keyboard.press("k")
    expect(writer.locator(".rv-where")).to_contain_text("t = 11 of 124")
    assert written(page)[10] == "k"
    writer.get_by_role("button", name="Take out all").click()
    assert written(page) == before


def test_a_prompt_is_read_as_it_is_typed(page: Page, open_writer: Any) -> None:
    writer = open_writer(page)
    field = writer.get_by_label("Prompt")
    field.fill("Three x")
    expect(writer.get_by_role("status").first).to_contain_text("It does not know x")
    assert written(page).startswith("Three ")
    field.fill("")
    expect(writer.get_by_role("status").first).to_contain_text("at least one character")
    assert written(page).startswith("Three ")


def test_what_it_writes_changes_while_it_learns(page: Page, open_writer: Any) -> None:
    writer = open_writer(page)
    before = written(page)
    writer.get_by_role("button", name="Train").click()
    expect(writer.locator(".rv-status")).to_contain_text("a second")
    writer.get_by_role("button", name="Pause").click()
    expect(writer.get_by_role("button", name="Train")).to_be_visible()
    assert written(page) != before
    writer.get_by_role("button", name="Reset").click()
    expect(writer.locator(".rv-status")).to_have_text("0 updates")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way_to_the_writer(
    new_page: Callable[..., Page], open_writer: Any, find_barriers: Callable[..., list[str]], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    writer = open_writer(page)
    writer.get_by_label("Coloured by").select_option("forget")
    writer.locator(".rv-text").focus()
    page.keyboard.press("k")
    assert find_barriers(page, ".rnnviz-writer") == []


@pytest.mark.parametrize("width", [320, 3840])
def test_the_writer_is_no_wider_than_its_page(
    new_page: Callable[..., Page], open_writer: Any, width: int
) -> None:
    page = new_page(width=width, height=800)
    assert open_writer(page).evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def take_away(page: Page, widget: Locator, folder: Path, call: str, least: int) -> None:
    """Save the picture, the numbers and the code of a widget, and look at what was saved."""
    summary = widget.locator(".rv-save summary")

    def save(choice: str) -> Path:
        summary.click()
        with page.expect_download() as download:
            widget.get_by_role("button", name=choice).click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    assert save("Picture (PNG)").read_bytes().startswith(b"\x89PNG")
    head, *lines = save("Numbers (CSV)").read_text().splitlines()
    assert head.count(",") >= 2
    assert len(lines) >= least
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    summary.click()
    widget.get_by_role("button", name="Copy the code").click()
    expect(widget.locator(".rv-save")).not_to_have_attribute("open", "")
    code = page.evaluate("navigator.clipboard.readText()")
    compile(code, "copied", "exec")
    assert call in code
