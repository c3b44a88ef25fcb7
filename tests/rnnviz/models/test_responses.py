import math

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz.models import (
    DynamicalSystem,
    FiniteResponse,
    LinearForecaster,
    OutputFeedback,
    StateSpace,
    compare_costs,
    count_cost,
    judge_response,
    measure_influence,
)

MODELS = {
    "window": lambda **options: FiniteResponse(2, 3, history=4, **options),
    "feedback": lambda **options: OutputFeedback(2, 3, **options),
    "state": lambda **options: StateSpace(2, 5, 3, **options),
}


def fixed_numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def loop_window(model, x):
    kernel, bias = model.window.weight, model.window.bias  # (output, feature, place), the oldest place first
    rows = []
    for t in range(len(x)):
        total = bias.expand(x.shape[1], -1).clone()
        for back in range(model.history + 1):
            if t - back >= 0:
                total = total + x[t - back] @ kernel[:, :, model.history - back].T
        rows.append(total)
    return torch.stack(rows)


@pytest.mark.parametrize("activation", ["linear", "tanh", "relu"])
def test_a_window_is_a_weighted_sum_of_the_last_inputs(activation):
    model = FiniteResponse(2, 3, history=4, activation=activation).double()
    x = fixed_numbers(7, 2, 2)
    act = {"linear": lambda v: v, "tanh": torch.tanh, "relu": torch.relu}[activation]
    torch.testing.assert_close(model(x), act(loop_window(model, x)))


def test_a_window_that_sees_only_the_present_is_a_plain_layer():
    model = FiniteResponse(2, 3, history=0, activation="linear").double()
    x = fixed_numbers(4, 2, 2)
    torch.testing.assert_close(model(x), x @ model.window.weight[:, :, 0].T + model.window.bias)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_feedback_and_state_are_torch_s_recurrent_layer(nonlinearity):
    layer = nn.RNN(2, 3, nonlinearity=nonlinearity).double()
    feedback = OutputFeedback(2, 3, activation=nonlinearity).double()
    state = StateSpace(2, 3, 4, activation=nonlinearity).double()
    with torch.no_grad():
        layer.bias_hh_l0.zero_()
        for ours, theirs in (
            (feedback.from_input.weight, layer.weight_ih_l0),
            (feedback.from_input.bias, layer.bias_ih_l0),
            (feedback.from_output.weight, layer.weight_hh_l0),
            (state.cell.weight_ih, layer.weight_ih_l0),
            (state.cell.bias, layer.bias_ih_l0),
            (state.cell.weight_hh, layer.weight_hh_l0),
        ):
            ours.copy_(theirs)
    x = fixed_numbers(6, 2, 2)
    hidden, _ = layer(x)
    torch.testing.assert_close(feedback(x), hidden)
    torch.testing.assert_close(state(x), state.readout(hidden))


def test_the_state_space_model_is_recorded_with_its_gradients():
    model = StateSpace(1, 3)
    with rv.record(model) as trace:
        model(torch.randn(4, 2, 1)).sum().backward()
    layer = trace["cell"]
    assert layer.hidden.shape == (4, 2, 3)
    assert layer.grad_norm.shape == (4, 2)
    assert (layer.grad_norm > 0).all()


def test_a_dynamical_system_is_its_function_applied_again_and_again():
    system = DynamicalSystem(3).double()
    start = fixed_numbers(2, 3)
    states = system(start, steps=3)
    once = lambda s: torch.tanh(s @ system.transition.weight.T)
    torch.testing.assert_close(states, torch.stack([once(start), once(once(start)), once(once(once(start)))]))
    assert system(start, steps=0).shape == (0, 2, 3)


