"""Packages: sent once, named by their content, read by the gallery with a signature of their own or its identity."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest

from end_to_end.azure_side import AGENT, Arm, blobs_of
from end_to_end.command import Vmapps
from end_to_end.projects import OWNER, Project, application, assignment, gallery, link, packaged, version
from end_to_end.proxy import Proxy, proxy_to

IDENTITY = {
    "type": "UserAssigned",
    "userAssignedIdentities": {
        "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-galleries/providers"
        "/Microsoft.ManagedIdentity/userAssignedIdentities/gallery": {}
    },
}


def stored(account: str, container: str) -> dict[str, Any]:
    """Every package in a container: name -> its properties and its content."""
    with blobs_of(account) as service:
        found = service.get_container_client(container)
        blobs = {blob.name: blob for blob in found.list_blobs("sha256/", include=["metadata"])}
        return {name: (blob, found.download_blob(name).readall()) for name, blob in blobs.items()}


def sent_source(listener: Proxy) -> dict[str, str]:
    """The source in the PUT of the version, as ARM got it."""
    [put] = [one for one in listener.writes if "/versions/" in one.path]
    source: dict[str, str] = json.loads(put.body)["properties"]["publishingProfile"]["source"]
    return source


@pytest.mark.parametrize(
    ("kind", "length", "size"),
    [("block", 700, 700), ("page", 700, 1024), ("page", 1024, 1024), ("block", 9_000_001, 9_000_001)],
)
def test_a_package_is_stored_whole_under_its_content(
    arm: Arm, with_blobs: Vmapps, project: Project, kind: str, length: int, size: int
) -> None:
    content = (b"0123456789abcdef" * (length // 16 + 1))[:length]
    project.package(content=content)
    project.spec["packageStore"]["blobType"] = kind
    project.holds(gallery(), application(), version())
    with_blobs("apply", project.folder, "--yes").exited(0)

    sha256 = hashlib.sha256(content).hexdigest()
    [(name, (blob, whole))] = stored(with_blobs.blobs, project.container).items()
    assert name == f"sha256/{sha256}"
    assert blob.blob_type.lower() == f"{kind}blob"
    assert blob.size == size
    assert blob.metadata == {"sha256": sha256, "length": str(length), "owner": OWNER}
    assert whole == content.ljust(size, b"\0")
    with_blobs("plan", project.folder, "--detailed-exitcode").exited(0)


def test_a_package_is_sent_once_whoever_needs_it(arm: Arm, with_blobs: Vmapps, project: Project) -> None:
    project.file("packages/same.sh", "#!/bin/sh\n")
    same = {"package": "../packages/same.sh"}
    project.holds(gallery(), application(), version("1.0.0", same), version("1.1.0", same))
    with proxy_to(with_blobs.blobs) as storage:
        through = with_blobs.through(blobs=storage.url)
        plan = through("plan", project.folder, "--format", "json").exited(0).json
        assert [step["action"] for step in plan["steps"]].count("upload") == 1
        through("apply", project.folder, "--yes").exited(0)
        assert sum("comp=blocklist" in one.path for one in storage.writes) == 1

        arm.write("DELETE", f"{AGENT}/versions/1.0.0")
        storage.asked.clear()
        plan = through("plan", project.folder, "--format", "json").exited(0).json
        assert [step["action"] for step in plan["steps"]] == ["create"]
        through("apply", project.folder, "--yes").exited(0)
        assert [one.path for one in storage.writes if "/locks/" not in one.path] == []

        storage.asked.clear()
        through("plan", project.folder, "--detailed-exitcode").exited(0)
        assert storage.asked == [], "a plan without version writes asks the store nothing"


def test_the_gallery_reads_a_package_with_a_signature_for_this_package_only(
    with_blobs: Vmapps, project: Project, listener: Proxy
) -> None:
    content = project.package()
    project.holds(gallery(), application(), version())
    with_blobs.through(listener.url)("apply", project.folder, "--yes").exited(0)

    whole = sent_source(listener)["mediaLink"]
    bare, _, query = whole.partition("?")
    signed = parse_qs(query)
    assert (signed["sp"], signed["sr"]) == (["r"], ["b"])
    with urllib.request.urlopen(whole) as answer:
        assert answer.read() == content
    other = bare.replace(hashlib.sha256(content).hexdigest(), "0" * 64)
    for denied in (bare, f"{other}?{query}"):
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(denied)
        refused.value.close()
        assert refused.value.code in (403, 404, 409)


def test_a_package_that_the_gallery_cannot_read_fails_the_version(
    arm: Arm, with_blobs: Vmapps, project: Project
) -> None:
    project.package()
    project.spec["packageStore"]["access"] = "identity"
    project.holds(gallery(), application(), version())
    done = with_blobs("apply", project.folder, "--yes").exited(3)
    assert "failed    + GalleryApplicationVersion/platform/agent/1.0.0" in done.out
    assert arm.read(f"{AGENT}/versions/1.0.0") is None


def test_with_access_identity_no_signature_is_sent(with_blobs: Vmapps, project: Project, listener: Proxy) -> None:
    project.package()
    project.spec["packageStore"]["access"] = "identity"
    project.holds(gallery(identity=IDENTITY), application(), version())
    with_blobs.through(listener.url)("apply", project.folder, "--yes").exited(0)
    assert urlsplit(sent_source(listener)["mediaLink"]).query == ""
    with_blobs("plan", project.folder, "--detailed-exitcode").exited(0)


def test_a_default_configuration_is_a_package_too(with_blobs: Vmapps, project: Project, listener: Proxy) -> None:
    project.package()
    project.file("conf/agent.conf", "level = info\n")
    source = {"package": "../packages/agent-1.0.0.sh", "defaultConfiguration": "../conf/agent.conf"}
    settings = {"packageFileName": "agent.sh", "configFileName": "agent.conf"}
    project.holds(gallery(), application(), version("1.0.0", source, settings=settings))
    with_blobs.through(listener.url)("apply", project.folder, "--yes").exited(0)
    with urllib.request.urlopen(sent_source(listener)["defaultConfigurationLink"]) as answer:
        assert answer.read() == b"level = info\n"
    assert len(stored(with_blobs.blobs, project.container)) == 2


def test_changed_content_under_an_unchanged_number_is_refused_with_the_next_one(
    arm: Arm, with_blobs: Vmapps, project: Project
) -> None:
    arm.machine("web-01")
    project.package()
    project.holds(*packaged("web-01"))
    with_blobs("apply", project.folder, "--yes").exited(0)
    arm.forget_requests()
    project.package(content=b"#!/bin/sh\necho something else\n")
    for command in (["plan"], ["apply", "--yes"]):
        done = with_blobs(command[0], project.folder, *command[1:]).exited(1)
        assert "GalleryApplicationVersion/platform/agent/1.0.0 is published with other content" in done.said
        assert "publish it as 1.0.1" in done.said
    assert arm.writes() == []

    project.file("packages/agent-1.0.1.sh", b"#!/bin/sh\necho something else\n").package()
    project.holds(gallery(), application(), version(), version("1.0.1"), assignment("1.0.1", "web-01"))
    done = with_blobs("apply", project.folder, "--yes").exited(0)
    assert "agent: update 1.0.0 to 1.0.1" in done.out or "runs 1.0.1's update script" in done.out
    assert arm.installed(arm.machine("web-01")) == {"agent": "1.0.1"}


def test_a_version_from_a_link_has_no_upload_step(vmapps: Vmapps, project: Project) -> None:
    project.holds(gallery(), application(), version("1.0.0", link()))
    plan = vmapps("plan", project.folder, "--format", "json").exited(0).json
    assert [(step["action"], step["address"]) for step in plan["steps"]] == [
        ("create", "Gallery/platform"),
        ("create", "GalleryApplication/platform/agent"),
        ("create", "GalleryApplicationVersion/platform/agent/1.0.0"),
    ]


def test_with_its_sha256_the_file_may_be_gone_once_it_is_published(
    arm: Arm, with_blobs: Vmapps, project: Project
) -> None:
    content = project.package()
    source = {"package": "../packages/agent-1.0.0.sh", "sha256": hashlib.sha256(content).hexdigest()}
    project.holds(gallery(), application(), version("1.0.0", source))
    with_blobs("apply", project.folder, "--yes").exited(0)
    (project.folder / "packages" / "agent-1.0.0.sh").unlink()
    with_blobs("plan", project.folder, "--detailed-exitcode").exited(0)
    arm.write("DELETE", f"{AGENT}/versions/1.0.0")
    with_blobs("apply", project.folder, "--yes").exited(0)
    assert arm.read(f"{AGENT}/versions/1.0.0") is not None
