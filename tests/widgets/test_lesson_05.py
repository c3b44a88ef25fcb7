import re

import pytest
import torch

import rnnviz_widgets as rw
from rnnviz_widgets.exercises import read_exercises
from rnnviz_widgets.lesson_questions import read_questions


def cut_windows(series, length):
    starts = range(len(series) - length)
    return (
        torch.stack([series[start : start + length] for start in starts], dim=1),
        torch.stack([series[start + 1 : start + 1 + length] for start in starts], dim=1),
    )


def feed_back(weights, history, horizon):
    values = list(history)
    for _ in range(horizon):
        values.append((weights * torch.stack(values[-len(weights) :])).sum())
    return torch.stack(values[len(history) :])


def scale(series, cut):
    return (series - series[:cut].mean()) / series[:cut].std(unbiased=False)


def split_windows(series, length, cut):
    pairs = [(series[end - length : end], series[end], end < cut) for end in range(length, len(series))]

    def join(before):
        chosen = [(window, after) for window, after, known in pairs if known == before]
        windows, following = zip(*chosen, strict=True)
        return torch.stack(windows, dim=1), torch.stack(following)

    return [join(True), join(False)]


RIGHT = [("windows", cut_windows), ("feed-back", feed_back), ("split", split_windows), ("scale", scale)]


@pytest.mark.parametrize(("name", "right"), RIGHT)
def test_right_answers_pass(name, right):
    assert rw.exercise("05", name, right).facts()["failed"] == 0


@pytest.mark.parametrize("one_less", [0, 1])
def test_a_spread_may_be_measured_in_both_ways(one_less):
    def scale(series, cut):
        return (series - series[:cut].mean()) / series[:cut].std(correction=one_less)

    assert rw.exercise("05", "scale", scale).facts() == {"passed": 2, "failed": 0}


def same_targets(series, length):
    inputs, _ = cut_windows(series, length)
    return inputs, inputs


def one_window_short(series, length):
    inputs, targets = cut_windows(series, length)
    return inputs[:, 1:], targets[:, 1:]


def reversed_weights(weights, history, horizon):
    return feed_back(weights.flip(0), history, horizon)


def never_feeds_back(weights, history, horizon):
    return (weights * history[-len(weights) :]).sum().expand(horizon)


def sees_the_future(series, cut):
    return (series - series.mean()) / series.std(unbiased=False)


def each_part_by_itself(series, cut):
    parts = [
        (part - part.mean()) / (part.std(unbiased=False) + 1e-9) for part in (series[:cut], series[cut:])
    ]
    return torch.cat(parts)


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("windows", same_targets, "instead of"),
        ("windows", one_window_short, "it should be"),
        ("windows", lambda series, length: series, "it should be|cannot be checked"),
        ("feed-back", reversed_weights, "instead of"),
        ("feed-back", never_feeds_back, "instead of"),
        ("feed-back", lambda weights, history, horizon: history, "it should be"),
        ("scale", sees_the_future, "Before the cut the mean is"),
        ("scale", each_part_by_itself, "instead of"),
        ("scale", lambda series, cut: series[:cut], "whole series"),
    ],
)
def test_common_mistakes_are_found(name, wrong, says):
    failed = [finding for finding in rw.exercise("05", name, wrong).findings if finding["state"] == "failed"]
    assert any(re.search(says, finding["sentence"]) for finding in failed)


def test_exercises_and_questions_are_complete():
    names = ["windows", "feed-back", "split", "scale", "beat-the-sum"]
    assert [check.name for check in read_exercises("05")] == names
    assert all(len(check.hints) >= 2 and check.then for check in read_exercises("05"))
    questions = read_questions("05")
    assert sum(entry["kind"] == "quiz" for entry in questions.values()) == 5
    for name in questions:
        rw.ask("05", name)


