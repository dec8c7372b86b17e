"""Every exception that vmapps raises, drawn as a tree.

Error                       the root: the command line prints it as one line, never as a traceback
├── Invalid                 manifests, options or a snapshot are wrong: carries every diagnostic
├── SavedPlanUnusable       a plan file that does not fit: exit 4, nothing was written
└── CloudFailure            Azure (or the way to it) said no; the subclass says what can be done next
    ├── Unreachable         no answer, or only 5xx: try again later
    ├── Denied              401, 403: sign in, or ask for a role
    ├── Missing             404: the scope or object is not there
    ├── Changed             412: somebody wrote between our read and our write
    ├── Conflicted          409: something else is going on, or a rule of state forbids it
    ├── Throttled           429: too many requests; it says when to come back
    └── Refused             400 and the rest: the request itself is wrong

Input problems are values (`core.diagnostic.Diagnostic`) collected over all files; a step that fails is a
value too (`core.outcome.Failed`). Exceptions are for what ends a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vmapps.core.diagnostic import Diagnostic


class Error(Exception):
    """The root: its text is one sentence a person can act on."""


class Invalid(Error):
    """The input is wrong; `diagnostics` holds every problem that was found, never only the first."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(str(diagnostic) for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class SavedPlanUnusable(Error):
    """A saved plan is stale, edited, or of another project, tool or format; nothing was written."""


class CloudFailure(Error):
    """Azure refused or could not be reached.

    `scope` is what was asked for (an ARM id or a URL without its query), `code` Azure's own error code or "",
    `status` the HTTP status (0: no answer), `request_id` Azure's for a support case, `hint` what to do next.
    None of them holds a token or a SAS.
    """

    def __init__(
        self,
        message: str,
        *,
        scope: str,
        code: str = "",
        status: int = 0,
        target: str = "",
        request_id: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.scope = scope
        self.code = code
        self.status = status
        self.target = target
        self.request_id = request_id
        self.hint = hint

    def __str__(self) -> str:
        said = f"{self.code}: {self.message}" if self.code else self.message
        text = f"{self.scope}: {said}" if self.scope else said
        return f"{text} ({self.hint})" if self.hint else text


class Unreachable(CloudFailure):
    """No answer, or only server errors: the same request may work later."""


class Denied(CloudFailure):
    """401 or 403: the caller is unknown or lacks a permission."""


class Missing(CloudFailure):
    """404 where something was expected."""


class Changed(CloudFailure):
    """412: the object is no longer the one that was read; read again."""


class Conflicted(CloudFailure):
    """409: another operation is running, or the state forbids this one."""


class Throttled(CloudFailure):
    """Too many requests: a 429, or one that is not sent because it would get one.

    The same request may be asked for again after `wait` seconds (0: not said) and not before, and is `sure` to go after
    so many. `bucket` is what ran out of room, `refused` whether Azure itself said so, and `again` whether the same
    request was held before.
    """

    wait: float = 0.0
    sure: float = 0.0
    bucket: str = ""
    refused: bool = True
    again: bool = False


class Refused(CloudFailure):
    """400 and everything else that a repetition cannot cure."""
