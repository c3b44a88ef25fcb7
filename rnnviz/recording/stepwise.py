"""Recurrences that Python runs step by step: torch's cells in a user's loop, and `rnnviz.Cell`.

Here every state is a tensor of the autograd graph of its own, so its total gradient is simply caught where it
arrives.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnviz.arithmetic.adjoint import gradient_from_above
from rnnviz.arithmetic.derive import derive_states
from rnnviz.arithmetic.lstm import cell_slope
from rnnviz.arithmetic.states import GATES, Gradients, States
from rnnviz.recording.inner_gradients import InnerGradients
from rnnviz.recording.references import (
    Kept,
    Stamp,
    catch_gradient,
    explain_batched_gradients,
    explain_inseparable,
    explain_missing_gradient,
    widen,
)
from rnnviz.steps import Weights

__all__ = ["StepwiseCall"]


class StepwiseCall:
    """A sequence of steps, added one by one.

    Parameters
    ----------
    kind : str
        "RNN", "LSTM", "GRU", or the class of a student's cell.
    name : str
        For messages.
    initial : tuple of Tensor, shape (batch, unit)
        The states before the first step.
    state_names : tuple of str
        Names of the states; the first is "hidden".
    weights : Weights or None
        A copy of the parameters, for the kinds that torch has.
    nonlinearity : str or None
        Plain RNN only.
    pick : callable
        Chooses the sequences of the batch to keep from a tensor (batch, …).
    first_node : int
        The number of the first node of the autograd graph that the sequence made.
    guarded : bool
        Whether to look for hooks that change gradients inside a step.
    """

    reverse = False

    def __init__(
        self,
        kind: str,
        name: str,
        initial: tuple[Tensor, ...],
        *,
        state_names: tuple[str, ...],
        weights: Weights | None,
        nonlinearity: str | None,
        pick: Callable[[Tensor], Tensor],
        first_node: int = 0,
        guarded: bool = False,
    ) -> None:
        self.kind = kind
        self.name = name
        self.weights = weights
        self._nonlinearity = nonlinearity
        self._names = state_names
        self._pick = pick
        what = f"The initial state of {name}"
        self._initial = tuple(Kept(pick(state.detach()).clone(), what) for state in initial)
        self._shape = self._initial[0].read().shape
        self._inputs: list[Kept] = []
        self._states: dict[str, list[Kept]] = {name: [] for name in state_names}
        self._named: dict[str, list[Kept | None]] = {}
        self._caught: dict[str, dict[int, Tensor]] = {name: {} for name in state_names}
        self._requires_grad = False
        self._inside = InnerGradients(name, first_node)
        self._guarded = guarded
        self._batched = False  # whether a gradient came that could not be kept
        # In torch's fused CUDA kernel h and c leave one node of the graph together, so the gradient that
        # arrives at c there lacks the part that comes through h.
        self._cell_lacks_hidden = False
        self._derived: tuple[States, Stamp] | None = None

    def add(self, x: Tensor, states: tuple[Tensor, ...], named: dict[str, Tensor]) -> None:
        """Add one step: its input (batch, feature), the states after it, and its named intermediates."""
        t = len(self._inputs)
        self._derived = None
        self._inputs.append(Kept(self._pick(x.detach()), f"The input of step {t} of {self.name}"))
        for name, state in zip(self._names, states, strict=True):
            what = f"The {name} state of step {t} of {self.name}"
            self._states[name].append(Kept(self._pick(state.detach()), what))
            self._requires_grad |= state.requires_grad
            if self._guarded:
                self._inside.guard(state)
            catch_gradient(state, self._receiver(name, t), self._inside)
        if len(states) == 2 and states[0].grad_fn is not None:
            self._cell_lacks_hidden = states[0].grad_fn is states[1].grad_fn and self.kind == "LSTM"
        for name in named:
            self._named.setdefault(name, [None] * t)
        for name, values in self._named.items():
            value = named.get(name)
            what = f"{name!r} of step {t} of {self.name}"
            values.append(None if value is None else Kept(self._pick(value.detach()), what))

    def ends_with(self, states: tuple[Tensor, ...]) -> bool:
        """Whether these tensors hold the states after the last step, if only the numbers count."""
        return all(
            self._states[name][-1].equals(self._pick(state.detach()))
            for name, state in zip(self._names, states, strict=True)
        )

    @property
    def requires_grad(self) -> bool:
        """Whether gradients go back through any step."""
        return self._requires_grad

    def _receiver(self, name: str, t: int) -> Callable[[Tensor | None], None]:
        def receive(gradient: Tensor | None) -> None:
            if gradient is None:
                self._batched = True
                return
            # Copied, because the very tensor may become the .grad of a leaf, which is clipped in place.
            gradient = self._pick(gradient).clone()
            known = self._caught[name].get(t)
            self._caught[name][t] = gradient if known is None else known.add_(gradient)

        return receive

    @property
    def shape(self) -> tuple[int, int, int]:
        """Steps, sequences, units."""
        batch, units = self._shape
        return len(self._inputs), batch, units

    @property
    def has_gradients(self) -> bool:
        """Whether a backward pass has reached any step."""
        return any(self._caught.values()) or self._batched

    @torch.no_grad()
    def states(self) -> States:
        """Put copies of the steps together; for torch's cells, derive the gates."""
        if self._derived is not None and self._derived[1].holds():
            return self._derived[0]
        x = torch.stack([widen(kept.read()) for kept in self._inputs])
        arrays = {
            name: torch.stack([widen(kept.read()) for kept in steps]) for name, steps in self._states.items()
        }
        steps, batch, _ = self.shape
        lengths = torch.full((batch,), steps, device=x.device)
        initial = [widen(state.read()) for state in self._initial]
        if self.weights is not None and not self._named:
            half = self._inputs[0].read().dtype in (torch.bfloat16, torch.float16)
            derived = derive_states(
                self.kind,
                x,
                arrays["hidden"],
                initial[0],
                initial[1] if self.kind == "LSTM" else None,
                self.weights.widen(),
                lengths,
                self._nonlinearity,
                0.1 if half else None,
            )
            derived.cell = arrays.get("cell")  # seen, so better than derived
        else:
            derived = States(
                self.kind,
                x,
                arrays.pop("hidden"),
                initial[0],
                lengths,
                None if self.weights is None else self.weights.widen(),
                {name: _stack_named(values) for name, values in self._named.items()},
                arrays.pop("cell", None),
                initial[self._names.index("cell")] if "cell" in self._names else None,
                self._nonlinearity,
            )
            derived.gates.update(arrays)  # further states of a student's cell
        self._derived = derived, Stamp(derived.tensors())
        return derived

    @torch.no_grad()
    def gradients(self) -> Gradients:
        """Put the caught gradients together; steps the loss does not depend on have none, which is zero.

        Raises
        ------
        RuntimeError
            When no backward pass has reached any step, or one for several losses at once; when another than GRU or
            LSTM was gone through by way of its gradients.
        """
        if not self.has_gradients:
            raise RuntimeError(explain_missing_gradient(self.name, self._requires_grad))
        if self._batched:
            raise RuntimeError(explain_batched_gradients(self.name))
        # The slope of tanh is computed from h_t itself, so there autograd counts it in with what reaches h_t.
        if self._inside.entered_again and self.kind not in ("GRU", "LSTM"):
            raise RuntimeError(self._inside.reason)
        states = self.states()
        found = {}
        for name, like in (("hidden", states.hidden), ("cell", states.cell)):
            if like is not None:
                total = torch.zeros_like(like)
                for t, gradient in self._caught[name].items():
                    total[t] = gradient
                found[name] = total
        if self._cell_lacks_hidden:
            found["cell"] += found["hidden"] * cell_slope(states)
        # These are right, but inside a step gradients may have entered that passed no state.
        return Gradients(found["hidden"], found.get("cell"), inside=self._inside.reason)

    @torch.no_grad()
    def from_outside(self) -> tuple[Tensor, Tensor | None]:
        """Take from each total gradient the part that came through the next step.

        Raises
        ------
        RuntimeError
            For a student's cell; when gradients entered inside a step.
        """
        if self.kind not in GATES:
            raise RuntimeError(explain_inseparable(self.kind))
        return gradient_from_above(self.states(), self.gradients())

    def above(self) -> tuple[tuple[StepwiseCall, ...], Tensor | None, slice]:
        """Name the layers that read this one's output: none is known."""
        return (), None, slice(None)


def _stack_named(values: list[Kept | None]) -> Tensor:
    """Stack an intermediate over time, NaN at steps that did not name it."""
    tensors = [None if kept is None else widen(kept.read()) for kept in values]
    shape = next(tensor for tensor in tensors if tensor is not None)
    missing = torch.full_like(shape, torch.nan) if shape.is_floating_point() else torch.zeros_like(shape)
    return torch.stack([missing if tensor is None else tensor for tensor in tensors])
