"""What the course ships for its pages to paint before a kernel is there."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnviz.app import first_states
from rnnviz.app.first_states import (
    check_first_states,
    digest_code,
    digest_lesson,
    find_first_state,
    strip_words,
    write_first_state,
)
from rnnviz.app.lessons import Lesson, find_lessons, read_lessons
from rnnviz.app.snapshots import Snapshot, find_opening, fingerprint, keep_snapshot

ROOT = Path(__file__).parents[2]
CELLS: list[str | tuple[str, ...]] = ["# One", ("print(1)",), ("print(2)", "exercise")]


@pytest.fixture
def lesson(tmp_path: Path, write_lesson: Callable[..., Path]) -> Lesson:
    write_lesson(tmp_path, "01-one", CELLS, title="One")
    return read_lessons(tmp_path)[0][0]


def test_every_lesson_ships_a_first_state_and_stills_made_from_what_it_is() -> None:
    command = [sys.executable, str(ROOT / "lessons" / "first_states.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_first_state_tells_of_the_machine_that_made_it() -> None:
    states = sorted((find_lessons() / "states").glob("*.js.gz"))
    assert states
    for state in states:
        script = gzip.decompress(state.read_bytes()).decode()
        shown = json.loads(script.removeprefix("rnnvizPage.show(").removesuffix(");\n"))
        assert shown["cells"], state.name
        assert str(ROOT) not in script
        for model in shown["models"].values():
            if model["module"] == "environment":
                assert {finding["found"] for finding in model["state"]["findings"]} == {"…"}


def test_a_first_state_is_found_until_the_page_is_another(
    lesson: Lesson, write_lesson: Callable[..., Path]
) -> None:
    assert find_first_state(lesson.path) is None
    assert check_first_states([lesson]) == ["01-one has no first state"]
    state = write_first_state(lesson, "rnnvizPage.show({});\n", ["rnnviz.steps"])
    assert find_first_state(lesson.path) == state
    assert gzip.decompress(state.read_bytes()) == b"rnnvizPage.show({});\n"
    assert check_first_states([lesson]) == []
    # The same is the same file, and a student's own answer to an exercise is no part of the page.
    before = state.read_bytes()
    write_lesson(lesson.path.parent, "01-one", [*CELLS[:2], ("print('mine')", "exercise")], title="Other")
    assert find_first_state(lesson.path) == state
    write_first_state(lesson, "rnnvizPage.show({});\n", ["rnnviz.steps"])
    assert state.read_bytes() == before
    write_lesson(lesson.path.parent, "01-one", ["# One", ("print(3)",)])
    assert find_first_state(lesson.path) is None
    assert check_first_states([lesson]) == ["01-one has changed since its first state was made"]


def test_what_this_machine_has_kept_goes_before_what_was_shipped(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    shipped = write_first_state(lesson, "rnnvizPage.show({});\n", [])
    assert find_opening(lesson.path) == shipped
    kept = keep_snapshot(fingerprint(lesson.path), Snapshot())
    assert find_opening(lesson.path) == kept


def test_code_that_changes_is_noticed_and_words_are_not(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "made_up"
    package.mkdir()
    (package / "__init__.py").write_text('"""About."""\n')
    module = package / "part.py"
    module.write_text('"""About."""\n\ndef f(x):\n    """Say."""\n    return x + 1  # one more\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    write_first_state(lesson, "rnnvizPage.show({});\n", ["made_up", "made_up.part"])
    module.write_text("def f(x):\n\n    # add one\n    return x + 1\n")
    assert check_first_states([lesson]) == []
    module.write_text("def f(x):\n    return x + 2\n")
    stale = ["01-one imports code that has changed since its first state was made"]
    assert check_first_states([lesson]) == stale
    module.write_text("def f(x):\n    return x + 1\n")
    assert check_first_states([lesson]) == []
    # Questions of its own are part of it, those of other lessons and pages are not.
    for name in ("questions/02.toml", "static/x.json"):
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text("x = 1")
    assert check_first_states([lesson]) == []
    (package / "questions" / "01.toml").write_text("x = 1")
    assert check_first_states([lesson]) == stale


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("x = 'kept'  # gone\n", "x = 'kept' \n"),
        ('class A:\n    """Gone."""\n\n    b = "kept"\n', 'class A:\n b = "kept"\n'),
        ('f"""{1}"""\n', 'f"""{1}"""\n'),
        ("a = (\n    # gone\n    1\n)\n", "a = (\n 1\n)\n"),
    ],
)
def test_words_are_taken_out_of_code(source: str, left: str) -> None:
    assert strip_words(source).split() == left.split()


def test_a_torn_index_is_no_index(lesson: Lesson) -> None:
    write_first_state(lesson, "rnnvizPage.show({});\n", [])
    for torn in ("{", "[]", '{"01-one": {}}', '{"01-one": 3}'):
        (lesson.path.parent / first_states.FOLDER / first_states.INDEX).write_text(torn)
        assert find_first_state(lesson.path) is None
        assert first_states.read_index(lesson.path.parent) == {}


def test_digests_are_those_of_what_is_there() -> None:
    paths = [lesson.path for lesson in read_lessons(find_lessons())[0] if lesson.runs]
    assert len({digest_lesson(path) for path in paths}) == len(paths)
    assert digest_code(["rnnviz_widgets.quiz"], "02") != digest_code(["rnnviz_widgets.quiz"], "03")
