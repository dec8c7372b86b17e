"""What a client asks before its first ARM call: the cloud's endpoints, and a token of a managed identity.

Enough for ``az cloud register``, ``az login --identity`` and azure-identity's managed identity credential
(``IDENTITY_ENDPOINT`` at ``/msi/token``); the token is signed by nobody and good for nothing elsewhere.
"""

import base64
import time

from vmapps_emulator.errors import ArmError
from vmapps_emulator.groups import TENANT
from vmapps_emulator.wire import Json, Request, Response, encode
from vmapps_emulator.world import World

_PRINCIPAL = "00000000-0000-0000-0000-00000000000a"
_ONE_CLOUD_SINCE = "2022-09-01"
_LIFE = 24 * 3600


async def get_endpoints(_world: World, request: Request) -> Response:
    """Cloud metadata, with this server as the resource manager: one cloud, as az reads it; a list in older versions."""
    base = request.base
    cloud: Json = {
        "name": "AzureCloud",
        "portal": base,
        "authentication": {"loginEndpoint": base, "audiences": [f"{base}/"], "tenant": "common"},
        "resourceManager": base,
        "graphAudience": f"{base}/",
        "graph": base,
        "suffixes": {"storage": "core.windows.net", "keyVaultDns": "vault.azure.net"},
    }
    return Response(200, encode(cloud if request.api_version >= _ONE_CLOUD_SINCE else [cloud]))


async def get_token(_world: World, request: Request) -> Response:
    """A managed identity's token (App Service's protocol, api-version 2019-08-01)."""
    resource = request.query.get("resource")
    if not resource:
        raise ArmError(400, "InvalidRequest", "The query parameter 'resource' is missing.")
    now = int(time.time())
    claims: Json = {"aud": resource, "iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "oid": _PRINCIPAL}
    claims |= {"appid": _PRINCIPAL, "iat": now, "nbf": now, "exp": now + _LIFE}
    body = {"access_token": _unsigned(claims), "token_type": "Bearer", "resource": resource, "client_id": _PRINCIPAL}
    return Response(200, {**body, "expires_on": str(now + _LIFE), "expires_in": str(_LIFE)})


def _unsigned(claims: Json) -> str:
    """A token of three parts; az refuses a last part that is not base64."""
    parts = [encode({"typ": "JWT", "alg": "none"}), encode(claims), b"none"]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
