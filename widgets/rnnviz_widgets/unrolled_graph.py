"""The unrolled graph: a recurrent network folded into a loop or spread out over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import anywidget
import torch
import traitlets
from torch import Tensor, nn

from rnnviz.arithmetic.adjoint import gradient_from_above
from rnnviz.arithmetic.states import GATES
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import Packer
from rnnviz_widgets.recording_file import offer_recording
from rnnviz_widgets.trace_model import share_trace

if TYPE_CHECKING:
    from rnnviz.recording.trace import LayerTrace, Trace

ACTIVATIONS = ("identity", "sigmoid", "softmax")
Mask = Tensor | Sequence[bool] | Sequence[Sequence[bool]]


class UnrolledGraph(Widget):
    """A recorded network as a loop, or unrolled: one column a time step, every number open to the reader.

    A click on a unit shows the sum behind its value; a weight or an input changed there changes everything that
    follows from it, in the page. After a backward pass, ribbons as wide as the gradient run back through time.

    A recurrent module that starts from the final state of another is drawn behind it: an encoder–decoder.

    Parameters
    ----------
    trace : rnnviz.Trace
        What `rnnviz.record` recorded.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.
    folded : bool
        Whether it opens as a loop (the default) or spread out in time.
    labels : sequence of sequences of str, optional
        What stands under each step of each sequence.
    in_cost : array of bool, shape (time,) or (time, batch), optional
        Which steps the cost looks at; the others are greyed. Without it no cost is drawn.
    readout : torch.nn.Linear, optional
        What reads the outputs off the top layer's state; they are drawn above it.
    activation : {"identity", "sigmoid", "softmax"}
        What is applied to the readout's sums.
    classes : sequence of str, optional
        What each output stands for; the largest one's name stands above it.
    inputs_at, outputs_at : array of bool, shape (time,) or (time, batch), optional
        At which steps inputs and outputs are drawn: where they are used. All of them unless given.
    title : str
        What stands above the graph, unless the network's kind and size.

    Raises
    ------
    ValueError
        If the trace is empty or too large for a page, a mask has another shape than (time,) or (time, batch), the
        readout does not fit the top layer, the classes do not fit the readout, or outputs are asked for without one.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> rnn = torch.nn.RNN(3, 5)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(2, 4, 3))
    >>> rw.UnrolledGraph(trace, in_cost=[False, True])
    UnrolledGraph(layers=['l0'], kind='RNN', steps=2, sequences=4, units=5)
    """

    _esm = STATIC / "unrolled_graph.js"

    trace = anywidget.WidgetTrait().tag(sync=True)
    cursor = CursorTrait()
    folded = traitlets.Bool(True).tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    classes: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    plan = traitlets.Dict().tag(sync=True)
    """At which column each layer starts; masks; where readout and gradients lie in `data`."""
    data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        cursor: Cursor | None = None,
        folded: bool = True,
        labels: Sequence[Sequence[str]] | None = None,
        in_cost: Mask | None = None,
        readout: nn.Linear | None = None,
        activation: str = "identity",
        classes: Sequence[str] = (),
        inputs_at: Mask | None = None,
        outputs_at: Mask | None = None,
        title: str = "",
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        shared = share_trace(trace, labels)
        layers = [trace[name] for name in trace.layers]
        starts = _place_columns(layers)
        steps = max(
            int(start + length)
            for layer, begin in zip(layers, starts, strict=True)
            for start, length in zip(begin, layer.lengths.tolist(), strict=True)
        )
        batch = layers[0].hidden.shape[1]
        if outputs_at is not None and readout is None:
            raise ValueError(
                "outputs_at says where outputs are drawn; give readout= as well, which makes them."
            )
        if classes and (readout is None or len(classes) != readout.out_features):
            outputs = "no readout" if readout is None else f"a readout of {readout.out_features} outputs"
            raise ValueError(
                f"{len(classes)} classes were given with {outputs}; give one name for each output."
            )
        packer = Packer()
        masks = {"in_cost": in_cost, "inputs_at": inputs_at, "outputs_at": outputs_at}
        super().__init__(
            trace=shared,
            cursor=cursor,
            folded=folded,
            title=title,
            classes=list(classes),
            plan={
                "starts": starts,
                "readout": None if readout is None else _pack_readout(readout, activation, layers, packer),
                "flow": [_pack_flow(layer, packer) for layer in layers],
                **{name: _read_mask(name, mask, steps, batch) for name, mask in masks.items()},
            },
            data=packer.bytes(),
        )
        offer_recording(self, trace)

    def facts(self) -> dict[str, object]:
        """Layers, kind of cell, and the recording's size."""
        described: dict[str, object] = self.trace.describe()
        return described


