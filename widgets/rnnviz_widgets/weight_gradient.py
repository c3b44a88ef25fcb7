"""The gradient of a layer's weights, shown as what it is: a sum over time steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import traitlets

from rnnviz.analysis.weight_flow import weight_flow
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import LARGEST, Packer
from rnnviz_widgets.recipe import describe_module
from rnnviz_widgets.recording_file import offer_recording
from rnnviz_widgets.trace_model import check_labels, choose_layer

if TYPE_CHECKING:
    from rnnviz.recording.trace import Trace

WEIGHTS = ("weight_hh", "weight_ih", "bias_hh")
CUTS = ("every", "back")


class WeightGradient(Widget):
    """What each time step adds to the gradient of a weight matrix, adding up to ``.grad`` as the cursor goes back.

    Parameters
    ----------
    trace : rnnviz.Trace
        What `rnnviz.record` recorded, with a backward pass.
    layer : str, optional
        Name of the layer, as in ``trace.layers``; the last one by default.
    weight : {"weight_hh", "weight_ih", "bias_hh"}
        Which parameter is shown first; the reader may choose another.
    truncate : int, optional
        Steps that gradients may reach back, at first; by default all.
    cut : {"every", "back"}
        How they are cut: ``"every"`` few steps, as training in pieces does, see `rnnviz.training.train`, or so
        many steps ``"back"`` from each step's own loss.
    cursor : Cursor, optional
        Shared with other widgets. Its step is where the backward pass has come to: the sum holds that step and all
        later ones.
    labels : sequence of sequences of str, optional
        What stands at each step of each sequence; shown where the trace holds one sequence.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    ValueError
        If an option is none of those named, the labels do not fit, the layer has no such parameter, or the trace is
        too large: the page holds steps² matrices.
    RuntimeError
        If no backward pass has reached the layer.
    TypeError
        For a cell of your own, whose formula is unknown.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> rnn = torch.nn.RNN(3, 5)
    >>> with rv.record(rnn) as trace:
    ...     output, _ = rnn(torch.ones(6, 1, 3))
    ...     output[-1].sum().backward()
    >>> rw.WeightGradient(trace, truncate=2)
    WeightGradient(layer='l0', weight='weight_hh', steps=6, rows=5, columns=5, truncate=2)
    """

    _esm = STATIC / "weight_gradient.js"

    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)
    module = traitlets.Dict().tag(sync=True)
    """What was recorded, for the code that a reader copies."""
    kind = traitlets.Unicode("").tag(sync=True)
    gates: traitlets.List[str] = traitlets.List().tag(sync=True)
    reverse = traitlets.Bool(False).tag(sync=True)
    weight = traitlets.Enum(list(WEIGHTS)).tag(sync=True)
    cut = traitlets.Enum(list(CUTS)).tag(sync=True)
    truncate = traitlets.Int(1).tag(sync=True)
    sequences = traitlets.Int(1).tag(sync=True)
    labels: traitlets.List[str] = traitlets.List().tag(sync=True)
    parts = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        layer: str | None = None,
        weight: str = "weight_hh",
        truncate: int | None = None,
        cut: str = "every",
        cursor: Cursor | None = None,
        labels: Sequence[Sequence[str]] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        for name, value, known in (("weight", weight, WEIGHTS), ("cut", cut, CUTS)):
            if value not in known:
                raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(repr, known))}.")
        recorded = trace[choose_layer(trace, layer)]
        steps, sequences, _ = recorded.hidden.shape
        if truncate is not None and truncate < 1:
            raise ValueError(f"truncate is {truncate}; gradients reach back over at least 1 step.")
        if labels is not None:
            check_labels(labels, recorded.lengths.tolist())
        _check_size(recorded.name, steps, recorded.weights)
        packer, parts = Packer(), {}
        flow = weight_flow(recorded)
        for name in WEIGHTS:
            part = getattr(flow, name)
            if part is not None:
                parts[name] = packer.add(part if part.dim() == 4 else part[..., None])
        if weight not in parts:
            raise ValueError(f"{recorded.name} has no {weight}; it was made without biases.")
        super().__init__(
            cursor=cursor,
            layer=recorded.name,
            module=describe_module(trace, recorded.name),
            kind=recorded.kind,
            gates=list(recorded.gates),
            reverse=recorded.reverse,
            weight=weight,
            cut=cut,
            truncate=min(steps, truncate or steps),
            sequences=sequences,
            labels=[str(label) for label in labels[0]][:steps] if labels and sequences == 1 else [],
            parts=parts,
            data=packer.bytes(),
        )
        offer_recording(self, trace)

    def facts(self) -> dict[str, object]:
        """Layer, weight, size, and how far gradients reach."""
        steps, _, rows, columns = self.parts[self.weight]["shape"]
        return {
            "layer": self.layer,
            "weight": self.weight,
            "steps": steps,
            "rows": rows,
            "columns": columns,
            "truncate": self.truncate,
        }


def _check_size(name: str, steps: int, weights: object) -> None:
    """Refuse before anything is computed: steps² matrices soon fill a memory."""
    entries = sum(getattr(weights, part).numel() for part in WEIGHTS if getattr(weights, part) is not None)
    if 4 * steps**2 * entries > LARGEST:
        raise ValueError(
            f"{name} ran {steps} steps and has {entries:,} weights; the parts of their gradient would fill "
            f"{4 * steps**2 * entries / 1e6:,.0f} MB, and a page holds {LARGEST // 1_000_000}. Record fewer steps, or "
            "a smaller layer: a dozen steps of a dozen units can be looked at one by one."
        )
