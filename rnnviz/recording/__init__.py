"""How a model is watched, and what is kept: hooks, the trace they fill, and the file it becomes."""
