"""Two projects on one machine: whoever writes second carries the first one's entries, and sets off what was shown."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from samples import OWNER, entry, machine, reference
from vmapps.core.action import Assign, Change
from vmapps.core.entries import composed, on_wire, others_digest, path_of
from vmapps.core.fields import Rules
from vmapps.core.plan import Expectation, Step
from vmapps.core.resource import Entry, Machine
from vmapps.core.settle import Moved, PutEntries, settle

NAMES = ("nginx", "agent", "base")
GALLERIES = ("ours", "theirs")
VERSIONS = ("1.0.0", "2.0.0", "latest")


def one(gallery: str, name: str, version: str) -> Entry:
    return entry(reference=reference(version, name, gallery), owner=OWNER if gallery == "ours" else "")


def lists(gallery: str) -> st.SearchStrategy[dict[str, Entry]]:
    """What one project has on the machine, by application."""
    version = st.sampled_from(VERSIONS)
    return st.dictionaries(st.sampled_from(NAMES), version, max_size=3).map(
        lambda found: {name: one(gallery, name, number) for name, number in found.items()}
    )


def edits(before: dict[str, Entry], after: dict[str, Entry]) -> tuple[Change, ...]:
    """The changes that bring a project from one list to another."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if (old and old.spelled) != (new and new.spelled):
            refers = (old or new).reference  # type: ignore[union-attr]
            assert refers is not None
            sides = (on_wire(old) if old else None, on_wire(new) if new else None)
            found.append(Change(path_of(refers), *sides))
    return tuple(found)


def planned(live: Machine, changes: tuple[Change, ...], mine: dict[str, Entry]) -> Step:
    changed = {change.path for change in changes}
    kept = tuple(sorted(path_of(one.reference) for one in mine.values() if one.reference))
    kept = tuple(path for path in kept if path not in changed)
    expects = Expectation(digest=others_digest(live, changes, (), kept), kept=kept)
    return Step("m#1", live.address, live.id, Assign(changes), "", expects=expects)


def sets_off(live: Machine, changes: tuple[Change, ...]) -> object:
    """What a write does beside its own changes: which `latest` may move, is the list emptied, which names clash."""
    put = {change.path[-1] for change in changes if change.after is not None}
    edited = {change.path for change in changes}
    others = [one.reference for one in live.entries if one.reference and path_of(one.reference) not in edited]
    moving = {refers.key for refers in others if refers.version == "latest" and refers.gallery.name == "theirs"}
    clashing = {refers.key for refers in others if any(name.endswith(f"/{refers.application}") for name in put)}
    return moving, clashing, not others and not put


@given(lists("ours"), lists("ours"), lists("theirs"), lists("theirs"))
def test_what_is_written_after_the_neighbour_is_what_was_shown(
    mine: dict[str, Entry], wanted: dict[str, Entry], theirs: dict[str, Entry], meanwhile: dict[str, Entry]
) -> None:
    changes = edits(mine, wanted)
    if not changes:
        return
    shown = machine(*mine.values(), *theirs.values())
    fresh = machine(*meanwhile.values(), *mine.values(), etag='"2"')
    step = planned(shown, changes, mine)
    verdict = settle(step, fresh, Rules())
    if sets_off(shown, changes) != sets_off(fresh, changes):
        assert isinstance(verdict, Moved)
        return
    assert isinstance(verdict, PutEntries)
    foreign = [one.raw for one in meanwhile.values()]
    assert [raw for raw in verdict.entries if raw in foreign] == foreign
    assert verdict.etag == '"2"'


@given(lists("ours"), lists("ours"), lists("theirs"), lists("theirs"))
def test_two_projects_end_at_the_same_list_whoever_is_first(
    mine: dict[str, Entry], wanted: dict[str, Entry], theirs: dict[str, Entry], meant: dict[str, Entry]
) -> None:
    start = machine(*mine.values(), *theirs.values())
    both = (
        (planned(start, edits(mine, wanted), mine), planned(start, edits(theirs, meant), theirs))
        if (edits(mine, wanted) and edits(theirs, meant))
        else ()
    )
    ends = set()
    for order in (both, both[::-1]):
        state = start
        for step in order:
            assert isinstance(step.action, Assign)
            if isinstance(settle(step, state, Rules()), Moved):
                return  # what it sets off changed: the law above
            state = _after(state, step.action.changes, {**_by_spelling(wanted), **_by_spelling(meant)})
        ends.add(frozenset(one.spelled for one in state.entries))
    assert not both or ends == {frozenset(one.spelled for one in (*wanted.values(), *meant.values()))}


def _by_spelling(several: dict[str, Entry]) -> dict[str, Entry]:
    return {one.spelled: one for one in several.values()}


def _after(state: Machine, changes: tuple[Change, ...], known: dict[str, Entry]) -> Machine:
    """The machine as Azure has it after a write of these changes."""
    raws = {one.raw: one for one in state.entries}
    written = composed(state, changes)
    entries = (raws[one] if isinstance(one, bytes) else known[str(one["packageReferenceId"])] for one in written)
    return replace(state, entries=tuple(entries))
