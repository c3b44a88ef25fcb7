"""The doctor on sick models and on healthy ones."""

import math
import time

import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz import flow
from rnnviz.analysis import jacobian, rates
from rnnviz.analysis.diagnose import gradient_rate, measure_saturation
from rnnviz.data import digits

STEPS = 40


def step(model, x=None, loss=lambda output: output[-1].square().sum()):
    """Record one training step."""
    torch.manual_seed(1)
    x = torch.randn(STEPS, 8, 2) if x is None else x
    with rv.record(model) as trace:
        output, _ = model(x)
        loss(output).backward()
    return trace


def make(kind, *args, **kwargs):
    torch.manual_seed(0)
    return kind(*args, **kwargs)


def alarms(trace):
    return [finding.what for finding in rv.diagnose(trace).alarms]


def healthy_lstm():
    lstm = make(nn.LSTM, 2, 16)
    with torch.no_grad():
        lstm.bias_ih_l0[16:32] = 2.0
    return lstm


def healthy_gru():
    gru = make(nn.GRU, 2, 16)
    with torch.no_grad():
        gru.bias_ih_l0[16:32] = 2.0
    return gru


def vanishing_rnn():
    rnn = make(nn.RNN, 2, 16)
    nn.init.normal_(rnn.weight_hh_l0, std=0.05)
    return rnn


def exploding_rnn():
    rnn = make(nn.RNN, 2, 16, nonlinearity="relu")
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(1.5 * torch.eye(16))
        rnn.bias_ih_l0.fill_(0.1)
    return rnn


def closed_lstm():
    lstm = make(nn.LSTM, 2, 16)
    with torch.no_grad():
        lstm.bias_ih_l0[16:32] = -6.0
    return lstm


def close(layer, rows, bias):
    """Put a bias on one gate's units."""
    with torch.no_grad():
        layer.bias_ih_l0[rows * 16 : (rows + 1) * 16] = bias
    return layer


def chrono(kind, steps=STEPS, features=2):
    """Biases for memories of 1 to `steps` steps: C. Tallec and Y. Ollivier, arXiv:1804.11188 (2018)."""
    layer = make(kind, features, 16)
    with torch.no_grad():
        layer.bias_ih_l0.zero_()
        layer.bias_hh_l0.zero_()
        layer.bias_ih_l0[16:32] = torch.log(torch.empty(16).uniform_(1, steps - 1))
        if kind is nn.LSTM:
            layer.bias_ih_l0[:16] = -layer.bias_ih_l0[16:32]
    return layer


def saturated_rnn():
    rnn = make(nn.RNN, 2, 16)
    nn.init.normal_(rnn.weight_hh_l0, std=5.0)
    return rnn


def dead_rnn():
    rnn = make(nn.RNN, 2, 16, nonlinearity="relu")
    with torch.no_grad():
        rnn.bias_ih_l0[:8] = -20.0
    return rnn


@pytest.mark.parametrize(
    ("sick", "what"),
    [
        (vanishing_rnn, "vanishing gradient"),
        (exploding_rnn, "exploding gradient"),
        (closed_lstm, "closed forget gate"),
        (saturated_rnn, "saturated activation"),
        (dead_rnn, "dead ReLU units"),
        (lambda: close(make(nn.LSTM, 2, 16), 0, -6.0), "closed input gate"),
        (lambda: close(make(nn.LSTM, 2, 16), 3, -6.0), "closed output gate"),
        (lambda: close(make(nn.GRU, 2, 16), 1, 9.0), "frozen update gate"),
    ],
)
def test_a_sick_model_gets_its_alarm(sick, what):
    diagnosis = rv.diagnose(step(sick()))
    assert what in [finding.what for finding in diagnosis.alarms]
    finding = next(finding for finding in diagnosis if finding.what == what)
    assert finding.layer == "l0"
    assert finding.advice
    assert f"ALARM: l0: {what}" in repr(diagnosis)


@pytest.mark.parametrize(
    "healthy",
    [
        healthy_lstm,
        healthy_gru,
        lambda: chrono(nn.LSTM),
        lambda: chrono(nn.GRU),
        lambda: orthogonal(make(nn.RNN, 2, 16)),
        lambda: identity(make(nn.RNN, 2, 16, nonlinearity="relu")),
    ],
)
def test_a_healthy_model_gets_no_alarm(healthy):
    assert alarms(step(healthy())) == []


