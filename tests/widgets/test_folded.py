import pytest

import rnnviz_widgets as rw


def test_shows_a_line_and_keeps_the_rest_below():
    folded = rw.Folded("Two rows agree to 1e-6", "1 < 2\n3 & 4")
    assert repr(folded) == "Two rows agree to 1e-6\n1 < 2\n3 & 4"
    assert folded._repr_html_() == (
        "<details><summary>Two rows agree to 1e-6</summary><pre>1 &lt; 2\n3 &amp; 4</pre></details>"
    )


def test_refuses_what_nobody_could_read():
    with pytest.raises(ValueError, match="empty text as summary"):
        rw.Folded(" ", "text")
    with pytest.raises(TypeError, match="as text; it takes a text"):
        rw.Folded("Summary", 3)
