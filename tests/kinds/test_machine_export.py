"""A machine's entries as an assignment of that machine; what cannot be said stays on the machine, and is told."""

from __future__ import annotations

from typing import Any

import pytest

from kinds.answers import COMPUTE, ELSEWHERE, GALLERY, VERSION, exported, spec
from kinds.samples import HOME
from vmapps.kinds.kind import Exported

MACHINE = f"{COMPUTE}/virtualMachines/web-01"


def machine(
    *entries: dict[str, Any], arm_id: str = MACHINE, home: str = HOME, kind: str = "VirtualMachine"
) -> Exported:
    profile = {"applicationProfile": {"galleryApplications": list(entries)}}
    properties = {"virtualMachineProfile": profile} if kind.endswith("Set") else profile
    return exported({"id": arm_id, "location": "westus", "properties": properties}, kind, home)


def entry(reference: str = VERSION, **more: Any) -> dict[str, Any]:
    return {"packageReferenceId": reference, **more}


def test_a_machine_is_an_assignment_of_its_own() -> None:
    claimed = {
        "order": 0,
        "configurationReference": "https://c.blob.core.windows.net/a/c",
        "tags": '{"a":"b","vmapps-owner":"o","vmapps-machine":"m","previous":"0.9.0"}',
        "treatFailureAsDeploymentFailure": True,
        "enableAutomaticUpgrade": False,
    }
    found = machine(entry(**claimed), entry(VERSION.replace("nginx", "base")))
    application = {"application": f"{GALLERY}/applications/nginx", "version": "1.0.0", "order": 0}
    more = {"treatFailureAsDeploymentFailure": True, "tags": {"a": "b"}}
    assert found.document == {
        "apiVersion": "vmapps/v1",
        "kind": "VMAssignment",
        "metadata": {"name": "rg.web-01"},
        "spec": {
            "targets": [{"virtualMachine": "rg/web-01"}],
            "applications": [
                {**application, "configurationReference": claimed["configurationReference"], **more},
                {"application": f"{GALLERY}/applications/base", "version": "1.0.0"},
            ],
        },
    }
    assert found.lost == ()


def test_a_scale_set_is_a_target_too() -> None:
    arm_id = f"{COMPUTE}/virtualMachineScaleSets/web"
    found = machine(entry(), arm_id=arm_id, kind="VirtualMachineScaleSet")
    assert spec(found)["targets"] == [{"virtualMachineScaleSet": "rg/web"}]


def test_a_machine_of_another_subscription_is_said_by_its_id() -> None:
    found = machine(entry(), arm_id=MACHINE.replace("virtualMachines", "VIRTUALMACHINES"), home=ELSEWHERE)
    assert spec(found)["targets"] == [{"virtualMachine": MACHINE}]


def test_latest_stays_latest() -> None:
    latest = f"{GALLERY}/applications/nginx/versions/Latest"
    plain, moving = (
        spec(machine(entry(latest, enableAutomaticUpgrade=moves)))["applications"][0] for moves in (False, True)
    )
    assert plain == {"application": f"{GALLERY}/applications/nginx", "followLatest": True}
    assert moving == {**plain, "enableAutomaticUpgrade": True}


def test_an_id_in_other_letters_is_said_as_manifests_take_it() -> None:
    shouted = VERSION.replace("galleries", "GALLERIES").replace("applications", "APPLICATIONS")
    assert spec(machine(entry(shouted)))["applications"][0]["application"] == f"{GALLERY}/applications/nginx"


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (entry("nothing"), "its packageReferenceId is not the id of a version"),
        (entry(VERSION.replace("1.0.0", "1.0")), "'1.0' is not a version of three numbers"),
        (entry(enableAutomaticUpgrade=True), "a manifest has enableAutomaticUpgrade only for versions/latest"),
        (entry(tags='{"a": 1}'), "its tags are not texts by names that a manifest takes"),
        (entry(tags='{"a": "\\u001b"}'), "its tags are not texts by names that a manifest takes"),
        (entry(tags='{"a": "1", "A": "2"}'), "its tags are not texts by names that a manifest takes"),
        (entry(tags='{"Previous": "2"}'), "its tags are not texts by names that a manifest takes"),
    ],
)
def test_an_entry_that_manifests_cannot_say_stays_as_it_is(one: dict[str, Any], told: str) -> None:
    assert machine(one) == Exported(None, (f"galleryApplications[0]: {told}; the entry stays as it is",))
    beside = machine(entry(VERSION.replace("nginx", "base")), one)
    assert len(spec(beside)["applications"]) == 1
    assert beside.lost == (f"galleryApplications[1]: {told}; the entry stays as it is",)


def test_namesakes_are_left_alone() -> None:
    """The guest keeps applications by name alone, and so plans refuse two of one name."""
    found = machine(entry(), entry(VERSION.replace("platform", "other").replace("nginx", "Nginx")))
    assert found.document is None
    assert all("another entry's application is called" in text for text in found.lost)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"order": -1}, "order: a manifest takes 0 to 2147483647"),
        ({"configurationReference": "null"}, "configurationReference: it is not the URL of a blob"),
        ({"tags": "text"}, "tags: the text is not a JSON object, the next write replaces it"),
        ({"sharedGalleryApplicationId": "x"}, "sharedGalleryApplicationId: a manifest has no field for it"),
    ],
)
def test_a_field_that_manifests_cannot_say_is_told(fields: dict[str, Any], told: str) -> None:
    found = machine(entry(manuallyManaged=False, **fields))
    assert spec(found)["applications"] == [{"application": f"{GALLERY}/applications/nginx", "version": "1.0.0"}]
    assert found.lost == (f"galleryApplications[0].{told}",)


def test_a_machine_without_applications_has_no_document() -> None:
    assert machine() == Exported(None)


def test_names_of_assignments_stay_apart() -> None:
    odd, other = (name_of(f"rg-{end}") for end in ("(a)", "-a-"))
    assert odd != other
    long = name_of("g" * 90)
    assert len(long) <= 80
    assert long != name_of("g" * 89)


def name_of(group: str) -> str:
    found = machine(entry(), arm_id=MACHINE.replace("/rg/", f"/{group}/"))
    assert found.document is not None
    return str(found.document["metadata"]["name"])


def test_no_secret_is_said() -> None:
    found = machine(entry(configurationReference="https://c.blob.core.windows.net/a/c?sig=canary"))
    assert spec(found)["applications"][0]["configurationReference"] == "https://c.blob.core.windows.net/a/c"
    [told] = found.lost
    assert told.startswith("galleryApplications[0].configurationReference: its query is left out, it may be a secret")
