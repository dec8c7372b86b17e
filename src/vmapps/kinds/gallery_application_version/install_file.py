"""A local script that is the install command: its text is sent, the file itself never reaches the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.fields import Path
from vmapps.kinds.kind import Document, Surroundings

FIELD: Path = ("spec", "installFile")
INSTALL: Path = ("spec", "manageActions", "install")

LONGEST = 4096
"""Characters of a command [azure-facts 2.1]."""

SHEBANGS = ("#!/bin/sh", "#! /bin/sh")
"""The agent runs /bin/sh -c with the text: a first line that asks for anything else is a comment to it."""


def inlined(document: Document, surroundings: Surroundings) -> Document | None:
    """The version with its installFile as the install command; None when the file cannot be read."""
    if "installFile" not in document.spec:
        return document
    text = surroundings.text(document, FIELD)
    if text is None:
        return None
    actions = {**document.spec.get("manageActions", {}), "install": text}
    spans = {**document.spans, INSTALL: document.span(*FIELD)}
    return replace(document, spec={**document.spec, "manageActions": actions}, spans=spans)


def install_file_problems(
    document: Document, application: Document, surroundings: Surroundings
) -> Iterator[Diagnostic]:
    """A script for /bin/sh, and the only install command."""
    if "installFile" not in document.spec:
        return
    where = document.span(*FIELD)
    if application.spec["supportedOSType"] != "Linux":
        summary = f"installFile is a script for /bin/sh, and '{application.name}' is for Windows"
        yield error("install-file-windows", summary, where, hint="write manageActions.install")
    if "install" in document.spec.get("manageActions", {}):
        summary = f"the application's versionDefaults have an install command (at {document.span(*INSTALL)}) already"
        hint = "remove it there, or remove installFile"
        yield error("contradiction", summary, where, hint=hint)
    yield from _text(document, surroundings.text(document, FIELD) or "")


def _text(document: Document, text: str) -> Iterator[Diagnostic]:
    where, first = document.span(*FIELD), text.partition("\n")[0].rstrip()
    if "\r" in text:
        summary = "the installFile has Windows line ends, and /bin/sh takes the CR for a part of its words"
        hint = "save it with LF; '*.sh text eol=lf' in .gitattributes keeps it so"
        yield error("install-file-line-ends", summary, where, hint=hint)
    if len(text) > LONGEST:
        summary = f"the installFile has {len(text)} characters; a command has at most {LONGEST}"
        yield error("out-of-limits", summary, where, hint="pack the script, and call it in manageActions.install")
    if first.startswith("#!") and first not in SHEBANGS:
        summary = f"the installFile begins with '{first[:60]}', but the agent runs it by /bin/sh -c"
        hint = "write '#!/bin/sh' and plain sh, or pack the script and call it in manageActions.install"
        yield error("install-file-shebang", summary, where, hint=hint)
