"""Print what recording costs, each figure beside its bound: ``rnnviz bench``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

import torch

from rnnviz.bench.cases import (
    KINDS,
    SIZES,
    Size,
    flow_steps,
    jacobian_steps,
    packed_steps,
    training_steps,
)
from rnnviz.bench.measure import measure, peak_memory, settle_allocator

#: The ways that are compared with the plain step, in the order of the table; `limit` says what each may cost.
COLUMNS = ("unread", "one", "whole", "own", "naive")


def limit(kind: str, size: Size, way: str, device: str = "cpu") -> float | None:
    """Return the ratio to the plain step that a way must not exceed, or None where none is set.

    On a GPU the plain step is cuDNN's, and fewer bounds are set.
    """
    if device != "cpu":
        return {"unread": 1.05, "whole": 2.5, "memory": 1.35}.get(way)
    if way == "unread":
        return 1.10 if size in SIZES[:2] else 1.05
    if way == "one":
        return 1.2 if kind != "LSTM" else 3.0 if size.steps == 200 else 1.5
    if way == "whole":
        return {"LSTM": 2.9, "GRU": 1.6, "RNN": 1.4}[kind]
    if way == "own" and kind != "LSTM":
        return 0.5 if size.steps == 200 else 1.0
    if way == "packed":
        return 0.3 if size.steps == 1000 else 1.0
    return 1.35 if way == "memory" else None


def mark(ratio: float, bound: float | None) -> str:
    """Write a ratio beside its bound, if it has one, with a sign where it is beyond."""
    if bound is None:
        return f"{ratio:.2f}"
    return f"{ratio:.2f} ≤ {bound:g}" if ratio <= bound else f"{ratio:.2f} > {bound:g} !"


def training_rows(
    kinds: Sequence[str], sizes: Sequence[Size], seconds: float, device: str = "cpu"
) -> Iterator[list[str]]:
    """Measure training steps on padded batches and on packed sequences, and their memory."""
    yield ["(batch, steps, input, units)", "plain", *COLUMNS, "packed", "memory"]
    for kind in kinds:
        for size in sizes:
            steps = training_steps(kind, size, device)
            times = measure(steps, seconds=seconds, device=device)
            row = [f"{kind} {size}", f"{times['plain'] * 1e3:.1f} ms"]
            row += [mark(times[way] / times["plain"], limit(kind, size, way, device)) for way in COLUMNS]
            packed = measure(packed_steps(kind, size, device), seconds=seconds / 2, device=device)
            row.append(mark(packed["own"] / packed["plain"], limit(kind, size, "packed", device)))
            memory = peak_memory(steps["whole"], device) / peak_memory(steps["plain"], device)
            row.append(mark(memory, limit(kind, size, "memory", device)))
            yield row


def flow_rows(kinds: Sequence[str], seconds: float, device: str = "cpu") -> Iterator[list[str]]:
    """Measure how much faster gradient flow and Jacobians are than autograd, one piece at a time."""
    yield ["200 steps, 64 units", "flow, batch 1", "flow, batch 8", "Jacobians"]
    for kind in kinds:
        row = [kind]
        for batch, least in ((1, 40), (8, 14)):
            times = measure(flow_steps(kind, batch, device=device), seconds=seconds, least=3, device=device)
            row.append(faster(times["passes"] / times["flow"], least))
        times = measure(jacobian_steps(kind, device=device), seconds=seconds, least=3, device=device)
        yield [*row, faster(times["rows"] / times["jacobians"], 500)]


def faster(ratio: float, least: float) -> str:
    """Write a speed-up beside its bound, with a sign where it is below."""
    return f"{ratio:.0f}× ≥ {least:g}×" if ratio >= least else f"{ratio:.0f}× < {least:g}× !"


def print_table(rows: Iterator[list[str]], write: Callable[[str], object]) -> None:
    """Print rows under their header, as they come."""
    for index, row in enumerate(rows):
        write(f"{row[0]:<30}" + "".join(f"{cell:>15}" for cell in row[1:]))
        if index == 0:
            write("-" * (30 + 15 * (len(row) - 1)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print.

    Parameters
    ----------
    arguments : sequence of str, optional
        As on the command line, which is the default.

    Returns
    -------
    int
        0.
    """
    parser = argparse.ArgumentParser(
        prog="rnnviz bench",
        description="What recording costs: medians in one process, as multiples of torch's plain training step "
        "(forward, backward) of the same layer, each beside its bound. A ! marks what is beyond it.",
        epilog="unread: inside record, nothing read; one: one sequence of the batch, everything read; whole: the whole "
        "batch, everything read; own: the same with rnnviz's own layer; naive: a loop over torch's cell with "
        "retain_grad; packed: own layer on packed sequences, everything read, against torch's; memory: "
        "peak of the whole batch read, against the plain step's. Why what is over its bound is so, with the profile: "
        "the documentation of rnnviz.bench.",
    )
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="numbers of torch threads")
    parser.add_argument(
        "--device", default="cpu", help="cpu (default) or cuda, where the plain step is cuDNN's"
    )
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--sizes", type=int, nargs="+", default=range(len(SIZES)), metavar="N", help="0 to 4")
    parser.add_argument("--seconds", type=float, default=4.0, help="about how long to measure each row")
    parser.add_argument("--only", choices=["training", "flow"], help="one of the two tables")
    options = parser.parse_args(arguments)
    device = options.device
    if device not in ("cpu", "cuda") or (device == "cuda" and not torch.cuda.is_available()):
        parser.error(f"--device {device} is not to be had here: torch sees no such device.")
    settle_allocator()
    capability = torch.backends.cpu.get_cpu_capability() if device == "cpu" else torch.cuda.get_device_name()
    print(f"torch {torch.__version__}, {capability}")
    before = torch.get_num_threads()
    try:
        for threads in options.threads:
            torch.set_num_threads(threads)
            print(f"\n{threads} thread{'s' if threads > 1 else ''}\n")
            if options.only != "flow":
                sizes = [SIZES[number] for number in options.sizes]
                print_table(training_rows(options.kinds, sizes, options.seconds, device), _print)
            if options.only != "training":
                print()
                print_table(flow_rows(options.kinds, options.seconds, device), _print)
    finally:
        torch.set_num_threads(before)
    return 0


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
