"""Handwritten digits read row by row: a recurrent net on MNIST, deeper ones, and a convolutional net beside them.

A. Géron, *Hands-On Machine Learning with Scikit-Learn and TensorFlow*, 1st edition (O'Reilly, 2017), chapter 14:
150 tanh units read 28 rows of 28 pixels; Adam, learning rate 0.001, batches of 150; the accuracy on the 10,000 test
images is printed after every epoch and reaches 0.98 after 100. Printings of it differ after the first epoch: one
shows 0.73, another 0.93. The deeper nets of the same chapter are trained for 10 epochs.

The bar: what the source reaches counts as reached where our median is as high, or lower by a hundredth at most.

Run it with ``rnnviz prove mnist_rows``: an hour and twenty minutes a seed where its results come from, half of it for
the LSTM. It needs MNIST: set RNNVIZ_DATA to a folder that holds ``mnist/``, or have a network. With
``python -m rnnviz.experiments.mnist_rows --folder STATES`` it keeps its state after every epoch, goes on from there
when it is run again, and with ``--keep`` puts what it measured into the results that the lesson shows.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rnnviz.data import DigitSets, mnist
from rnnviz.experiments.results import FOLDER, read_results, write_results
from rnnviz.experiments.table import Row, write_table
from rnnviz.models import ImageConvolution, SequenceClassifier
from rnnviz.training import cross_entropy, train

__all__ = [
    "NETS",
    "Curve",
    "Net",
    "keep_curves",
    "measure_accuracy",
    "read_curves",
    "report",
    "run",
    "train_net",
]

BATCH, LEARNING_RATE, UNITS = 150, 0.001, 150
# Also where it is run by itself, and so is called otherwise.
NAME = "mnist_rows"


@dataclass(frozen=True)
class Net:
    """One of the nets that are compared.

    Attributes
    ----------
    build : callable
        From rows, columns and a seed to the untrained net.
    epochs : int
        How long it is trained.
    published : mapping of int to float
        Test accuracies in the source, by epoch.
    """

    build: Callable[[int, int, int], nn.Module]
    epochs: int
    published: Mapping[int, float]


def _recurrent(layers: int, cell: str) -> Callable[[int, int, int], nn.Module]:
    return lambda rows, columns, seed: SequenceClassifier(columns, UNITS, 10, layers, cell, seed=seed)


NETS = {
    "RNN, 1 layer": Net(_recurrent(1, "rnn"), 100, {1: 0.93, 100: 0.98}),
    "RNN, 3 layers": Net(_recurrent(3, "rnn"), 10, {10: 0.976}),
    "LSTM, 3 layers": Net(_recurrent(3, "lstm"), 10, {10: 0.987}),
    "convolution": Net(lambda rows, columns, seed: ImageConvolution(rows, columns, seed=seed), 10, {}),
}
"""What is trained, and what is known of it."""
WITHIN = 0.01
"""How much lower than published an accuracy may be."""
SHOWN = (1, 5, 10, 100)
"""Epochs after which the table gives the accuracy."""


@dataclass(frozen=True)
class Curve:
    """How one net learned.

    Attributes
    ----------
    accuracy : tuple of float
        On the test images, after each epoch.
    parameters : int
        Numbers that were learned.
    seconds : float
        Spent on training, tests included.
    """

    accuracy: tuple[float, ...]
    parameters: int
    seconds: float


def train_net(
    name: str,
    data: DigitSets,
    *,
    epochs: int | None = None,
    seed: int = 0,
    state: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Curve:
    """Train one net and test it after every epoch.

    Parameters
    ----------
    name : str
        A key of `NETS`.
    data : DigitSets
        Images to learn from and to be tested on.
    epochs : int, optional
        By default as in `NETS`.
    seed : int, default 0
        Of the weights and of the order of the images.
    state : Path, optional
        A file for the state after each epoch; where it exists, training goes on from it.
    tell : callable, optional
        Called with a line after each epoch.

    Returns
    -------
    Curve

    Examples
    --------
    >>> from rnnviz.data import digits
    >>> from rnnviz.experiments.mnist_rows import train_net
    >>> curve = train_net("convolution", digits(), epochs=2)
    >>> len(curve.accuracy), curve.accuracy[-1] > 0.5
    (2, True)
    """
    net = NETS[name]
    learn, test = data
    _, rows, columns = learn.images.shape
    model = net.build(rows, columns, seed)
    training = train(
        model,
        (learn.sequences, learn.targets),
        loss=cross_entropy,
        learning_rate=LEARNING_RATE,
        batch=BATCH,
        seed=seed,
    )
    accuracy: list[float] = []
    seconds = 0.0
    if state is not None and state.exists():
        kept = torch.load(state)
        training.load_state_dict(kept["training"])
        accuracy, seconds = list(kept["accuracy"]), kept["seconds"]
    epochs = net.epochs if epochs is None else epochs
    steps = max(1, len(learn) // BATCH)
    while len(accuracy) < epochs:
        began = time.perf_counter()
        for _ in range(steps):
            training.step()
        accuracy.append(measure_accuracy(model, test))
        seconds += time.perf_counter() - began
        tell(f"{name}, seed {seed}: {accuracy[-1]:.4f} after epoch {len(accuracy)} of {epochs}")
        if state is not None:
            _save(state, {"training": training.state_dict(), "accuracy": accuracy, "seconds": seconds})
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return Curve(tuple(accuracy[:epochs]), parameters, seconds)


def measure_accuracy(model: nn.Module, images: Any, batch: int = 1000) -> float:
    """Tell which share of the images a model names rightly.

    Parameters
    ----------
    model : torch.nn.Module
        From (row, batch, column) to logits, (batch, class).
    images : rnnviz.data.Digits
        What it is asked for.
    batch : int, default 1000
        Images at a time.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.data import digits
    >>> from rnnviz.experiments.mnist_rows import measure_accuracy
    >>> def always_three(rows):
    ...     return torch.eye(10)[3].expand(rows.shape[1], 10)
    >>> model = torch.nn.Identity()
    >>> model.forward = always_three
    >>> round(measure_accuracy(model, digits().test), 2)
    0.1
    """
    training = model.training
    model.eval()
    rows, right = images.sequences, 0
    with torch.no_grad():
        for start in range(0, len(images), batch):
            chosen = slice(start, start + batch)
            right += int((model(rows[:, chosen]).argmax(1) == images.targets[chosen]).sum())
    model.train(training)
    return right / len(images)


def _save(path: Path, state: dict[str, Any]) -> None:
    """Write beside the old state and then put it in its place, so that an interruption leaves one of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def run(
    data: DigitSets,
    seeds: Sequence[int] = (0,),
    *,
    nets: Sequence[str] = tuple(NETS),
    epochs: int | None = None,
    folder: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, list[Curve]]:
    """Train the nets, each with each seed.

    Parameters
    ----------
    data : DigitSets
        Images to learn from and to be tested on.
    seeds : sequence of int
        One training each.
    nets : sequence of str
        Keys of `NETS`.
    epochs : int, optional
        By default as in `NETS`; fewer for a quick look, which then bears nothing out.
    folder : Path, optional
        For the states after each epoch; what lies there is gone on from.
    tell : callable, optional
        Called with a line after each epoch.

    Returns
    -------
    dict of str to list of Curve
        By net, a curve a seed.
    """

    def state(name: str, seed: int) -> Path | None:
        plain = name.replace(", ", "-").replace(" ", "-")
        return None if folder is None else folder / f"{plain}-seed-{seed}.pt"

    return {
        name: [
            train_net(name, data, epochs=epochs, seed=seed, state=state(name, seed), tell=tell)
            for seed in seeds
        ]
        for name in nets
    }