@pytest.mark.parametrize("name", MODELS)
def test_models_are_seeded_and_leave_torch_s_random_numbers_alone(name):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    one, same, other = MODELS[name](), MODELS[name](), MODELS[name](seed=1)
    assert torch.equal(torch.rand(1), expected)
    pairs = zip(one.parameters(), same.parameters(), other.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert not torch.equal(next(one.parameters()), next(other.parameters()))


@pytest.mark.parametrize("name", MODELS)
def test_without_bias_zeros_give_zeros(name):
    assert MODELS[name](bias=False)(torch.zeros(4, 1, 2)).abs().max() == 0


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_the_measured_influence_is_the_derivative(name, activation):
    model = MODELS[name](activation=activation).double()
    x = fixed_numbers(9, 2, 2)
    influence = measure_influence(model, x, at=3, size=1e-6, feature=1)
    torch.testing.assert_close(influence.measured, influence.exact, rtol=1e-4, atol=1e-5)
    rows = []
    for batch in range(2):  # each output by that one input, one backward pass each
        inputs = x.clone().requires_grad_()
        outputs = model(inputs)
        rows.append(
            [
                [torch.autograd.grad(value, inputs, retain_graph=True)[0][3, batch, 1] for value in step]
                for step in outputs[:, batch]
            ]
        )
    torch.testing.assert_close(influence.exact, torch.tensor(rows, dtype=x.dtype).transpose(0, 1))
    assert not influence.exact[:3].any()
    assert not model(x).detach().equal(influence.exact)


@pytest.mark.parametrize("layer", [nn.RNN, nn.GRU, nn.LSTM])
def test_influence_is_measured_on_torch_s_layers_too(layer):
    torch.manual_seed(0)
    influence = measure_influence(layer(1, 4).double(), fixed_numbers(12, 1, 1), at=0, size=1e-6)
    assert repr(influence) == "Influence(at=0, time=12, batch=1, output=4)"
    torch.testing.assert_close(influence.measured, influence.exact, rtol=1e-4, atol=1e-5)


def test_a_window_hears_of_an_input_for_history_steps_and_one():
    influence = measure_influence(FiniteResponse(history=4), torch.zeros(12, 1, 1), at=2)
    felt = influence.exact.flatten().abs() > 0
    assert felt.tolist() == [False] * 2 + [True] * 5 + [False] * 5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"x": torch.zeros(3, 1)}, r"must be \(time, batch, feature\)"),
        ({"at": 3}, "steps 0 to 2"),
        ({"at": -1}, "steps 0 to 2"),
        ({"feature": 2}, "features 0 to 1"),
        ({"size": 0.0}, "other than 0"),
        ({"size": math.nan}, "other than 0"),
    ],
)
def test_influence_refuses_what_it_cannot_measure(arguments, says):
    given = {"x": torch.zeros(3, 1, 2), "at": 0} | arguments
    with pytest.raises(ValueError, match=says):
        measure_influence(OutputFeedback(2), **given)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: FiniteResponse(history=-1), "history is -1"),
        (lambda: FiniteResponse(0, history=1), "features is 0"),
        (lambda: OutputFeedback(outputs=0), "outputs is 0"),
        (lambda: StateSpace(units=0), "units is 0"),
        (lambda: DynamicalSystem(0), "units is 0"),
        (lambda: StateSpace(activation="sine"), "activation is 'sine'"),
    ],
)
def test_models_refuse_what_they_cannot_be(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_only_the_window_grows_with_the_history():
    costs = [compare_costs(history, features=3, units=5, outputs=2) for history in (1, 10, 100)]
    assert [cost["window"].parameters for cost in costs] == [2 * (3 * (n + 1) + 1) for n in (1, 10, 100)]
    assert [cost["window"].memory for cost in costs] == [3, 30, 300]
    for name in ("feedback", "state"):
        assert len({cost[name] for cost in costs}) == 1
    assert costs[0]["feedback"].parameters == 2 * (3 + 2 + 1)
    assert costs[0]["state"].parameters == 5 * (3 + 5 + 1) + 2 * (5 + 1)
    assert costs[0]["state"].memory == 5


def test_products_are_the_multiplications_of_a_step():
    # Torch counts those of matrix products itself.
    from torch.utils.flop_counter import FlopCounterMode

    model = StateSpace(3, 5, 2)
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, 1, 3))
    assert count_cost(model).products == counter.get_total_flops() // 2


@pytest.mark.parametrize(
    ("response", "fate", "period"),
    [
        ([0.0] * 20, "nothing", 0),
        ([1.0, 0, 1, 0, 0, 0, 0, 0, 0, 0], "stops", 0),
        ([0.8**t for t in range(60)], "decays", 0),
        ([(-0.8) ** t for t in range(60)], "decays", 2),
        ([1.0] * 60, "stays", 0),
        ([(-1.0) ** t for t in range(60)], "stays", 2),
        ([1.02**t for t in range(60)], "grows", 0),
        ([1.2**t for t in range(60)], "explodes", 0),
        ([1.0, 10, math.inf, math.nan], "explodes", 0),
        ([1.0, 1, 1], "short", 0),
        ([], "nothing", 0),
        # Underflow is no end, and neither is a last digit that rounds to nothing.
        ([0.01**t for t in range(200)], "decays", 0),
        ([1.0, 1e-17, 0, 0, 0, 0, 0, 0, 0, 0], "decays", 0),
    ],
)
def test_verdicts(response, fate, period):
    verdict = judge_response(response)
    assert (verdict.fate, verdict.period) == (fate, period)
    assert str(verdict).endswith(".")


def test_a_turning_state_is_judged_by_its_length():
    angle, radius = math.radians(20), 0.95
    response = [radius**t * math.cos(angle * t) for t in range(80)]
    verdict = judge_response(response, [radius**t for t in range(80)])
    assert verdict.fate == "decays"
    assert verdict.rate == pytest.approx(radius)
    assert verdict.period == pytest.approx(18, abs=0.5)
    assert verdict.steps == math.ceil(math.log(0.5) / math.log(radius))


def test_a_slow_decay_claims_no_half():
    assert str(judge_response([0.995**t for t in range(60)])) == (
        "Decays: slowly, 74 % is still there at the end."
    )


def test_the_linear_forecaster_of_lesson_05_is_a_finite_response():
    linear = LinearForecaster(5).double()
    model = FiniteResponse(history=4, activation="linear").double()
    with torch.no_grad():
        model.window.weight.copy_(linear.weights.weight[None])
        model.window.bias.copy_(linear.weights.bias)
    x = fixed_numbers(9, 2, 1)
    torch.testing.assert_close(model(x)[-1:], linear(x))
