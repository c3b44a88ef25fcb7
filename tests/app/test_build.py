"""Lessons are built from their sources, and a pair that disagrees is found."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
SOURCE = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
#   rnnviz:
#     title: Adding
#     minutes: 3
#     outcomes:
#       - add two numbers
# ---

# %% [markdown]
# # Adding

# %%
import os

print(1 + 1)
print(os.environ["OMP_NUM_THREADS"])

# %% tags=["exercise"]
answer = 42
answer

# %%
import ipywidgets

ipywidgets.IntSlider(description="step")

# %% tags=["raises-exception"]
raise ValueError("as the lesson shows")
"""


@pytest.fixture(scope="module")
def building() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "lessons" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(building: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    lessons = tmp_path_factory.mktemp("built")
    (lessons / "source").mkdir()
    (lessons / "source" / "01-adding.py").write_text(SOURCE)
    assert building.main(["--lessons", str(lessons)]) == 0
    return (lessons / "01-adding.ipynb").read_bytes()


@pytest.fixture
def lessons(built: bytes, tmp_path: Path) -> Path:
    """A folder with one source and the notebook built from it."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "01-adding.py").write_text(SOURCE)
    (tmp_path / "01-adding.ipynb").write_bytes(built)
    return tmp_path


def check(building: ModuleType, lessons: Path, capsys: pytest.CaptureFixture[str]) -> str:
    code = building.main(["--check", "--lessons", str(lessons)])
    said = capsys.readouterr().err
    assert code == bool(said)
    return said


def test_outputs_are_stored_and_nothing_volatile(built: bytes) -> None:
    notebook = nbformat.reads(built.decode(), as_version=4)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", *["code"] * 4]
    code = notebook.cells[1:]
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4]
    assert code[0].outputs[0].text == "2\n1\n"
    assert code[1].outputs[0].data == {"text/plain": "42"}
    assert dict(code[1].metadata) == {"tags": ["exercise"]}
    # Of a widget its text is kept, not the view of a model that is gone.
    assert dict(code[2].outputs[0].data) == {"text/plain": "IntSlider(value=0, description='step')"}
    assert code[3].outputs[0].ename == "ValueError"
    assert set(notebook.metadata) == {"kernelspec", "language_info", "rnnviz"}
    assert notebook.metadata.rnnviz.title == "Adding"
    assert "version" not in notebook.metadata.language_info


def test_building_again_gives_the_same_bytes(building: ModuleType, lessons: Path, built: bytes) -> None:
    assert building.main(["--lessons", str(lessons), "01"]) == 0
    assert (lessons / "01-adding.ipynb").read_bytes() == built


def test_inserting_a_cell_leaves_the_others_ids_alone(building: ModuleType, lessons: Path) -> None:
    source = lessons / "source" / "01-adding.py"
    before = [cell.id for cell in building.read_source(source).cells]
    source.write_text(SOURCE.replace("# %% tags", "# %%\nanswer = 1\n\n# %%\nanswer = 1\n\n# %% tags", 1))
    after = [cell.id for cell in building.read_source(source).cells]
    assert len(set(after)) == len(after) == len(before) + 2
    assert [mark for mark in after if mark in before] == before


def test_a_pair_that_agrees(building: ModuleType, lessons: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(building, lessons, capsys) == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("print(1 + 1)", "print(1 + 2)", "cell 2 is not what its source says: 'import os'"),
        ('tags=["exercise"]', 'tags=["solution"]', "cell 3 is not what its source says"),
        ("title: Adding", "title: Subtracting", "metadata 'rnnviz' is not what its source says"),
        ('# %% tags=["exercise"]\nanswer = 42\nanswer\n', "", "has 5 cells, its source 4"),
    ],
)
def test_a_changed_source_is_found(
    building: ModuleType, lessons: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    assert old in SOURCE
    (lessons / "source" / "01-adding.py").write_text(SOURCE.replace(old, new))
    assert said in check(building, lessons, capsys)


def test_missing_halves_are_found(
    building: ModuleType, lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lessons / "01-adding.ipynb").rename(lessons / "02-other.ipynb")
    said = check(building, lessons, capsys)
    assert "01-adding.ipynb: has not been built" in said
    assert "02-other.ipynb: there is no source for it" in said
    assert building.main(["--lessons", str(lessons), "--check", "07"]) == 1
    assert "07: no source starts with it" in capsys.readouterr().err


def spoil_count(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[2].execution_count = 7


def spoil_text(text: str) -> object:
    def spoil(notebook: nbformat.NotebookNode) -> None:
        notebook.cells[1].outputs[0].text = text

    return spoil


def spoil_view(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[3].outputs[0].data["application/vnd.jupyter.widget-view+json"] = {"model_id": "x"}


def spoil_state(notebook: nbformat.NotebookNode) -> None:
    notebook.metadata["widgets"] = {"state": {}}


def spoil_error(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[1].outputs = notebook.cells[4].outputs


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_count, "execution counts are not 1…4: [1, 7, 3, 4]"),
        (spoil_text("<Cell object at 0x7f31c0de>"), "a memory address"),
        (spoil_text("/home/ada/rnnviz/lessons"), "somebody's home folder"),
        (spoil_text(str(ROOT / "rnnviz" / "steps.py")), "a path of this machine"),
        (spoil_text("ipykernel_123/4.py:1: UserWarning"), "heed the warning"),
        (spoil_view, "shows a widget that is gone"),
        (spoil_state, "metadata 'widgets' is not what its source says"),
        (spoil_error, "a cell fails with ValueError"),
    ],
)
def test_a_spoilt_notebook_is_found(
    building: ModuleType, lessons: Path, capsys: pytest.CaptureFixture[str], spoil: object, said: str
) -> None:
    path = lessons / "01-adding.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert callable(spoil)
    spoil(notebook)
    nbformat.write(notebook, path)
    assert said in check(building, lessons, capsys)


def test_a_long_cell_is_found(
    building: ModuleType, lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lessons / "source" / "01-adding.py").write_text(SOURCE + "\n# %%\n" + "x = 1\n" * 16)
    assert building.main(["--lessons", str(lessons)]) == 1
    assert "a cell has 16 lines, more than 15: 'x = 1'" in capsys.readouterr().err


def test_a_cell_that_fails_stops_the_build(
    building: ModuleType, lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (lessons / "01-adding.ipynb").read_bytes()
    (lessons / "source" / "01-adding.py").write_text(SOURCE.replace('tags=["raises-exception"]', ""))
    assert building.main(["--lessons", str(lessons)]) == 1
    assert "as the lesson shows" in capsys.readouterr().err
    assert (lessons / "01-adding.ipynb").read_bytes() == before


def test_a_widgets_still_is_kept_while_the_widget_says_the_same(building: ModuleType) -> None:
    def make(text: str, **more: str) -> nbformat.NotebookNode:
        output = nbformat.v4.new_output("execute_result", {"text/plain": text} | more)
        cell = nbformat.v4.new_code_cell("rw.Thing()", id="a", outputs=[output])
        return nbformat.v4.new_notebook(cells=[cell])

    before, same, other = make("Thing(1)", **{"image/png": "cGlj"}), make("Thing(1)"), make("Thing(2)")
    for now in (same, other):
        building.keep_stills(before, now)
    assert same.cells[0].outputs[0].data["image/png"] == "cGlj"
    assert "image/png" not in other.cells[0].outputs[0].data
