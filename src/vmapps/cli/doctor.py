"""`vmapps doctor`: is everything around a project as an apply needs it?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vmapps.cli import exit_codes, lock, speak, surroundings, wiring
from vmapps.cli.offer import demand_consent
from vmapps.cli.options import Common, common_options, format_option, option, path_argument
from vmapps.core.declaration import Declarations, Project
from vmapps.core.doctor import Finding, Level, is_well, permission_findings, provider_findings
from vmapps.core.permissions import Grant, lacking, needs_of, unreadable
from vmapps.core.plan import Options
from vmapps.errors import CloudFailure, Error
from vmapps.render import doctor_json, doctor_text

if TYPE_CHECKING:
    from vmapps.azure.cloud import AzureCloud

WHO_LOOKS = "ask for Reader there, which also lets you see what you may"
WHERE_PACKAGES = "ask for Storage Blob Data Contributor on the container, and look at the account's firewall"
WHO_SIGNS = "ask for Storage Blob Delegator on the account (or set AZURE_STORAGE_KEY, or access: identity)"


@click.command(short_help="Is everything around the project as an apply needs it?")
@path_argument
@option("--register", is_flag=True, help="Register Microsoft.Compute where it is not.")
@option("--yes", is_flag=True, help="Do not ask before registering.")
@format_option
@common_options
def doctor(path: Path, form: str, common: Common, *, register: bool, yes: bool) -> int:
    """Look at sign-in, provider, api-versions, permissions and package store of the project at PATH.

    The permissions are those that the plan of today needs, step by step, with the linked read of every version that a
    machine refers to. Nothing in Azure is changed but by --register; that the package store can be written is shown by
    taking the project's lock for a moment.

    Exit codes: 0 nothing would stop an apply, 1 something would.
    """
    if register:
        demand_consent(yes=yes, otherwise="say --yes with --register")
    declared = wiring.declarations(path, common)
    with wiring.cloud(declared, common) as azure:
        findings = [
            *_signed_in(declared.project, common),
            *_providers(declared, azure, register=register, yes=yes),
            *_permissions(declared, azure, common),
            *_package_store(declared, common),
            *_identity(declared),
        ]
    if form == "json":
        speak.result(doctor_json.to_json(findings))
    else:
        speak.result(doctor_text.to_text(findings, colour=common.colour, quiet=common.quiet))
    return exit_codes.DONE if is_well(findings) else exit_codes.ERROR


def _tried(check: str, look: Callable[[], Iterable[Finding]], hint: str = "") -> list[Finding]:
    """What a look found; that it failed is a finding too."""
    try:
        return list(look())
    except CloudFailure as failure:
        said = f"{failure.code}: {failure.message}" if failure.code else failure.message
        return [Finding(check, Level.ERROR, f"{failure.scope}: {said}", failure.hint or hint)]
    except Error as error:
        return [Finding(check, Level.ERROR, str(error), hint)]


def _signed_in(project: Project, common: Common) -> list[Finding]:
    def look() -> Iterator[Finding]:
        found = surroundings.who(project, common)
        if found is None:
            yield Finding("sign-in", Level.OK, "none is needed: the endpoint is on this machine")
            return
        told = ", ".join(f"{name} {value}" for name, value in found.items()) or "somebody whose token tells no names"
        yield Finding("sign-in", Level.OK, told)

    return _tried("sign-in", look)


def _providers(declared: Declarations, azure: AzureCloud, *, register: bool, yes: bool) -> list[Finding]:
    """Every subscription that is written or read, whether it is seen, and what it knows."""
    project = declared.project
    homes = {one.id.subscription for one in declared.resources} | {project.subscription, *project.fleet}
    found = []
    for at in sorted({one.lower() for one in homes}):

        def look(at: str = at) -> Iterator[Finding]:
            seen = surroundings.provider(azure, at)
            if register and not seen.is_registered and _agreed(at, yes=yes):
                seen = surroundings.provider(azure, at, register=True)
            yield from provider_findings(at, seen, surroundings.pinned(azure), asked_to_register=register)

        found += _tried("subscription", look, "check spec.subscription and spec.fleet, and ask for Reader there")
    return found


def _agreed(subscription: str, *, yes: bool) -> bool:
    return yes or click.confirm(f"Register Microsoft.Compute in {subscription}?", err=True)


def _permissions(declared: Declarations, azure: AzureCloud, common: Common) -> list[Finding]:
    """What the plan of today needs, against what the caller's roles allow."""

    @cache
    def granted(scope: str) -> tuple[Grant, ...]:
        return surroundings.grants(azure, scope)

    def look() -> Iterator[Finding]:
        made = wiring.prepared(declared, azure, Options(guest="none"), common)
        if made.plan.errored:
            yield Finding("plan", Level.WARNING, "the plan has errors: what it needs is not known", "vmapps plan")
            return
        needs, closed = needs_of(made.plan, made.world), unreadable(made.world)

        def compared() -> Iterable[Finding]:
            return permission_findings((*needs, *closed), (*lacking(needs, granted), *closed))

        yield from _tried("permissions", compared, WHO_LOOKS)

    return _tried("plan", look, "without a plan it is not known which permissions are needed")


def _package_store(declared: Declarations, common: Common) -> list[Finding]:
    def look() -> Iterator[Finding]:
        with wiring.store(declared, common) as store:
            if store is None:
                text = "spec.packageStore is not there: no local packages, and no lock between two runs"
                yield Finding("package-store", Level.WARNING, text)
                return
            where = f"{store.store.account}/{store.store.container}"
            if not store.is_there():
                yield Finding("package-store", Level.WARNING, f"{where} is not there yet: the first apply makes it")
                return
            yield Finding("package-store", Level.OK, f"{where} is there")
            yield _writable(declared.project, common, where)
            if store.store.access == "sas":
                yield from _tried("package-signature", lambda: _signs(store.signed("0" * 64)), WHO_SIGNS)

    return _tried("package-store", look, WHERE_PACKAGES)


def _signs(url: str) -> Iterator[Finding]:
    """That there is a signature; it is for a blob that does not exist, and is not shown."""
    if "?" in url:
        yield Finding("package-signature", Level.OK, "a signature for a package can be minted")


def _writable(project: Project, common: Common, where: str) -> Finding:
    from vmapps.azure.lease import Holder

    found = wiring.lease(project, common, lock.me(os.environ), breaking=False)
    if isinstance(found, Holder):
        return Finding("package-store", Level.WARNING, f"another run holds the project's lock: {found}")
    found.release()
    return Finding("package-store", Level.OK, f"{where} can be written")


def _identity(declared: Declarations) -> Iterator[Finding]:
    """With access: identity a gallery reads packages as its own identity: is one declared?"""
    store = declared.project.store
    if store is None or store.access != "identity":
        return
    for one in declared.resources:
        if one.address.kind != "Gallery":
            continue
        if not one.body.get("identity"):
            text = f"{one.address} declares no identity, and packageStore.access is identity"
            yield Finding("gallery-identity", Level.ERROR, text, "declare spec.identity, or use access: sas")
            continue
        text = f"whether {one.address}'s identity may read the package store cannot be seen with our rights"
        hint = "give it Storage Blob Data Reader on the container"
        yield Finding("gallery-identity", Level.WARNING, text, hint)
