"""Decide what happens on one machine: its claims against its entries, and what the guest will make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vmapps.core.action import Assign, Change
from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.entries import authors_tags, find, machine_hash, on_wire, others_digest, path_of, tags_text, untouched
from vmapps.core.fleet import Claim
from vmapps.core.guest_effects import Scripts, effect, removal
from vmapps.core.plan import Expectation, Note
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.resource import Body, Entry, Machine, Mark, Reference


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What machines need to know about applications: whose they are, and what each version's scripts are.

    `owned` holds `Reference.key`s of applications that carry our mark or are being created by this project;
    `scripts` is by the lower-case ARM id of a version; `addresses` gives a version's address by the same id.
    """

    owned: frozenset[tuple[str, str]]
    scripts: Mapping[str, Scripts]
    addresses: Mapping[str, Address]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided about one application on one machine."""

    change: Change | None = None
    guest: str = ""
    findings: tuple[Note | Diagnostic, ...] = ()
    because: str = ""
    claim: Claim | None = None


def decide(machine: Machine, claims: tuple[Claim, ...], catalogue: Catalogue, asked: Asked) -> Iterator[Finding]:
    """One machine: at most one write, plus notes and errors."""
    verdicts = [_claimed(machine, claim, catalogue, asked) for claim in claims]
    claimed = {claim.key for claim in claims}
    others = (entry for entry in machine.entries if entry.reference is None or entry.reference.key not in claimed)
    verdicts.extend(_unclaimed(machine, entry, asked) for entry in others)
    for verdict in verdicts:
        yield from verdict.findings
    changing = [verdict for verdict in verdicts if verdict.change is not None]
    if changing and asked.covers(machine.address):
        yield _draft(machine, changing, catalogue)
    elif changing:
        yield Note("excluded", machine.address, "differs, and is left out by --target or --exclude")
    elif claims and not any(verdict.findings for verdict in verdicts[: len(claims)]):
        yield Note("unchanged", machine.address, "has what its assignments say")


def _claimed(machine: Machine, claim: Claim, catalogue: Catalogue, asked: Asked) -> Verdict:
    live = find(machine, claim.key)
    if live is None:
        return _put(machine, claim, None, catalogue, asked, "it is assigned and not on the machine")
    differs = tuple(_differences(live, claim))
    standing = _standing(machine, live, claim, catalogue, asked)
    if isinstance(standing, Diagnostic):
        return Verdict(findings=(standing,))
    if not differs:
        findings = (*_notes_on(machine, live, claim), *((standing,) if standing else ()))
        return Verdict(findings=findings)
    if standing is not None:
        return Verdict(findings=(_not_adopted(machine, claim, differs),))
    return _put(machine, claim, live, catalogue, asked, "; ".join(differs))


def _standing(
    machine: Machine, live: Entry, claim: Claim, catalogue: Catalogue, asked: Asked
) -> Note | Diagnostic | None:
    """Whose a claimed entry is: None when it is ours (or may be taken), a note when nobody's, an error otherwise."""
    mark = live.mark
    if mark is not None and mark.machine == machine_hash(machine.id):
        if asked.is_ours(mark.owner) or asked.may_take(mark.owner):
            return None
        summary = f"{_name(live)} on {machine.address} belongs to '{mark.owner}'"
        return error(
            "other-owner",
            summary,
            claim.spans[0],
            hint=f"--adopt --from {mark.owner} takes it over",
            subject=str(machine.address),
        )
    if claim.key in catalogue.owned or asked.options.adopt:
        return None
    text = f"{_name(live)} equals its assignment, but carries no mark of ours: --adopt makes it ours"
    return Note("not-adopted", machine.address, text)


def _not_adopted(machine: Machine, claim: Claim, differs: tuple[str, ...]) -> Diagnostic:
    name = "/".join(claim.wanted.application.name)
    summary = f"{name} on {machine.address} is not ours and differs from its assignment ({'; '.join(differs)})"
    return error(
        "not-adopted",
        summary,
        claim.spans[0],
        hint="--adopt makes it ours and changes it",
        subject=str(machine.address),
    )


def _differences(live: Entry, claim: Claim) -> Iterator[str]:
    """Why a claimed entry has to be written. A difference in the mark alone is no reason (product.md)."""
    wanted = claim.wanted
    version = live.reference.version if live.reference else ""
    if version != claim.version:
        yield f"version {version} -> {claim.version}"
    if wanted.order is not None and wanted.order != live.order:
        yield f"order {'none' if live.order is None else live.order} -> {wanted.order}"
    if wanted.fails_deployment != live.fails_deployment:
        yield f"treatFailureAsDeploymentFailure {'true -> false' if live.fails_deployment else 'false -> true'}"
    if live.automatic_upgrade:
        yield "enableAutomaticUpgrade true -> false"
    if wanted.configuration and (live.configuration is None or wanted.configuration.key != live.configuration.key):
        yield "configurationReference differs"
    if live.tags and authors_tags(live.tags) != dict(wanted.tags):
        yield "tags differ"