def orthogonal(rnn):
    nn.init.orthogonal_(rnn.weight_hh_l0)
    nn.init.normal_(rnn.weight_ih_l0, std=0.1)
    return rnn


def identity(rnn):
    nn.init.eye_(rnn.weight_hh_l0)
    nn.init.normal_(rnn.weight_ih_l0, std=0.05)
    nn.init.zeros_(rnn.bias_ih_l0)
    nn.init.zeros_(rnn.bias_hh_l0)

    return rnn


def train_memory(layer, steps, updates, rate):
    """Train a layer to say what it read at the first step; returns the last loss and the trace of the last update."""
    head = nn.Linear(16, 1)
    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr=rate)
    for _ in range(updates):
        x = torch.rand(steps, 32, 2)
        x[1:, :, 0] = 0  # then nothing but noise in the other channel
        optimizer.zero_grad()
        with rv.record(layer, keep=1) as trace:
            loss = (head(layer(x)[0][-1]) - x[0, :, :1]).square().mean()
            loss.backward()
        optimizer.step()
    return loss.item(), trace


def test_a_trained_model_gets_no_alarm():
    """An LSTM that has learned to say what it read 20 steps ago."""
    loss, trace = train_memory(healthy_lstm(), 20, 150, 0.01)
    assert loss < 0.01  # always guessing 1/2 gives 1/12
    assert alarms(trace) == []


@pytest.mark.parametrize(("kind", "what"), [(nn.LSTM, "closed input gate"), (nn.GRU, "frozen update gate")])
def test_gates_that_write_little_for_long_are_worth_a_note(kind, what):
    """With biases for long memories hardly any gate is open, before training and after it."""
    layer = chrono(kind, 150)
    diagnosis = rv.diagnose(step(layer))
    assert diagnosis.alarms == ()
    finding = next(finding for finding in diagnosis if finding.what == what)
    assert finding.number > 0.8
    assert "adds up over the sequence" in finding.meaning
    assert finding.advice.startswith("Fine if it learns. Otherwise: Start the gate's bias at 0")
    loss, trace = train_memory(layer, STEPS, 200, 0.05)
    assert loss < 0.005  # an LSTM solves it with a few of its units, and closes the others
    diagnosis = rv.diagnose(trace)
    assert diagnosis.alarms == ()
    assert what in [finding.what for finding in diagnosis]


def test_gates_that_open_only_to_answer_are_worth_a_note():
    """Nothing is shown until the last step, which is all that is asked."""
    lstm = close(make(nn.LSTM, 2, 16), 3, -6.0)
    with torch.no_grad():
        lstm.bias_ih_l0[16:32] = 3.0
        lstm.weight_ih_l0[48:, 0] = 8.0
        lstm.weight_hh_l0[48:] = 0.0
    torch.manual_seed(1)
    x = torch.randn(STEPS, 8, 2) * torch.tensor([0.0, 1.0])
    x[-1, :, 0] = 1  # the sign to answer
    diagnosis = rv.diagnose(step(lstm, x))
    assert "closed output gate" not in [finding.what for finding in diagnosis.alarms]
    finding = next(finding for finding in diagnosis if finding.what == "closed output gate")
    assert "few steps" in finding.meaning


def test_a_gate_in_a_reverse_layer_is_followed_from_the_end():
    """Each direction writes at the step it reads first, and keeps that; only so does it add up."""
    gru = make(nn.GRU, 2, 16, bidirectional=True)
    with torch.no_grad():
        for suffix in ("l0", "l0_reverse"):
            getattr(gru, f"bias_ih_{suffix}")[16:32] = 9.0
            getattr(gru, f"weight_ih_{suffix}")[16:32, 0] = -20.0
            getattr(gru, f"weight_ih_{suffix}")[16:32, 1] = 0.0
    lengths = torch.tensor([STEPS, 15])
    x = torch.zeros(STEPS, 2, 2)
    x[0, :, 0] = 1  # opens the gate
    x[lengths - 1, [0, 1], 0] = 1
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths)
    with rv.record(gru) as trace:
        gru(packed)
    for name in trace.layers:
        finding = next(
            finding for finding in rv.diagnose(trace[name]) if finding.what == "frozen update gate"
        )
        assert not finding.alarm
    with rv.record(gru) as trace:
        gru(nn.utils.rnn.pack_padded_sequence(torch.zeros(STEPS, 2, 2), lengths))
    assert alarms(trace) == ["frozen update gate"] * 2


