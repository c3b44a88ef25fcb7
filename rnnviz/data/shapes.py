"""Tiny tasks, one for each shape that inputs and outputs of a recurrent network can have.

Each is so small that a network of a few units learns it in a second or two, and that all of it fits into one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import torch
from torch import Tensor

from rnnviz.data.series import stocks

__all__ = [
    "SHAPES",
    "ShapeTask",
    "caption_picture",
    "forecast_stock",
    "judge_sentence",
    "label_picture",
    "repeat_later",
    "translate_sentence",
    "watch_frames",
]

END = "⟨end⟩"
"""The end-of-sequence token."""


@dataclass(frozen=True, eq=False)
class ShapeTask:
    """All sequences of a tiny task, with what goes in where and what is to come out where.

    A column is a step of the picture: a step of the network, or of the reader and then the writer where there are two.

    Attributes
    ----------
    name, shape, application : str
        What it is called, its shape ("sequence → vector"), and what networks of this shape are known for.
    inputs : Tensor, shape (time, batch, feature)
        Zeros where nothing goes in.
    lengths : Tensor of int, shape (batch,)
        Steps that are read.
    targets : Tensor, shape (column, batch) of class numbers, or (column, batch, 1) of values
        What is to come out; read only where ``outputs_at``.
    inputs_at, outputs_at, in_cost : Tensor of bool, shape (column, batch)
        Where something goes in, where something comes out, and which of that is asked for.
    words : tuple of tuple of str
        What stands under each column of each sequence.
    classes : tuple of str
        What each output stands for; empty where the output is a value.
    writes : int
        Steps of the second network, the writer; 0 where one network does it all.
    """

    name: str
    shape: str
    application: str
    inputs: Tensor
    lengths: Tensor
    targets: Tensor
    inputs_at: Tensor
    outputs_at: Tensor
    in_cost: Tensor
    words: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...] = ()
    writes: int = 0

    def __repr__(self) -> str:
        return f"ShapeTask({self.name!r}, {self.shape}, {self.inputs.shape[1]} sequences)"

    def pick(self, sequences: Sequence[int]) -> ShapeTask:
        """Return the same task with these sequences only.

        Examples
        --------
        >>> judge_sentence().pick([0, 7])
        ShapeTask('praise or blame', sequence → vector, 2 sequences)
        """
        chosen = list(sequences)
        batched = ("inputs", "targets", "inputs_at", "outputs_at", "in_cost")
        cut = {name: getattr(self, name)[:, chosen] for name in batched}
        words = tuple(self.words[k] for k in chosen)
        return replace(self, lengths=self.lengths[chosen], words=words, **cut)

    @property
    def outputs(self) -> int:
        """Numbers that come out at a step."""
        return len(self.classes) or 1


def _bars() -> tuple[Tensor, list[tuple[str, str]]]:
    """Draw six pictures of 3 × 3 pixels: a bar that lies or stands, at one of three places."""
    pictures, names = [], []
    for lies, place in product((True, False), range(3)):
        picture = torch.zeros(3, 3)
        picture[place if lies else slice(None), slice(None) if lies else place] = 1
        pictures.append(picture.flatten())
        where = ("top", "middle", "bottom") if lies else ("left", "middle", "right")
        names.append(("lying" if lies else "standing", where[place]))
    return torch.stack(pictures), names


def label_picture() -> ShapeTask:
    """Make the task of vector → vector: say whether a bar lies or stands, in six pictures of 3 × 3 pixels.

    Returns
    -------
    ShapeTask
        One step, nine inputs, two classes.

    Examples
    --------
    >>> label_picture()
    ShapeTask('a label for a picture', vector → vector, 6 sequences)
    """
    pictures, names = _bars()
    classes = ("lying", "standing")
    targets = torch.tensor([[classes.index(kind) for kind, _ in names]])
    everywhere = torch.ones(1, len(names), dtype=torch.bool)
    return ShapeTask(
        "a label for a picture",
        "vector → vector",
        "label a picture of fixed size",
        pictures[None],
        torch.ones(len(names), dtype=torch.long),
        targets,
        everywhere,
        everywhere,
        everywhere,
        tuple((f"{kind}, {place}",) for kind, place in names),
        classes,
    )


def watch_frames() -> ShapeTask:
    """Make the task of sequence → sequence, synced: say at each frame of a film where the dot went.

    A film has five frames of four pixels in a ring, with one of them lit. At the first frame nobody can know, so the
    cost leaves it out.

    Returns
    -------
    ShapeTask
        Five steps, four inputs, two classes; all 64 films.

    Examples
    --------
    >>> task = watch_frames()
    >>> task.in_cost[:, 0].tolist()
    [False, True, True, True, True]
    """
    films, targets = [], []
    for start, *moves in product(range(4), *[(0, 1)] * 4):
        places = [start]
        for move in moves:
            places.append((places[-1] + (1 if move else -1)) % 4)
        films.append(torch.eye(4)[places])
        targets.append([0, *moves])
    count = len(films)
    everywhere = torch.ones(5, count, dtype=torch.bool)
    in_cost = everywhere.clone()
    in_cost[0] = False
    pixels = [tuple("".join("●" if lit else "·" for lit in frame) for frame in film) for film in films]
    return ShapeTask(
        "every frame of a film",
        "sequence → sequence, synced",
        "label every frame of a video",
        torch.stack(films, dim=1),
        torch.full((count,), 5),
        torch.tensor(targets).T,
        everywhere,
        everywhere,
        in_cost,
        tuple(pixels),
        ("left", "right"),
    )


def forecast_stock() -> ShapeTask:
    """Make the task of sequence → sequence, shifted: at every step, the price one step later.

    Windows of eight weeks from the first 80 of six companies that plotly ships, each as the change since its beginning
    in tenths of the first price.

    Returns
    -------
    ShapeTask
        Eight steps, one input, one value.

    Raises
    ------
    ImportError
        Without plotly or pandas, saying what to install.

    Examples
    --------
    >>> task = forecast_stock()
    >>> bool((task.inputs[1:] == task.targets[:-1]).all())
    True
    """
    values = torch.as_tensor(stocks().values[:80], dtype=torch.float32)
    windows = values.unfold(0, 9, 3).permute(2, 0, 1).flatten(1)
    change = 10 * (windows / windows[0] - 1)
    count = change.shape[1]
    everywhere = torch.ones(8, count, dtype=torch.bool)
    return ShapeTask(
        "the next price",
        "sequence → sequence, shifted by one",
        "forecast a stock, one day ahead",
        change[:-1, :, None],
        torch.full((count,), 8),
        change[1:, :, None],
        everywhere,
        everywhere,
        everywhere,
        tuple(tuple(f"week {t}" for t in range(8)) for _ in range(count)),
    )


def repeat_later(delay: int = 2) -> ShapeTask:
    """Make the task of sequence → sequence, delayed: say what you heard, some steps later.

    Parameters
    ----------
    delay : int, default 2
        Steps between hearing and saying, from 1 to 4.

    Returns
    -------
    ShapeTask
        Six steps, one bit in and one bit out; all 64 sequences.

    Raises
    ------
    ValueError
        If the delay is not from 1 to 4.

    Examples
    --------
    >>> repeat_later().outputs_at[:, 0].tolist()
    [False, False, True, True, True, True]
    """
    if not 1 <= delay <= 4:
        raise ValueError(f"delay is {delay}; it must be from 1 to 4, since a sequence has 6 steps.")
    bits = torch.tensor(list(product((0, 1), repeat=6))).T
    outputs_at = torch.zeros(bits.shape, dtype=torch.bool)
    outputs_at[delay:] = True
    return ShapeTask(
        "an echo",
        "sequence → sequence, delayed",
        "write down speech, a moment after it is heard",
        2.0 * bits[..., None] - 1,
        torch.full((bits.shape[1],), 6),
        bits.roll(delay, 0),
        torch.ones_like(outputs_at),
        outputs_at,
        outputs_at,
        tuple(tuple(map(str, row)) for row in bits.T.tolist()),
        ("0", "1"),
    )


def judge_sentence() -> ShapeTask:
    """Make the task of sequence → vector: praise or blame, where "not" turns a sentence round.

    Twelve sentences of three to six words. The answer is asked for once, at the last word of each.

    Returns
    -------
    ShapeTask
        Six inputs, one for each word known; two classes.

    Examples
    --------
    >>> task = judge_sentence()
    >>> " ".join(task.words[5]), task.classes[int(task.targets[task.lengths[5] - 1, 5])]
    ('it is very very bad', 'blame')
    """
    sentences, targets = [], []
    for negated, very, praise in product((False, True), range(3), (True, False)):
        words = ["it", "is", *(["not"] if negated else []), *["very"] * very, "good" if praise else "bad"]
        sentences.append(words)
        targets.append(int(praise == negated))
    inputs, lengths, inputs_at = _spell(sentences)
    steps, batch = inputs_at.shape
    last = torch.zeros(steps, batch, dtype=torch.bool)
    last[lengths - 1, torch.arange(batch)] = True
    return ShapeTask(
        "praise or blame",
        "sequence → vector",
        "read the sentiment of a review",
        inputs,
        lengths,
        torch.tensor(targets).expand(steps, batch),
        inputs_at,
        last,
        last,
        tuple(map(tuple, sentences)),
        ("praise", "blame"),
    )


def caption_picture() -> ShapeTask:
    """Make the task of vector → sequence: describe a picture in words, and say when you are done.

    The pictures of `label_picture`. The picture goes in at the first step and nothing after it.

    Returns
    -------
    ShapeTask
        Three steps, nine inputs, a vocabulary of seven words and the end.

    Examples
    --------
    >>> task = caption_picture()
    >>> [task.classes[int(k)] for k in task.targets[:, 0]]
    ['lying', 'top', '⟨end⟩']
    """
    pictures, names = _bars()
    inputs = torch.zeros(3, len(names), 9)
    inputs[0] = pictures
    captions = [(*name, END) for name in names]
    classes = _vocabulary(captions)
    everywhere = torch.ones(3, len(names), dtype=torch.bool)
    first = everywhere.clone()
    first[1:] = False
    return ShapeTask(
        "words for a picture",
        "vector → sequence",
        "write a caption",
        inputs,
        torch.full((len(names),), 3),
        torch.tensor([[classes.index(word) for word in caption] for caption in captions]).T,
        first,
        everywhere,
        everywhere,
        tuple(("the picture", "", "") for _ in names),
        classes,
    )


def translate_sentence() -> ShapeTask:
    """Make the task of an encoder–decoder: "do you drink milk" → "trinkst du milch".

    24 sentences of three or four words, statements and questions. The reader gets the English words; the writer gets
    nothing but the reader's last state, and writes German until the end.

    Returns
    -------
    ShapeTask
        Eight inputs, one for each English word; nine German words and the end; a writer of four steps.

    Examples
    --------
    >>> task = translate_sentence()
    >>> start = int(task.lengths[0])
    >>> " ".join(task.words[0][:start]), [task.classes[int(k)] for k in task.targets[start : start + 4, 0]]
    ('i drink milk', ['ich', 'trinke', 'milch', '⟨end⟩'])
    """
    subjects = {"i": "ich", "you": "du"}
    verbs = {"drink": ("trinke", "trinkst"), "eat": ("esse", "isst")}
    things = {"milk": "milch", "bread": "brot", "soup": "suppe"}
    sources, translations = [], []
    for asks, subject, verb, thing in product((False, True), subjects, verbs, things):
        conjugated = verbs[verb][list(subjects).index(subject)]
        order = [conjugated, subjects[subject]] if asks else [subjects[subject], conjugated]
        sources.append([*(["do"] if asks else []), subject, verb, thing])
        translations.append([*order, things[thing], END])
    inputs, lengths, read = _spell(sources)
    writes, batch = 4, len(sources)
    classes = _vocabulary(translations)
    columns = int(lengths.max()) + writes
    inputs_at = torch.zeros(columns, batch, dtype=torch.bool)
    inputs_at[: len(read)] = read
    outputs_at = torch.zeros_like(inputs_at)
    targets = torch.zeros(columns, batch, dtype=torch.long)
    for k, (length, translation) in enumerate(zip(lengths.tolist(), translations, strict=True)):
        outputs_at[length : length + writes, k] = True
        targets[length : length + writes, k] = torch.tensor([classes.index(word) for word in translation])
    return ShapeTask(
        "a sentence in another language",
        "encoder–decoder",
        "translate",
        inputs,
        lengths,
        targets,
        inputs_at,
        outputs_at,
        outputs_at,
        tuple((*source, *[""] * writes) for source in sources),
        classes,
        writes,
    )


SHAPES: dict[str, Callable[[], ShapeTask]] = {
    "vector → vector": label_picture,
    "sequence → sequence, synced": watch_frames,
    "sequence → sequence, shifted by one": forecast_stock,
    "sequence → sequence, delayed": repeat_later,
    "sequence → vector": judge_sentence,
    "vector → sequence": caption_picture,
    "encoder–decoder": translate_sentence,
}
"""Every shape of the course, and what makes its task."""


def _vocabulary(sentences: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return each word once, in the order in which it first appears."""
    return tuple(dict.fromkeys(word for sentence in sentences for word in sentence))


def _spell(sentences: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor, Tensor]:
    """Turn sentences into one-hot inputs, zero past the end, with their lengths and where there are words."""
    known = _vocabulary(sentences)
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    inputs = torch.zeros(int(lengths.max()), len(sentences), len(known))
    for k, sentence in enumerate(sentences):
        for t, word in enumerate(sentence):
            inputs[t, k, known.index(word)] = 1
    return inputs, lengths, inputs.sum(-1) > 0
