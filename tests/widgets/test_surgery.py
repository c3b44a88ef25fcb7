"""Surgery from Python's side: where it runs, what it is told to hold, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import rnnviz as rv
import rnnviz_widgets as rw


class Net(nn.Module):
    """A network to operate on, with a readout at its last step."""

    def __init__(self, layer: nn.Module, units: int = 5, each: bool = True) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(4, 3)
        self.layer = layer
        self.decide = nn.Linear(units, 3)
        self.each = each

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.layer(self.embed(x))[0]
        return self.decide(hidden if self.each else hidden[-1])


X = torch.tensor([[0, 1], [2, 3], [1, 1], [3, 0]])
CLASSES = ["red", "green", "blue"]


def make(layer: nn.Module, **options: Any) -> tuple[rw.Surgery, Net]:
    net = Net(layer, **{key: options.pop(key) for key in ("units", "each") if key in options})
    return rw.Surgery(net, X, CLASSES, [0, 2], **options), net


@pytest.mark.parametrize("each", [True, False])
def test_one_module_and_a_readout_run_in_the_page(each: bool) -> None:
    widget, net = make(nn.LSTM(3, 5), each=each, vocabulary="abcd", embedding=None)
    assert widget.by_page
    assert widget.vocabulary == []
    assert repr(widget) == (
        "Surgery(layer='layer.l0', kind='LSTM', steps=4, sequences=2, classes=3, runs='in the page')"
    )
    floats = np.frombuffer(widget.data, dtype=np.float32)
    start = widget.tables["weight"]["offset"]
    np.testing.assert_allclose(floats[start : start + 15].reshape(3, 5), net.decide.weight.detach().numpy())
    assert widget.array == "cell"


def test_words_are_sent_with_their_table() -> None:
    net = Net(nn.GRU(3, 5))
    widget = rw.Surgery(
        net, X, CLASSES, vocabulary=list("abcd"), embedding=net.embed, labels=["abcd", "wxyz"]
    )
    assert widget.vocabulary == list("abcd")
    assert widget.tables["embedding"]["shape"] == [4, 3]
    assert widget.targets == []
    assert widget.array == "hidden"


@pytest.mark.parametrize("layer", [nn.LSTM(3, 5, proj_size=2), nn.GRU(3, 5, bidirectional=True)])
@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_others_run_in_python_and_are_those_of_an_intervention(
    layer: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget, net = make(layer, units=2 if isinstance(layer, nn.LSTM) else 10)
    assert not widget.by_page
    name, gate = widget.layer, "forget" if isinstance(layer, nn.LSTM) else "update"
    hold = {"layer": name, "gate": gate, "units": [1], "from": 1, "to": 2, "value": 0.0}
    widget._handle_custom_msg(
        {"kind": "compute", "number": 7, "settings": {"sequence": 1, "holds": [hold]}}, []
    )
    assert widget.answered == 7
    with rv.intervene(net, layer=name, gate=gate, units=[1], steps=[1, 2], value=0.0) as held:
        wanted = net(X)[-1, 1]
    floats = np.frombuffer(widget.answer_data, dtype=np.float32)
    logits = widget.answer["logits"]
    got = floats[logits["offset"] : logits["offset"] + 3]
    np.testing.assert_allclose(got, wanted.detach().numpy(), atol=1e-6)
    entry = widget.answer["arrays"][name][gate]
    values = floats[entry["offset"] : entry["offset"] + 4 * 5].reshape(4, 5)
    np.testing.assert_allclose(values, held.arrays[gate][:, 1].numpy(), atol=1e-6)
    assert (values[1:3, 1] == 0).all()


def test_what_goes_wrong_in_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    widget, _ = make(nn.GRU(3, 5, bidirectional=True), units=10)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append(content))
    hold = {"layer": "layer.l0", "gate": "forget", "units": None, "from": 0, "to": 1, "value": 0.0}
    widget._handle_custom_msg(
        {"kind": "compute", "number": 3, "settings": {"sequence": 0, "holds": [hold]}}, []
    )
    assert sent[0]["kind"] == "error"
    assert sent[0]["number"] == 3
    assert "'reset', 'update'" in sent[0]["message"]
    widget._handle_custom_msg("nonsense", [])
    assert widget.answered == 0


def test_what_is_held_at_first() -> None:
    widget, _ = make(nn.LSTM(3, 5), hold=[{"gate": "forget", "value": 0, "steps": (1, 2), "units": [3]}])
    assert widget.holds == [
        {"layer": "layer.l0", "gate": "forget", "units": [3], "from": 1, "to": 2, "value": 0.0}
    ]
    everywhere, _ = make(nn.LSTM(3, 5), hold=[{"gate": "cell", "value": 1}])
    assert everywhere.holds[0]["units"] is None
    assert (everywhere.holds[0]["from"], everywhere.holds[0]["to"]) == (0, 3)


def test_dropout_is_off_and_the_mode_is_kept() -> None:
    net = Net(nn.LSTM(3, 5, num_layers=2, dropout=0.9))
    net.train()
    one, other = rw.Surgery(net, X, CLASSES), rw.Surgery(net, X, CLASSES)
    assert one.data == other.data
    assert net.training
    assert net.layer.training


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"classes": ["red"]}, "Name each"),
        ({"targets": [0]}, "one for each of the 2 sequences"),
        ({"targets": [0, 3]}, "from 0 to 2"),
        ({"labels": ["ab", "cd"]}, "one list a sequence"),
        ({"array": "reset"}, "it has hidden, cell"),
        ({"hold": [{"gate": "reset", "value": 0}]}, "it has input, forget"),
        ({"hold": [{"gate": "cell"}]}, "needs a gate and a value"),
        ({"hold": [{"gate": "cell", "value": 0, "when": 3}]}, "'when'"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, Any], says: str) -> None:
    arguments: dict[str, Any] = {"classes": CLASSES, "targets": [0, 1], **options}
    net = Net(nn.LSTM(3, 5))
    with pytest.raises(ValueError, match=says):
        rw.Surgery(net, X, arguments.pop("classes"), arguments.pop("targets"), **arguments)


def test_a_vocabulary_must_fit_its_embedding() -> None:
    net = Net(nn.LSTM(3, 5))
    with pytest.raises(ValueError, match="one word for each row"):
        rw.Surgery(net, X, CLASSES, vocabulary=["a"], embedding=net.embed)
    with pytest.raises(TypeError, match="'holds'"):
        rw.Surgery(net, X, CLASSES, helds=[])


def test_a_model_without_logits_is_refused() -> None:
    class Sum(Net):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).sum()

    with pytest.raises(ValueError, match="must answer with logits"):
        rw.Surgery(Sum(nn.LSTM(3, 5)), X, CLASSES)
