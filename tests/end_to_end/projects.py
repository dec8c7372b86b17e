"""Small projects: documents as values, written as YAML (of which JSON is a part)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from end_to_end.azure_side import SUBSCRIPTION

OWNER = "shop.a1b2c3d4"
Document = dict[str, Any]


def document(kind: str, name: str, spec: Any) -> Document:
    return {"apiVersion": "vmapps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def gallery(name: str = "platform", **spec: Any) -> Document:
    return document("Gallery", name, spec)


def application(name: str = "agent", **spec: Any) -> Document:
    return document("GalleryApplication", name, {"gallery": "platform", "supportedOSType": "Linux", **spec})


def version(number: str = "1.0.0", source: Any = None, application: str = "platform/agent", **spec: Any) -> Document:
    actions = {"install": "sh agent.sh", "update": "sh agent.sh", "remove": "sh agent.sh --remove"}
    whole = {
        "application": application,
        "source": source or {"package": f"../packages/agent-{number}.sh"},
        "manageActions": actions,
        "settings": {"packageFileName": "agent.sh"},
        **spec,
    }
    return document("GalleryApplicationVersion", number, whole)


def link(number: str = "1.0.0", query: str = "") -> dict[str, str]:
    """A source in somebody else's storage, which the emulator does not contact."""
    return {"mediaLink": f"https://elsewhere.blob.core.windows.net/packages/agent-{number}{query}"}


def assignment(number: str = "1.0.0", *machines: str, name: str = "agents", **more: Any) -> Document:
    """To machines of rg-web, or to all that have the tag role=web."""
    selector: list[Any] = [{"selector": {"tags": {"role": "web"}}}]
    targets = [{"virtualMachine": f"rg-web/{one}"} for one in machines] or selector
    wanted = {"application": "platform/agent", "version": number, **more}
    return document("VMAssignment", name, {"targets": targets, "applications": [wanted]})


def on_scale_set(number: str = "1.0.0", **more: Any) -> Document:
    """The agent on the scale set web-ss; `more` are fields of the assignment."""
    wanted = {"application": "platform/agent", "version": number}
    targets = [{"virtualMachineScaleSet": "rg-web/web-ss"}]
    return document("VMAssignment", "agents", {"targets": targets, "applications": [wanted], **more})


class Project:
    """A directory with a project; every method writes files, nothing is sent."""

    def __init__(self, folder: Path, container: str) -> None:
        self.folder = folder
        self.head: Document = document(
            "Project",
            "shop",
            {
                "subscription": SUBSCRIPTION,
                "resourceGroup": "rg-galleries",
                "location": "westeurope",
                "manifests": ["manifests/*.yaml"],
                "packageStore": {"account": "https://shop.blob.core.windows.net", "container": container},
            },
        )
        self.head["metadata"]["id"] = "a1b2c3d4"

    @property
    def spec(self) -> Any:
        return self.head["spec"]

    @property
    def container(self) -> str:
        return str(self.spec["packageStore"]["container"])

    def holds(self, *documents: Document, file: str = "manifests/all.yaml") -> Project:
        """The project file, and these documents in one other."""
        self.file("vmapps.yaml", json.dumps(self.head, indent=2))
        return self.file(file, "---\n".join(f"{json.dumps(one, indent=2)}\n" for one in documents))

    def file(self, name: str, content: str | bytes) -> Project:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def package(self, number: str = "1.0.0", content: bytes = b"") -> bytes:
        """A package file for a version; its content."""
        whole = content or f"#!/bin/sh\necho agent {number}\n".encode()
        self.file(f"packages/agent-{number}.sh", whole)
        return whole


def linked(*machines: str, number: str = "1.0.0") -> tuple[Document, ...]:
    """Gallery, application, version from a link and its assignment: everything but an upload."""
    return gallery(), application(), version(number, link(number)), assignment(number, *machines)


def packaged(*machines: str, number: str = "1.0.0") -> tuple[Document, ...]:
    """The same with a version from a local package."""
    return gallery(), application(), version(number), assignment(number, *machines)
