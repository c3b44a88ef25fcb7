"""The house rules that a machine can check: what imports what, formatting, types, bundles, the lock, the README."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
WIDGETS = ROOT / "widgets"


def run(*command: str, cwd: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_the_core_imports_no_plotting_and_no_notebook() -> None:
    heavy = {"plotly", "ipywidgets", "anywidget", "IPython", "pandas", "matplotlib", "statsmodels", "xarray"}
    heavy |= {"lightning", "netCDF4", "scipy", "sklearn", "tensorboard"}
    code = f"import sys, rnnviz; found = {heavy!r} & set(sys.modules); assert not found, found"
    run(sys.executable, "-c", code)


def imported_by(file: Path) -> set[str]:
    """Every module of ours that a file imports, anywhere in it: inside functions and branches too."""
    package = file.relative_to(ROOT).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            # What is imported from a package may be a module of it.
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in {"rnnviz", "rnnviz_widgets"}}


CORE_FILES = sorted(
    file for file in (ROOT / "rnnviz").rglob("*.py") if file.relative_to(ROOT / "rnnviz").parts[0] != "app"
)


def test_no_core_module_imports_the_widgets_or_the_application() -> None:
    guilty = {
        (file.relative_to(ROOT).as_posix(), name)
        for file in CORE_FILES
        for name in imported_by(file)
        if name.startswith("rnnviz.app") or name.split(".")[0] == "rnnviz_widgets"
    }
    assert guilty == set()


# The rooms of the core, floor by floor: each imports from floors beneath it alone, never from its own floor.
FLOORS = (
    ("steps", "version", "data"),
    ("cells", "arithmetic"),
    ("variants", "recording", "training"),
    ("analysis", "models"),
    ("flow", "monitor", "callbacks", "show", "experiments"),
    ("__init__", "bench"),
)
# Inside a room the same: modules, floor by floor.
INSIDE = {
    "arithmetic": (
        ("states", "scan", "torch_kernel"),
        ("rnn", "lstm", "gru", "replay"),
        ("kinds", "derive"),
        ("adjoint",),
        ("kernels",),
    ),
    "recording": (
        ("inner_gradients",),
        ("descent", "netcdf", "references"),
        ("wiring",),
        ("fused", "stepwise", "trace"),
        ("layers", "store"),
        ("refusals", "tables"),
        ("watch",),
        ("record",),
    ),
    "analysis": (
        ("intervene", "limits", "propagate", "report", "saturation"),
        ("jacobian", "weight_flow", "monitor"),
        ("flow",),
        ("rates",),
        ("gate_checks",),
        ("diagnose",),
        ("callbacks",),
    ),
}
# Methods of a trace that write it; the module is imported when one of them is called.
LAZY_UPWARD = {("trace", "store"), ("trace", "tables")}


def _assigned(file: Path, name: str) -> ast.expr:
    """Find what a module assigns to a name."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            return node.value
    raise AssertionError(f"{file} assigns nothing to {name}")


def arrows_among_rooms() -> set[tuple[str, str]]:
    """Which room of the core imports from which other."""
    rooms = {name for floor in FLOORS for name in floor}
    public = set(ast.literal_eval(_assigned(ROOT / "rnnviz" / "__init__.py", "__all__")))
    arrows = set()
    for file in CORE_FILES:
        here = file.relative_to(ROOT / "rnnviz").with_suffix("").parts[0]
        for name in imported_by(file):
            _, _, rest = name.partition(".")
            there = rest.split(".")[0]
            if here in {"bench", "experiments"} and rest in public:
                continue  # they use the package as its users do
            if there in rooms - {here}:
                arrows.add((here, there))
            # From beneath, the front is no place to import a name from: it imports everything.
            assert there in rooms or not rest, (file, name)
    return arrows


def test_imports_among_the_rooms_run_down() -> None:
    floor = {name: number for number, rooms in enumerate(FLOORS) for name in rooms}
    arrows = arrows_among_rooms()
    assert [arrow for arrow in arrows if floor[arrow[0]] <= floor[arrow[1]]] == []
    # What a reader has to hold in mind; a new arrow is a decision.
    assert len(arrows) <= 30, sorted(arrows)


@pytest.mark.parametrize("room", INSIDE)
def test_imports_inside_a_room_run_down(room: str) -> None:
    height = {name: number for number, layer in enumerate(INSIDE[room]) for name in layer}
    folder = ROOT / "rnnviz" / room
    assert {file.stem for file in folder.glob("*.py")} == set(height) | {"__init__"}
    above = set()
    for file in folder.glob("*.py"):
        for name in imported_by(file):
            parts = name.split(".")
            if parts[:2] != ["rnnviz", room] or len(parts) < 3 or parts[2] not in height:
                continue
            here, there = file.stem, parts[2]
            if here != "__init__" and there != here and height[there] >= height[here]:
                above.add((here, there))
    assert above == (LAZY_UPWARD if room == "recording" else set())


