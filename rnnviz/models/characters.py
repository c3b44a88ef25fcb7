"""The character model: it reads a text letter by letter, says what comes next, and so can write one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.data.dice import roll_dice
from rnnviz.data.text import Characters
from rnnviz.models.forecaster import CELLS, initialise
from rnnviz.training import Training

__all__ = [
    "CharacterLearning",
    "CharacterModel",
    "WritingFrame",
    "choose_character",
    "draw_passages",
    "next_character_loss",
    "write_text",
]


class CharacterModel(nn.Module):
    """Reads characters one by one and says after each how likely every character is to come next.

    Each character goes in as a one-hot vector. A recurrent layer keeps the state, and one projection, the same at
    every step, turns it into a score (a logit) for each character of the alphabet.

    Parameters
    ----------
    characters : int
        Size of the alphabet.
    units : int, default 128
        Size of the state.
    cell : {"rnn", "gru", "lstm"}
        Kind of recurrent layer.
    layers : int, default 1
        Recurrent layers, one above the other.
    outputs : {"each", "last"}
        Scores after every character, sequence→sequence, or only after the last one, sequence→vector.
    seed : int, default 0
        Of the initial weights; torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        For an unknown cell or kind of output, or a size below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import CharacterModel
    >>> codes = torch.zeros(20, 4, dtype=torch.long)  # (time, batch)
    >>> CharacterModel(30, units=8)(codes).shape
    torch.Size([20, 4, 30])
    >>> CharacterModel(30, units=8, outputs="last")(codes).shape
    torch.Size([4, 30])
    """

    def __init__(
        self,
        characters: int,
        units: int = 128,
        cell: str = "gru",
        *,
        layers: int = 1,
        outputs: str = "each",
        seed: int = 0,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell is {cell!r}; it must be one of {', '.join(map(repr, CELLS))}.")
        if outputs not in ("each", "last"):
            raise ValueError(f"outputs is {outputs!r}; it must be 'each' or 'last'.")
        for name, size in {"characters": characters, "units": units, "layers": layers}.items():
            if size < 1:
                raise ValueError(f"{name} is {size}; it must be at least 1.")
        self.characters, self.outputs = characters, outputs
        # Made without weights and then filled: torch's own initialisation would draw from the global
        # generator.
        self.recurrent = CELLS[cell](characters, units, layers, device="meta").to_empty(device="cpu")
        self.projection = nn.Linear(units, characters, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, codes: Tensor) -> Tensor:
        """Score what comes next.

        Parameters
        ----------
        codes : Tensor of int64, shape (time, batch)
            Numbers of the characters, as `Characters.encode` gives them.

        Returns
        -------
        Tensor, shape (time, batch, character), or (batch, character) with ``outputs="last"``
            Logits: their softmax is the probability of each character.
        """
        hidden, _ = self.recurrent(self.encode(codes))
        scores: Tensor = self.projection(hidden if self.outputs == "each" else hidden[-1])
        return scores

    def encode(self, codes: Tensor) -> Tensor:
        """Return (time, batch) numbers as (time, batch, character) one-hot vectors."""
        return nn.functional.one_hot(codes, self.characters).to(self.projection.weight.dtype)


def draw_passages(
    codes: Tensor, steps: int = 50, batch: int = 32, *, outputs: str = "each"
) -> Callable[[torch.Generator], tuple[Tensor, Tensor]]:
    """Return a function that draws passages from a text, for `rnnviz.training.train`.

    Parameters
    ----------
    codes : Tensor of int64, shape (length,)
        The text, as `Characters.encode` gives it.
    steps : int, default 50
        Characters of each passage that go in.
    batch : int, default 32
        Passages at a time, each from anywhere in the text.
    outputs : {"each", "last"}
        What is to be guessed: the character after each one, or only the one after the passage.

    Returns
    -------
    callable
        From a generator to inputs (time, batch) and targets, (time, batch) or (batch,).

    Raises
    ------
    ValueError
        If the text is too short, or a size is below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import draw_passages
    >>> draw = draw_passages(torch.arange(100), steps=3, batch=2)
    >>> inputs, targets = draw(torch.Generator().manual_seed(0))
    >>> inputs.shape, bool((targets == inputs + 1).all())
    (torch.Size([3, 2]), True)
    """
    if steps < 1 or batch < 1:
        raise ValueError(f"steps is {steps} and batch is {batch}; both must be at least 1.")
    if len(codes) < steps + 1:
        raise ValueError(
            f"The text has {len(codes)} characters; passages of {steps} and the character after each need "
            f"{steps + 1}. Pass a longer text, or fewer steps."
        )
    offsets = torch.arange(steps + 1)[:, None]

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        begins = torch.randint(len(codes) - steps, (batch,), generator=generator)
        passages = codes[begins + offsets]
        return passages[:-1], passages[1:] if outputs == "each" else passages[-1]

    return draw


def next_character_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of −log p of the character that really came next.

    Parameters
    ----------
    logits : Tensor, shape (time, batch, character) or (batch, character)
    targets : Tensor of int64, shape (time, batch) or (batch,)

    Returns
    -------
    Tensor, a scalar
        In nats; who guesses blindly among n characters pays log n.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import next_character_loss
    >>> round(next_character_loss(torch.zeros(5, 1, 4), torch.zeros(5, 1, dtype=torch.long)).item(), 3)
    1.386
    """
    return nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())


