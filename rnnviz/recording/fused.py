"""One call of `torch.nn.RNN`, `GRU` or `LSTM`: what is kept of it, and how its layers are derived.

At the forward pass nothing is computed: references to the input and the output, copies of the small things
(initial states, weights). A stack of layers shows only the outputs of its last one; the others are replayed
with torch's own kernel when they are read, dropout's masks included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnviz.arithmetic.adjoint import derive_gradients, gate_gradients
from rnnviz.arithmetic.derive import derive_states
from rnnviz.arithmetic.states import Gradients, States, at_last_step, mask_steps, reverse_time
from rnnviz.arithmetic.torch_kernel import run_kernel
from rnnviz.recording.inner_gradients import InnerGradients
from rnnviz.recording.references import (
    Kept,
    Stamp,
    catch_gradient,
    explain_batched_gradients,
    explain_missing_gradient,
    widen,
)
from rnnviz.steps import Weights

__all__ = ["FusedCall", "FusedLayer", "Layout", "layer_suffixes", "read_mode", "split_weights"]

#: How far the step equations may be off the recorded outputs: half precision keeps two or three digits.
_HALF_TOLERANCE = 0.1


def read_mode(mode: str) -> tuple[str, str | None]:
    """Split torch's name of a kernel into kind and nonlinearity, which only a plain RNN has a choice of."""
    return {"RNN_TANH": ("RNN", "tanh"), "RNN_RELU": ("RNN", "relu")}.get(mode, (mode, None))


def layer_suffixes(module: nn.RNNBase) -> list[str]:
    """Return torch's own names of the layers of a module: l0, l0_reverse, l1 and so on."""
    directions = ("", "_reverse") if module.bidirectional else ("",)
    return [f"l{layer}{direction}" for layer in range(module.num_layers) for direction in directions]


def split_weights(module: nn.RNNBase, flat: Sequence[Tensor | None]) -> list[Weights]:
    """Sort a module's flat list of parameters by layer and direction, as torch orders it."""
    values = iter(flat)
    present = (True, True, module.bias, module.bias, bool(module.proj_size))
    return [
        Weights(*(next(values) if there else None for there in present))  # type: ignore[arg-type]
        for _ in layer_suffixes(module)
    ]


