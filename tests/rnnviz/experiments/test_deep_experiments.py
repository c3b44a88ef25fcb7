"""What is stored of deep networks: complete, judged as claimed, and said by the lesson as it is."""

from __future__ import annotations

from statistics import median

import pytest
import torch

from rnnviz.experiments.bearing import SEVERITIES, find_defects, make_parts
from rnnviz.experiments.both_ways import draw_signs
from rnnviz.experiments.depth import TASKS, narrow
from rnnviz.experiments.layer_memory import LAGS, probe
from rnnviz.experiments.results import read_results, read_rows
from rnnviz.models import Floor, Stack, read_bearing_lstm


def middles(name: str) -> dict[str, float]:
    return {row.what: median(row.measured) for row in read_rows(name)}


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("inputs", "units", "cell"), [(4, 48, "lstm"), (100, 64, "lstm"), (8, 64, "rnn")])
def test_narrower_layers_have_as_many_weights(inputs: int, units: int, cell: str, depth: int) -> None:
    wanted = Stack(inputs, [Floor(units, cell)]).count_weights()
    floors = narrow(inputs, units, depth, cell)
    assert len(floors) == depth
    assert Stack(inputs, floors).count_weights() == pytest.approx(wanted, rel=0.04)


def test_depth_is_stored_for_every_task_and_buys_little() -> None:
    found = middles("depth")
    assert len(found) == 3 * len(TASKS)
    for task in TASKS:
        one, two = found[f"{task}, 1 layer"], found[f"{task}, 2 layers"]
        assert abs(two / one - 1) < 0.03


def test_both_ways_is_stored_as_the_lesson_says() -> None:
    found = middles("both_ways")
    assert found["what comes 3 steps later: right, both ways"] > 0.99
    assert found["what comes 3 steps later: right, forward"] < 0.6
    ends = [found[f"next piece, at its end: error, {way}"] for way in ("both ways", "forward")]
    assert ends[0] > 3 * ends[1]
    missed = [row for row in read_rows("both_ways") if row.holds is False]
    assert all(row.note for row in missed)


def test_signs_are_labelled_by_the_future() -> None:
    signs, labels = draw_signs(torch.Generator().manual_seed(1), steps=9, batch=4)
    assert torch.equal(labels[:6], (signs[3:, :, 0] > 0).long())
    assert not labels[6:].any()


def test_dropout_helps_with_little_data_and_hurts_with_endless() -> None:
    found = middles("dropout")
    assert found["100 digits, dropout 0.5: loss"] < found["100 digits, dropout 0.0: loss"]
    assert found["endless drives, dropout 0.5: metres"] > found["endless drives, dropout 0.0: metres"]
    curves = read_results("dropout")["details"]["digits"]["0.0"]
    middle = [median(values) for values in zip(*(run["unseen"] for run in curves), strict=True)]
    assert middle[-1] > 1.3 * min(middle)


def test_the_lowest_layer_knows_the_word_and_the_highest_the_next() -> None:
    found = middles("layer_memory")
    read = [found[f"word just read, layer {layer}"] for layer in (1, 2, 3)]
    following = [found[f"next word, layer {layer}"] for layer in (1, 2, 3)]
    assert read[0] == max(read)
    assert following[2] == max(following)
    assert len(read_results("layer_memory")["details"]["right"]["layer 1"][0]) == len(LAGS) + 1


def test_the_car_race_has_two_winners() -> None:
    found = middles("car_race")
    assert found["Kalman filter, 0.5 s ahead"] < found["LSTM, 0.5 s ahead"]
    assert found["LSTM, 5 s ahead"] < 0.6 * found["Kalman filter, 5 s ahead"]


def test_the_bearing_is_stored_with_its_misses() -> None:
    found = middles("bearing")
    assert found["LSTM, 0.003, piece 1 ahead"] < found["linear, piece 1 ahead"]
    assert found["LSTM, 0.003, piece 20 ahead"] > found["linear, piece 20 ahead"]
    assert all(row.note for row in read_rows("bearing") if row.holds is False)
    assert all(row.holds for row in read_rows("bearing") if "0.5, median of 9" in row.what)


def test_alarms_are_what_the_shipped_network_gives() -> None:
    found = find_defects(read_bearing_lstm(), make_parts()[1], 9)
    stored = read_results("bearing")["details"]["alarms"]["9"][0]
    for severity in map(str, SEVERITIES):
        assert found[severity] == pytest.approx(stored[severity], abs=0.03)


def test_a_probe_is_right_more_often_than_guessing_even_untrained() -> None:
    from rnnviz.experiments.depth import StackReader

    shares = probe(StackReader([16, 16]), lags=[0, 12])
    assert shares["layer 1"][1] > 0.5
    assert shares["layer 1"][2] < shares["layer 1"][1]