def choose_character(logits: Tensor, die: float, temperature: float = 1.0, top_k: int | None = None) -> int:
    """Pick a character by its probability, with a die that has already been cast.

    The characters lie side by side on a line from 0 to 1, the most likely first, each as wide as it is likely;
    the one under the die is taken. A temperature below 1 widens the first, one above 1 makes all alike. Since the
    die stays where it is, a lower temperature can only move the choice towards the likelier ones.

    Parameters
    ----------
    logits : Tensor, shape (character,)
    die : float
        From 0 to 1.
    temperature : float, default 1
        Divides the logits; 0 always takes the most likely.
    top_k : int, optional
        Choose among this many of the most likely only.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        For a negative temperature, or a ``top_k`` below 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import choose_character
    >>> logits = torch.tensor([0.0, 2.0, 1.0])
    >>> [choose_character(logits, 0.7, temperature) for temperature in (0, 0.5, 1, 9)]
    [1, 1, 2, 2]
    """
    if not temperature >= 0:
        raise ValueError(f"temperature is {temperature}; it must be 0 or more.")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k is {top_k}; it must be at least 1, or None for all.")
    ranked, order = logits.double().sort(descending=True, stable=True)
    if temperature == 0:
        return int(order[0])
    ends = (ranked[:top_k] / temperature).softmax(0).cumsum(0)
    # The last end may be a hair below 1.
    return int(order[min(int((ends <= die).sum()), len(ends) - 1)])


def write_text(
    model: CharacterModel,
    alphabet: Characters,
    prompt: str,
    length: int = 200,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
    forced: Mapping[int, str] | None = None,
) -> str:
    """Let the model write on, one character at a time, each fed back as the next input.

    Parameters
    ----------
    model : CharacterModel
    alphabet : Characters
        The one the model was trained with.
    prompt : str
        What the model reads first; at least one character.
    length : int, default 200
        Characters to write.
    temperature, top_k
        See `choose_character`.
    seed : int, default 0
        Of the dice, see `rnnviz.data.roll_dice`: with the same seed, another temperature meets the same dice.
    forced : mapping of int to str, optional
        Characters put in by hand, by their place after the prompt.

    Returns
    -------
    str
        What was written, without the prompt.

    Raises
    ------
    ValueError
        If the prompt is empty, or a character is not in the alphabet.

    Examples
    --------
    >>> from rnnviz.data import Characters
    >>> from rnnviz.models import CharacterModel, write_text
    >>> alphabet = Characters("abc")
    >>> model = CharacterModel(3, units=4)
    >>> written = write_text(model, alphabet, "a", 10, seed=1)
    >>> len(written), written == write_text(model, alphabet, "a", 10, seed=1)
    (10, True)
    """
    if not prompt:
        raise ValueError(
            "The prompt is empty; the model needs at least one character to read, such as a line end."
        )
    forced = forced or {}
    written: list[int] = []
    with torch.no_grad():
        hidden, state = model.recurrent(model.encode(alphabet.encode(prompt)[:, None]))
        for place, die in enumerate(roll_dice(seed, length)):
            if place in forced:
                number = int(alphabet.encode(forced[place])[0])
            else:
                number = choose_character(model.projection(hidden[-1, 0]), die, temperature, top_k)
            written.append(number)
            hidden, state = model.recurrent(model.encode(torch.tensor([[number]])), state)
    return alphabet.decode(written)


