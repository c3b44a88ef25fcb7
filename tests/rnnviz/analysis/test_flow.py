"""Flow, Jacobians, influence and contributions against autograd, one derivative at a time."""

import itertools
import math

import pytest
import torch
from test_record import FEATURES, KINDS, STEPS, call, initial_state, lengths_of, make
from torch import nn

import rnnviz as rv
from rnnviz import flow
from rnnviz.experiments.step_by_step import unroll

CLOSE = {"rtol": 0, "atol": 1e-10}
LAYOUTS = ("time first", "packed unsorted")


def losses(output, lengths):
    """A loss for every step, nonlinear, nothing but the output of that step."""
    ramp = torch.linspace(0.5, 1.5, output.shape[-1], dtype=output.dtype)
    inside = torch.tensor([[t < length for length in lengths] for t in range(len(output))])
    return [((ramp * output[t]).sin().sum(-1) * inside[t]).sum() for t in range(len(output))]


def recorded(module, layout, *, seed=0):
    """A recorded training step, and the same unrolled by hand."""
    lengths = lengths_of(layout)
    x = torch.randn(STEPS, len(lengths), FEATURES, dtype=torch.float64)
    initial = initial_state(module, len(lengths))
    torch.manual_seed(seed)
    with rv.record(module) as trace:
        output, _, _ = call(module, x, initial, layout, lengths)
    sum(losses(output, lengths)).backward()
    torch.manual_seed(seed)
    expected_output, _, _, layers = unroll(module, x, initial, lengths)
    return trace, losses(expected_output, lengths), layers, lengths


def by_backward_passes(step_losses, states, shape):
    """‖∂L_t/∂h_k‖ from one backward pass a row."""
    matrix = torch.zeros(STEPS, STEPS, shape, dtype=torch.float64)
    keys, tensors = zip(*states.items(), strict=True)
    for t, loss in enumerate(step_losses):
        if loss.requires_grad:
            gradients = torch.autograd.grad(loss, tensors, retain_graph=True, allow_unused=True)
            for (k, b), gradient in zip(keys, gradients, strict=True):
                matrix[t, k, b] = 0 if gradient is None else gradient.norm()
    return matrix


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_flow_equals_one_backward_pass_a_row(kind, bidirectional, layout):
    torch.manual_seed(1)
    for layers in (1, 3):
        dropout = 0.4 if layout == "time first" else 0.0
        module = make(kind, layers, bidirectional=bidirectional, layout=layout, dropout=dropout)
        trace, step_losses, unrolled, lengths = recorded(module, layout)
        for name in trace.layers:
            expected = by_backward_passes(step_losses, unrolled[name].steps["hidden"], len(lengths))
            torch.testing.assert_close(flow.gradient_flow(trace[name]), expected, **CLOSE)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_flow_equals_batched_gradients(kind):
    """torch's own way to run several backward passes at once, through a copy of each state."""
    torch.manual_seed(2)
    module = kind(2, 4).double()
    x = torch.randn(6, 1, 2).double()
    with rv.record(module) as trace:
        output, _ = module(x)
        output.square().sum().backward()
    _, _, _, layers = unroll(module, x, None, [6])
    states = [layers["l0"].steps["hidden"][t, 0] for t in range(6)]
    step_losses = torch.stack([state.square().sum() for state in states])
    rows = torch.autograd.grad(step_losses, states, torch.eye(6).double(), is_grads_batched=True)
    expected = torch.stack([row.norm(dim=(1, 2)) for row in rows], 1)
    torch.testing.assert_close(flow.gradient_flow(trace["l0"])[:, :, 0], expected, **CLOSE)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_loss_on_the_final_state_is_the_last_row(kind):
    torch.manual_seed(2)
    module = kind(2, 4, num_layers=2).double()
    with rv.record(module) as trace:
        _, final = module(torch.randn(5, 3, 2).double())
        sum(state.square().sum() for state in final).backward()
    for name in trace.layers:
        matrix = flow.gradient_flow(trace[name])
        assert not matrix[:-1].any()
        torch.testing.assert_close(matrix[-1], trace[name].grad_norm, **CLOSE)


