"""Truncation in time: the forward pass of the whole sequence, a backward pass that ends every few steps."""

import pytest
import torch
from torch import Tensor, nn

import rnnviz as rv
from rnnviz.models import Forecaster
from rnnviz.training import CarriedState, cross_entropy, mean_squared_error, measure_truncation, train

LAYERS = {
    "rnn": nn.RNN(2, 3, num_layers=2),
    "lstm": nn.LSTM(2, 3),
    "gru": nn.GRU(2, 3),
    "own lstm": rv.LSTM(2, 3),
    "own cell": rv.LSTMCell(2, 3),
}


class Net(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer, self.out = layer, nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.layer(x)[0])


def batch(steps: int = 10, count: int = 4) -> tuple[Tensor, Tensor]:
    x = torch.randn(steps, count, 2, generator=torch.Generator().manual_seed(1))
    return x, x.sum(-1, keepdim=True).cumsum(0)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.05)


@pytest.mark.parametrize("name", LAYERS)
def test_pieces_together_are_the_whole_forward_pass(name: str) -> None:
    net, (x, _) = Net(LAYERS[name]), batch()
    carried, outputs = CarriedState(net), []
    for start in (0, 3, 6, 9):
        with carried.attached():
            outputs.append(net(x[start : start + 3]))
    torch.testing.assert_close(torch.cat(outputs), net(x), rtol=0, atol=1e-6)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())


def test_each_update_is_that_of_a_piece_from_the_detached_state() -> None:
    torch.manual_seed(0)
    ours, (x, y) = Forecaster(features=1, units=5), batch(count=3)
    x = x[..., :1]
    theirs = Forecaster(features=1, units=5)
    steps = list(train(ours, lambda _: (x, y), optimiser=sgd, truncate=4, steps=5))
    optimiser, state, losses = sgd(theirs.parameters()), None, []
    for start in (0, 4, 8, 0, 4):  # 4 + 4 + 2 steps, then the next batch, from nothing
        if start == 0:
            state = None
        optimiser.zero_grad()
        hidden, last = theirs.recurrent(x[start : start + 4], state)
        loss = mean_squared_error(theirs.projection(hidden), y[start : start + 4])
        loss.backward()
        optimiser.step()
        state = last.detach()
        losses.append(loss.item())
    assert [step.loss for step in steps] == pytest.approx(losses, rel=1e-6)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(mine, other)


def test_a_run_interrupted_inside_a_sequence_is_resumed_to_the_last_bit(tmp_path) -> None:
    def start():
        torch.manual_seed(0)
        return train(Net(nn.LSTM(2, 3)), batch(steps=10, count=6), batch=2, truncate=3, steps=13)

    whole = [step.loss for step in start()]
    first = start()
    for _ in range(6):  # in the middle of the second batch
        next(first)
    torch.save(first.state_dict(), tmp_path / "state.pt")
    second = start()
    second.load_state_dict(torch.load(tmp_path / "state.pt"))
    assert [step.loss for step in second] == whole[6:]
    second.reset()
    assert [step.loss for step in second] == whole


def test_pieces_without_a_step_that_counts_only_carry_the_state_on() -> None:
    x, y = batch(steps=9, count=2)
    mask = torch.zeros(9, 2)
    mask[-1] = 1
    torch.manual_seed(0)
    net = Net(nn.GRU(2, 3))
    with torch.no_grad():
        expected = mean_squared_error(net(x), y, mask).item()
    steps = list(train(net, lambda _: (x, y, mask), truncate=3, steps=4))
    assert steps[0].loss == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ValueError, match="no step in 100 batches"):
        next(train(net, lambda _: (x, y, torch.zeros(9, 2)), truncate=3))


def test_what_the_gradient_loses_is_what_detaching_loses() -> None:
    torch.manual_seed(0)
    net, (x, y) = Net(nn.RNN(2, 3)), batch()
    found = measure_truncation(net, x, y, truncate=5)
    first, state = net.layer(x[:5])
    second, _ = net.layer(x[5:], state.detach())
    parameters = list(net.parameters())
    cut = torch.autograd.grad(mean_squared_error(net.out(torch.cat([first, second])), y), parameters)
    whole = torch.autograd.grad(mean_squared_error(net(x), y), parameters)
    a, b = (torch.cat([part.flatten() for part in parts]) for parts in (cut, whole))
    assert found.norm == pytest.approx(a.norm().item(), rel=1e-5)
    assert found.whole_norm == pytest.approx(b.norm().item(), rel=1e-5)
    assert found.cosine == pytest.approx((a @ b / a.norm() / b.norm()).item(), rel=1e-5)
    assert found.kept == pytest.approx((a @ b / (b @ b)).item(), rel=1e-5)
    assert all(parameter.grad is None for parameter in parameters)


