"""The real process and the real SDK over loopback http."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.compute import ComputeManagementClient

from emulator.arm import version_body
from specification.watch import watched_log

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


class Anyone:
    """A credential that loopback accepts."""

    def get_token(self, *_scopes: str, **_more: Any) -> AccessToken:
        return AccessToken("anything", int(time.time()) + 3600)


class AllowLoopbackHttp(SansIOHTTPPolicy):
    def on_request(self, request: Any) -> None:
        request.context.options.setdefault("enforce_https", False)


@contextmanager
def running(*flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with TemporaryDirectory() as folder, watched_log(Path(folder) / "answers.jsonl") as log:
        command = [sys.executable, "-m", "vmapps_emulator", "--port", "0", "--response-log", str(log), *flags]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()
            process.stderr.close()


def client(url: str) -> ComputeManagementClient:
    return ComputeManagementClient(
        Anyone(),
        SUBSCRIPTION,
        base_url=url,
        credential_scopes=["https://management.azure.com/.default"],
        per_call_policies=[AllowLoopbackHttp()],
        polling_interval=0,
        retry_backoff_factor=0,
    )


def test_the_sdk_goes_all_the_way():
    with running("--fleet", "6", "--page-size", "4") as (process, url), client(url) as azure:
        group = f"{url}/subscriptions/{SUBSCRIPTION}/resourcegroups/rg?api-version=2021-04-01"
        assert httpx.put(group, json={"location": "eastus"}).status_code == 201
        azure.galleries.begin_create_or_update("rg", "g", {"location": "eastus"}).result()
        application = {"location": "eastus", "properties": {"supportedOSType": "Linux"}}
        azure.gallery_applications.begin_create_or_update("rg", "g", "app", application).result()
        regions = [{"name": "eastus"}, {"name": "westeurope"}, {"name": "southeastasia"}]
        body = version_body(targetRegions=regions, storageAccountType="Standard_LRS")
        versions = azure.gallery_application_versions
        version = versions.begin_create_or_update("rg", "g", "app", "1.0.0", body).result()
        assert version.properties.provisioning_state == "Succeeded"
        assert [item.name for item in versions.list_by_gallery_application("rg", "g", "app")] == ["1.0.0"]

        machines = list(azure.virtual_machines.list_all())
        assert [machine.name for machine in machines] == [f"vm-0000{number}" for number in range(6)]
        assert len(list(azure.virtual_machines.list("rg-fleet-0"))) == 6
        assert list(azure.virtual_machine_scale_sets.list_all()) == []
        change = {"properties": {"applicationProfile": {"galleryApplications": [{"packageReferenceId": version.id}]}}}
        poller = azure.virtual_machines.begin_update("rg-fleet-0", "vm-00000", change, headers={"If-Match": '"1"'})
        assert poller.result().etag == '"2"'
        view = azure.virtual_machines.instance_view("rg-fleet-0", "vm-00000")
        assert "Install SUCCESS" in view.extensions[0].statuses[0].message
        with pytest.raises(HttpResponseError) as caught:
            azure.virtual_machines.begin_update("rg-fleet-0", "vm-00000", change, headers={"If-Match": '"1"'})
        assert caught.value.status_code == 412
        azure.virtual_machines.begin_create_or_update("rg", "new", {"location": "eastus", "properties": {}}).result()
        azure.virtual_machines.begin_delete("rg", "new").result()
        versions.begin_delete("rg", "g", "app", "1.0.0").result()
        azure.gallery_applications.begin_delete("rg", "g", "app").result()
        azure.galleries.begin_delete("rg", "g").result()
        assert list(azure.galleries.list()) == []
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_a_cut_connection_is_cut_and_the_log_is_written(tmp_path):
    log = tmp_path / "log.jsonl"
    with running("--access-log", str(log)) as (_process, url):
        group = f"{url}/subscriptions/{SUBSCRIPTION}/resourcegroups/rg?api-version=2021-04-01"
        httpx.post(f"{url}/emulator/faults", json=[{"method": "PUT", "drop": "after"}])
        with pytest.raises(httpx.TransportError):
            httpx.put(group, json={"location": "eastus"})
        assert httpx.get(group).status_code == 200
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["method"], line["status"]) for line in lines] == [("PUT", 0), ("GET", 200)]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--host", "0.0.0.0"], "only loopback"),
        (["--seed", "/nowhere/seed.json"], "No such file"),
    ],
)
def test_what_cannot_be_served_ends_with_one_line(flags, words):
    command = [sys.executable, "-m", "vmapps_emulator", *flags]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1
