"""The `rnnviz` command: the lessons as dashboards in the browser, or as notebooks in JupyterLab.

Nothing else in the package imports this one; it alone knows Jupyter and Voilà, which come with
the extra `course`.
"""

from rnnviz.app.command import main

__all__ = ["main"]