def report(curves: Mapping[str, Sequence[Curve]]) -> list[Row]:
    """Put what was measured beside what was published.

    Parameters
    ----------
    curves : mapping of str to sequence of Curve
        What `run` returned.

    Returns
    -------
    list of Row
        Test accuracies; a published one is borne out where our median is lower by `WITHIN` at most.
    """
    beside = (
        "not in the source. Better than the RNNs and level with the LSTM, with the fewest weights of all: it knows "
        "that an image has two directions."
    )
    notes = {
        ("RNN, 1 layer", 1): "another printing of the same source shows 0.73 here.",
        ("convolution", 10): beside,
    }
    rows = []
    for name, found in curves.items():
        net = NETS[name]
        reached = min(len(curve.accuracy) for curve in found)
        for epoch in sorted({*SHOWN, net.epochs} & set(range(1, net.epochs + 1))):
            published = net.published.get(epoch)
            if epoch > reached:
                if published is not None:
                    rows.append(
                        Row(f"{name}, epoch {epoch}", published, (float("nan"),), False, "not reached.")
                    )
                continue
            measured = tuple(curve.accuracy[epoch - 1] for curve in found)
            holds = None if published is None else bool(np.median(measured) >= published - WITHIN)
            note = notes.get((name, epoch), "")
            rows.append(Row(f"{name}, epoch {epoch}", published, measured, holds, note))
    return rows


