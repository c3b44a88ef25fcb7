"""The glossary, and the links between notebooks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnviz.app.export import export_lessons
from rnnviz.app.lessons import find_lessons, read_lessons
from rnnviz.app.texts import GLOSSARY, PageMarkdown, name_place, read_glossary, set_text

LESSONS = find_lessons()
LINK = re.compile(r"\[[^\]]*\]\(([^)]+)\)")


def read_markdown(notebook: Path) -> str:
    cells = json.loads(notebook.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("notebook", sorted(LESSONS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_link_between_notebooks_leads_somewhere(notebook: Path) -> None:
    for target in LINK.findall(read_markdown(notebook)):
        name, _, place = target.partition("#")
        if "://" in name:
            continue
        other = notebook.with_name(name) if name else notebook
        assert other.is_file(), f"{notebook.name} links to {target}"
        if place:
            headings = re.findall(r"^#+ (.+)$", read_markdown(other), flags=re.MULTILINE)
            assert place in {name_place(heading) for heading in headings}, (
                f"{notebook.name} links to {target}"
            )


def test_every_word_is_explained_once_in_the_order_of_the_alphabet() -> None:
    text = read_markdown(LESSONS / GLOSSARY)
    words = re.findall(r"^### (.+)$", text, flags=re.MULTILINE)
    assert words == sorted(words, key=str.lower)
    assert len(words) == len(set(words)) > 50
    letters = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert letters == sorted({word[0].upper() for word in words})
    assert re.findall(r"\[(\w)\]\(#\1\)", text) == letters
    glossary = read_glossary(LESSONS / GLOSSARY)
    assert list(glossary) == [name_place(word) for word in words]
    for word, meaning in glossary.items():
        # Shown in a tip as it is: whole sentences, few of them, without markup.
        assert meaning.endswith("."), word
        assert not re.search(r"[*$\[\]]", meaning), word
        assert 20 < len(meaning) < 260, word
    # The line below says at least where the word is explained.
    entries = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    where = r"\[lesson \d\d\]\(\d\d-[\w-]+\.ipynb\)"
    assert [entry.partition("\n")[0] for entry in entries if not re.search(where, entry)] == []


def test_a_text_is_no_lesson_and_needs_no_kernel() -> None:
    lessons, _ = read_lessons(LESSONS)
    (glossary,) = [lesson for lesson in lessons if not lesson.takes_turn]
    assert (glossary.path.name, glossary.runs, glossary.minutes) == (GLOSSARY, False, None)
    assert all(lesson.runs for lesson in lessons if lesson.takes_turn)


def test_a_word_is_explained_where_it_stands(tmp_path: Path, write_lesson: Callable[..., Path]) -> None:
    words = (
        '## C\n\n### cell state\n\nWhat an LSTM `keeps`, "so to\nspeak".\n\n$c_t$ · [lesson 02](02-two.ipynb)'
    )
    text = write_lesson(tmp_path, "glossary", [words], title="Glossary")
    (html,) = set_text(text)
    assert '<h3 id="cell-state">' in html
    assert '<a href="02-two.ipynb">lesson 02</a>' in html

    renderer = PageMarkdown(escape=False)
    assert renderer.link("x", "glossary.ipynb#cell-state") == (
        '<a class="page-word" target="rnnviz-glossary" href="glossary.ipynb#cell-state">x</a>'
    )
    renderer.folder = tmp_path
    explained = renderer.link("x", "glossary.ipynb#cell-state")
    assert 'title="What an LSTM keeps, &quot;so to speak&quot;."' in explained
    assert "title" not in renderer.link("x", "glossary.ipynb#nowhere")
    # Elsewhere nothing is changed.
    assert renderer.link("x", "https://example.org/a.ipynb") == '<a href="https://example.org/a.ipynb">x</a>'

    text.write_text("torn")
    assert read_glossary(text) == {}
    assert read_glossary(tmp_path / "none.ipynb") == {}


def test_links_of_saved_pages_lead_to_pages(tmp_path: Path, write_lesson: Callable[..., Path]) -> None:
    folder, site = tmp_path / "lessons", tmp_path / "site"
    folder.mkdir()
    see = "# One\n\n[state](glossary.ipynb#state), [two](02-two.ipynb#A-part), [three](03-three.ipynb)"
    write_lesson(folder, "01-one", [see, ("print(1)",)], title="One")
    write_lesson(folder, "02-two", ["# Two\n\n## A part", ("print(2)",)], title="Two")
    write_lesson(
        folder, "glossary", ["# Words\n\n### state\n\nAll of the past that counts.\n\n[one](01-one.ipynb)"]
    )
    done = export_lessons(read_lessons(folder)[0], site)
    assert done.pages == ["index.html", "01-one.html", "02-two.html", "glossary.html"]

    page = (site / "01-one.html").read_text()
    assert 'href="glossary.html#state" title="All of the past that counts."' in page
    assert 'href="02-two.html#A-part"' in page
    assert ", three<" in page  # there is no such page, so it is no link
    assert 'rel="next" href="02-two.html"' in page
    assert 'rel="next"' not in (site / "02-two.html").read_text()
    text = (site / "glossary.html").read_text()
    assert '<h3 id="state">' in text
    assert 'href="01-one.html"' in text
    for name in re.findall(r'(?:src|href)="([^"#]+)', text):
        assert name.startswith("data:") or (site / name).exists(), name
    gallery = (site / "index.html").read_text()
    assert gallery.count('class="card"') == 2
    assert re.search(r'aria-label="Beside the lessons">\s*<li><a href="glossary.html">Words</a>', gallery)


def test_an_empty_corner_of_a_table_is_no_header(tmp_path: Path, write_lesson: Callable[..., Path]) -> None:
    table = "| | what |\n|---|--:|\n| **x** | an input |"
    (html,) = set_text(write_lesson(tmp_path, "table", [table]))
    assert "<td></td>" in html
    assert '<th style="text-align:right">what</th>' in html
    assert html.count("<th") == 2  # its own and that of <thead>


def test_a_formula_on_a_line_of_its_own_ends_no_paragraph(
    tmp_path: Path, write_lesson: Callable[..., Path]
) -> None:
    (html,) = set_text(write_lesson(tmp_path, "formula", ["Before\n$$h_t$$\nafter, and ## no heading."]))
    assert '<span class="page-formula"><math' in html
    assert html.count("<p>") == html.count("</p>")
