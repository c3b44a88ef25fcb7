"""The published error of the naive forecast, to the last digit: 0.020211367.

A. Géron, *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, 2nd edition (O'Reilly, 2019),
chapter 15: 10,000 seeded series of 51 steps, split 7,000 / 2,000 / 1,000; the forecast of the last step is
the step before it. No training and no chance: either the data are the published ones or they are not.

Run it with ``rnnviz prove naive_forecast``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
import torch

from rnnviz.data.series import synthetic_series
from rnnviz.experiments.table import Row, write_table
from rnnviz.models.baselines import Naive

PUBLISHED = 0.020211367
TOLERANCE = 5e-10
"""Half of the last printed digit."""


def run() -> list[Row]:
    """Measure the naive forecast on the validation series.

    Returns
    -------
    list of Row
        One row.

    Examples
    --------
    >>> from rnnviz.experiments import naive_forecast
    >>> naive_forecast.run()[0].holds
    True
    """
    series = torch.from_numpy(synthetic_series())
    validation = series[:, 7000:9000]
    forecast = Naive().forecast(validation[:-1], 1)
    # Averaged in float32 by NumPy, as published: eight digits were printed, and in float64 the last is a 6.
    error = float(np.mean((forecast - validation[-1:]).square().numpy()))
    return [Row("naive forecast, MSE", PUBLISHED, (error,), abs(error - PUBLISHED) < TOLERANCE)]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published number and ours; return 0 where they are the same, else 1."""
    argparse.ArgumentParser(
        prog="rnnviz prove naive_forecast",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    rows = run()
    print(write_table(rows, digits=9))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
