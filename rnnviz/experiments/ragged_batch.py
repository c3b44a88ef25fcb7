"""The published two-step network on a batch whose second instance has only one step.

A. Géron, *Hands-On Machine Learning with Scikit-Learn and TensorFlow*, 1st edition (O'Reilly, 2017), chapter 14,
"Handling Variable Length Input Sequences", runs the layer of `rnnviz.experiments.two_step_rnn` once more, with the
lengths [2, 1, 2, 2]. The output past the end is a row of zeros, and the final state of each instance is that of its
last valid step.

Run it with ``rnnviz prove ragged_batch``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.experiments import two_step_rnn as book
from rnnviz.experiments.two_step_rnn import TOLERANCE, Result, write_row

LENGTHS = torch.tensor([2, 1, 2, 2])
"""Steps of the four instances."""

OUTPUTS = book.OUTPUTS.clone()
"""The published outputs, (time, batch, unit): those of the full batch, with zeros past the end."""
OUTPUTS[1, 1] = 0

FINAL_STATES = torch.stack([book.OUTPUTS[int(length) - 1, k] for k, length in enumerate(LENGTHS)])
"""The published final states, (batch, unit): of the second step, and of the first step for instance 1."""


def run_packed() -> tuple[Tensor, Tensor]:
    """Run the published network on the ragged batch, packed by torch.

    Returns
    -------
    outputs : Tensor, shape (2, 4, 5)
        Zero past the end.
    final_states : Tensor, shape (4, 5)

    Examples
    --------
    >>> outputs, final_states = run_packed()
    >>> outputs[1, 1].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    packed = pack_padded_sequence(book.INPUTS, LENGTHS, enforce_sorted=False)
    with torch.no_grad():
        output, final = book.build_network()(packed)
    outputs, _ = pad_packed_sequence(output)
    return outputs, final[0]


def run_masked() -> tuple[Tensor, Tensor]:
    """Run the ragged batch by the equations, with a mask that stops each instance at its end.

    Where the mask is 0, the output is 0 and the state stays what it was.

    Returns
    -------
    outputs : Tensor, shape (2, 4, 5)
    final_states : Tensor, shape (4, 5)

    Examples
    --------
    >>> outputs, final_states = run_masked()
    >>> bool((final_states - FINAL_STATES).abs().max() < TOLERANCE)
    True
    """
    W_x, W_h = book.recover_weights()
    state = torch.zeros(len(LENGTHS), len(W_h), dtype=W_x.dtype)
    outputs = []
    for t, X in enumerate(book.INPUTS):
        mask = (t < LENGTHS)[:, None]
        new = torch.tanh(X @ W_x + state @ W_h)
        outputs.append(torch.where(mask, new, 0))
        state = torch.where(mask, new, state)
    return torch.stack(outputs), state


def compare_ragged(outputs: Tensor, final_states: Tensor) -> str:
    """Write outputs and final states below the published ones, with the largest difference.

    Parameters
    ----------
    outputs : Tensor, shape (2, 4, 5)
        (time, batch, unit).
    final_states : Tensor, shape (4, 5)
        (batch, unit).

    Returns
    -------
    str
        Three tables and a last line.

    Raises
    ------
    ValueError
        If a shape is another.

    Examples
    --------
    >>> print(compare_ragged(OUTPUTS, FINAL_STATES).splitlines()[-1])
    largest difference 0.0e+00: the same to 1e-06
    """
    for name, given, published in (
        ("outputs", outputs, OUTPUTS),
        ("final_states", final_states, FINAL_STATES),
    ):
        if given.shape != published.shape:
            raise ValueError(
                f"compare_ragged got {name} of shape {tuple(given.shape)}; it expects {tuple(published.shape)}."
            )
    lines = []
    tables = {
        "Y0": (OUTPUTS[0], outputs[0]),
        "Y1": (OUTPUTS[1], outputs[1]),
        "final states": (FINAL_STATES, final_states),
    }
    for name, (published, ours) in tables.items():
        lines.append(name)
        for row, row_of_ours in zip(published.tolist(), ours.tolist(), strict=True):
            lines.append(f"  published  {write_row(row)}")
            lines.append(f"  ours       {write_row(row_of_ours)}")
    largest = max(float((ours - published).abs().max()) for published, ours in tables.values())
    verdict = "the same to" if largest < TOLERANCE else "NOT the same to"
    lines.append(f"largest difference {largest:.1e}: {verdict} {TOLERANCE:.0e}")
    return "\n".join(lines)


def run() -> list[Result]:
    """Compute outputs and final states, packed by torch and masked by hand.

    Returns
    -------
    list of Result

    Examples
    --------
    >>> all(result.holds for result in run())
    True
    """
    results = []
    for how, (outputs, final_states) in {"packed": run_packed(), "masked": run_masked()}.items():
        results.append(Result(f"outputs, {how}", OUTPUTS, outputs))
        results.append(Result(f"final states, {how}", FINAL_STATES, final_states))
    return results


def main(arguments: Sequence[str] = ()) -> int:
    """Print the published tables beside ours; return 0 where they are the same, else 1."""
    argparse.ArgumentParser(
        prog="rnnviz prove ragged_batch",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    print(compare_ragged(*run_packed()))
    results = run()
    for result in results:
        verdict = "holds" if result.holds else "FAILS"
        print(f"{result.what}: largest difference {result.difference:.1e}, {verdict}")
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
