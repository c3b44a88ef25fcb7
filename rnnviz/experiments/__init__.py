"""Published results, one module each, run as ``python -m rnnviz.experiments.<name>``."""
