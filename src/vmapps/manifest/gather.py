"""Every document of a project, read, filled in and checked against its schema; with what was wrong on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.kinds.kind import Document
from vmapps.manifest import files, variables
from vmapps.manifest.documents import PROJECT
from vmapps.manifest.schema import kind_problem, schema_problems
from vmapps.manifest.secrets import sas_warnings
from vmapps.manifest.source import MAX_BYTES, Tree, read


@dataclass(slots=True)
class Gathered:
    """What the files of a project hold.

    `broken` are the names (see `full_name`) of documents that their schema refused: what refers to them is not
    judged. With `unread` files nothing is known to be missing.
    """

    folder: Path
    root: Path
    project: Document | None = None
    project_id: str = ""
    documents: list[Document] = field(default_factory=list)
    broken: set[tuple[str, str]] = field(default_factory=set)
    unread: bool = False
    problems: list[Diagnostic] = field(default_factory=list)


def gather(project_file: Path, given: Mapping[str, str]) -> Gathered:
    """Read the project file, then every file that it names."""
    gathered, trees, values = _project_file(project_file, given)
    if outline := gathered.project or _outline(trees):
        _read_manifests(outline, gathered.folder / project_file.name, values, gathered)
    return gathered


def gather_head(project_file: Path, given: Mapping[str, str]) -> Gathered:
    """Read the project file alone."""
    return _project_file(project_file, given)[0]


def _project_file(project_file: Path, given: Mapping[str, str]) -> tuple[Gathered, tuple[Tree, ...], Mapping[str, str]]:
    folder = project_file.parent.resolve()
    gathered = Gathered(folder, files.default_root(folder))
    trees = _trees(folder / project_file.name, gathered)
    values = _variables(trees, given, gathered)
    _check(trees, values, gathered, is_project_file=True)
    if gathered.project is None:
        _no_project(trees, project_file.name, gathered)
    return gathered, trees, values


def _outline(trees: Iterable[Tree]) -> Document | None:
    """Where the files of a broken project are, so that their problems are said in the same run."""
    for tree in trees:
        spec = tree.value.get("spec")
        if tree.value.get("kind") == PROJECT and isinstance(spec, dict):
            patterns, root = spec.get("manifests"), spec.get("root")
            fields = {"root": root} if isinstance(root, str) else {}
            if isinstance(patterns, list) and all(isinstance(one, str) and one for one in patterns):
                return Document(PROJECT, "", {"manifests": patterns, **fields}, {(): tree.start, **tree.spans})
    return None


def _no_project(trees: Iterable[Tree], name: str, gathered: Gathered) -> None:
    if not any(tree.value.get("kind") == PROJECT for tree in trees) and not gathered.unread:
        hint = "add 'kind: Project'"
        gathered.problems.append(error("no-project", "this file holds no Project document", Span(name), hint=hint))


def _read_manifests(project: Document, project_file: Path, values: Mapping[str, str], gathered: Gathered) -> None:
    root = files.root_of(project, gathered.folder)
    if isinstance(root, Diagnostic):
        gathered.problems.append(root)
        gathered.unread = True
        return
    gathered.root = root
    found, problems = files.manifest_files(project, gathered.folder, root)
    gathered.problems.extend(problems)
    gathered.unread = gathered.unread or bool(problems)
    for file in found:
        if file != project_file.resolve():
            _check(_trees(file, gathered), values, gathered, is_project_file=False)


def _trees(file: Path, gathered: Gathered) -> tuple[Tree, ...]:
    name = files.relative(file, gathered.folder)
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError:
        problem = error("unreadable-file", f"'{name}' cannot be read", Span(name), hint="check its permissions")
        gathered.problems.append(problem)
        gathered.unread = True
        return ()
    trees, problems = read(data, name)
    gathered.problems.extend(problems)
    gathered.unread = gathered.unread or bool(problems)
    return trees


def _variables(trees: Iterable[Tree], given: Mapping[str, str], gathered: Gathered) -> Mapping[str, str]:
    for tree in trees:
        spec = tree.value.get("spec")
        declared = spec.get("variables", {}) if tree.value.get("kind") == PROJECT and isinstance(spec, dict) else None
        if isinstance(declared, dict):
            texts = {name: value for name, value in declared.items() if isinstance(value, str | int)}
            values, problems = variables.overridden(variables.as_texts(texts), given)
            gathered.problems.extend(problems)
            return values
    return given


def _check(trees: Iterable[Tree], values: Mapping[str, str], gathered: Gathered, *, is_project_file: bool) -> None:
    for tree in trees:
        gathered.problems.extend(sas_warnings(tree))
        whole, problems = variables.filled(tree, values)
        problem = kind_problem(whole)
        problems += (problem,) if problem else schema_problems(whole)
        gathered.problems.extend(problems)
        if problems:
            _note_broken(whole, gathered)
        elif whole.value["kind"] == PROJECT:
            _take_project(whole, gathered, is_project_file=is_project_file)
        else:
            gathered.documents.append(_document(whole))


def _note_broken(tree: Tree, gathered: Gathered) -> None:
    names = full_name(tree.value.get("kind"), tree.value.get("metadata"), tree.value.get("spec"))
    if names:
        gathered.broken.add(names)
    else:
        gathered.unread = True


def _take_project(tree: Tree, gathered: Gathered, *, is_project_file: bool) -> None:
    if is_project_file and gathered.project is None:
        gathered.project = _document(tree)
        gathered.project_id = tree.value["metadata"].get("id", "")
        return
    hint = "a repository may hold several projects, each in a directory of its own"
    summary = "a second Project document" if is_project_file else "a Project document outside the project file"
    gathered.problems.append(error("second-project", summary, tree.start, hint=hint))


def _document(tree: Tree) -> Document:
    value = tree.value
    return Document(value["kind"], value["metadata"]["name"], value.get("spec") or {}, {(): tree.start, **tree.spans})


def full_name(kind: Any, metadata: Any, spec: Any) -> tuple[str, str] | None:
    """A kind and the name that others refer to, in lower case: `platform`, `platform/nginx`, `platform/nginx/1.0.0`."""
    name = metadata.get("name") if isinstance(metadata, dict) else None
    parent = {"GalleryApplication": "gallery", "GalleryApplicationVersion": "application"}.get(str(kind))
    above = spec.get(parent) if parent and isinstance(spec, dict) else ""
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(above, str):
        return None
    if parent and not above:
        return None
    return kind, (f"{above}/{name}" if parent else name).lower()
