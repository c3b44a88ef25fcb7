"""What an experiment measured, kept in a file beside it, so that a reader need not run for minutes to compare."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from rnnviz.experiments.table import Row

__all__ = ["read_results", "read_rows", "write_results"]

#: Where the committed results lie.
FOLDER = Path(__file__).parent / "results"


def write_results(
    name: str,
    rows: Sequence[Row],
    *,
    settings: Mapping[str, Any],
    seconds: float,
    details: Mapping[str, Any] | None = None,
    folder: Path = FOLDER,
) -> Path:
    """Write what an experiment measured, with what is needed to repeat it.

    Parameters
    ----------
    name : str
        Of the experiment's module.
    rows : sequence of Row
        What it measured.
    settings : mapping
        Sizes, rates and seeds, as numbers and words.
    seconds : float
        How long it ran.
    details : mapping, optional
        What was measured beyond the rows, such as whole curves; numbers, words, lists and mappings.
    folder : Path
        Where the file goes; beside the experiments by default.

    Returns
    -------
    Path
        Of the file, ``name.json``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from rnnviz.experiments.table import Row
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_results("try", [Row("a", 1.0, (1.1,), True)], settings={}, seconds=1, folder=Path(folder))
    ...     read_results("try", folder=Path(folder))["rows"][0]["measured"]
    [1.1]
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    about = {
        "experiment": name,
        "settings": dict(settings),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "seconds": round(seconds, 1),
        "rows": [asdict(row) for row in rows],
    }
    if details is not None:
        about["details"] = dict(details)
    file.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def read_results(name: str, *, folder: Path = FOLDER) -> dict[str, Any]:
    """Read what an experiment measured when it was last kept.

    Parameters
    ----------
    name : str
        Of the experiment's module.
    folder : Path
        Where its file lies.

    Returns
    -------
    dict
        ``experiment``, ``settings``, ``versions``, ``seconds``, ``rows``, see `Row`, and ``details`` where there are
        any.

    Raises
    ------
    FileNotFoundError
        If nothing was kept: run the experiment with ``--keep``.
    """
    file = folder / f"{name}.json"
    if not file.is_file():
        raise FileNotFoundError(
            f"No results of {name!r} are kept; make them with `python -m rnnviz.experiments.{name} --keep`."
        )
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def read_rows(name: str, *, folder: Path = FOLDER) -> list[Row]:
    """Read the rows of an experiment as it was last kept, to be reported or drawn.

    Parameters
    ----------
    name : str
        Of the experiment's module.
    folder : Path
        Where its file lies.

    Returns
    -------
    list of Row

    Raises
    ------
    FileNotFoundError
        If nothing was kept.

    Examples
    --------
    >>> from rnnviz.experiments.results import read_rows
    >>> read_rows("ten_steps_ahead")[3].published
    0.0085
    """
    rows = read_results(name, folder=folder)["rows"]
    return [Row(**{**row, "measured": tuple(row["measured"])}) for row in rows]
