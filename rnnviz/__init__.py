"""Interactive course on recurrent neural networks, and the recorder it is taught with."""

__version__ = "0.1.0"
