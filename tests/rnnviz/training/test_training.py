import copy
import gc
import itertools
import math
import subprocess
import sys
import threading
import time
import weakref

import pytest
import torch
from torch import nn

from rnnviz.training import DivergenceError, Runner, Step, mean_squared_error, train
from rnnviz.training import runner as runner_module


def data(count: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    inputs = torch.randn(5, count, 1, generator=torch.Generator().manual_seed(1))
    return inputs, inputs.cumsum(0)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.rnn, self.out = nn.RNN(1, 4), nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.rnn(x)[0])


def weights(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def test_first_step_is_the_untrained_model_and_matches_torch_by_hand() -> None:
    inputs, targets = data()
    ours, theirs = Net(), Net()
    steps = list(train(ours, (inputs, targets), batch=12, steps=4, learning_rate=0.01))
    optimiser = torch.optim.Adam(theirs.parameters(), lr=0.01)
    losses = []
    for _ in range(4):
        optimiser.zero_grad()
        loss = nn.functional.mse_loss(theirs(inputs), targets)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert [step.number for step in steps] == [0, 1, 2, 3]
    assert [step.loss for step in steps] == pytest.approx(losses, rel=1e-5)
    assert torch.allclose(weights(ours), weights(theirs), atol=1e-6)
    assert steps[0].learning_rate == 0.01


def test_gradient_norm_is_that_of_all_parameters_before_clipping() -> None:
    model, (inputs, targets) = Net(), data()
    nn.functional.mse_loss(model(inputs), targets).backward()
    norm = math.sqrt(sum(p.grad.square().sum().item() for p in model.parameters() if p.grad is not None))
    step = next(train(Net(), (inputs, targets), batch=12, clip_norm=1e-3))
    assert step.grad_norm == pytest.approx(norm, rel=1e-5)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=1.0)


def test_clipping_bounds_the_update() -> None:
    for setting, bound in (
        ({"clip_norm": 1e-2}, torch.norm),
        ({"clip_value": 1e-3}, lambda d: d.abs().max()),
    ):
        model = Net()
        before = weights(model)
        next(train(model, data(), optimiser=sgd, **setting))
        limit = next(iter(setting.values()))
        assert bound(weights(model) - before).item() == pytest.approx(limit, rel=1e-3)


