import itertools
import json
import math

import numpy as np
import pytest
import torch

import rnnviz_widgets as rw


def squares(**changed):
    given = {
        "measures": {"n²": lambda n: n * n, "n/3": lambda n: n / 3},
        "low": 0,
        "high": 10,
        "x": "n",
    }
    return rw.Experiment(**(given | changed))


def test_measures_the_first_places_at_once():
    experiment = squares(first=[4, 1, 4])
    assert experiment.points == [[1, 1.0, 1 / 3], [4, 16.0, 4 / 3]]
    assert repr(experiment) == "Experiment(x='n', measured={'n²': [1, 16], 'n/3': [0.3333, 1.333]})"


def test_answers_the_slider_and_keeps_what_it_measured():
    experiment = squares(first=[0, 10])
    sent = []
    experiment.send = sent.append
    experiment._answer(experiment, {"place": 3}, [])
    experiment._answer(experiment, {"place": 3}, [])
    assert sent == [{"row": [3, 9.0, 1.0]}] * 2
    assert [row[0] for row in experiment.points] == [0, 3, 10]
    # The repr speaks of the first places only: it must not depend on where a reader has been.
    assert repr(experiment) == repr(squares(first=[0, 10]))


def test_there_is_a_curve_before_anybody_turns_the_knob():
    assert [row[0] for row in squares().points] == list(range(11))
    places = [row[0] for row in squares(low=1, high=1000).points]
    assert len(places) == 12
    assert (places[0], places[-1]) == (1, 1000)
    assert max(b - a for a, b in itertools.pairwise(places)) <= 92
    # Told are the ends alone.
    assert repr(squares()) == "Experiment(x='n', measured={'n²': [0, 100], 'n/3': [0, 3.333]})"


def test_what_is_no_number_reaches_the_page_as_what_it_is():
    experiment = squares(
        measures={"n": lambda n: [math.nan, math.inf, -math.inf, 1][n]}, high=3, first=[0, 1]
    )
    sent = []
    experiment.send = sent.append
    experiment._answer(experiment, {"place": 2}, [])
    assert sent == [{"row": [2, "-Infinity"]}]
    shown = experiment.get_state(["points"])["points"]
    assert shown == [[0, "NaN"], [1, "Infinity"], [2, "-Infinity"]]
    json.dumps(shown, allow_nan=False)
    assert repr(experiment) == "Experiment(x='n', measured={'n': [nan, inf]})"


def test_an_error_reaches_the_reader():
    experiment = squares()
    sent = []
    experiment.send = sent.append
    experiment._measures["n²"] = lambda n: 1 / 0
    experiment._answer(experiment, {"place": 3}, [])
    experiment._answer(experiment, {"place": 11}, [])
    assert sent == [
        {"error": "ZeroDivisionError: division by zero"},
        {"error": "ValueError: 11 is not on the slider, which goes from 0 to 10."},
    ]


@pytest.mark.parametrize("value", [[1, 2], torch.ones(2), np.ones(2), None, "much"])
def test_a_measure_must_be_one_number(value):
    with pytest.raises(TypeError, match=rf"'n' returned a {type(value).__name__}; it should return one num"):
        squares(measures={"n": lambda n: value})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"measures": {}}, "0 measures; it draws one to four"),
        ({"low": 10}, "do not fit"),
        ({"first": [11]}, "do not fit"),
    ],
)
def test_refuses_what_it_cannot_draw(changed, says):
    with pytest.raises(ValueError, match=says):
        squares(**changed)
