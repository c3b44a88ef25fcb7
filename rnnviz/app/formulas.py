"""Sets the formulas of a lesson as MathML, which browsers draw by themselves, before any script has run."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from latex2mathml.converter import convert


@lru_cache(maxsize=4096)
def set_formula(latex: str, *, block: bool = False) -> str:
    r"""Turn LaTeX into HTML with MathML in it.

    Parameters
    ----------
    latex
        The formula, without dollar signs.
    block
        Set it on a line of its own.

    Returns
    -------
    str
        What cannot be read as LaTeX is shown as it is.

    Examples
    --------
    >>> "<msub><mi>h</mi><mi>t</mi></msub>" in set_formula("h_t")
    True
    >>> set_formula("a_b_c")
    '<code>a_b_c</code>'
    """
    try:
        math = str(convert(latex, display="block" if block else "inline"))
    except Exception:
        # Each fault of a formula has a class of its own there; a reader is served best by the source.
        return f"<code>{escape(latex)}</code>"
    # A span, since it may stand in a paragraph, which a div would end.
    return f'<span class="page-formula">{math}</span>' if block else math


class Formulas:
    """Mixed into a renderer of Markdown: sets each formula where it stands."""

    def inline_math(self, body: str) -> str:
        """Set ``$…$``."""
        return set_formula(body)

    def block_math(self, body: str) -> str:
        """Set ``$$…$$``."""
        return set_formula(body, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        r"""Set ``\begin{…} … \end{…}``."""
        return set_formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)
