"""Acting on a sequence: a valve that must open before the water is there.

A tank should stay at its mark. Rain passes a gauge six steps before it arrives, and the valve's motor takes five steps
to open. A threshold on the level, the best of all, acts on what it sees now; a recurrent controller remembers what
passed the gauge. Both run on the same weather, which the controller was not trained on.

Run it with ``rnnviz prove tank_control``; with ``--train`` the shipped controller is trained again first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rnnviz.data.tank import Tank, make_storms
from rnnviz.models.shipped import read_tank_controller, write_tank_controller
from rnnviz.models.tank_controller import RecurrentController, threshold_controller, train_controller

CLAIMED = 0.5
"""The recurrent controller misses the mark by less than this part of what the best threshold misses it by."""

WEATHER = {"steps": 300, "batch": 64, "seed": 99}
"""What both are judged on; training draws from seeds above 1000."""


@dataclass(frozen=True)
class Result:
    """How far the level is from its mark: root of the mean square, in centimetres.

    Attributes
    ----------
    thresholds : dict of int to float
        By threshold, in centimetres.
    recurrent : float
        Of the recurrent controller.
    """

    thresholds: dict[int, float]
    recurrent: float

    @property
    def best(self) -> int:
        """The threshold that misses least."""
        return min(self.thresholds, key=lambda threshold: self.thresholds[threshold])

    @property
    def holds(self) -> bool:
        """Whether the recurrent controller is as much better as is claimed."""
        return self.recurrent < CLAIMED * self.thresholds[self.best]


def run(controller: RecurrentController | None = None) -> Result:
    """Let thresholds from 20 to 80 cm and a recurrent controller keep the same tanks.

    Parameters
    ----------
    controller : RecurrentController, optional
        The shipped one by default.

    Returns
    -------
    Result

    Examples
    --------
    >>> run().holds
    True
    """
    controller = controller or read_tank_controller()
    tank, storms = controller.tank, make_storms(**WEATHER)
    with torch.no_grad():
        return Result(
            {
                at: tank.run(storms, threshold_controller(at)).miss(tank.mark).item()
                for at in range(20, 81, 2)
            },
            tank.run(storms, controller.start()).miss(tank.mark).item(),
        )


def train() -> RecurrentController:
    """Train a controller as the shipped one was; some minutes.

    Returns
    -------
    RecurrentController
    """
    controller = RecurrentController(12, Tank(), seed=0)
    train_controller(controller, updates=400, seed=1)
    train_controller(controller, updates=400, learning_rate=0.003, seed=2)
    return controller


def main(arguments: Sequence[str] = ()) -> int:
    """Print how far each controller lets the level go; return 0 where the claim holds, else 1."""
    parser = argparse.ArgumentParser(
        prog="rnnviz prove tank_control",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--train", action="store_true", help="train the shipped controller again first")
    if parser.parse_args(arguments).train:
        write_tank_controller(train())
    result = run()
    for at, miss in result.thresholds.items():
        if at % 10 == 0 or at == result.best:
            print(
                f"threshold at {at} cm: {miss:5.1f} cm from the mark{', the best' if at == result.best else ''}"
            )
    print(f"recurrent controller: {result.recurrent:5.1f} cm from the mark")
    print(f"less than {CLAIMED:.0%} of the best threshold: {'holds' if result.holds else 'FAILS'}")
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
