"""Make the notebooks that students open from the sources that we edit.

    python lessons/build.py            every lesson, run on fresh kernels
    python lessons/build.py 02 05      these lessons only
    python lessons/build.py --check    run nothing, say where notebooks and sources disagree

``lessons/source/NN-name.py`` (jupytext's percent format) becomes ``lessons/NN-name.ipynb`` with its outputs.
What differs from machine to machine, or from run to run, is left out: widget state, paths, versions, times.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

# Before anything starts a thread, and inherited by the kernels: more threads change the last digits.
os.environ["OMP_NUM_THREADS"] = "1"

import jupytext
import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

LESSONS = Path(__file__).parent
LONGEST_CELL = 15
TIMEOUT_SECONDS = 120
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
STILL = "image/png"
# The same wherever a notebook is built; a kernel writes the version of its Python here.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"},
}
# What shows on which machine a notebook was built, or differs each time: (pattern, what it is).
VOLATILE = [
    (
        r"at 0x[0-9a-fA-F]{6,}",
        "a memory address: give the object a __repr__, or do not show it",
    ),
    (r"/home/\w|/Users/\w|/root/\w|\b[A-Z]:\\\\?Users", "somebody's home folder"),
    (r"site-packages", "a path of an installation"),
    (r"ipykernel_\d+", "a kernel's temporary file, as in a warning: heed the warning"),
    *((re.escape(path), "a path of this machine") for path in {str(LESSONS.resolve().parent), sys.prefix}),
    *(
        (re.escape(path) + "/", "a path of this machine")
        for path in {tempfile.gettempdir(), str(Path.home())}
    ),
]


def read_source(source: Path) -> NotebookNode:
    """Turn a source into a notebook without outputs.

    A cell's id comes from what the cell says, so inserting one leaves the others' ids alone.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        mark = sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[mark] = seen.get(mark, 0) + 1
        cell.id = mark if seen[mark] == 1 else f"{mark}-{seen[mark]}"
        cell.metadata = NotebookNode({key: cell.metadata[key] for key in ("tags",) if key in cell.metadata})
        if "solution" in cell.metadata.get("tags", ()):
            # Folded up in JupyterLab until somebody opens it.
            cell.metadata["jupyter"] = NotebookNode(source_hidden=True, outputs_hidden=True)
    about = {"rnnviz": notebook.metadata["rnnviz"]} if "rnnviz" in notebook.metadata else {}
    notebook.metadata = nbformat.from_dict(METADATA | about)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


async def run(notebook: NotebookNode, folder: Path) -> None:
    """Run a notebook from top to bottom on a fresh kernel, storing its outputs."""
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name="python3"),
        timeout=TIMEOUT_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    # The kernel of this environment, whatever "python3" is elsewhere on the machine.
    client.km.kernel_spec.argv = [
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--log-level=ERROR",
    ]
    # It is our manager, so nbclient has to be told to end its kernel.
    await client.async_execute(cleanup_kc=True)
    notebook.metadata = nbformat.from_dict(
        {key: value for key, value in notebook.metadata.items() if key == "rnnviz"} | METADATA
    )
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [_settle(output) for output in cell.outputs]


def _settle(output: NotebookNode) -> NotebookNode:
    data = output.get("data", {})
    # A view of a widget that is gone shows as an error; its text says what was there, and is compared.
    if WIDGET_VIEW in data and "text/plain" in data:
        del data[WIDGET_VIEW]
    output.pop("transient", None)
    return output


def keep_stills(before: NotebookNode, now: NotebookNode) -> None:
    """Take over the pictures of widgets that say the same as before; ``first_states.py`` takes those of the others."""
    stills = {
        (cell.id, place, output.data["text/plain"]): output.data[STILL]
        for cell in before.cells
        for place, output in enumerate(cell.get("outputs", ()))
        if {STILL, "text/plain"} <= set(output.get("data", {}))
    }
    for cell in now.cells:
        for place, output in enumerate(cell.get("outputs", ())):
            data = output.get("data", {})
            if set(data) == {"text/plain"} and (cell.id, place, data["text/plain"]) in stills:
                data[STILL] = stills[cell.id, place, data["text/plain"]]


