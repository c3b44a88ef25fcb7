"""A network that reads a story word by word and says the next word, and several of them learning side by side."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz.data.recall import RECALL_WORDS, Recall
from rnnviz.models.stages import STAGES, SquashedCell, Stage
from rnnviz.training import Training, train

__all__ = ["RECALL_CELLS", "RecallRace", "RecallRun", "StoryReader", "measure_recall", "recall_loss"]

#: Seed of the stories that are measured and never learned from.
CHECK_SEED = 10**6
#: How much the next words of the story count beside the answer.
STORY = 0.3

#: The recurrent parts that are compared, by the names the lesson gives them.
RECALL_CELLS: dict[str, type[nn.Module]] = {
    "tanh RNN": nn.RNN,
    **STAGES,
    "GRU": nn.GRU,
    "squashed c": SquashedCell,
    "LSTM": nn.LSTM,
}


class StoryReader(nn.Module):
    """Reads words, one a step, and says after each which word it expects next.

    Parameters
    ----------
    cell : str
        A key of `RECALL_CELLS`. Where there is a forget gate, its bias begins at 1.
    units : int, default 32
        Size of the state.
    width : int, default 16
        Numbers that stand for a word.
    seed : int, default 0
        Of all weights; torch's own random numbers are left alone.

    Attributes
    ----------
    embed : torch.nn.Embedding
        From the number of a word to ``width`` numbers.
    recurrent : torch.nn.Module
        What `rnnviz.record` records.
    decide : torch.nn.Linear
        From the state to a logit for each word.

    Raises
    ------
    ValueError
        For an unknown cell, or a size below 1.

    Examples
    --------
    >>> from rnnviz.data import Recall
    >>> from rnnviz.models import StoryReader
    >>> story = Recall.number("I grew up in France . I speak fluent")
    >>> StoryReader("LSTM")(story[:, None]).shape  # (time, batch, word)
    torch.Size([9, 1, 59])
    """

    def __init__(self, cell: str = "LSTM", units: int = 32, width: int = 16, *, seed: int = 0) -> None:
        super().__init__()
        if cell not in RECALL_CELLS:
            raise ValueError(f"cell is {cell!r}; it can be {', '.join(map(repr, RECALL_CELLS))}.")
        if units < 1 or width < 1:
            raise ValueError(f"units is {units} and width is {width}; both must be at least 1.")
        words = len(RECALL_WORDS)
        # Made without weights and then filled: torch's own initialisation would draw from the global generator.
        with torch.device("meta"):
            self.embed = nn.Embedding(words, width)
            self.recurrent = RECALL_CELLS[cell](width, units)
            self.decide = nn.Linear(units, words)
        self.to_empty(device="cpu")
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-(units**-0.5), units**-0.5, generator=generator)
            self.embed.weight.normal_(generator=generator)
            _open_forget_gate(self.recurrent)

    def forward(self, stories: Tensor) -> Tensor:
        """Say after every word which is expected next.

        Parameters
        ----------
        stories : Tensor of int64, shape (time, batch)

        Returns
        -------
        Tensor, shape (time, batch, word)
            Logits; those of the answer come last.
        """
        hidden, _ = self.recurrent(self.embed(stories))
        logits: Tensor = self.decide(hidden)
        return logits


def _open_forget_gate(recurrent: nn.Module) -> None:
    """Let a forget gate, where there is one, begin with a bias of 1."""
    bias: Tensor
    if isinstance(recurrent, nn.LSTM):
        bias, place = recurrent._parameters["bias_ih_l0"], 1  # type: ignore[assignment]
    elif isinstance(recurrent, Stage) and "forget" in recurrent.gates:
        bias, place = recurrent.bias_ih, recurrent.gates.index("forget")
    else:
        return
    bias[place * recurrent.hidden_size : (place + 1) * recurrent.hidden_size] += 1.0


def recall_loss(logits: Tensor, following: Tensor) -> Tensor:
    """Cross-entropy of the answer, and, counting less, of every next word of the story.

    Parameters
    ----------
    logits : Tensor, shape (time, batch, word)
        From `StoryReader`.
    following : Tensor of int64, shape (time, batch)
        The words that do come next.

    Returns
    -------
    Tensor
        A single number. The words in between teach the network early what its words are; without them an LSTM is still
        guessing after thousands of updates.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import Recall
    >>> from rnnviz.models import StoryReader, recall_loss
    >>> stories, following = Recall(6)(torch.Generator().manual_seed(0))
    >>> recall_loss(StoryReader()(stories), following).shape
    torch.Size([])
    """
    story = cross_entropy(logits[:-1].flatten(0, 1), following[:-1].flatten())
    return cross_entropy(logits[-1], following[-1]) + STORY * story


def draw_checks(distances: Sequence[int], stories: int) -> list[tuple[Tensor, Tensor]]:
    """Draw the stories on which recall is measured, a batch for each distance; the same ones at every call."""
    generator = torch.Generator().manual_seed(CHECK_SEED)
    return [Recall(distance, stories)(generator) for distance in distances]


@torch.no_grad()
def measure_recall(model: StoryReader, checks: Sequence[tuple[Tensor, Tensor]]) -> tuple[float, ...]:
    """Return the share of stories whose answer is the word the network finds likeliest, of all words, batch by batch.

    Parameters
    ----------
    model : StoryReader
    checks : sequence of (stories, following)
        (time, batch) each, as `Recall` draws them.

    Returns
    -------
    tuple of float
        One share for each batch.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import Recall
    >>> from rnnviz.models import StoryReader, measure_recall
    >>> len(measure_recall(StoryReader(), [Recall(6)(torch.Generator().manual_seed(0))]))
    1
    """
    return tuple(
        float((model(stories)[-1].argmax(-1) == following[-1]).float().mean())
        for stories, following in checks
    )


@dataclass(frozen=True)
class RecallRun:
    """How far one network is.

    Attributes
    ----------
    updates : int
        Made so far.
    recall : tuple of tuple of float
        Share of right answers at each distance, measured before the first update and then at regular intervals.
    seconds : float
        Time its updates took the processor, in the thread that made them.
    """

    updates: int
    recall: tuple[tuple[float, ...], ...]
    seconds: float


class RecallRace:
    """Networks that learn the same stories, an update each in turn, measured at distances near and far.

    It is what a `rnnviz.training.Runner` can run: `step`, `frame`, `reset`.

    Parameters
    ----------
    cells : sequence of str
        Keys of `RECALL_CELLS`.
    learned : sequence of int
        Distances of the stories that are learned from.
    distances : sequence of int
        Distances that are measured.
    updates : int
        Of each network.
    every : int, default 25
        Updates from one measurement to the next.
    stories : int, default 64
        Measured at each distance.
    units : int, default 32
    learning_rate : float, default 0.01
        Of Adam; the gradient is clipped at norm 1.
    seed : int, default 0
        Of weights and stories.

    Raises
    ------
    ValueError
        Without a cell, for an unknown one, or for fewer than one update.

    Examples
    --------
    >>> from rnnviz.models import RecallRace
    >>> race = RecallRace(["GRU"], learned=(4,), distances=(4, 8), updates=2, every=1)
    >>> race.run()
    >>> race.frame()["GRU"].updates
    2
    """

    def __init__(
        self,
        cells: Sequence[str],
        *,
        learned: Sequence[int],
        distances: Sequence[int],
        updates: int,
        every: int = 25,
        stories: int = 64,
        units: int = 32,
        learning_rate: float = 0.01,
        seed: int = 0,
    ) -> None:
        if not cells:
            raise ValueError(f"No cell was given; choose of {', '.join(map(repr, RECALL_CELLS))}.")
        if updates < 1 or every < 1:
            raise ValueError(f"updates is {updates} and every is {every}; both must be at least 1.")
        self.cells, self.learned, self.distances = tuple(cells), tuple(learned), tuple(distances)
        self.updates, self.every, self.units, self.seed = updates, every, units, seed
        self.learning_rate = learning_rate
        self._checks = draw_checks(self.distances, stories)
        self.reset()

    def reset(self) -> None:
        """Go back to the untrained networks."""
        self._racing: dict[str, Training] = {}
        self._runs: dict[str, RecallRun] = {}
        for name in self.cells:
            model = StoryReader(name, self.units, seed=self.seed)
            self._racing[name] = train(
                model,
                Recall(self.learned),
                loss=recall_loss,
                learning_rate=self.learning_rate,
                clip_norm=1.0,
                seed=self.seed,
            )
            self._runs[name] = RecallRun(0, (measure_recall(model, self._checks),), 0.0)

    @property
    def models(self) -> dict[str, StoryReader]:
        """The networks, by name, as they stand."""
        return {name: training.model for name, training in self._racing.items()}  # type: ignore[misc]

    def step(self) -> None:
        """Let the network that is furthest behind make one update; `StopIteration` when all have made theirs."""
        name = min(self.cells, key=lambda one: self._runs[one].updates)
        before = self._runs[name]
        if before.updates >= self.updates:
            raise StopIteration
        began = time.thread_time()
        self._racing[name].step()
        seconds = before.seconds + time.thread_time() - began
        updates, recall = before.updates + 1, before.recall
        if updates % self.every == 0 or updates == self.updates:
            recall = (*recall, measure_recall(self._racing[name].model, self._checks))  # type: ignore[arg-type]
        self._runs[name] = RecallRun(updates, recall, seconds)

    def run(self) -> None:
        """Make all updates at once."""
        try:
            while True:
                self.step()
        except StopIteration:
            pass

    def frame(self) -> dict[str, RecallRun]:
        """Return how far each is, by name."""
        return dict(self._runs)
