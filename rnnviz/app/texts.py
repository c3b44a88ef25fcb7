"""Texts that are read beside the lessons, such as the glossary, and the links between notebooks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from rnnviz.app.formulas import Formulas

if TYPE_CHECKING:

    class _Renderer:
        def link(self, text: str, url: str, title: str | None = None) -> str: ...
        def heading(self, text: str, level: int, **attrs: Any) -> str: ...

else:
    _Renderer = object

GLOSSARY = "glossary.ipynb"
# A tab of its own, the same for all words: looking a word up does not leave the running lesson.
TAB = "rnnviz-glossary"


class Links(_Renderer):
    """Mixed into a renderer of Markdown: leads links between notebooks to their pages, and explains words on the spot.

    Parameters
    ----------
    folder
        Where the notebooks lie; without it no word is explained.
    pages
        The page of each notebook, by file name, where pages have other names; a link to any other becomes plain text.
    """

    folder: Path | None = None
    pages: Mapping[str, str] | None = None

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Set ``## text`` with a mark that links can lead to."""
        place = name_place(unescape(re.sub(r"<[^>]+>", "", text)))
        # The contents list the same links by name; this one is for the hand that is there already.
        link = (
            f'<a class="anchor-link" href="#{place}" aria-hidden="true" tabindex="-1">#</a>'
            if level > 1
            else ""
        )
        return f'<h{level} id="{place}">{text}{link}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Set ``[text](url "title")``."""
        name, mark, place = url.partition("#")
        if mark and (not name or name.endswith(".ipynb")):
            place = name_place(place)
            url = f"{name}#{place}"
        if not re.fullmatch(r"[^/:]+\.ipynb", name):
            return super().link(text, url, title)
        if self.pages is not None:
            if name not in self.pages:
                return text
            url = f"{self.pages[name]}{mark}{place}"
        if name != GLOSSARY:
            return super().link(text, url, title)
        meaning = read_glossary(self.folder / GLOSSARY).get(place) if self.folder else None
        explained = super().link(text, url, title or (escape(meaning) if meaning else None))
        return explained.replace("<a ", f'<a class="page-word" target="{TAB}" ', 1)


class Tables:
    """Mixed into a renderer of Markdown: an empty corner of a table is no header of anything."""

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """Set one cell."""
        tag = "th" if head and text.strip() else "td"
        style = f' style="text-align:{align}"' if align else ""
        return f"  <{tag}{style}>{text}</{tag}>\n"


class PageMarkdown(Links, Tables, Formulas, IPythonRenderer):
    """Markdown as a page shows it."""


def read_glossary(path: Path) -> Mapping[str, str]:
    """Read what a glossary says of each word.

    Parameters
    ----------
    path
        A notebook in which each word is a heading of the third level, and its meaning the paragraph below.

    Returns
    -------
    mapping of str to str
        By the word's place in the page, which is the word with hyphens; empty where there is no such notebook.

    Examples
    --------
    >>> from rnnviz.app.lessons import find_lessons
    >>> read_glossary(find_lessons() / GLOSSARY)["epoch"]
    'One pass through all the training data.'
    """
    try:
        return _read_words(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError):
        return {}


@lru_cache(maxsize=16)
def _read_words(path: Path, changed: int) -> Mapping[str, str]:
    """Read a glossary; `changed` is part of the key, so an edited file is read again."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    found = re.findall(r"^### (.+)\n+((?:.+\n)*.+)", text, flags=re.MULTILINE)
    return {name_place(word): " ".join(meaning.replace("`", "").split()) for word, meaning in found}


def name_place(heading: str) -> str:
    """Return the mark of a heading in a page: letters, digits and hyphens, so that an address can hold it as it is.

    Parameters
    ----------
    heading
        The heading, or its mark in JupyterLab, where a link between notebooks leads.

    Examples
    --------
    >>> name_place("hidden state"), name_place("Is-it-any-good?")
    ('hidden-state', 'Is-it-any-good')
    """
    return re.sub(r"[^\w]+", "-", heading).strip("-")


def set_text(path: Path, pages: Mapping[str, str] | None = None) -> list[Markup]:
    """Turn the text cells of a notebook into HTML, without running anything.

    Parameters
    ----------
    path
        The notebook.
    pages
        See `Links`.
    """
    renderer = PageMarkdown(escape=False)
    renderer.folder, renderer.pages = path.parent, pages
    markdown = MarkdownWithMath(renderer=renderer)
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        Markup(markdown.render("".join(cell["source"]))) for cell in cells if cell["cell_type"] == "markdown"
    ]
