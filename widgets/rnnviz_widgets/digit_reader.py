"""The digit reader: draw a digit, and a recurrent network reads it row by row and says what it thinks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import traitlets

from rnnviz_widgets.base import STATIC, Widget, check_weights
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import Packer

if TYPE_CHECKING:
    from rnnviz.data import Digits
    from rnnviz.models import SequenceClassifier

GATES = {
    "RNN": [],
    "LSTM": ["input", "forget", "candidate", "output"],
    "GRU": ["reset", "update", "candidate"],
}
EXAMPLES_EACH = 10
"""Examples of each class that the page can offer."""
FAINT = 0.2
"""Ink below this is a smudge at the edge, and not part of a digit's outline."""
LARGEST_SIDE = 64


class DigitReader(Widget):
    """Draw with mouse, finger or keyboard; rows go in one at a time, and the answer, states and gates move along.

    The network runs in the page: it reads anew while you draw, without Python. What is drawn is centred and scaled as
    the given digits are, since those are what the network learned from; examples from them are shown as they are.

    Parameters
    ----------
    model : rnnviz.models.SequenceClassifier
        Trained, reading as many numbers a step as the digits have columns. Its weights are copied; after more training
        call `update`.
    digits : rnnviz.data.Digits
        Examples to pick from, ten a class, and the measure of what a drawing is fitted to; best those it was tested on.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together; a step is a row.

    Raises
    ------
    TypeError
        If the model is no SequenceClassifier, or the digits are no Digits.
    ValueError
        If the two do not fit together, the weights are not finite, or the images are too large to draw.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> from rnnviz.data import digits
    >>> from rnnviz.models import read_digit_lstm
    >>> rw.DigitReader(read_digit_lstm(), digits().test)
    DigitReader(kind='LSTM', layers=1, units=24, rows=8, columns=8, examples=100)
    """

    _esm = STATIC / "digit_reader.js"

    cursor = CursorTrait()
    layers: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    decide: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True)
    rows = traitlets.Int(1).tag(sync=True)
    columns = traitlets.Int(1).tag(sync=True)
    name = traitlets.Unicode("").tag(sync=True)
    labels: traitlets.List[int] = traitlets.List().tag(sync=True)
    images = traitlets.Bytes(b"").tag(sync=True)
    placement: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(
        self, model: SequenceClassifier, digits: Digits, *, cursor: Cursor | None = None, **unknown: object
    ) -> None:
        from rnnviz.data import Digits

        self._refuse_unknown(unknown)
        if not isinstance(digits, Digits):
            raise TypeError(
                f"DigitReader was given {type(digits).__name__} as digits; it takes rnnviz.data.Digits, such as "
                "rnnviz.data.digits().test."
            )
        count, rows, columns = digits.images.shape
        if max(rows, columns) > LARGEST_SIDE:
            raise ValueError(
                f"The digits are {rows} × {columns} pixels; up to {LARGEST_SIDE} can be drawn. Make them smaller."
            )
        chosen = _choose_examples(digits.labels)
        super().__init__(
            **_describe_model(model, columns, int(digits.labels.max()) + 1),
            rows=rows,
            columns=columns,
            name=digits.name,
            labels=digits.labels[chosen].tolist(),
            images=np.ascontiguousarray(digits.images[chosen]).tobytes(),
            placement=measure_placement(digits.images[: min(count, 3000)]),
            cursor=cursor,
        )

    def update(self, model: SequenceClassifier) -> None:
        """Show this model from now on: the same one after more training, or another that reads the same digits.

        Parameters
        ----------
        model : rnnviz.models.SequenceClassifier
            Its weights are copied.

        Raises
        ------
        TypeError, ValueError
            As when the widget is made.
        """
        with self.hold_sync():
            self.set_trait("data", b"")  # an update with the very same bytes would not be sent
            for name, value in _describe_model(model, self.columns, max(self.labels) + 1).items():
                self.set_trait(name, value)

    def facts(self) -> dict[str, object]:
        """Kind and size of the network, and of the digits."""
        top = self.layers[-1]
        return {
            "kind": top["kind"],
            "layers": len(self.layers),
            "units": top["units"],
            "rows": self.rows,
            "columns": self.columns,
            "examples": len(self.labels),
        }


