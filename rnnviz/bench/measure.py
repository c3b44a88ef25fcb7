"""Timing that can be trusted on a shared machine: interleaved, median, one process."""

from __future__ import annotations

import ctypes
import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping

import torch

__all__ = ["measure", "peak_memory", "settle_allocator"]


def settle_allocator() -> None:
    """Let glibc keep freed memory instead of giving it back to the system at every step.

    Without this a plain LSTM over 1000 steps spends much of its time in page faults, as many as the moment's
    memory layout happens to cause, and no ratio is worth anything. Elsewhere than on glibc, nothing happens.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    trim_threshold, mmap_threshold = -1, -3
    mallopt(mmap_threshold, 2**30)
    mallopt(trim_threshold, 2**31 - 1)


def measure(
    steps: Mapping[str, Callable[[], object]],
    *,
    seconds: float = 2.0,
    least: int = 5,
    most: int = 200,
    device: str = "cpu",
) -> dict[str, float]:
    """Time several functions against each other.

    Parameters
    ----------
    steps : mapping of str to callable
    seconds : float
        About how long to measure all of them together.
    least, most : int
        Bounds on how often each is run.
    device : str
        Where they compute. What a GPU was given to do is waited for.

    Returns
    -------
    dict of str to float
        Median seconds of each. With one torch thread it is the time of the calling thread on the processor,
        which other programs do not lengthen; with more, or on a GPU, time on the wall.
    """
    alone = device == "cpu" and torch.get_num_threads() == 1
    clock = time.thread_time if alone else time.perf_counter

    def finish() -> None:
        if device != "cpu":
            torch.accelerator.synchronize()

    start = time.perf_counter()
    for step in steps.values():
        step()
    finish()
    once = time.perf_counter() - start
    rounds = min(max(int(seconds / once), least), most)
    times: dict[str, list[float]] = {name: [] for name in steps}
    gc.collect()
    gc.disable()
    try:
        # In turns, so that whatever slows the machine for a while slows all of them.
        for _ in range(rounds):
            for name, step in steps.items():
                before = clock()
                step()
                finish()
                times[name].append(clock() - before)
    finally:
        gc.enable()
    return {name: statistics.median(values) for name, values in times.items()}


def peak_memory(step: Callable[[], object], device: str = "cpu") -> int:
    """Measure how much memory a step holds at its worst moment, beyond what was held before.

    Parameters
    ----------
    step : callable
    device : str
        Whose memory is meant.

    Returns
    -------
    int
        Bytes, of all that torch's allocator gave out.
    """
    if device != "cpu":
        step()
        gc.collect()
        before = torch.accelerator.memory_allocated()
        torch.accelerator.reset_peak_memory_stats()
        step()
        return torch.accelerator.max_memory_allocated() - before
    # Read when the profiler starts for the first time; otherwise it writes a line about each of its stages.
    os.environ.setdefault("KINETO_LOG_LEVEL", "6")
    from torch.profiler import ProfilerActivity, profile

    step()
    gc.collect()
    # Not freed while it is measured: of what was there before, the profiler knows no size, and warns.
    earlier = [thing.grad for thing in gc.get_objects() if type(thing) is torch.nn.Parameter]
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        step()
    del earlier
    results = profiled.profiler.kineto_results
    events = sorted(
        ((event.start_ns(), event.nbytes()) for event in results.events() if event.name() == "[memory]"),
        key=lambda event: event[0],
    )
    held = peak = 0
    for _, size in events:
        held += size
        peak = max(peak, held)
    return peak
