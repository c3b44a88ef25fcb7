"""Gradient curves: how much of the loss each step still feels, for several models at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import traitlets

import rnnviz
from rnnviz_widgets.base import STATIC, Finite, Widget
from rnnviz_widgets.cursor import Cursor, CursorTrait
from rnnviz_widgets.fresh_cells import (
    ACTIVATIONS,
    CELLS,
    INITIALISATIONS,
    GradientNorms,
    Settings,
    measure_gradients,
)
from rnnviz_widgets.plotly_script import PlotlyScript
from rnnviz_widgets.recipe import describe_modules
from rnnviz_widgets.trace_model import check_labels

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Model = rnnviz.Trace | rnnviz.LayerTrace
SETTINGS = tuple(Settings.__dataclass_fields__)
MOST_CURVES = 12
MOST_NUMBERS = 2_000_000


class GradientCurves(PlotlyScript, Widget):
    """‖∂L/∂h_t‖ at every step, on a log axis, for several models at once.

    Either of models of your own, recorded with `rnnviz.record` and followed by a backward pass, or of fresh
    cells, which it builds itself and recomputes while you move the controls.

    Parameters
    ----------
    models : Trace, LayerTrace, or mapping of str to either, optional
        What was recorded; a name for each in a mapping. A trace of several layers gives a curve for each
        layer.
    cells : sequence of str
        Without ``models``: which fresh cells, of "RNN", "IRNN", "GRU" and "LSTM".
    steps, units, spectral_radius, activation, initialisation, forget_bias, seed
        Of the fresh cells, see `rnnviz_widgets.fresh_cells.Settings`. All can be set later, too.
    quantity : {"hidden", "cell"}
        Whether the gradient at the hidden state or at the LSTM's cell state is shown first.
    scale : {"log", "linear"}
        Of the vertical axis at first.
    cursor : Cursor, optional
        Shared with other widgets, so that all move together.
    labels : sequence of sequences of str, optional
        What stands at each step of each sequence of the recorded models.

    Raises
    ------
    ValueError
        For an unknown cell, for labels that do not fit, for models without a backward pass, and for more than a page
        can show.
    TypeError
        If a model is not a recording.
    traitlets.TraitError
        For a setting out of its range, or not a number.

    Examples
    --------
    >>> import rnnviz as rv, rnnviz_widgets as rw, torch
    >>> rw.GradientCurves(cells=("RNN", "LSTM"), steps=50)
    GradientCurves(curves=['RNN', 'LSTM'], steps=50, units=32)
    >>> gru = torch.nn.GRU(3, 8)
    >>> with rv.record(gru) as trace:
    ...     gru(torch.randn(20, 2, 3))[0][-1].sum().backward()
    >>> rw.GradientCurves({"GRU": trace})
    GradientCurves(curves=['GRU'], steps=20)
    """

    _esm = STATIC / "gradient_curves.js"

    cursor = CursorTrait()
    labels: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    """What stands at each step of each sequence; empty where nothing does."""
    quantity = traitlets.Enum(("hidden", "cell"), "hidden").tag(sync=True)
    """Which gradient is shown: at the hidden state or at the cell state."""
    scale = traitlets.Enum(("log", "linear"), "log").tag(sync=True)
    """Of the vertical axis."""
    cells = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """The fresh cells; empty where recorded models are shown."""
    steps = traitlets.Int(100, min=2, max=1000).tag(sync=True)
    """Length of the sequence."""
    units = traitlets.Int(32, min=1, max=256).tag(sync=True)
    """Size of the state."""
    spectral_radius = Finite(0.9, min=0, max=10).tag(sync=True)
    """Largest absolute eigenvalue of each recurrent matrix."""
    activation = traitlets.Enum(ACTIVATIONS, "tanh").tag(sync=True)
    """Of the RNN."""
    initialisation = traitlets.Enum(INITIALISATIONS, "Glorot").tag(sync=True)
    """Of the recurrent matrices, before they are scaled to their spectral radius."""
    forget_bias = Finite(1.0, min=-10, max=10).tag(sync=True)
    """Bias of the LSTM's forget gate."""
    seed = traitlets.Int(0, min=0).tag(sync=True)
    """Of the weights and the input."""

    curves: traitlets.List[Any] = traitlets.List().tag(sync=True)
    """Name, kind and size of each curve, and where in ``data`` its numbers are."""
    data = traitlets.Bytes(b"").tag(sync=True)
    """All curves as float64, (time, sequence) each."""
    recorded: traitlets.List[Any] = traitlets.List().tag(sync=True)
    """Name and modules of each recorded model, and the one layer that was given of it, or none: for the code that a
    reader copies."""
    answered = traitlets.Int(0).tag(sync=True)
    """Number of the page's request that ``data`` answers."""

    _answering = False

    def __init__(
        self,
        models: Model | Mapping[str, Model] | None = None,
        *,
        cells: Sequence[str] = CELLS,
        cursor: Cursor | None = None,
        labels: Sequence[Sequence[str]] | None = None,
        **options: Any,
    ) -> None:
        self._refuse_unknown(options)
        if models is None:
            if labels is not None:
                raise TypeError(
                    "'labels' name the steps of recorded models; fresh cells read random numbers."
                )
            chosen = _check_cells(cells)
            super().__init__(cells=chosen, cursor=cursor, **options)
            self._recompute()
            self.observe(self._recompute, SETTINGS)
        else:
            norms = _read_models(models)
            if given := [name for name in SETTINGS if name in options]:
                raise TypeError(
                    f"{given[0]!r} is a setting of fresh cells; recorded models are shown as they ran. Leave it out."
                )
            if labels is not None:
                check_labels(labels, max((one.lengths for one in norms.values()), key=len))
            super().__init__(
                cursor=cursor,
                labels=[list(row) for row in labels or []],
                recorded=[
                    [name, describe_modules(_layers_of(model)), _find_chosen(model)]
                    for name, model in _name(models)
                ],
                **options,
                **_pack(norms),
            )
        self.on_msg(self._receive)

    def facts(self) -> dict[str, object]:
        """Names of the curves and their length."""
        facts: dict[str, object] = {
            "curves": [curve["name"] for curve in self.curves],
            "steps": max(curve["steps"] for curve in self.curves),
        }
        return facts | ({"units": self.units} if self.cells else {})

    def figure(self, sequence: int = 0) -> Figure:
        """Return the curves as they are now as a plotly figure, to be changed or saved.

        Parameters
        ----------
        sequence : int
            Which sequence of the batch.

        Returns
        -------
        plotly.graph_objects.Figure
        """
        import plotly.graph_objects as go

        figure = go.Figure()
        numbers = np.frombuffer(self.data)
        for curve in self.curves:
            offset = curve[self.quantity]
            if offset is None:
                continue
            shape = curve["steps"], curve["sequences"]
            values = numbers[offset : offset + shape[0] * shape[1]].reshape(shape)
            figure.add_scatter(y=values[: curve["lengths"][sequence], sequence], name=curve["name"])
        symbol = "h" if self.quantity == "hidden" else "c"
        figure.update_layout(
            xaxis_title="step t",
            yaxis={
                "title": f"‖∂L/∂{symbol}<sub>t</sub>‖",
                "type": self.scale,
                "exponentformat": "power",
            },
        )
        return figure

    def _recompute(self, change: object = None) -> None:
        if self._answering:
            return
        settings = Settings(**{name: getattr(self, name) for name in SETTINGS})
        packed = _pack({cell: measure_gradients(cell, settings) for cell in self.cells})
        with self.hold_sync():
            self.set_trait("curves", packed["curves"])
            self.set_trait("data", packed["data"])

    def _receive(self, _: object, message: object, buffers: object) -> None:
        """Answer the page: it asks for one computation at a time, always with the controls' latest values."""
        if self._sent_script(message) or not isinstance(message, dict) or message.get("kind") != "compute":
            return
        try:
            # One message back, whatever changed.
            with self.hold_sync():
                self._answering = True
                try:
                    for name, value in message["settings"].items():
                        if name in SETTINGS:
                            self.set_trait(name, value)
                finally:
                    self._answering = False
                self._recompute()
                self.answered = message["number"]
        except Exception as error:
            # Also a defect of ours must reach the reader, and not only a log that nobody sees.
            self.send({"kind": "error", "number": message.get("number"), "message": str(error)})


