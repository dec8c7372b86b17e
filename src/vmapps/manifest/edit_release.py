"""A version document more, next to the application's newest: a copy of that one, with another package."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from vmapps.core.release import Edit
from vmapps.core.versions import next_free, number
from vmapps.errors import Error
from vmapps.kinds.gallery_application.defaults import completed
from vmapps.kinds.kind import Document
from vmapps.manifest.edit_files import Leaf, Sheets, refused
from vmapps.manifest.edit_layout import pages
from vmapps.manifest.edit_text import BOM, Unclear, added, changed, document, joined, put, removed, renamed, scalar
from vmapps.manifest.files import inside
from vmapps.manifest.packages import digest_of
from vmapps.manifest.references import APPLICATION, VERSION
from vmapps.manifest.variables import literal

SCRIPTS = ("spec", "manageActions")
SOURCE = ("spec", "source")
NOT_COPIED = ("endOfLifeDate", "excludeFromLatest", "protect", "state")
"""What somebody decided about one version, and not about those that follow it."""


@dataclass(frozen=True, slots=True)
class File:
    """A local file by its content."""

    path: Path
    sha256: str
    size: int

    @classmethod
    def of(cls, path: Path) -> File:
        """The file as it is; raises Error when it cannot be read."""
        try:
            return cls(path.resolve(), *digest_of(path))
        except OSError as error:
            raise Error(f"{path} cannot be read: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class New:
    """A version to be released: `application` as it is declared, `scripts` those that are not to be copied."""

    application: str
    version: str
    package: File
    configuration: File | None = None
    scripts: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """The version as people say it."""
        return f"{self.application} {self.version}"


def declare(sheets: Sheets, new: New) -> None:
    """Let the manifests declare the version of an application that they have; nothing when they do already.

    Raises Error when they declare it with another content, naming the next number that is free.
    """
    home = next(
        leaf for leaf, one in _of_kind(sheets, APPLICATION) if f"{one.spec['gallery']}/{one.name}" == new.application
    )
    known = {one.name: leaf for leaf, one in _of_kind(sheets, VERSION) if _is_of(one, new)}
    for file in filter(None, (new.package, new.configuration)):
        if not inside(file.path, sheets.root):
            raise Error(f"{file.path} is outside the project: a manifest can name only what is below {sheets.root}")
    if new.version in known:
        _compare(known[new.version], home, new, tuple(known))
        return
    present = {name: leaf for name, leaf in known.items() if leaf.document and not leaf.document.is_absent}
    if not present:
        _insert(sheets, home, new, _fresh(home, new), "the application's first version")
        return
    newest = present[max(present, key=lambda name: number(name) or (0, 0, 0))]
    _copy(sheets, newest, home, new)


def _of_kind(sheets: Sheets, kind: str) -> Iterator[tuple[Leaf, Document]]:
    for leaf in sheets.leaves:
        if leaf.document is not None and leaf.document.kind == kind:
            yield leaf, leaf.document


def _is_of(one: Document, new: New) -> bool:
    return str(one.spec["application"]).lower() == new.application.lower()


def _compare(leaf: Leaf, home: Leaf, new: New, taken: tuple[str, ...]) -> None:
    """Whether a version that is declared is this one."""
    assert leaf.document is not None
    assert home.document is not None
    where, free = leaf.tree.span(("metadata", "name")), next_free(new.version, taken)
    if leaf.document.is_absent:
        raise Error(f"{where}: {new.told} is declared absent; release it as {free}")
    differs = ", ".join(_differences(leaf, completed(leaf.document, home.document), new))
    if differs:
        raise Error(f"{where}: {new.told} is declared with another content ({differs}); release it as {free}")


def _differences(leaf: Leaf, one: Document, new: New) -> Iterator[str]:
    source = one.spec["source"]
    if source.get("sha256", _sha256(leaf, source.get("package"))) != new.package.sha256:
        yield "package"
    if new.configuration and _sha256(leaf, source.get("defaultConfiguration")) != new.configuration.sha256:
        yield "configuration"
    for name, script in new.scripts.items():
        if one.spec.get("manageActions", {}).get(name) != script:
            yield f"{name} command"


def _sha256(leaf: Leaf, name: str | None) -> str:
    """The content of a file that a document names; "" when it is not here."""
    try:
        return digest_of(leaf.file.parent / name)[0] if name else ""
    except OSError:
        return ""


def _copy(sheets: Sheets, newest: Leaf, home: Leaf, new: New) -> None:
    """The newest version's document again, in a file of its own where that one has one."""
    assert newest.document is not None
    before, copied = sheets.before[newest.file], f"copied from {newest.document.name}"
    alone = _file_of_its_own(sheets, newest, new)
    try:
        text = _edited(before if alone else document(before, newest.page), alone or newest.file, newest, home, new)
    except Unclear as why:
        raise refused(newest, ("spec",), why) from why
    if alone is None:
        _insert(sheets, newest, new, text, copied)
        return
    sheets.after[alone] = text
    sheets.edits.insert(0, Edit(sheets.name(alone), 1, _about(new), "", f"new file, {copied}"))