def test_flow_of_torch_cells_in_a_loop():
    """There only total gradients are caught; the direct ones are what is left of them."""
    torch.manual_seed(3)
    for kind, fused in ((nn.RNNCell, nn.RNN), (nn.GRUCell, nn.GRU), (nn.LSTMCell, nn.LSTM)):
        cell = kind(2, 3).double()
        layer = fused(2, 3).double()
        layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
        x = torch.randn(6, 2, 2).double()
        with rv.record(cell) as looped:
            state, outputs = None, []
            for x_t in x:
                state = cell(x_t, state)
                outputs.append(state[0] if kind is nn.LSTMCell else state)
            (outputs[2].square().sum() + outputs[5].sum()).backward()
        with rv.record(layer) as whole:
            output, _ = layer(x)
            (output[2].square().sum() + output[5].sum()).backward()
        expected = flow.gradient_flow(whole["l0"])
        torch.testing.assert_close(flow.gradient_flow(looped["cell"]), expected, **CLOSE)
        assert not flow.gradient_flow(looped["cell"])[[0, 1, 3, 4]].any()


@pytest.mark.parametrize("kind", KINDS)
def test_jacobians_equal_autograd(kind):
    torch.manual_seed(4)
    for bidirectional, layout in ((False, "time first"), (True, "packed unsorted")):
        module = make(kind, bidirectional=bidirectional, layout=layout)
        trace, _, _, lengths = recorded(module, layout)
        for name in trace.layers:
            layer = trace[name]
            weights = layer.weights
            hidden_width = layer.hidden.shape[-1]

            def step(x, state, weights=weights, width=hidden_width):
                if kind.startswith("LSTM"):
                    done = rv.lstm_step(x, state[:width], state[width:], weights)
                    return torch.cat([done.hidden, done.cell])
                if kind == "GRU":
                    return rv.gru_step(x, state, weights).hidden
                return rv.rnn_step(x, state, weights, kind).hidden

            found, whole = flow.jacobians(layer), flow.jacobians(layer, of="state")
            for b, length in enumerate(lengths):
                order = range(length - 1, -1, -1) if layer.reverse else range(length)
                state = layer.initial_hidden[b]
                if kind.startswith("LSTM"):
                    state = torch.cat([state, layer.initial_cell[b]])
                for t in order:
                    x = layer.input[t, b]
                    expected = torch.func.jacrev(lambda s, x=x: step(x, s))(state)
                    torch.testing.assert_close(whole[t, b], expected, **CLOSE)
                    torch.testing.assert_close(found[t, b], expected[:hidden_width, :hidden_width], **CLOSE)
                    state = step(x, state)
                assert not found[length:, b].any()


