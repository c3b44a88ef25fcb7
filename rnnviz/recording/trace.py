"""What a recording holds: a `Trace` of named layers, each a `LayerTrace` of named arrays.

All arrays are torch tensors on the model's device, in the order (time, batch, unit), zero in the padding; a
reverse layer is in forward time order too. They are computed when they are read.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from rnnviz.arithmetic.states import Gradients, States, mask_steps, reverse_time
from rnnviz.recording.wiring import NOT_KNOWN, Module, Reads, Start, Wiring
from rnnviz.steps import Weights

if TYPE_CHECKING:
    import pandas
    import xarray

__all__ = ["LayerTrace", "Source", "Trace"]


class Source(Protocol):
    """Where a `LayerTrace` gets its arrays from, all in running order: from the first step that ran to the last.

    A call of a fused layer (`rnnviz.recording.fused.FusedLayer`), a cell's calls, one a step
    (`rnnviz.recording.stepwise.StepwiseCall`), a pass of our own layers (`rnnviz.recording.layers.LayerRecord`), a
    layer from a file (`rnnviz.recording.store.SavedLayer`), or some sequences of one of these
    (`rnnviz.flow.sample_sequences`).
    """

    @property
    def kind(self) -> str:
        """One of "RNN", "LSTM", "GRU", or the class of a student's cell."""

    @property
    def reverse(self) -> bool:
        """Whether it runs from the last step to the first."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Steps, sequences, units."""

    @property
    def has_gradients(self) -> bool:
        """Whether a backward pass has reached it."""

    def states(self) -> States:
        """Return what the forward pass computed."""

    def gradients(self) -> Gradients:
        """Return the total gradients."""

    def from_outside(self) -> tuple[Tensor, Tensor | None]:
        """Return the gradients that reach h_t and c_t from outside the module, (time, batch, unit)."""

    def above(self) -> tuple[tuple[Source, ...], Tensor | None, slice]:
        """Name the layers that read this one, dropout's mask in between, and its part of their input."""


