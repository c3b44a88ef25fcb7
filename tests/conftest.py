"""What several kinds of test share: servers of the course, each started once a test module."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

READY = re.compile(r"is running at (http://\S+)")
# Seconds in which a server starts, or ends its kernels and itself, on a machine that does much else.
PATIENCE = 180
MAIN = "import sys; from rnnviz.app import main; sys.exit(main())"


@dataclass
class Server:
    """A running `rnnviz`: its address, its process, and where it writes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> str:
        """End it as Ctrl+C does, and return what it wrote."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        return self.log.read_text()


# Per module, not per session: every page that a test opens leaves a kernel behind for some minutes, and those of the
# whole suite would fill the machine's memory. They end with their server.
@pytest.fixture(scope="module")
def start_rnnviz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start `rnnviz` with some arguments on a free port, apart from the settings of whoever runs this."""
    home = tmp_path_factory.mktemp("jupyter")
    own = {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    servers: list[Server] = []

    def start(*arguments: str, rehearsal: bool = False) -> Server:
        if not rehearsal and arguments[:1] != ("lab",):
            arguments = ("--no-rehearsal", *arguments)
        log = home / f"server-{len(servers)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", MAIN, *arguments, "--no-browser", "--port", "0"],
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=os.environ | own,
            )
        server = Server("", process, log)
        servers.append(server)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            found = READY.search(log.read_text())
            if found:
                server.url = found[1]
                return server
            time.sleep(0.05)
        process.kill()
        raise RuntimeError(f"rnnviz {' '.join(arguments)} did not start:\n{log.read_text()}")

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


def write_lesson(folder: Path, name: str, cells: list[str | tuple[str, ...]], **about: object) -> Path:
    """Write a notebook: a string is a cell of text, a tuple one of code, followed by its tags."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}, "rnnviz": about}
    )
    for number, cell in enumerate(cells):
        if isinstance(cell, str):
            made = nbformat.v4.new_markdown_cell(cell)
        else:
            made = nbformat.v4.new_code_cell(cell[0], metadata={"tags": list(cell[1:])})
            made.outputs = [nbformat.v4.new_output("stream", text="stored\n")]
        made.id = f"cell-{number}"
        notebook.cells.append(made)
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="session", name="write_lesson")
def lesson_writer() -> Callable[..., Path]:
    """Give tests that need lessons of their own the means to write them."""
    return write_lesson


@pytest.fixture(scope="session")
def small_lessons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two lessons that start in a moment: what the servers do does not depend on what is taught."""
    folder = tmp_path_factory.mktemp("around") / "lessons"
    folder.mkdir()
    # A notebook that no page may reach: it lies beside the folder.
    write_lesson(folder.parent, "beside", ["# Not a lesson"])
    count = (
        "import anywidget, traitlets\n"
        "class Count(anywidget.AnyWidget):\n"
        "    _esm = '''export default {render({model, el}) {\n"
        "      const b = document.createElement('button'); b.className = 'count';\n"
        "      const show = () => { b.textContent = `count ${model.get('n')} of ${model.get('limit')}`; };\n"
        "      b.onclick = () => { model.set('n', model.get('n') + 1); model.save_changes(); };\n"
        "      model.on('change:n change:limit', show); show(); el.append(b); }}'''\n"
        "    n = traitlets.Int(0).tag(sync=True)\n"
        "    limit = traitlets.Int(0).tag(sync=True)\n"
        "    @traitlets.observe('n')\n"
        "    def _double(self, change): self.limit = 2 * change.new\n"
        "Count()"
    )
    write_lesson(
        folder,
        "01-memory",
        [
            "# Memory\n\nThe state $h_t = \\tanh(W h_{t-1})$ comes back.\n\n$$\\sum_t L_t$$",
            ("import os; print('threads', os.environ['OMP_NUM_THREADS'])",),
            (count,),
            ("print('lab only')", "lab-only"),
            ("raise RuntimeError('an exercise runs in JupyterLab alone')", "exercise"),
            ("print('the answer')", "solution"),
            ("taught = [2**n for n in range(3)]; print(taught)", "show-code"),
            "The end.",
        ],
        title="Memory & what <it> costs",
        summary="What comes back.",
        minutes=25,
        outcomes=["unroll a neuron", "say what h < 1 means"],
    )
    write_lesson(folder, "02-next", ["# What comes next", ("print(1 + 1)",)])
    (folder / "pictures").mkdir()
    # The smallest picture there is: one grey pixel.
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
        "3a7e9b550000000a49444154789c63680000008200817741c8fc0000000049454e44ae426082"
    )
    (folder / "pictures" / "02-next.png").write_bytes(pixel)
    return folder


@pytest.fixture(scope="module")
def small_dashboards(start_rnnviz: Callable[..., Server], small_lessons: Path) -> Server:
    """`rnnviz`, showing the two small lessons."""
    return start_rnnviz("--lessons", str(small_lessons))
