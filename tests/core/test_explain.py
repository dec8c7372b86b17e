"""Why a plan says what it says of an address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from samples import (
    HERE,
    HOME,
    OWNER,
    RULES,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    machine_address,
    observed,
    package,
    sha256,
    wanted,
)
from strategies import Scenario, options, scenarios
from vmapps.core.address import Address
from vmapps.core.declaration import Declarations, Selector, Target
from vmapps.core.diagnostic import Diagnostic, Span, error, warning
from vmapps.core.explain import Explained, Explanation, Neighbour, explanation, nearest
from vmapps.core.explain_live import LiveMachine, LivePackage, LiveResource, Standing
from vmapps.core.plan import Note, Options, Plan, ProjectId
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Listed, World

GALLERY = Span("platform.yaml", 1, 1)
NGINX = Span("nginx.yaml", 1, 1)
VERSION = Span("nginx.yaml", 20, 1)
WEB = Span("web.yaml", 1, 1)
ITEM = Span("web.yaml", 9, 7)
DECLARED = (
    desired("platform", source=(GALLERY,)),
    desired("platform", "nginx", source=(NGINX,)),
    desired("platform", "nginx", "1.0.0", source=(VERSION,)),
)
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))
ON_WEB = "VirtualMachine/rg-web/web-01"
V1 = "GalleryApplicationVersion/platform/nginx/1.0.0"
ASSIGNED = (assignment(wanted(span=ITEM)),)


def explained(address: str, *seen: Listed, declared: Declarations | None = None, **options: Any) -> Explanation:
    project = declared or declarations(*DECLARED, assignments=ASSIGNED)
    world = World.of(iter(seen))
    return explanation(make_plan(project, world, RULES, Options(**options)), world, address, project)


def one(address: str, *seen: Listed, **more: Any) -> Explained:
    (found,) = explained(address, *seen, **more).found
    assert str(found.address) == address
    return found


def ids(neighbours: tuple[Neighbour, ...]) -> list[str]:
    return [step.id for step in neighbours]


def test_a_step_with_everything_before_and_after_it() -> None:
    found = one(V1, observed("platform"), machine())
    (step,) = found.steps
    assert step.step.id == f"{V1}#1"
    assert ids(step.waits_for) == [f"{package('nginx').address}#1", "GalleryApplication/platform/nginx#1"]
    assert step.waits_for[1].because == "it is declared and not in Azure"
    assert step.behind == 0
    assert ids(step.awaited_by) == [f"{ON_WEB}#1"]
    assert (found.source, found.live, found.why) == ((VERSION,), None, "")


def test_what_is_further_behind_is_counted_once() -> None:
    (step,) = one(V1, machine()).steps
    assert (len(step.waits_for), step.behind) == (2, 1)
    (web,) = one(ON_WEB, machine()).steps
    assert (ids(web.waits_for), web.behind, web.awaited_by) == ([f"{V1}#1"], 3, ())


def test_a_machine_with_whose_each_entry_is() -> None:
    copy = entry("3.0.0", "copied", owner=OWNER, on="web-09")
    entries = entry(owner=OWNER), entry("2.0.0", "tool", owner="other.1"), copy, entry("4.0.0", "plain")
    found = one(ON_WEB, *LIVE, machine(*entries, state="Succeeded"))
    assert isinstance(found.live, LiveMachine)
    assert (found.live.location, found.live.os_type, found.live.state) == ("westeurope", "Linux", "Succeeded")
    assert [(entry.name, entry.version, entry.standing, entry.owner) for entry in found.live.entries] == [
        ("platform/nginx", "1.0.0", Standing.OURS, OWNER),
        ("platform/tool", "2.0.0", Standing.OTHERS, "other.1"),
        ("platform/copied", "3.0.0", Standing.FOREIGN, ""),
        ("platform/plain", "4.0.0", Standing.FOREIGN, ""),
    ]
    assert [(str(wish.assignment), wish.version, wish.source) for wish in found.wishes] == [
        ("VMAssignment/web", "1.0.0", ITEM)
    ]


@pytest.mark.parametrize(("owner", "standing"), [(OWNER, Standing.OURS), ("", Standing.CLAIMED)])
def test_a_claimed_entry_without_mark_is_whose_its_application_is(owner: str, standing: Standing) -> None:
    live = (LIVE[0], observed("platform", "nginx", owner=owner), LIVE[2])
    found = one(ON_WEB, *live, machine(entry()))
    assert isinstance(found.live, LiveMachine)
    assert [entry.standing for entry in found.live.entries] == [standing]


def test_an_entry_that_cannot_be_read_is_told_without_its_query() -> None:
    found = one(
        ON_WEB, *LIVE, machine(replace(entry(reference=None), spelled="https://h/p?sig=c4n4ry"), entry(owner=OWNER))
    )
    assert isinstance(found.live, LiveMachine)
    assert [(entry.name, entry.version) for entry in found.live.entries] == [
        ("https://h/p", ""),
        ("platform/nginx", "1.0.0"),
    ]


def test_a_scale_set_with_its_upgrade_mode_and_a_machine_with_its_scale_set() -> None:
    found = one(ON_WEB, *LIVE, machine(upgrade_mode="Rolling", scale_set="x"))
    assert isinstance(found.live, LiveMachine)
    assert (found.live.upgrade_mode, found.live.scale_set) == ("Rolling", "x")


@pytest.mark.parametrize(("owner", "is_ours"), [(OWNER, True), ("old", True), ("other.1", False), ("", False)], ids=str)
def test_whose_a_live_resource_is(owner: str, is_ours: bool) -> None:
    found = one(V1, *LIVE[:2], observed("platform", "nginx", "1.0.0", owner=owner, state="Failed"))
    assert found.live == LiveResource(owner, is_ours, "Failed")


def test_every_source_of_a_machine_counts() -> None:
    targets = (
        Target(Span("web.yaml", 4, 7), machine=machine_address()),
        Target(Span("web.yaml", 6, 7), selector=Selector()),
    )
    project = declarations(*DECLARED, assignments=(assignment(wanted(span=ITEM), targets=targets),))
    assert one(ON_WEB, *LIVE, machine(), declared=project).source == (Span("web.yaml", 4, 7), ITEM)


def test_two_assignments_that_want_the_same_are_both_told() -> None:
    more = assignment(wanted(span=Span("more.yaml", 3, 1)), name="more")
    found = one(ON_WEB, *LIVE, machine(), declared=declarations(*DECLARED, assignments=(*ASSIGNED, more)))
    assert [(str(wish.assignment), str(wish.source)) for wish in found.wishes] == [
        ("VMAssignment/more", "more.yaml:3:1"),
        ("VMAssignment/web", "web.yaml:9:7"),
    ]


def test_assignments_that_disagree_are_told_in_their_own_words() -> None:
    resources = (*DECLARED, desired("platform", "nginx", "1.1.0"))
    more = assignment(wanted("1.1.0", span=Span("more.yaml", 3, 1)), name="more")
    found = one(ON_WEB, *LIVE, machine(), declared=declarations(*resources, assignments=(*ASSIGNED, more)))
    assert [wish.version for wish in found.wishes] == ["1.1.0", "1.0.0"]
    assert [one.code for one in found.diagnostics] == ["conflicting-claims"]


def test_a_note_about_the_project_lies_in_its_document() -> None:
    plan = Plan(project_id(), notes=(Note("guest-not-read", Address("Project", ("contoso",)), "not asked"),))
    (found,) = explanation(plan, World(), "Project/*", SILENT).found
    assert (found.source, found.why) == ((SILENT.project.span,), "not asked [guest-not-read]")


def test_an_assignment_names_its_machines_with_their_steps() -> None:
    to = ("web-01", "web-02")
    project = declarations(*DECLARED, assignments=(assignment(wanted(span=ITEM), to=to),))
    seen = (*LIVE, machine(), machine(entry(owner=OWNER, on="web-02"), name="web-02"))
    found = one("VMAssignment/web", *seen, declared=project)
    assert found.machines is not None
    assert [(str(reached.machine), ids(reached.steps)) for reached in found.machines] == [
        (ON_WEB, [f"{ON_WEB}#1"]),
        ("VirtualMachine/rg-web/web-02", []),
    ]
    assert "unchanged" in found.machines[1].why
    assert [(wish.application, wish.version) for wish in found.wishes] == [(DECLARED[1].address, "1.0.0")]
    assert "by the steps of its machines" in found.why


NOBODY = declarations(*DECLARED, assignments=(assignment(wanted(), targets=(Target(HERE, selector=Selector()),)),))
SILENT = declarations(*DECLARED)


@pytest.mark.parametrize(
    ("address", "why", "more"),
    [
        (V1, "[unchanged]", {}),
        ("VMAssignment/web", "matches no machine", {"declared": NOBODY, "seen": ()}),
        (ON_WEB, "no assignment names it", {"declared": SILENT}),
        (ON_WEB, "only its scale set is looked at", {"declared": SILENT, "seen": (machine(scale_set="/x"),)}),
        (ON_WEB, "[foreign]", {"declared": SILENT, "seen": (machine(entry()),)}),
        ("Gallery/theirs", "not declared here", {"seen": (observed("theirs", owner=""), machine())}),
        ("Gallery/ours", "--prune deletes it [kept]", {"seen": (observed("ours"), machine())}),
        (str(package().address), "no write of this plan needs it", {}),
        (
            "Gallery/gone",
            "as declared [unchanged]",
            {"declared": declarations(desired("gone", absent=True)), "seen": ()},
        ),
    ],
)
def test_what_has_no_step_says_why(address: str, why: str, more: dict[str, Any]) -> None:
    seen = (*LIVE, *more.get("seen", (machine(),)))
    found = one(address, *seen, **({"declared": more["declared"]} if "declared" in more else {}))
    assert found.steps == ()
    assert why in found.why


def test_with_an_error_elsewhere_that_is_the_reason() -> None:
    seen = (*LIVE[:2], observed("platform", "nginx", "1.0.0", owner="other.1"), machine())
    assert "there is an error about it" in one(V1, *seen).why
    assert one("Gallery/platform", *seen).why.endswith("the plan has errors, and with an error nothing is done")


def test_a_machine_that_is_not_there() -> None:
    found = one(ON_WEB, *LIVE)
    assert (found.live, found.why) == (None, "there is an error about it")
    assert [one.code for one in found.diagnostics] == ["no-such-machine"]


def project_id() -> ProjectId:
    return ProjectId("contoso", OWNER, HOME)


PLACED: list[tuple[Diagnostic, set[str]]] = [
    (error("a", "no", VERSION), {V1}),
    (error("a", "further down", Span("nginx.yaml", 33, 9)), {V1}),
    (error("a", "between", Span("nginx.yaml", 19, 9)), {"GalleryApplication/platform/nginx"}),
    (error("a", "item", Span("web.yaml", 11, 9)), {"VMAssignment/web", ON_WEB}),
    (error("a", "head", Span("web.yaml", 2, 9)), {"VMAssignment/web"}),
    (warning("a", "elsewhere", Span("aaa.yaml", 1, 1)), set()),
    (error("a", "subject", subject=V1.upper()), {V1}),
    (error("a", "--accept", subject="--accept"), set()),
]


@pytest.mark.parametrize(("diagnostic", "concerned"), PLACED, ids=[one.summary for one, _ in PLACED])
def test_a_diagnostic_belongs_to_what_it_lies_in(diagnostic: Diagnostic, concerned: set[str]) -> None:
    project = declarations(*DECLARED, assignments=(replace(ASSIGNED[0], span=WEB),))
    plan = Plan(project_id(), diagnostics=(diagnostic,))
    found = explanation(plan, World.of(iter((*LIVE, machine()))), "*", project).found
    assert {str(one.address) for one in found if one.diagnostics} == concerned


def test_a_glob_and_a_step_id_are_understood() -> None:
    seen = (*LIVE, machine())
    assert [str(found.address) for found in explained("gallery*/PLATFORM*", *seen).found] == [
        "Gallery/platform",
        "GalleryApplication/platform/nginx",
        V1,
    ]
    assert one(ON_WEB, *seen) == explained(f"{ON_WEB}#1", *seen).found[0]


def test_refusals_concern_everything() -> None:
    refusal = error("too-many-deletes", "no")
    plan = Plan(project_id(), refusals=(refusal,))
    assert explanation(plan, World(), "*", SILENT).refusals == (refusal,)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("web-01", [ON_WEB]),
        ("VirtualMachine/rg-web/web-11", [ON_WEB]),
        ("VirtualMachine/rg-web/WEB-1", [ON_WEB]),
        ("", []),
        ("zzz", []),
    ],
)
def test_the_nearest_addresses_are_named(text: str, names: list[str]) -> None:
    assert [str(one) for one in nearest(text, (machine_address(), Address("Gallery", ("q",))))] == names


def test_what_nothing_matches_is_empty_and_has_neighbours() -> None:
    found = explained("Gallery/platfrom", *LIVE, machine())
    assert found.found == ()
    assert "Gallery/platform" in map(str, found.nearest)


def test_whether_a_package_is_stored_is_not_always_known() -> None:
    nginx = str(package().address)
    world = World.of(iter((*LIVE, machine())), frozenset({sha256("nginx")}))
    project = declarations(*DECLARED, assignments=ASSIGNED)
    plan = make_plan(project, world, RULES, Options())
    assert explanation(plan, world, nginx, project).found[0].live == LivePackage(True)
    assert one(nginx, *LIVE, machine()).live == LivePackage(None)
    assert one(nginx, machine()).live == LivePackage(False)


@given(scenarios(tame=False), options)
def test_every_step_note_and_object_can_be_explained(scenario: Scenario, asked: Options) -> None:
    world = scenario.cloud().world()
    plan = make_plan(scenario.declarations, world, RULES, asked)
    found = explanation(plan, world, "*", scenario.declarations).found
    told = {one.address for one in found}
    assert told >= {step.address for step in plan.steps} | {note.address for note in plan.notes}
    assert told >= world.resources.keys() | world.machines.keys()
    assert all(bool(one.steps) != bool(one.why) for one in found)
