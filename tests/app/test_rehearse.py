"""Lessons that are run before anybody opens them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from rnnviz.app import rehearse as stage
from rnnviz.app.lessons import read_lessons
from rnnviz.app.snapshots import find_snapshot, snapshots_folder


@pytest.fixture
def lessons(tmp_path: Path, write_lesson: Callable[..., Path]) -> Path:
    folder = tmp_path / "lessons"
    folder.mkdir()
    write_lesson(folder, "01-first", ["# First", ("print(1 + 1)",), ("raise SystemExit", "lab-only")])
    write_lesson(folder, "02-fails", ["# Second", ("print(1 / 0)",)])
    write_lesson(folder, "03-last", ["# Third", ("print(3)",)])
    return folder


def test_every_lesson_is_run_once_and_one_that_fails_passed_over(
    lessons: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_lesson: Callable[..., Path]
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    assert stage.rehearse_all(lessons) == ["01-first", "03-last"]
    kept = {lesson.name: find_snapshot(lesson.path) for lesson in read_lessons(lessons)[0]}
    assert kept["01-first"] is not None
    assert kept["02-fails"] is None
    assert len(list(snapshots_folder().iterdir())) == 2
    assert stage.rehearse_all(lessons) == []
    write_lesson(lessons, "03-last", ["# Third", ("print(4)",)])
    assert stage.rehearse_all(lessons) == ["03-last"]


def rehearsals(server: Any) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(server.process.pid).children()
        # A process that has just ended has no command line any more.
        if child.status() != psutil.STATUS_ZOMBIE
        and any("rnnviz.app.rehearse" in word for word in child.cmdline())
    ]


def test_a_server_rehearses_behind_its_readers(
    lessons: Path, start_rnnviz: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_rnnviz("--lessons", str(lessons), rehearsal=True)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(server.log.parent / "data"))
    until, nice = time.monotonic() + 90, set()
    while time.monotonic() < until and rehearsals(server):
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in rehearsals(server):
                nice |= {one.nice() for one in process.children()}
        time.sleep(0.1)
    assert nice == {19}
    kept = {lesson.name for lesson in read_lessons(lessons)[0] if find_snapshot(lesson.path) is not None}
    assert kept == {"01-first", "03-last"}
    assert "Traceback" not in server.stop()


def test_a_server_that_ends_ends_its_rehearsal(
    lessons: Path, write_lesson: Callable[..., Path], start_rnnviz: Callable[..., Any]
) -> None:
    write_lesson(lessons, "01-first", ["# First", ("import time; time.sleep(600)",)])
    server = start_rnnviz("--lessons", str(lessons), rehearsal=True)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        (rehearsal,) = rehearsals(server)
        running = [rehearsal, *rehearsal.children()]
        if len(running) == 2:
            break
        time.sleep(0.1)
    server.stop()
    _, alive = psutil.wait_procs(running, timeout=30)
    assert not alive


def test_without_rehearsal_there_is_none(lessons: Path, start_rnnviz: Callable[..., Any]) -> None:
    assert rehearsals(start_rnnviz("--lessons", str(lessons))) == []
