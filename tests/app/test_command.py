"""The command line: what it offers, and what it says when something cannot be."""

from __future__ import annotations

import importlib.util
import socket
import webbrowser
from pathlib import Path

import pytest

from rnnviz.app import command


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = command.main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("arguments", "offered"),
    [
        (["--help"], ["--port", "--host", "--no-browser", "--lessons", "rnnviz lab"]),
        (["lab", "--help"], ["--port", "--host", "--no-browser", "DIR", "never overwritten"]),
    ],
)
def test_help_says_what_there_is(
    capsys: pytest.CaptureFixture[str], arguments: list[str], offered: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert [word for word in offered if word not in text] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "http"], "'http' is not a port: a number from 0 to 65535"),
        (["--port", "70000"], "'70000' is not a port"),
        (["--host", "0.0.0.0"], "'0.0.0.0' is not an address of the machine itself"),
        (["lab", "--host", "example.org"], "'example.org' is not an address of the machine itself"),
        (["dance"], "invalid choice: 'dance'"),
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
