"""The spectrum of a recurrent layer: eigenvalues, singular values, and the product that gradients live by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import traitlets

import rnnviz.analysis.flow
from rnnviz_widgets.base import STATIC, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.packing import LARGEST, Packer
from rnnviz_widgets.recipe import describe_module
from rnnviz_widgets.recording_file import offer_recording
from rnnviz_widgets.trace_model import choose_layer

if TYPE_CHECKING:
    from rnnviz.recording.trace import LayerTrace, Trace

MOST_WORK = 2e10
"""Steps × sequences × size³ that may be taken apart: about half a minute of one core."""


class Spectrum(Widget):
    """Eigenvalues of each step's Jacobian on the unit circle, its singular values, and the running product.

    Inside the circle a change fades, outside it grows. The norm of the running product says what is left
    of a small change in the first state; it cannot exceed the product of the largest singular values.

    Parameters
    ----------
    trace : rnnviz.Trace
        What `rnnviz.record` recorded.
    layer : str, optional
        Name of the layer, as in ``trace.layers``; the last one by default. For an LSTM the Jacobian is that of its
        whole state, hidden and cell.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.

    Raises
    ------
    KeyError
        If the trace has no such layer.
    ValueError
        If the Jacobians would be too large: record fewer sequences.
    TypeError
        For a cell of your own, whose formula is unknown.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> rnn = torch.nn.RNN(1, 2, bias=False)
    >>> _ = torch.nn.init.constant_(rnn.weight_hh_l0, 0.25)
    >>> with rv.record(rnn) as trace:
    ...     _ = rnn(torch.zeros(3, 1, 1))
    >>> rw.Spectrum(trace)
    Spectrum(layer='l0', steps=3, sequences=1, radius=0.5, product=0.12)
    """

    _esm = STATIC / "spectrum.js"

    cursor = CursorTrait()
    layer = traitlets.Unicode("").tag(sync=True)
    module = traitlets.Dict().tag(sync=True)
    """What was recorded, for the code that a reader copies."""
    kind = traitlets.Unicode("").tag(sync=True)
    lengths = traitlets.List(traitlets.Int()).tag(sync=True)
    arrays = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True)

    def __init__(
        self, trace: Trace, *, layer: str | None = None, cursor: Cursor | None = None, **unknown: object
    ) -> None:
        self._refuse_unknown(unknown)
        recorded = trace[choose_layer(trace, layer)]
        _check_size(recorded)
        spectrum = rnnviz.flow.jacobian_spectrum(recorded)
        product = rnnviz.flow.jacobian_product(recorded)
        packer = Packer()
        arrays = {
            # (sequence, step, value), complex numbers as pairs
            "eigenvalues": packer.add(torch.view_as_real(spectrum.eigenvalues.transpose(0, 1))),
            "singular": packer.add(spectrum.singular_values.transpose(0, 1)),
            "norm": packer.add(product.norm.T),
            "bound": packer.add(product.bound.T),
            "radius": packer.add(product.radius.T),
        }
        super().__init__(
            cursor=cursor,
            layer=recorded.name,
            module=describe_module(trace, recorded.name),
            kind=recorded.kind,
            lengths=recorded.lengths.tolist(),
            arrays=arrays,
            data=packer.bytes(),
        )
        offer_recording(self, trace)
        last = recorded.lengths[0] - 1
        self._radius = float(spectrum.eigenvalues[:, 0].abs().max())
        self._product = float(product.norm[last, 0])

    def facts(self) -> dict[str, object]:
        """Layer, size, largest spectral radius and final product of the first sequence, two digits each."""
        sequences, steps = self.arrays["norm"]["shape"]
        return {
            "layer": self.layer,
            "steps": steps,
            "sequences": sequences,
            "radius": float(f"{self._radius:.2g}"),
            "product": float(f"{self._product:.2g}"),
        }


def _check_size(layer: LayerTrace) -> None:
    steps, batch, units = layer.hidden.shape
    size = units + (layer.cell.shape[-1] if layer.kind == "LSTM" else 0)
    if 8 * steps * batch * size**2 > 16 * LARGEST:
        raise ValueError(
            f"{batch} sequences of {steps} steps have {batch * steps} Jacobians of {size} × {size}, too many to "
            "take apart at once. Record fewer sequences: `record(model, sequences=[0])`."
        )
    if steps * batch * size**3 > MOST_WORK:
        raise ValueError(
            f"{batch} sequences of {steps} steps have {batch * steps} Jacobians of {size} × {size}; their eigenvalues "
            "and singular values would take minutes. Record fewer sequences or steps, or a smaller layer."
        )
