"""What is wrong with the input, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: an error stops the command, a warning does not (unless --strict)."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file of the project: path relative to the project, line and column counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read `file:line:column` back; raises ValueError when it is not one."""
        file, line, column = text.rsplit(":", 2)
        return cls(file, int(line), int(column))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: a stable code, one sentence, where it is, and a hint.

    `span` is the place in a manifest; `subject` an address, ARM id or option when there is no place.
    """

    severity: Severity
    code: str
    summary: str
    span: Span | None = None
    hint: str = ""
    subject: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it stops the command."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        where = str(self.span) if self.span else self.subject
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where + ': ' if where else ''}{self.severity}: {self.summary}{hint} [{self.code}]"


def error(code: str, summary: str, span: Span | None = None, *, hint: str = "", subject: str = "") -> Diagnostic:
    """An error, said shortly."""
    return Diagnostic(Severity.ERROR, code, summary, span, hint, subject)


def warning(code: str, summary: str, span: Span | None = None, *, hint: str = "", subject: str = "") -> Diagnostic:
    """A warning, said shortly."""
    return Diagnostic(Severity.WARNING, code, summary, span, hint, subject)


def in_order(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by place, then code and text, without repetitions, so that two runs print the same bytes."""

    def place(diagnostic: Diagnostic) -> tuple[str, int, int, str, str, str]:
        span = diagnostic.span or Span("", 0, 0)
        return (span.file, span.line, span.column, diagnostic.subject, diagnostic.code, diagnostic.summary)

    return tuple(sorted(dict.fromkeys(diagnostics), key=place))