def test_a_cause_out_of_reach_gets_no_gradient() -> None:
    """The cost is at the last step alone, and it depends on the first input alone."""
    x = torch.zeros(8, 2, 2)
    x[0] = 1
    y, mask = torch.ones(8, 2, 1), torch.zeros(8, 2)
    mask[-1] = 1
    torch.manual_seed(0)
    net = Net(nn.RNN(2, 3))
    carried = CarriedState(net)
    with carried.attached():
        net(x[:4])
    with carried.attached():
        mean_squared_error(net(x[4:]), y[4:], mask[4:]).backward()
    assert not net.layer.weight_ih_l0.grad.any()
    assert measure_truncation(net, x, y, mask, truncate=4).kept < 1
    assert measure_truncation(net, x, y, mask, truncate=8).kept == 1


def test_models_that_cannot_go_on_from_a_state_are_refused() -> None:
    x, y = batch()
    for model, reason in (
        (nn.Linear(2, 1), "no recurrent layer"),
        (nn.LSTM(2, 1, bidirectional=True), "bidirectional"),
        (nn.LSTMCell(2, 1), r"LSTMCell.*Use torch.nn.LSTM"),
    ):
        with pytest.raises(TypeError, match=reason):
            train(model, (x, y), truncate=2)

    class Starts(Net):
        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.layer(x, torch.zeros(1, x.shape[1], 3))[0])

    class Twice(Net):
        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.layer(x)[0] + self.layer(x)[0])

    with pytest.raises(RuntimeError, match="RNN 'layer' an initial state"):
        next(train(Starts(nn.RNN(2, 3)), (x, y), truncate=2))
    with pytest.raises(RuntimeError, match="'layer' was called twice"):
        next(train(Twice(nn.RNN(2, 3)), (x, y), truncate=2))
    with pytest.raises(ValueError, match="truncate is 0"):
        train(Net(nn.RNN(2, 3)), (x, y), truncate=0)
    with pytest.raises(ValueError, match="cut along time"):
        next(train(Net(nn.RNN(2, 3)), (x, torch.zeros(4)), truncate=2))


def test_cross_entropy_is_torchs_over_the_steps_that_count() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 3, 4, generator=generator, requires_grad=True)
    targets = torch.randint(4, (5, 3), generator=generator)
    mask = torch.rand(5, 3, generator=generator) < 0.6
    expected = nn.functional.cross_entropy(logits[mask], targets[mask])
    spoilt = targets.masked_fill(~mask, -1)
    torch.testing.assert_close(cross_entropy(logits, spoilt, mask), expected)
    torch.testing.assert_close(
        cross_entropy(logits, targets), nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    )
    torch.testing.assert_close(
        cross_entropy(logits[0], targets[0]), nn.functional.cross_entropy(logits[0], targets[0])
    )
    (gradient,) = torch.autograd.grad(cross_entropy(logits, spoilt, mask), logits)
    assert not gradient[~mask].any()
    for bad in (float("inf"), float("nan")):
        padded = logits.detach().masked_fill(~mask[..., None], bad).requires_grad_()
        loss = cross_entropy(padded, spoilt, mask)
        torch.testing.assert_close(loss, expected)
        torch.testing.assert_close(torch.autograd.grad(loss, padded)[0], gradient)


def test_unusable_costs_are_explained() -> None:
    logits, targets = torch.zeros(5, 3, 4), torch.zeros(5, 3, dtype=torch.long)
    with pytest.raises(ValueError, match=r"targets are torch.float32 of shape \(5, 3\)"):
        cross_entropy(logits, targets.float())
    with pytest.raises(ValueError, match=r"whole numbers of shape \(5, 3\)"):
        cross_entropy(logits, targets[:, :1])
    with pytest.raises(ValueError, match="target is 4, and the logits hold 4 classes"):
        cross_entropy(logits, targets + 4)
    with pytest.raises(ValueError, match="target is -1"):
        cross_entropy(logits, targets - 1)
    with pytest.raises(ValueError, match="zero everywhere"):
        cross_entropy(logits, targets, torch.zeros(5, 3))
    with pytest.raises(ValueError, match=r"mask has shape \(3, 5\)"):
        cross_entropy(logits, targets, torch.ones(3, 5))
