"""Training you can watch: a loop that is an iterator, and a runner that turns it in the background.

`train` makes one update each time it is asked for the next `Step`, so that the caller decides when to look,
stop or go on. `Runner` does the asking in a thread of its own, for a page that must stay responsive
meanwhile. Neither knows what draws the result.
"""

from rnnviz.training.by_hand import StepGradients, backward_through_time
from rnnviz.training.loop import DivergenceError, Training, train
from rnnviz.training.losses import cross_entropy, mean_squared_error
from rnnviz.training.progress import Progress
from rnnviz.training.runner import Runner, Watchable
from rnnviz.training.step import Step
from rnnviz.training.truncated import CarriedState, Truncation, measure_truncation

__all__ = [
    "CarriedState",
    "DivergenceError",
    "Progress",
    "Runner",
    "Step",
    "StepGradients",
    "Training",
    "Truncation",
    "Watchable",
    "backward_through_time",
    "cross_entropy",
    "mean_squared_error",
    "measure_truncation",
    "train",
]