def _place_columns(layers: Sequence[LayerTrace]) -> list[list[int]]:
    """Return at which column each layer starts, for each sequence: behind the one whose final state it goes on from.

    All layers of a module start together, and a layer that reads the states of others starts with them.
    """
    places = {layer.name: place for place, layer in enumerate(layers)}
    found: dict[int, list[int]] = {}

    def sources(index: int) -> list[int]:
        return [places[origin.layer] for origin in layers[index].start.sources if origin.layer in places]

    def place(index: int) -> list[int]:
        if index in found:
            return found[index]
        found[index] = [0] * len(layers[index].lengths)  # what leads back to itself starts at 0
        module = layers[index].module
        own = [k for k, layer in enumerate(layers) if k == index or (module and layer.module is module)]
        before = next((origin for k in own for origin in sources(k) if origin not in own), None)
        if before is not None:
            lengths = layers[before].lengths.tolist()
            found[index] = [begin + length for begin, length in zip(place(before), lengths, strict=True)]
        else:
            below = [places[origin.layer] for origin in layers[index].reads.sources if origin.layer in places]
            same = [
                k for k in below if k != index and layers[k].hidden.shape[0] == layers[index].hidden.shape[0]
            ]
            if same:
                found[index] = place(same[0])
        return found[index]

    return [place(index) for index in range(len(layers))]


def _read_mask(name: str, mask: Mask | None, steps: int, batch: int) -> list[list[bool]] | None:
    """Return a mask as one list of steps for each sequence, or none at all."""
    if mask is None:
        return None
    table = torch.as_tensor(mask).bool()
    if tuple(table.shape) not in {(steps,), (steps, batch)}:
        raise ValueError(
            f"{name} has the shape {tuple(table.shape)}; it should be ({steps},), one entry a step, or "
            f"({steps}, {batch}), one for each step of each sequence."
        )
    rows: list[list[bool]] = table.reshape(steps, -1).expand(steps, batch).T.tolist()
    return rows


def _pack_readout(
    readout: nn.Linear, activation: str, layers: Sequence[LayerTrace], packer: Packer
) -> dict[str, Any]:
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"activation is {activation!r}; it must be one of {', '.join(map(repr, ACTIVATIONS))}."
        )
    # Both directions of the last layer side by side, if it has two.
    tops = [len(layers) - 1]
    if layers[-1].reverse and len(layers) > 1:
        tops.insert(0, len(layers) - 2)
    width = sum(layers[top].hidden.shape[2] for top in tops)
    if readout.in_features != width:
        raise ValueError(
            f"The readout takes {readout.in_features} numbers; the top layer ({layers[-1].name}) gives {width}."
        )
    bias = readout.bias
    return {
        "layers": tops,
        "activation": activation,
        "weight": packer.add(readout.weight),
        "bias": None if bias is None else packer.add(bias[None]),
    }


def _pack_flow(layer: LayerTrace, packer: Packer) -> dict[str, dict[str, object]] | None:
    """Pack the sizes of the gradients that reach each state, by the way they come; (time, batch) each.

    ``above`` is what comes down from the cost or the layer above; ``hidden`` and ``cell`` are what comes back from
    the step that ran next. The two together are ∂L/∂h_t; drawn alone, neither claims the other's part. Of a cell whose
    formula is unknown only the ``total`` is known.
    """
    if not layer.has_gradients:
        return None
    source = layer.source
    states, gradients = source.states(), source.gradients()
    if layer.kind not in GATES:
        return {"total": packer.add(layer.grad_norm)}
    above, _ = gradient_from_above(states, gradients)
    ways = {"above": above, "hidden": gradients.hidden - above}
    if gradients.cell is not None:
        # The cell's own way: back through the forget gate.
        carried = torch.zeros_like(gradients.cell)
        carried[:-1] = gradients.cell[1:] * states.gates["forget"][1:]
        ways["cell"] = carried
    return {
        name: packer.add(layer.forward_time(torch.linalg.vector_norm(way, dim=-1)))
        for name, way in ways.items()
    }
