import pytest
import torch

from rnnviz.experiments import two_step_rnn
from rnnviz.experiments.two_step_rnn import INPUTS, OUTPUTS, TOLERANCE, recover_weights


def test_published_tables_come_out_again():
    results = two_step_rnn.run()
    assert [result.what[:2] for result in results] == ["Y0", "Y1", "Y0", "Y1"]
    for result in results:
        assert result.difference < 2e-7 < TOLERANCE, result.what


def test_tables_are_those_of_the_book():
    # A few entries, typed once more, from both ends of both tables.
    assert OUTPUTS[0, 0, 0] == -0.2964572
    assert OUTPUTS[0, 3, 4] == 0.7472108
    assert OUTPUTS[1, 0, 1] == 1.0
    assert OUTPUTS[1, 3, 4] == 0.11047263
    assert INPUTS[1, 1].tolist() == [0, 0, 0]


def test_recovers_weights_that_are_known():
    generator = torch.Generator().manual_seed(7)
    W_x = torch.randn(3, 5, generator=generator, dtype=torch.float64) / 4
    W_y = torch.randn(5, 5, generator=generator, dtype=torch.float64) / 4
    inputs = torch.randn(2, 8, 3, generator=generator, dtype=torch.float64)
    Y0 = torch.tanh(inputs[0] @ W_x)
    Y1 = torch.tanh(inputs[1] @ W_x + Y0 @ W_y)
    found_x, found_y = recover_weights(inputs, torch.stack([Y0, Y1]))
    torch.testing.assert_close(found_x, W_x, atol=1e-9, rtol=0)
    # Eight instances are more than five neurons: W_y is determined too.
    torch.testing.assert_close(found_y, W_y, atol=1e-8, rtol=0)


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
    assert printed.count("holds") == 4
