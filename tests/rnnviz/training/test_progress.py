"""The progress bar in a terminal, in a file, and in a kernel; on pages it is tested in tests/browser."""

import io
import os
import pty
import re
import select
import subprocess
import sys
import time

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from torch import nn

from rnnviz.training import DivergenceError, Progress, Step, train

X = torch.ones(3, 4, 1)
TRAINING = (
    "import torch; from rnnviz.training import train\n"
    "x = torch.ones(3, 4, 1)\n"
    "for step in train(torch.nn.Linear(1, 1), (x, x), steps=400, progress=True):\n"
    "    torch.ones(90, 90) @ torch.ones(90, 90)\n"
)


def test_in_a_terminal_it_is_one_line_that_is_overwritten() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING], stderr=theirs, stdout=theirs, env={**os.environ, "COLUMNS": "100"}
    )
    os.close(theirs)
    written = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        ready, _, _ = select.select([ours], [], [], 1)
        try:
            piece = os.read(ours, 65536) if ready else b""
        except OSError:  # the other end is closed
            break
        written += piece
        if not piece and process.poll() is not None:
            break
    os.close(ours)
    assert process.wait(10) == 0
    text = written.decode()
    assert text.count("\n") == 1, text
    assert text.endswith("done\r\n")
    lines = [line for line in text.split("\r\x1b[K") if line]
    assert len(lines) >= 2
    assert all(len(line.rstrip()) < 100 for line in lines)
    assert "0/400" in lines[0]
    assert "400/400" in lines[-1]
    assert "█" in lines[-1]


def test_in_a_file_there_is_one_line_at_the_end() -> None:
    done = subprocess.run([sys.executable, "-c", TRAINING], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"training: 400/400 · loss \S+ · done\n", done.stderr)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_is_updated_at_most_ten_times_a_second_and_tells_speed_and_time_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("rnnviz.training.progress.time.monotonic", lambda: now)
    stream = Terminal()
    bar = Progress(4000, stream=stream)
    for number in range(1000):
        bar.update(Step(number, 0.5, 1.0, 0.1))
        now += 0.01
    shown = stream.getvalue().split("\r\x1b[K")[2:]
    assert 90 <= len(shown) <= 101
    assert "100 steps/s" in shown[-1]
    assert "0:30 left" in shown[-1]
    bar.finish()
    bar.finish()
    assert stream.getvalue().count("\n") == 1


def test_a_narrow_terminal_cuts_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    for _ in train(nn.Linear(1, 1), (X, X), steps=3, progress=Progress(3, stream=stream)):
        pass
    lines = stream.getvalue().replace("\n", "").split("\r\x1b[K")
    assert all(len(line) < 20 for line in lines)


def test_without_an_end_it_counts() -> None:
    stream = io.StringIO()
    bar = Progress(None, name="search", stream=stream)
    training = train(nn.Linear(1, 1), (X, X), progress=bar)
    for _ in range(7):
        training.step()
    assert stream.getvalue() == ""
    bar.finish()
    assert stream.getvalue().startswith("search: 7 steps · loss ")


def test_an_error_is_the_last_word() -> None:
    def wild(parameters):
        return torch.optim.SGD(parameters, lr=1e30)

    stream = io.StringIO()
    with pytest.raises(DivergenceError):
        list(
            train(nn.Linear(1, 1), (X, 2 * X), optimiser=wild, steps=50, progress=Progress(50, stream=stream))
        )
    assert stream.getvalue().endswith("ended by an error: DivergenceError\n")


def test_reset_begins_again_and_a_resumed_run_goes_on() -> None:
    stream = Terminal()
    training = train(nn.Linear(1, 1), (X, X), steps=5, progress=Progress(5, stream=stream))
    list(training)
    state = training.state_dict()
    training.reset()
    assert "0/5 · not begun" in stream.getvalue().split("\r\x1b[K")[-1]
    training.load_state_dict(state)
    assert "5/5 · resumed" in stream.getvalue().split("\r\x1b[K")[-1]


def test_in_a_kernel_it_is_a_widget_with_a_role_and_a_stable_repr() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TRAINING)])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute()
    (output,) = notebook.cells[0].outputs
    assert output.data["text/plain"] == "Progress(training)"
    model = output.data["application/vnd.jupyter.widget-view+json"]["model_id"]
    value = client.widget_state[model]["value"]
    assert 'role="progressbar"' in value
    assert 'aria-valuenow="400"' in value
    assert 'aria-valuemax="400"' in value
    assert "400 of 400" in value
    assert "done" in value
