"""How the recurrent weights begin: the choice that decides how much gradient survives the first thousand updates."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["INITIALISATIONS", "draw_recurrent_matrix", "initialise_layer"]

Recurrent = nn.RNN | nn.GRU | nn.LSTM
#: Ways to draw a recurrent matrix.
INITIALISATIONS = ("normal", "Glorot", "orthogonal", "identity", "sparse")
#: Entries of a row that are not zero, in a sparse matrix.
SPARSE_ENTRIES = 15


def draw_recurrent_matrix(
    units: int,
    how: str = "orthogonal",
    *,
    spectral_radius: float | None = None,
    deviation: float = 0.01,
    generator: torch.Generator | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Draw a recurrent weight matrix.

    Parameters
    ----------
    units : int
        Its size.
    how : {"normal", "Glorot", "orthogonal", "identity", "sparse"}
        ``"normal"`` has independent entries of the given deviation; ``"Glorot"`` uniform ones whose variance is
        1/units; ``"orthogonal"`` turns every state without changing its length; ``"identity"`` copies it;
        ``"sparse"`` has 15 normal entries in each row and zeros elsewhere.
    spectral_radius : float, optional
        Scales the matrix so that its largest absolute eigenvalue is this.
    deviation : float, default 0.01
        Of the normal entries.
    generator : torch.Generator, optional
        Where chance comes from; torch's own by default.
    dtype : torch.dtype
        Of the result.

    Returns
    -------
    Tensor, shape (units, units)

    Raises
    ------
    ValueError
        For an unknown way, or a matrix that cannot be scaled since all its eigenvalues are zero.

    References
    ----------
    X. Glorot and Y. Bengio, AISTATS 2010; A. Saxe, J. McClelland and S. Ganguli, ICLR 2014, for orthogonal
    matrices; Q. Le, N. Jaitly and G. Hinton, 2015, for the identity; J. Martens and I. Sutskever, ICML 2011, for
    sparse ones.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import draw_recurrent_matrix
    >>> matrix = draw_recurrent_matrix(20, "sparse", spectral_radius=0.95)
    >>> print(f"{torch.linalg.eigvals(matrix).abs().max():.2f}", (matrix != 0).sum(1).unique())
    0.95 tensor([15])
    """
    if how not in INITIALISATIONS:
        raise ValueError(
            f"The recurrent weights were asked for as {how!r}; choose one of "
            f"{', '.join(map(repr, INITIALISATIONS))}."
        )
    matrix = torch.empty(units, units, dtype=dtype)
    if how == "identity":
        matrix = torch.eye(units, dtype=dtype)
    elif how == "orthogonal":
        nn.init.orthogonal_(matrix, generator=generator)
    elif how == "Glorot":
        nn.init.xavier_uniform_(matrix, generator=generator)
    else:
        matrix.normal_(0.0, deviation, generator=generator)
    if how == "sparse":
        order = torch.rand(units, units, generator=generator).argsort(1)
        matrix[order >= SPARSE_ENTRIES] = 0.0
    if spectral_radius is None:
        return matrix
    largest = torch.linalg.eigvals(matrix).abs().max().to(dtype)
    if largest == 0:
        raise ValueError("All eigenvalues of this matrix are zero, so it has no spectral radius to scale.")
    scaled: Tensor = matrix * (spectral_radius / largest)
    return scaled


def initialise_layer(
    layer: Recurrent,
    recurrent: str = "orthogonal",
    *,
    spectral_radius: float | None = None,
    input_deviation: float | None = None,
    forget_bias: float = 1.0,
    seed: int = 0,
) -> None:
    """Give a recurrent layer fresh weights: biases zero, and the rest as asked.

    Parameters
    ----------
    layer : torch.nn.RNN, GRU or LSTM
        All of its layers and directions are filled, the matrix of each gate on its own.
    recurrent : str
        How the recurrent matrices are drawn, see `draw_recurrent_matrix`.
    spectral_radius : float, optional
        To which each of them is scaled.
    input_deviation : float, optional
        Standard deviation of the input weights; after Glorot where it is not given.
    forget_bias : float, default 1.0
        Of an LSTM's forget gate. Torch adds two biases; the other is zero.
    seed : int, default 0
        Of a generator of its own; torch's is left alone.

    Raises
    ------
    ValueError
        For a layer with `proj_size`, if another drawing or a spectral radius is asked for.

    References
    ----------
    F. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", 2000, and R. Jozefowicz, W. Zaremba and
    I. Sutskever, ICML 2015, for the forget bias.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import initialise_layer
    >>> irnn = torch.nn.RNN(2, 3, nonlinearity="relu")
    >>> initialise_layer(irnn, "identity", input_deviation=0.05)
    >>> torch.equal(irnn.weight_hh_l0, torch.eye(3)), int(irnn.bias_hh_l0.count_nonzero())
    (True, 0)
    """
    projected = getattr(layer, "proj_size", 0)
    if projected and (recurrent != "orthogonal" or spectral_radius is not None):
        raise ValueError(
            f"The layer projects its state onto {projected} numbers, so that its recurrent matrices are oblong and "
            f"have no eigenvalues; they are drawn orthogonal, not {recurrent!r} or with a spectral radius. "
            "Leave both out."
        )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if parameter.dim() == 1:
                parameter.zero_()
                if isinstance(layer, nn.LSTM) and name.startswith("bias_ih"):
                    parameter[layer.hidden_size : 2 * layer.hidden_size] = forget_bias
                continue
            for gate in torch.split(parameter, layer.hidden_size):
                if name.startswith("weight_hh"):
                    # A projected state makes them oblong, which only an orthogonal drawing allows.
                    if gate.shape[0] != gate.shape[1]:
                        nn.init.orthogonal_(gate, generator=generator)
                        continue
                    gate.copy_(
                        draw_recurrent_matrix(
                            layer.hidden_size,
                            recurrent,
                            spectral_radius=spectral_radius,
                            generator=generator,
                        )
                    )
                elif input_deviation is None:
                    nn.init.xavier_uniform_(gate, generator=generator)
                else:
                    gate.normal_(0.0, input_deviation, generator=generator)