def check(source: Path, target: Path) -> list[str]:
    """Say in what a notebook disagrees with its source, or holds what it should not."""
    if not target.exists():
        return ["has not been built"]
    notebook, expected = nbformat.read(target, as_version=4), read_source(source)
    return [*_disagreements(notebook, expected), *_faults(notebook)]


def _disagreements(notebook: NotebookNode, expected: NotebookNode) -> Iterator[str]:
    def said(cell: NotebookNode) -> tuple[Any, ...]:
        return cell.cell_type, cell.source, cell.get("id"), dict(cell.metadata)

    if len(notebook.cells) != len(expected.cells):
        yield f"has {len(notebook.cells)} cells, its source {len(expected.cells)}"
    pairs = zip(notebook.cells, expected.cells, strict=False)
    for number, (cell, other) in enumerate(pairs, start=1):
        if said(cell) != said(other):
            yield f"cell {number} is not what its source says: {_start(other)}"
            break
    for key in sorted(set(notebook.metadata) | set(expected.metadata)):
        if notebook.metadata.get(key) != expected.metadata.get(key):
            yield f"metadata {key!r} is not what its source says"


def _faults(notebook: NotebookNode) -> Iterator[str]:
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are not 1…{len(counts)}: {counts}"
    for cell in notebook.cells:
        lines = len(cell.source.splitlines())
        if cell.cell_type == "code" and lines > LONGEST_CELL:
            yield f"a cell has {lines} lines, more than {LONGEST_CELL}: {_start(cell)}"
        for output in cell.get("outputs", ()):
            yield from (f"{fault}: {_start(cell)}" for fault in _output_faults(output, cell))


def _output_faults(output: NotebookNode, cell: NotebookNode) -> Iterator[str]:
    if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", ()):
        yield f"a cell fails with {output.ename}"
    data = output.get("data", {})
    if WIDGET_VIEW in data:
        yield "a cell's output shows a widget that is gone"
    texts = [output.get("text", ""), *output.get("traceback", ()), *map(str, data.values())]
    for text in texts:
        for pattern, meaning in VOLATILE:
            found = re.search(pattern, text)
            if found:
                yield f"an output holds {meaning} ({found[0]!r})"


def _start(cell: NotebookNode) -> str:
    return repr(cell.source.split("\n", 1)[0][:60])


async def build(sources: Sequence[Path], lessons: Path) -> list[str]:
    """Build the notebooks of some sources, as many at a time as there are cores; return what went wrong."""
    places = asyncio.Semaphore(os.cpu_count() or 1)

    async def build_one(source: Path) -> list[str]:
        target = lessons / f"{source.stem}.ipynb"
        async with places:
            notebook = read_source(source)
            try:
                await run(notebook, lessons)
            except CellExecutionError as error:
                return [f"{target.name}: {error}"]
            if target.exists():
                keep_stills(nbformat.read(target, as_version=4), notebook)
        nbformat.validate(notebook)
        nbformat.write(notebook, target)
        return [f"{target.name}: {fault}" for fault in check(source, target)]

    return [fault for faults in await asyncio.gather(*map(build_one, sources)) for fault in faults]


def main(argv: Sequence[str] | None = None) -> int:
    """Build or check the lessons asked for; return 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="NN", help="how a lesson's name starts (default: all)")
    parser.add_argument("--check", action="store_true", help="run nothing, compare notebooks with sources")
    parser.add_argument("--lessons", type=Path, default=LESSONS, metavar="DIR", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)

    sources = sorted((options.lessons / "source").glob("*.py"))
    chosen = [s for s in sources if not options.names or s.name.startswith(tuple(options.names))]
    faults = [
        f"{name}: no source starts with it"
        for name in options.names
        if not any(source.name.startswith(name) for source in sources)
    ]
    if options.check:
        faults += [
            f"{source.stem}.ipynb: {fault}"
            for source in chosen
            for fault in check(source, options.lessons / f"{source.stem}.ipynb")
        ]
        if not options.names:
            known = {source.stem for source in sources}
            faults += [
                f"{notebook.name}: there is no source for it"
                for notebook in sorted(options.lessons.glob("*.ipynb"))
                if notebook.stem not in known
            ]
    else:
        faults += asyncio.run(build(chosen, options.lessons))
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"{len(chosen)} lessons {'agree with their sources' if options.check else 'built'}.")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
