"""What experiments with chance in them share: their command line with its seeds, a table, a file of what was found."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rnnviz.experiments.results import write_results
from rnnviz.experiments.table import Row, write_table

__all__ = ["report"]


def report(
    name: str,
    about: str | None,
    run: Callable[[Sequence[int]], Sequence[Row] | tuple[Sequence[Row], Mapping[str, Any]]],
    arguments: Sequence[str],
    *,
    seeds: int,
    settings: Mapping[str, Any],
    digits: int = 4,
) -> int:
    """Run an experiment as a command, and print the published claims beside ours.

    Parameters
    ----------
    name, about : str
        Of the experiment's module: its name and its docstring.
    run : callable
        From seeds to rows; or to rows and details, such as whole curves, which are kept with them.
    arguments : sequence of str
        Those of the command: ``--seeds N`` and ``--keep``, which writes what was measured beside the module.
    seeds : int
        How many, where nothing else is asked for.
    settings : mapping
        Kept with the results, with the number of seeds.
    digits : int
        After the decimal point.

    Returns
    -------
    int
        0 where ours bear the claims out, else 1.

    Examples
    --------
    >>> rows = [Row("error", 0.02, (0.021, 0.019, 0.02), True)]
    >>> report("try", "A try.", lambda seeds: rows, [], seeds=3, settings={})
             published   measured              seeds
    error       0.0200     0.0200   0.0190 to 0.0210  holds
    0
    """
    parser = argparse.ArgumentParser(
        prog=f"rnnviz prove {name}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seeds", type=int, default=seeds, help="how many seeds, from 0 (default %(default)s)"
    )
    parser.add_argument("--keep", action="store_true", help="write the result beside this module")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds is {options.seeds}; at least 1 is needed")
    began = time.perf_counter()
    found = run(range(options.seeds))
    rows, details = found if isinstance(found, tuple) else (found, None)
    print(write_table(rows, digits))
    if options.keep:
        kept = {"seeds": options.seeds, **settings}
        seconds = time.perf_counter() - began
        write_results(name, rows, settings=kept, seconds=seconds, details=details)
    return 1 if any(row.holds is False for row in rows) else 0
