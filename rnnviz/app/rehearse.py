"""Run lessons without a reader, for what their pages can show before a kernel is there.

`rnnviz` does so for lessons that nobody has opened yet, in a process of its own that leaves the processor to everybody
else. ``python -m rnnviz.app.rehearse DIR`` does it once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from rnnviz.app import snapshots
from rnnviz.app.kernels import OwnPython
from rnnviz.app.lessons import LAB_CELLS, Lesson, read_lessons

__all__ = ["Rehearsal", "dashboard_cells", "main", "rehearse", "rehearse_all"]

LONGEST_CELL_SECONDS = 300
# Run last of all, on the lesson's own kernel: what it took to run it.
IMPORTED = (
    "import sys as _sys\n"
    "print(*(n for n in list(_sys.modules) if n.partition('.')[0] in {'rnnviz', 'rnnviz_widgets'}))"
)


@dataclass
class Rehearsal:
    """What came of running a lesson.

    Parameters
    ----------
    notebook
        The lesson as it is stored.
    cells
        Those that a dashboard shows, with the outputs of this run.
    snapshot
        What its widgets showed in the end.
    modules
        Names of the course's own modules that its kernel had imported.
    """

    notebook: NotebookNode
    cells: list[NotebookNode]
    snapshot: snapshots.Snapshot
    modules: tuple[str, ...]


def rehearse(lesson: Lesson) -> Rehearsal:
    """Run a lesson as a dashboard runs it, and keep what its widgets show for dashboards.

    Raises
    ------
    RuntimeError
        A cell fails.
    """
    mark = snapshots.fingerprint(lesson.path)
    notebook = nbformat.read(lesson.path, as_version=4)  # type: ignore[no-untyped-call]
    run = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    cells = dashboard_cells(notebook)
    last = [nbformat.v4.new_code_cell(source) for source in (snapshots.SETTLE, IMPORTED)]  # type: ignore[no-untyped-call]
    run.cells = [*cells, *last]
    # Which modules a lesson imports can be seen only where nothing was imported before.
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=OwnPython(warm=False))
    client = NotebookClient(
        run,
        km=manager,
        timeout=LONGEST_CELL_SECONDS,
        resources={"metadata": {"path": str(lesson.path.parent)}},
    )
    try:
        # In a thread of its own, since the caller may be inside an event loop, as every notebook is.
        with ThreadPoolExecutor(1) as aside:
            aside.submit(asyncio.run, client.async_execute(cleanup_kc=True)).result()
    except CellExecutionError as error:
        raise RuntimeError(f"{lesson.path.name} does not run to its end. {error}") from error
    taken = snapshots.take_snapshot(cells, client.widget_state, client.widget_buffers)
    snapshots.keep_snapshot(mark, taken)
    modules = "".join(output["text"] for output in last[-1].outputs).split()
    return Rehearsal(notebook, cells, taken, tuple(modules))


def dashboard_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that a dashboard shows."""
    return [cell for cell in notebook.cells if not LAB_CELLS & set(cell.metadata.get("tags", ()))]


def rehearse_all(folder: Path) -> list[str]:
    """Run every lesson of a folder that has not been run since it, or the package, was last changed.

    Returns
    -------
    list of str
        Their names. A lesson that fails is passed over: opening it will show why.
    """
    done = []
    for lesson in read_lessons(folder)[0]:
        # Looked up one by one: a reader may have opened the next one meanwhile.
        if not lesson.runs or snapshots.find_snapshot(lesson.path) is not None:
            continue
        try:
            rehearse(lesson)
        except Exception:
            # Nobody is there to hear of it, and the other lessons are to be run all the same.
            continue
        done.append(lesson.name)
    return done


def main(arguments: Sequence[str]) -> int:
    """Rehearse the lessons of a folder, behind everything else that runs on the machine."""
    if hasattr(os, "nice"):
        os.nice(19)  # kernels inherit it
    rehearse_all(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
