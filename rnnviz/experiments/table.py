"""A published number beside those measured here, as every experiment reports it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import fill

__all__ = ["Report", "Row", "write_table"]

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
    holds : bool, optional
        Whether the measurement bears the claim out, by the bar that the experiment's docstring sets; None where
        nothing is claimed, so that nothing is judged.
    note : str
        What a reader should know: how the two differ and why, and, where a claim is not reproduced, what was found
        instead.
    yes : bool
        Whether each number is a yes, 1, or a no, 0, and is written so: "3 of 4" is three seeds of four.

    Raises
    ------
    ValueError
        If a published number is given and not judged.
    """

    what: str
    published: float | None
    measured: tuple[float, ...]
    holds: bool | None = None
    note: str = ""
    yes: bool = False

    def __post_init__(self) -> None:
        if self.published is not None and self.holds is None:
            raise ValueError(
                f"The row {self.what!r} has a published number and no verdict; say with `holds` whether ours bears "
                "it out."
            )

    @property
    def median(self) -> float:
        """The middle of the measured values."""
        return statistics.median(self.measured)

    def write(self, number: Callable[[float], str]) -> tuple[str, str, str, str]:
        """Write the published number, ours, its range over the seeds, and the verdict; "" where there is none.

        Parameters
        ----------
        number : callable
            From a number to its text.

        Returns
        -------
        tuple of str

        Examples
        --------
        >>> from rnnviz.experiments.table import Row
        >>> Row("solved", 1.0, (1.0, 1.0, 0.0), True, yes=True).write(str)
        ('yes', '2 of 3', '', 'holds')
        """
        spread = ""
        if self.yes:
            words = {None: "", 0.0: "no", 1.0: "yes"}
            published, count = words[self.published], len(self.measured)
            measured = f"{sum(self.measured):.0f} of {count}" if count > 1 else words[self.measured[0]]
        else:
            published = "" if self.published is None else number(self.published)
            measured = number(self.median)
            if len(self.measured) > 1:
                spread = f"{number(min(self.measured))} to {number(max(self.measured))}"
        judged = self.published is not None
        verdict = "not reproduced" if self.holds is False else "holds" if judged else ""
        return published, measured, spread, verdict


def write_table(rows: Sequence[Row], digits: int = 4) -> str:
    """Write rows as text: what, published, measured (median, and the range over seeds), and whether it holds.

    A claim that ours does not bear out is called *not reproduced*, whichever way it was missed.

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
        published, measured, span, verdict = row.write(lambda value: f"{value:.{digits}f}")
        line = f"{row.what:{width}}  {published:>{digits + 7}}  {measured:>{digits + 5}}  {span:>{spread}}  {verdict}"
        lines.append(line.rstrip())
    notes = [f"{row.what}: {row.note}" for row in rows if row.note]
    lines += [fill(note, width=NOTE_WIDTH, subsequent_indent="  ") for note in notes]
    return "\n".join(lines)


class Report:
    """Rows as a notebook shows them: a table to read, in text where there is no page.

    Parameters
    ----------
    rows : sequence of Row
        In the order to be shown.
    digits : int, default 4
        After the decimal point; numbers of a hundred and more are whole.

    Examples
    --------
    >>> from rnnviz.experiments.table import Report, Row
    >>> Report([Row("error", 0.02, (0.021, 0.019, 0.02), True)], digits=3)
            published  measured             seeds
    error       0.020     0.020    0.019 to 0.021  holds
    """

    def __init__(self, rows: Sequence[Row], digits: int = 4) -> None:
        self.rows, self.digits = tuple(rows), digits

    def __repr__(self) -> str:
        return write_table(self.rows, self.digits)

    def _repr_html_(self) -> str:
        heads = ["published", "measured", "range over seeds", "verdict"]
        written = [row.write(self._number) for row in self.rows]
        # On a phone an empty column is room taken from the words.
        used = [at for at in range(len(heads)) if any(cells[at] for cells in written)]
        head = "".join(f'<th scope="col">{word}</th>' for word in ("what", *(heads[at] for at in used)))
        lines = "".join(
            self._write_line(row, [cells[at] for at in used])
            for row, cells in zip(self.rows, written, strict=True)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"

    def _write_line(self, row: Row, cells: list[str]) -> str:
        if row.holds is False:
            cells = [*cells[:-1], f"<b>{cells[-1]}</b>"]
        # A note has the whole width: beside the numbers it would be a word to a line.
        below = "border-bottom: 0; padding-bottom: 0; " if row.note else ""
        what = f'<th scope="row" style="{below}min-width: 9em">{escape(row.what)}</th>'
        numbers = "".join(f'<td style="{below}white-space: nowrap">{cell}</td>' for cell in cells)
        line = f"<tr>{what}{numbers}</tr>"
        if row.note:
            note = f'<small style="display: block; max-width: min(44em, 84vw)">{escape(row.note)}</small>'
            line += f'<tr><td colspan="{len(cells) + 1}" style="padding-top: 0">{note}</td></tr>'
        return line

    def _number(self, value: float) -> str:
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.{self.digits}f}"
