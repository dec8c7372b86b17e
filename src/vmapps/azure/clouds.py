"""Where Azure is: the names of its clouds, and which endpoints a credential may be sent to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import urlsplit

from vmapps.errors import Refused

Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port: what a token must not leave."""


@dataclass(frozen=True, slots=True)
class AzureCloudNames:
    """One of Azure's clouds [azure-facts 6.4]. `audience` is the scope that an ARM token is asked for."""

    endpoint: str
    authority: str
    audience: str
    blob_suffix: str


CLOUDS: Mapping[str, AzureCloudNames] = MappingProxyType(
    {
        "AzurePublic": AzureCloudNames(
            "https://management.azure.com",
            "https://login.microsoftonline.com",
            "https://management.azure.com/.default",
            "blob.core.windows.net",
        ),
        "AzureUSGovernment": AzureCloudNames(
            "https://management.usgovcloudapi.net",
            "https://login.microsoftonline.us",
            "https://management.usgovcloudapi.net/.default",
            "blob.core.usgovcloudapi.net",
        ),
        "AzureChina": AzureCloudNames(
            "https://management.chinacloudapi.cn",
            "https://login.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
            "blob.core.chinacloudapi.cn",
        ),
    }
)


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> Origin:
    """Scheme, host and port of a URL, the default port filled in; raises ValueError when the port is no number."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(scheme, 0)


def checked(url: str) -> str:
    """An endpoint without a trailing slash; raises Refused when a credential must not be sent there."""
    try:
        scheme, host, _ = origin(url)
    except ValueError:
        scheme, host = "", ""
    if scheme not in ("http", "https") or not host:
        raise Refused("not an endpoint", scope=url, hint="give a URL such as https://management.azure.com")
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise Refused("an endpoint has no user, query or fragment", scope=f"{scheme}://{host}")
    if scheme == "http" and not is_loopback(url):
        raise Refused("plain http is for this machine only", scope=url, hint="use https")
    return url.rstrip("/")
