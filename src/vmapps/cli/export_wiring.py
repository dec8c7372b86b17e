"""From an export's options to a world, documents and files. What costs time to import is imported here, late."""

from __future__ import annotations

from pathlib import Path

from vmapps.cli.options import Common
from vmapps.core.declaration import Project
from vmapps.core.exporting.choice import Choice
from vmapps.core.exporting.result import Export
from vmapps.core.resource import World
from vmapps.engine.ports import Cloud


def project_in(folder: Path, common: Common) -> Project | None:
    """The project that a folder has already; raises Invalid when its file is wrong."""
    from vmapps.manifest.head import project_in as found

    return found(folder, common.variables)


def project_name(text: str) -> str:
    """What a project may be called that is in a folder of this name."""
    from vmapps.manifest.head import project_name as plain

    return plain(text)


def explored(
    project: Project, choice: Choice, azure: Cloud, common: Common, *, resource_group: str, assignments: bool
) -> World:
    """What an export reads: galleries, and with `assignments` the fleet and what its machines use."""
    from vmapps.azure.families import fleet_scopes, gallery_scope
    from vmapps.engine.explore import explore

    ours = {project.owner, *project.former_owners}
    fleet = project.fleet or (project.subscription,)
    machines = [scope for one in fleet for scope in fleet_scopes(one)] if assignments else []
    return explore(
        [gallery_scope(project.subscription, resource_group), *machines],
        azure,
        choice,
        scope_of=lambda gallery: gallery_scope(gallery.subscription, gallery.resource_group),
        is_others=lambda owner: bool(owner) and owner not in ours,
        parallelism=common.parallelism,
    )


def exported(world: World, choice: Choice, project: Project, *, is_new: bool) -> Export:
    """The world as documents of a project; nothing carries the mark of a new one yet."""
    from vmapps.kinds.exporting import exported as documents

    owners = frozenset() if is_new else frozenset({project.owner, *project.former_owners})
    return documents(world, choice, project, owners)


def placed(
    made: Export, project: Project | None, folder: Path, *, force: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write the documents, and a new project's file; which files were written, and which were so already."""
    from vmapps.manifest.head import project_text
    from vmapps.manifest.place import files_of, place
    from vmapps.manifest.project import FILE

    files = files_of(made.pieces) | ({FILE: project_text(project)} if project else {})
    found = place(files, folder, force=force)
    return found.written, found.unchanged
