"""The digit reader's Python side: what is sent, what is measured and refused; torch decides whether the page is right.

``widgets/tests/digit_reader/reader.json`` holds networks, images and torch's answers after every row; the
browser-side tests read the same images in the page. To write it again: ``python tests/widgets/test_digit_reader.py``.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import traitlets

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.data import Digits, digits
from rnnviz.models import SequenceClassifier, read_digit_lstm
from rnnviz_widgets.digit_reader import measure_placement

FILE = Path(__file__).parents[2] / "widgets/tests/digit_reader/reader.json"


def make_digits(rows: int = 6, columns: int = 5, count: int = 12) -> Digits:
    random = np.random.default_rng(0)
    return Digits("random", random.random((count, rows, columns)), np.arange(count) % 3)


def make_model(
    cell: str, nonlinearity: str = "tanh", layers: int = 1, classes: int = 3
) -> SequenceClassifier:
    model = SequenceClassifier(5, 4, classes, layers, cell, nonlinearity=nonlinearity)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in model.parameters():
            weight.uniform_(-1, 1, generator=generator)
    return model


NETWORKS: dict[str, Any] = {
    "shipped": lambda: (read_digit_lstm(), digits().test.select(slice(20))),
    "tanh, two layers": lambda: (make_model("rnn", layers=2), make_digits()),
    "relu": lambda: (make_model("rnn", "relu"), make_digits()),
    "GRU": lambda: (make_model("gru", layers=2), make_digits()),
    "LSTM, two layers": lambda: (make_model("lstm", layers=2), make_digits()),
}


def encode(values: bytes) -> str:
    return base64.b64encode(values).decode()


def describe_network(name: str) -> dict[str, Any]:
    model, examples = NETWORKS[name]()
    reader = rw.DigitReader(model, examples)
    images = torch.from_numpy(
        np.frombuffer(reader.images, dtype=np.float32).reshape(-1, reader.rows, reader.columns).copy()
    )
    rows = images.transpose(0, 1)
    with torch.no_grad(), rv.record(model) as trace:
        opinions = model.read(rows).softmax(-1)
    top = trace[trace.layers[-1]]
    arrays = {"hidden": top.hidden, **top.gates}
    return {
        "layers": reader.layers,
        "decide": reader.decide,
        "data": encode(reader.data),
        "rows": reader.rows,
        "columns": reader.columns,
        "labels": reader.labels,
        "images": encode(reader.images),
        # As float32 numbers in C order: (row, image, class), and (row, image, unit) of the topmost layer.
        "opinions": encode(opinions.numpy().tobytes()),
        "states": {name: encode(array.contiguous().numpy().tobytes()) for name, array in arrays.items()},
        "placement": measure_placement(digits().train.images) if name == "shipped" else reader.placement,
    }


def decode(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=np.float32)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_says_what_torch_says(name: str) -> None:
    stored, fresh = json.loads(FILE.read_text())[name], describe_network(name)
    for key in ("layers", "decide", "rows", "columns", "labels", "placement"):
        assert stored[key] == fresh[key], key
    for key in ("data", "images", "opinions"):
        np.testing.assert_allclose(decode(stored[key]), decode(fresh[key]), atol=2e-6)
    assert stored["states"].keys() == fresh["states"].keys()
    for key, text in stored["states"].items():
        np.testing.assert_allclose(decode(text), decode(fresh["states"][key]), atol=2e-5)


def test_every_weight_arrives() -> None:
    model = make_model("lstm", layers=2)
    reader = rw.DigitReader(model, make_digits())
    data = np.frombuffer(reader.data, dtype=np.float32)

    def take(entry: dict[str, Any]) -> np.ndarray:
        return data[entry["offset"] : entry["offset"] + int(np.prod(entry["shape"]))].reshape(entry["shape"])

    for number, layer in enumerate(reader.layers):
        for part, entry in layer["weights"].items():
            sent = getattr(model.recurrent, f"{part}_l{number}").detach().numpy()
            np.testing.assert_array_equal(take(entry).reshape(sent.shape), sent)
    np.testing.assert_array_equal(take(reader.decide["weight"]), model.decide.weight.detach().numpy())
    assert 4 * data.size == len(reader.data)
    assert reader.layers[1]["gates"] == ["input", "forget", "candidate", "output"]


def test_examples_are_one_of_each_class_at_a_time() -> None:
    reader = rw.DigitReader(read_digit_lstm(), digits().test)
    assert reader.labels[:10] == list(range(10))
    assert len(reader.labels) == 100
    few = rw.DigitReader(make_model("gru"), make_digits(count=4))
    assert few.labels == [0, 1, 2, 0]


def test_the_repr() -> None:
    reader = rw.DigitReader(make_model("rnn", "relu", layers=2), make_digits())
    assert repr(reader) == "DigitReader(kind='RNN', layers=2, units=4, rows=6, columns=5, examples=12)"
    assert reader.layers[0]["nonlinearity"] == "relu"


def test_more_training_is_shown() -> None:
    model = make_model("gru")
    reader = rw.DigitReader(model, make_digits())
    before = reader.data
    with torch.no_grad():
        model.decide.bias += 1
    assert reader.data == before
    reader.update(model)
    assert reader.data != before
    reader.update(make_model("lstm", layers=2))
    assert reader.facts()["kind"] == "LSTM"
    with pytest.raises(ValueError, match="reads 8 numbers a step"):
        reader.update(read_digit_lstm())


def test_what_does_not_fit_is_refused() -> None:
    shown = make_digits()
    with pytest.raises(TypeError, match=r"was given LSTM; it runs an rnnviz\.models\.SequenceClassifier"):
        rw.DigitReader(torch.nn.LSTM(5, 4), shown)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"rnnviz\.data\.digits\(\)\.test"):
        rw.DigitReader(make_model("rnn"), shown.images)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="reads 5 numbers a step and the digits have 8 columns"):
        rw.DigitReader(make_model("rnn"), digits().test)
    with pytest.raises(ValueError, match="knows 2 classes and the digits go up to 2"):
        rw.DigitReader(make_model("rnn", classes=2), shown)
    with pytest.raises(ValueError, match="65 × 5 pixels"):
        rw.DigitReader(make_model("rnn"), make_digits(rows=65))
    with pytest.raises(TypeError, match="Did you mean 'cursor'"):
        rw.DigitReader(make_model("rnn"), shown, cursr=rw.Cursor())
    with pytest.raises(traitlets.TraitError, match=r"takes an rnnviz_widgets\.Cursor"):
        rw.DigitReader(make_model("rnn"), shown, cursor=3)  # type: ignore[arg-type]
    diverged = make_model("lstm")
    with torch.no_grad():
        diverged.recurrent.weight_hh_l0[2, 1] = float("nan")
    with pytest.raises(ValueError, match=r"recurrent\.weight_hh_l0 holds values that are not finite"):
        rw.DigitReader(diverged, shown)


def test_the_small_digits_fill_their_rows() -> None:
    placement = measure_placement(digits().train.images)
    assert placement["side"] == 8
    assert placement["row"] == {"by": "box", "at": 4.0}
    assert placement["column"]["by"] == "mass"
    assert 3.9 < placement["column"]["at"] < 4.2


def test_centres_of_mass_are_found_where_they_agree() -> None:
    """Like MNIST: the outline wanders, the centre of mass does not."""
    random = np.random.default_rng(1)
    images = np.zeros((50, 20, 20), np.float32)
    for image in images:
        image[8:12, 8:12] = 1
        reach = int(random.integers(1, 7))
        # A light whisker to one side, whose pull on the centre a small weight on the other side cancels.
        image[10, 12 : 12 + reach] = 0.3
        image[10, 7] = min(1.0, 0.3 * sum(2.5 + k for k in range(reach)) / 2.5)
    placement = measure_placement(images)
    assert placement["column"]["by"] == "mass"
    assert placement["column"]["at"] == pytest.approx(10, abs=0.2)
    assert placement["row"] == {"by": "box", "at": 10.0} or placement["row"]["by"] == "mass"


@pytest.mark.parametrize("width", [2, 3])
def test_the_width_of_a_stroke_is_measured(width: int) -> None:
    images = np.zeros((1, 28, 28), np.float32)
    images[0, 4:24, 13 : 13 + width] = 1
    # The outline of straight lines is not overcounted, as that of slanted ones is: hence up to 4/π too wide.
    assert width * 0.8 <= measure_placement(images)["pen"] <= width * 1.28


def test_blank_images_have_a_placement_too() -> None:
    placement = measure_placement(np.zeros((3, 8, 8), np.float32))
    assert placement["row"] == {"by": "box", "at": 4.0}
    assert placement["pen"] > 0


if __name__ == "__main__":
    text = json.dumps({name: describe_network(name) for name in NETWORKS}, separators=(",", ":"))
    FILE.write_text(text + "\n")