def _about(new: New) -> str:
    return f"GalleryApplicationVersion/{new.application}/{new.version}"


def _file_of_its_own(sheets: Sheets, newest: Leaf, new: New) -> Path | None:
    """The new version's file, where the newest has one that is named after its number."""
    assert newest.document is not None
    name = newest.file.name
    if newest.document.name not in name or sum(one.file == newest.file for one in sheets.leaves) > 1:
        return None
    file = newest.file.with_name(name.replace(newest.document.name, new.version))
    fits = any(_fits(Path(sheets.name(file)).parts, Path(pattern).parts) for pattern in sheets.patterns)
    return file if fits and not os.path.lexists(file) else None


def _fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a path is one that a pattern of `spec.manifests` finds."""
    if not pattern or not parts:
        return not pattern and not parts
    if pattern[0] == "**":
        return _fits(parts, pattern[1:]) or _fits(parts[1:], pattern)
    return fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _edited(data: bytes, file: Path, newest: Leaf, home: Leaf, new: New) -> bytes:
    """The copy with the new number, package, configuration and commands; `file` is where it will be."""
    source = newest.tree.value["spec"]["source"]
    for name in NOT_COPIED:
        data = removed(data, 0, ("spec", name)) if name in newest.tree.value["spec"] else data
    data = changed(data, 0, ("metadata", "name"), new.version)
    if "mediaLink" in source:
        data = renamed(data, 0, (*SOURCE, "mediaLink"), "package")
    data = changed(data, 0, (*SOURCE, "package"), _named(new.package, file))
    data = put(data, 0, (*SOURCE, "sha256"), new.package.sha256, after="package")
    if new.configuration is not None:
        if "defaultConfigurationLink" in source:
            data = renamed(data, 0, (*SOURCE, "defaultConfigurationLink"), "defaultConfiguration")
        name = _named(new.configuration, file)
        data = put(data, 0, (*SOURCE, "defaultConfiguration"), name, after="sha256")
    return _with_scripts(data, newest, home, new)


def _named(file: File, manifest: Path) -> str:
    """A file as a manifest names it: relative, with `/` on every system."""
    return literal(Path(os.path.relpath(file.path, manifest.parent)).as_posix())


def _with_scripts(data: bytes, newest: Leaf, home: Leaf, new: New) -> bytes:
    spec = newest.tree.value["spec"]
    if "install" in new.scripts and "installFile" in spec:
        where = newest.tree.span(("spec", "installFile"))
        raise Error(f"{where}: the newest version has an installFile: change that file, and leave --install out")
    given = {name: literal(script) for name, script in new.scripts.items()}
    if given and "manageActions" not in spec:
        defaults = home.tree.value["spec"].get("versionDefaults", {}).get("manageActions", {})
        return added(data, 0, SCRIPTS, {**defaults, **given}, after="source")
    for name, script in given.items():
        data = put(data, 0, (*SCRIPTS, name), script)
    return data


def _fresh(home: Leaf, new: New) -> bytes:
    """A document that says no more than it has to; commands that are not given are the application's defaults."""
    lines = [
        "apiVersion: vmapps/v1",
        f"kind: {VERSION}",
        f"metadata: {{name: {new.version}}}",
        "spec:",
        f"  application: {scalar(new.application)}",
        "  source:",
        f"    package: {scalar(_named(new.package, home.file))}",
        f"    sha256: {new.package.sha256}",
    ]
    if new.configuration is not None:
        lines.append(f"    defaultConfiguration: {scalar(_named(new.configuration, home.file))}")
    if new.scripts:
        defaults = home.tree.value["spec"].get("versionDefaults", {}).get("manageActions", {})
        scripts = {**defaults, **{name: literal(script) for name, script in new.scripts.items()}}
        lines += ["  manageActions:", *(f"    {name}: {scalar(script)}" for name, script in scripts.items())]
    return "".join(f"{line}\n" for line in lines).encode()


def _insert(sheets: Sheets, beside: Leaf, new: New, text: bytes, how: str) -> None:
    """The document after another one; what was edited further down has moved down."""
    before = sheets.now(beside.file)
    try:
        after = joined(before, beside.page, text)
    except Unclear as why:
        raise refused(beside, ("metadata", "name"), why) from why
    sheets.after[beside.file] = after
    line = pages(after.decode().removeprefix(BOM))[beside.page + 1].root.line
    more, name = after.count(b"\n") - before.count(b"\n"), sheets.name(beside.file)
    moved = [
        replace(one, line=one.line + more) if one.file == name and one.line >= line - 1 else one for one in sheets.edits
    ]
    sheets.edits[:] = [Edit(name, line, _about(new), "", how), *moved]