def test_a_closed_forget_gate_is_an_alarm_where_it_starves_the_past():
    assert "closed forget gate" in alarms(step(closed_lstm()))
    every = rv.diagnose(step(closed_lstm(), loss=lambda output: output.square().sum()))
    assert every.alarms == ()
    assert "closed forget gate" in [finding.what for finding in every]
    with rv.record(lstm := closed_lstm()) as unasked, torch.no_grad():
        lstm(torch.randn(STEPS, 4, 2))
    assert "closed forget gate" in alarms(unasked)


@pytest.mark.parametrize("seed", range(3))
def test_a_trained_relu_network_may_have_given_units_up(seed):
    """Reading digits, a fifth of the units fall silent, and it learns all the same."""
    train, _ = digits()
    torch.manual_seed(seed)
    rnn, head = nn.RNN(8, 100, nonlinearity="relu"), nn.Linear(100, 10)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=3e-3)
    for _ in range(120):
        chosen = torch.randint(len(train), (50,))
        optimizer.zero_grad()
        with rv.record(rnn, keep=1) as trace:
            output = head(rnn(train.sequences[:, chosen])[0][-1])
            nn.functional.cross_entropy(output, train.targets[chosen]).backward()
        optimizer.step()
    diagnosis = rv.diagnose(trace)
    assert diagnosis.alarms == ()
    (finding,) = (finding for finding in diagnosis if finding.what == "dead ReLU units")
    assert 0.1 < finding.number < 0.5
    assert "in this batch" in finding.meaning


def test_a_few_steps_say_nothing_of_dead_units():
    rnn = make(nn.RNN, 2, 64, nonlinearity="relu")
    (finding,) = rv.diagnose(step(rnn, torch.randn(1, 1, 2)))
    assert finding.what == "dead ReLU units"
    assert not finding.alarm


def test_the_rate_of_a_known_decay():
    rnn = nn.RNN(1, 1, bias=False)
    nn.init.constant_(rnn.weight_hh_l0, 0.8)
    trace = step(rnn, torch.zeros(30, 2, 1), loss=lambda output: output.sum())
    assert math.isclose(gradient_rate(trace["l0"]), 0.8, rel_tol=1e-3)


def test_the_rate_of_a_reverse_layer_looks_the_other_way():
    rnn = nn.RNN(1, 1, bias=False, bidirectional=True)
    with torch.no_grad():
        rnn.weight_hh_l0.fill_(0.9)
        rnn.weight_hh_l0_reverse.fill_(0.6)
    trace = step(rnn, torch.zeros(20, 2, 1), loss=lambda output: output.sum())
    assert math.isclose(gradient_rate(trace["l0"]), 0.9, rel_tol=1e-3)
    assert math.isclose(gradient_rate(trace["l0_reverse"]), 0.6, rel_tol=1e-3)


def test_without_a_backward_pass_the_influence_is_used():
    rnn = nn.RNN(1, 1, bias=False)
    nn.init.constant_(rnn.weight_hh_l0, 0.1)
    with rv.record(rnn) as trace, torch.no_grad():
        rnn(torch.zeros(20, 1, 1))
    assert alarms(trace) == []  # nothing was to be learned
    assert "vanishing gradient" in [finding.what for finding in rv.diagnose(trace)]


def test_a_loss_at_every_step_starves_no_state():
    """The same short memory is no alarm where every state has a loss of its own."""
    trace = step(vanishing_rnn(), loss=lambda output: output.square().sum())
    assert alarms(trace) == []
    assert {finding.what for finding in rv.diagnose(trace)} == {"vanishing gradient", "short memory"}


def test_saturation_counts_no_padding():
    lstm = make(nn.LSTM, 1, 3)
    nn.init.constant_(lstm.bias_ih_l0, 9.0)
    packed = nn.utils.rnn.pack_padded_sequence(torch.randn(6, 2, 1), torch.tensor([6, 2]))
    with rv.record(lstm) as trace:
        lstm(packed)
    saturation = measure_saturation(trace["l0"])
    assert list(saturation) == ["input", "forget", "candidate", "output"]
    for gate in saturation.values():
        assert gate.high.tolist() == [1.0] * 3
        assert gate.low.tolist() == [0.0] * 3


