import pytest

import rnnviz_widgets as rw

CHOICE = {"options": ["grows", "stays"], "truth": "stays", "reveal": "It is shared."}


def test_choice_carries_all_to_the_page_but_its_repr_keeps_the_truth_back():
    prediction = rw.Predict("And W?", **CHOICE)
    assert prediction.truth == "stays"
    assert repr(prediction) == "Predict('and-w', kind='choice', options=2)"


def test_an_option_may_answer_whoever_chose_it():
    options = [rw.Option("grows", answer="Nothing is added."), "stays"]
    prediction = rw.Predict("And W?", options=options, truth="stays", reveal="It is shared.")
    assert prediction.options == ["grows", "stays"]
    assert prediction.answers == ["Nothing is added.", ""]
    with pytest.raises(ValueError, match="say in `reveal` why"):
        rw.Predict("And W?", options=options, truth="grows", reveal="It is shared.")


def test_number_with_and_without_a_slider():
    assert (
        repr(rw.Predict("How many?", "number", truth=40, reveal="3·5+5·5"))
        == "Predict('how-many', kind='number')"
    )
    slider = rw.Predict("How many?", kind="number", truth=40.0, reveal="r", low=0, high=99.5, name="n")
    assert repr(slider) == "Predict('n', kind='number', low=0, high=99.5)"


def test_may_hold_a_widget_back():
    cursor = rw.Cursor()
    assert rw.Predict("And W?", **CHOICE, show=cursor).show is cursor


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"truth": "shrinks"}, "none of its options"),
        ({"options": ["stays"]}, "two or more that differ"),
        ({"options": ["stays", "stays"]}, "two or more that differ"),
        ({"reveal": ""}, "empty text as what it reveals"),
        ({"kind": "sketch"}, 'knows "choice" and "number"'),
    ],
)
def test_refuses_a_choice_without_an_outcome(changed, says):
    with pytest.raises(ValueError, match=says):
        rw.Predict("And W?", **(CHOICE | changed))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"truth": float("nan")}, "finite number"),
        ({"truth": True}, "finite number"),
        ({"low": 0}, "both `low` and `high`"),
        ({"low": 0, "high": 10}, "not between them"),
    ],
)
def test_refuses_a_number_nobody_could_reach(changed, says):
    with pytest.raises(ValueError, match=says):
        rw.Predict("How many?", **({"kind": "number", "truth": 40, "reveal": "r"} | changed))