@pytest.mark.parametrize("name", ["05-window-and-target", "05-projection", "05-many-steps", "05-split"])
def test_pictures_are_described(name):
    picture = rw.Picture(name)
    assert picture.title
    assert len(picture.description) > 60


def test_revealed_numbers_are_measured_ones():
    from rnnviz.data import co2, windows
    from rnnviz.models import Forecaster, NearestWindows, score

    cut = round(0.7 * len(co2()))
    known = windows(co2(), 20, 11, stop=cut)
    missed = score(NearestWindows(known), windows(co2(), 20, 11, start=cut)).rmse
    assert rw.ask("05", "shuffled").truth == pytest.approx(missed, abs=0.05)
    projection = Forecaster(units=100).projection
    assert rw.ask("05", "projection-weights").truth == sum(p.numel() for p in projection.parameters())


def test_a_season_chosen_by_the_validation_part_disappoints():
    from rnnviz.data import split, sunspots
    from rnnviz.models import SeasonalNaive, score

    parts = split(sunspots(), length=20, horizon=11)
    chosen_by = {years: score(SeasonalNaive(years), parts.validation).rmse for years in range(8, 15)}
    assert min(chosen_by, key=chosen_by.__getitem__) == 10
    test = {years: score(SeasonalNaive(years), parts.test).rmse for years in (10, 11)}
    assert rw.ask("05", "chosen-copy").truth == pytest.approx(test[10], abs=0.05)
    assert test[10] > 1.5 * chosen_by[10]
    assert test[11] < test[10]


def test_the_gru_leads_as_far_ahead_as_the_question_says():
    from rnnviz.data import split, sunspots
    from rnnviz.models import Forecaster, SeasonalNaive, forecast_loss, score
    from rnnviz.training import train

    parts = split(sunspots(), length=20, horizon=11)
    gru = Forecaster(units=32, cell="gru")
    data = parts.scaler.scale(parts.train.inputs), parts.scaler.scale(parts.train.shifted)
    for _ in train(gru, data, loss=forecast_loss, steps=300, clip_norm=1.0):
        pass
    ours = score(gru, parts.validation, parts.scaler).squared[:, 0]
    copied = score(SeasonalNaive(11), parts.validation).squared[:, 0]
    leads = (ours < copied).tolist()
    assert leads.index(False) == rw.ask("05", "how-far-ahead").truth


def test_what_feeds_back_leads_at_one_step_and_not_at_twenty():
    from rnnviz.data import Series, rising_sine
    from rnnviz.models import Forecasting

    noise = 0.2 * torch.randn(300, 1, generator=torch.Generator().manual_seed(0))
    noisy = Series("wave, with noise", rising_sine().values + noise.numpy())
    race = Forecasting(noisy, {"fed back": "rnn", "all at once": "rnn-direct"}, window=20, horizon=20)
    for _ in range(400):
        race.step()
    frame = race.frame()
    fed_back, at_once = frame.models["fed back"], frame.models["all at once"]
    assert fed_back.one_step_error < 0.75 * at_once.one_step_error
    assert at_once.many_step_error < 0.75 * fed_back.many_step_error
    best = next(iter(frame.baselines.values()))
    assert best.one_step_error < fed_back.one_step_error
    assert best.many_step_error < at_once.many_step_error


def test_gates_alone_make_no_long_memory():
    import rnnviz as rv
    from rnnviz.data import split, sunspots
    from rnnviz.models import Forecaster, forecast_loss
    from rnnviz.training import train

    parts = split(sunspots(), length=20, horizon=11)
    data = parts.scaler.scale(parts.train.inputs), parts.scaler.scale(parts.train.shifted)
    window = parts.scaler.scale(parts.validation.inputs[:, :1])
    answer = parts.scaler.scale(parts.validation.future[:1, :1])
    left = {}
    for cell in ("gru", "rnn"):
        model = Forecaster(units=32, cell=cell)
        for _ in train(model, data, loss=forecast_loss, steps=300, clip_norm=1.0):
            pass
        with rv.record(model) as trace:
            forecast_loss(model(window)[-1:], answer).backward()
        asked = trace["recurrent.l0"].grad_norm[:, 0]
        left[cell] = float(asked[0] / asked[-1])
    assert left["gru"] < left["rnn"] < 0.02


