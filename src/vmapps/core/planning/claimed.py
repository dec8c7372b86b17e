"""Decide about an application that an assignment claims: put, change or remove its entry, or leave it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vmapps.core.action import Change
from vmapps.core.asked import Asked
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.entries import authors_tags, find, machine_hash, on_wire, path_of, tags_text
from vmapps.core.fleet import Claim
from vmapps.core.guest import InGuest, in_the_way, in_trouble
from vmapps.core.guest_effects import ABSENT, Meant, effect, removal
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.verdicts import Verdict, name_of, told
from vmapps.core.resource import Body, Entry, Machine, Mark, Reference
from vmapps.core.versions import LATEST


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a claimed entry is not as it should be; `acts`: it matters to the guest, or to Azure, from now on."""

    text: str
    acts: bool = False


def decide(machine: Machine, claim: Claim, catalogue: Catalogue, asked: Asked) -> Verdict:
    """One claim against the machine's entry of that application."""
    live = find(machine, claim.key)
    if live is None:
        if claim.wanted.absent:
            return Verdict()
        return _put(
            machine, claim, None, catalogue, asked, (Difference("it is assigned and not on the machine", True),)
        )
    standing = _standing(machine, live, claim, catalogue, asked)
    if isinstance(standing, Diagnostic):
        return Verdict(findings=(standing,))
    if claim.wanted.absent:
        return _absent(machine, live, claim, catalogue, standing)
    differs = tuple(_differences(machine, live, claim))
    if not differs:
        return _equal(machine, live, claim, catalogue, asked, standing)
    if standing is not None:
        return Verdict(findings=(_not_adopted(machine, claim, "; ".join(one.text for one in differs)),))
    if _is_taken(machine, live, claim, catalogue, asked):
        differs = (*differs, Difference("it becomes ours", acts=True))
    return _put(machine, claim, live, catalogue, asked, differs)


def _is_taken(machine: Machine, live: Entry, claim: Claim, catalogue: Catalogue, asked: Asked) -> bool:
    """Whether this write is what makes an entry ours: the next plan would refuse it if that waited."""
    mark = live.mark
    marked = mark is not None and mark.machine == machine_hash(machine.id)
    return not (asked.is_ours(mark.owner) if marked and mark is not None else claim.key in catalogue.owned)


def _standing(
    machine: Machine, live: Entry, claim: Claim, catalogue: Catalogue, asked: Asked
) -> Note | Diagnostic | None:
    """Whose a claimed entry is: None when it is ours (or may be taken), a note when nobody's, an error otherwise."""
    mark = live.mark
    if mark is not None and mark.machine == machine_hash(machine.id):
        if asked.is_ours(mark.owner) or asked.may_take(mark.owner):
            return None
        summary = f"{told(live)} on {machine.address} belongs to '{mark.owner}'"
        hint = f"--adopt --from {mark.owner} takes it over"
        return error("other-owner", summary, claim.spans[0], hint=hint, subject=str(machine.address))
    if claim.key in catalogue.owned or asked.options.adopt:
        return None
    text = f"{told(live)} equals its assignment, but carries no mark of ours: --adopt makes it ours"
    return Note("not-adopted", machine.address, text)


def _not_adopted(machine: Machine, claim: Claim, how: str) -> Diagnostic:
    name = "/".join(claim.wanted.application.name)
    summary = f"{name} on {machine.address} is not ours and differs from its assignment ({how})"
    hint = "--adopt makes it ours and changes it"
    return error("not-adopted", summary, claim.spans[0], hint=hint, subject=str(machine.address))


def _absent(
    machine: Machine, live: Entry, claim: Claim, catalogue: Catalogue, standing: Note | Diagnostic | None
) -> Verdict:
    """The reviewable removal: it needs no --prune, but what is removed must be ours."""
    if standing is not None or live.reference is None:
        return Verdict(findings=(_not_adopted(machine, claim, "it should be absent"),))
    reference = live.reference
    guest = removal(
        reference.application,
        catalogue.meant(reference, machine),
        catalogue.seen(machine, reference.application),
    )
    change = Change(path_of(reference), on_wire(live), None)
    return Verdict(change, guest, (), f"{name_of(reference)}: it is declared absent", claim)


