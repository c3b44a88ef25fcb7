"""Keep the answers on the instructors' pages true to the lessons.

    python lessons/instructors/build.py            write the answers of every lesson anew
    python lessons/instructors/build.py --check    write nothing, say which pages are stale

A page is written by hand up to its mark; below it stand the questions of the lesson in its order, what is right, what
each wrong option gives away, and the solutions of the exercises, all read from where the lesson has them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jupytext

from rnnviz_widgets.lesson_questions import read_questions

PAGES = Path(__file__).parent
SOURCES = PAGES.parent / "source"
MARK = "<!-- Below: made by lessons/instructors/build.py from the lesson and its questions. -->"


def compose_answers(number: str) -> str:
    """Return what stands below the mark on the page of a lesson."""
    (source,) = SOURCES.glob(f"{number}-*.py")
    notebook = jupytext.read(source, fmt="py:percent")
    questions = read_questions(number)
    about = notebook.metadata["rnnviz"]
    exercises = f", and {about['exercise_minutes']} for the exercises" if "exercise_minutes" in about else ""
    lines = [f"## Answers to “{about['title']}”, {about['minutes']} minutes{exercises}"]
    exercise = "the exercise"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines += [f"### {title}" for title in re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE)]
            exercise = next(
                iter(re.findall(r"^### (Exercise .+)$", cell.source, flags=re.MULTILINE)), exercise
            )
            continue
        for name in re.findall(rf"rw\.ask\(\s*\"{number}\",\s*\"([\w-]+)\"", cell.source):
            lines += _answer(questions[name])
        if "solution" in cell.metadata.get("tags", ()):
            lines += [f"<details><summary>{exercise}: a solution</summary>", "", "```python"]
            lines += [cell.source, "```", "</details>"]
    # A heading under which nothing is asked would say nothing here.
    kept = [
        line
        for place, line in enumerate(lines)
        if not (line.startswith("### ") and (place + 1 == len(lines) or lines[place + 1].startswith("### ")))
    ]
    return "\n\n".join(_gather(kept)) + "\n"


def _gather(lines: Sequence[str]) -> Iterator[str]:
    """Join what belongs together without an empty line: lists, and code in its fence."""
    block: list[str] = []
    fenced = False
    for line in lines:
        joins = fenced or line.startswith(("* ", "```")) or line == ""
        if block and not joins:
            yield "\n".join(block)
            block = []
        if line.startswith("```"):
            fenced = not fenced
        block.append(line)
    if block:
        yield "\n".join(block)


def _answer(entry: dict[str, Any]) -> list[str]:
    kinds = {"quiz": "Quiz", "choice": "Prediction", "number": "Prediction"}
    lines = [f"**{kinds.get(entry['kind'], 'Question')}.** {_plain(entry['question'])}"]
    if entry["kind"] == "quiz":
        for option in entry["options"]:
            if "because" in option:
                lines.append(f"* **{_plain(option['text'])}** is right. {_plain(option['because'])}")
            else:
                lines.append(
                    f"* {_plain(option['text'])}: *{option['misconception']}*. {_plain(option['answer'])}"
                )
        return lines
    truth = entry["truth"]
    shown = f"{truth:g} {entry.get('unit', '')}".strip() if isinstance(truth, int | float) else _plain(truth)
    lines.append(f"* **{shown}**. {_plain(entry['reveal'])}")
    lines += [
        f"* {_plain(option['text'])}: {_plain(option['answer'])}"
        for option in entry.get("options", ())
        if option.get("answer")
    ]
    return lines


def _plain(text: str) -> str:
    return " ".join(str(text).split())


def list_pages() -> list[Path]:
    """Return the pages that there are, in the order of the lessons."""
    return sorted(page for page in PAGES.glob("[0-9][0-9].md"))


def renew(page: Path) -> str:
    """Return what the page should hold: its own part, and the answers of today."""
    own, mark, _ = page.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise SystemExit(f"{page} has no mark; put this line where the answers begin:\n{MARK}")
    return f"{own}{MARK}\n\n{compose_answers(page.stem)}"


def main(arguments: Sequence[str]) -> int:
    """Write or check all pages; returns the exit code."""
    stale = []
    for page in list_pages():
        fresh = renew(page)
        if fresh == page.read_text(encoding="utf-8"):
            continue
        if "--check" in arguments:
            stale.append(page.name)
        else:
            page.write_text(fresh, encoding="utf-8")
    lessons = {source.name[:2] for source in SOURCES.glob("[0-9][0-9]-*.py")}
    missing = sorted(lessons - {page.stem for page in list_pages()})
    if missing:
        print(
            f"No page for instructors: lesson {', '.join(missing)}. Write lessons/instructors/NN.md.",
            file=sys.stderr,
        )
    if stale:
        print(f"Stale: {', '.join(stale)}. Run `python lessons/instructors/build.py`.", file=sys.stderr)
    return 1 if stale or missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
