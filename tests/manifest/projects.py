"""Small projects written into a directory, and what is said about them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from vmapps.core.diagnostic import Diagnostic
from vmapps.errors import Invalid
from vmapps.manifest.load import load

PROJECT = """\
apiVersion: vmapps/v1
kind: Project
metadata: {name: shop, id: a1b2c3d4}
spec:
  subscription: 11111111-1111-1111-1111-111111111111
  resourceGroup: rg-galleries
  location: westeurope
  root: .
  packageStore: {account: https://pkgs.blob.core.windows.net/, container: packages}
"""

APPLICATION = """\
---
apiVersion: vmapps/v1
kind: Gallery
metadata: {name: platform}
spec: {}
---
apiVersion: vmapps/v1
kind: GalleryApplication
metadata: {name: nginx}
spec: {gallery: platform, supportedOSType: Linux}
"""


def version(source: str, name: str = "1.26.2", more: str = "") -> str:
    """A version document with a source in flow style."""
    return dedent(
        f"""\
        ---
        apiVersion: vmapps/v1
        kind: GalleryApplicationVersion
        metadata: {{name: {name}}}
        spec:
          application: platform/nginx
          source: {source}
          manageActions: {{install: sh nginx.tar.gz, remove: rm -r /opt/nginx}}
          settings: {{packageFileName: nginx.tar.gz, configFileName: nginx.conf}}
        """
    ) + "".join(f"  {line}\n" for line in more.splitlines())


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The files in a directory, which comes back."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def said(folder: Path, **options: object) -> list[str]:
    """Every line that loading a project says, errors and warnings."""
    return [str(one) for one in diagnostics(folder, **options)]


def diagnostics(folder: Path, **options: object) -> tuple[Diagnostic, ...]:
    """Every problem that loading a project finds."""
    try:
        return load(folder, **options).warnings  # type: ignore[arg-type]
    except Invalid as problem:
        return problem.diagnostics
