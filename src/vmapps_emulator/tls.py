"""``--tls``: a certificate for loopback, signed by an authority that is made anew at every start."""

import ssl
from pathlib import Path

_NAMES = ("127.0.0.1", "localhost", "::1")


class TlsError(Exception):
    """No certificate can be made; the message is one line."""


def server_context(ca_out: Path | None) -> ssl.SSLContext:
    """A context with a fresh certificate; the authority's certificate goes to a file for clients to trust."""
    try:
        import trustme
    except ImportError:
        raise TlsError("--tls needs the package trustme: pip install 'vmapps[emulator]'") from None
    authority = trustme.CA(organization_name="vmapps emulator")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*_NAMES).configure_cert(context)
    if ca_out is not None:
        authority.cert_pem.write_to_path(str(ca_out))
    return context