class LayerTrace:
    """The arrays of one layer in one direction during one call.

    Get one from a `Trace`: ``trace["lstm.l0"]``. Models in half precision give float32 arrays.

    Attributes
    ----------
    name : str
        The layer's name in the model, with torch's suffix: "lstm.l0", "lstm.l0_reverse".
    """

    def __init__(self, name: str, source: Source, wiring: Wiring = NOT_KNOWN) -> None:
        self.name = name
        self.source = source
        self.wiring = wiring

    def __repr__(self) -> str:
        steps, batch, units = self.source.shape
        return f"LayerTrace({self.name!r}, {self.kind}, time={steps}, batch={batch}, unit={units})"

    def forward_time(self, array: Tensor) -> Tensor:
        """Turn an array (time, batch, …) from the order in which the layer ran into forward time order."""
        return reverse_time(array, self.lengths) if self.source.reverse else array

    @property
    def kind(self) -> str:
        """One of "RNN", "LSTM", "GRU"; for a cell of your own, the name of its class."""
        return self.source.kind

    @property
    def reverse(self) -> bool:
        """Whether the layer runs from the last step to the first."""
        return self.source.reverse

    @property
    def nonlinearity(self) -> str:
        """The activation of a plain RNN, "tanh" or "relu"."""
        nonlinearity = self.source.states().nonlinearity
        if nonlinearity is None:
            raise AttributeError(
                f"{self.name} is of kind {self.kind}; only a plain RNN has a choice of nonlinearity."
            )
        return nonlinearity

    @property
    def module(self) -> Module | None:
        """The module that the layer is of; None in a file written before modules were."""
        return self.wiring.module

    @property
    def reads(self) -> Reads:
        """What the input is made of: the states of other layers, through what, or data."""
        return self.wiring.reads(self)

    @property
    def start(self) -> Start:
        """What the layer goes on from: zeros, a given state, or the last state of another call."""
        return self.wiring.start(self)

    @property
    def input(self) -> Tensor:
        """What the layer read, (time, batch, feature); above the first layer, outputs after dropout."""
        return self.forward_time(self.source.states().input)

    @property
    def hidden(self) -> Tensor:
        """The hidden state h_t, (time, batch, unit)."""
        return self.forward_time(self.source.states().hidden)

    @property
    def cell(self) -> Tensor:
        """The cell state c_t of an LSTM, (time, batch, unit)."""
        cell = self.source.states().cell
        if cell is None:
            raise AttributeError(
                f"{self.name} is of kind {self.kind}, which has no cell state; read .hidden instead."
            )
        return self.forward_time(cell)

    @property
    def gates(self) -> dict[str, Tensor]:
        """The gates by name, (time, batch, unit) each.

        LSTM: input, forget, candidate, output. GRU: reset, update, candidate. A plain RNN has none. A cell of
        your own: whatever its step returns by name.
        """
        return {name: self.forward_time(gate) for name, gate in self.source.states().gates.items()}

    @property
    def initial_hidden(self) -> Tensor:
        """h_0, (batch, unit); zero unless it was given."""
        return self.source.states().initial_hidden

    @property
    def initial_cell(self) -> Tensor:
        """c_0 of an LSTM, (batch, unit)."""
        initial = self.source.states().initial_cell
        if initial is None:
            raise AttributeError(f"{self.name} is of kind {self.kind}, which has no cell state.")
        return initial

    @property
    def weights(self) -> Weights:
        """Copies of the parameters as they were in the forward pass.

        Later training does not change them, and changing them changes nothing else: what is derived from the
        recording keeps to the weights that were used.
        """
        weights = self.source.states().weights
        if weights is None:
            raise AttributeError(
                f"{self.name} is a cell of your own ({self.kind}); read its parameters from the module."
            )
        copies = {name: None if value is None else value.clone() for name, value in vars(weights).items()}
        return Weights(**copies)  # type: ignore[arg-type]

    @property
    def lengths(self) -> Tensor:
        """Steps of each sequence, (batch,)."""
        return self.source.states().lengths

    @property
    def mask(self) -> Tensor:
        """True where a step belongs to its sequence, False in the padding, (time, batch)."""
        return mask_steps(self.source.shape[0], self.lengths)

    @property
    def grad_hidden(self) -> Tensor:
        """The total gradient ∂L/∂h_t, (time, batch, unit), through every path from h_t to the loss.

        Not to be confused with what ``retain_grad()`` on a layer's output shows: the gradient that reaches
        each output from above, not through later steps, which for a loss on the last step is zero everywhere else.
        Several backward passes add up.

        Raises
        ------
        RuntimeError
            When no backward pass has reached the layer.
        """
        return self.forward_time(self.source.gradients().hidden)

    @property
    def grad_cell(self) -> Tensor:
        """The total gradient ∂L/∂c_t of an LSTM, (time, batch, unit)."""
        if self.source.states().cell is None:
            raise AttributeError(f"{self.name} is of kind {self.kind}, which has no cell state.")
        gradient = self.source.gradients().cell
        assert gradient is not None
        return self.forward_time(gradient)

    @property
    def grad_norm(self) -> Tensor:
        """‖∂L/∂h_t‖, the Euclidean norm over units, (time, batch)."""
        norm: Tensor = torch.linalg.vector_norm(self.grad_hidden, dim=-1)
        return norm

    @property
    def has_gradients(self) -> bool:
        """Whether a backward pass has reached this layer."""
        return self.source.has_gradients

    def arrays(self) -> dict[str, Tensor]:
        """Every (time, batch, unit) array there is, by name.

        Returns
        -------
        dict of str to Tensor
            ``hidden``, ``cell`` for an LSTM, each gate, and after a backward pass ``grad_hidden`` and
            ``grad_cell``.
        """
        states = self.source.states()
        found = {"hidden": self.hidden}
        if states.cell is not None:
            found["cell"] = self.cell
        found.update(self.gates)
        if self.has_gradients:
            found["grad_hidden"] = self.grad_hidden
            if states.cell is not None:
                found["grad_cell"] = self.grad_cell
        return found

    def to_xarray(self) -> xarray.Dataset:
        """Turn the layer into an xarray dataset with named dimensions, coordinates, units and descriptions.

        Returns
        -------
        xarray.Dataset
            Everything in `arrays`, the input, the initial states, the weights and the mask. Where a gate
            would take the name of another array, "_gate" is added: the LSTM's input gate is ``input_gate``.
            Dimensions are time, sequence and unit; padding is NaN.

        Raises
        ------
        ImportError
            Without xarray: ``pip install "rnnviz[export]"``.
        """
        from rnnviz.recording.tables import to_xarray

        return to_xarray(self)


