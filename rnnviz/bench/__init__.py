"""What recording costs, measured against the plain training step: ``python -m rnnviz.bench``."""
