"""The template for authors: built, run, shown and tested by an author's own means, outside the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import rnnviz_widgets as rw
from rnnviz.app.export import export_lessons
from rnnviz.app.lessons import read_lessons

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "lessons" / "template"
NAME = "20-a-memory-with-one-knob"


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the template as an author has it, built with the commands of its README."""
    folder = tmp_path_factory.mktemp("author") / "lesson"
    left_out = shutil.ignore_patterns("*.ipynb", "__pycache__", ".*")
    shutil.copytree(TEMPLATE, folder, ignore=left_out)
    (block,) = re.findall(
        r"```bash\npip install jupytext nbval\n(.+?)```", (folder / "README.md").read_text(), re.DOTALL
    )
    for line in block.splitlines():
        run(sys.executable, "-m", *line.split(), cwd=folder)
    return folder


def test_the_template_runs_and_its_outputs_are_those_of_a_fresh_kernel(built: Path) -> None:
    notebook = nbformat.read(built / f"{NAME}.ipynb", as_version=4)
    errors = [o for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert errors == []
    assert "widgets" not in notebook.metadata
    plain = ("-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(built))
    said = run(sys.executable, "-m", "pytest", "--nbval", *plain, f"{NAME}.ipynb", cwd=built)
    code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    assert f"{code_cells} passed" in said


def test_the_clones_own_command_builds_it_too(tmp_path: Path) -> None:
    folder = tmp_path / "lesson"
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
    assert "1 lessons built." in run(
        sys.executable, str(ROOT / "lessons" / "build.py"), "--lessons", str(folder), cwd=ROOT
    )


def test_the_template_holds_every_part_of_a_lesson(built: Path) -> None:
    ((lesson,), unreadable) = read_lessons(built)
    assert unreadable == []
    assert (lesson.title, lesson.minutes, lesson.questions) == ("A memory with one knob", 20, 3)
    notebook = nbformat.read(lesson.path, as_version=4)
    headings = [line for c in notebook.cells for line in c.source.splitlines() if line.startswith("## ")]
    assert headings[-1] == "## What you take along"
    outcomes = next(c.source for c in notebook.cells if "After this lesson you can" in c.source)
    for outcome in lesson.outcomes:
        assert f"* {outcome}" in outcomes
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", ())]
    assert {"lab-only", "show-code", "exercise", "solution"} == set(tags)
    sources = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    assert "rw.Experiment(" in sources
    shown = [
        cell.outputs for cell in notebook.cells if "exercise(" in cell.source and cell.cell_type == "code"
    ]
    assert [out[0].data["text/plain"] for out in shown] == [
        "Check('steps-until', passed=0, failed=2)",
        "Check('steps-until', passed=2, failed=0)",
    ]


def test_the_template_is_shown_without_python(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    done = export_lessons(read_lessons(built)[0], tmp_path / "site")
    assert done.pages == ["index.html", f"{NAME}.html"]
    assert done.left_out == {}
    page = (tmp_path / "site" / f"{NAME}.html").read_text()
    assert "For authors" not in page
    assert "```" not in page
    snapshot = (tmp_path / "site" / "shared" / f"{NAME}.js").read_text()
    kept = json.loads(snapshot.removeprefix("rnnvizPage.show(").removesuffix(");\n"))
    modules = {model["module"] for model in kept["models"].values()}
    assert {"predict", "picture", "quiz", "experiment", "unrolled_graph"} <= modules


def test_questions_and_pictures_of_ones_own(tmp_path: Path) -> None:
    assert (
        repr(rw.ask("20", "new-wing", folder=TEMPLATE / "questions"))
        == "Predict('new-wing', kind='choice', options=3)"
    )
    with pytest.raises(KeyError, match=r"no questions for lesson '21' in .*; there are for 20"):
        rw.ask("21", "x", folder=TEMPLATE / "questions")
    with pytest.raises(KeyError, match="there are for none"):
        rw.ask("21", "x", folder=tmp_path)
    assert repr(rw.Picture(TEMPLATE / "pictures" / "one-knob.svg")) == "Picture('A memory with one knob')"
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.svg"):
        rw.Picture(tmp_path / "none.svg")
    (tmp_path / "torn.svg").write_text("<svg")
    with pytest.raises(ValueError, match=r"torn\.svg holds no SVG"):
        rw.Picture(tmp_path / "torn.svg")
