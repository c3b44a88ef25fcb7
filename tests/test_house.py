"""The house rules that a machine can check: what imports what, formatting, types, bundles, the lock, the README."""

from __future__ import annotations

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
    heavy |= {"lightning", "netCDF4", "scipy", "tensorboard"}
    code = f"import sys, rnnviz; found = {heavy!r} & set(sys.modules); assert not found, found"
    run(sys.executable, "-c", code)


def test_no_core_module_imports_the_widgets_or_the_application() -> None:
    for file in (ROOT / "rnnviz").rglob("*.py"):
        text = file.read_text()
        if "app" not in file.relative_to(ROOT).parts:
            assert not re.search(r"^(from|import) rnnviz\.app", text, re.M), file
            assert not re.search(r"^(from|import) rnnviz_widgets", text, re.M), file


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


def test_the_links_of_the_readme_lead_somewhere() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text()):
            assert "://" in target or (ROOT / target).exists(), f"{page} links to {target}"


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
