"""A published number beside those measured here, as every experiment reports it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

__all__ = ["Row", "write_table"]

#: Characters in a line of a note: as many as a page of the course shows.
NOTE_WIDTH = 72


@dataclass(frozen=True)
class Row:
    """One line of a report.

    Attributes
    ----------
    what : str
        What was measured.
    published : float or None
        The number in the source; None where the source has none and ours is shown for comparison.
    measured : tuple of float
        One value a seed; one value alone where there is no chance in it.
    holds : bool
        Whether the measurement bears the publication out, within the tolerance that the experiment states.
    note : str
        What a reader should know, such as how they differ and why.
    """

    what: str
    published: float | None
    measured: tuple[float, ...]
    holds: bool
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of the measured values."""
        return statistics.median(self.measured)


def write_table(rows: Sequence[Row], digits: int = 4) -> str:
    """Write rows as text: what, published, measured (median, and the range over seeds), and whether it holds.

    Parameters
    ----------
    rows : sequence of Row
        In the order to be written.
    digits : int, default 4
        After the decimal point.

    Returns
    -------
    str
        A table of one line a row, and the notes below it.

    Examples
    --------
    >>> from rnnviz.experiments.table import Row, write_table
    >>> print(write_table([Row("error", 0.02, (0.021, 0.019, 0.02), True)], digits=3))
            published  measured             seeds
    error       0.020     0.020    0.019 to 0.021  holds
    """
    width = max(len(row.what) for row in rows)
    # Without several seeds there is no spread to show.
    spread = max(16, 2 * digits + 9) if any(len(row.measured) > 1 for row in rows) else 0
    seeds = "seeds" if spread else ""
    lines = [
        f"{'':{width}}  {'published':>{digits + 7}}  {'measured':>{digits + 5}}  {seeds:>{spread}}".rstrip()
    ]
    for row in rows:
        published = "" if row.published is None else f"{row.published:.{digits}f}"
        span = (
            f"{min(row.measured):.{digits}f} to {max(row.measured):.{digits}f}"
            if len(row.measured) > 1
            else ""
        )
        verdict = "" if row.published is None else ("holds" if row.holds else "DOES NOT HOLD")
        lines.append(
            f"{row.what:{width}}  {published:>{digits + 7}}  {row.median:>{digits + 5}.{digits}f}  "
            f"{span:>{spread}}  {verdict}".rstrip()
        )
    notes = [f"{row.what}: {row.note}" for row in rows if row.note]
    lines += [fill(note, width=NOTE_WIDTH, subsequent_indent="  ") for note in notes]
    return "\n".join(lines)