def _check_cells(cells: Sequence[str]) -> list[str]:
    given = [cells] if isinstance(cells, str) else list(cells)
    unknown = [cell for cell in given if cell not in CELLS]
    if unknown or not given or len(set(given)) < len(given):
        raise ValueError(
            f"cells is {given!r}; choose one or more of {', '.join(map(repr, CELLS))}, each once."
        )
    return given


def _name(models: Model | Mapping[str, Model]) -> list[tuple[str, Model]]:
    return list(models.items()) if isinstance(models, Mapping) else [("", models)]


def _layers_of(model: Model) -> list[rnnviz.LayerTrace]:
    return [model] if isinstance(model, rnnviz.LayerTrace) else [model[layer] for layer in model.layers]


def _find_chosen(model: Model) -> str | None:
    return model.name if isinstance(model, rnnviz.LayerTrace) else None


def _read_models(models: Model | Mapping[str, Model]) -> dict[str, GradientNorms]:
    found: dict[str, GradientNorms] = {}
    for name, model in _name(models):
        if not isinstance(model, Model):
            raise TypeError(
                f"{name or 'models'!r} is a {type(model).__name__}; GradientCurves shows what was recorded: a Trace "
                "from `with rnnviz.record(model) as trace:`, one of its layers, or a dict of names to either."
            )
        layers = _layers_of(model)
        if not layers:
            raise ValueError(
                f"{f'The trace {name!r}' if name else 'This trace'} holds no layer: nothing recurrent ran inside "
                "`with record(model) as trace:`."
            )
        for layer in layers:
            label = " ".join(
                part for part in (name, layer.name if len(layers) > 1 or not name else "") if part
            )
            if not layer.has_gradients:
                raise ValueError(
                    f"{label!r} has no gradients: no backward pass has reached it. Call loss.backward() after the "
                    "forward pass inside `with record(model) as trace:`."
                )
            cell = layer.grad_cell.norm(dim=-1) if layer.kind == "LSTM" else None
            found[label] = GradientNorms(layer.grad_norm, cell, layer.lengths.tolist())
    if len(found) > MOST_CURVES:
        raise ValueError(
            f"These are {len(found)} curves; at most {MOST_CURVES} can be told apart. Pass the layers you want to "
            'compare: {"first": trace["lstm.l0"], …}.'
        )
    return found


def _pack(norms: Mapping[str, GradientNorms]) -> dict[str, Any]:
    """Lay all curves one after another as float64: float32 ends at 1e-45, where the story may just begin."""
    parts: list[np.ndarray[Any, np.dtype[np.float64]]] = []
    end = 0

    def add(tensor: torch.Tensor | None) -> int | None:
        nonlocal end
        if tensor is None:
            return None
        parts.append(tensor.detach().to("cpu", torch.float64).contiguous().numpy())
        end += parts[-1].size
        if end > MOST_NUMBERS:
            raise ValueError(
                f"These are more than {MOST_NUMBERS:,} numbers, too many for a page. Record fewer sequences: "
                "`record(model, sequences=[0])`."
            )
        return end - parts[-1].size

    curves = [
        {
            "name": name,
            "steps": one.hidden.shape[0],
            "sequences": one.hidden.shape[1],
            "lengths": one.lengths,
            "hidden": add(one.hidden),
            "cell": add(one.cell),
            "growth": one.growth,
        }
        for name, one in norms.items()
    ]
    return {"curves": curves, "data": b"".join(part.tobytes() for part in parts)}
