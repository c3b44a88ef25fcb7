"""Write the lessons as pages that need no server and no Python: to put on a web site, or to open from a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbformat import NotebookNode

import rnnviz
from rnnviz.app import snapshots
from rnnviz.app.contents import compose_index, compose_page, find_routes
from rnnviz.app.lessons import LAB_CELLS, Lesson
from rnnviz.app.rehearse import Rehearsal, dashboard_cells, rehearse
from rnnviz.app.texts import PageMarkdown, set_text

TEMPLATES = Path(__file__).parent / "share" / "jupyter" / "voila" / "templates" / "rnnviz"
# Where the files lie that all pages share, below the folder of the pages.
SHARED = "shared"
SHEETS = ("page.css", "lesson.css")
PLOTLY = "plotly-widget"
# By this a folder is known as one that may be written over.
MARK = ".rnnviz-export.json"


@dataclass
class Exported:
    """What `export_lessons` wrote.

    Parameters
    ----------
    pages
        Names of the pages, the gallery first.
    sizes
        Bytes in each part of the folder: its pages, what the widgets show, the widgets, plotly, pictures.
    left_out
        By page, how many cells show something that no page can show without Python.
    """

    pages: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def describe(self) -> str:
        """Say it in a few lines.

        Examples
        --------
        >>> print(Exported(["index.html", "02-neuron.html"], {"pages": 60_000, "widgets": 412_000}).describe())
        2 pages, 0.5 MB: pages 0.1 MB, widgets 0.4 MB
        """
        parts = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in self.sizes.items())
        lines = [f"{len(self.pages)} pages, {sum(self.sizes.values()) / 1e6:.1f} MB: {parts}"]
        lines += [
            f"{page}: {cells} cell{'s' if cells > 1 else ''} can only be shown with Python"
            for page, cells in self.left_out.items()
        ]
        return "\n".join(lines)


def export_lessons(
    lessons: Sequence[Lesson], folder: Path, *, tell: Callable[[str], object] = lambda _: None
) -> Exported:
    """Run lessons and write each as a page that works without Python, with a gallery in front.

    Parameters
    ----------
    lessons
        Which, in this order.
    folder
        Where to; made if missing. An earlier export is written over, its pages are taken away; anything else is
        refused.
    tell
        Called with a line on what is done next.

    Raises
    ------
    FileExistsError
        `folder` holds something that is no earlier export.
    RuntimeError
        A lesson does not run to its end.
    """

    def run(lesson: Lesson) -> Rehearsal:
        tell(f"Running {lesson.name} …")
        return rehearse(lesson)

    return write_site(lessons, folder, run)


def write_site(lessons: Sequence[Lesson], folder: Path, run: Callable[[Lesson], Rehearsal]) -> Exported:
    """Write lessons as pages, each as it came out of `run`; see `export_lessons`."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise FileExistsError(f"{folder} is not empty, and is no earlier export.")
    folder.mkdir(parents=True, exist_ok=True)
    for page in _earlier_pages(folder):
        (folder / page).unlink(missing_ok=True)
    _leave_mark(folder, [])
    for part in (SHARED, "pictures"):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir()
    done = Exported()
    pages, used = {}, set()
    for lesson in lessons:
        if not lesson.runs:
            continue
        rehearsal = run(lesson)
        notebook, snapshot = rehearsal.notebook, deepcopy(rehearsal.snapshot)
        _fit_to_pages(snapshot, {lesson.name for lesson in lessons})
        pages[lesson] = notebook
        used |= {model["module"] for model in snapshot.models.values()}
        (folder / SHARED / f"{lesson.name}.js").write_text(snapshot.write(), encoding="utf-8")
        shown = sum(bool(cell.get("outputs")) for cell in dashboard_cells(notebook))
        if shown > len(snapshot.cells):
            done.left_out[f"{lesson.name}.html"] = shown - len(snapshot.cells)
    _copy_shared(folder / SHARED, used)
    _write_pages(folder, list(lessons), pages, done)
    _leave_mark(folder, done.pages)
    done.sizes = _weigh(folder)
    return done


def _fit_to_pages(snapshot: snapshots.Snapshot, names: set[str]) -> None:
    """Take out what widgets say of the machine and the folder that ran the lesson: it is not the reader's."""
    for model in snapshot.models.values():
        state = model["state"]
        if model["module"] == "environment":
            state["findings"] = []
        elif model["module"] == "lesson_map":
            state["lessons"] = [lesson for lesson in state["lessons"] if lesson["name"] in names]


def _leave_mark(folder: Path, pages: Sequence[str]) -> None:
    """Note in the folder that it is ours, and which pages we have written, so that they can be taken away."""
    about = {"made by": f"rnnviz {rnnviz.__version__}", "pages": list(pages)}
    (folder / MARK).write_text(json.dumps(about) + "\n", encoding="utf-8")


def _earlier_pages(folder: Path) -> list[str]:
    if not (folder / MARK).is_file():
        return []
    noted = json.loads((folder / MARK).read_text(encoding="utf-8")).get("pages", [])
    # Pages lie in the folder itself: whatever else stands there is not ours to take away.
    return [page for page in noted if page == Path(page).name and page.endswith(".html")]


