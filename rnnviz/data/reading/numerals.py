"""From cells to numbers: decimal marks, groups of digits, units, and what stands for a missing value."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from rnnviz.data.reading.messages import CsvError, count, number_lines

__all__ = [
    "BLANK",
    "SPACED",
    "Floats",
    "find_decimal",
    "find_stand_ins",
    "is_blank",
    "is_number",
    "is_plain_number",
    "note_lost_digits",
    "parse_number",
    "strip_unit",
    "to_numbers",
]

Floats = npt.NDArray[np.float64]

BLANK = {
    *("", "-", "--", "---", "?", ".", "..", "...", "…", "*", "**", "***", "****", ":", "\\n", "m"),
    *("na", "n/a", "n.a.", "nan", "null", "(null)", "none", "nil", "#n/a", "<na>", "nat", "missing"),
    *("#div/0!", "#value!", "#ref!", "#num!", "k.a.", "n.v.", "n/d", "nd"),
}
SPACED = re.compile(r"(?<=\d)[ '’](?=\d{3})")
ENGLISH = re.compile(r"(?=[+-]?[.,]?\d)[+-]?([1-9]\d{0,2}(,\d{3})+|\d*)(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE)
CONTINENTAL = re.compile(
    r"(?=[+-]?[.,]?\d)[+-]?([1-9]\d{0,2}(\.\d{3})+|\d*)(,\d*)?(e[+-]?\d+)?", re.IGNORECASE
)
PLAIN = re.compile(r"[+-]?\d+([.,]\d*)?")
MONEY = r"[$€£¥₹]|US\$|EUR|USD|GBP|CHF|JPY|kr\.?"
AROUND = re.compile(
    rf"(?P<sign>[+\-−]?)\s*(?P<before>{MONEY})?\s*(?P<number>[+\-−]?[\d.,' ’]*\d[.,]?(?:e[+-]?\d+)?)\s*"
    r"(?P<after>%|‰|[^\W\d_°%‰]{1,6}[²³]?(?:/[^\W\d_]{1,5}[²³]?)?|°\s?[CFK]?|[$€£¥₹])?",
    re.IGNORECASE,
)
# What instruments and archives write where there was nothing to measure.
STAND_INS = sorted(
    {-float("9" * n) for n in range(2, 8)}
    | {float("9" * n) for n in range(3, 8)}
    | {-float("9" * n + ".9") for n in range(2, 6)}
    | {float("9" * n + ".9") for n in range(2, 6)}
    | {-float("9" * n + ".99") for n in range(2, 5)}
    | {float("9" * n + ".99") for n in range(2, 5)}
    | {
        -8888.0,
        -7777.0,
        -6999.0,
        -32768.0,
        32767.0,
        -2147483648.0,
        1e20,
        -1e20,
        1e30,
        -1e30,
        1e36,
        9.96921e36,
    }
)


def parse_number(cell: str, decimal: str) -> float | None:
    """Return what a cell says, or None if it is no number that float32 can hold."""
    bare = SPACED.sub("", cell).replace("−", "-")
    if not (ENGLISH if decimal == "." else CONTINENTAL).fullmatch(bare):
        return None
    value = float(bare.replace(",", "") if decimal == "." else bare.replace(".", "").replace(",", "."))
    return value if abs(value) < 3e38 else None


def is_number(cell: str) -> bool:
    """Whether a cell is a number with either decimal mark."""
    return parse_number(cell, ".") is not None or parse_number(cell, ",") is not None


def is_plain_number(cell: str) -> bool:
    """Whether a cell is digits with one decimal mark at most, and no date such as 20240131."""
    return bool(PLAIN.fullmatch(cell)) and not re.fullmatch(r"(19|20)\d{6}", cell)


def is_blank(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.lower() in BLANK


def strip_unit(cells: Sequence[str]) -> tuple[list[str], str] | None:
    """Return the cells without a unit or a currency that all of them carry, and that unit; None if there is none."""
    filled = [cell for cell in cells if not is_blank(cell)]
    if not filled or all(map(is_number, filled[:20])):
        return None
    units: Counter[str] = Counter()
    bare: dict[str, str] = {}
    for cell in set(filled):
        # Accountants write a loss in brackets.
        whole = f"-{cell[1:-1]}" if cell.startswith("(") and cell.endswith(")") else cell
        found = AROUND.fullmatch(whole)
        if found is None or (found["sign"] and found["number"][0] in "+-−"):
            return None
        unit = found["before"] or found["after"] or ""
        units[unit] += 1
        bare[cell] = found["sign"] + found["number"]
    if len([unit for unit in units if unit]) > 1:
        return None
    unit = max(units)
    if unit and units[""] > 0.2 * units.total():
        return None
    return [bare.get(cell, cell) for cell in cells], unit


def to_numbers(cells: Sequence[str], lines: Sequence[int], title: str, decimal: str) -> Floats:
    """Return a column as numbers, NaN where it is blank."""
    # Values come again and again in long columns.
    known = {cell: math.nan if is_blank(cell) else parse_number(cell, decimal) for cell in set(cells)}
    values = [known[cell] for cell in cells]
    for line, cell, value in zip(lines, cells, values, strict=True):
        if value is None:
            other = parse_number(cell, "," if decimal == "." else ".") is not None
            hint = (
                f"Other cells of the column use {decimal!r} as the decimal mark; write them all in one way."
                if other
                else "Correct it; or leave the cell empty, and ask for gaps to be filled (fill='linear')."
            )
            raise CsvError(f"{cell!r} in the column {title!r} is not a number. {hint}", line)
    return np.array(values, dtype=np.float64)


def find_decimal(cells: Iterable[str], title: str, semicolons: bool, notes: list[str]) -> str:
    """Return the decimal mark of a column, and note it where it could have been the other."""
    often = Counter(cells)
    cells = [cell for cell in often if not cell.isdigit() and not is_blank(cell)]
    readings = {mark: [parse_number(cell, mark) for cell in cells] for mark in ".,"}
    counts = {
        mark: sum(often[cell] for cell, value in zip(cells, values, strict=True) if value is not None)
        for mark, values in readings.items()
    }
    if readings["."] == readings[","]:
        return "."
    if counts["."] == counts[","]:
        # "1,234" or "1.234" throughout. Who separates columns by semicolons mostly has decimal commas.
        decimal, other = (",", ".") if semicolons else (".", ",")
        sign = "comma" if any("," in cell for cell in cells) else "dot"
        means = "the decimal mark" if (sign == "comma") == (decimal == ",") else "a thousands separator"
        notes.append(
            f"In the column {title!r} the {sign} was read as {means}; decimal={other!r} reads it otherwise."
        )
        return decimal
    if counts["."] > counts[","]:
        return "."
    notes.append(f"In the column {title!r} the comma was read as the decimal mark.")
    return ","


def find_stand_ins(
    values: Floats, lines: Sequence[int], title: str, missing: Sequence[float] | None, notes: list[str]
) -> Floats:
    """Return a column with NaN where a number such as -9999 stands for a missing value, and note it."""
    if missing is not None:
        chosen = [float(value) for value in missing]
    else:
        known = np.isfinite(values)
        chosen = [value for value in STAND_INS if _stands_apart(values[known], value)]
    taken = np.isin(values, chosen)
    if taken.any():
        which = ", ".join(f"{value:g}" for value in chosen if (values == value).any())
        where = number_lines(np.array(lines)[taken].tolist())
        cells = count(int(taken.sum()), "cell", "cells")
        notes.append(
            f"In the column {title!r} {which} was taken for a missing value ({cells}, {where})."
            + ("" if missing is not None else " missing=() keeps it as a number.")
        )
        values = np.where(taken, np.nan, values)
    return values


def _stands_apart(values: Floats, value: float) -> bool:
    if not (values == value).any():
        return False
    others = values[~np.isin(values, STAND_INS)]
    if len(others) < 10:
        return False
    low, high = float(others.min()), float(others.max())
    margin = 2 * (high - low)
    return (value < 0 <= low) or value < low - margin or value > high + margin


def note_lost_digits(values: Floats, title: str, notes: list[str]) -> None:
    """Note it where float32 rounds away what tells one step from the next."""
    kept = values.astype(np.float32).astype(np.float64)
    steps = np.abs(np.diff(values))
    steps = steps[steps > 0]
    error = np.abs(kept - values)
    if len(steps) and error.max() > 0.05 * float(np.median(steps)):
        worst = int(error.argmax())
        notes.append(
            f"The column {title!r} has more digits than the network's numbers hold: {values[worst]:.10g} becomes "
            f"{kept[worst]:.10g}. If only the changes matter, put the difference from row to row in the file, or "
            "subtract a fixed number from all of them."
        )
