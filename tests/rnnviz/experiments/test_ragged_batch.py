"""The published ragged batch: both ways to run it give the tables, and the comparison can fail."""

import pytest
import torch

from rnnviz.experiments import ragged_batch
from rnnviz.experiments.ragged_batch import FINAL_STATES, OUTPUTS


def test_packed_and_masked_give_the_published_tables():
    results = ragged_batch.run()
    assert [result.what for result in results] == [
        "outputs, packed",
        "final states, packed",
        "outputs, masked",
        "final states, masked",
    ]
    assert all(result.holds for result in results)


def test_the_published_tables_are_the_full_batch_cut_short():
    assert OUTPUTS[1, 1].tolist() == [0] * 5
    torch.testing.assert_close(FINAL_STATES[1], OUTPUTS[0, 1])
    torch.testing.assert_close(FINAL_STATES[[0, 2, 3]], OUTPUTS[1, [0, 2, 3]])


def test_forgetting_the_lengths_is_seen():
    network = ragged_batch.book.build_network()
    with torch.no_grad():
        outputs, final = network(ragged_batch.book.INPUTS)
    assert "NOT the same" in ragged_batch.compare_ragged(outputs, final[0]).splitlines()[-1]
    with pytest.raises(ValueError, match=r"final_states of shape \(1, 4, 5\); it expects \(4, 5\)"):
        ragged_batch.compare_ragged(outputs, final)


def test_the_command_prints_it(capsys):
    assert ragged_batch.main() == 0
    said = capsys.readouterr().out
    assert said.count("published") == 12
    assert said.count("holds") == 4
