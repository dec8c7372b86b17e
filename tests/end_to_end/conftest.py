"""One emulator and one Azurite per worker, as processes; everything of a test's own below them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import local_azure
from end_to_end.azure_side import Arm
from end_to_end.command import NOWHERE, Vmapps
from end_to_end.projects import Project
from end_to_end.proxy import Proxy, proxy_to
from specification.watch import watched_log

SITE = """
import os
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

out = open(os.environ["SPANS"], "a")
whole = lambda span: span.to_json(indent=None) + "\\n"
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter(out=out, formatter=whole)))
trace.set_tracer_provider(provider)
"""


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    seed = str(local_azure.REPOSITORY / "examples" / "fleet.json")
    with (
        watched_log(tmp_path_factory.mktemp("emulator") / "answers.jsonl") as log,
        local_azure.emulator("--seed", seed, "--response-log", str(log)) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    script = Path(os.environ.get("VMAPPS_AZURITE", local_azure.AZURITE))
    if not script.exists():
        reason = "Azurite is not installed: make azurite"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with local_azure.azurite() as url:
        yield url


@pytest.fixture
def arm(emulator: str) -> Arm:
    """The emulator as it was at its start, with the groups that projects use."""
    azure = Arm(emulator)
    azure.control("POST", "reset")
    azure.group("rg-galleries", "rg-web")
    azure.forget_requests()
    return azure


@pytest.fixture
def container(request: pytest.FixtureRequest) -> str:
    """A container of the test's own."""
    return f"test-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]}"


@pytest.fixture
def project(tmp_path: Path, container: str) -> Project:
    return Project(tmp_path / "shop", container)


@pytest.fixture
def vmapps(tmp_path: Path, arm: Arm) -> Vmapps:
    """The command with a place for packages where nobody listens, and no lock: for projects that upload nothing."""
    return Vmapps(tmp_path, arm.url, NOWHERE)


@pytest.fixture
def with_blobs(vmapps: Vmapps, azurite: str) -> Vmapps:
    """The command with Azurite for its packages."""
    return vmapps.through(blobs=azurite)


@pytest.fixture
def listener(arm: Arm) -> Iterator[Proxy]:
    """A listener in front of the emulator."""
    with proxy_to(arm.url) as proxy:
        yield proxy


@pytest.fixture
def examples(tmp_path: Path, container: str) -> Path:
    """The examples, with a container of the test's own."""
    copy = shutil.copytree(local_azure.REPOSITORY / "examples" / "manifests", tmp_path / "examples")
    file = copy / "vmapps.yaml"
    text = file.read_text(encoding="utf-8")
    assert "container: vm-packages" in text
    file.write_text(text.replace("container: vm-packages", f"container: {container}"), encoding="utf-8")
    return copy


@pytest.fixture
def traced(tmp_path: Path) -> dict[str, str]:
    """The variables of a process that is traced."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    return {"PYTHONPATH": str(site), "SPANS": str(tmp_path / "spans.jsonl"), "AZURE_TRACING_ENABLED": "true"}