def _copy_shared(folder: Path, modules: set[str]) -> None:
    """Copy what all pages share: style sheets, the page's scripts, and the widgets that occur."""
    for name in (*SHEETS, "page.js"):
        shutil.copy(TEMPLATES / "static" / name, folder)
    for name in ("rnnviz.css", "page_host.js", "page_frame.js"):
        shutil.copy(snapshots.widgets_folder() / name, folder)
    texts = {
        name: (snapshots.widgets_folder() / f"{name}.js").read_text(encoding="utf-8") for name in modules
    }
    if any(PLOTLY in text for text in texts.values()):
        package = find_spec("plotly")
        assert package is not None
        assert package.origin is not None
        bundle = Path(package.origin).parent / "package_data" / "widgetbundle.js"
        texts[PLOTLY] = bundle.read_text(encoding="utf-8")
    (folder / "widgets").mkdir()
    for name, text in texts.items():
        # A page from a file may load a script, but not import a module: so a script that holds the module's text.
        script = f"(window.rnnvizModules ??= {{}})[{json.dumps(name)}] = {json.dumps(text)};\n"
        (folder / "widgets" / f"{name}.js").write_text(script, encoding="utf-8")


def _write_pages(
    folder: Path, lessons: list[Lesson], notebooks: dict[Lesson, NotebookNode], done: Exported
) -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    page_of = {lesson: f"{lesson.name}.html" for lesson in lessons}

    def picture_url(lesson: Lesson, dark: bool) -> str:
        picture = lesson.picture(dark=dark)
        if picture is None:
            return ""
        shutil.copy(picture, folder / "pictures")
        return f"pictures/{picture.name}"

    common = {
        "include_css": lambda name: Markup('<link rel="stylesheet" href="{}">').format(_shared(name)),
        "include_js": lambda name: Markup('<script src="{}"></script>').format(_shared(name)),
        "home": "index.html",
        "lesson_url": page_of.__getitem__,
        "static": True,
        "scripts": f"{SHARED}/",
        "version": "",
        "index": f"{SHARED}/search.js",
    }
    # What a dashboard leaves to JupyterLab can be read on a saved page, and found there.
    left_out = frozenset({"lab-only"})
    index = compose_index(lessons, page_of.__getitem__, left_out=left_out)
    (folder / SHARED / "search.js").write_text(index, encoding="utf-8")
    turns = [lesson for lesson in lessons if lesson.takes_turn]
    beside = [lesson for lesson in lessons if not lesson.takes_turn]

    def write(name: str, template: str, **about: Any) -> None:
        text = environment.get_template(template).render(**about, **common)
        (folder / name).write_text(text, encoding="utf-8")
        done.pages.append(name)

    about = {"lessons": turns, "routes": find_routes(turns), "beside": beside}
    write("index.html", "gallery.html", unreadable=[], picture_url=picture_url, **about)
    by_file = {lesson.path.name: page for lesson, page in page_of.items()}
    for lesson in lessons:
        page = compose_page(lesson, lessons, left_out=left_out)
        if not lesson.runs:
            write(page_of[lesson], "text.html", page=page, texts=set_text(lesson.path, by_file))
            continue
        renderer = PageMarkdown(escape=False)
        renderer.folder, renderer.pages = lesson.path.parent, by_file
        cells = list(_lay_cells(notebooks[lesson], MarkdownWithMath(renderer=renderer)))
        write(page_of[lesson], "static_lesson.html", page=page, cells=cells, shared=SHARED)


def _shared(name: str) -> str:
    """Return where a page finds what a dashboard has under ``static/``."""
    return f"{SHARED}/{Path(name).name}"


def _lay_cells(notebook: NotebookNode, markdown: MarkdownWithMath) -> Iterator[dict[str, Any]]:
    """Turn cells into what the page's template needs; a number marks those whose outputs are in the snapshot."""
    highlight = Highlight2HTML(pygments_lexer="ipython3")  # type: ignore[no-untyped-call]
    number = 0
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", ()))
        laid: dict[str, Any] = {
            "number": None,
            "kind": cell.cell_type,
            "code": "",
            "solution": "solution" in tags,
            "tags": sorted(tags),
        }
        if not LAB_CELLS & tags:
            number += 1
            laid["number"] = number
        elif "lab-only" in tags:
            continue
        if cell.cell_type == "markdown":
            laid["html"] = Markup(markdown.render(cell.source))
        elif cell.cell_type == "code":
            shows = bool({"show-code", "exercise", "solution"} & tags)
            laid["code"] = Markup(highlight(cell.source)) if shows else ""
            laid["exercise"] = "exercise" in tags
            laid["shows"] = bool(cell.get("outputs"))
        else:
            continue
        yield laid


def _weigh(folder: Path) -> dict[str, int]:
    def weigh(files: Iterator[Path]) -> int:
        return sum(file.stat().st_size for file in files if file.is_file())

    shared = folder / SHARED
    plotly = weigh(shared.glob(f"widgets/{PLOTLY}.js"))
    sizes = {
        "pages": weigh(folder.glob("*.html")),
        "their data": weigh(path for path in shared.glob("*.js") if (folder / f"{path.stem}.html").is_file()),
        "plotly": plotly,
        "pictures": weigh(folder.glob("pictures/*")),
    }
    total = weigh(folder.rglob("*"))
    return sizes | {"widgets and styles": total - sum(sizes.values())}