def test_same_seed_same_run_and_another_seed_another() -> None:
    runs = [[step.loss for step in train(Net(), data(), batch=4, steps=10, seed=seed)] for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_each_epoch_holds_every_sequence_once() -> None:
    seen: list[float] = []

    class Spy(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.extend(x[0, :, 0].tolist())
            return super().forward(x)

    inputs = torch.arange(6.0).reshape(1, 6, 1)
    list(train(Spy(1, 1), (inputs, inputs), batch=2, steps=6))
    assert sorted(seen[:6]) == sorted(seen[6:]) == [0, 1, 2, 3, 4, 5]
    assert seen[:6] != seen[6:]


def test_interrupted_and_resumed_equals_uninterrupted(tmp_path) -> None:
    whole = train(Net(), data(), batch=5, steps=9)
    losses = [step.loss for step in whole]
    first = train(Net(), data(), batch=5, steps=9)
    for _ in range(4):
        next(first)
    torch.save(first.state_dict(), tmp_path / "state.pt")
    second = train(Net(), data(), batch=5, steps=9)
    second.load_state_dict(torch.load(tmp_path / "state.pt"))
    assert [step.loss for step in second] == losses[4:]
    assert torch.equal(weights(second.model), weights(whole.model))


class Dropping(Net):
    """Dropout as a function, which no look at the modules can find."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(nn.functional.dropout(self.rnn(x)[0], 0.5, self.training))


class Walk:
    """Draws sequences in an order that it keeps itself."""

    def __init__(self) -> None:
        self.place = 0

    def __call__(self, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        self.place += 1
        inputs, targets = data()
        return inputs[:, self.place : self.place + 3], targets[:, self.place : self.place + 3]

    def state_dict(self) -> dict[str, int]:
        return {"place": self.place}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.place = state["place"]


def noisy() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.Linear(8, 1))


def draw_globally(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.rand(5, 3, 1)
    return x, x


class DroppingLater(Dropping):
    """Dropout from the third forward pass on."""

    passes = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        return super().forward(x) if self.passes > 2 else Net.forward(self, x)


def test_what_begins_to_draw_later_is_resumed_from_then_on() -> None:
    torch.manual_seed(5)
    first = train(DroppingLater(), data(), batch=5, steps=8)
    for _ in range(4):
        next(first)
    state = copy.deepcopy(first.state_dict())
    losses = [step.loss for step in first]
    torch.manual_seed(99)
    second = train(DroppingLater(), data(), batch=5, steps=8)
    second.model.passes = 4
    second.load_state_dict(state)
    assert [step.loss for step in second] == losses


@pytest.mark.parametrize(
    ("build", "draw"),
    [(noisy, data), (Dropping, data), (Net, Walk), (Net, lambda: draw_globally)],
    ids=["dropout layer", "dropout function", "state of its own", "torch's generator"],
)
@pytest.mark.parametrize("made", [0, 3])
def test_all_that_a_step_draws_is_resumed(tmp_path, build, draw, made: int) -> None:
    def start():
        return train(build(), draw(), batch=5, steps=8)

    torch.manual_seed(5)
    whole = [step.loss for step in start()]
    first = start()
    losses = [next(first).loss for _ in range(made)]
    torch.save(first.state_dict(), tmp_path / "state.pt")
    losses += [step.loss for step in first]  # what goes on changes nothing of what was saved
    torch.manual_seed(99)
    second = start()
    second.load_state_dict(torch.load(tmp_path / "state.pt"))
    assert [step.loss for step in second] == losses[made:]
    assert len(losses) == len(whole) == 8
    torch.manual_seed(7)
    first.reset()
    assert [step.loss for step in first] == losses


def test_a_training_without_chance_of_its_own_leaves_the_global_generator_alone() -> None:
    plain = train(Net(), data(), steps=2)
    before = torch.get_rng_state()
    torch.rand(1)
    moved = torch.get_rng_state()
    list(plain)
    plain.reset()
    plain.load_state_dict(plain.state_dict())
    assert torch.equal(torch.get_rng_state(), moved)
    assert not torch.equal(before, moved)


def test_a_state_of_other_data_is_refused_and_changes_nothing() -> None:
    saved = train(Net(), data(12), batch=5)
    next(saved)
    for other, reason in (
        (train(Net(), data(8), batch=5), "on 12 sequences, and these data hold 8"),
        (train(Net(), data(12), batch=5, truncate=2), "without truncate, and this one is with"),
        (train(Net(), draw_globally), "these data have none"),
    ):
        before = weights(other.model)
        with pytest.raises(ValueError, match=reason):
            other.load_state_dict(saved.state_dict())
        assert other.number == 0
        assert torch.equal(weights(other.model), before)
        next(other)


def test_a_model_that_cannot_learn_is_explained() -> None:
    with pytest.raises(ValueError, match="All 6 parameters of Net are frozen"):
        next(train(Net().requires_grad_(False), data()))

    class Cut(Net):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).detach()

    with pytest.raises(ValueError, match="depend on any parameter of Cut"):
        next(train(Cut(), data()))
    half = Net()
    half.rnn.requires_grad_(False)
    assert next(train(half, data())).grad_norm > 0


def test_reset_repeats_the_run() -> None:
    training = train(Net(), data(), batch=5, steps=5)
    first = [step.loss for step in training]
    training.learning_rate = 0.5
    training.reset()
    assert training.learning_rate == 1e-3
    assert [step.loss for step in training] == first


def test_evaluation_comes_before_the_first_update_and_then_regularly() -> None:
    training = train(Net(), data(), steps=7, evaluate=lambda m: {"mode": float(m.training)}, evaluate_every=3)
    evaluated = {step.number: step.evaluation for step in training}
    assert {number for number, found in evaluated.items() if found} == {0, 3, 6}
    assert evaluated[0] == {"mode": 0.0}
    assert training.model.training


def test_drawing_function_is_given_a_seeded_generator() -> None:
    def draw(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.rand(5, 3, 1, generator=generator)
        return x, x

    runs = [[s.loss for s in train(Net(), draw, steps=5, seed=3)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 5


def test_masked_steps_do_not_count() -> None:
    outputs = torch.tensor([[[1.0], [2.0]], [[3.0], [100.0]]])
    mask = torch.tensor([[True, True], [True, False]])
    assert mean_squared_error(outputs, torch.zeros(2, 2, 1), mask).item() == pytest.approx(14 / 3)
    inputs, targets = data(4)
    lengths = torch.ones(5, 4)
    lengths[3:, 2] = 0
    spoilt = targets.clone()
    spoilt[3:, 2] = 1e6
    clean, dirty = (next(train(Net(), (inputs, t, lengths), batch=4)).loss for t in (targets, spoilt))
    assert clean == dirty


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_stands_in_padding_leaves_the_gradient_alone(bad: float) -> None:
    generator = torch.Generator().manual_seed(2)
    outputs, targets = torch.randn(2, 5, 3, 2, generator=generator)
    mask = torch.tensor([[1, 1, 1], [1, 1, 1], [1, 0, 1], [0, 0, 1], [0, 0, 1]])
    padding = mask[..., None] == 0
    found = []
    for y, t in (
        (outputs, targets),
        (outputs.masked_fill(padding, bad), targets),
        (outputs, targets.masked_fill(padding, bad)),
        (outputs.masked_fill(padding, bad), targets.masked_fill(padding, bad)),
    ):
        y = y.clone().requires_grad_()
        loss = mean_squared_error(y, t, mask)
        found.append((loss.detach(), *torch.autograd.grad(loss, y)))
    for loss, gradient in found[1:]:
        assert torch.equal(loss, found[0][0])
        assert torch.equal(gradient, found[0][1])
    assert not found[0][1][mask == 0].any()

    x, y = data(10)
    lengths = torch.ones(5, 10)
    lengths[3:] = 0
    y[3:] = bad
    steps = list(train(Net(), (x, y, lengths), batch=5, steps=4))
    assert all(math.isfinite(step.loss) and math.isfinite(step.grad_norm) for step in steps)


def test_unusable_data_and_settings_are_explained() -> None:
    x = torch.zeros(2, 3, 1)
    with pytest.raises(ValueError, match=r"\(2, 3, 1\) and the targets \(2, 3\)"):
        mean_squared_error(x, x[..., 0])
    with pytest.raises(ValueError, match="zero everywhere"):
        mean_squared_error(x, x, torch.zeros(2, 3))
    with pytest.raises(ValueError, match="hold 3, 2 sequences"):
        train(Net(), (x, x[:, :2]))
    with pytest.raises(ValueError, match="no targets"):
        train(Net(), (x,))
    with pytest.raises(ValueError, match="clip_norm is -1"):
        train(Net(), (x, x), clip_norm=-1)
    with pytest.raises(ValueError, match="learning rate"):
        train(Net(), (x, x)).learning_rate = 0


def test_divergence_is_an_error_with_advice_unless_asked_for() -> None:
    def wild(parameters):
        return torch.optim.SGD(parameters, lr=1e30)

    with pytest.raises(DivergenceError, match="lower the learning rate"):
        list(train(nn.Linear(1, 1), data(), optimiser=wild, steps=50))
    steps = list(train(nn.Linear(1, 1), data(), optimiser=wild, steps=50, watch_divergence=False))
    assert not math.isfinite(steps[-1].loss)


class Root(nn.Module):
    """A root whose slope at 0 is infinite, so that a finite loss has a gradient that is none."""

    def __init__(self, factor: float = 0.0) -> None:
        super().__init__()
        self.weight, self.factor = nn.Parameter(torch.zeros(1)), factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 0 + torch.sqrt(self.weight * self.factor)


def test_a_gradient_that_is_no_number_stops_before_the_weights_are_lost() -> None:
    x = torch.ones(2, 3, 1)
    model = Root()
    with pytest.raises(
        DivergenceError, match=r"gradient is nan at step 0, though the loss is 1: this update was"
    ):
        next(train(model, (x, x)))
    assert model.weight.item() == 0
    assert math.isnan(next(train(Root(), (x, x), watch_divergence=False)).grad_norm)
    with pytest.raises(DivergenceError, match="gradient is inf"):
        next(train(Root(1.0), (x, x), clip_norm=1))
    model = Root(1.0)
    step = next(train(model, (x, x), optimiser=sgd, clip_value=0.5))  # clipping makes that one usable
    assert (step.grad_norm, model.weight.item()) == (math.inf, 0.5)


def test_a_gradient_whose_square_overflows_is_still_clipped() -> None:
    class Steep(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) * 1e25

    def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (outputs - targets).sum()

    model = Steep(1, 1)
    before = weights(model)
    x = torch.ones(2, 3, 1)
    step = next(train(model, (x, x), loss=loss, optimiser=sgd, clip_norm=1.0))
    assert step.grad_norm == pytest.approx(math.sqrt(2) * 6e25, rel=1e-5)
    assert torch.norm(weights(model) - before).item() == pytest.approx(1, rel=1e-5)


def test_a_loss_that_is_no_number_from_the_start_is_not_blamed_on_the_learning_rate() -> None:
    x, y = data()
    x[2, 3] = math.nan
    with pytest.raises(DivergenceError, match="nan at step 0: no update was made yet, so look for values"):
        next(train(Net(), (x, y)))


class Count:
    """Work that only counts."""

    def __init__(self, last: int | None = None, trouble_at: int | None = None) -> None:
        self.number, self.last, self.trouble_at, self.frames = 0, last, trouble_at, 0

    def step(self) -> None:
        if self.number == self.last:
            raise StopIteration
        if self.number == self.trouble_at:
            raise ZeroDivisionError("step went wrong")
        self.number += 1
        time.sleep(1e-4)

    def frame(self) -> int:
        self.frames += 1
        return self.number

    def reset(self) -> None:
        self.number, self.trouble_at = 0, None


def until(condition, timeout: float = 5.0) -> bool:
    end = time.monotonic() + timeout
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def test_runner_starts_pauses_steps_resets_and_stops() -> None:
    states: list[str] = []
    work = Count()
    runner = Runner(work, on_state=states.append)
    assert runner.state == "ready"
    runner.start()
    assert until(lambda: work.number > 20)
    runner.pause()
    assert runner.wait(5) == "paused"
    here = work.number
    assert runner.latest == here
    time.sleep(0.05)
    assert work.number == here
    runner.step()
    runner.wait(5)
    assert work.number == runner.latest == here + 1
    runner.step(5)
    runner.wait(5)
    assert runner.latest == here + 6
    runner.reset()
    assert runner.wait(5) == "ready"
    assert runner.latest == 0
    runner.stop()
    runner.stop()
    assert states == ["running", "paused", "ready", "stopped"]
    with pytest.raises(RuntimeError, match="Make a new one"):
        runner.start()


def test_a_real_training_runs_in_the_background_as_in_the_foreground() -> None:
    foreground = [step.loss for step in train(Net(), data(), batch=4, steps=20)]
    training = train(Net(), data(), batch=4, steps=20)
    runner = Runner(training)
    runner.start()
    assert runner.wait(20) == "finished"
    assert isinstance(runner.latest, Step)
    assert runner.latest.loss == foreground[-1]
    runner.stop()


def test_frames_are_limited_and_the_last_one_always_comes() -> None:
    frames: list[tuple[float, int]] = []
    runner = Runner(Count(last=3000), on_frame=lambda f: frames.append((time.perf_counter(), f)), rate=20)
    began = time.perf_counter()
    runner.start()
    assert runner.wait(20) == "finished"
    assert frames[-1][1] == 3000
    assert len(frames) <= 20 * (frames[-1][0] - began) + 2
    runner.stop()


class Clock:
    """Stands still, but for what is called on it."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


def test_frames_come_at_their_rate_also_where_steps_do_not_end_when_one_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(runner_module, "time", clock)

    class Slow(Count):
        def step(self) -> None:
            super().step()
            clock.now += 0.015

    times: list[float] = []
    runner = Runner(Slow(last=400), on_frame=lambda _: times.append(clock.now), rate=40)
    runner.call(lambda: None).result(5)  # a frame out of turn puts nothing off
    runner.start()
    assert runner.wait(20) == "finished"
    runner.stop()
    assert len(times) == pytest.approx(40 * 400 * 0.015, abs=3)
    # Late frames are not made up for by a burst.
    assert min(later - earlier for earlier, later in itertools.pairwise(times[1:-1])) > 0.014


def test_an_error_ends_in_the_state_and_reset_is_the_way_out() -> None:
    states: list[str] = []
    runner = Runner(Count(trouble_at=3), on_state=states.append)
    runner.start()
    assert runner.wait(5) == "failed"
    assert isinstance(runner.error, ZeroDivisionError)
    with pytest.raises(RuntimeError, match=r"step went wrong.*reset"):
        runner.start()
    runner.pause()  # it stands still already
    assert runner.state == "failed"
    runner.reset().result(5)
    assert runner.error is None
    runner.step(4)
    assert runner.wait(5) == "paused"
    assert states == ["running", "failed", "ready", "paused"]
    runner.stop()


@pytest.mark.parametrize("which", ["on_frame", "on_state"])
def test_an_error_in_a_callback_is_not_silent(which: str) -> None:
    def callback(_: object) -> None:
        raise KeyError("no such picture")

    runner = Runner(Count(), **{which: callback})
    runner.start()
    assert runner.wait(5) == "failed"
    assert isinstance(runner.error, KeyError)
    runner.stop()


def test_calls_happen_in_the_thread_between_steps_and_report_their_errors() -> None:
    frames: list[int] = []
    work = Count()
    runner = Runner(work, on_frame=frames.append)
    assert runner.call(lambda: threading.current_thread().name).result(5) == "rnnviz-runner"
    runner.wait(5)
    assert frames == [0]
    runner.start()
    assert runner.call(setattr, work, "number", 10**6).result(5) is None
    assert until(lambda: runner.latest > 10**6)
    with pytest.raises(ZeroDivisionError):
        runner.call(lambda: 1 / 0).result(5)
    assert runner.state == "running"
    runner.stop()


def test_the_thread_ends_when_its_owner_is_forgotten() -> None:
    class Owner:
        def __init__(self) -> None:
            self.seen = 0
            self.runner = Runner(Count(), on_frame=self.show, on_state=self.note)

        def show(self, frame: int) -> None:
            self.seen = frame

        def note(self, state: str) -> None:
            self.state = state

    owner = Owner()
    owner.runner.start()
    time.sleep(0.1)
    assert owner.seen > 0
    thread = owner.runner._control._thread
    alive = weakref.ref(owner)
    del owner
    gc.collect()
    assert until(lambda: alive() is None)
    thread.join(5)
    assert not thread.is_alive()


def test_python_exits_at_once_while_training_runs() -> None:
    code = (
        "import torch; from rnnviz.training import Runner, train\n"
        "x = torch.zeros(50, 64, 1)\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__(); self.r, self.o = torch.nn.GRU(1, 64), torch.nn.Linear(64, 1)\n"
        "    def forward(self, x): return self.o(self.r(x)[0])\n"
        "runner = Runner(train(Net(), (x, x))); runner.start()\n"
        "import time; time.sleep(0.3); print(runner.state)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (done.stdout.strip(), done.stderr) == ("running", "")


@pytest.mark.parametrize("rate", [0, -1, math.nan])
def test_rate_must_be_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Runner(Count(), rate=rate)


def test_steps_ordered_while_one_is_being_made_are_all_made() -> None:
    class Work:
        made = 0

        def step(self) -> None:
            self.made += 1
            if self.made == 1:
                runner.step(2)

        def frame(self) -> int:
            return self.made

        def reset(self) -> None: ...

    work = Work()
    runner = Runner(work)
    runner.step()
    assert runner.wait(10) == "paused"
    assert work.made == 3
    runner.stop()


def test_an_evaluation_at_no_step_is_refused() -> None:
    data = (torch.zeros(2, 4, 1), torch.zeros(2, 4, 1))
    with pytest.raises(ValueError, match="evaluate_every is 0"):
        train(torch.nn.Linear(1, 1), data, evaluate=lambda model: {}, evaluate_every=0)
