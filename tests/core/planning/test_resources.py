"""One declared resource against its live twin: azure-facts 1.7, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest

from samples import (
    OWNER,
    PROFILE,
    RULES,
    STORE,
    address,
    application_body,
    asked,
    desired,
    observed,
    sha256,
    version_body,
)
from vmapps.core.action import Change, Create, Update
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fields import Field, Path, Rules, spelled, with_value
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.resources import decide
from vmapps.core.resource import Body, Desired, Link, Observed, Value

VERSION = ("platform", "nginx", "1.0.0")
BASE = {"Gallery": {}, "GalleryApplication": application_body(), "GalleryApplicationVersion": version_body()}


def decided(wanted: Desired, live: Observed | None, siblings: tuple[str, ...] = (), **options: Any) -> Finding:
    from vmapps.core.address import Address

    names = {Address("", wanted.address.name[:-1]): siblings}
    return tuple(decide(wanted, live, asked(**options), names))[-1]


def code(finding: Finding) -> str:
    """What was decided, in one word."""
    match finding:
        case Draft(action=Create()):
            return "create"
        case Draft(action=Update()):
            return "update"
        case Note() | Diagnostic():
            return finding.code
    raise AssertionError(finding)


def changed(finding: Finding) -> list[str]:
    assert isinstance(finding, Draft)
    assert isinstance(finding.action, Update | Create)
    return [spelled(change.path) for change in finding.action.changes]


NAMES = {"Gallery": VERSION[:1], "GalleryApplication": VERSION[:2], "GalleryApplicationVersion": VERSION}
PERMISSIONS: Path = ("properties", "sharingProfile", "permissions")
EOL: Path = (*PROFILE, "endOfLifeDate")
REGIONS: Path = (*PROFILE, "targetRegions")
EUROPE: dict[str, Value] = {"name": "westeurope"}
SAFETY: Path = ("properties", "safetyProfile", "allowDeletionOfReplicatedLocations")
G, A, V = NAMES
NEXT, NEVER = "content-changed", "cannot-change"


def profile(*names: str) -> Path:
    return (*PROFILE, *names)


def action(name: str) -> Path:
    return profile("manageActions", name)


def setting(name: str) -> Path:
    return profile("settings", name)


def link(url: str) -> Link:
    return Link(url)


@pytest.mark.parametrize(
    ("row", "kind", "path", "before", "after", "decision"),
    [
        ("location of a gallery", G, ("location",), "westus", "eastus", NEVER),
        ("location of an application", A, ("location",), "westus", "eastus", NEVER),
        ("location of a version", V, ("location",), "westus", "eastus", NEXT),
        ("app.supportedOSType", A, ("properties", "supportedOSType"), "Linux", "Windows", NEVER),
        ("version: install", V, action("install"), "a", "b", NEXT),
        ("version: update", V, action("update"), None, "b", NEXT),
        ("version: remove", V, action("remove"), "a", "b", NEXT),
        ("version: packageFileName", V, setting("packageFileName"), "a", "b", NEXT),
        ("version: configFileName", V, setting("configFileName"), "a", "b", NEXT),
        ("version: scriptBehaviorAfterReboot", V, setting("scriptBehaviorAfterReboot"), "None", "Rerun", NEXT),
        ("version: storageAccountType", V, profile("storageAccountType"), "Standard_LRS", "Premium_LRS", NEXT),
        ("version: storageAccountStrategy", V, profile("storageAccountStrategy"), None, "x", NEXT),
        ("version: replicationMode", V, profile("replicationMode"), "Full", "Shallow", NEXT),
        ("version: advancedSettings", V, profile("advancedSettings"), None, {"a": "b"}, NEXT),
        ("version: customActions", V, profile("customActions"), None, [{"name": "a"}], NEXT),
        ("version: excludeFromLatest", V, profile("excludeFromLatest"), False, True, "update"),
        ("version: enableHealthCheck", V, profile("enableHealthCheck"), None, True, "update"),
        ("version: endOfLifeDate set", V, EOL, None, "2030-01-01", "update"),
        ("version: endOfLifeDate moved", V, EOL, "2030-01-01T00:00:00Z", "2031-01-01", "update"),
        ("version: endOfLifeDate removed", V, EOL, "2030-01-01T00:00:00Z", None, "unchanged"),
        ("version: safetyProfile", V, SAFETY, True, False, "update"),
        ("version: tags", V, ("tags", "team"), None, "web", "update"),
        (
            "version: replicas",
            V,
            REGIONS,
            [{"name": "westeurope"}],
            [{"name": "westeurope", "regionalReplicaCount": 2}],
            "update",
        ),
        (
            "version: a region more",
            V,
            REGIONS,
            [{"name": "West US"}],
            [{"name": "westus"}, {"name": "eastus"}],
            "update",
        ),
        ("releaseNoteUri removed", A, ("properties", "releaseNoteUri"), "https://x", None, "unchanged"),
        ("description", A, ("properties", "description"), "a", "b", "update"),
        ("gallery permissions -> Groups", G, PERMISSIONS, None, "Groups", NEVER),
        ("gallery permissions Private is the default", G, PERMISSIONS, None, "Private", "unchanged"),
    ],
)
def test_immutability(row: str, kind: str, path: Path, before: Value, after: Value, decision: str) -> None:
    names, base = NAMES[kind], BASE[kind]
    live = observed(*names)
    seen = live.body if before is None else with_value(live.body, path, before)
    wanted = base if after is None else with_value(base, path, after)
    live = Observed(live.address, live.id, seen, live.owner, live.content, live.state)
    assert code(decided(desired(*names, body=wanted), live)) == decision


def versions(content: str = "nginx", url: str = "") -> tuple[Desired, Observed]:
    body = version_body()
    path = profile("source", "mediaLink")
    wanted = desired(*VERSION, body=with_value(body, path, link(url)) if url else body, content=content)
    live = observed(*VERSION)
    seen = with_value(live.body, path, Link(STORE.link(sha256("nginx")).url))
    return wanted, Observed(live.address, live.id, seen, live.owner, live.content, live.state)


@pytest.mark.parametrize(
    ("row", "wanted", "live", "decision"),
    [
        ("only the SAS differs", *versions(), "unchanged"),
        ("the same content elsewhere", *versions(url="https://moved.blob.core.windows.net/p/x"), "unchanged"),
        ("another package", *versions(content="other"), "content-changed"),
    ],
)
def test_a_package_is_known_by_its_content(row: str, wanted: Desired, live: Observed, decision: str) -> None:
    assert code(decided(wanted, live)) == decision


def test_a_link_that_differs_is_other_content_where_no_mark_speaks_for_it() -> None:
    wanted, live = versions(url="https://moved.blob.core.windows.net/p/x")
    unmarked = Observed(live.address, live.id, live.body, "", "", live.state)
    assert code(decided(wanted, unmarked, adopt=True)) == "content-changed"


def test_changed_content_names_the_next_free_number() -> None:
    wanted, live = versions(content="other")
    found = decided(wanted, live, ("1.0.0", "1.0.4", "1.1.0"))
    assert isinstance(found, Diagnostic)
    assert found.hint == "publish it as 1.0.5"
    assert found.subject == "GalleryApplicationVersion/platform/nginx/1.0.0"


def test_changed_content_at_the_last_number_has_no_next_one() -> None:
    last = ("platform", "nginx", f"1.0.{2**31 - 1}")
    found = decided(desired(*last, content="other"), observed(*last))
    assert isinstance(found, Diagnostic)
    assert found.hint == "publish it as another version"


@pytest.mark.parametrize(
    ("row", "owner", "differs", "options", "decision"),
    [
        ("ours, equal", OWNER, False, {}, "unchanged"),
        ("ours, differs", OWNER, True, {}, "update"),
        ("ours under a former name, equal", "old", False, {}, "update"),
        ("nobody's, equal", "", False, {}, "not-adopted"),
        ("nobody's, differs", "", True, {}, "not-adopted"),
        ("nobody's, adopted", "", False, {"adopt": True}, "update"),
        ("nobody's, adopted and changed", "", True, {"adopt": True}, "update"),
        ("another's", "other.1", False, {}, "other-owner"),
        ("another's, --adopt alone", "other.1", False, {"adopt": True}, "other-owner"),
        ("another's, --from a third", "other.1", False, {"adopt": True, "adopt_from": "x"}, "other-owner"),
        ("another's, taken over", "other.1", False, {"adopt": True, "adopt_from": "other.1"}, "update"),
        ("another's, --from without --adopt", "other.1", False, {"adopt_from": "other.1"}, "other-owner"),
    ],
)
def test_ownership(row: str, owner: str, differs: bool, options: dict[str, Any], decision: str) -> None:
    wanted = desired("platform", "nginx", body=application_body(description="new"))
    live = observed("platform", "nginx", owner=owner, body=application_body(description="old" if differs else "new"))
    found = decided(wanted, live, **options)
    assert code(found) == decision
    assert isinstance(found, Diagnostic) == (decision == "other-owner" or row == "nobody's, differs")


def test_adopting_adds_only_the_marks() -> None:
    found = decided(desired(*VERSION), observed(*VERSION, owner=""), adopt=True)
    assert changed(found) == ["tags.vmapps-owner", "tags.vmapps-content"]
    assert isinstance(found, Draft)
    assert found.because == "it becomes ours: only the mark is added"


@pytest.mark.parametrize(
    ("state", "because"),
    [("Failed", "its last write failed"), ("Canceled", "its last write failed")]
    + [(busy, "Azure is still working on it") for busy in ("Creating", "Updating", "Deleting", "Migrating")],
)
def test_what_is_not_finished_is_a_step_so_that_others_wait_for_it(state: str, because: str) -> None:
    found = decided(desired(*VERSION), observed(*VERSION, state=state))
    assert changed(found) == ["properties.provisioningState"]
    assert isinstance(found, Draft)
    assert found.because == because


def test_a_create_says_every_declared_field_its_initial_ones_and_the_marks() -> None:
    found = decided(desired(*VERSION), None)
    assert isinstance(found, Draft)
    assert isinstance(found.action, Create)
    said = {spelled(change.path): change.after for change in found.action.changes}
    assert all(change.before is None for change in found.action.changes)
    assert said["location"] == "westeurope"
    assert said["tags.vmapps-owner"] == OWNER
    assert said["tags.vmapps-content"] == f"v1:sha256:{sha256('nginx')}"
    assert said["properties.publishingProfile.source.mediaLink"] == STORE.link(sha256("nginx"))
    assert found.uses == desired(*VERSION).needs


def test_initial_fields_are_never_compared() -> None:
    assert code(decided(desired("platform", initial={"location": "eastus"}), observed("platform"))) == "unchanged"


def test_an_update_expects_the_declared_fields_that_it_leaves_alone() -> None:
    body: Body = application_body(description="new")
    found = decided(desired("platform", "nginx", body=body), observed("platform", "nginx"))
    assert isinstance(found, Draft)
    assert isinstance(found.action, Update)
    assert found.action.changes == (Change(("properties", "description"), None, "new"),)
    assert found.expects.paths == (("properties", "supportedOSType"),)
    assert found.because == "properties.description differs"


def test_an_update_of_a_version_sends_its_package_again() -> None:
    wanted = desired(*VERSION, body=version_body(excludeFromLatest=True))
    found = decided(wanted, observed(*VERSION))
    assert isinstance(found, Draft)
    assert found.expects.slots == ((profile("source", "mediaLink"), STORE.link(sha256("nginx"))),)
    assert found.uses == wanted.needs


def test_a_difference_inside_a_list_is_told() -> None:
    wanted = desired(*VERSION, body=version_body(regions=("westeurope", "northeurope")))
    found = decided(wanted, observed(*VERSION))
    assert isinstance(found, Draft)
    assert found.because == "properties.publishingProfile.targetRegions differs (northeurope added)"
    assert address(*VERSION) == found.address


EULA: Path = ("properties", "eula")


@pytest.mark.parametrize(
    ("row", "wanted", "live", "uncleared", "noted"),
    [
        ("set and no longer declared", None, "text", True, True),
        ("set and declared", "text", "text", True, False),
        ("set to something else", "new", "text", True, False),
        ("not set", None, None, True, False),
        ("set, and Azure can clear it", None, "text", False, False),
    ],
)
def test_what_azure_cannot_clear_is_said_to_stay(
    row: str, wanted: str | None, live: str | None, uncleared: bool, noted: bool
) -> None:
    rules = {**RULES, "GalleryApplication": Rules({EULA: Field(uncleared=uncleared)})}
    body, seen = (application_body(**({"eula": one} if one else {})) for one in (wanted, live))
    found = decide(desired(*VERSION[:2], body=body), observed(*VERSION[:2], body=seen), asked(rules), {})
    notes = [one.text for one in found if isinstance(one, Note) and one.code == "cannot-clear"]
    assert notes == (['properties.eula stays "text": Azure cannot clear it'] if noted else [])
