"""Pages saved without Python, looked at without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnviz.app import command
from rnnviz.app.export import PLOTLY, SHARED, export_lessons
from rnnviz.app.lessons import read_lessons


@pytest.fixture(autouse=True)
def own_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("data")))


@pytest.fixture
def lessons(tmp_path: Path, write_lesson: Callable[..., Path]) -> Path:
    folder = tmp_path / "lessons"
    folder.mkdir()
    write_lesson(
        folder,
        "01-first",
        [
            "# First & <last>\n\n$x_t$ and `code`\n\n$$h = \\tanh(x)$$",
            ("import rnnviz_widgets as rw",),
            ("rw.Picture('02-one-neuron')",),
            ("print('\\x1b[31mred\\x1b[0m')",),
            ("import ipywidgets; ipywidgets.IntSlider()",),
            ("def mine(): ...", "exercise"),
            ("def mine(): return 1", "solution"),
            ("print('never run')", "lab-only"),
        ],
        title="First & <last>",
    )
    write_lesson(folder, "02-second", ["# Second", ("print(1 + 1)",)])
    return folder


def test_an_export_holds_everything_and_asks_nobody(lessons: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    told: list[str] = []
    done = export_lessons(read_lessons(lessons)[0], site, tell=told.append)
    assert done.pages == ["index.html", "01-first.html", "02-second.html"]
    assert told == ["Running 01-first …", "Running 02-second …"]
    # A slider of ipywidgets' own cannot be drawn by a page, and this is said.
    assert done.left_out == {"01-first.html": 1}
    assert "01-first.html: 1 cell can only be shown with Python" in done.describe()
    assert sum(done.sizes.values()) == sum(f.stat().st_size for f in site.rglob("*") if f.is_file())

    page = (site / "01-first.html").read_text()
    assert "<title>First &amp; &lt;last&gt; · rnnviz</title>" in page
    assert page.count("<math") == 2
    assert "never run" not in page
    assert "A solution" in page
    assert 'rel="next" href="02-second.html"' in page
    # Whatever a page names lies beside it.
    for name in re.findall(r'(?:src|href)="([^"#]+)', page):
        assert name.startswith("data:") or (site / name.split("#")[0].replace("%20", " ")).exists(), name
    assert re.findall(r"https?://(?!www\.w3\.org)[\w.-]+", page) == []

    snapshot = (site / SHARED / "01-first.js").read_text()
    kept = json.loads(snapshot.removeprefix("rnnvizPage.show(").removesuffix(");\n"))
    assert [model["module"] for model in kept["models"].values()] == ["picture"]
    assert kept["cells"] == {"3": [{"view": "m0"}], "4": [{"stream": "stdout", "text": "red\n"}]}
    # Only what occurs is copied.
    assert [path.name for path in (site / SHARED / "widgets").iterdir()] == ["picture.js"]
    assert not (site / SHARED / "widgets" / f"{PLOTLY}.js").exists()

    # Again over itself, with fewer lessons: what was written before goes, what somebody put there stays.
    (site / "404.html").write_text("lost?")
    export_lessons(read_lessons(lessons)[0][1:], site)
    assert not (site / SHARED / "01-first.js").exists()
    assert sorted(path.name for path in site.glob("*.html")) == ["02-second.html", "404.html", "index.html"]


def test_an_export_tells_nothing_of_the_machine_that_made_it(
    lessons: Path, tmp_path: Path, write_lesson: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    write_lesson(lessons, "03-map", [("import rnnviz_widgets as rw; rw.Environment()",), ("rw.LessonMap()",)])
    site = tmp_path / "site"
    export_lessons(read_lessons(lessons)[0][1:], site)
    assert not [
        file for file in site.rglob("*") if file.is_file() and str(tmp_path).encode() in file.read_bytes()
    ]
    # What is not among the pages is not on their map.
    kept = json.loads((site / SHARED / "03-map.js").read_text().removeprefix("rnnvizPage.show(")[:-3])
    states = {model["module"]: model["state"] for model in kept["models"].values()}
    assert states["environment"]["findings"] == []
    assert [lesson["name"] for lesson in states["lesson_map"]["lessons"]] == ["02-second", "03-map"]


def test_an_export_refuses_a_folder_with_something_else(lessons: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "work" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("mine")
    with pytest.raises(FileExistsError, match="is no earlier export"):
        export_lessons(read_lessons(lessons)[0], thesis.parent)
    assert [path.name for path in thesis.parent.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["export", "99", "--to", "site"],
            "there is no lesson that starts with '99'. There are 01-first, 02-second.",
        ),
        (["export", "--to", "lessons"], "is not empty, and is no earlier export. Choose a new folder."),
    ],
)
def test_the_command_refuses_what_it_cannot_do(
    lessons: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command.main(["--lessons", str(lessons), *arguments]) == 1
    assert said in capsys.readouterr().err


def test_a_lesson_that_fails_is_named(tmp_path: Path, write_lesson: Callable[..., Path]) -> None:
    write_lesson(tmp_path, "01-broken", [("1 / 0",)])
    with pytest.raises(
        RuntimeError, match=r"01-broken\.ipynb does not run to its end(?s:.*)ZeroDivisionError"
    ):
        export_lessons(read_lessons(tmp_path)[0], tmp_path / "site")
