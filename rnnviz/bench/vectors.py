"""Reading word vectors: ours beside gensim's loader, in turns, on a file of 400,000 × 100 numbers made for it.

``rnnviz bench vectors`` prints the time of each and what each holds at its worst moment, beside the bounds: 1.5 times
gensim's time, and 1.2 times the memory that the result itself holds. gensim is no part of the course: without it ours
is measured alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

__all__ = ["MOST_MEMORY", "MOST_TIME", "main", "make_file", "measure_loaders"]

WORDS, SIZE = 400_000, 100
#: How many times gensim's seconds ours may take, and how many times its result's bytes it may hold.
MOST_TIME, MOST_MEMORY = 1.5, 1.2

# Each loader runs in a process of its own, so that what one leaves behind does not count for the other. What is held
# is read from the system: the most pages in memory while it ran, less those that were there before.
_LOADER = """
import gc, json, sys, time
name, path = sys.argv[1:]
if name == "rnnviz":
    from rnnviz.data import read_vectors as load
    # What is imported on the way is no cost of reading.
    import torch
    torch.isfinite(torch.zeros(2)).all()
else:
    from gensim.models import KeyedVectors
    load = lambda path: KeyedVectors.load_word2vec_format(path, binary=False, no_header=True)

def pages(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(key))

gc.collect()
held = 0
try:
    open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
    before = pages("VmRSS:")
except OSError:
    before = None
began, cpu = time.perf_counter(), time.process_time()
result = load(path)
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
peak = pages("VmHWM:") - before if before is not None else None
if name == "rnnviz":
    held = result.values.nbytes + sys.getsizeof(result.words) + sys.getsizeof(result._numbers)
    held += sum(map(sys.getsizeof, result.words)) + sum(map(sys.getsizeof, result._numbers.values()))
    first = result[result.words[-1]].tolist()
else:
    held = None
    first = result[result.index_to_key[-1]].tolist()
print(json.dumps({"seconds": cpu, "wall": seconds, "peak": peak, "held": held, "last": first}))
"""


def make_file(path: Path, words: int = WORDS, size: int = SIZE) -> Path:
    """Write a file of word vectors as GloVe's look: made-up words, numbers with up to six digits.

    Parameters
    ----------
    path : Path
    words, size : int

    Returns
    -------
    Path

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from rnnviz.bench.vectors import make_file
    >>> from rnnviz.data import read_vectors
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_vectors(make_file(pathlib.Path(folder, "made.txt"), words=1000, size=5))
    WordVectors(1,000 words, 5 numbers each)
    """
    generator = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, words, 1000):
            rows = generator.normal(0, 0.4, (min(1000, words - start), size))
            for number, row in enumerate(rows.tolist(), start):
                file.write(f"word{number} {' '.join([f'{value:.5g}' for value in row])}\n")
    return path


def measure_loaders(path: Path, names: Sequence[str], rounds: int = 3) -> dict[str, dict[str, float]]:
    """Read a file with each loader in turn, several times, each in a process of its own.

    Parameters
    ----------
    path : Path
    names : sequence of {"rnnviz", "gensim"}
    rounds : int, default 3

    Returns
    -------
    dict
        For each loader ``seconds`` on the processor, ``peak`` bytes and, for ours, ``held`` bytes: medians. Where the
        system does not tell what a process holds, no ``peak``.

    Raises
    ------
    RuntimeError
        If a loader fails, or the two disagree.
    """
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    last = []
    for _ in range(rounds):
        for name in names:
            done = subprocess.run(
                [sys.executable, "-c", _LOADER, name, str(path)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{name} could not read {path}:\n{done.stderr}")
            one = json.loads(done.stdout)
            last.append(one.pop("last"))
            found[name].append(one)
    if any(not np.allclose(one, last[0], rtol=1e-6) for one in last):
        raise RuntimeError("The loaders read different numbers.")
    return {
        name: {
            key: statistics.median(one[key] for one in runs) for key in runs[0] if runs[0][key] is not None
        }
        for name, runs in found.items()
    }


def main(arguments: Sequence[str] = ()) -> int:
    """Make the file, measure, and print; return 0 where the bounds are kept, else 1."""
    parser = argparse.ArgumentParser(prog="rnnviz bench vectors", description=__doc__)
    parser.add_argument("--words", type=int, default=WORDS, help="how many (default %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each loader reads (default %(default)s)"
    )
    options = parser.parse_args(arguments)
    names = ["rnnviz", "gensim"] if importlib.util.find_spec("gensim") else ["rnnviz"]
    with tempfile.TemporaryDirectory() as folder:
        path = make_file(Path(folder) / "vectors.txt", options.words)
        print(f"{options.words:,} × {SIZE} numbers, {path.stat().st_size / 1e6:.0f} MB of text")
        found = measure_loaders(path, names, options.rounds)
    ours = found["rnnviz"]
    bad = False
    if "gensim" in found:
        ratio = ours["seconds"] / found["gensim"]["seconds"]
        bad |= ratio > MOST_TIME
        print(f"gensim: {found['gensim']['seconds']:.1f} s; rnnviz: {ours['seconds']:.1f} s")
        print(f"time:   {ratio:.2f} ≤ {MOST_TIME} × gensim's{' !' if ratio > MOST_TIME else ''}")
    else:
        print(f"rnnviz: {ours['seconds']:.1f} s. For a comparison: pip install gensim.")
    if "peak" in ours:
        ratio = ours["peak"] / ours["held"]
        bad |= ratio > MOST_MEMORY
        print(
            f"memory: {ours['peak'] / 1e6:.0f} MB at most, of which the result holds {ours['held'] / 1e6:.0f} MB"
        )
        print(f"        {ratio:.2f} ≤ {MOST_MEMORY}{' !' if ratio > MOST_MEMORY else ''}")
    else:
        print("memory: this system does not tell what a process holds at its worst moment.")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
