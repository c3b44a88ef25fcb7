"""What each lesson's widgets show first: made when the course is built, and shipped with it.

A page paints it while no kernel is there yet, on the very first opening on any machine. ``lessons/first_states.py``
makes it; a snapshot that the reader's own machine has taken since (`rnnviz.app.snapshots`) goes before it.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rnnviz.app.lessons import LAB_CELLS, Lesson

# Beside the notebooks: a file a lesson, and what each was made from.
FOLDER = "states"
INDEX = "made-from.json"
# What a lesson reads beside code: a package's files of these kinds, all of them, but only its own questions.
DATA = frozenset({".npz", ".json", ".svg", ".csv", ".txt"})
# What the machine that made a state has found out about itself is none of the reader's business.
UNTOLD = {"found": "…", "state": "wait", "advice": ""}


@dataclass(frozen=True)
class MadeFrom:
    """What a lesson's first state was made from, each in short.

    Parameters
    ----------
    lesson
        The cells that its page shows.
    code
        The modules that it imported, without their comments and docstrings, and what they read.
    modules
        The names of those modules.
    """

    lesson: str
    code: str
    modules: tuple[str, ...]


def find_first_state(notebook: Path) -> Path | None:
    """Return the shipped first state of a lesson, gzipped; None where there is none for the lesson as it is.

    Parameters
    ----------
    notebook
        The lesson. Where a student has changed what its page shows, what is shipped is not it.
    """
    state = notebook.parent / FOLDER / f"{notebook.stem}.js.gz"
    made = read_index(notebook.parent).get(notebook.stem)
    if made is None or not state.is_file() or made.lesson != digest_lesson(notebook):
        return None
    return state


def write_first_state(lesson: Lesson, script: str, modules: Iterable[str]) -> Path:
    """Write a lesson's first state beside it, and note what it was made from.

    Parameters
    ----------
    lesson
        The lesson.
    script
        What the page is handed; see `rnnviz.app.snapshots.Snapshot.write`.
    modules
        The names of the modules that the lesson's kernel had imported in the end.
    """
    folder = lesson.path.parent / FOLDER
    folder.mkdir(exist_ok=True)
    state = folder / f"{lesson.name}.js.gz"
    # Without a time and at one level, so that the same state is the same file.
    _replace(state, gzip.compress(script.encode(), 9, mtime=0))
    index = read_index(lesson.path.parent)
    names = tuple(sorted(modules))
    index[lesson.name] = MadeFrom(digest_lesson(lesson.path), digest_code(names, lesson.number), names)
    entries = {
        name: {"lesson": made.lesson, "code": made.code, "modules": list(made.modules)}
        for name, made in sorted(index.items())
    }
    _replace(folder / INDEX, (json.dumps(entries, indent=1) + "\n").encode())
    return state


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)


def check_first_states(lessons: Iterable[Lesson]) -> list[str]:
    """Say which first states are missing or stale, without running anything.

    Returns
    -------
    list of str
        A line each; empty where all is well.
    """
    faults = []
    for lesson in lessons:
        if not lesson.runs:
            continue
        made = read_index(lesson.path.parent).get(lesson.name)
        if made is None or not (lesson.path.parent / FOLDER / f"{lesson.name}.js.gz").is_file():
            faults.append(f"{lesson.name} has no first state")
        elif made.lesson != digest_lesson(lesson.path):
            faults.append(f"{lesson.name} has changed since its first state was made")
        elif made.code != digest_code(made.modules, lesson.number):
            faults.append(f"{lesson.name} imports code that has changed since its first state was made")
    return faults


def read_index(folder: Path) -> dict[str, MadeFrom]:
    """Read what the first states of a folder of lessons were made from, by the lessons' names."""
    try:
        found = json.loads((folder / FOLDER / INDEX).read_text(encoding="utf-8"))
        return {
            name: MadeFrom(made["lesson"], made["code"], tuple(made["modules"]))
            for name, made in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def digest_lesson(notebook: Path) -> str:
    """Return what changes whenever the cells do that a lesson's page shows; their outputs are not looked at.

    Examples
    --------
    >>> from rnnviz.app.lessons import find_lessons
    >>> len(digest_lesson(next(find_lessons().glob("*.ipynb"))))
    20
    """
    return _digest_lesson(notebook, notebook.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest_lesson(notebook: Path, changed: int) -> str:
    """Digest a lesson; `changed` is part of the key, so an edited file is read again."""
    cells: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    shown = [
        (cell["cell_type"], "".join(cell["source"]))
        for cell in cells
        if not LAB_CELLS & set(cell.get("metadata", {}).get("tags", ()))
    ]
    # Text is not part of a state, but where it stands is: outputs go by the number of their cell.
    code = [source if kind == "code" else "" for kind, source in shown]
    return sha256(json.dumps(code).encode()).hexdigest()[:20]


def digest_code(modules: Iterable[str], number: str) -> str:
    """Return what changes whenever the code of some modules does, or what they read; comments do not count.

    Parameters
    ----------
    modules
        Their names.
    number
        The lesson's, two digits, whose questions are part of it.

    Examples
    --------
    >>> digest_code(["rnnviz.steps"], "02") == digest_code(["rnnviz.steps", "rnnviz.cells"], "02")
    False
    """
    digest = sha256()
    for name in sorted(modules):
        digest.update(f"{name}\n".encode())
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            digest.update(_code_of(Path(spec.origin), Path(spec.origin).stat().st_mtime_ns).encode())
    for package in sorted({name.partition(".")[0] for name in modules}):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            continue
        root = Path(spec.origin).parent
        for file in sorted(root.rglob("*")):
            inside = file.relative_to(root)
            asked = inside.parent.name == "questions" and file.name == f"{number}.toml"
            # What pages are made of is not part of a state, nor are the lessons that lie inside an installed package.
            if asked or (file.suffix in DATA and inside.parts[0] not in {"app", "static", "_lessons"}):
                digest.update(f"{inside.as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:20]


@lru_cache(maxsize=1024)
def _code_of(path: Path, changed: int) -> str:
    """Read a module's code; `changed` is part of the key, so an edited file is read again."""
    return strip_words(path.read_text(encoding="utf-8"))


def strip_words(source: str) -> str:
    r"""Take comments, docstrings and layout out of some code, so that what is left changes only if the code does.

    Examples
    --------
    >>> strip_words('def f(x):\n    "Say why."\n    return x  # because\n')
    'def f(x):\n return x\n'
    """
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    pieces, at, begins = [], 0, True
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        # What begins with f is no docstring.
        is_docstring = token.type == tokenize.STRING and begins and token.string[0] in "\"'rR"
        if token.type == tokenize.COMMENT or is_docstring:
            pieces.append(source[at:start])
            at = end
        if token.type not in {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}:
            begins = token.type in {tokenize.NEWLINE, tokenize.ENCODING}
    pieces.append(source[at:])
    code = re.sub(r"[ \t]+", " ", "".join(pieces))
    return re.sub(r"\s*\n", "\n", code).lstrip("\n")