def measure_placement(images: np.ndarray[Any, np.dtype[np.float32]]) -> dict[str, Any]:
    """Measure how digits lie in their images, so that a drawing can be put in the same way.

    Parameters
    ----------
    images : ndarray of float32, shape (image, row, column)
        Ink from 0 to 1.

    Returns
    -------
    dict
        ``side``, the longer side of a digit's outline; ``row`` and ``column``, each with ``by``, whether outlines
        (``"box"``) or centres of mass (``"mass"``) agree better from image to image, and ``at``, where they lie; and
        ``pen``, the width of a stroke. All in pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnviz_widgets.digit_reader import measure_placement
    >>> bar = np.zeros((1, 8, 8), np.float32)
    >>> bar[0, 1:7, 3:5] = 1
    >>> measure_placement(bar)["side"], measure_placement(bar)["column"]
    (6.0, {'by': 'box', 'at': 4.0})
    """
    inked = images[images.max((1, 2)) > FAINT]
    count, rows, columns = inked.shape
    if count == 0:
        middle = {"by": "box", "at": rows / 2}, {"by": "box", "at": columns / 2}
        return {"side": 0.8 * max(rows, columns), "row": middle[0], "column": middle[1], "pen": rows / 8}
    sides, centres = [], []
    for axis in (2, 1):  # what remains is rows, then columns
        profile = inked.max(axis) > FAINT
        length = profile.shape[1]
        low, high = profile.argmax(1), length - profile[:, ::-1].argmax(1)
        sides.append(high - low)
        mass = (inked.sum(axis) @ (np.arange(length) + 0.5)) / inked.sum((1, 2))
        box = (low + high) / 2
        by, places = ("box", box) if box.std() <= mass.std() else ("mass", mass)
        centres.append({"by": by, "at": round(float(places.mean()), 3)})
    return {
        "side": float(np.median(np.maximum(*sides))),
        "row": centres[0],
        "column": centres[1],
        "pen": _measure_pen(inked),
    }


def _measure_pen(images: np.ndarray[Any, np.dtype[np.float32]]) -> float:
    """Width of a stroke, in pixels: a long line has two edges, so its area over half its outline.

    The outline is the total variation, which counts a slanted edge too long, by 4/π over all directions. In coarse
    images thin gaps are lost and strokes seem wider, hence the bound.
    """
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    outline = sum(np.abs(np.diff(padded, axis=axis)).sum((1, 2)) for axis in (1, 2)) * math.pi / 4
    width = float(np.median(2 * images.sum((1, 2)) / outline))
    return round(float(min(width, images.shape[1] / 7)), 3)


def _choose_examples(labels: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Places of the examples: one of each class, then the next of each, as far as they go."""
    of_each = [np.flatnonzero(labels == label)[:EXAMPLES_EACH] for label in np.unique(labels)]
    rounds = [[places[turn] for places in of_each if turn < len(places)] for turn in range(EXAMPLES_EACH)]
    return np.array([place for turn in rounds for place in turn])


def _describe_model(model: SequenceClassifier, columns: int, classes: int) -> dict[str, Any]:
    from rnnviz.models import SequenceClassifier

    if not isinstance(model, SequenceClassifier):
        raise TypeError(
            f"DigitReader was given {type(model).__name__}; it runs an rnnviz.models.SequenceClassifier, whose "
            "equations the page knows."
        )
    if model.inputs != columns:
        raise ValueError(
            f"The model reads {model.inputs} numbers a step and the digits have {columns} columns. Build it with "
            f"inputs={columns}, or give digits of {model.inputs} columns."
        )
    if model.classes < classes:
        raise ValueError(
            f"The model knows {model.classes} classes and the digits go up to {classes - 1}. Build it with "
            f"classes={classes}, or select fewer digits."
        )
    check_weights(model)
    packer, recurrent = Packer(), model.recurrent
    layers = [
        {
            "name": f"l{number}",
            "kind": recurrent.mode.split("_")[0],
            "nonlinearity": "relu" if recurrent.mode == "RNN_RELU" else "tanh",
            "units": model.units,
            "gates": GATES[recurrent.mode.split("_")[0]],
            "weights": {
                part: packer.add(_as_matrix(getattr(recurrent, f"{part}_l{number}")))
                for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            },
        }
        for number in range(recurrent.num_layers)
    ]
    decide = {"weight": packer.add(model.decide.weight), "bias": packer.add(_as_matrix(model.decide.bias))}
    return {"layers": layers, "decide": decide, "data": packer.bytes()}


def _as_matrix(value: torch.Tensor) -> torch.Tensor:
    return value if value.dim() > 1 else value[None]
