"""Options that commands share. Each can also be said by its `VMAPPS_*` variable; the option itself wins."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from ipaddress import ip_address
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import click

from vmapps.cli.json_lines import RUN, log_format
from vmapps.cli.speak import colour_on
from vmapps.cli.trail import Trail

if TYPE_CHECKING:
    from vmapps.azure.tracing import Spans

Command = TypeVar("Command", bound=Callable[..., Any])
FAMILIES = ("gallery", "compute")


@dataclass(frozen=True, slots=True)
class Common:
    """What every command that reads a project may be told."""

    endpoint: str = ""
    blob_endpoint: str = ""
    ca_file: str | None = None
    api_version: Mapping[str, str] = field(default_factory=dict)
    parallelism: int = 8
    variables: Mapping[str, str] = field(default_factory=dict)
    no_color: bool = False
    quiet: bool = False
    verbose: bool = False
    fail_fast: bool = False
    events: Path | None = None
    run: str = field(default_factory=lambda: str(uuid4()), compare=False)
    """A random id: in every event, and in Azure's logs as the correlation id of all requests."""
    trail: Trail = field(default_factory=Trail, compare=False)
    """Who writes down what happens."""
    spans: Spans | None = field(default=None, compare=False)
    """The OpenTelemetry trace of the run, if there is one."""

    @property
    def colour(self) -> bool:
        """Whether the result may have colours."""
        return colour_on(sys.stdout, wanted=not self.no_color)

    @property
    def width(self) -> int:
        """Columns of the result: COLUMNS, or the terminal's, else 80; never so few that nothing fits."""
        return max(40, get_terminal_size((80, 24)).columns)


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:
    """An option that can also be said by a variable: `--blob-endpoint`, `VMAPPS_BLOB_ENDPOINT`."""
    long = next(name for name in names if name.startswith("--")).partition("/")[0]
    variable = f"VMAPPS_{long.removeprefix('--').replace('-', '_').upper()}"
    return click.option(*names, envvar=variable, **attributes)


def pairs(what: str) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """Reads repeated NAME=VALUE options."""

    def read(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
        found = {}
        for text in texts:
            name, sign, value = text.partition("=")
            if not name or not sign:
                raise click.BadParameter(f"'{text}' is not {what}")
            found[name] = value
        return found

    return read


def _versions(context: click.Context, parameter: click.Parameter, text: str) -> dict[str, str]:
    found = pairs("FAMILY=VERSION")(context, parameter, tuple(filter(None, text.split(","))))
    if unknown := sorted(found.keys() - set(FAMILIES)):
        raise click.BadParameter(f"'{unknown[0]}' is not one of {', '.join(FAMILIES)}")
    return found


def _endpoint(_context: click.Context, _parameter: click.Parameter, url: str) -> str:
    """A URL that a token may be sent to: https, or plain http on this machine."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise click.BadParameter(f"not a URL ({error})") from error
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise click.BadParameter("give a URL such as https://management.azure.com")
    if parts.scheme == "http" and not _is_loopback(host):
        raise click.BadParameter("plain http is for this machine only (localhost); use https")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


_OUTPUT = (
    option("--no-color", is_flag=True, help="No colours (also NO_COLOR, or no terminal)."),
    option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        callback=log_format,
        is_eager=True,
        expose_value=False,
        help="How the conversation is written to stderr.",
    ),
    option("-q", "--quiet", is_flag=True, help="Say only what went wrong."),
    option("-v", "--verbose", is_flag=True, help="Say more: every note, every machine, every line."),
)
_LOADING = (
    option(
        "--var",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        callback=pairs("NAME=VALUE"),
        help="Set a variable of the manifests; repeatable.",
    ),
    option(
        "--blob-endpoint",
        default="",
        metavar="URL",
        callback=_endpoint,
        help="Where packages are stored, instead of spec.packageStore.account (an emulator such as Azurite).",
    ),
)
_CA_FILE = option(
    "--ca-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Certificates to trust instead of the usual ones.",
)
_CLOUD = (
    option(
        "--endpoint",
        default="",
        metavar="URL",
        callback=_endpoint,
        help="The ARM endpoint (default: that of spec.cloud); plain http for this machine only.",
    ),
    _CA_FILE,
    option(
        "--api-version",
        default="",
        metavar="gallery=…,compute=…",
        callback=_versions,
        help="Other api-versions than the pinned ones.",
    ),
    option(
        "--parallelism",
        type=click.IntRange(1, 256),
        default=8,
        show_default=True,
        metavar="N",
        help="How many steps may be in flight.",
    ),
)


def above(_context: click.Context, _parameter: click.Parameter, path: Path) -> Path:
    """The working directory means the project that it is in: the nearest folder with a vmapps.yaml, upwards."""
    if path != Path():
        return path
    from vmapps.manifest.project import find_project

    found = find_project(path)
    return Path(os.path.relpath(found)) if found else path


path_argument = click.argument("path", type=click.Path(exists=True, path_type=Path), default=".", callback=above)


def project_option(
    words: str = "The project; by default the one that the working directory is in.",
) -> Callable[[Command], Command]:
    """The option that names the project where PATH does not."""
    kind = click.Path(exists=True, path_type=Path)
    return option("--project", metavar="DIR", default=".", type=kind, callback=above, help=words)


format_option = option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the result is written to stdout.",
)
shown_option = option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How the result is written to stdout.",
)


def offline_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of a command that only reads the project; it gets them as `common`."""
    return _gathered(command, (*_LOADING, *_OUTPUT))


def store_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of a command that speaks to the package store only; it gets them as `common`."""
    return _gathered(command, (*_LOADING, _CA_FILE, *_OUTPUT))


def cloud_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of a command that speaks to Azure and needs no manifests; it gets them as `common`."""
    return _gathered(command, (*_CLOUD, *_OUTPUT))


def common_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of a command that speaks to Azure; it gets them as `common`."""
    return _gathered(command, (*_LOADING, *_CLOUD, *_OUTPUT))


def decorated(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    """The command with options, in this order in its help."""
    for add in reversed(options):
        command = add(command)
    return command


def _gathered(command: Callable[..., int], options: Sequence[Callable[[Any], Any]]) -> Callable[..., int]:
    @wraps(command)
    def gather(*parents: Any, **given: Any) -> int:
        told = {name: given.pop(name) for name in Common.__dataclass_fields__ if name in given}
        told["run"] = click.get_current_context().meta[RUN]
        return command(*parents, common=Common(**told), **given)

    return decorated(gather, options)
