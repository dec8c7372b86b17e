"""What a rollout's waves changed, put back when it halts: conditional steps, from this plan's own before-values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from vmapps.core.action import Assign, Change, UpgradeInstances, Verify, changes_of
from vmapps.core.address import Address
from vmapps.core.declaration import Store
from vmapps.core.entries import authors_tags, machine_hash, place_digest, tags_text, untouched
from vmapps.core.fleet import Resolved
from vmapps.core.guest_effects import ABSENT, LAST_ENTRY, effect, removal
from vmapps.core.plan import Expectation, Note
from vmapps.core.planning import upgrades
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.discards import NAMED
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.verdicts import Verdict
from vmapps.core.planning.writes import configurations, referred, stages
from vmapps.core.resource import Body, Link, Machine, Mark, Reference, Value, World
from vmapps.core.rollout import Gate
from vmapps.core.versions import LATEST

BECAUSE = "the rollout halted: back to what this plan found"


@dataclass(frozen=True, slots=True)
class Known:
    """What undoing goes by."""

    world: World
    resolved: Resolved
    catalogue: Catalogue
    store: Store | None
    owner: str


def undone(drafts: Iterable[Draft], known: Known) -> Iterator[Draft | Note]:
    """For every machine that a look follows: the way back, to be taken only when that look (or a later one) halts."""
    looks: dict[Address, int] = defaultdict(int)
    on: dict[Address, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if isinstance(draft.action, Verify) and draft.gate is not None:
            looks[draft.gate.assignment] = max(looks[draft.gate.assignment], draft.gate.wave)
        elif isinstance(draft.action, Assign | UpgradeInstances):
            on[draft.address].append(draft)
    for assignment, last in sorted(looks.items()):
        for address in sorted(on):
            mine = [one for one in on[address] if one.gate and one.gate.assignment == assignment]
            gates = [one.gate for one in mine if one.gate and one.gate.wave <= last]
            if gates:
                yield from _on_machine(known.world.machines[address], mine, on[address], min(gates), known)


def _on_machine(
    machine: Machine, mine: list[Draft], everything: list[Draft], gate: Gate, known: Known
) -> Iterator[Draft | Note]:
    """One machine: its writes back, and for a scale set what brings them to the instances."""
    net = _net(mine)
    lost = [change.path[-1] for change in net if _is_lost(change, known)]
    if lost or not net:
        what = f"the configuration of {', '.join(lost)} cannot be read back" if lost else "its model stays as it is"
        yield Note("not-put-back", machine.address, f"it stays as it is written when the rollout halts: {what}")
        return
    others = tuple(change for draft in everything if draft not in mine for change in changes_of(draft.action))
    drafts = tuple(_writes(machine, [_verdict(machine, one, known) for one in net], others, gate, known))
    yield from drafts
    yield from (replace(one, turn=len(drafts)) for one in _upgrades(mine, net, gate))


def _net(drafts: list[Draft]) -> tuple[Change, ...]:
    """What the writes of a rollout make of each entry in the end."""
    first: dict[tuple[str, ...], Value] = {}
    last: dict[tuple[str, ...], Value] = {}
    for draft in sorted(drafts, key=lambda one: one.turn):
        for change in changes_of(draft.action):
            first.setdefault(change.path, change.before)
            last[change.path] = change.after
    return tuple(Change(path, before, last[path]) for path, before in first.items() if before != last[path])


def _is_lost(change: Change, known: Known) -> bool:
    """Whether an entry had a configuration whose URL cannot be sent again: a SAS in it is not to be read."""
    before = _configuration(change.before)
    return before is not None and _link(before, change.after, known) is None


def _configuration(body: Value) -> Link | None:
    link = body.get("configurationReference") if isinstance(body, dict) else None
    return link if isinstance(link, Link) else None


def _link(before: Link, after: Value, known: Known) -> Link | None:
    """A slot for a link that an entry had: the one that this plan writes anyway, or a package of our store."""
    now = _configuration(after)
    if now is not None and now.key == before.key:
        return now
    found = NAMED.search(before.url)
    link = known.store.lasting_link(found[1]) if found and known.store else None
    return link if link is not None and link.key == before.key else None


def _verdict(machine: Machine, change: Change, known: Known) -> Verdict:
    """The way back of one entry; `change` is what the plan makes of it."""
    new, old = _reference(change.after), _reference(change.before)
    back = Change(change.path, change.after, _restored(machine, change, known))
    return Verdict(back, _in_guest(machine, old, new, known.catalogue), (), BECAUSE)


def _restored(machine: Machine, change: Change, known: Known) -> Value:
    """The entry as it was; its mark says at which version the rollout halted, so that the next plan knows it."""
    if not isinstance(change.before, dict):
        return None
    body: Body = dict(change.before)
    if (link := _configuration(body)) is not None:
        body["configurationReference"] = _link(link, change.after, known)
    tags, new = str(body.get("tags", "")), _reference(change.after)
    if new is not None and (not tags or tags.lstrip().startswith("{")):
        mark = next((one.mark for one in machine.entries if one.tags == tags and one.mark), None)
        previous = mark.previous if mark is not None else ""
        kept = Mark(known.owner, machine_hash(machine.id), previous, new.version)
        body["tags"] = tags_text(authors_tags(tags), kept)
    return body


def _reference(body: Value) -> Reference | None:
    return Reference.parse(str(body.get("packageReferenceId"))) if isinstance(body, dict) else None


def _in_guest(machine: Machine, old: Reference | None, new: Reference | None, catalogue: Catalogue) -> str:
    """What happens to one application on the way back."""
    before = catalogue.meant(new, machine) if new is not None else ABSENT
    if old is None:
        return removal(new.application if new else "", before)
    target = catalogue.meant(old, machine)
    scripts = catalogue.scripts(Reference(old.gallery, old.application, target.exact))
    return effect(old.application, before, target, scripts)


def _writes(
    machine: Machine, backward: list[Verdict], others: tuple[Change, ...], gate: Gate, known: Known
) -> Iterator[Draft]:
    """Usually one write; more when a removal has to outlive what depends on it, as on the way there."""
    found = stages(backward)
    placement = known.resolved.placements[machine.address]
    for turn, stage in enumerate(found):
        changes = tuple(part.change for part in stage.parts)
        lines = tuple(part.guest for part in stage.parts)
        if turn == len(found) - 1 and _is_emptied(machine, backward, others):
            lines = (*lines, LAST_ENTRY)
        yield Draft(
            machine.address,
            machine.id,
            Assign(changes),
            BECAUSE,
            guest=upgrades.in_guests(machine, placement, lines) if machine.is_scale_set else lines,
            expects=Expectation(digest=place_digest(machine)),
            uses=(*referred(machine, changes, "after", known.catalogue), *configurations(changes)),
            turn=turn,
            undoes=gate,
        )


def _is_emptied(machine: Machine, backward: list[Verdict], others: tuple[Change, ...]) -> bool:
    """Whether the way back leaves nothing on the machine."""
    changes = tuple(one.change for one in backward if one.change is not None)
    stays = untouched(machine, (*changes, *others)) or any(change.after is not None for change in others)
    return not stays and all(change.after is None for change in changes)


def _upgrades(mine: list[Draft], net: tuple[Change, ...], gate: Gate) -> Iterator[Draft]:
    """The instances that got the new model get the old one again."""
    was = {change.path[-1].rpartition("/")[2].lower(): _reference(change.before) for change in net}
    for draft in mine:
        if isinstance(draft.action, UpgradeInstances):
            back = tuple(_back(name, version, was) for name, version in draft.action.applications)
            action = replace(draft.action, applications=tuple(one for one in back if one is not None))
            yield Draft(draft.address, draft.resource, action, BECAUSE, undoes=gate)


def _back(name: str, version: str, was: Mapping[str, Reference | None]) -> tuple[str, str] | None:
    """What an instance reports of an application once it is back; None when it has it no more."""
    if name.lower() not in was:
        return name, version
    old = was[name.lower()]
    return (name, "" if old.version.lower() == LATEST else old.version) if old is not None else None