class Trace:
    """What `rnnviz.record` saw: one `LayerTrace` for each recurrent layer that ran.

    Examples
    --------
    >>> import torch, rnnviz as rv
    >>> lstm = torch.nn.LSTM(3, 8, num_layers=2)
    >>> with rv.record(lstm) as trace:
    ...     output, _ = lstm(torch.zeros(5, 1, 3))
    >>> trace.layers
    ('l0', 'l1')
    >>> trace["l1"].gates["forget"].shape
    torch.Size([5, 1, 8])
    """

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self._names = names
        self._modules: tuple[Module, ...] = ()
        self._steps: dict[int, dict[str, list[LayerTrace]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the arrays themselves, as `save` does: the copy lives without the model and its graph."""
        if not self.layers:
            return Trace, (self._names,)
        from rnnviz.recording.store import build, describe

        return build, describe(self)

    def __repr__(self) -> str:
        if not self.layers:
            return "Trace(nothing recorded yet)"
        lines = []
        for name in self.layers:
            calls = self.calls(name)
            times = "" if len(calls) == 1 else f" × {len(calls)} calls"
            lines.append(repr(calls[0]).removeprefix("LayerTrace(").removesuffix(")") + times)
        return "Trace(" + "; ".join(lines) + ")"

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that ran, in the model's order."""
        return tuple(name for name in self._names if any(name in step for step in self._steps.values()))

    @property
    def silent(self) -> tuple[str, ...]:
        """Names of the watched layers that did not run, or were called past their hooks (``layer.forward(x)``)."""
        return tuple(name for name in self._names if name not in self.layers)

    def sequences(self, name: str) -> tuple[LayerTrace, ...]:
        """Return what a layer ran through: one sequence, where its calls go on from one another, or each call.

        Parameters
        ----------
        name : str
            One of `layers`.

        Raises
        ------
        KeyError
            When no layer of that name ran.
        """
        calls = self.calls(name)
        try:
            return (self[name],)
        except LookupError:
            return calls

    @property
    def modules(self) -> tuple[Module, ...]:
        """The recorded modules that ran, in the model's order, and how they hang together.

        Each names its path, kind and options, its layers, what each of them reads and what it goes on from, as it was
        when it ran last. Found out by identity while the model ran: by shared memory, and by the autograd graph. A
        way on which no gradient goes back (a word chosen by ``argmax``, arithmetic on a detached tensor) is not
        followed; without gradients only unchanged tensors are.

        Examples
        --------
        >>> import torch, rnnviz as rv
        >>> reader, writer = torch.nn.GRU(2, 3), torch.nn.GRU(1, 3)
        >>> with rv.record(torch.nn.ModuleList([reader, writer])) as trace:
        ...     _, state = reader(torch.ones(4, 1, 2))
        ...     _ = writer(torch.zeros(2, 1, 1), state)
        >>> [module.kind for module in trace.modules]
        ['torch.nn.GRU', 'torch.nn.GRU']
        >>> trace.modules[1].starts["1.l0"]
        Start(kind='continues', sources=(Origin(layer='0.l0', call=0),), states=('hidden',))
        """
        found = []
        for module in self._modules:
            latest = [self.calls(name)[-1] for name in module.layers if name in self]
            if latest:
                found.append(
                    replace(
                        latest[-1].module or module,
                        reads={layer.name: layer.reads for layer in latest},
                        starts={layer.name: layer.start for layer in latest},
                    )
                )
        return tuple(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __contains__(self, name: object) -> bool:
        return name in self.layers

    def calls(self, name: str) -> tuple[LayerTrace, ...]:
        """Every recorded call of one layer, oldest first.

        Parameters
        ----------
        name : str
            One of `layers`.

        Raises
        ------
        KeyError
            When no layer of that name ran; the message names those that did.
        """
        found = tuple(call for step in self._steps.values() for call in step.get(name, ()))
        if not found:
            raise KeyError(self._explain_missing(name))
        return found

    def __getitem__(self, name: str) -> LayerTrace:
        """Return the only call of a layer; refuse when there were several.

        Raises
        ------
        KeyError
            When no layer of that name ran.
        LookupError
            When the layer ran more than once: say which call with ``trace.calls(name)[0]``.
        """
        found = self.calls(name)
        if len(found) > 1:
            where = f"trace.calls({name!r})[0] is the first"
            if len(self._steps) > 1:
                where += (
                    f", trace.at({list(self._steps)[-1]})[{name!r}] that of the last recorded forward pass"
                )
            raise LookupError(f"{name} ran {len(found)} times, so say which call you mean: {where}.")
        return found[0]

    def _explain_missing(self, name: str) -> str:
        if not self.layers:
            return (
                f"no layer {name!r}: nothing ran inside the recorded block. Call the model inside it, and not through "
                "a function that torch.compile has made of it: such a function calls no hooks."
            )
        if name in self._names:
            return f"the layer {name!r} did not run; those that did: {', '.join(self.layers)}"
        close = difflib.get_close_matches(str(name), self.layers, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        return f"no layer {name!r}{hint}; recorded layers: {', '.join(self.layers)}"

    @property
    def steps(self) -> tuple[int, ...]:
        """The forward passes of the model that are held, counted from 0."""
        return tuple(self._steps)

    def at(self, step: int) -> Trace:
        """Return the part of the trace that belongs to one forward pass of the model.

        Parameters
        ----------
        step : int
            One of `steps`.

        Raises
        ------
        KeyError
            When that forward pass was not recorded, or was dropped to make room for later ones.
        """
        if step not in self._steps:
            raise KeyError(
                f"forward pass {step} is not held; those that are: {', '.join(map(str, self.steps))}"
            )
        part = Trace(self._names)
        part._modules = self._modules
        part._steps[step] = self._steps[step]
        return part

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the trace to a netCDF file, which `rnnviz.load` and any scientific tool can read.

        Parameters
        ----------
        path : path-like
            The usual ending is ``.nc``.
        overwrite : bool
            Whether to replace a file that exists.

        Raises
        ------
        FileExistsError
            When the file exists and is not to be replaced.
        OSError
            When the file cannot be written; an older one stays as it was.
        ValueError
            When the trace is empty, a layer was given no sequences, or an array does not fit the format (4 GiB
            each).
        TypeError
            When a cell of your own named an intermediate of a type that no file holds, complex numbers say.

        Examples
        --------
        >>> import tempfile, torch, rnnviz as rv
        >>> gru = torch.nn.GRU(1, 2)
        >>> with rv.record(gru) as trace:
        ...     _ = gru(torch.zeros(3, 1, 1))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     trace.save(f"{folder}/run.nc")
        """
        from rnnviz.recording.store import save

        save(self, path, overwrite=overwrite)

    def to_xarray(self) -> xarray.DataTree:
        """Turn the trace into an xarray tree, one dataset for each call of each layer.

        Returns
        -------
        xarray.DataTree
            ``tree["lstm.l0"]["forget"]`` is an array with the dimensions time, sequence and unit.

        Raises
        ------
        ImportError
            Without xarray: ``pip install "rnnviz[export]"``.
        """
        from rnnviz.recording.tables import to_tree

        return to_tree(self)

    def to_frame(self) -> pandas.DataFrame:
        """Turn the trace into a data frame, one row for each unit at each step; padding is left out.

        Returns
        -------
        pandas.DataFrame
            Columns layer, call, sequence, step, unit, then one for each array: hidden, cell, the gates,
            grad_hidden, grad_cell; NaN where a layer has no such array.

        Raises
        ------
        ImportError
            Without pandas: ``pip install "rnnviz[export]"``.
        ValueError
            When the trace is empty.
        """
        from rnnviz.recording.tables import to_frame

        return to_frame(self)

    def _append(self, step: int, layer: LayerTrace) -> None:
        late = step not in self._steps and step < next(reversed(self._steps), step)
        self._steps.setdefault(step, {}).setdefault(layer.name, []).append(layer)
        if late:  # where the calls of each layer are counted apart
            self._steps = dict(sorted(self._steps.items()))

    def _remove(self, step: int, layers: list[LayerTrace]) -> None:
        """Take calls out again, those of a forward pass that did not reach its end."""
        calls = self._steps.get(step, {})
        for layer in layers:
            calls[layer.name].remove(layer)
            if not calls[layer.name]:
                del calls[layer.name]
        if layers and not calls:
            del self._steps[step]

    def _drop_before(self, held: int, name: str | None = None) -> None:
        """Hold only the latest forward passes, or the latest calls of one layer."""
        for step in [step for step, calls in self._steps.items() if name is None or name in calls][:-held]:
            if name is not None:
                del self._steps[step][name]
            if name is None or not self._steps[step]:
                del self._steps[step]
