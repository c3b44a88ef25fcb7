"""The benchmark compares like with like, and its measuring measures."""

import re
import time

import pytest
import torch

from rnnviz.bench import cases
from rnnviz.bench.__main__ import faster, limit, main, mark
from rnnviz.bench.cases import Size
from rnnviz.bench.measure import measure, peak_memory

SMALL = Size(batch=3, steps=6, features=2, units=4)


def test_medians_and_order(monkeypatch):
    """On the thread's own clock, so that a busy machine does not matter."""

    def busy(seconds):
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    times = measure({"long": lambda: busy(0.004), "short": lambda: busy(0.001)}, seconds=0.05)
    assert list(times) == ["long", "short"]
    assert 2 < times["long"] / times["short"] < 8


def test_peak_memory_counts_what_is_held_at_once():
    def one_after_the_other():
        for _ in range(5):
            torch.empty(250_000)

    def together():
        return [torch.empty(250_000) for _ in range(5)]

    assert 0.9e6 < peak_memory(one_after_the_other) < 1.5e6
    assert 4.9e6 < peak_memory(together) < 5.5e6


@pytest.mark.parametrize("kind", cases.KINDS)
def test_all_ways_compute_the_same_gradients(kind):
    """Otherwise their times could not be compared: each way is one whole training step of the same layer."""
    steps = cases.training_steps(kind, SMALL)
    hidden, gradient = steps["naive"]()
    assert hidden.shape == gradient.shape == (6, 3, 4)
    assert gradient.any()
    for way in ("plain", "unread", "one", "whole", "own"):
        steps[way]()


@pytest.mark.parametrize("kind", cases.KINDS)
def test_both_ways_to_flow_and_jacobians_agree(kind):
    flow = cases.flow_steps(kind, 2, steps=7, units=3)
    torch.testing.assert_close(flow["flow"](), flow["passes"](), rtol=1e-4, atol=1e-6)
    jacobians = cases.jacobian_steps(kind, steps=7, units=3)
    torch.testing.assert_close(jacobians["jacobians"]()[:, 0], jacobians["rows"](), rtol=1e-4, atol=1e-6)


def test_the_table(capsys, monkeypatch):
    monkeypatch.setattr("rnnviz.bench.__main__.SIZES", (SMALL,))
    threads = torch.get_num_threads()
    arguments = [
        "--threads",
        "1",
        "--kinds",
        "GRU",
        "--seconds",
        "0.01",
        "--only",
        "training",
        "--sizes",
        "0",
    ]
    assert main(arguments) == 0
    assert torch.get_num_threads() == threads
    lines = capsys.readouterr().out.splitlines()
    header = next(line for line in lines if "plain" in line)
    assert header.split()[-7:] == ["unread", "one", "whole", "own", "naive", "packed", "memory"]
    row = next(line for line in lines if line.startswith("GRU (3, 6, 2, 4)"))
    figures = [re.match(r"([\d.]+)(?: [≤>] ([\d.]+))?( !)?$", cell) for cell in re.split(" {2,}", row)[2:]]
    assert len(figures) == 7
    assert all(figure and float(figure[1]) > 0 for figure in figures)
    # Every way but the naive one has a bound, which stands beside it.
    bounds = [limit("GRU", SMALL, way) for way in header.split()[-7:]]
    assert [figure[2] and float(figure[2]) for figure in figures] == bounds
    assert bounds[4] is None


def test_it_says_nothing_on_the_error_stream(capfd):
    """torch's profiler, which measures the memory, is talkative."""
    steps = cases.training_steps("RNN", SMALL)
    for way in ("plain", "whole", "plain"):
        assert peak_memory(steps[way]) > 0
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is such a device here")
def test_a_device_that_is_not_there(capsys):
    with pytest.raises(SystemExit):
        main(["--device", "cuda"])
    assert "--device cuda is not to be had here" in capsys.readouterr().err


def test_bounds_on_a_gpu_are_those_against_cudnn():
    assert limit("LSTM", SMALL, "whole", "cuda") == 2.5
    assert limit("RNN", cases.SIZES[0], "unread", "cuda") == 1.05
    assert limit("GRU", SMALL, "own", "cuda") is None


def test_a_figure_beyond_its_bound_is_marked():
    assert mark(1.04, 1.05) == "1.04 ≤ 1.05"
    assert mark(1.3, 1.2) == "1.30 > 1.2 !"
    assert mark(7.0, None) == "7.00"
    assert faster(52.3, 40) == "52× ≥ 40×"
    assert faster(12, 14) == "12× < 14× !"


def test_bounds():
    assert limit("LSTM", cases.SIZES[2], "one") == 3.0
    assert limit("GRU", cases.SIZES[2], "own") == 0.5
    assert limit("LSTM", cases.SIZES[0], "own") is None
    assert limit("RNN", cases.SIZES[4], "packed") == 0.3