def test_short_memory_and_padding_are_notes():
    rnn = make(nn.RNN, 1, 4)
    nn.init.normal_(rnn.weight_hh_l0, std=0.05)
    lengths = torch.tensor([12, 2, 2, 2])
    packed = nn.utils.rnn.pack_padded_sequence(torch.randn(12, 4, 1), lengths)
    with rv.record(rnn) as trace:
        output, _ = rnn(packed)
        output.data.sum().backward()
    notes = {finding.what: finding for finding in rv.diagnose(trace) if not finding.alarm}
    assert math.isclose(notes["padding"].number, 1 - 18 / 48, rel_tol=1e-6)
    rnn = make(nn.GRU, 2, 4)
    assert "short memory" not in {f.what for f in rv.diagnose(step(healthy_lstm()))}


def test_a_single_layer_and_a_cell_of_ones_own_can_be_examined():
    from rnnviz.variants import MinimalGatedUnit

    cell = MinimalGatedUnit(2, 4)
    nn.init.constant_(cell.forget.bias, -50.0)
    trace = step(cell)
    assert [finding.what for finding in rv.diagnose(trace["cell"])] == ["stuck forget gate"]


def not_judged(diagnosis):
    """Where and what was not judged."""
    return {(check.layer, check.what) for check in diagnosis.not_judged}


def test_healthy_is_said_where_every_check_was_made():
    lstm = healthy_lstm()
    diagnosis = rv.diagnose(step(lstm))
    assert diagnosis.healthy
    assert [check.what for check in diagnosis.judged] == [
        "values",
        "gates and activations",
        "gradients over time",
        "memory",
        "where the loss reads",
        "padding",
    ]
    first, second = repr(diagnosis).splitlines()
    assert first == "Diagnosis: healthy, nothing to report."
    assert second.startswith("  judged: l0: values, gates and activations, gradients over time, memory")


def test_an_empty_block_is_not_healthy():
    with rv.record(nn.LSTM(2, 3)) as trace:
        pass
    diagnosis = rv.diagnose(trace)
    assert not diagnosis.healthy
    assert "healthy" not in repr(diagnosis)
    assert repr(diagnosis).startswith("Diagnosis: Nothing could be judged.")
    assert not_judged(diagnosis) >= {("", "the recording")}
    assert "layer.forward(x)" in repr(diagnosis)


class Past(nn.Module):
    """Calls one of its layers past the hooks."""

    def __init__(self):
        super().__init__()
        self.lstm, self.gru = nn.LSTM(2, 4), nn.GRU(4, 16)

    def forward(self, x):
        return self.gru(self.lstm.forward(x)[0])


def test_a_layer_called_past_its_hooks_is_named():
    diagnosis = rv.diagnose(step(Past()))
    assert not diagnosis.healthy
    assert ("lstm.l0", "everything") in not_judged(diagnosis)
    assert "NOT judged: lstm.l0: everything: it did not run inside the block" in repr(diagnosis)


def test_no_sequences_and_no_backward_pass_are_not_healthy():
    lstm = healthy_lstm()
    with rv.record(lstm) as nothing:
        lstm(torch.randn(STEPS, 0, 2))
    with rv.record(lstm) as no_grad, torch.no_grad():
        lstm(torch.randn(STEPS, 8, 2))
    with rv.record(lstm) as unasked:
        lstm(torch.randn(STEPS, 8, 2))
    assert not_judged(rv.diagnose(nothing)) == {("l0", "everything")}
    for trace in (no_grad, unasked):
        diagnosis = rv.diagnose(trace)
        assert not diagnosis.healthy
        assert not_judged(diagnosis) == {("l0", "gradients over time"), ("l0", "where the loss reads")}
        assert "no backward pass has reached this layer" in repr(diagnosis)


def test_an_infinity_in_an_earlier_call_is_found():
    lstm = healthy_lstm()
    with rv.record(lstm) as trace:
        for call in range(3):
            x = torch.randn(STEPS, 4, 2)
            if call == 1:
                x[5, 2, 0] = torch.inf
            lstm(x)[0][-1].sum().backward()
    (finding,) = rv.diagnose(trace)
    assert finding.what == "non-finite values"
    assert "in call 1 of 3" in finding.meaning
    assert "from step 5 on" in finding.meaning


def test_unrelated_calls_are_not_all_judged():
    lstm = healthy_lstm()
    with rv.record(lstm) as trace:
        for _ in range(3):
            lstm(torch.randn(STEPS, 4, 2))[0][-1].sum().backward()
    diagnosis = rv.diagnose(trace)
    assert not diagnosis.healthy
    assert not_judged(diagnosis) == {("l0", "the earlier 2 of its 3 calls")}


