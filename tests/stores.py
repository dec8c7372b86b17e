"""Package stores as tests open them, and a token that Azurite takes."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from azurite_process import Azurite
from vmapps.azure.blobs import PackageStore, open_store
from vmapps.core.declaration import Store

NOW = datetime.now(UTC)


def opened(azurite: Azurite, container: str, now: Callable[[], datetime] = lambda: NOW, **options: Any) -> PackageStore:
    kinds = {name: options.pop(name) for name in ("blob_type", "access") if name in options}
    store = Store(azurite.url, container, **kinds)
    owner = options.pop("owner", "me.1")
    return open_store(store, owner=owner, cloud="AzurePublic", now=now, ca_file=azurite.ca, **options)


class Jwt:
    """A token such as Azurite takes: three parts, nobody looks at the signature."""

    def get_token(self, *scopes: str, **_: Any) -> Any:
        self.scopes = scopes
        now = int(time.time())
        claims = {
            "aud": "https://storage.azure.com",
            "iss": "https://sts.windows.net/11111111-1111-1111-1111-111111111111/",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
            "oid": "22222222-2222-2222-2222-222222222222",
            "tid": "11111111-1111-1111-1111-111111111111",
        }
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return SimpleNamespace(token=f"{text}.AAAA", expires_on=now + 3600)
