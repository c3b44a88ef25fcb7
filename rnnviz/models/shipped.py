"""Networks that were trained before and ship with the course, so that the first minute need not be spent waiting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from rnnviz.models.classifier import SequenceClassifier

__all__ = ["read_digit_lstm", "write_digit_lstm"]

DIGIT_LSTM = Path(__file__).parent / "weights" / "digit_rows.npz"


def read_digit_lstm() -> SequenceClassifier:
    """Return the LSTM that `rnnviz.experiments.digit_rows` trained to read digits of 8 × 8 row by row.

    Returns
    -------
    SequenceClassifier
        24 units, 10 classes. Its answer after the last row is right for 19 of 20 of the digits in
        ``rnnviz.data.digits().test``.

    Examples
    --------
    >>> from rnnviz.models import read_digit_lstm
    >>> read_digit_lstm().recurrent
    LSTM(8, 24)
    """
    with np.load(DIGIT_LSTM, allow_pickle=False) as arrays:
        weights = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    classes, units = weights["decide.weight"].shape
    model = SequenceClassifier(weights["recurrent.weight_ih_l0"].shape[1], units, classes, cell="lstm")
    model.load_state_dict(weights)
    return model


def write_digit_lstm(model: SequenceClassifier) -> None:
    """Put a model's weights in the place of the shipped ones.

    Parameters
    ----------
    model : SequenceClassifier
        One layer, LSTM.
    """
    DIGIT_LSTM.parent.mkdir(exist_ok=True)
    np.savez(DIGIT_LSTM, **{name: value.numpy() for name, value in model.state_dict().items()})
