"""A small convolutional net for images of digits: what recurrent nets that read rows are measured against."""

from __future__ import annotations

from torch import Tensor, nn

from rnnviz.models.forecaster import initialise

__all__ = ["ImageConvolution"]


class ImageConvolution(nn.Module):
    """Looks for small patterns everywhere in an image at once, twice, and decides from where it found them.

    Two layers of 3 × 3 filters, each followed by a ReLU and the largest of every 2 × 2 block; then one linear layer.

    Parameters
    ----------
    rows, columns : int
        Size of the images, at least 4 × 4.
    classes : int, default 10
        Classes to choose from.
    filters : tuple of two int, default (16, 32)
        Patterns that each layer looks for.
    seed : int, default 0
        Of the initial weights. Torch's own random numbers are left alone.

    Raises
    ------
    ValueError
        If the images are too small to be halved twice.

    Examples
    --------
    >>> import torch
    >>> from rnnviz.models import ImageConvolution
    >>> model = ImageConvolution(rows=8, columns=8)
    >>> model(torch.zeros(8, 5, 8)).shape  # rows first, as the recurrent nets read them
    torch.Size([5, 10])
    """

    def __init__(
        self,
        rows: int,
        columns: int,
        classes: int = 10,
        *,
        filters: tuple[int, int] = (16, 32),
        seed: int = 0,
    ) -> None:
        super().__init__()
        if min(rows, columns) < 4:
            raise ValueError(
                f"The images are {rows} × {columns}; to be halved twice they need at least 4 × 4."
            )
        first, second = filters
        # Made without weights and then filled: torch's own initialisation would draw from the global generator.
        self.look = nn.Sequential(
            nn.Conv2d(1, first, 3, padding=1, device="meta"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(first, second, 3, padding=1, device="meta"),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ).to_empty(device="cpu")
        places = (rows // 4) * (columns // 4)
        self.decide = nn.Linear(second * places, classes, device="meta").to_empty(device="cpu")
        initialise(self, seed)

    def forward(self, inputs: Tensor) -> Tensor:
        """Decide which class each image belongs to.

        Parameters
        ----------
        inputs : Tensor, shape (row, batch, column)
            The layout of a sequence of rows, (time, batch, feature).

        Returns
        -------
        Tensor, shape (batch, class)
            Logits.
        """
        images = inputs.transpose(0, 1).unsqueeze(1)  # (batch, channel, row, column)
        logits: Tensor = self.decide(self.look(images).flatten(1))
        return logits
