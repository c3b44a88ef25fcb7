"""The Python side of the writer: what is sent, what is refused, and its training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz_widgets as rw
from rnnviz.data import Characters
from rnnviz.models import CharacterLearning, CharacterModel

ALPHABET = Characters("to be or not to be\n")


class Embedded(nn.Module):
    """A model of somebody else's: an embedding, two layers, a readout without bias."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Embedding(len(ALPHABET), 5)
        self.rnn = nn.LSTM(5, 6, num_layers=2, bias=False)
        self.out = nn.Linear(6, len(ALPHABET), bias=False)


def take(writer: rw.Writer, entry: dict[str, Any]) -> Any:
    floats = np.frombuffer(writer.data, dtype=np.float32)
    return floats[entry["offset"] : entry["offset"] + int(np.prod(entry["shape"]))].reshape(entry["shape"])


def test_every_weight_arrives() -> None:
    model = CharacterModel(len(ALPHABET), 8, "lstm", layers=2)
    writer = rw.Writer(model, ALPHABET, prompt="to be")
    assert [layer["kind"] for layer in writer.tables["layers"]] == ["LSTM", "LSTM"]
    for number, layer in enumerate(writer.tables["layers"]):
        assert set(layer["weights"]) == {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}
        for name, entry in layer["weights"].items():
            expected = getattr(model.recurrent, f"{name}_l{number}").detach().numpy()
            np.testing.assert_array_equal(take(writer, entry).squeeze(), expected.squeeze())
    np.testing.assert_array_equal(
        take(writer, writer.tables["head"]["weight"]), model.projection.weight.detach().numpy()
    )
    assert writer.tables["inputs"] is None
    assert writer.frame == {}


def test_other_peoples_models_work() -> None:
    model = Embedded()
    writer = rw.Writer(model, ALPHABET)
    np.testing.assert_array_equal(take(writer, writer.tables["inputs"]), model.table.weight.detach().numpy())
    assert set(writer.tables["layers"][1]["weights"]) == {"weight_ih", "weight_hh"}
    assert writer.tables["head"]["bias"] is None
    assert writer.prompt == "\n"


def test_the_repr_is_the_same_on_every_run() -> None:
    writer = rw.Writer(CharacterModel(len(ALPHABET), 8, "rnn"), ALPHABET, prompt="to", seed=4, top_k=3)
    assert repr(writer) == "Writer(kind='RNN', units=8, prompt='to', length=240, temperature=0.8, seed=4)"
    assert writer.top_k == 3


def test_its_model_can_be_trained() -> None:
    learning = CharacterLearning("to be or not to be\n" * 8, units=8, steps=10, batch=4)
    writer = rw.Writer(learning)
    before = writer.data
    assert writer.frame == {"step": 0, "loss": None}
    writer.train(4)
    assert writer.state == "paused"
    assert writer.frame["step"] == 4
    assert 0 < writer.frame["loss"] < 5
    assert writer.data != before
    head = writer.tables["head"]["weight"]
    np.testing.assert_array_equal(take(writer, head), learning.model.projection.weight.detach().numpy())
    writer.reset()
    assert writer.data == before
    writer.close()
    assert writer.state == "stopped"


def test_new_weights_are_sent_as_they_come_and_wait_for_the_page() -> None:
    writer = rw.Writer(CharacterLearning("to be or not to be\n" * 8, units=8, steps=10, batch=4))
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    writer.send = lambda content, buffers=None: sent.append((content, buffers))  # type: ignore[method-assign]
    for _ in range(4):
        writer.train(1)
    frames = [(content, buffers) for content, buffers in sent if content["kind"] == "frame"]
    assert [content["frame"]["step"] for content, _ in frames] == [1, 2]
    assert all(len(buffers[0]) == len(writer.data) for _, buffers in frames)
    writer._receive(None, {"kind": "seen", "number": frames[-1][0]["number"]}, [])
    assert [content["frame"]["step"] for content, _ in sent if content["kind"] == "frame"] == [1, 2, 4]
    writer.close()


def test_a_model_without_a_training_says_so() -> None:
    writer = rw.Writer(CharacterModel(len(ALPHABET), 8), ALPHABET)
    with pytest.raises(RuntimeError, match="no training"):
        writer.train(1)
    for ask in (writer.start, writer.pause, writer.wait, writer.reset, lambda: writer.state):
        with pytest.raises(RuntimeError, match=r"This Writer holds no training. Make it from a .*CharacterL"):
            ask()
    writer.close()


MODEL = CharacterModel(len(ALPHABET), 8)
DIVERGED = CharacterModel(len(ALPHABET), 8)
nn.init.constant_(DIVERGED.projection.weight, float("nan"))


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: rw.Writer(MODEL), ValueError, "needs the vocabulary"),
        (lambda: rw.Writer(nn.Linear(3, 3), ALPHABET), TypeError, "0 recurrent modules"),
        (lambda: rw.Writer(nn.ModuleList([MODEL, MODEL.projection]), Characters("ab")), ValueError, "2 char"),
        (
            lambda: rw.Writer(nn.ModuleList([nn.GRU(9, 4, bidirectional=True), nn.Linear(8, 9)]), ALPHABET),
            TypeError,
            "both directions",
        ),
        (
            lambda: rw.Writer(nn.ModuleList([nn.LSTM(9, 4, proj_size=2), nn.Linear(2, 9)]), ALPHABET),
            TypeError,
            "projection",
        ),
        (lambda: rw.Writer(DIVERGED, ALPHABET), ValueError, r"projection\.weight holds .* not finite"),
        (lambda: rw.Writer(MODEL, ALPHABET, prompt=""), ValueError, "is empty"),
        (lambda: rw.Writer(MODEL, ALPHABET, prompt="xyz"), ValueError, "has 'x', 'y', 'z', not in"),
        (lambda: rw.Writer(MODEL, ALPHABET, length=0), ValueError, "length is 0"),
        (lambda: rw.Writer(MODEL, ALPHABET, temperature=3), ValueError, "temperature is 3"),
        (lambda: rw.Writer(MODEL, ALPHABET, temperature=float("nan")), ValueError, "temperature is nan"),
        (lambda: rw.Writer(MODEL, ALPHABET, top_k=0), ValueError, "top_k is 0"),
        (lambda: rw.Writer(MODEL, ALPHABET, array="forget"), ValueError, "no array 'forget'; it has"),
        (lambda: rw.Writer(MODEL, ALPHABET, heat=1), TypeError, "has no option 'heat'"),
    ],
)
def test_refusals_say_what_to_do(build: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build()  # type: ignore[operator]