def test_calls_of_one_step_say_nothing_of_time():
    gru = make(nn.GRU, 2, 16)
    with rv.record(gru) as trace:
        for _ in range(4):
            gru(torch.randn(1, 3, 2))[0].sum().backward()
    diagnosis = rv.diagnose(trace)
    assert {what for _, what in not_judged(diagnosis)} >= {"gradients over time", "memory"}
    assert "Each call is one step" in repr(diagnosis)


def test_a_cell_of_ones_own_is_not_judged_by_a_formula():
    from rnnviz.variants import MinimalGatedUnit

    diagnosis = rv.diagnose(step(make(MinimalGatedUnit, 2, 4)))
    assert {what for _, what in not_judged(diagnosis)} == {
        "gradients over time",
        "memory",
        "where the loss reads",
    }


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_the_reverse_direction_read_at_the_end_is_an_alarm(kind):
    layer = make(kind, 2, 16, num_layers=2, bidirectional=True)
    wrong = [f for f in rv.diagnose(step(layer)) if f.what == "reverse direction read at its first step"]
    assert [(finding.layer, finding.alarm) for finding in wrong] == [("l1_reverse", True)]
    assert "torch.cat([h_n[-2], h_n[-1]], -1)" in wrong[0].advice
    with rv.record(layer) as trace:
        _, final = layer(torch.randn(STEPS, 8, 2))
        h_n = final[0] if kind is nn.LSTM else final
        torch.cat([h_n[-2], h_n[-1]], -1).square().sum().backward()
    assert "reverse direction read at its first step" not in {f.what for f in rv.diagnose(trace)}
    every = step(layer, loss=lambda output: output.square().sum())
    assert "reverse direction read at its first step" not in {f.what for f in rv.diagnose(every)}


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_loss_that_reads_padding_is_an_alarm(kind):
    layer, lengths = make(kind, 2, 16), torch.tensor([12, 9, 5, 3])
    packed = nn.utils.rnn.pack_padded_sequence(torch.randn(12, 4, 2), lengths)

    def found(read):
        with rv.record(layer) as trace:
            output, final = layer(packed)
            read(
                nn.utils.rnn.pad_packed_sequence(output)[0], final[0] if kind is nn.LSTM else final
            ).backward()
        return {finding.what: finding for finding in rv.diagnose(trace)}

    finding = found(lambda output, h_n: output[-1].square().sum())["padding read"]
    assert finding.alarm
    assert finding.number == 3 / 4
    assert "No gradient reaches 3 of 4 sequences" in finding.meaning
    assert "padding read" not in found(lambda output, h_n: h_n[-1].square().sum())
    ends = lengths - 1, torch.arange(4)
    assert "padding read" not in found(lambda output, h_n: output[ends].square().sum())
    # A loss on one long sequence alone may be meant, and then it does not read the batch's last step only.
    assert "padding read" not in found(lambda output, h_n: output[:, 0].square().sum())


def blown_up(kind):
    layer = kind(2, 8, **({"nonlinearity": "relu"} if kind is torch.nn.RNN else {}))
    with torch.no_grad():
        if kind is torch.nn.RNN:
            layer.weight_hh_l0.copy_(4 * torch.eye(8))
            layer.bias_ih_l0.fill_(1)
        else:
            layer.weight_hh_l0[0, 0] = torch.nan
    return layer


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU])
def test_infinite_and_missing_numbers_are_the_first_alarm(kind):
    torch.manual_seed(0)
    layer = blown_up(kind)
    with rv.record(layer) as trace:
        output, _ = layer(torch.randn(120, 2, 2).abs())
        output.sum().backward()
    (finding,) = rv.diagnose(trace)
    assert finding.alarm
    assert finding.what == "non-finite values"
    assert 0 < finding.number <= 1
    assert "hidden" in finding.meaning


def test_a_gradient_that_is_no_number_is_an_alarm():
    torch.manual_seed(0)
    layer = torch.nn.GRU(2, 3)
    with rv.record(layer) as trace:
        output, _ = layer(torch.randn(9, 2, 2))
        (output[4] * torch.nan).sum().backward()
    (finding,) = rv.diagnose(trace)
    assert finding.what == "non-finite gradients"
    assert finding.meaning.startswith("grad_hidden are infinite or NaN")
    assert "up to step 4:" in finding.meaning


