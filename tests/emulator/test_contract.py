"""What the tables refuse under the api-version that they are for, and what they leave alone under any other."""

import pytest

from emulator.arm import APPLICATION, GALLERY, MACHINE, Arm, Json, machine_body, profile_body, version_body
from specification.operations import demanded
from specification.watch import WATCH
from vmapps_emulator.contract.documents import oracle_folder
from vmapps_emulator.contract.generate import TABLES, generated, main
from vmapps_emulator.contract.tables import differences, tables

VERSION = f"{APPLICATION}/versions/1.0.0"
OLD = "2022-03-03"


def gallery(**properties: object) -> Json:
    return {"location": "eastus", "properties": properties}


def test_the_tables_are_what_the_oracle_says_today():
    demanded()
    assert generated(oracle_folder()) == TABLES.read_bytes(), "run 'make contract'"


def test_the_tables_keep_the_notice_and_their_dates():
    assert "Copyright (c) 2017 Microsoft" in TABLES.read_text(encoding="utf-8")
    assert [table.api_version for table in tables()] == ["2024-03-03", "2024-07-01"]


def test_without_an_oracle_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path, capsys):
    monkeypatch.setenv("VMAPPS_ORACLE", str(tmp_path))
    assert main() == 1
    assert "VMAPPS_ORACLE" in capsys.readouterr().err


def test_every_difference_speaks_of_a_known_operation_and_gives_a_reason():
    known = {name for table in tables() for name in table.operations}
    rows = [row for name in known for row in differences(name).values()]
    assert rows
    assert all(row.reason for row in rows)
    assert {row.operation for row in rows} <= known | {"*"}


def test_an_unknown_field_is_refused_as_the_service_does(arm: Arm):
    assert arm.refused("PUT", GALLERY, gallery(colour="red")) == (
        400,
        "BadRequest",
        "Could not find member 'colour' on object of type 'Properties'. Path 'properties.colour', line 1, position 44.",
    )
    status, code, message = arm.refused("PUT", GALLERY, {"location": "eastus", "colour": "red"})
    assert (status, code) == (400, "InvalidRequestContent")
    assert "Could not find member 'colour' on object of type 'ResourceDefinition'." in message
    disk = {"osDisk": {"createOption": "Attach", "colour": "red"}}
    answer = arm.call("PUT", MACHINE, {"location": "eastus", "properties": {"storageProfile": disk}})
    assert answer.json()["error"]["target"] == "vm.properties.storageProfile.osDisk.colour"
    assert "on object of type 'OSDisk'" in answer.json()["error"]["message"]


def test_another_date_keeps_unknown_fields(arm: Arm):
    assert arm.call("PUT", GALLERY, gallery(colour="red"), api=OLD).status_code == 201
    assert arm.get(GALLERY, api=OLD)["properties"]["colour"] == "red"
    assert arm.refused("PUT", GALLERY + "2", gallery(description=5), api=OLD)[1] == "InvalidParameter"


def test_read_only_fields_are_ignored(arm: Arm):
    arm.done("PUT", GALLERY, gallery(identifier={"uniqueName": "mine"}, provisioningState="Failed"))
    properties = arm.get(GALLERY)["properties"]
    assert properties["identifier"]["uniqueName"].endswith("-G")
    assert properties["provisioningState"] == "Succeeded"
    arm.done("PUT", MACHINE, machine_body())
    held = arm.get(MACHINE)
    held["properties"]["vmId"] = held["properties"]["timeCreated"] = "mine"
    arm.done("PUT", MACHINE, held)
    assert "mine" not in str(arm.get(MACHINE))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"location": "eastus", "properties": {}}, "galleryApplicationVersion.properties.publishingProfile"),
        (
            version_body(customActions=[{"name": "n"}]),
            "galleryApplicationVersion.properties.publishingProfile.customActions.script",
        ),
    ],
)
def test_a_required_field_is_named_with_its_path(arm: Arm, body, field):
    arm.publish()
    assert arm.refused("PUT", f"{APPLICATION}/versions/2.0.0", body) == (
        400,
        "InvalidParameter",
        f"Required parameter '{field}' is missing (null).",
    )