def _differences(machine: Machine, live: Entry, claim: Claim) -> Iterator[Difference]:
    """Why a claimed entry has to be written. A difference in the mark alone is no reason (product.md).

    A new order, flag or configuration changes nothing in a guest that has the version already [azure-facts 3.2]; the
    instances that a scale set still brings up do read them.
    """
    wanted, later = claim.wanted, machine.is_scale_set
    version = live.reference.version if live.reference else ""
    if version.lower() != claim.version:
        yield Difference(f"version {version} -> {claim.version}{_by_whom(live, claim)}", acts=True)
    if live.automatic_upgrade != wanted.automatic_upgrade:
        sides = ("true", "false") if live.automatic_upgrade else ("false", "true")
        yield Difference(f"enableAutomaticUpgrade {' -> '.join(sides)}", acts=True)
    if claim.order is not None and claim.order != live.order:
        yield Difference(f"order {'none' if live.order is None else live.order} -> {claim.order}", acts=later)
    if wanted.fails_deployment != live.fails_deployment:
        sides = ("true", "false") if live.fails_deployment else ("false", "true")
        yield Difference(f"treatFailureAsDeploymentFailure {' -> '.join(sides)}", acts=later)
    if wanted.configuration and (live.configuration is None or wanted.configuration.key != live.configuration.key):
        yield Difference("configurationReference differs", acts=later)
    if live.tags and authors_tags(live.tags) != dict(wanted.tags):
        yield Difference("tags differ")


def _by_whom(live: Entry, claim: Claim) -> str:
    """Who moved the version, when it was no commit."""
    if claim.moved:
        return " (moved by Azure, not by a commit)"
    return " (Azure's automatic upgrade moved it)" if live.automatic_upgrade else ""


def _equal(
    machine: Machine, live: Entry, claim: Claim, catalogue: Catalogue, asked: Asked, standing: Note | None
) -> Verdict:
    """Nothing differs that a write could change; what only a new installation would clear is said, or done."""
    uncleared = tuple(_uncleared(live, claim))
    refusal = no_reinstall(machine, live)
    if uncleared and standing is None and asked.options.allow_reinstall and not refusal:
        return _reinstalled(machine, claim, live, catalogue, asked, uncleared)
    notes = [standing] if standing else []
    for field in uncleared:
        why = f" ({refusal})" if asked.options.allow_reinstall else ""
        notes.append(Note("cannot-clear", machine.address, f"{told(live)} keeps {field} until its next version{why}"))
    return Verdict(findings=(*notes, *_trouble(machine, claim, catalogue)))


def _uncleared(live: Entry, claim: Claim) -> Iterator[str]:
    """What a write at the same version cannot clear: an omitted field keeps its value [recordings: profile writes]."""
    if claim.order is None and live.order is not None:
        yield f"order {live.order}"
    if claim.wanted.configuration is None and live.configuration is not None:
        yield "its configurationReference"


def no_reinstall(machine: Machine, live: Entry) -> str:
    """Why an application cannot be removed and installed again on this machine; "" when it can."""
    if machine.is_scale_set:
        return "a scale set's instances would be upgraded twice"
    if all(entry is live for entry in machine.entries):
        return "it is the machine's only application, and Azure deletes the extension with the last one"
    return ""


def trouble(machine: Machine, claim: Claim, catalogue: Catalogue) -> InGuest | None:
    """What the guest says of a claimed version that failed or was skipped: it is not tried again by itself [3.2]."""
    return in_trouble(catalogue.seen(machine, claim.wanted.application_name), claim.now or claim.version)


