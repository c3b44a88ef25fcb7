"""The student's own copy of the lessons: kept up to date, never touching what the student changed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

RECORD = ".rnnviz.json"


@dataclass
class Copied:
    """What `copy_lessons` did, by file name.

    Parameters
    ----------
    new, updated, unchanged, kept
        Lessons that came for the first time, were replaced because the student had not touched them,
        were up to date already, or are the student's own by now.
    beside
        For a kept lesson of which a newer version exists: the name under which that now lies beside it.
    """

    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)

    def describe(self) -> str:
        """Say it in one line each, leaving out what did not happen.

        Examples
        --------
        >>> print(Copied(new=["02-neuron.ipynb"], kept=["05-forecasting.ipynb"]).describe())
        1 new lesson: 02-neuron.ipynb
        1 lesson kept as you left it: 05-forecasting.ipynb
        """
        lines = []
        for names, one, many in (
            (self.new, "new lesson", "new lessons"),
            (
                self.updated,
                "unchanged lesson updated",
                "unchanged lessons updated",
            ),
            (self.kept, "lesson kept as you left it", "lessons kept as you left them"),
        ):
            if names:
                lines.append(f"{len(names)} {one if len(names) == 1 else many}: {', '.join(names)}")
        lines += [f"A newer {name} lies beside yours as {other}" for name, other in self.beside.items()]
        return "\n".join(lines) or "All lessons are up to date."


def copy_lessons(source: Path, folder: Path, version: str) -> Copied:
    """Copy the lessons into a student's folder; a file the student changed is never written to.

    A record in the folder (``.rnnviz.json``) remembers what was handed out. A lesson that still is what was
    handed out is the course's to update. Any other stays as it is, and a newer version is laid beside it.
    A lesson that was deleted comes back, which is how a student starts afresh.

    Parameters
    ----------
    source
        Where the course's notebooks lie.
    folder
        The student's folder, made if missing.
    version
        The course's version, for the name of what is laid beside a student's file.

    Raises
    ------
    NotADirectoryError
        `folder` is a file.
    FileNotFoundError
        The folder in which `folder` should be made does not exist.
    PermissionError
        `folder` cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     course, mine = Path(place, "course"), Path(place, "mine")
    ...     course.mkdir()
    ...     _ = (course / "02-neuron.ipynb").write_text("{}")
    ...     copy_lessons(course, mine, "0.1").new
    ['02-neuron.ipynb']
    """
    folder.mkdir(exist_ok=True)
    record_path = folder / RECORD
    handed_out: dict[str, str] = _read_record(record_path)
    done = Copied()
    for lesson in sorted(source.glob("*.ipynb")):
        name, content = lesson.name, lesson.read_bytes()
        ours, own = _fingerprint(content), folder / name
        theirs = _fingerprint(own.read_bytes()) if own.exists() else None
        if theirs is None:
            _write_new(own, content)
            done.new.append(name)
        elif theirs == ours:
            done.unchanged.append(name)
        elif theirs == handed_out.get(name):
            _replace(own, content, expected=theirs)
            done.updated.append(name)
        else:
            done.kept.append(name)
            # Laid beside once: what was handed out before, here or beside, is not handed out again.
            if handed_out.get(name) != ours:
                done.beside[name] = _lay_beside(own, content, version)
        handed_out[name] = ours
    _write_record(record_path, handed_out)
    return done


def _fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()


def _read_record(path: Path) -> dict[str, str]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(mark) for name, mark in record["handed out"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # Without a record nothing is known to be untouched, so everything is kept: the safe side.
        return {}


def _write_record(path: Path, handed_out: dict[str, str]) -> None:
    record = {
        "about": "What rnnviz handed out: it never overwrites your work.",
        "handed out": handed_out,
    }
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(unfinished, path)


def _write_new(path: Path, content: bytes) -> None:
    # "x" fails where a file has come to be in the meantime, rather than overwrite it.
    with path.open("xb") as file:
        file.write(content)


def _replace(path: Path, content: bytes, *, expected: str) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    if _fingerprint(path.read_bytes()) != expected:
        unfinished.unlink()
        raise FileExistsError(f"{path} was changed just now. Start again, and it will be kept.")
    os.replace(unfinished, path)


def _lay_beside(own: Path, content: bytes, version: str) -> str:
    for number in range(1, 1000):
        again = "" if number == 1 else f" {number}"
        beside = own.with_name(f"{own.stem} (new in {version}{again}).ipynb")
        if not beside.exists():
            _write_new(beside, content)
            return beside.name
        if beside.read_bytes() == content:
            return beside.name
    raise FileExistsError(f"{own.parent} is full of newer versions of {own.name}; remove some of them.")