@pytest.mark.parametrize("kind", KINDS)
def test_influence_equals_autograd(kind):
    torch.manual_seed(5)
    for bidirectional, layout in ((False, "time first"), (True, "packed unsorted")):
        module = make(kind, bidirectional=bidirectional, layout=layout)
        trace, _, _, lengths = recorded(module, layout)
        x = trace["l0"].input.clone().requires_grad_()
        given = [trace[name] for name in trace.layers]
        initial = [torch.stack([layer.initial_hidden for layer in given])]
        if kind.startswith("LSTM"):
            initial.append(torch.stack([layer.initial_cell for layer in given]))
        _, _, _, layers = unroll(module, x, tuple(initial), lengths)
        for name in trace.layers:
            expected = torch.zeros(STEPS, STEPS, len(lengths), dtype=torch.float64)
            for (t, b), state in layers[name].steps["hidden"].items():
                rows = [torch.autograd.grad(unit, x, retain_graph=True)[0][:, b] for unit in state[0]]
                expected[t, :, b] = torch.stack(rows).norm(dim=(0, 2))
            torch.testing.assert_close(flow.influence(trace[name]), expected, **CLOSE)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_contributions_sum_to_the_gradient(kind, bias):
    torch.manual_seed(6)
    for layers, bidirectional, layout in (
        (1, False, "packed"),
        (2, True, "time first"),
        (2, True, "packed unsorted"),
        (3, False, "packed unsorted"),
    ):
        module = make(kind, layers, bidirectional=bidirectional, bias=bias, layout=layout)
        trace, _, _, _ = recorded(module, layout)
        for name in trace.layers:
            for part, steps in vars(flow.weight_contributions(trace[name])).items():
                parameter = getattr(module, f"{part}_{name}", None)
                assert (steps is None) == (parameter is None)
                if parameter is not None:
                    assert len(steps) == STEPS
                    torch.testing.assert_close(steps.sum(0), parameter.grad, **CLOSE)


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_of_unequal_sequences_line_up_in_time(kind):
    """Together they are the sum of each on its own, step by step, whatever the direction."""
    torch.manual_seed(9)
    module, lengths = make(kind, bidirectional=True), [2, 4, 3]
    x = torch.randn(STEPS, 3, FEATURES, dtype=torch.float64)

    def contributions(batch, lengths):
        with rv.record(module) as trace:
            packed = nn.utils.rnn.pack_padded_sequence(batch, lengths, enforce_sorted=False)
            module(packed)[0].data.square().sum().backward()
        return {name: vars(flow.weight_contributions(trace[name])) for name in trace.layers}

    together = contributions(x, lengths)
    alone = [contributions(x[:length, b : b + 1], [length]) for b, length in enumerate(lengths)]
    for name, parts in together.items():
        for part, found in parts.items():
            if found is None:
                continue
            expected = torch.zeros_like(found)
            for one, length in zip(alone, lengths, strict=True):
                expected[:length] += one[name][part]
            torch.testing.assert_close(found, expected, **CLOSE)


def test_contributions_belong_to_their_step():
    """Contributions of a reverse layer come in forward time order: a loss on step 0 needs every step of
    it."""
    rnn = nn.RNN(1, 2, bidirectional=True).double()
    with rv.record(rnn) as trace:
        output, _ = rnn(torch.randn(4, 1, 1).double())
        output[2, :, 2:].sum().backward()
    steps = flow.weight_contributions(trace["l0_reverse"]).weight_ih.abs().sum((1, 2))
    assert (steps > 0).tolist() == [False, False, True, True]


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0])
def test_the_running_product_and_its_bounds(scale):
    torch.manual_seed(7)
    for module in (nn.RNN(2, 4).double(), nn.LSTM(2, 3).double(), nn.GRU(2, 4).double()):
        with torch.no_grad():
            module.weight_hh_l0 *= scale
        with rv.record(module) as trace:
            module(torch.randn(30, 2, 2).double())
        layer = trace["l0"]
        result = flow.jacobian_product(layer)
        factors = flow.jacobians(layer, of="state")
        for b in range(2):
            product = torch.eye(factors.shape[-1]).double()
            for t in range(30):
                product = factors[t, b] @ product
                expected = torch.linalg.svdvals(product)[0]
                torch.testing.assert_close(result.norm[t, b], expected, rtol=1e-9, atol=0)
        assert (result.norm <= result.bound * (1 + 1e-9)).all()


def test_a_vanishing_product_keeps_its_digits():
    rnn = nn.RNN(1, 2, bias=False)
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(0.1 * torch.eye(2))
    with rv.record(rnn) as trace:
        rnn(torch.zeros(30, 1, 1))
    norm = flow.jacobian_product(trace["l0"]).norm
    torch.testing.assert_close(norm[29, 0].double(), torch.tensor(1e-30).double(), rtol=1e-4, atol=0)


def test_logarithms_go_on_where_numbers_have_vanished():
    rnn = nn.RNN(1, 2, bias=False)
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(0.1 * torch.eye(2))
    with rv.record(rnn) as trace:
        rnn(nn.utils.rnn.pack_padded_sequence(torch.zeros(200, 2, 1), [200, 3]))
    product = flow.jacobian_product(trace["l0"])
    assert product.norm[199, 0] == 0
    steps = torch.arange(1.0, 201.0)
    for log in (product.log_norm, product.log_bound, product.log_radius):
        torch.testing.assert_close(log[:, 0], -steps * math.log(10), rtol=1e-4, atol=0)
        assert not log[3:, 1].any()


