"""Networks for the shapes: one that reads and answers as it goes, and a pair in which one reads and one writes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.data.shapes import ShapeTask
from rnnviz.training.losses import cross_entropy, mean_squared_error

__all__ = ["ReadingWriter", "StepAnswerer", "build_for_shape", "learn_shape", "measure_shape", "shape_loss"]


class StepAnswerer(nn.Module):
    """One recurrent layer, and a readout that could answer at every step; the task says where it is asked.

    Parameters
    ----------
    features, units, outputs : int
        Sizes of the input, the state and the answer.

    Examples
    --------
    >>> import torch
    >>> StepAnswerer(3, 4, 2)(torch.zeros(5, 7, 3), torch.full((7,), 5)).shape
    torch.Size([5, 7, 2])
    """

    def __init__(self, features: int, units: int, outputs: int) -> None:
        super().__init__()
        self.memory = nn.GRU(features, units)
        self.readout = nn.Linear(units, outputs)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Answer at every step.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
        lengths : Tensor of int, shape (batch,)

        Returns
        -------
        Tensor, shape (time, batch, output)
            Before the softmax.
        """
        packed, _ = self.memory(pack_padded_sequence(inputs, lengths.cpu(), enforce_sorted=False))
        states, _ = pad_packed_sequence(packed, total_length=len(inputs))
        answers: Tensor = self.readout(states)
        return answers


class ReadingWriter(nn.Module):
    """An encoder that reads, and a decoder that starts from its final state and writes.

    The decoder gets no inputs: all it knows is what was handed over.

    Parameters
    ----------
    features, units, outputs : int
        Sizes of what is read, of both states, and of what is written at a step.
    writes : int
        Steps that the decoder writes.

    Examples
    --------
    >>> import torch
    >>> ReadingWriter(3, 4, 2, writes=6)(torch.zeros(5, 7, 3), torch.full((7,), 5)).shape
    torch.Size([6, 7, 2])
    """

    def __init__(self, features: int, units: int, outputs: int, writes: int) -> None:
        super().__init__()
        self.encoder = nn.GRU(features, units)
        self.decoder = nn.GRU(1, units)
        self.readout = nn.Linear(units, outputs)
        self.writes = writes

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Read everything, then write.

        Parameters
        ----------
        inputs : Tensor, shape (time, batch, feature)
        lengths : Tensor of int, shape (batch,)

        Returns
        -------
        Tensor, shape (writes, batch, output)
            Before the softmax.
        """
        _, state = self.encoder(pack_padded_sequence(inputs, lengths.cpu(), enforce_sorted=False))
        silence = inputs.new_zeros(self.writes, inputs.shape[1], 1)
        states, _ = self.decoder(silence, state)
        written: Tensor = self.readout(states)
        return written


def build_for_shape(task: ShapeTask, units: int = 5, seed: int = 0) -> StepAnswerer | ReadingWriter:
    """Build an untrained network of a task's shape.

    Parameters
    ----------
    task : ShapeTask
    units : int, default 5
        Size of the state.
    seed : int, default 0
        Of the weights; torch's own random numbers are left alone.

    Returns
    -------
    StepAnswerer or ReadingWriter
        The second where the task has a writer.

    Examples
    --------
    >>> from rnnviz.data.shapes import judge_sentence
    >>> build_for_shape(judge_sentence()).readout
    Linear(in_features=5, out_features=2, bias=True)
    """
    features = task.inputs.shape[2]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if task.writes:
            return ReadingWriter(features, units, task.outputs, task.writes)
        return StepAnswerer(features, units, task.outputs)


def shape_loss(model: StepAnswerer | ReadingWriter, task: ShapeTask) -> Tensor:
    """Cost of a network's answers, at the steps that the task asks about.

    Parameters
    ----------
    model : StepAnswerer or ReadingWriter
    task : ShapeTask

    Returns
    -------
    Tensor, a scalar
        Cross-entropy for classes, mean squared error for values.

    Examples
    --------
    >>> from rnnviz.data.shapes import repeat_later
    >>> task = repeat_later()
    >>> shape_loss(build_for_shape(task), task).item() > 0.5  # log 2 is 0.69
    True
    """
    outputs, targets, mask = _asked(model(task.inputs, task.lengths), task)
    return (
        cross_entropy(outputs, targets, mask) if task.classes else mean_squared_error(outputs, targets, mask)
    )


def measure_shape(model: StepAnswerer | ReadingWriter, task: ShapeTask) -> float:
    """Measure how well a network does its task.

    Parameters
    ----------
    model : StepAnswerer or ReadingWriter
    task : ShapeTask

    Returns
    -------
    float
        Share of right answers; for values, the root of the mean squared error.

    Examples
    --------
    >>> from rnnviz.data.shapes import label_picture
    >>> 0 <= measure_shape(build_for_shape(label_picture()), label_picture()) <= 1
    True
    """
    with torch.no_grad():
        outputs, targets, mask = _asked(model(task.inputs, task.lengths), task)
        if task.classes:
            return float((outputs.argmax(-1) == targets)[mask].double().mean())
        return float((outputs - targets)[mask].square().mean().sqrt())


def learn_shape(
    task: ShapeTask, units: int = 5, updates: int = 200, learning_rate: float = 0.03, seed: int = 0
) -> StepAnswerer | ReadingWriter:
    """Train a network on a tiny task, all of it at every update.

    Parameters
    ----------
    task : ShapeTask
    units : int, default 5
        Size of the state.
    updates : int, default 200
        Steps of Adam.
    learning_rate : float, default 0.03
        Of Adam.
    seed : int, default 0
        Of the weights.

    Returns
    -------
    StepAnswerer or ReadingWriter
        Trained.

    Examples
    --------
    >>> from rnnviz.data.shapes import label_picture
    >>> measure_shape(learn_shape(label_picture(), units=4, updates=60), label_picture())
    1.0
    """
    model = build_for_shape(task, units, seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for _ in range(updates):
        optimiser.zero_grad()
        shape_loss(model, task).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    optimiser.zero_grad()
    return model


def _asked(outputs: Tensor, task: ShapeTask) -> tuple[Tensor, Tensor, Tensor]:
    """Lay outputs, targets and mask side by side; a writer's columns begin where its sequence ends."""
    if not task.writes:
        return outputs, task.targets, task.in_cost
    rows = task.lengths + torch.arange(task.writes)[:, None]
    columns = torch.arange(len(task.lengths)).expand_as(rows)
    return outputs, task.targets[rows, columns], task.in_cost[rows, columns]
