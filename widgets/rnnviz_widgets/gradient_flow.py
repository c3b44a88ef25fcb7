"""The T×T map of gradient flow: how strongly each step's loss depends on each earlier state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import traitlets

import rnnviz.analysis.flow
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import LARGEST, Packer
from rnnviz_widgets.recipe import describe_module
from rnnviz_widgets.recording_file import offer_recording
from rnnviz_widgets.trace_model import check_labels, choose_layer

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.recording.trace import LayerTrace, Trace

KINDS: dict[str, Callable[[LayerTrace], Tensor]] = {
    "gradient": rnnviz.flow.gradient_flow,
    "influence": rnnviz.flow.influence,
}


class GradientFlow(Widget):
    """A T×T map: the effect of step k (across) on step t (down), with the cursor's row and column as curves.

    Parameters
    ----------
    trace : rnnviz.Trace
        What `rnnviz.record` recorded.
    layer : str, optional
        Name of the layer, as in ``trace.layers``; the last one by default.
    of : {"gradient", "influence"}, optional
        ``"gradient"`` shows ‖∂L_t/∂h_k‖, the gradient of the loss of step t at the state of step k, and needs a
        backward pass; ``"influence"`` shows ‖∂h_t/∂x_k‖, how far the input of step k reaches. The first where there are
        gradients, else the second.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together. Its step is k.
    labels : sequence of sequences of str, optional
        What stands at each step of each sequence.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    ValueError
        If ``of`` is neither of the two, the labels do not fit, or the map is too large for a page.
    RuntimeError
        If gradients are asked for and no backward pass has reached the layer.
    TypeError
        For a cell of your own, whose formula is unknown.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> lstm = torch.nn.LSTM(3, 8)
    >>> with rv.record(lstm) as trace:
    ...     _ = lstm(torch.zeros(6, 1, 3))
    >>> rw.GradientFlow(trace)
    GradientFlow(layer='l0', of='influence', steps=6, sequences=1)
    """

    _esm = STATIC / "gradient_flow.js"

    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)
    module = traitlets.Dict().tag(sync=True)
    """What was recorded, for the code that a reader copies."""
    of = traitlets.Enum(list(KINDS)).tag(sync=True)
    lengths = traitlets.List(traitlets.Int()).tag(sync=True)
    labels: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    map = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        layer: str | None = None,
        of: str | None = None,
        cursor: Cursor | None = None,
        labels: Sequence[Sequence[str]] | None = None,
        **unknown: object,
    ) -> None:
        self._refuse_unknown(unknown)
        recorded = trace[choose_layer(trace, layer)]
        kind = of or ("gradient" if recorded.has_gradients else "influence")
        if kind not in KINDS:
            raise ValueError(f"of is {of!r}; GradientFlow shows {' or '.join(map(repr, KINDS))}.")
        lengths = recorded.lengths.tolist()
        if labels is not None:
            check_labels(labels, lengths)
        steps, sequences, _ = recorded.hidden.shape
        if 4 * sequences * steps**2 > LARGEST:
            raise ValueError(
                f"{steps} steps make a map of {steps:,} × {steps:,}, and {sequences} of them do not fit into the "
                f"{LARGEST // 1_000_000} MB that a page is asked to hold. Record shorter or fewer sequences, "
                "for instance `record(model, sequences=[0])`."
            )
        packer = Packer()
        # (sequence, t, k), so that one sequence's map lies together
        entry = packer.add(KINDS[kind](recorded).permute(2, 0, 1))
        super().__init__(
            cursor=cursor,
            layer=recorded.name,
            module=describe_module(trace, recorded.name),
            of=kind,
            lengths=lengths,
            labels=[list(row) for row in labels or []],
            map=entry,
            data=packer.bytes(),
        )
        offer_recording(self, trace)

    def facts(self) -> dict[str, object]:
        """Layer, what is shown, and size."""
        sequences, steps, _ = self.map["shape"]
        return {"layer": self.layer, "of": self.of, "steps": steps, "sequences": sequences}