@pytest.mark.parametrize("kind", ["tanh", "GRU", "LSTM"])
def test_the_spectrum_is_that_of_every_jacobian(kind):
    torch.manual_seed(8)
    layout = "packed unsorted"
    trace, _, _, lengths = recorded(make(kind, 2, bidirectional=True, layout=layout), layout)
    for name in trace.layers:
        matrices = flow.jacobians(trace[name], of="state")
        spectrum = flow.jacobian_spectrum(trace[name])
        for t, b in itertools.product(range(STEPS), range(len(lengths))):
            size = torch.linalg.eigvals(matrices[t, b]).abs().sort().values
            torch.testing.assert_close(spectrum.eigenvalues[t, b].abs().sort().values, size, **CLOSE)
            torch.testing.assert_close(
                spectrum.singular_values[t, b], torch.linalg.svdvals(matrices[t, b]), **CLOSE
            )
            if t >= lengths[b]:
                assert not spectrum.eigenvalues[t, b].any()


def test_what_the_refusal_names_is_enough():
    with rv.record(lstm := nn.LSTM(2, 3)) as trace:
        lstm(torch.zeros(6, 2, 2))
    with pytest.raises(MemoryError) as refused:
        flow.jacobian_spectrum(trace["l0"], limit=100)
    named = int(str(refused.value).rpartition("limit=")[2].rstrip("."))
    assert flow.jacobian_spectrum(trace["l0"], limit=named).singular_values.shape == (6, 2, 6)


def test_an_exploding_product_leaves_the_padding_at_zero():
    rnn = nn.RNN(1, 2, bias=False, nonlinearity="relu").double()
    with torch.no_grad():
        rnn.weight_ih_l0.fill_(1e-300)
        rnn.weight_hh_l0.copy_(8 * torch.eye(2))
    with rv.record(rnn) as trace:
        rnn(nn.utils.rnn.pack_padded_sequence(torch.ones(400, 2, 1).double(), [400, 3]))
    product = flow.jacobian_product(trace["l0"])
    assert product.norm[399, 0] == torch.inf
    for array in (product.norm, product.bound, product.radius, product.log_norm):
        assert not array[3:, 1].any()


def test_what_is_not_finite_has_no_spectrum():
    """Asked for the eigenvalues of NaN, some libraries end the process."""
    rnn = nn.RNN(2, 3)
    with torch.no_grad():
        rnn.weight_hh_l0[0, 0] = math.nan
    with rv.record(rnn) as trace:
        rnn(torch.zeros(4, 1, 2))
    for function in (flow.jacobian_spectrum, flow.jacobian_product):
        with pytest.raises(ValueError, match="The Jacobians of l0 hold values that are not finite"):
            function(trace["l0"])
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="The matrix holds values that are not finite"):
            flow.spectral_radius(torch.full((2, 2), value))


def test_spectral_radius_is_not_the_norm():
    matrix = torch.tensor([[0.5, 10.0], [0.0, 0.5]])
    torch.testing.assert_close(flow.spectral_radius(matrix), torch.tensor(0.5), rtol=0, atol=1e-3)
    assert torch.linalg.matrix_norm(matrix, 2) > 10