def test_the_location_is_required_by_every_put(arm: Arm):
    arm.done("PUT", MACHINE, machine_body())
    assert arm.refused("PUT", MACHINE, {"properties": {}})[:2] == (400, "LocationRequired")
    assert arm.call("PUT", MACHINE, {"properties": {}}, api=OLD).status_code == 200


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ({"endOfLifeDate": "tomorrow"}, "The value 'tomorrow' of parameter"),
        ({"replicaCount": 1 << 40}, "The value '1099511627776' of parameter"),
        ({"replicaCount": True}, "must be a whole number"),
        (
            {"customActions": [{"name": "n", "script": "s", "parameters": [{"name": "p", "type": "Colour"}]}]},
            "'Colour'",
        ),
        ({"targetRegions": "eastus"}, "must be a list"),
        ({"targetRegions": [None]}, "must be a list without null"),
    ],
)
def test_a_value_outside_its_type_format_or_enum_is_refused(arm: Arm, profile, words):
    arm.publish()
    status, code, message = arm.refused("PUT", f"{APPLICATION}/versions/2.0.0", version_body(**profile))
    assert (status, code) == (400, "InvalidParameter")
    assert words in message


def test_an_open_enum_is_open(arm: Arm):
    arm.publish()
    body = version_body(settings={"scriptBehaviorAfterReboot": "Ponder"})
    assert arm.call("PUT", f"{APPLICATION}/versions/2.0.0", body).status_code == 201


def test_a_create_only_field_does_not_change(arm: Arm):
    body = machine_body()
    body["properties"]["osProfile"] = {"computerName": "one"}
    arm.done("PUT", MACHINE, body)
    body["properties"]["osProfile"] = {"computerName": "two"}
    assert arm.refused("PUT", MACHINE, body) == (
        409,
        "PropertyChangeNotAllowed",
        "Changing property 'osProfile.computerName' is not allowed.",
    )


def test_where_a_recording_contradicts_the_recording_wins(arm: Arm):
    arm.publish()
    arm.done("PATCH", APPLICATION, {"properties": {"description": "d"}})
    arm.done("PUT", MACHINE, machine_body())
    entry = {"packageReferenceId": VERSION, "manuallyManaged": False}
    assert arm.call("PATCH", MACHINE, profile_body([entry])).status_code == 200
    assert arm.refused("PATCH", MACHINE, profile_body([{**entry, "manuallyManaged": 5}]))[1] == "InvalidParameter"


def test_a_null_is_an_absent_field(arm: Arm):
    body = {"location": "eastus", "tags": {"a": None, "b": "c"}, "identity": {"type": "None", "principalId": None}}
    arm.done("PUT", GALLERY, body)
    shown = arm.get(GALLERY)
    assert shown["tags"] == {"b": "c"}
    assert shown["identity"] == {"type": "None"}


def test_a_parent_that_is_not_there_is_refused_before_the_body(arm: Arm):
    assert arm.refused("PUT", APPLICATION, {"colour": "red"})[1] == "ParentResourceNotFound"


def test_an_answer_that_the_specification_does_not_allow_is_noticed(arm: Arm):
    demanded()
    arm.done("PUT", GALLERY, {"location": "eastus"})
    held = arm.emulator.world.store.get(GALLERY)
    assert held is not None
    held.body["colour"] = held.body["properties"]["description"] = 5
    held.touched()
    arm.get(GALLERY)
    (found,) = WATCH.taken()
    WATCH.counts["violating"] -= 1
    assert f"GET {GALLERY} -> 200" in found
    assert "'colour' was unexpected" in found
    assert "$.properties.description: 5 is not of type 'string'" in found