def keep_curves(
    curves: Mapping[str, Sequence[Curve]], seeds: Sequence[int], *, folder: Path = FOLDER
) -> Path:
    """Write what was measured, curves and all, with what is needed to repeat it.

    Parameters
    ----------
    curves : mapping of str to sequence of Curve
        What `run` returned.
    seeds : sequence of int
        In the order of the curves.
    folder : Path
        Where the file goes; beside the experiments by default.

    Returns
    -------
    Path
        Of the file, see `rnnviz.experiments.results.write_results`.
    """
    return write_results(
        NAME,
        report(curves),
        settings={
            "seeds": list(seeds),
            "units": UNITS,
            "learning_rate": LEARNING_RATE,
            "batch": BATCH,
            "optimiser": "Adam",
        },
        seconds=sum(curve.seconds for found in curves.values() for curve in found),
        details={name: [asdict(curve) for curve in found] for name, found in curves.items()},
        folder=folder,
    )


def read_curves(*, folder: Path = FOLDER) -> dict[str, list[Curve]]:
    """Read the curves that were measured when this was last run with ``--keep``.

    Parameters
    ----------
    folder : Path
        Where `keep_curves` wrote; by default the results that are shipped.

    Returns
    -------
    dict of str to list of Curve
        By net, a curve a seed.

    Raises
    ------
    FileNotFoundError
        If nothing was kept there.

    Examples
    --------
    >>> from rnnviz.experiments import mnist_rows
    >>> mnist_rows.read_curves()["RNN, 1 layer"][0].accuracy[-1] > 0.97
    True
    """
    return {
        name: [Curve(tuple(one["accuracy"]), one["parameters"], one["seconds"]) for one in found]
        for name, found in read_results(NAME, folder=folder)["details"].items()
    }


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published accuracies and ours; return 0 where ours bear them out, else 1."""
    parser = argparse.ArgumentParser(
        prog="rnnviz prove mnist_rows",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 0 (default 1)")
    parser.add_argument("--nets", nargs="+", choices=list(NETS), default=list(NETS), help="only these")
    parser.add_argument("--epochs", type=int, help="fewer for a quick look, which bears nothing out")
    parser.add_argument("--folder", type=Path, help="keep states here, and go on from what lies here")
    parser.add_argument(
        "--keep",
        nargs="?",
        type=Path,
        const=FOLDER,
        help="write the result beside this module, or in a folder",
    )
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds is {options.seeds}; at least 1 is needed")
    if options.epochs is not None and options.epochs < 1:
        parser.error(f"--epochs is {options.epochs}; at least 1 is needed")
    seeds = range(options.seeds)

    def tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    curves = run(mnist(), seeds, nets=options.nets, epochs=options.epochs, folder=options.folder, tell=tell)
    rows = report(curves)
    print(write_table(rows))
    if options.keep is not None:
        keep_curves(curves, seeds, folder=options.keep)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
