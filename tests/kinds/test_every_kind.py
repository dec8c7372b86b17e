"""What holds for every kind, and what each makes of its documents, as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kinds.samples import CASES, HOME, declared, document_of, surroundings
from vmapps.core.address import ArmId
from vmapps.core.fields import NORMAL, Ownership
from vmapps.kinds.catalog import KINDS, kind_of
from vmapps.kinds.gallery_application.defaults import completed
from vmapps.kinds.kind import Kind

DOCUMENTED = [kind for kind in KINDS.values() if kind.schema]
LISTED = [kind for kind in KINDS.values() if kind.arm_type]


def by_name(kind: Kind) -> str:
    return kind.name


@pytest.mark.parametrize("kind", KINDS.values(), ids=by_name)
def test_every_kind_has_rules_for_places_on_the_wire(kind: Kind) -> None:
    assert kind.rules.fields
    for path, rule in kind.rules.fields.items():
        assert path[0] in ("properties", "tags", "location", "identity")
        assert rule.compare in NORMAL


@pytest.mark.parametrize("kind", DOCUMENTED, ids=by_name)
def test_a_kind_with_documents_has_all_of_it(kind: Kind) -> None:
    assert kind.declare is not None
    assert kind.check is not None
    assert kind.schema["title"] == kind.name == kind.schema["properties"]["kind"]["const"]
    assert kind.rules.of(("location",)).ownership is Ownership.FIXED


@pytest.mark.parametrize("kind", LISTED, ids=by_name)
def test_a_kind_is_found_by_its_type(kind: Kind) -> None:
    assert kind_of(kind.arm_type.upper()) is kind


def test_machines_alone_have_entries() -> None:
    bodies = {kind.name: kind.with_entries(b"[1]") for kind in KINDS.values() if kind.with_entries}
    assert bodies == {
        "VirtualMachine": b'{"properties":{"applicationProfile":{"galleryApplications":[1]}}}',
        "VirtualMachineScaleSet": b'{"properties":{"virtualMachineProfile":'
        b'{"applicationProfile":{"galleryApplications":[1]}}}}',
    }


def test_an_unknown_type_is_no_kind() -> None:
    assert kind_of("disks") is None
    assert kind_of("") is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=by_name)
def test_a_decoder_refuses_nonsense_in_its_own_way(kind: Kind) -> None:
    for nonsense in (b"", b"[]", b'{"id": 1}', b"null"):
        with pytest.raises(msgspec.MsgspecError):
            kind.decode(nonsense, HOME)


@pytest.mark.parametrize("kind", LISTED, ids=by_name)
def test_an_address_has_the_names_that_make_it_unique(kind: Kind) -> None:
    types = kind.arm_type.split("/")
    arm_id = ArmId(HOME, "rg", tuple(types), tuple(f"n{at}" for at in range(len(types))))
    address = kind.address(arm_id, HOME)
    assert address.kind == kind.name
    assert address.name == (arm_id.names if kind.family == "gallery" else ("rg", *arm_id.names))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_a_document_wants(file: Path) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    assert declared(case) == case["wanted"]


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_no_secret_is_wanted(file: Path) -> None:
    assert "canary" not in json.dumps(json.loads(file.read_text(encoding="utf-8"))["wanted"])


FIXED = {
    "Gallery": {"location", "properties.sharingProfile.permissions"},
    "GalleryApplication": {"location", "properties.supportedOSType"},
    "GalleryApplicationVersion": {
        "location",
        *(
            f"properties.publishingProfile.{name}"
            for name in (
                "source.mediaLink",
                "source.defaultConfigurationLink",
                "manageActions.install",
                "manageActions.update",
                "manageActions.remove",
                "settings.packageFileName",
                "settings.configFileName",
                "settings.scriptBehaviorAfterReboot",
                "storageAccountType",
                "storageAccountStrategy",
                "replicationMode",
                "advancedSettings",
                "customActions",
            )
        ),
    },
}
"""What can never change in place [azure-facts 1.7]."""


@pytest.mark.parametrize("kind", DOCUMENTED, ids=by_name)
def test_what_can_never_change(kind: Kind) -> None:
    fixed = {".".join(path) for path, rule in kind.rules.fields.items() if rule.ownership is Ownership.FIXED}
    assert fixed == FIXED[kind.name]


def test_lists_and_free_maps_are_compared_whole() -> None:
    whole = {path[-1] for kind in DOCUMENTED for path, rule in kind.rules.fields.items() if rule.whole}
    lists = {"targetRegions", "targetExtendedLocations", "customActions"}
    assert whole == lists | {"advancedSettings", "userAssignedIdentities"}


def test_absent_booleans_are_false() -> None:
    rules = KINDS["GalleryApplicationVersion"].rules
    for name in ("enableHealthCheck", "excludeFromLatest"):
        assert rules.normal(("properties", "publishingProfile", name), None) is False


def content(**changes: Any) -> str:
    """The content mark of a version that differs from the plain one in some fields."""
    case = json.loads(next(file for file in CASES if file.stem == "version-least").read_text(encoding="utf-8"))
    case["document"]["spec"].update(changes)
    wanted = declared(case)
    assert wanted is not None
    return str(wanted["content"])


def test_content_is_what_a_machine_gets() -> None:
    same = [
        {"replicaCount": 3},
        {"targetRegions": [{"name": "westus"}, {"name": "westeurope"}]},
        {"tags": {"a": "b"}},
        {"settings": {}},
        {"source": {"mediaLink": "HTTPS://C.blob.core.windows.net/a/nginx.tar.gz?sv=2&sig=other"}},
    ]
    other = [
        {"manageActions": {"install": "sh nginx", "remove": "rm y"}},
        {"settings": {"packageFileName": "x"}},
        {"advancedSettings": {"user": "root"}},
        {"customActions": [{"name": "a", "script": "s"}]},
        {"source": {"mediaLink": "https://c.blob.core.windows.net/a/nginx2.tar.gz"}},
        {"source": {"package": "p"}},
        {"source": {"package": "p", "defaultConfiguration": "c"}},
        {"manageActions": {"remove": "rm x"}, "installFile": "install.sh"},
    ]
    assert {content(**changes) for changes in same} == {content()}
    inlined = {"manageActions": {"install": "sh install.sh\n", "remove": "rm x"}}
    assert content(**other[-1]) == content(**inlined)
    assert len({content(**changes) for changes in other} | {content()}) == len(other) + 1


AWAY = {
    "Gallery": ("platform", {"description": "old", "tags": {"a": "b"}}),
    "GalleryApplication": ("nginx", {"gallery": "platform", "retention": {"keep": 1}}),
    "GalleryApplicationVersion": ("1.0.0", {"application": "platform/nginx", "source": {"package": "gone.zip"}}),
}


@pytest.mark.parametrize("kind", AWAY)
def test_of_what_is_to_be_deleted_only_the_name_counts(kind: str) -> None:
    name, fields = AWAY[kind]
    document = document_of({"kind": kind, "name": name, "spec": {**fields, "state": "absent"}})
    application = {"kind": "GalleryApplication", "name": "nginx", "spec": {"gallery": "platform"}}
    declare, check = KINDS[kind].declare, KINDS[kind].check
    assert declare is not None
    assert check is not None
    wanted = declare(document, surroundings(application))
    assert wanted is not None
    assert (wanted.absent, wanted.address.kind, wanted.address.name[-1]) == (True, kind, name)
    assert (wanted.body, wanted.initial, wanted.content, wanted.needs, wanted.retention) == ({}, {}, "", (), None)
    assert check(document, surroundings(application)) == ()


def test_defaults_keep_their_place() -> None:
    from dataclasses import replace

    from vmapps.core.diagnostic import Span

    version = document_of({"kind": "GalleryApplicationVersion", "name": "1.0.0", "spec": {"replicaCount": 1}})
    application = document_of(
        {
            "kind": "GalleryApplication",
            "name": "nginx",
            "spec": {"versionDefaults": {"replicaCount": 9, "settings": {"packageFileName": "p"}}},
        }
    )
    places = {
        ("spec", "versionDefaults", "replicaCount"): Span("app.yaml", 8),
        ("spec", "versionDefaults", "settings", "packageFileName"): Span("app.yaml", 9),
    }
    whole = completed(version, replace(application, spans={**application.spans, **places}))
    assert whole.spec == {"replicaCount": 1, "settings": {"packageFileName": "p"}}
    assert whole.span("spec", "settings", "packageFileName") == Span("app.yaml", 9)
    assert whole.span("spec", "replicaCount").file == "m.yaml"
    assert surroundings(None).applications == {}
