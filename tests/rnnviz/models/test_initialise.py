"""Initial weights: each way does what it is named for, layers are filled whole, and torch's generator is left alone."""

from __future__ import annotations

import pytest
import torch

from rnnviz.models import INITIALISATIONS, SequenceRegressor, draw_recurrent_matrix, initialise_layer


def radius(matrix: torch.Tensor) -> float:
    return float(torch.linalg.eigvals(matrix).abs().max())


def test_each_way_is_what_it_says() -> None:
    generator = torch.Generator().manual_seed(0)
    size = 200
    drawn = {how: draw_recurrent_matrix(size, how, generator=generator) for how in INITIALISATIONS}
    assert torch.equal(drawn["identity"], torch.eye(size))
    assert torch.allclose(drawn["orthogonal"] @ drawn["orthogonal"].T, torch.eye(size), atol=1e-5)
    assert float(drawn["normal"].std()) == pytest.approx(0.01, rel=0.05)
    assert float(drawn["Glorot"].var()) == pytest.approx(1 / size, rel=0.05)
    assert ((drawn["sparse"] != 0).sum(1) == 15).all()


@pytest.mark.parametrize("how", INITIALISATIONS)
@pytest.mark.parametrize("wanted", [0.5, 1.2])
def test_any_of_them_is_scaled(how: str, wanted: float) -> None:
    matrix = draw_recurrent_matrix(
        30, how, spectral_radius=wanted, generator=torch.Generator().manual_seed(1)
    )
    assert radius(matrix) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM])
def test_every_gate_of_every_layer_is_drawn(kind: type[torch.nn.LSTM]) -> None:
    layer = kind(3, 6, num_layers=2, bidirectional=True)
    initialise_layer(layer, "orthogonal", spectral_radius=0.8, forget_bias=2.0)
    for name, parameter in layer.named_parameters():
        if name.startswith("weight_hh"):
            for gate in parameter.split(6):
                assert radius(gate.detach()) == pytest.approx(0.8, rel=1e-4)
        elif name.startswith("bias"):
            wanted = torch.zeros_like(parameter)
            if kind is torch.nn.LSTM and name.startswith("bias_ih"):
                wanted[6:12] = 2.0
            assert torch.equal(parameter.detach(), wanted)


def test_the_seed_decides_and_torchs_generator_is_left_alone() -> None:
    state = torch.get_rng_state()
    one, same, other = (SequenceRegressor(2, 5, "gru", seed=seed) for seed in (0, 0, 1))
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(one.recurrent.weight_hh_l0, same.recurrent.weight_hh_l0)
    assert not torch.equal(one.recurrent.weight_hh_l0, other.recurrent.weight_hh_l0)


def test_an_irnn_begins_by_copying_its_state() -> None:
    model = SequenceRegressor(2, 50, "irnn")
    assert isinstance(model.recurrent, torch.nn.RNN)
    assert model.recurrent.nonlinearity == "relu"
    assert torch.equal(model.recurrent.weight_hh_l0.detach(), torch.eye(50))
    assert float(model.recurrent.weight_ih_l0.detach().std()) == pytest.approx(0.05, rel=0.25)


def test_the_answer_is_that_of_the_last_state() -> None:
    model = SequenceRegressor(2, 4, "lstm", outputs=3)
    inputs = torch.rand(7, 5, 2)
    hidden, _ = model.recurrent(inputs)
    assert torch.equal(model(inputs), model.projection(hidden[-1]))


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="'xavier'; choose one of 'normal'"):
        draw_recurrent_matrix(3, "xavier")
    with pytest.raises(ValueError, match="cell is 'elman'"):
        SequenceRegressor(2, 3, "elman")
    with pytest.raises(ValueError, match="units is 0"):
        SequenceRegressor(2, 0)


def test_an_oblong_recurrent_matrix_takes_no_spectral_radius() -> None:
    layer = torch.nn.LSTM(2, 6, proj_size=3)
    for options in ({"recurrent": "identity"}, {"spectral_radius": 0.9}):
        with pytest.raises(ValueError, match="onto 3 numbers"):
            initialise_layer(layer, **options)  # type: ignore[arg-type]