@dataclass(frozen=True)
class WritingFrame:
    """How far the training is, and what the model writes now.

    Attributes
    ----------
    step : int
        Updates made so far.
    loss : float
        In nats a character, averaged over the last updates, more of it the later they are.
    sample : str
        Written by the model as it is now, always from the same prompt with the same dice.
    """

    step: int
    loss: float
    sample: str


class CharacterLearning:
    """A character model that learns a text, and shows what it would write.

    It has the three methods of a `rnnviz.training.Watchable`, so a `rnnviz.training.Runner` can run it in the
    background.

    Parameters
    ----------
    text : str
        What to learn.
    cell, units, layers, seed
        Of the model, see `CharacterModel`.
    steps, batch : int
        Of the passages, see `draw_passages`.
    learning_rate : float, default 0.005
        Of Adam. The gradient is clipped to a norm of 1.
    prompt : str, default a line end
        Where each sample begins.
    length : int, default 200
        Characters of a sample.
    temperature : float, default 0.7
        Of the samples.

    Raises
    ------
    ValueError
        If the text is too short, the prompt is not made of its characters, or a setting is unusable.

    Examples
    --------
    >>> from rnnviz.models import CharacterLearning
    >>> learning = CharacterLearning("to be or not to be, " * 20, units=32, steps=10, length=20)
    >>> for _ in range(150):
    ...     learning.step()
    >>> learning.frame().loss < 0.5, set(learning.frame().sample) <= set("to be or not to be, ")
    (True, True)
    """

    def __init__(
        self,
        text: str,
        cell: str = "gru",
        units: int = 128,
        *,
        layers: int = 1,
        steps: int = 50,
        batch: int = 32,
        learning_rate: float = 5e-3,
        prompt: str | None = None,
        length: int = 200,
        temperature: float = 0.7,
        seed: int = 0,
    ) -> None:
        self.alphabet = Characters(text)
        self.model = CharacterModel(len(self.alphabet), units, cell, layers=layers, seed=seed)
        self.prompt = prompt if prompt is not None else ("\n" if "\n" in self.alphabet else text[0])
        self.alphabet.encode(self.prompt)
        self.length, self.temperature, self.seed = length, temperature, seed
        self.training = Training(
            self.model,
            draw_passages(self.alphabet.encode(text), steps, batch),
            loss=next_character_loss,
            learning_rate=learning_rate,
            clip_norm=1.0,
            seed=seed,
        )
        self._loss = math.nan

    @property
    def loss(self) -> float:
        """In nats a character, averaged over the last updates; not a number before the first."""
        return self._loss

    def step(self) -> None:
        """Make one update of the weights."""
        loss = self.training.step().loss
        # An average that forgets, since the loss of a single batch jumps; the first twenty count alike.
        weight = max(0.05, 1 / self.training.number)
        self._loss = loss if math.isnan(self._loss) else (1 - weight) * self._loss + weight * loss

    def frame(self) -> WritingFrame:
        """Return how far the training is, with a fresh sample."""
        sample = write_text(
            self.model, self.alphabet, self.prompt, self.length, temperature=self.temperature, seed=self.seed
        )
        return WritingFrame(self.training.number, self._loss, sample)

    def frames(self, updates: int, every: int = 100) -> Iterator[WritingFrame]:
        """Train on, and stop to show what the model writes: ``for frame in learning.frames(1000): …``.

        Parameters
        ----------
        updates : int
            To be made in all.
        every : int, default 100
            Updates from one frame to the next.

        Yields
        ------
        WritingFrame
        """
        for number in range(1, updates + 1):
            self.step()
            if number % every == 0 or number == updates:
                yield self.frame()

    def reset(self) -> None:
        """Go back to the untrained model."""
        self.training.reset()
        self._loss = math.nan
