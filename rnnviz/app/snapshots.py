"""What a lesson's widgets looked like when it last ran: pages show that before their kernel is there, or without one.

The first states of the course's own lessons are shipped (`rnnviz.app.first_states`). Besides, a snapshot is taken for
nothing whenever a dashboard has run to its end, and `rnnviz.app.rehearse` takes those of lessons that nobody opened. It
holds until the lesson or the package changes, and is kept with the reader's other Jupyter data, since its last digits
are those of the machine that ran it.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from nbformat import NotebookNode

import rnnviz
from rnnviz.app.first_states import find_first_state

# What a widget sends in place of its script where the page has it; see `rnnviz_widgets.base.leave_scripts`.
LEFT_TO_PAGE = 'export default (await window.rnnvizPage.load("{}")).default;'
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
REFERENCE = "anywidget:"
# Traits that say how Jupyter shows a widget, and nothing of what it shows.
JUPYTERS = frozenset({"layout", "tabbable", "tooltip", "_dom_classes", "_esm", "_css", "_anywidget_id"})
IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# More than any course has lessons; the oldest go first.
KEPT = 200
# Run last, on the lesson's own kernel: a figure of plotly's keeps its state as it was when it was made.
SETTLE = (
    "import sys as _sys\n"
    "_figures = _sys.modules.get('rnnviz_widgets.plotly_figure')\n"
    "_figures and _figures.settle_figures()\n"
    "del _sys, _figures"
)


@dataclass
class Snapshot:
    """The outputs of a lesson's cells, and the widgets in them.

    Parameters
    ----------
    models
        By a short name: the module that draws a widget, its traits, and its buffers, each with the path of the
        trait it belongs to.
    cells
        By the number of the cell on the page, counted from 1: its outputs, as ``widgets/src/page_host`` lays
        them out.
    """

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    cells: dict[int, list[dict[str, str]]] = field(default_factory=dict)

    def write(self) -> str:
        """Return a script that hands the snapshot to the page."""
        # A script and not JSON: NaN and Infinity, which a trait may hold, are words of JavaScript's.
        return f"rnnvizPage.show({json.dumps({'models': self.models, 'cells': self.cells})});\n"


def widgets_folder() -> Path:
    """Return the folder of the widgets' scripts and style sheet, without importing the widgets.

    Examples
    --------
    >>> (widgets_folder() / "page_host.js").is_file()
    True
    """
    package = find_spec("rnnviz_widgets")
    if package is None or package.origin is None:
        raise FileNotFoundError('rnnviz_widgets is not installed. Run: pip install "rnnviz[course]"')
    return Path(package.origin).parent / "static"


def take_snapshot(
    cells: Iterable[NotebookNode],
    states: Mapping[str, Mapping[str, Any]],
    buffers: Mapping[str, Mapping[Any, Mapping[str, Any]]],
) -> Snapshot:
    """Pick out of a run what a page can show without a kernel.

    A cell that shows anything else (a widget that is not of this course, a formula) is left to the kernel whole.

    Parameters
    ----------
    cells
        The lesson's cells as they stand on the page, run.
    states, buffers
        What nbclient's ``NotebookClient`` has noted as ``widget_state`` and ``widget_buffers``.
    """
    modules = {path.stem: path.read_text(encoding="utf-8") for path in widgets_folder().glob("*.js")}
    snapshot = Snapshot()
    names: dict[str, str] = {}

    def keep(model: str) -> str:
        """Keep a widget and all it refers to; return its name in the snapshot. KeyError where it is none of ours."""
        if model in names:
            return names[model]
        # Named like the widget's own module, and the same text: a widget that a reader has changed is none of ours.
        module = states[model]["_anywidget_id"].split(".")[-2]
        if states[model]["_esm"] not in {modules[module], LEFT_TO_PAGE.format(module)}:
            raise KeyError(module)
        name = names[model] = f"m{len(names)}"
        state: dict[str, Any] = {}
        for trait, value in states[model].items():
            if trait in JUPYTERS or trait.startswith(("_model_", "_view_")):
                continue
            if isinstance(value, str) and value.startswith(REFERENCE):
                value = REFERENCE + keep(value.removeprefix(REFERENCE))
            state[trait] = value
        kept = [[list(path), buffer["data"]] for path, buffer in buffers.get(model, {}).items()]
        snapshot.models[name] = {"module": module, "state": state} | ({"buffers": kept} if kept else {})
        return name

    for number, cell in enumerate(cells, start=1):
        before = dict(names), dict(snapshot.models)
        try:
            outputs = [
                shown for output in join_prints(cell.get("outputs", ())) for shown in _shown(output, keep)
            ]
        except KeyError:
            names, snapshot.models = before
            continue
        if outputs:
            snapshot.cells[number] = outputs
    return snapshot


def join_prints(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    r"""Join what a cell printed in one go, which arrives in pieces where the machine is slow.

    Parameters
    ----------
    outputs
        A cell's outputs, left as they are.

    Returns
    -------
    list of NotebookNode
        The same, with each run of pieces of one stream as a single output.

    Examples
    --------
    >>> from nbformat.v4 import new_output
    >>> pieces = [new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")]
    >>> [output.text for output in join_prints(pieces)]
    ['a\nb\n']
    """
    joined: list[NotebookNode] = []
    for output in outputs:
        before = joined[-1] if joined else None
        if before is not None and _is_stream(output) and _is_stream(before) and before.name == output.name:
            joined[-1] = copy(before)
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _is_stream(output: NotebookNode) -> bool:
    return bool(output["output_type"] == "stream")


def _shown(output: NotebookNode, keep: Any) -> Iterator[dict[str, str]]:
    """Turn one output into what a page lays out; raise KeyError where it cannot."""
    if output["output_type"] == "stream":
        yield {"stream": output["name"], "text": ESCAPES.sub("", output["text"])}
        return
    data = output["data"]
    if WIDGET_VIEW in data:
        yield {"view": keep(data[WIDGET_VIEW]["model_id"])}
    elif "text/html" in data and "<script" not in data["text/html"]:
        yield {"html": data["text/html"]}
    elif found := next((kind for kind in IMAGES if kind in data), None):
        picture = data[found]
        if found == "image/svg+xml":
            picture = base64.b64encode(picture.encode()).decode()
        yield {"image": picture, "type": found, "alt": data.get("text/plain", "")}
    elif set(data) == {"text/plain"}:
        yield {"stream": "stdout", "text": data["text/plain"]}
    else:
        raise KeyError(f"no page shows {sorted(data)} by itself")


def fingerprint(notebook: Path) -> str:
    """Return what a snapshot of this lesson depends on, in short: the notebook, and every file of the package.

    Examples
    --------
    >>> from rnnviz.app.lessons import find_lessons
    >>> len(fingerprint(next(find_lessons().glob("*.ipynb"))))
    20
    """
    return sha256(notebook.read_bytes() + _package_mark().encode()).hexdigest()[:20]


def _package_mark() -> str:
    files = [
        file
        for folder in (Path(rnnviz.__file__).parent, widgets_folder().parent)
        for kind in ("*.py", "*.js", "*.css", "*.toml")
        for file in sorted(folder.rglob(kind))
    ]
    return rnnviz.__version__ + _mark_of(tuple((str(file), file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=4)
def _mark_of(files: tuple[tuple[str, int], ...]) -> str:
    digest = sha256()
    for name, _ in files:
        digest.update(Path(name).read_bytes())
    return digest.hexdigest()


def snapshots_folder() -> Path:
    """Return where snapshots are kept: with the reader's other Jupyter data."""
    return Path(jupyter_data_dir()) / "rnnviz" / "snapshots"


def find_snapshot(notebook: Path) -> Path | None:
    """Return the kept snapshot of a lesson as it is now, gzipped; None where there is none.

    Parameters
    ----------
    notebook
        The lesson. If it, or the package, has changed since the snapshot was taken, there is none.
    """
    kept = snapshots_folder() / f"{fingerprint(notebook)}.js.gz"
    return kept if kept.is_file() else None


def find_opening(notebook: Path) -> Path | None:
    """Return what a page can paint of a lesson before its kernel is there, gzipped; None where there is nothing.

    Parameters
    ----------
    notebook
        The lesson. What this machine has kept goes before what was shipped, since its last digits are those that
        come again.
    """
    return find_snapshot(notebook) or find_first_state(notebook)


def keep_snapshot(mark: str, snapshot: Snapshot) -> Path:
    """Keep the snapshot of a lesson, and forget the oldest where there are too many.

    Parameters
    ----------
    mark
        The lesson's `fingerprint` from before it ran.
    snapshot
        What `take_snapshot` has made of the run.

    Raises
    ------
    OSError
        The folder cannot be written to.
    """
    folder = snapshots_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{mark}.js.gz"
    unfinished = folder / f"{path.name}.{os.getpid()}.part"
    unfinished.write_bytes(gzip.compress(snapshot.write().encode(), 6, mtime=0))
    os.replace(unfinished, path)
    for old in sorted(folder.glob("*.js.gz"), key=lambda kept: kept.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path
