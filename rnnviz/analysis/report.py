"""What the doctor writes down: findings, and which checks were made and which could not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Check", "Diagnosis", "Finding"]


@dataclass(frozen=True)
class Finding:
    """One thing the doctor saw.

    Attributes
    ----------
    layer : str
        Where.
    what : str
        A short name, the same for all findings of its kind: "vanishing gradient", "closed forget gate", …
    alarm : bool
        Whether it usually stops learning; otherwise a note.
    number : float
        What was measured.
    meaning : str
        The number in a sentence.
    advice : str
        What to try.
    """

    layer: str
    what: str
    alarm: bool
    number: float
    meaning: str
    advice: str

    def __str__(self) -> str:
        kind = "ALARM" if self.alarm else "note"
        return f"{kind}: {self.layer}: {self.what}. {self.meaning} {self.advice}"


@dataclass(frozen=True)
class Check:
    """One question that was put to a layer, and whether the recording could answer it.

    Attributes
    ----------
    layer : str
        Where; empty for the recording as a whole.
    what : str
        "values", "gates and activations", "gradients over time", "memory", "where the loss reads", "padding".
    judged : bool
        Whether it was answered.
    why : str
        If not, why not and what to do; if so, what the answer does not cover, or nothing.
    """

    layer: str
    what: str
    judged: bool
    why: str = ""

    def __str__(self) -> str:
        where = f"{self.layer}: " if self.layer else ""
        return f"{where}{self.what}" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True)
class Diagnosis:
    """All findings on a trace, alarms first, and what was judged and what was not.

    Attributes
    ----------
    findings : tuple of Finding
    checks : tuple of Check
    """

    findings: tuple[Finding, ...]
    checks: tuple[Check, ...] = ()

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that usually stop learning."""
        return tuple(finding for finding in self.findings if finding.alarm)

    @property
    def judged(self) -> tuple[Check, ...]:
        """The checks that were made."""
        return tuple(check for check in self.checks if check.judged)

    @property
    def not_judged(self) -> tuple[Check, ...]:
        """The checks that could not be made, each with its reason."""
        return tuple(check for check in self.checks if not check.judged)

    @property
    def healthy(self) -> bool:
        """Whether every check was made and none found anything."""
        return bool(self.checks) and not self.findings and not self.not_judged

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        return "\n".join(["Diagnosis: " + self._sum_up(), *self._lines()])

    def _sum_up(self) -> str:
        if self.healthy:
            return "healthy, nothing to report."
        alarms, notes = len(self.alarms), len(self.findings) - len(self.alarms)
        counted = [
            f"{count} {name}{'s' if count > 1 else ''}"
            for count, name in ((alarms, "alarm"), (notes, "note"))
            if count
        ]
        found = f"{' and '.join(counted)}." if counted else ""
        if not self.not_judged:
            return found
        if not self.judged:
            return f"{found} Nothing could be judged.".strip()
        return f"{found or 'nothing found in what was judged.'} Not everything could be judged."

    def _lines(self) -> Iterator[str]:
        for finding in self.findings:
            yield f"  {finding}"
        by_layer: dict[str, list[Check]] = {}
        for check in self.judged:
            by_layer.setdefault(check.layer, []).append(check)
        for layer, checks in by_layer.items():
            what = ", ".join(check.what + (f" ({check.why})" if check.why else "") for check in checks)
            yield f"  judged: {layer}: {what}."
        for check in self.not_judged:
            yield f"  NOT judged: {check}"
