"""What recording costs, measured against the plain training step: ``rnnviz bench``."""
