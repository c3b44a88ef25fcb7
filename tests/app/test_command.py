"""The command line: what it offers, and what it says when something cannot be."""

from __future__ import annotations

import importlib
import importlib.util
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rnnviz import experiments
from rnnviz.app import command
from rnnviz.bench.cases import Size
from rnnviz.experiments import every_combination, synthetic_series
from rnnviz.experiments.table import Row


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = command.main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("arguments", "offered"),
    [
        (["--help"], ["--port", "--host", "--no-browser", "--lessons", "rnnviz lab"]),
        (["--help"], ["lab", "prove", "bench"]),
        (["lab", "--help"], ["--port", "--host", "--no-browser", "DIR", "never overwritten"]),
        (["prove", "--help"], ["NAME", "--all", "--seeds", "beside the published ones"]),
        (["bench", "--help"], ["rnnviz bench", "--threads", "--kinds", "--only", "each beside its bound"]),
    ],
)
def test_help_says_what_there_is(
    capsys: pytest.CaptureFixture[str], arguments: list[str], offered: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert [word for word in offered if word not in text] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "http"], "'http' is not a port: a number from 0 to 65535"),
        (["--port", "70000"], "'70000' is not a port"),
        (["--host", "0.0.0.0"], "'0.0.0.0' is not an address of the machine itself"),
        (["lab", "--host", "example.org"], "'example.org' is not an address of the machine itself"),
        (["dance"], "invalid choice: 'dance'"),
        (["--dance"], "unrecognized arguments: --dance"),
        (["lab", "--dance"], "unrecognized arguments: --dance"),
        (["prove", "--seeds", "0"], "'0' is not a number of seeds"),
        (["bench", "--dance"], "unrecognized arguments: --dance"),
    ],
)
def test_a_wrong_argument_is_explained(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_options_may_stand_before_or_after_the_command() -> None:
    before = command._parser().parse_args(["--port", "9000", "--no-browser", "lab"])
    after = command._parser().parse_args(["lab", "--port", "9000", "--no-browser"])
    assert (before.port, before.no_browser, before.host) == (9000, True, "127.0.0.1")
    assert vars(before) == vars(after)


def test_localhost_is_taken_as_the_address_it_stands_for() -> None:
    assert command._parser().parse_args(["--host", "localhost"]).host == "127.0.0.1"


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, error = run(capsys, "--lessons", str(tmp_path / "none"))
    assert code == 1
    assert f"there is no folder {tmp_path / 'none'}" in error


def test_a_folder_without_notebooks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, error = run(capsys, "--lessons", str(tmp_path))
    assert code == 1
    assert f"there is no notebook in {tmp_path}" in error


def test_a_port_in_use(capsys: pytest.CaptureFixture[str], small_lessons: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments in (["--lessons", str(small_lessons)], ["lab", str(tmp_path / "mine")]):
            code, _, error = run(capsys, *arguments, "--port", port)
            assert code == 1
            assert f"port {port} of 127.0.0.1 is not free" in error
            assert "leave --port out" in error
    assert not (tmp_path / "mine").exists()


def test_without_a_port_a_free_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(command, "PORT", taken.getsockname()[1])
        with command._listen("127.0.0.1", None) as found:
            assert found.getsockname()[1] != command.PORT


def test_the_course_is_not_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, small_lessons: Path
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in {"voila", "plotly"} else find_spec(name)
    )
    for arguments in (["--lessons", str(small_lessons)], ["lab"]):
        code, _, error = run(capsys, *arguments)
        assert code == 1
        assert "the course needs voila, plotly" in error
        assert 'pip install "rnnviz[course]"' in error


def test_the_students_folder_is_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    code, _, error = run(capsys, "lab", str(tmp_path / "mine"))
    assert code == 1
    assert f"{tmp_path / 'mine'} is a file" in error


def test_the_students_folder_has_no_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, error = run(capsys, "lab", str(tmp_path / "no" / "mine"))
    assert code == 1
    assert f"there is no folder {tmp_path / 'no'} to make mine in" in error


@pytest.mark.parametrize("fails", [True, False])
def test_without_a_browser_the_address_is_left_to_the_user(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    def open_nothing(url: str) -> bool:
        if fails:
            raise webbrowser.Error("could not locate runnable browser")
        return False

    monkeypatch.setattr(webbrowser, "open", open_nothing)
    command._open_browser("http://127.0.0.1:1/")
    assert "No browser was found" in capsys.readouterr().out


def test_prove_lists_every_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "prove")
    assert code == 0
    listed = {line.split()[0] for line in said.split("\n\n")[0].splitlines()}
    # Whatever can be run by itself is an experiment.
    folder = Path(experiments.__file__).parent
    assert listed == {file.stem for file in folder.glob("*.py") if "\ndef main(" in file.read_text()}


def test_prove_prints_published_beside_measured(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "prove", "naive_forecast", "two_step_rnn")
    assert code == 0
    assert said.count("0.020211367") == 2
    assert said.index("naive_forecast: ") < said.index("two_step_rnn: ") < said.index("Y1 by torch.nn.RNN")


def test_prove_runs_all_with_the_seeds_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def train_nothing(seeds: range) -> list[Row]:
        asked.append(seeds)
        return [Row("deep", 0.0029, (0.5,) * len(seeds), False)]

    told: dict[str, list[str]] = {}

    def take_note(name: str) -> Callable[[Sequence[str]], int]:
        def main(arguments: Sequence[str] = ()) -> int:
            told[name] = list(arguments)
            return 0

        return main

    # Of those that train, for minutes or hours, one is followed to its table, and the others as far as their door.
    others = [
        name for name, one in experiments.EXPERIMENTS.items() if one.seeded and name != "synthetic_series"
    ]
    for name in others:
        monkeypatch.setattr(importlib.import_module(f"rnnviz.experiments.{name}"), "main", take_note(name))
    monkeypatch.setattr(synthetic_series, "run", train_nothing)
    few = list(every_combination.run(["GRU"], ["packed"], [1]))
    monkeypatch.setattr(every_combination, "run", lambda: few)
    code, said, _ = run(capsys, "prove", "--all", "--seeds", "2")
    assert code == 1
    assert asked == [range(2)]
    assert told == {name: ["--seeds", "2"] for name in others}
    assert "not reproduced" in said
    assert [name for name in experiments.EXPERIMENTS if f"{name}: " not in said] == []


def test_prove_knows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = run(capsys, "prove", "perpetual_motion")
    assert code == 1
    assert "there is no experiment 'perpetual_motion'. There are two_step_rnn, naive_forecast" in error


def test_bench_measures(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.bench.__main__.SIZES", (Size(2, 3, 1, 2),))
    options = "--threads 1 --kinds RNN --sizes 0 --seconds 0.01 --only training"
    code, said, _ = run(capsys, "bench", *options.split())
    assert code == 0
    assert "RNN (2, 3, 1, 2)" in said


def test_neither_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys; from rnnviz.app.command import _parser; _parser()\n"
        "print([name for name in sys.modules if name.startswith(('rnnviz.bench', 'rnnviz.experiments'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