def test_every_module_of_the_core_has_its_floor() -> None:
    known = {name for rooms in FLOORS for name in rooms}
    assert {file.relative_to(ROOT / "rnnviz").with_suffix("").parts[0] for file in CORE_FILES} == known


def test_python_is_formatted() -> None:
    run("ruff", "format", "--check", ".")


def test_python_is_linted() -> None:
    run("ruff", "check", ".")


def test_types_are_strict() -> None:
    run("mypy")


@pytest.mark.parametrize("script", ["lint", "types", "test"])
def test_browser_side(script: str) -> None:
    require_node()
    run("npm", "run", "--silent", script, cwd=WIDGETS)


def test_bundles_are_fresh() -> None:
    require_node()
    run("node", "build.mjs", "--check", cwd=WIDGETS)


def test_lessons_agree_with_their_sources() -> None:
    run(sys.executable, "lessons/build.py", "--check")


def test_every_lesson_has_its_picture_in_the_gallery() -> None:
    folder = ROOT / "lessons"
    for lesson in folder.glob("[0-9]*.ipynb"):
        for name in (f"{lesson.stem}.png", f"{lesson.stem}.dark.png"):
            assert (folder / "pictures" / name).is_file(), (
                f"run: python lessons/take_pictures.py {lesson.stem[:2]}"
            )


def test_the_answers_for_instructors_are_those_of_the_lessons() -> None:
    run(sys.executable, "lessons/instructors/build.py", "--check")


def test_every_dependency_is_locked_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [
        line for extra in ("widgets", "course", "test") for line in project["optional-dependencies"][extra]
    ]
    lines = [line for line in (ROOT / "binder/requirements.txt").read_text().splitlines() if "==" in line]
    locked = {canonical(line.split("==")[0]): line.split("==")[1] for line in lines}
    for requirement in map(Requirement, wanted):
        if requirement.name == "rnnviz":
            continue
        name = canonical(requirement.name)
        assert name in locked, f"{name} is missing from the lock: run binder/lock.sh"
        assert requirement.specifier.contains(locked[name], prereleases=True), (
            f"{requirement} but {locked[name]}"
        )
    assert locked["torch"] == "2.13.0"


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_file_holds_a_machine_path_or_a_package_index() -> None:
    # PyTorch's own CPU index is the one address that users need.
    forbidden = re.compile(r"/root/\w|/work/|file:///|files\.pythonhosted|registry\.npmjs|deb\.debian")
    for name in tracked_files():
        if name.endswith((".png", ".ico", ".gz")) or name == "tests/test_house.py":
            continue
        text = (ROOT / name).read_text(errors="replace")
        found = forbidden.search(text)
        assert found is None, f"{name}: {text[max(0, found.start() - 40) : found.end() + 40]!r}"


def test_every_lesson_travels_in_the_wheel() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    included = tools["hatch"]["build"]["targets"]["wheel"]["force-include"]
    lessons = {f"lessons/{path.name}" for path in (ROOT / "lessons").glob("*.ipynb")}
    assert {name for name in included if name.endswith(".ipynb")} == lessons


def test_the_links_of_the_pages_lead_somewhere() -> None:
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    for page in [*pages, *(ROOT / "lessons").glob("*/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert "://" in target or (page.parent / target).exists(), f"{page} links to {target}"


def test_the_map_of_the_house_leads_to_what_it_names() -> None:
    """Files exist, and a name that is said to stand in one does."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    table = page[page.index("| you want to | begin at") : page.index("Bundles in `")]
    paths = re.findall(r"`([\w./-]+/[\w./-]*)`", table)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
    named = re.findall(r"`([\w-]+)…?` in `([\w./-]+)`", table)
    assert len(named) >= 5
    assert [(name, path) for name, path in named if name not in (ROOT / path).read_text()] == []


def tracked_files() -> list[str]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run([git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def require_node() -> None:
    """Browser-side tools are for those who change the browser side; CI always has them."""
    if shutil.which("node") and (WIDGETS / "node_modules").exists():
        return
    assert not os.environ.get("CI"), "CI must have Node and `npm ci` in widgets/"
    pytest.skip("needs Node 20 and `npm ci` in widgets/ (only to change the browser side)")
