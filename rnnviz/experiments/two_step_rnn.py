"""The published two-step network: three inputs, five neurons, four instances, and the weights nobody printed.

A. Géron, *Hands-On Machine Learning with Scikit-Learn and TensorFlow*, 1st edition (O'Reilly, 2017),
chapter 14, "Basic RNNs in TensorFlow", runs a layer of five tanh neurons for two steps and prints its
outputs. The bias is zero and the weights are random and not printed. They can be recovered from the
outputs, and then give the same tables again. In this network the output is the state, and the book calls it Y; the
weights that lead from it to the next step, W_y there, are W_h here, as in the rest of the course.

The same example stands in two more printings. Lectures show another table Y0, of other random weights, without a
second step (`OTHER_OUTPUTS`); and a drawing of the five units with a digit or two each (`DRAWN_OUTPUTS`), under the
inputs 1, 2, 3, which are not those that its numbers belong to.

Run it with ``rnnviz prove two_step_rnn``.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

TOLERANCE = 1e-6
"""The tables were computed in float32, whose tanh is good to two or three units of the seventh decimal."""

INPUTS = torch.tensor(
    [
        [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 0, 1]],
        [[9, 8, 7], [0, 0, 0], [6, 5, 4], [3, 2, 1]],
    ],
    dtype=torch.float64,
)
"""The published inputs X0 and X1, (time, batch, feature)."""

OUTPUTS = torch.tensor(
    [
        [
            [-0.2964572, 0.82874775, -0.34216955, -0.75720584, 0.19011548],
            [-0.12842922, 0.99981797, 0.84704727, -0.99570125, 0.38665548],
            [0.04731077, 0.99999976, 0.99330056, -0.999933, 0.55339795],
            [0.70323634, 0.99309105, 0.99909431, -0.85363263, 0.7472108],
        ],
        [
            [0.51955646, 1.0, 0.99999022, -0.99984968, -0.24616946],
            [-0.70553327, -0.11918639, 0.48885304, 0.08917919, -0.26579669],
            [-0.32477224, 0.99996376, 0.99933046, -0.99711186, 0.10981458],
            [-0.43738723, 0.91517633, 0.97817528, -0.91763324, 0.11047263],
        ],
    ],
    dtype=torch.float64,
)
"""The published outputs Y0 and Y1, (time, batch, unit)."""

OTHER_OUTPUTS = torch.tensor(
    [
        [-0.0664006, 0.96257669, 0.68105793, 0.70918542, -0.89821601],
        [0.9977755, -0.71978903, -0.99657607, 0.96739239, -0.99989718],
        [0.99999774, -0.99898803, -0.99999893, 0.99677622, -0.99999988],
        [1.0, -1.0, -1.0, -0.99818915, 0.99950868],
    ],
    dtype=torch.float64,
)
"""Y0 in another printing, for the same X0 and other weights, (batch, unit)."""

DRAWN_INPUTS = torch.tensor([[1, 2, 3], [9, 8, 7]], dtype=torch.float64)
"""What stands below the units in the drawing of the example, (time, feature)."""

DRAWN_OUTPUTS = torch.tensor(
    [[-0.3, 0.8, -0.3, -0.7, 0.2], [0.52, 1.0, 0.9, -0.9, -0.25]], dtype=torch.float64
)
"""What stands in the units in the drawing of the example, (time, unit)."""


def invert_tanh(output: Tensor) -> Tensor:
    """Return what went into tanh, given what came out.

    A printed 1.0 stands for anything that rounds to it in float32; it is taken as 1 − 2⁻²⁸, which does.

    Parameters
    ----------
    output : Tensor
        Values from −1 to 1, any shape.

    Returns
    -------
    Tensor
        Same shape, all finite.

    Examples
    --------
    >>> invert_tanh(torch.tanh(torch.tensor([0.5], dtype=torch.float64)))
    tensor([0.5000], dtype=torch.float64)
    """
    largest = 1 - 2.0**-28
    return torch.atanh(output.clamp(-largest, largest))


def recover_weights(inputs: Tensor = INPUTS, outputs: Tensor = OUTPUTS) -> tuple[Tensor, Tensor]:
    """Recover the weights of a two-step tanh layer without bias from what it printed.

    The first step starts from nothing, so Y0 = tanh(X0 W_x), and atanh(Y0) = X0 W_x is a linear system.
    Where tanh is saturated, a rounding error in y is magnified by 1 / (1 − y²), the slope of atanh; each
    equation is therefore weighted by 1 − y², which makes the errors alike again. The second step gives
    atanh(Y1) − X1 W_x = Y0 W_h. There are fewer instances than neurons, so infinitely many W_h fit, and the smallest
    is returned.

    Parameters
    ----------
    inputs : Tensor, shape (2, batch, feature)
        X0 and X1; as many instances as features, or more.
    outputs : Tensor, shape (2, batch, unit)
        Y0 and Y1.

    Returns
    -------
    W_x : Tensor, shape (feature, unit)
    W_h : Tensor, shape (unit, unit)

    Raises
    ------
    ValueError
        If the shapes do not fit, or there are too few instances to determine W_x.

    Examples
    --------
    >>> W_x, W_h = recover_weights()
    >>> W_x.shape, W_h.shape
    (torch.Size([3, 5]), torch.Size([5, 5]))
    """
    if inputs.dim() != 3 or outputs.dim() != 3 or inputs.shape[:2] != outputs.shape[:2] or len(inputs) != 2:
        raise ValueError(
            f"recover_weights got inputs {tuple(inputs.shape)} and outputs {tuple(outputs.shape)}; "
            "it expects (2, batch, feature) and (2, batch, unit)."
        )
    (X0, X1), (Y0, Y1) = inputs, outputs
    if len(X0) < X0.shape[1]:
        raise ValueError(f"{len(X0)} instances cannot determine the weights of {X0.shape[1]} inputs.")
    W_x = recover_input_weights(X0, Y0)
    W_h = torch.linalg.pinv(Y0) @ (invert_tanh(Y1) - X1 @ W_x)
    return W_x, W_h


def recover_input_weights(X0: Tensor, Y0: Tensor) -> Tensor:
    """Recover the weights of the inputs of a tanh layer without bias from its first step.

    Parameters
    ----------
    X0 : Tensor, shape (batch, feature)
    Y0 : Tensor, shape (batch, unit)

    Returns
    -------
    W_x : Tensor, shape (feature, unit)
        Of all weights that fit a column equally well the smallest.

    Examples
    --------
    >>> W_x = recover_input_weights(INPUTS[0], OTHER_OUTPUTS)
    >>> bool((torch.tanh(INPUTS[0] @ W_x) - OTHER_OUTPUTS).abs().max() < TOLERANCE)
    True
    """
    columns = []
    for y, z in zip(Y0.T, invert_tanh(Y0).T, strict=True):
        sureness = 1 - y**2
        columns.append(torch.linalg.lstsq(X0 * sureness[:, None], z * sureness, driver="gelsd").solution)
    return torch.stack(columns, dim=1)


@dataclass(frozen=True)
class Column:
    """One unit of a printed table: how well its weights are known, and what they reproduce.

    Attributes
    ----------
    unit : int
        Its column, counted from 0.
    determined : bool
        Whether the printed numbers leave one set of weights. Otherwise there is a direction in which the weights may
        move and print the same.
    doubt : float
        By how much a weight may be off at most, through the last bit of the printed float32 numbers; infinite where
        the weights are not determined.
    difference : float
        Largest difference of a printed number from the one that the weights give.
    digits : int
        Decimals in which all printed numbers agree with those.
    """

    unit: int
    determined: bool
    doubt: float
    difference: float
    digits: int


def judge_columns(X0: Tensor, Y0: Tensor) -> list[Column]:
    """Say of each unit of a printed first step how far its recovered weights can be trusted.

    A number that was printed as 1 or −1 says only that its sum is large. It adds no equation, and what is left may be
    too little: in `OTHER_OUTPUTS` the last instance is saturated in three columns, and the inputs of the other three
    instances lie in a plane (the third is twice the second minus the first).

    Parameters
    ----------
    X0 : Tensor, shape (batch, feature)
    Y0 : Tensor, shape (batch, unit)

    Returns
    -------
    list of Column
        One a unit, in the order of the columns.

    Examples
    --------
    >>> [column.determined for column in judge_columns(INPUTS[0], OTHER_OUTPUTS)]
    [False, False, False, True, True]
    >>> all(column.determined for column in judge_columns(INPUTS[0], OUTPUTS[0]))
    True
    """
    missed = (torch.tanh(X0 @ recover_input_weights(X0, Y0)) - Y0).abs().amax(dim=0)
    columns = []
    for unit, (y, difference) in enumerate(zip(Y0.T, missed.tolist(), strict=True)):
        equations = X0 * (1 - y**2)[:, None]
        determined = int(torch.linalg.matrix_rank(equations, rtol=1e-9)) == X0.shape[1]
        # Half a step of float32, which is finer below a half; weighted, each equation is off by just that.
        last_bit = torch.where(y.abs() >= 0.5, 2.0**-25, 2.0**-26).to(y.dtype)
        doubt = float((torch.linalg.pinv(equations).abs() @ last_bit).max()) if determined else math.inf
        digits = next(digit for digit in range(8, -1, -1) if difference < 0.5 * 10.0**-digit)
        columns.append(Column(unit, determined, doubt, difference, digits))
    return columns


def build_network() -> nn.RNN:
    """Return the published network as a torch layer with the recovered weights.

    Returns
    -------
    torch.nn.RNN
        Three inputs, five tanh units, no bias, float64.

    Examples
    --------
    >>> outputs, _ = build_network()(INPUTS)
    >>> bool((outputs - OUTPUTS).abs().max() < TOLERANCE)
    True
    """
    W_x, W_h = recover_weights()
    network = nn.RNN(3, 5, bias=False, dtype=torch.float64)
    with torch.no_grad():
        # torch multiplies weights from the left, so its matrices are the transposed ones.
        network.get_parameter("weight_ih_l0").copy_(W_x.T)
        network.get_parameter("weight_hh_l0").copy_(W_h.T)
    return network


def compare_tables(outputs: Tensor) -> str:
    """Write outputs below the published ones, row by row, with the largest difference.

    Parameters
    ----------
    outputs : Tensor, shape (2, 4, 5)
        Y0 and Y1, (time, batch, unit).

    Returns
    -------
    str
        Two tables and a last line.

    Raises
    ------
    ValueError
        If the shape is another.

    Examples
    --------
    >>> print(compare_tables(OUTPUTS).splitlines()[-1])
    largest difference 0.0e+00: the same to 1e-06
    """
    if outputs.shape != OUTPUTS.shape:
        raise ValueError(
            f"compare_tables got outputs of shape {tuple(outputs.shape)}; it expects {tuple(OUTPUTS.shape)}, "
            "(time, batch, unit). Were they stacked the other way round?"
        )
    lines = []
    for step, (published, ours) in enumerate(zip(OUTPUTS.tolist(), outputs.tolist(), strict=True)):
        lines.append(f"Y{step}")
        for row, row_of_ours in zip(published, ours, strict=True):
            lines.append(f"  published  {write_row(row)}")
            lines.append(f"  ours       {write_row(row_of_ours)}")
    largest = float((outputs - OUTPUTS).abs().max())
    verdict = "the same to" if largest < TOLERANCE else "NOT the same to"
    lines.append(f"largest difference {largest:.1e}: {verdict} {TOLERANCE:.0e}")
    return "\n".join(lines)


def write_row(row: list[float]) -> str:
    """Write a row of a table with the digits of the book.

    Examples
    --------
    >>> write_row([0.5, -0.25])
    ' 0.50000000 -0.25000000'
    """
    return " ".join(f"{value:>11.8f}" for value in row)


@dataclass(frozen=True)
class Result:
    """One published table beside the one computed here."""

    what: str
    published: Tensor
    measured: Tensor

    @property
    def difference(self) -> float:
        """Largest difference of two entries."""
        return float((self.measured - self.published).abs().max())

    @property
    def holds(self) -> bool:
        """Whether the tables are the same within the tolerance."""
        return self.difference < TOLERANCE


def run() -> list[Result]:
    """Recover the weights and compute both tables again, by the equation and by torch's own layer.

    Returns
    -------
    list of Result

    Examples
    --------
    >>> all(result.holds for result in run())
    True
    """
    (X0, X1), (W_x, W_h) = INPUTS, recover_weights()
    Y0 = torch.tanh(X0 @ W_x)
    Y1 = torch.tanh(X1 @ W_x + Y0 @ W_h)
    with torch.no_grad():
        layer, _ = build_network()(INPUTS)
    return [
        Result("Y0 by the equation", OUTPUTS[0], Y0),
        Result("Y1 by the equation", OUTPUTS[1], Y1),
        Result("Y0 by torch.nn.RNN", OUTPUTS[0], layer[0]),
        Result("Y1 by torch.nn.RNN", OUTPUTS[1], layer[1]),
        Result(
            "Y0 in another printing, by the equation",
            OTHER_OUTPUTS,
            torch.tanh(X0 @ recover_input_weights(X0, OTHER_OUTPUTS)),
        ),
    ]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published tables beside ours; return 0 where they are the same, else 1."""
    argparse.ArgumentParser(
        prog="rnnviz prove two_step_rnn",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    results = run()
    print(compare_tables(torch.stack([result.measured for result in results[:2]])))
    for result in results:
        verdict = "holds" if result.holds else "FAILS"
        print(f"{result.what}: largest difference {result.difference:.1e}, {verdict}")
    print("The other printing, column by column:")
    for column in judge_columns(INPUTS[0], OTHER_OUTPUTS):
        known = f"known to {column.doubt:.0e}" if column.determined else "not determined: a direction is free"
        print(f"  unit {column.unit}: {column.digits} decimals agree; its weights are {known}")
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
