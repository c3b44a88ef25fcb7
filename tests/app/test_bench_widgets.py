"""What `rnnviz bench widgets` prints, and the figures that need no browser; the others take minutes and stand alone."""

from __future__ import annotations

import pytest

from rnnviz.app import command
from rnnviz.app.bench_widgets import Figure, bundles


@pytest.mark.parametrize(
    ("figure", "holds", "said"),
    [
        (Figure("frame, worst", 24.9, "ms", 25), True, "24.9 ms  ≤ 25"),
        (Figure("frame, worst", 25.4, "ms", 25), False, "25.4 ms  ≤ 25    !"),
        (Figure("answers", 58, "/s", 50, least=True), True, "58 /s  ≥ 50"),
        (Figure("answers", 23, "/s", 50, least=True), False, "23 /s  ≥ 50    !"),
        (Figure("widgets", 4, ""), True, "4"),
    ],
)
def test_a_figure_stands_beside_its_bound(figure: Figure, holds: bool, said: str) -> None:
    assert figure.holds == holds
    assert " ".join(str(figure).split()).endswith(" ".join(said.split()))


def test_no_bundle_is_larger_than_it_may_be() -> None:
    (largest,) = bundles()
    assert largest.holds, str(largest)


def test_the_command_measures_what_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["bench", "widgets", "--only", "bundles"]) == 0
    assert capsys.readouterr().out.startswith("largest of ")
    with pytest.raises(SystemExit):
        command.main(["bench", "widgets", "--only", "nothing"])
