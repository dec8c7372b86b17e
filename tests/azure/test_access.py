"""Who we are, what we may, what a subscription knows: read from scripted answers."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from scripted_server import Reply, Script
from stores import Jwt
from vmapps.azure.access import claims, grants, provider, who
from vmapps.azure.cloud import AzureCloud
from vmapps.core.permissions import Grant
from vmapps.errors import Denied, Refused

GROUP = "/subscriptions/1111/resourceGroups/rg-web"


def test_grants_are_read_over_all_pages(cloud: AzureCloud, server: Script) -> None:
    first = {"value": [{"actions": ["*/read"], "notActions": [], "dataActions": ["x"]}], "nextLink": "{url}/next"}
    second = {"value": [{"actions": ["*"], "notActions": ["a/write"]}]}
    server.says(Reply(body=first), Reply(body=second))
    assert grants(cloud.arm, GROUP) == (Grant(("*/read",)), Grant(("*",), ("a/write",)))
    assert server.asked[0].path == f"{GROUP}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"


@pytest.mark.parametrize("body", [b"no", {"value": [{"actions": 1}]}, {"value": [1]}])
def test_what_is_no_answer_of_azure_s_is_refused(cloud: AzureCloud, server: Script, body: Any) -> None:
    server.says(Reply(body=body))
    with pytest.raises(Refused, match="not what Azure sends"):
        grants(cloud.arm, GROUP)


def test_a_provider_tells_its_state_and_its_versions(cloud: AzureCloud, server: Script) -> None:
    types = [{"resourceType": "virtualMachines", "apiVersions": ["2024-07-01"]}]
    server.says(Reply(body={"registrationState": "Registered", "resourceTypes": types}))
    found = provider(cloud.arm, "1111")
    assert (found.state, found.versions) == ("Registered", {"virtualmachines": ("2024-07-01",)})
    assert [one.method for one in server.asked] == ["GET"]


def test_registering_comes_first(cloud: AzureCloud, server: Script) -> None:
    server.says(Reply(body={}), Reply(body={"registrationState": "Registering"}))
    assert provider(cloud.arm, "1111", register=True).is_registered
    assert [(one.method, one.path.partition("?")[0]) for one in server.asked] == [
        ("POST", "/subscriptions/1111/providers/Microsoft.Compute/register"),
        ("GET", "/subscriptions/1111/providers/Microsoft.Compute"),
    ]


@pytest.mark.parametrize("body", [b"no", {"resourceTypes": 1}])
def test_a_provider_that_cannot_be_read(cloud: AzureCloud, server: Script, body: Any) -> None:
    server.says(Reply(body=body))
    with pytest.raises(Refused, match="not what Azure sends"):
        provider(cloud.arm, "1111")


def test_a_token_tells_names_and_ids_and_nothing_else() -> None:
    token = Jwt().get_token().token
    found = claims(token)
    assert found == {"oid": "22222222-2222-2222-2222-222222222222", "tid": "11111111-1111-1111-1111-111111111111"}
    assert not any(part in json.dumps(dict(found)) for part in token.split(".") if part)


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.!!!.c", "a.W10.c", "a.eyJvaWQiOiAxfQ.c"])
def test_a_token_that_tells_nothing(token: str) -> None:
    assert claims(token) == {}


def test_who_is_asked_for_the_cloud_s_audience() -> None:
    jwt = Jwt()
    assert who("AzureUSGovernment", signed_in=jwt)["oid"]
    assert jwt.scopes == ("https://management.usgovcloudapi.net/.default",)


def test_no_sign_in_is_said() -> None:
    from azure.core.exceptions import ClientAuthenticationError

    def refuse(*_: str) -> None:
        raise ClientAuthenticationError("DefaultAzureCredential failed to retrieve a token")

    with pytest.raises(Denied, match="sign in with az login"):
        who("AzurePublic", signed_in=SimpleNamespace(get_token=refuse))
