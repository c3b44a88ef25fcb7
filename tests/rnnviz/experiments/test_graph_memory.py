import pytest
import torch

from rnnviz.experiments.graph_memory import GraphSize, measure_graph


def unroll(steps, units=5, batch=4):
    X = torch.ones(steps, batch, 3)
    W_x = torch.full((3, units), 0.1, requires_grad=True)
    W_y = torch.full((units, units), 0.1, requires_grad=True)
    Y = torch.zeros(batch, units)
    for X_t in X:
        Y = torch.tanh(X_t @ W_x + Y @ W_y)
    return Y.sum()


def test_grows_by_the_same_amount_with_every_step():
    sizes = [measure_graph(lambda steps=steps: unroll(steps)) for steps in (10, 11, 12, 100)]
    each = sizes[1].bytes - sizes[0].bytes
    # One state (4×5 floats) and one row of inputs (4×3 floats) a step.
    assert each == 4 * (4 * 5 + 4 * 3)
    assert sizes[2].bytes - sizes[1].bytes == each
    assert sizes[3].bytes - sizes[0].bytes == 90 * each
    assert sizes[2].operations - sizes[1].operations == sizes[1].operations - sizes[0].operations > 0


def test_weights_are_counted_once():
    weight = torch.ones(100, 100, requires_grad=True)
    x = torch.ones(1, 100, requires_grad=True)
    assert measure_graph(lambda: x @ weight @ weight @ weight).bytes < 2 * weight.nbytes


def test_nothing_is_kept_without_gradients():
    with torch.no_grad():
        assert measure_graph(lambda: unroll(50)) == GraphSize(bytes=0, operations=0)


def test_the_graph_still_works_afterwards():
    weight = torch.tensor(2.0, requires_grad=True)
    losses = []
    measure_graph(lambda: losses.append(weight**3) or losses[0])
    losses[0].backward()
    assert weight.grad == 12


def test_refuses_what_is_no_tensor():
    with pytest.raises(TypeError, match="expects a tensor"):
        measure_graph(lambda: [torch.ones(1)])
