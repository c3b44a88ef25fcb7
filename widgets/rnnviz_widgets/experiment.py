"""Something measured while the reader turns a knob."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import traitlets

from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.source_code import write_functions

Measure = Callable[[int], float]

MOST_TOLD = 6
"""More first places than these are told by the first and the last."""


class Experiment(Widget):
    """Measures one or several quantities for every place of a slider, and draws what it has measured so far.

    Nothing is interpolated and nothing is prepared: every point was measured, in Python, on this machine.

    Parameters
    ----------
    measures : mapping of str to callable
        Name → function that takes the slider's whole number and returns what was measured. Four at most.
    low, high : int
        Ends of the slider.
    x : str
        What the slider sets: things that are counted, "steps", or a letter, "N".
    x_unit : str
        What the slider's number is in, where `x` is not what is counted: "cm", of a "threshold".
    unit : str
        What the measures are counted in: "kB".
    first : sequence of int, optional
        Places measured at once, so that there is a curve before anybody turns the knob: a dozen from end to end unless
        given.

    Raises
    ------
    ValueError
        If there are no measures or more than four, or the ends or first places do not fit.
    TypeError
        If a measure returns something other than one number.

    Examples
    --------
    >>> Experiment({"square": lambda n: n * n}, low=0, high=10, x="n")
    Experiment(x='n', measured={'square': [0, 100]})
    """

    _esm = STATIC / "experiment.js"

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    low = traitlets.Int(0).tag(sync=True)
    high = traitlets.Int(1).tag(sync=True)
    x = traitlets.Unicode("").tag(sync=True)
    x_unit = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    start = traitlets.Int(1).tag(sync=True)
    """Where the slider begins: at the last of the places measured at once."""

    points: traitlets.List[list[float]] = traitlets.List().tag(
        sync=True, to_json=lambda rows, _: [_spell_row(row) for row in rows]
    )
    """Rows of the slider's place and what was measured there, in the order of the places."""

    code: traitlets.Dict[str, list[str]] = traitlets.Dict().tag(sync=True)
    """For the code that a reader copies: the ``lines`` that the measures need, and an ``expression`` for each."""

    def __init__(
        self,
        measures: Mapping[str, Measure],
        *,
        low: int,
        high: int,
        x: str,
        x_unit: str = "",
        unit: str = "",
        first: Sequence[int] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        places = _spread(low, high) if first is None else list(first)
        if not 1 <= len(measures) <= 4:
            raise ValueError(f"Experiment was given {len(measures)} measures; it draws one to four.")
        if low >= high or not all(low <= place <= high for place in places):
            raise ValueError(
                f"Experiment was given low={low}, high={high} and first={places}, which do not fit."
            )
        self._measures = dict(measures)
        self._first = sorted(set(places))
        self._told = (
            self._first
            if first is not None and len(self._first) <= MOST_TOLD
            else [self._first[0], self._first[-1]]
        )
        lines, expressions = write_functions(measures)
        code = {"lines": lines, "expressions": expressions}
        ends = {"low": low, "high": high, "start": self._first[-1] if self._first else high}
        super().__init__(names=list(measures), x=x, x_unit=x_unit, unit=unit, code=code, **ends)
        for place in self._first:
            self.measure(place)
        self.on_msg(self._answer)

    def measure(self, place: int) -> list[float]:
        """Measure at one place of the slider and keep the result.

        Parameters
        ----------
        place : int
            From `low` to `high`.

        Returns
        -------
        list of float
            The place, and one number for each measure.

        Raises
        ------
        ValueError
            If the place is not on the slider.
        TypeError
            If a measure returns something other than one number.
        """
        if not self.low <= place <= self.high:
            raise ValueError(f"{place} is not on the slider, which goes from {self.low} to {self.high}.")
        row = [place, *(_read_number(name, measure(place)) for name, measure in self._measures.items())]
        others = [point for point in self.points if point[0] != place]
        self.points = sorted([*others, row])
        return row

    def _answer(self, _: Any, content: Any, buffers: Any) -> None:
        # An error of the measurement belongs into the widget, where the reader waits for a point.
        try:
            self.send({"row": _spell_row(self.measure(int(content["place"])))})
        except Exception as error:
            self.send({"error": f"{type(error).__name__}: {error}"})

    def facts(self) -> dict[str, object]:
        """Values measured at the places asked for at first, or at the two ends."""
        rows = [row for row in self.points if row[0] in self._told]
        measured = {name: [_shorten(row[at]) for row in rows] for at, name in enumerate(self.names, start=1)}
        return {"x": self.x, "measured": measured}


def _spread(low: int, high: int, count: int = 12) -> list[int]:
    """Whole numbers from end to end, as even as they can be; all of them where they are few."""
    return sorted({low + round(place * (high - low) / (count - 1)) for place in range(count)})


def _read_number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        # A tensor of several numbers raises a RuntimeError, an array a TypeError.
        raise TypeError(
            f"The measure {name!r} returned a {type(value).__name__}; it should return one number."
        ) from None


def _spell_row(row: list[float]) -> list[float | str]:
    """Write out what JSON cannot hold, in the words that JavaScript reads as numbers."""
    words = {math.inf: "Infinity", -math.inf: "-Infinity"}
    return [value if math.isfinite(value) else words.get(value, "NaN") for value in row]


def _shorten(value: float) -> float:
    return int(value) if value.is_integer() else float(f"{value:.4g}")