def _notes_on(machine: Machine, live: Entry, claim: Claim) -> Iterator[Note]:
    """What a write at the same version cannot clear: an omitted field keeps its value [recordings: profile writes]."""
    wanted = claim.wanted
    if wanted.order is None and live.order is not None:
        yield Note("cannot-clear", machine.address, f"{_name(live)} keeps order {live.order} until its next version")
    if wanted.configuration is None and live.configuration is not None:
        text = f"{_name(live)} keeps its configurationReference until its next version"
        yield Note("cannot-clear", machine.address, text)


def _put(
    machine: Machine, claim: Claim, live: Entry | None, catalogue: Catalogue, asked: Asked, because: str
) -> Verdict:
    reference = _reference(claim, live)
    old = live.reference.version if live and live.reference else ""
    kept = live.mark.previous if live and live.mark else ""
    mark = Mark(asked.owner, machine_hash(machine.id), old if old and old != claim.version else kept)
    after = _entry(claim, reference, tags_text(claim.wanted.tags, mark))
    change = Change(path_of(reference), on_wire(live) if live else None, after)
    guest = effect(claim.wanted.application_name, old, claim.version, catalogue.scripts.get(reference.id.key))
    return Verdict(change, guest, (), f"{'/'.join(claim.wanted.application.name)}: {because}", claim)


def _reference(claim: Claim, live: Entry | None) -> Reference:
    """The version to refer to, with the casing the machine has where it has one [architecture decision 6]."""
    if live is not None and live.reference is not None:
        return Reference(live.reference.gallery, live.reference.application, claim.version)
    return Reference(claim.wanted.gallery, claim.wanted.application_name, claim.version)


def _entry(claim: Claim, reference: Reference, tags: str) -> Body:
    """An entry of ours, declared whole: booleans are always sent (product.md)."""
    wanted = claim.wanted
    body: Body = {"packageReferenceId": str(reference.id)}
    if wanted.order is not None:
        body["order"] = wanted.order
    body["tags"] = tags
    if wanted.configuration is not None:
        body["configurationReference"] = wanted.configuration
    body["treatFailureAsDeploymentFailure"] = wanted.fails_deployment
    body["enableAutomaticUpgrade"] = False
    return body


def _unclaimed(machine: Machine, entry: Entry, asked: Asked) -> Verdict:
    """An entry nobody declares: ours by its mark alone, or foreign."""
    mark = entry.mark
    ours = mark is not None and asked.is_ours(mark.owner) and mark.machine == machine_hash(machine.id)
    if not ours or entry.reference is None or machine.scale_set:
        return Verdict(findings=(Note("foreign", machine.address, f"{_name(entry)} is not ours: left as it is"),))
    if not asked.options.prune:
        text = f"{_name(entry)} is no longer assigned; --prune removes it"
        return Verdict(findings=(Note("kept", machine.address, text),))
    change = Change(path_of(entry.reference), on_wire(entry), None)
    name = f"{entry.reference.gallery.name}/{entry.reference.application}"
    return Verdict(change, removal(entry.reference), (), f"{name}: it carries our mark and is no longer assigned")


def _name(entry: Entry) -> str:
    reference = entry.reference
    if reference is None:
        return f"an entry that cannot be read ({entry.spelled})"
    return f"{reference.gallery.name}/{reference.application} {reference.version}"


def _draft(machine: Machine, verdicts: list[Verdict], catalogue: Catalogue) -> Draft:
    changes = tuple(verdict.change for verdict in verdicts if verdict.change is not None)
    spans = [span for verdict in verdicts if verdict.claim for span in verdict.claim.spans]
    return Draft(
        machine.address,
        machine.id,
        Assign(changes),
        "; ".join(verdict.because for verdict in verdicts),
        guest=tuple(verdict.guest for verdict in verdicts),
        source=tuple(dict.fromkeys(sorted(spans))),
        expects=Expectation(digest=others_digest(machine, changes)),
        uses=(*_referred(changes, "after", catalogue), *_still_referred(machine, changes, catalogue)),
        frees=_referred(changes, "before", catalogue),
    )


def _referred(changes: tuple[Change, ...], side: str, catalogue: Catalogue) -> tuple[Address, ...]:
    """The versions that the entries before or after refer to, as far as they are known."""
    bodies = [body for change in changes if isinstance(body := getattr(change, side), dict)]
    ids = [str(body["packageReferenceId"]).lower() for body in bodies]
    return tuple(catalogue.addresses[one] for one in ids if one in catalogue.addresses)


def _still_referred(machine: Machine, changes: tuple[Change, ...], catalogue: Catalogue) -> tuple[Address, ...]:
    """The versions of the entries that stay: a machine cannot be written while one of them is not to be had."""
    kept = (entry.reference for entry in untouched(machine, changes) if entry.reference)
    return tuple(found for reference in kept if (found := catalogue.addresses.get(reference.id.key)))