@pytest.mark.parametrize("layout", ["time first", "packed unsorted"])
@pytest.mark.parametrize("kind", KINDS)
def test_chosen_losses_and_inputs_are_rows_and_columns_of_the_whole(kind, layout):
    torch.manual_seed(8)
    trace, _, _, _ = recorded(make(kind, 2, bidirectional=True, layout=layout), layout)
    for name in trace.layers:
        whole, seen = flow.gradient_flow(trace[name]), flow.influence(trace[name])
        for chosen in ([2], [3, 0], [1, 1, 2], range(1, 4), []):
            torch.testing.assert_close(flow.gradient_flow(trace[name], chosen), whole[list(chosen)], **CLOSE)
            torch.testing.assert_close(flow.influence(trace[name], chosen), seen[:, list(chosen)], **CLOSE)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_more_features_than_gates_and_random_directions(kind):
    """Every feature is followed exactly, however many; probes come close, and are the same each time."""
    torch.manual_seed(9)
    module = kind(40, 3).double()
    with rv.record(module) as trace:
        module(torch.randn(6, 2, 40).double())
    layer = trace["l0"]
    exact = flow.influence(layer)
    jacobians = flow.jacobians(layer, of="state")
    states = layer.source.states()
    step = {"RNN": rv.rnn_step, "GRU": rv.gru_step, "LSTM": rv.lstm_step}[layer.kind]
    for b in range(2):
        given = [states.hidden[0, b], *([] if states.cell is None else [states.cell[0, b]])]

        def second_state(x, given=given):
            done = step(x, *given, states.weights)
            return torch.cat([done.hidden, done.cell]) if layer.kind == "LSTM" else done.hidden

        carried = torch.func.jacrev(second_state)(states.input[1, b])
        for t in range(1, 6):
            carried = carried if t == 1 else jacobians[t, b] @ carried
            torch.testing.assert_close(exact[t, 1, b], carried[:3].norm(), **CLOSE)
    estimate = flow.influence(layer, probes=30)
    assert torch.equal(estimate, flow.influence(layer, probes=30))
    assert not torch.equal(estimate, exact)
    torch.testing.assert_close(estimate.mean(), exact.mean(), rtol=0.2, atol=0)
    assert torch.equal(flow.influence(layer, probes=40), exact)
    with pytest.raises(ValueError, match="probes is 0"):
        flow.influence(layer, probes=0)


def test_memory_curve_of_some_inputs():
    rnn = nn.RNN(1, 1, bias=False, bidirectional=True)
    for weight in (rnn.weight_hh_l0, rnn.weight_hh_l0_reverse):
        nn.init.constant_(weight, 0.5)
    with rv.record(rnn) as trace:
        rnn(nn.utils.rnn.pack_padded_sequence(torch.zeros(6, 2, 1), torch.tensor([6, 3])))
    expected = 0.5 ** torch.arange(6.0)
    padded = expected * (torch.arange(6) < 3)
    for layer, first in (("l0", 0), ("l0_reverse", 5)):
        whole = flow.memory_curve(trace[layer])
        torch.testing.assert_close(whole, torch.stack([expected, padded], 1))
        torch.testing.assert_close(flow.memory_curve(trace[layer], [first])[:, 0], expected)
    # The input of step 2 is the last of the short sequence and has no later step; what it cannot tell is NaN.
    curve = flow.memory_curve(trace["l0"], [2])
    assert curve[:, 0].isnan().tolist() == [False] * 4 + [True] * 2
    assert curve[:, 1].isnan().tolist() == [False, True, True, False, False, False]
    assert flow.memory_horizon(trace["l0"], inputs=[2]).tolist() == [6, 3]


def test_what_cannot_fit_into_memory_is_refused_before_it_is_computed():
    torch.manual_seed(0)
    lstm = nn.LSTM(1, 4, num_layers=2)
    with rv.record(lstm) as trace:
        lstm(torch.randn(30, 2, 1))[0].sum().backward()
    layer = trace["l0"]
    for function in (flow.gradient_flow, flow.influence, flow.jacobians, flow.weight_contributions):
        with pytest.raises(
            MemoryError, match=rf"{function.__name__} of l0, with 30 steps, 2 sequences and 4"
        ):
            function(layer, limit=1000)
        with pytest.raises(MemoryError, match=r"GiB; the limit is 0\.0 GiB\. .*limit=(\d+)") as refusal:
            function(layer, limit=1000)
        allowed = int(str(refusal.value).rsplit("limit=", 1)[1].rstrip("."))
        function(layer, limit=allowed)
    assert flow.gradient_flow(layer, [29], limit=50_000).shape == (1, 30, 2)
    with pytest.raises(MemoryError):
        flow.gradient_flow(layer, limit=50_000)