def test_sampled_sequences_are_those_of_the_batch():
    torch.manual_seed(0)
    layer = torch.nn.LSTM(2, 4, num_layers=2).double()
    with rv.record(layer) as trace:
        output, _ = layer(torch.randn(12, 7, 2).double())
        output.square().sum().backward()
    for name in trace.layers:
        recorded = trace[name]
        assert flow.sample_sequences(recorded, 7) is recorded
        for count in (1, 3):
            sample = flow.sample_sequences(recorded, count)
            rows = [round(row) for row in torch.linspace(0, 6, count).tolist()]
            assert sample.hidden.shape[1] == count
            for function in (flow.gradient_flow, flow.influence):
                torch.testing.assert_close(function(sample), function(recorded)[..., rows])
            assert torch.equal(sample.grad_cell, recorded.grad_cell[:, rows])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_sample_finds_what_all_of_it_shows(kind, reverse, monkeypatch):
    """Same findings, and numbers close to those of the whole."""
    layer = make(kind, 6, 16, num_layers=2, bidirectional=reverse)
    lengths = torch.tensor([80, 80, 75, 60, 44, 80, 31, 80])
    x = nn.utils.rnn.pack_padded_sequence(torch.randn(80, 8, 6), lengths, enforce_sorted=False)
    trace = step(layer, x, loss=lambda output: output.data.square().sum())
    whole = {(finding.layer, finding.what): finding.number for finding in rv.diagnose(trace)}
    assert len(whole) >= 2
    followed = []
    propagate = rates.gradient_flow

    def watched(recorded, losses):
        followed.append((recorded.source.shape[1], len(losses)))
        return propagate(recorded, losses)

    monkeypatch.setattr(rates, "gradient_flow", watched)
    monkeypatch.setattr(rates, "EFFORT", {nn.RNN: 2**23, nn.GRU: 2**24, nn.LSTM: 2**25}[kind])
    sampled = {(finding.layer, finding.what): finding.number for finding in rv.diagnose(trace)}
    assert all(1 < sequences * rows < 80 * 8 / 2 for sequences, rows in followed)
    assert len(followed) == len(trace.layers)
    assert set(sampled) == set(whole)
    for (_, what), number in whole.items():
        tolerance = {"vanishing gradient": 0.1, "short memory": 0.35}.get(what, 1e-9)
        assert math.isclose(sampled[_, what], number, rel_tol=tolerance), (what, number)


def test_a_long_recording_is_diagnosed_in_seconds():
    """At T = 1000, H = 128 following everything took a minute."""
    lstm = make(nn.LSTM, 8, 128)
    trace = step(lstm, torch.randn(1000, 16, 8), loss=lambda output: output.square().sum())
    start = time.thread_time()
    assert [finding.what for finding in rv.diagnose(trace)] == ["vanishing gradient", "short memory"]
    assert time.thread_time() - start < 15


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU])
def test_chunks_change_nothing(kind, monkeypatch):
    torch.manual_seed(0)
    layer = kind(2, 4).double()
    with rv.record(layer) as trace:
        layer(torch.randn(12, 3, 2).double())
    whole = flow.jacobian_product(trace["l0"])
    monkeypatch.setattr(jacobian, "CHUNK", 2000)
    for name, array in vars(flow.jacobian_product(trace["l0"])).items():
        torch.testing.assert_close(array, getattr(whole, name))


def test_what_is_not_finite_has_no_memory():
    lstm = healthy_lstm()
    x = torch.randn(STEPS, 3, 2)
    x[2, 1] = torch.nan
    with rv.record(lstm) as trace:
        lstm(x)
    for function in (flow.memory_curve, flow.memory_horizon):
        with pytest.raises(
            ValueError, match=r"l0 holds states that are not finite.*sequence 1 first at step 2"
        ):
            function(trace["l0"])


def test_a_very_long_recording_is_sampled_and_says_so():
    rnn = make(nn.RNN, 4, 64)
    with rv.record(rnn) as trace:
        rnn(torch.randn(20_000, 1, 4))[0][-1].sum().backward()
    start = time.thread_time()
    with pytest.warns(UserWarning, match=r"has 20,000 steps; the influence of \d+ inputs is followed"):
        sampled = flow.memory_horizon(trace["l0"])
    assert sampled.shape == (1,)
    assert 1 < int(sampled) < 100
    assert any(check.why == "of a sample" for check in rv.diagnose(trace).judged)
    assert time.thread_time() - start < 30
