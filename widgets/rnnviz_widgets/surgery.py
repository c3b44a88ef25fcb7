"""Surgery on a trained network: hold a gate or a state where you like, and watch its answer change."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import anywidget
import torch
import traitlets
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

import rnnviz
from rnnviz_widgets.base import STATIC, Widget, check_weights
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import Packer
from rnnviz_widgets.trace_model import check_labels, choose_layer, share_trace

if TYPE_CHECKING:
    from rnnviz import LayerTrace, Trace


class Surgery(Widget):
    """The states of a network while it reads, and its answer; whatever is held by hand, both are computed anew.

    The reader draws over a stretch of the map, or names units and steps, chooses a value, and holds a gate or a state
    there. Beside the map stand the network's answer and its loss, as they were and as they are now. Where an embedding
    is given, words may be replaced, too. Networks of one recurrent module and one readout run in the page; all others
    in Python, by `rnnviz.intervene`, and that is what *Copy the code* gives.

    Parameters
    ----------
    model : torch.nn.Module
        From ``inputs`` to logits: (time, batch, class), of which each sequence's last step counts, or (batch, class).
    inputs : Tensor or PackedSequence
        What it reads, with the sequences to choose from.
    classes : sequence of str
        Names of the answers.
    targets : sequence of int, optional
        The right answer of each sequence; without them there is no loss to show.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence.
    vocabulary : sequence of str, optional
        With ``embedding``, the words that may take each other's place, by number.
    embedding : torch.nn.Embedding, optional
        The table that turns a number into what the recurrent module reads.
    layer : str, optional
        Shown first, as in ``trace.layers``; the last one by default.
    array : str, default "cell" of an LSTM, else "hidden"
        Shown first.
    hold : sequence of dict
        What is held when the widget opens: each with ``gate`` and ``value``, and as wanted ``layer``, ``units`` (a
        list) and ``steps`` (first and last).
    cursor : Cursor, optional
        Shared with other widgets.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    ValueError
        If classes, targets, labels or the vocabulary do not fit what the model reads and says, or it has no array of
        the name, or its weights are not finite.

    Examples
    --------
    >>> import rnnviz_widgets as rw
    >>> from rnnviz.data import Recall
    >>> from rnnviz.models import read_recall_lstm
    >>> story = Recall.number("I grew up in France . it rained . I speak fluent")[:, None]
    >>> rw.Surgery(read_recall_lstm(), story, Recall.words, [Recall.words.index("French")])
    Surgery(layer='recurrent.l0', kind='LSTM', steps=12, sequences=1, classes=59, runs='in the page')
    """

    _esm = STATIC / "surgery.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)
    array = traitlets.Unicode("").tag(sync=True)
    classes: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    targets: traitlets.List[int] = traitlets.List(traitlets.Int()).tag(sync=True)
    vocabulary: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    tables: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """Where the logits, the readout and the embedding lie in the data."""
    data = traitlets.Bytes(b"").tag(sync=True)
    holds: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    """What is held at first: layer, gate, units (a list, or None), from, to, value."""
    by_page = traitlets.Bool(True).tag(sync=True)
    """Whether the page runs the network; otherwise Python does."""
    answered = traitlets.Int(0).tag(sync=True)
    answer: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    """What Python computed last: where logits and arrays lie in `answer_data`."""
    answer_data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(
        self,
        model: nn.Module,
        inputs: Tensor | PackedSequence,
        classes: Sequence[str],
        targets: Sequence[int] | None = None,
        *,
        labels: Sequence[Sequence[str]] | None = None,
        vocabulary: Sequence[str] | None = None,
        embedding: nn.Embedding | None = None,
        layer: str | None = None,
        array: str | None = None,
        hold: Sequence[dict[str, Any]] = (),
        cursor: Cursor | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        check_weights(model)
        self._model, self._inputs = model, inputs
        training = model.training
        model.eval()  # what is dropped at random would change the answer, too
        try:
            with rnnviz.record(model) as trace, torch.no_grad():
                result = model(inputs)
        finally:
            model.train(training)
        name = choose_layer(trace, layer)
        lengths = trace[name].lengths.tolist()
        if labels is not None:
            check_labels(labels, lengths)
        self._lengths = torch.tensor(lengths)
        logits = self._last(result)
        _check_answers(classes, targets, logits)
        packer = Packer()
        tables: dict[str, Any] = {"logits": packer.add(logits)}
        readout = _find_readout(model, trace, logits)
        if readout is not None:
            tables["weight"] = packer.add(readout.weight)
            if readout.bias is not None:
                tables["bias"] = packer.add(readout.bias[None])
        if vocabulary is not None and embedding is not None and readout is not None:
            if len(vocabulary) != embedding.num_embeddings:
                raise ValueError(
                    f"The vocabulary has {len(vocabulary)} words and the embedding {embedding.num_embeddings} rows; "
                    "give one word for each row."
                )
            tables["embedding"] = packer.add(embedding.weight)
        chosen = trace[name]
        shown = array or ("cell" if chosen.kind == "LSTM" else "hidden")
        if shown not in chosen.arrays():
            raise ValueError(
                f"Layer {name!r} ({chosen.kind}) has no array {shown!r}; it has {', '.join(chosen.arrays())}."
            )
        super().__init__(
            trace=share_trace(trace, labels),
            cursor=cursor,
            layer=name,
            array=shown,
            classes=list(classes),
            targets=[int(target) for target in targets or ()],
            vocabulary=list(vocabulary or ()) if "embedding" in tables else [],
            tables=tables,
            data=packer.bytes(),
            holds=[_read_hold(one, trace, name) for one in hold],
            by_page=readout is not None,
        )
        self.on_msg(self._receive)

    def facts(self) -> dict[str, object]:
        """Layer, kind, size, and where it runs."""
        size = self.trace.describe()
        return {
            "layer": self.layer,
            "kind": size["kind"],
            "steps": size["steps"],
            "sequences": size["sequences"],
            "classes": len(self.classes),
            "runs": "in the page" if self.by_page else "in Python",
        }

    def _last(self, result: Any) -> Tensor:
        """Return the logits after the last step of each sequence, (batch, class)."""
        logits = result[0] if isinstance(result, tuple) and not isinstance(result, PackedSequence) else result
        if isinstance(logits, PackedSequence) or not isinstance(logits, Tensor) or logits.dim() not in (2, 3):
            raise ValueError("The model must answer with logits, (batch, class) or (time, batch, class).")
        if logits.dim() == 2:
            return logits
        return logits[self._lengths - 1, torch.arange(logits.shape[1])]

    def _receive(self, _: object, message: object, buffers: object) -> None:
        if not isinstance(message, dict) or message.get("kind") != "compute":
            return
        try:
            self._compute(message["settings"])
        except Exception as error:
            said = str(error) or type(error).__name__
            self.send({"kind": "error", "number": message.get("number"), "message": said})
            return
        self.answered = int(message["number"])

    def _compute(self, settings: dict[str, Any]) -> None:
        """Run the network with what the page holds in one sequence."""
        sequence = int(settings["sequence"])
        training = self._model.training
        self._model.eval()
        try:
            with ExitStack() as stack, torch.no_grad():
                # One that holds nothing, for each layer, hands over its arrays.
                seen = {
                    header["name"]: stack.enter_context(
                        rnnviz.intervene(
                            self._model, layer=header["name"], gate="hidden", steps=[], value=0.0
                        )
                    )
                    for header in self.trace.layers
                }
                for one in settings["holds"]:
                    stack.enter_context(
                        rnnviz.intervene(
                            self._model,
                            layer=one["layer"],
                            gate=one["gate"],
                            units=one["units"],
                            steps=slice(int(one["from"]), int(one["to"]) + 1),
                            sequences=[sequence],
                            value=float(one["value"]),
                        )
                    )
                logits = self._last(self._model(self._inputs))[sequence]
        finally:
            self._model.train(training)
        packer = Packer()
        answer: dict[str, Any] = {"sequence": sequence, "logits": packer.add(logits), "arrays": {}}
        for name, held in seen.items():
            answer["arrays"][name] = {
                array: packer.add(values[:, sequence]) for array, values in held.arrays.items()
            }
        with self.hold_sync():
            self.answer_data, self.answer = packer.bytes(), answer


def _check_answers(classes: Sequence[str], targets: Sequence[int] | None, logits: Tensor) -> None:
    sequences, count = logits.shape
    if len(classes) != count:
        raise ValueError(f"{len(classes)} classes are named; the model tells {count} apart. Name each.")
    if targets is not None and (
        len(targets) != sequences or not all(0 <= int(target) < count for target in targets)
    ):
        raise ValueError(
            f"The targets are {list(map(int, targets))}; give one for each of the {sequences} sequences, from 0 to "
            f"{count - 1}."
        )


def _find_readout(model: nn.Module, trace: Trace, logits: Tensor) -> nn.Linear | None:
    """Return the linear layer that makes the answer of the last hidden state, where the page can run all of it."""
    recurrent = [module for module in model.modules() if isinstance(module, nn.RNNBase)]
    if len(recurrent) != 1 or recurrent[0].bidirectional or recurrent[0].proj_size:
        return None
    top: LayerTrace = trace[trace.layers[-1]]
    last = top.hidden[top.lengths - 1, torch.arange(len(top.lengths))]
    for module in model.modules():
        if isinstance(module, nn.Linear) and (module.in_features, module.out_features) == (
            last.shape[1],
            logits.shape[1],
        ):
            with torch.no_grad():
                same = torch.allclose(module(last), logits, atol=1e-4)
            if same:
                return module
    return None


def _read_hold(wanted: dict[str, Any], trace: Trace, layer: str) -> dict[str, Any]:
    if strange := set(wanted) - {"layer", "gate", "units", "steps", "value"}:
        raise ValueError(f"A hold has {min(strange)!r}; it may have layer, gate, units, steps and value.")
    if not {"gate", "value"} <= set(wanted):
        raise ValueError(f"A hold is {wanted!r}; it needs a gate and a value.")
    name = choose_layer(trace, wanted.get("layer", layer))
    arrays = [*trace[name].gates, *(one for one in ("cell", "hidden") if one in trace[name].arrays())]
    if wanted["gate"] not in arrays:
        raise ValueError(f"{name} has no {wanted['gate']!r} to hold; it has {', '.join(arrays)}.")
    first, last = wanted.get("steps", (0, trace[name].hidden.shape[0] - 1))
    return {
        "layer": name,
        "gate": wanted["gate"],
        "units": None if wanted.get("units") is None else [int(unit) for unit in wanted["units"]],
        "from": int(first),
        "to": int(last),
        "value": float(wanted["value"]),
    }
