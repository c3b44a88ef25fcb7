import pytest
import torch

from rnnviz.experiments import two_step_rnn
from rnnviz.experiments.two_step_rnn import INPUTS, OUTPUTS, TOLERANCE, recover_weights


def test_published_tables_come_out_again():
    results = two_step_rnn.run()
    assert [result.what[:2] for result in results] == ["Y0", "Y1", "Y0", "Y1", "Y0"]
    for result in results:
        assert result.difference < 2e-7 < TOLERANCE, result.what


def test_tables_are_those_of_the_book():
    # A few entries, typed once more, from both ends of both tables.
    assert OUTPUTS[0, 0, 0] == -0.2964572
    assert OUTPUTS[0, 3, 4] == 0.7472108
    assert OUTPUTS[1, 0, 1] == 1.0
    assert OUTPUTS[1, 3, 4] == 0.11047263
    assert INPUTS[1, 1].tolist() == [0, 0, 0]


def test_the_other_printing_is_reproduced_column_by_column():
    X0, Y0 = INPUTS[0], two_step_rnn.OTHER_OUTPUTS
    # Typed once more.
    assert (Y0[0, 0], Y0[1, 4], Y0[3, 3], Y0[3, 0]) == (-0.0664006, -0.99989718, -0.99818915, 1.0)
    columns = two_step_rnn.judge_columns(X0, Y0)
    assert [column.unit for column in columns] == [0, 1, 2, 3, 4]
    assert [column.digits for column in columns] == [6, 6, 7, 6, 7]
    assert [column.determined for column in columns] == [False, False, False, True, True]
    assert columns[3].doubt < 5e-6 < 5e-5 < columns[4].doubt < 2e-4
    assert columns[0].doubt == float("inf")


def test_a_column_that_is_not_determined_has_a_free_direction():
    X0, Y0 = INPUTS[0], two_step_rnn.OTHER_OUTPUTS
    # The inputs of three instances lie in a plane; at a right angle to it the weights may move.
    assert torch.equal(X0[2], 2 * X0[1] - X0[0])
    free = torch.tensor([1.0, -2.0, 1.0], dtype=torch.float64)
    assert not (X0[:3] @ free).any()
    moved = two_step_rnn.recover_input_weights(X0, Y0)
    moved[:, 0] += 0.1 * free
    assert (torch.tanh(X0 @ moved)[:, 0] - Y0[:, 0]).abs().max() < TOLERANCE
    # In a column that is determined the same move shows.
    moved[:, 3] += 0.1 * free
    assert (torch.tanh(X0 @ moved)[:, 3] - Y0[:, 3]).abs().max() > 1e-4


def test_doubt_is_what_the_last_bit_does_to_weights_that_are_known():
    generator = torch.Generator().manual_seed(3)
    W_x = torch.randn(3, 5, generator=generator, dtype=torch.float64) / 6
    Y0 = torch.tanh(INPUTS[0] @ W_x).float().double()
    found = (two_step_rnn.recover_input_weights(INPUTS[0], Y0) - W_x).abs().amax(dim=0)
    for column, off in zip(two_step_rnn.judge_columns(INPUTS[0], Y0), found.tolist(), strict=True):
        assert off <= 2 * column.doubt


def test_the_drawing_is_of_instance_0_and_its_input_is_another():
    drawn, published = two_step_rnn.DRAWN_OUTPUTS, OUTPUTS[:, 0]
    # A digit or two: seven rounded, three cut off (0.757, 0.99999 and 0.99985 to 0.7 and 0.9).
    rounded = (drawn - published).abs() <= 0.05
    assert int((~rounded).sum()) == 3
    assert rounded[0].tolist() == [True, True, True, False, True]
    assert rounded[1].tolist() == [True, True, False, False, True]
    assert ((drawn - published).abs() < 0.1).all()
    assert torch.equal(INPUTS[1, 0], two_step_rnn.DRAWN_INPUTS[1])
    assert not torch.equal(INPUTS[0, 0], two_step_rnn.DRAWN_INPUTS[0])
    # Under the inputs that are drawn, the same weights say something else.
    W_x, _ = recover_weights()
    assert (torch.tanh(two_step_rnn.DRAWN_INPUTS[0] @ W_x) - drawn[0]).abs().max() > 0.4


def test_recovers_weights_that_are_known():
    generator = torch.Generator().manual_seed(7)
    W_x = torch.randn(3, 5, generator=generator, dtype=torch.float64) / 4
    W_h = torch.randn(5, 5, generator=generator, dtype=torch.float64) / 4
    inputs = torch.randn(2, 8, 3, generator=generator, dtype=torch.float64)
    Y0 = torch.tanh(inputs[0] @ W_x)
    Y1 = torch.tanh(inputs[1] @ W_x + Y0 @ W_h)
    found_x, found_y = recover_weights(inputs, torch.stack([Y0, Y1]))
    torch.testing.assert_close(found_x, W_x, atol=1e-9, rtol=0)
    # Eight instances are more than five neurons: W_h is determined too.
    torch.testing.assert_close(found_y, W_h, atol=1e-8, rtol=0)


def test_weighting_is_what_saves_the_saturated_rows():
    X0, Y0 = INPUTS[0], OUTPUTS[0]
    plain = torch.linalg.lstsq(X0, two_step_rnn.invert_tanh(Y0)).solution
    assert (torch.tanh(X0 @ plain) - Y0).abs().max() > 1e-4
    assert (torch.tanh(X0 @ recover_weights()[0]) - Y0).abs().max() < 2e-7


def test_comparison_says_so_when_the_tables_differ():
    wrong = OUTPUTS.clone()
    wrong[1, 2, 3] += 2e-6
    assert two_step_rnn.compare_tables(wrong).endswith("largest difference 2.0e-06: NOT the same to 1e-06")
    with pytest.raises(ValueError, match="stacked the other way round"):
        two_step_rnn.compare_tables(OUTPUTS.transpose(0, 1))


def test_refuses_what_cannot_be_solved():
    with pytest.raises(ValueError, match="expects \\(2, batch, feature\\)"):
        recover_weights(INPUTS[:1], OUTPUTS)
    with pytest.raises(ValueError, match="2 instances cannot determine the weights of 3 inputs"):
        recover_weights(INPUTS[:, :2], OUTPUTS[:, :2])


def test_prints_its_verdict(capsys):
    two_step_rnn.main()
    printed = capsys.readouterr().out
    assert "the same to 1e-06" in printed
    assert printed.count("holds") == 5