@dataclass(frozen=True, eq=False)
class Layout:
    """How a caller lays out sequences, and how they become (time, batch, feature).

    Attributes
    ----------
    batch_first, batched : bool
        As in torch; an unbatched sequence becomes a batch of one.
    packed : PackedSequence or None
        Any packed sequence with the batch's lengths and order.
    sequences : Tensor of indices, or None
        Which sequences of the batch to keep; None keeps all.
    """

    batch_first: bool
    batched: bool
    packed: PackedSequence | None = None
    sequences: Tensor | None = None

    def keep(self, data: Tensor) -> Tensor:
        """Return what to hold of an input, an output or its gradient; cheap, and a view where possible."""
        if self.packed is not None:
            return data
        if not self.batched:
            data = data.unsqueeze(1)
        elif self.batch_first:
            data = data.transpose(0, 1)
        return data if self.sequences is None else data[:, self.sequences.to(data.device)]

    def read(self, kept: Tensor) -> Tensor:
        """Return kept data as (time, batch, feature), in the caller's order, zero in the padding."""
        if self.packed is None:
            return kept
        packed = self.packed
        padded, _ = pad_packed_sequence(
            PackedSequence(kept, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        )
        return padded if self.sequences is None else padded[:, self.sequences.to(padded.device)]

    def read_state(self, state: Tensor) -> Tensor:
        """Return an initial or final state as (layer, batch, unit)."""
        if not self.batched:
            state = state.unsqueeze(1)
        return state if self.sequences is None else state[:, self.sequences.to(state.device)]

    def lengths(self, steps: int, batch: int, device: torch.device) -> Tensor:
        """Count the steps of each kept sequence, (batch,)."""
        if self.packed is None:
            return torch.full((batch,), steps, device=device)
        sizes = self.packed.batch_sizes
        lengths = (sizes[None, :] > torch.arange(int(sizes[0]))[:, None]).sum(1)
        if self.packed.unsorted_indices is not None:
            lengths = lengths[self.packed.unsorted_indices.cpu()]
        return (lengths if self.sequences is None else lengths[self.sequences.cpu()]).to(device)


class FusedCall:
    """What one forward call of one recurrent module showed, and everything that follows from it.

    Parameters
    ----------
    module : torch.nn.RNNBase
        Read now, not kept.
    name : str
        For messages.
    arguments, result
        The input and the initial state, and what the module returned.
    weights : sequence of Weights
        Copies of the parameters, one for each layer and direction.
    sequences : sequence of int, or None
        Which sequences of the batch to keep.
    random_state : Tensor or None
        The CPU generator's state before the call, when dropout draws masks between the layers.
    first_node : int
        The number of the first node of the autograd graph that the call made.
    guarded : bool
        Whether to look for hooks that change gradients inside the module.
    """

    def __init__(
        self,
        module: nn.RNNBase,
        name: str,
        arguments: tuple[Tensor | PackedSequence, Tensor | tuple[Tensor, Tensor] | None],
        result: tuple[Tensor | PackedSequence, Tensor | tuple[Tensor, Tensor]],
        weights: Sequence[Weights],
        sequences: Sequence[int] | None = None,
        random_state: Tensor | None = None,
        *,
        first_node: int = 0,
        guarded: bool = False,
    ) -> None:
        (input, initial), (output, final) = arguments, result
        self.name = name or type(module).__name__
        self.mode = module.mode
        self.kind, self.nonlinearity = read_mode(module.mode)
        self.num_layers = module.num_layers
        self.directions = 2 if module.bidirectional else 1
        self.hidden_size = module.hidden_size
        self.units = module.proj_size or module.hidden_size
        self.weights = weights
        self._dropout = module.dropout
        self._random_state = random_state

        packed = input if isinstance(input, PackedSequence) else None
        input_data = input.data if isinstance(input, PackedSequence) else input
        output_data = output.data if isinstance(output, PackedSequence) else output
        self.layout = Layout(
            module.batch_first,
            packed is not None or input_data.dim() == 3,
            # Only lengths and order are of use, so the data is not held a second time.
            None if packed is None else packed._replace(data=input_data.new_empty(0)),
            None if sequences is None else torch.tensor(sequences),
        )
        self._input = Kept(self.layout.keep(input_data.detach()), f"The input of {self.name}")
        self._output = Kept(self.layout.keep(output_data.detach()), f"The output of {self.name}")
        initial_states = () if initial is None else (initial,) if isinstance(initial, Tensor) else initial
        # Small, and often overwritten by the caller's next step: copied.
        self._initial = tuple(
            Kept(self.layout.read_state(state.detach()).clone(), f"The initial state of {self.name}")
            for state in initial_states
        )

        self.requires_grad = output_data.requires_grad
        self._caught: dict[str, Kept] = {}
        self._batched = False  # whether a gradient came that could not be kept
        h_n, c_n = (final, None) if isinstance(final, Tensor) else final
        self._inside = inside = InnerGradients(self.name, first_node)
        if guarded:
            inside.guard(output_data)
        catch_gradient(output_data, self._receiver("output", self.layout.keep), inside)
        # Small, and the very tensors may become the .grad of a leaf, clipped in place: copied.
        catch_gradient(h_n, self._receiver("h_n", lambda grad: self.layout.read_state(grad).clone()), inside)
        if c_n is not None:
            catch_gradient(
                c_n, self._receiver("c_n", lambda grad: self.layout.read_state(grad).clone()), inside
            )

        if packed is not None:
            self.steps, self._whole_batch = len(packed.batch_sizes), int(packed.batch_sizes[0])
        elif input_data.dim() == 3:
            batch_axis = 0 if module.batch_first else 1
            self.steps, self._whole_batch = input_data.shape[1 - batch_axis], input_data.shape[batch_axis]
        else:
            self.steps, self._whole_batch = len(input_data), 1
        self.batch = self._whole_batch if sequences is None else len(sequences)
        self._dtype, self._device = output_data.dtype, output_data.device
        self._forget_derived()

    @cached_property
    def lengths(self) -> Tensor:
        """Steps of each kept sequence, (batch,)."""
        return self.layout.lengths(self.steps, self.batch, self._device)

    def _forget_derived(self) -> None:
        """Derive everything anew when it is read next."""
        # What is handed out carries a stamp: where somebody has written into it, it is not handed out again.
        self._states: dict[tuple[int, int], tuple[States, Stamp]] = {}
        self._replayed: dict[tuple[int, int], Tensor] = {}
        self._masks: list[Tensor] | None = None
        self._forget_gradients()

    def _forget_gradients(self) -> None:
        self._gradients: dict[tuple[int, int], tuple[Gradients, Stamp]] = {}
        self._from_above: dict[int, Tensor] = {}  # gradients at the outputs of the layers below the last

    def _receiver(self, where: str, keep: Callable[[Tensor], Tensor]) -> Callable[[Tensor | None], None]:
        """Make the function that adds up the gradients of several backward passes at one place."""

        def receive(gradient: Tensor | None) -> None:
            self._forget_gradients()
            if gradient is None:
                self._batched = True
                return
            kept = Kept(keep(gradient), f"The gradient at {where} of {self.name}")
            known = self._caught.get(where)
            self._caught[where] = kept if known is None else known.add(kept)

        return receive

    # ------------------------------------------------------------------------------------------------ forward
    # pass

    @torch.no_grad()
    def states(self, layer: int, direction: int) -> States:
        """Gates and cell states of one layer in one direction, derived at the first call."""
        self._input.read()  # refuses when changed in place, also after the first derivation:
        self._output.read()  # the arrays handed out are the very tensors of the model
        if not all(stamp.holds() for _, stamp in self._states.values()):
            self._forget_derived()
        if (layer, direction) not in self._states:
            index = layer * self.directions + direction
            hidden, cell = self._initial_states(index)
            half = self._dtype in (torch.bfloat16, torch.float16)
            states = derive_states(
                self.kind,
                widen(self._running_order(self._layer_input(layer), direction)),
                widen(self._hidden(layer, direction)),
                widen(hidden),
                None if cell is None else widen(cell),
                self.weights[index].widen(),
                self.lengths,
                self.nonlinearity,
                _HALF_TOLERANCE if half else None,
            )
            self._states[layer, direction] = states, Stamp(states.tensors())
        return self._states[layer, direction][0]

    def _initial_states(self, index: int) -> tuple[Tensor, Tensor | None]:
        """h_0 and c_0 of one layer and direction, (batch, unit) each."""
        if self._initial:
            return self._initial[0].read()[index], (
                self._initial[1].read()[index] if self.kind == "LSTM" else None
            )
        weight = self.weights[index].weight_hh
        zeros = weight.new_zeros(self.batch, self.units)
        return zeros, weight.new_zeros(self.batch, self.hidden_size) if self.kind == "LSTM" else None

    def _running_order(self, sequence: Tensor, direction: int) -> Tensor:
        """Forward time order to the order in which a direction runs, and back."""
        return reverse_time(sequence, self.lengths) if direction else sequence

    def _pick_direction(self, both: Tensor, direction: int) -> Tensor:
        """Return one direction's part of what lies side by side, in running order."""
        if self.directions == 1:
            return both
        part = slice(direction * self.units, (direction + 1) * self.units)
        return self._running_order(both[..., part], direction)

    def _layer_input(self, layer: int) -> Tensor:
        """Return what a layer read, in forward time order: the input, or the outputs below after dropout."""
        if layer == 0:
            return self.layout.read(self._input.read())
        below = [
            self._running_order(self._hidden(layer - 1, direction), direction)
            for direction in range(self.directions)
        ]
        outputs = below[0] if len(below) == 1 else torch.cat(below, -1)
        mask = self.dropout_mask(layer - 1)
        return outputs if mask is None else outputs * mask

    def _hidden(self, layer: int, direction: int) -> Tensor:
        """Return h_t in running order: seen for the last layer, replayed for those below."""
        if layer == self.num_layers - 1:
            return self._pick_direction(self.layout.read(self._output.read()), direction)
        if (layer, direction) not in self._replayed:
            self._replayed[layer, direction] = self._replay(layer, direction)
        return self._replayed[layer, direction]

    def _replay(self, layer: int, direction: int) -> Tensor:
        """Run torch's kernel on one layer and direction again; padding comes last and disturbs nothing."""
        index = layer * self.directions + direction
        x = self._running_order(self._layer_input(layer), direction)
        hidden, cell = self._initial_states(index)
        output, _ = run_kernel(self.mode, x, hidden, cell, self.weights[index])
        if self.layout.packed is not None:
            output *= mask_steps(self.steps, self.lengths)[..., None]
        return output

    def dropout_mask(self, layer: int) -> Tensor | None:
        """Return the mask dropout drew for a layer's outputs, 0 or 1 / (1 - p); None without dropout."""
        if self._random_state is None:
            return None
        if self._masks is None:
            # The masks of all layers in the order, shape and generator state in which torch drew them.
            width = self.directions * self.units
            packed = self.layout.packed
            shape: tuple[int, ...] = (self.steps, self._whole_batch, width)
            if packed is not None:
                shape = (int(packed.batch_sizes.sum()), width)
            with torch.random.fork_rng(devices=[]):
                torch.set_rng_state(self._random_state)
                drawn = [
                    torch.dropout(torch.ones(shape, dtype=self._dtype), self._dropout, True)
                    for _ in range(self.num_layers - 1)
                ]
            if packed is None and self.layout.sequences is not None:
                drawn = [mask[:, self.layout.sequences] for mask in drawn]
            self._masks = [self.layout.read(mask) for mask in drawn]
        return self._masks[layer]

    # ----------------------------------------------------------------------------------------------- backward
    # pass

    @property
    def has_gradients(self) -> bool:
        """Whether a backward pass has reached this call."""
        return bool(self._caught) or self._batched

    @torch.no_grad()
    def gradients(self, layer: int, direction: int) -> Gradients:
        """Total gradients of one layer in one direction, derived at the first call after a backward pass.

        Raises
        ------
        RuntimeError
            When no backward pass has reached this call, or one for several losses at once; when gradients entered
            it elsewhere than at its outputs.
        """
        if not self.has_gradients:
            raise RuntimeError(explain_missing_gradient(self.name, self.requires_grad))
        if self._batched:
            raise RuntimeError(explain_batched_gradients(self.name))
        if self._inside.reason is not None:
            raise RuntimeError(self._inside.reason)
        states = self.states(layer, direction)
        if not all(stamp.holds() for _, stamp in self._gradients.values()):
            self._forget_gradients()
        if (layer, direction) in self._gradients:
            return self._gradients[layer, direction][0]
        index = layer * self.directions + direction
        from_above = self._gradient_from_above(layer)
        if from_above is not None:
            from_above = self._pick_direction(from_above, direction)
        h_n, c_n = self._caught.get("h_n"), self._caught.get("c_n")
        gradients = derive_gradients(
            states,
            from_above,
            None if h_n is None else h_n.read()[index],
            None if c_n is None else c_n.read()[index],
        )
        self._gradients[layer, direction] = gradients, Stamp(gradients.tensors())
        return gradients

    @torch.no_grad()
    def from_outside(self, layer: int, direction: int) -> tuple[Tensor, Tensor | None]:
        """Gather the gradients that reach h_t and c_t from outside the module, in running order."""
        self.gradients(layer, direction)  # says why there are none
        states = self.states(layer, direction)
        index = layer * self.directions + direction
        output, h_n, c_n = (self._caught.get(where) for where in ("output", "h_n", "c_n"))
        hidden = torch.zeros_like(states.hidden, memory_format=torch.contiguous_format)
        if output is not None and layer == self.num_layers - 1:
            hidden += self._pick_direction(widen(self.layout.read(output.read())), direction)
        if h_n is not None:
            hidden += at_last_step(states, h_n.read()[index])
        return hidden, None if c_n is None else at_last_step(states, c_n.read()[index])

    def _gradient_from_above(self, layer: int) -> Tensor | None:
        """∂L/∂(outputs of a layer) from above it, both directions side by side, in forward time order."""
        if layer == self.num_layers - 1:
            caught = self._caught.get("output")
            return None if caught is None else widen(self.layout.read(caught.read()))
        if layer in self._from_above:
            return self._from_above[layer]
        above = []
        for direction in range(self.directions):
            states = self.states(layer + 1, direction)
            at_input, _ = gate_gradients(states, self.gradients(layer + 1, direction))
            assert states.weights is not None
            above.append(self._running_order(at_input @ states.weights.weight_ih, direction))
        from_above = above[0] if len(above) == 1 else above[0] + above[1]
        mask = self.dropout_mask(layer)
        self._from_above[layer] = from_above if mask is None else from_above * mask
        return self._from_above[layer]


@dataclass(frozen=True, eq=False)
class FusedLayer:
    """One layer in one direction of a `FusedCall`, as `rnnviz.recording.trace.LayerTrace` reads it."""

    call: FusedCall
    layer: int
    direction: int

    @property
    def kind(self) -> str:
        """RNN, LSTM or GRU."""
        return self.call.kind

    @property
    def reverse(self) -> bool:
        """Whether it runs from the last step to the first."""
        return self.direction == 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """Steps, sequences, units."""
        return self.call.steps, self.call.batch, self.call.units

    @property
    def has_gradients(self) -> bool:
        """Whether a backward pass has reached it."""
        return self.call.has_gradients

    def states(self) -> States:
        """Derive gates and cell states."""
        return self.call.states(self.layer, self.direction)

    def gradients(self) -> Gradients:
        """Derive the total gradients."""
        return self.call.gradients(self.layer, self.direction)

    def from_outside(self) -> tuple[Tensor, Tensor | None]:
        """Gather the gradients that reach h_t and c_t from outside the module."""
        return self.call.from_outside(self.layer, self.direction)

    def above(self) -> tuple[tuple[FusedLayer, ...], Tensor | None, slice]:
        """Name the layers that read this one, dropout's mask in between, and its part of their input."""
        call, units = self.call, self.call.units
        part = slice(self.direction * units, (self.direction + 1) * units)
        if self.layer == call.num_layers - 1:
            return (), None, part
        layers = tuple(FusedLayer(call, self.layer + 1, direction) for direction in range(call.directions))
        return layers, call.dropout_mask(self.layer), part
