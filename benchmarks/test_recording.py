"""The training steps of ``python -m rnnviz.bench`` as pytest-benchmark cases.

Not part of the tests: run them with ``pytest benchmarks``. Each group holds one cell and size; its plain step
is the one to compare the others with.
"""

import pytest
import torch

from rnnviz.bench.cases import KINDS, SIZES, flow_steps, jacobian_steps, packed_steps, training_steps
from rnnviz.bench.measure import settle_allocator

WAYS = ("plain", "unread", "one", "whole", "own", "naive")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    settle_allocator()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_training_step(benchmark, kind, size, way):
    benchmark.group = f"{kind} {size}"
    benchmark(training_steps(kind, size)[way])


@pytest.mark.parametrize("way", ["plain", "own"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_packed_step(benchmark, kind, size, way):
    benchmark.group = f"{kind} {size}, packed"
    benchmark(packed_steps(kind, size)[way])


@pytest.mark.parametrize("way", ["passes", "flow"])
@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_gradient_flow(benchmark, kind, batch, way):
    benchmark.group = f"{kind} flow, batch {batch}"
    benchmark(flow_steps(kind, batch)[way])


@pytest.mark.parametrize("way", ["rows", "jacobians"])
@pytest.mark.parametrize("kind", KINDS)
def test_jacobians(benchmark, kind, way):
    benchmark.group = f"{kind} Jacobians"
    benchmark(jacobian_steps(kind)[way])
