"""Translators that learn side by side, and how many sentences each translates without a fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from rnnviz.data.pairs import Pairs, stack_pairs
from rnnviz.data.words import Words, pad_sentences
from rnnviz.models.encoder_decoder import EncoderDecoder, translate_greedily, translation_loss
from rnnviz.training import Training

__all__ = ["TRANSLATORS", "TranslatorRace", "TranslatorRun", "exact_match", "learn_pairs"]

TRANSLATORS: Mapping[str, Mapping[str, bool]] = {
    "read forwards": {"attention": False, "reverse": False},
    "read backwards": {"attention": False, "reverse": True},
    "with attention": {"attention": True, "reverse": True},
}
"""The translators of the course, by what they are called, and their options."""


def exact_match(said: Sequence[Sequence[str]], pairs: Pairs) -> float:
    """Tell which share of sentences is translated to the letter.

    Where a sentence stands there with several translations, each of them counts.

    Parameters
    ----------
    said : sequence of sequence of str
        One translation for each pair.
    pairs : Pairs

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If there is not one translation for each pair.

    Examples
    --------
    >>> from rnnviz.data import Pairs
    >>> from rnnviz.models import exact_match
    >>> pairs = Pairs("two", (("yes",), ("no",)), (("oui",), ("non",)))
    >>> exact_match([["oui"], ["nein"]], pairs)
    0.5
    """
    if len(said) != len(pairs):
        raise ValueError(f"There are {len(said)} translations of {len(pairs)} sentences; give one each.")
    known: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for source, target in zip(pairs.source, pairs.target, strict=True):
        known.setdefault(source, set()).add(target)
    right = sum(tuple(one) in known[source] for one, source in zip(said, pairs.source, strict=True))
    return right / len(pairs)


def learn_pairs(
    model: EncoderDecoder,
    pairs: Pairs,
    source: Words,
    target: Words,
    *,
    learning_rate: float = 0.01,
    batch: int = 64,
    seed: int = 0,
) -> Training:
    """Return the training of a translator, an update each time it is asked for the next step.

    Parameters
    ----------
    model : EncoderDecoder
    pairs : Pairs
        To learn from.
    source, target : Words
        The vocabularies; see `Pairs.vocabularies`.
    learning_rate : float
        Of Adam; the gradient is clipped to a norm of 1.
    batch : int
        Pairs at a time.
    seed : int
        Of their order.

    Returns
    -------
    Training
    """
    return Training(
        model,
        stack_pairs(pairs, source, target),
        loss=translation_loss,
        learning_rate=learning_rate,
        batch=batch,
        clip_norm=1.0,
        seed=seed,
    )


@dataclass
class TranslatorRun:
    """How far one translator is.

    Attributes
    ----------
    updates : int
        Made so far.
    exact : list of float
        Share of the test sentences without a fault, before the first update and then every so many.
    shown : list of str
        What it says of the sentences that are looked at, now.
    seconds : float
        Spent on updates.
    """

    updates: int = 0
    exact: list[float] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    seconds: float = 0.0


class TranslatorRace:
    """Translators that learn the same pairs, an update each in turn.

    It has the three methods of a `rnnviz.training.Watchable`, so a `rnnviz.training.Runner` can run it in the
    background.

    Parameters
    ----------
    learn, test : Pairs
        What is learned from, and what is measured on.
    vocabularies : tuple of Words
        Of the source and the target.
    translators : mapping of str to mapping, optional
        Options of `EncoderDecoder`, by what each is called; `TRANSLATORS` unless given.
    updates : int
        Of each.
    every : int
        Updates from one measurement to the next.
    shown : sequence of sequence of str
        Sentences whose translations are looked at.
    teacher_forcing : float
        In training, the share of words after which the right one is given.
    seed : int
        Of weights and batches.

    Raises
    ------
    ValueError
        If there is no translator, or fewer than one update.

    Examples
    --------
    >>> from rnnviz.data import made_up_pairs
    >>> from rnnviz.models import TranslatorRace
    >>> pairs = made_up_pairs()
    >>> learn, test = pairs.split(0.9)
    >>> race = TranslatorRace(learn, test, pairs.vocabularies(), updates=2, every=2)
    >>> race.step()
    >>> [run.updates for run in race.frame().values()]
    [1, 1, 1]
    """

    def __init__(
        self,
        learn: Pairs,
        test: Pairs,
        vocabularies: tuple[Words, Words],
        *,
        translators: Mapping[str, Mapping[str, Any]] | None = None,
        updates: int = 200,
        every: int = 20,
        shown: Sequence[Sequence[str]] = (),
        teacher_forcing: float = 1.0,
        seed: int = 0,
    ) -> None:
        options = TRANSLATORS if translators is None else translators
        if not options or updates < 1 or every < 1:
            raise ValueError(
                f"TranslatorRace was given {len(options)} translators, updates={updates} and every={every}; "
                "each is at least 1."
            )
        self._learn, self._test, self._vocabularies = learn, test, vocabularies
        self._options = {name: dict(chosen) for name, chosen in options.items()}
        self.updates, self.every, self.seed, self.teacher_forcing = updates, every, seed, teacher_forcing
        source = vocabularies[0]
        self._numbers, _ = pad_sentences([source.encode(one) for one in test.source])
        self._shown = pad_sentences([source.encode(one) for one in shown])[0] if shown else None
        self.reset()

    def reset(self) -> None:
        """Go back to untrained weights; a share that was set holds from here on."""
        source, target = self._vocabularies
        self.trainings: dict[str, Training] = {}
        for name, chosen in self._options.items():
            options = {"teacher_forcing": self.teacher_forcing, "seed": self.seed, **chosen}
            model = EncoderDecoder(len(source), len(target), **options)
            self.trainings[name] = learn_pairs(model, self._learn, source, target, seed=self.seed)
        self._runs = {name: TranslatorRun() for name in self._options}
        for name in self._options:
            self._measure(name)

    def step(self) -> None:
        """Make one update of each."""
        if all(run.updates >= self.updates for run in self._runs.values()):
            raise StopIteration
        for name, training in self.trainings.items():
            run, began = self._runs[name], time.thread_time()
            # What is drawn for the teacher comes from torch's own generator, which is left as it was.
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.seed * 100_003 + run.updates)
                training.step()
            run.updates += 1
            run.seconds += time.thread_time() - began
            if run.updates % self.every == 0:
                self._measure(name)

    def frame(self) -> dict[str, TranslatorRun]:
        """Return how far each is."""
        return {
            name: TranslatorRun(run.updates, list(run.exact), list(run.shown), run.seconds)
            for name, run in self._runs.items()
        }

    def _measure(self, name: str) -> None:
        model, run = self.trainings[name].model, self._runs[name]
        translate: Callable[[torch.Tensor], list[tuple[str, ...]]] = lambda numbers: translate_greedily(
            model,  # type: ignore[arg-type]
            numbers,
            self._vocabularies[1],
        )
        run.exact.append(exact_match(translate(self._numbers), self._test))
        if self._shown is not None:
            run.shown = [" ".join(words).replace("' ", "'") for words in translate(self._shown)]