def test_the_estimate_of_memory_is_near_what_is_taken():
    """Otherwise the refusal would come too late, or for nothing."""
    from rnnviz.bench.measure import peak_memory

    torch.manual_seed(0)
    module = nn.LSTM(3, 16, num_layers=2)
    with rv.record(module) as trace:
        module(torch.randn(60, 8, 3))[0].square().sum().backward()
    for name in trace.layers:
        trace[name].arrays()
        for function in (flow.gradient_flow, flow.influence, flow.jacobians, flow.weight_contributions):
            with pytest.raises(MemoryError) as refusal:
                function(trace[name], limit=1)
            # The advice is the next power of two.
            estimate = int(str(refusal.value).rsplit("limit=", 1)[1].rstrip(".")) / 1.5
            assert 1 / 3 < peak_memory(lambda f=function, n=name: f(trace[n])) / estimate < 2, (
                function,
                name,
            )


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM, rv.GRU])
@pytest.mark.parametrize(("steps", "batch"), [(1, 2), (5, 0)])
def test_one_step_and_no_sequence(kind, steps, batch):
    module = kind(2, 3, bidirectional=True)
    with rv.record(module) as trace:
        module(torch.randn(steps, batch, 2))[0].sum().backward()
    for name in trace.layers:
        layer = trace[name]
        assert flow.gradient_flow(layer).shape == flow.influence(layer).shape == (steps, steps, batch)
        assert flow.memory_curve(layer).shape == (steps, batch)
        assert flow.memory_horizon(layer).tolist() == [1] * batch
        assert flow.jacobians(layer).shape == (steps, batch, 3, 3)
    assert len(rv.diagnose(trace).alarms) == 0


def test_steps_that_are_not_there_are_refused():
    gru = nn.GRU(1, 2)
    with rv.record(gru) as trace:
        gru(torch.zeros(4, 1, 1))[0].sum().backward()
    with pytest.raises(ValueError, match="losses asks for the steps 1 to 4, but l0 has those from 0 to 3"):
        flow.gradient_flow(trace["l0"], [1, 4])
    with pytest.raises(ValueError, match="inputs asks for the steps -1 to 2"):
        flow.influence(trace["l0"], [2, -1])


def test_memory_horizon_of_known_decay():
    rnn = nn.RNN(1, 1, bias=False, bidirectional=True)
    with torch.no_grad():
        rnn.weight_hh_l0.fill_(0.9)
        rnn.weight_hh_l0_reverse.fill_(0.5)
    with rv.record(rnn) as trace:
        rnn(torch.zeros(60, 2, 1))
    assert flow.memory_horizon(trace["l0"]).tolist() == [44, 44]  # 0.9 ** 44 < 0.01
    assert flow.memory_horizon(trace["l0_reverse"]).tolist() == [7, 7]
    assert flow.memory_horizon(trace["l0"], fraction=1e-6).tolist() == [60, 60]  # longer than the sequence
    with pytest.raises(ValueError, match="fraction is 2"):
        flow.memory_horizon(trace["l0"], 2)


def test_memory_of_padded_sequences_counts_their_own_steps():
    rnn = nn.RNN(1, 1, bias=False)
    nn.init.ones_(rnn.weight_hh_l0)
    with rv.record(rnn) as trace:
        rnn(nn.utils.rnn.pack_padded_sequence(torch.zeros(9, 2, 1), torch.tensor([9, 4])))
    torch.testing.assert_close(flow.memory_curve(trace["l0"])[:4], torch.ones(4, 2))
    assert flow.memory_horizon(trace["l0"]).tolist() == [9, 4]


def test_refusals():
    class Own(rv.Cell):
        def step(self, x, hidden):
            return hidden + x, {}

    cell, gru = Own(1, 1), nn.GRU(1, 1)
    with rv.record(cell) as own, rv.record(gru) as trace:
        cell(torch.zeros(2, 1, 1))
        gru(torch.zeros(2, 1, 1))
    for function in (flow.jacobians, flow.influence, flow.gradient_flow, flow.weight_contributions):
        with pytest.raises(TypeError, match="cell is a cell of your own"):
            function(own["cell"])
    for function in (flow.gradient_flow, flow.weight_contributions):
        with pytest.raises(RuntimeError, match="no backward pass has reached"):
            function(trace["l0"])
    with pytest.raises(ValueError, match="of is 'output'"):
        flow.jacobians(trace["l0"], of="output")