def _trouble(machine: Machine, claim: Claim, catalogue: Catalogue) -> Iterator[Note]:
    """What the guest reports of an application that is as declared: never a reason for a step (product.md)."""
    name = "/".join(claim.wanted.application.name)
    if seen := trouble(machine, claim, catalogue):
        again = f"`vmapps retry {machine.address}` tries it again"
        text = f"{name} {seen.version} {seen.state} in the guest ({seen.message}); {again}"
        yield Note("guest-failed", machine.address, text)
    elif seen := _stuck(machine, claim, catalogue):
        again = "the guest tries again with the next write of the machine"
        text = f"{name} {claim.now or claim.version} is not in the guest, which has {seen.version} ({seen.message})"
        yield Note("guest-failed", machine.address, f"{text}; {again}")


def _stuck(machine: Machine, claim: Claim, catalogue: Catalogue) -> InGuest | None:
    """What the guest says of an older version that had to go first, and did not."""
    version = claim.now or claim.version
    return None if version == LATEST else in_the_way(catalogue.seen(machine, claim.wanted.application_name), version)


def _put(
    machine: Machine,
    claim: Claim,
    live: Entry | None,
    catalogue: Catalogue,
    asked: Asked,
    differs: tuple[Difference, ...],
) -> Verdict:
    name = claim.wanted.application_name
    reference = _reference(claim, live)
    old = catalogue.meant(live.reference, machine) if live and live.reference else ABSENT
    new = Meant(claim.version, claim.now)
    target = Reference(reference.gallery, reference.application, new.exact)
    change = Change(path_of(reference), on_wire(live) if live else None, _entry(machine, claim, live, asked))
    guest = effect(name, old, new, catalogue.scripts(target), catalogue.seen(machine, name))
    because = f"{'/'.join(claim.wanted.application.name)}: {'; '.join(one.text for one in differs)}"
    return Verdict(change, guest, (), because, claim, acts=any(one.acts for one in differs))


def _reinstalled(
    machine: Machine, claim: Claim, live: Entry, catalogue: Catalogue, asked: Asked, uncleared: tuple[str, ...]
) -> Verdict:
    """Two writes clear what one cannot: without the entry, then with it anew (--allow-reinstall)."""
    reference, fields = _reference(claim, live), " and ".join(uncleared)
    because = f"{name_of(reference)}: a write alone cannot clear {fields}"
    return anew(machine, claim, live, catalogue, asked, because)


def anew(machine: Machine, claim: Claim, live: Entry, catalogue: Catalogue, asked: Asked, because: str) -> Verdict:
    """An application leaves the machine and comes back as it is declared, in two writes."""
    reference, name = _reference(claim, live), claim.wanted.application_name
    meant = catalogue.meant(reference, machine)
    drop = Change(path_of(reference), on_wire(live), None)
    put = Change(path_of(reference), None, _entry(machine, claim, live, asked))
    first = removal(name, meant, catalogue.seen(machine, name))
    return Verdict(drop, first, (), because, claim, again=put, again_guest=f"{name}: install {meant} again")


def _reference(claim: Claim, live: Entry | None) -> Reference:
    """The version to refer to, with the casing the machine has where it has one [architecture decision 6]."""
    if live is not None and live.reference is not None:
        return Reference(live.reference.gallery, live.reference.application, claim.version)
    return Reference(claim.wanted.gallery, claim.wanted.application_name, claim.version)


def _entry(machine: Machine, claim: Claim, live: Entry | None, asked: Asked) -> Body:
    """An entry of ours, declared whole: booleans are always sent (product.md)."""
    wanted = claim.wanted
    body: Body = {"packageReferenceId": str(_reference(claim, live).id)}
    if claim.order is not None:
        body["order"] = claim.order
    body["tags"] = tags_text(wanted.tags, _mark(machine, claim, live, asked))
    if wanted.configuration is not None:
        body["configurationReference"] = wanted.configuration
    body["treatFailureAsDeploymentFailure"] = wanted.fails_deployment
    body["enableAutomaticUpgrade"] = wanted.automatic_upgrade
    return body


def _mark(machine: Machine, claim: Claim, live: Entry | None, asked: Asked) -> Mark:
    """Our mark, with the version that was there before: `rollback` reads it."""
    old = live.reference.version if live and live.reference else ""
    kept = live.mark.previous if live and live.mark else ""
    return Mark(asked.owner, machine_hash(machine.id), old if old and old not in (claim.version, LATEST) else kept)
