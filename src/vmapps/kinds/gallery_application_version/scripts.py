"""What the commands of a version will find on the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.kinds.kind import Document

COMMANDS = ("install", "update", "remove")
FILE_VERBS = r"(?:mv|cp|move|ren|rename|copy|unzip|chmod\s+\S+|tar\s+\S+)"
BEFORE, AFTER = r"(?<![\w.-])", r"(?![\w.-])"


def script_problems(document: Document, application: Document) -> Iterator[Diagnostic]:
    """Commands are there, fit the operating system, and name files that will exist."""
    scripts: Mapping[str, str] = document.spec.get("manageActions", {})
    if not {"install", "remove"} <= scripts.keys():
        summary = "a version needs manageActions with install and remove"
        hint = "write them here, or in the application's versionDefaults"
        yield error("no-commands", summary, document.span("spec", "manageActions"), hint=hint)
        scripts = {}
    if application.spec["supportedOSType"] == "Windows":
        yield from _one_line(document, scripts)
    yield from _configuration(document)
    yield from _package(document, application, scripts)


def _one_line(document: Document, scripts: Mapping[str, str]) -> Iterator[Diagnostic]:
    """cmd.exe takes one line [azure-facts 3.10]."""
    for name, script in scripts.items():
        if "\n" in script.strip():
            summary = f"the {name} command has several lines; cmd.exe runs one"
            hint = "join them with '&&', or call a script of the package"
            yield error("windows-multi-line", summary, document.span("spec", "manageActions", name), hint=hint)


def _configuration(document: Document) -> Iterator[Diagnostic]:
    """Azure's documents disagree whether the default is `<app>_config` or `<app>-config` [azure-facts 3.10]."""
    source = document.spec["source"]
    given = next((name for name in ("defaultConfiguration", "defaultConfigurationLink") if name in source), None)
    if given and "configFileName" not in document.spec.get("settings", {}):
        summary = "a configuration is given but settings.configFileName is not, and its default is not reliable"
        hint = "write settings: {configFileName: …}"
        yield error("no-config-file-name", summary, document.span("spec", "source", given), hint=hint)


def _package(document: Document, application: Document, scripts: Mapping[str, str]) -> Iterator[Diagnostic]:
    saved = document.spec.get("settings", {}).get("packageFileName")
    if saved is None:
        summary = f"the package will be saved as '{application.name}', without an extension"
        hint = "write settings: {packageFileName: …}"
        yield warning("no-package-file-name", summary, document.span("spec", "source"), hint=hint)
    name = saved or application.name
    yield from _other_names(document, application.name, name, scripts)
    if scripts and not _is_named(name, scripts):
        summary = f"neither the install nor the update command names the package '{name}'"
        hint = "if it is found some other way, ignore this"
        yield warning("package-not-named", summary, document.span("spec", "manageActions"), hint=hint)


def _other_names(document: Document, application: str, saved: str, scripts: Mapping[str, str]) -> Iterator[Diagnostic]:
    """A command that uses the package under a name it will not have on the machine."""
    own = _own_name(document.spec["source"])
    for command in COMMANDS:
        script = scripts.get(command, "")
        for name, is_there in ((own, _has_word(own, script)), (application, _has_file(application, script))):
            if is_there and name.lower() != saved.lower():
                summary = f"the {command} command names '{name}', but the package is saved as '{saved}'"
                hint = f"name '{saved}', or change settings.packageFileName"
                where = document.span("spec", "manageActions", command)
                yield warning("other-file-name", summary, where, hint=hint)


def _own_name(source: Mapping[str, Any]) -> str:
    """The package's own file name: of the local file, or of the last part of its URL."""
    if "package" in source:
        return PurePosixPath(source["package"].replace("\\", "/")).name
    return unquote(PurePosixPath(urlsplit(source["mediaLink"]).path).name)


def _mentions(name: str, script: str) -> bool:
    return bool(name) and name.lower() in script.lower()


def _has_word(name: str, script: str) -> bool:
    return _mentions(name, script) and re.search(BEFORE + re.escape(name) + AFTER, script, re.IGNORECASE) is not None


def _has_file(name: str, script: str) -> bool:
    """Whether the name is used as a file: a service or a system package may well have the application's name."""
    if not _mentions(name, script):
        return False
    word = re.escape(name) + r"(?![\w./\\-])"
    pattern = rf"(?:\.[/\\]|\b{FILE_VERBS}\s+[\"']?){word}"
    return re.search(pattern, script, re.IGNORECASE) is not None


def _is_named(name: str, scripts: Mapping[str, str]) -> bool:
    """Whether a command names the package; a wildcard may mean it."""
    used = scripts.get("install", "") + "\n" + scripts.get("update", "")
    return "*" in used or "?" in used or name.lower() in used.lower()
