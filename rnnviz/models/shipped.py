"""Networks that were trained before and ship with the course, so that the first minute need not be spent waiting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from rnnviz.models.car import CarForecaster
from rnnviz.models.classifier import SequenceClassifier
from rnnviz.models.recall import StoryReader
from rnnviz.models.stack import StackForecaster
from rnnviz.models.tank_controller import RecurrentController

__all__ = [
    "read_bearing_lstm",
    "read_car_lstm",
    "read_digit_lstm",
    "read_recall_lstm",
    "read_tank_controller",
    "write_bearing_lstm",
    "write_car_lstm",
    "write_digit_lstm",
    "write_recall_lstm",
    "write_tank_controller",
]

WEIGHTS = Path(__file__).parent / "weights"
DIGIT_LSTM, RECALL_LSTM = WEIGHTS / "digit_rows.npz", WEIGHTS / "recall.npz"
TANK_CONTROLLER = WEIGHTS / "tank_controller.npz"
BEARING_LSTM, CAR_LSTM = WEIGHTS / "bearing.npz", WEIGHTS / "car.npz"


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
    weights = _read(DIGIT_LSTM)
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
    _write(DIGIT_LSTM, model)


def read_recall_lstm() -> StoryReader:
    """Return the LSTM that `rnnviz.experiments.recall` trained to say where a storyteller grew up.

    Returns
    -------
    StoryReader
        32 units, reading words of 16 numbers.

    Examples
    --------
    >>> from rnnviz.data import Recall
    >>> from rnnviz.models import read_recall_lstm
    >>> story = Recall.number("I grew up in France . it rained . I speak fluent")
    >>> Recall.words[int(read_recall_lstm()(story[:, None])[-1, 0].argmax())]
    'French'
    """
    weights = _read(RECALL_LSTM)
    model = StoryReader("LSTM", weights["decide.weight"].shape[1], weights["embed.weight"].shape[1])
    model.load_state_dict(weights)
    return model


def write_recall_lstm(model: StoryReader) -> None:
    """Put a model's weights in the place of the shipped ones.

    Parameters
    ----------
    model : StoryReader
        With an LSTM.
    """
    _write(RECALL_LSTM, model)


def read_tank_controller() -> RecurrentController:
    """Return the controller that `rnnviz.experiments.tank_control` trained to keep a tank at its mark.

    Returns
    -------
    RecurrentController
        12 units, for a `rnnviz.data.Tank` as it is by default.

    Examples
    --------
    >>> from rnnviz.models import read_tank_controller
    >>> read_tank_controller().remember
    RNNCell(2, 12)
    """
    weights = _read(TANK_CONTROLLER)
    controller = RecurrentController(weights["open.weight"].shape[1])
    controller.load_state_dict(weights)
    return controller


def write_tank_controller(controller: RecurrentController) -> None:
    """Put a controller's weights in the place of the shipped ones.

    Parameters
    ----------
    controller : RecurrentController
        For the tank as it is by default.
    """
    _write(TANK_CONTROLLER, controller)


def read_bearing_lstm() -> StackForecaster:
    """Return the network that `rnnviz.experiments.bearing` trained to expect the next piece of a bearing's signal.

    Returns
    -------
    StackForecaster
        Two LSTM layers of 48 units, 100 samples a step; it reads a signal that was divided by
        `rnnviz.experiments.bearing.SCALE`.

    Examples
    --------
    >>> from rnnviz.models import read_bearing_lstm
    >>> read_bearing_lstm().stack.layers[1]
    LSTM(48, 48)
    """
    weights = _read(BEARING_LSTM)
    model = StackForecaster(weights["project.0.weight"].shape[0], _floors(weights))
    model.load_state_dict(weights)
    return model


def write_bearing_lstm(model: StackForecaster) -> None:
    """Put a model's weights in the place of the shipped ones.

    Parameters
    ----------
    model : StackForecaster
        LSTM layers, and no hidden layer.
    """
    _write(BEARING_LSTM, model)


def read_car_lstm() -> CarForecaster:
    """Return the network that `rnnviz.experiments.car_race` trained to say where a car will be.

    Returns
    -------
    CarForecaster
        Two LSTM layers of 48 units, ten steps ahead.

    Examples
    --------
    >>> from rnnviz.models import read_car_lstm
    >>> read_car_lstm().horizon
    10
    """
    weights = _read(CAR_LSTM)
    model = CarForecaster(_floors(weights), len(weights["correct.bias"]) // 2)
    model.load_state_dict(weights)
    return model


def write_car_lstm(model: CarForecaster) -> None:
    """Put a model's weights in the place of the shipped ones.

    Parameters
    ----------
    model : CarForecaster
        LSTM layers.
    """
    _write(CAR_LSTM, model)


def _floors(weights: dict[str, torch.Tensor]) -> list[int]:
    """Return the units of each LSTM layer of a stack."""
    return [value.shape[1] for name, value in weights.items() if name.endswith("weight_hh_l0")]


def _read(file: Path) -> dict[str, torch.Tensor]:
    with np.load(file, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def _write(file: Path, model: torch.nn.Module) -> None:
    file.parent.mkdir(exist_ok=True)
    np.savez(file, **{name: value.numpy() for name, value in model.state_dict().items()})
