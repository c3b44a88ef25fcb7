import ast
import inspect
import re
import textwrap
from pathlib import Path

import jupytext
import pytest
import torch

import rnnviz_widgets as rw
from rnnviz_widgets.exercises import read_exercises

SOURCES = sorted((Path(__file__).parents[2] / "lessons" / "source").glob("[0-9]*.py"))


def test_says_what_there_is():
    with pytest.raises(KeyError, match="Did you mean 'unroll'"):
        rw.exercise("02", "unrol", abs)
    with pytest.raises(KeyError, match="no exercises for lesson '99'"):
        rw.exercise("99", "step", abs)


def test_every_exercise_has_hints_and_a_lesson():
    for check in read_exercises("02"):
        assert check.lesson == "02"
        assert len(check.hints) >= 2


def test_a_solution_is_not_kept_as_the_students_own():
    assert rw.exercise("02", "step", abs).keep
    assert not rw.exercise("02", "step", abs, keep=False).keep


@pytest.mark.parametrize(
    "source", [source for source in SOURCES if source.name[:2] != "00"], ids=lambda s: s.name[:2]
)
def test_an_exercise_has_the_number_of_its_heading(source):
    headed = {}
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if found := re.search(r"^### Exercise (\d+)", cell.source, flags=re.MULTILINE):
            number = int(found[1])
        if found := re.search(r'rw\.exercise\("\d\d", "([\w-]+)"', cell.source):
            headed[found[1]] = number
    checks = read_exercises(source.name[:2])
    assert {check.name: check.number for check in checks} == headed
    assert checks[-1](None).number == len(checks)


def find_checks(source, tag):
    """Return what is handed to `rw.exercise` by name, at each call in a lesson's cells with this tag."""
    return [
        {word.arg: ast.literal_eval(word.value) for word in node.keywords}
        for cell in jupytext.read(source, fmt="py:percent").cells
        if cell.cell_type == "code" and tag in cell.metadata.get("tags", ())
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "rw.exercise"
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_lesson_keeps_what_the_student_wrote_and_not_its_own_solutions(source):
    written, solutions = find_checks(source, "exercise"), find_checks(source, "solution")
    assert written == [{}] * len(written)
    assert solutions == [{"keep": False}] * len(written)


def test_the_lessons_have_exercises():
    assert sum(len(find_checks(source, "exercise")) for source in SOURCES) > 15


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_an_exercise_that_is_run_first_of_all_can_say_so(source):
    # Without the import it ended in a NameError of `rw`, before any check could tell what is to be done.
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if cell.cell_type == "code" and "exercise" in cell.metadata.get("tags", ()):
            assert cell.source.startswith("import rnnviz_widgets as rw\n")


def find_functions(source, tag, name):
    """Return the functions and classes of the cell with this tag that hands an answer to this exercise."""
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if tag in cell.metadata.get("tags", ()) and f'", "{name}", ' in cell.source:
            tree = ast.parse(cell.source)
            return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return {}


def dump_body(node):
    return [ast.dump(part) for part in node.body]


MENDS = [
    (source, check)
    for source in SOURCES
    if source.name[:2] != "00"
    for check in read_exercises(source.name[:2])
    if isinstance(check, rw.Check) and check.broken
]


@pytest.mark.parametrize(("source", "check"), MENDS, ids=lambda each: getattr(each, "name", ""))
def test_what_is_broken_on_purpose_is_what_the_lesson_gives_and_fails(source, check):
    given = find_functions(source, "exercise", check.name)
    (faulty,) = ast.parse(textwrap.dedent(inspect.getsource(check.broken))).body
    assert any(dump_body(faulty) == dump_body(node) for node in given.values()), (
        f"{source.name} gives {check.name} another faulty code than lesson_{check.lesson}.py holds"
    )
    found = check(check.broken)
    assert found.untouched
    assert found.facts()["failed"] > 0


def without_weighting(X0, Y0):
    from rnnviz.experiments.two_step_rnn import invert_tanh

    return torch.linalg.lstsq(X0, invert_tanh(Y0)).solution


def forgets(X, W_x, W_y):
    return torch.tanh(X @ W_x)


def never_updates(X, W_x, W_y):
    Y = torch.zeros(len(X), len(W_y))
    return torch.stack([torch.tanh(X[:, t] @ W_x + Y @ W_y) for t in range(X.shape[1])], dim=1)


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("step", lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y), "instead of"),
        ("step", lambda X, Y, W_x, W_y, b: torch.tanh(X @ W_x + Y @ W_y.T + b), "instead of"),
        ("side-by-side", lambda X, Y, W, b: torch.tanh(torch.cat([Y, X], dim=1) @ W + b), "instead of"),
        ("side-by-side", lambda X, Y, W, b: torch.cat([X, Y]) @ W + b, "of different sizes|cannot be|Sizes"),
        ("detective", without_weighting, "1e-06 is asked for"),
        ("unroll", forgets, "instead of"),
        ("unroll", never_updates, "instead of"),
    ],
)
def test_common_mistakes_are_found(name, wrong, says):
    import re

    findings = rw.exercise("02", name, wrong).findings
    failed = [finding for finding in findings if finding["state"] == "failed"]
    assert failed
    assert any(re.search(says, finding["sentence"]) for finding in failed)


def test_forgetting_is_shown_on_the_shortest_sequence_that_can_show_it():
    finding = rw.exercise("02", "unroll", forgets).findings[1]
    X = dict(finding["inputs"])["X"]
    assert X.count("[0, 0, 0]") == 1  # one instance, two steps, a single 1 in the first