def edge_at(edge):
    """Split the windows at a column, however it is found."""

    def split(series, length, cut):
        inputs = series.unfold(0, length + 1, 1).T
        at = edge(length, cut)
        return (inputs[:-1, :at], inputs[-1, :at]), (inputs[:-1, at:], inputs[-1, at:])

    return split


def without_what_reaches_back(series, length, cut):
    known, (inputs, following) = split_windows(series, length, cut)
    return known, (inputs[:, length:], following[length:])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (edge_at(lambda length, cut: cut), "is among what is learned from, and the cut is at"),
        (edge_at(lambda length, cut: cut - length + 1), "is among what is learned from"),
        (edge_at(lambda length, cut: cut - 1), "is among what is learned from"),
        (edge_at(lambda length, cut: cut - length - 1), "The shape is|should be"),
        (edge_at(lambda length, cut: 0), "the shape is|should be"),
        (without_what_reaches_back, "the shape is"),
        (lambda *given: split_windows(*given)[::-1], "is among what is learned from"),
        (lambda *given: [pair[::-1] for pair in split_windows(*given)], "shape"),
        (lambda *given: split_windows(*given)[0], "tensors are expected"),
        (lambda series, length, cut: series, "Two pairs"),
    ],
)
def test_other_ways_of_splitting_are_found(wrong, says):
    failed = [one for one in rw.exercise("05", "split", wrong).findings if one["state"] == "failed"]
    assert failed
    assert any(re.search(says, finding["sentence"]) for finding in failed), failed


def least_squares(change=lambda values: values, back=lambda values: values):
    def learn_from(past):
        table = change(past).unfold(0, 10, 1)
        known = torch.cat([table[:, :9], torch.ones(len(table), 1)], dim=1)
        weights = torch.linalg.lstsq(known, table[:, 9]).solution
        return lambda windows: back(change(windows[-9:]).T @ weights[:9] + weights[9])

    return learn_from


def test_the_sum_is_beaten_on_the_sun_by_a_better_idea():
    plain = rw.exercise("05", "beat-the-sum", least_squares())
    assert plain.state == "short"
    assert plain.score == pytest.approx(18.04, abs=0.05)
    naive = rw.exercise("05", "beat-the-sum", lambda past: lambda windows: windows[-1])
    assert naive.score == pytest.approx(30.29, abs=0.05)
    roots = rw.exercise("05", "beat-the-sum", least_squares(torch.sqrt, lambda y: y.clamp(min=0) ** 2))
    assert roots.state == "reached"
    assert "It misses most in" in roots.notes[0]
    for wrong, says in [
        (lambda past: 3.0, "A function that forecasts"),
        (lambda past: lambda windows: windows, "93 windows"),
        (lambda past: lambda windows: windows[-1].mean(), "93 windows"),
    ]:
        attempt = rw.exercise("05", "beat-the-sum", wrong)
        assert attempt.state == "failed"
        assert says in attempt.sentence


def test_all_at_once_wins_with_each_seed_when_both_learn_from_the_same_series():
    from rnnviz.experiments.results import read_rows

    kept = {row.what: row for row in read_rows("ten_steps_ahead")}
    fed_back = kept["fed back, from the same series"].measured
    at_once = kept["deep, all at once"].measured
    assert [round(value, 4) for value in fed_back] == [0.0132, 0.0132, 0.0253]
    assert [round(value, 4) for value in at_once] == [0.0100, 0.0090, 0.0125]
    assert all(0.45 < one / other < 0.8 for one, other in zip(at_once, fed_back, strict=True))
