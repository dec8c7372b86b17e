"""`vmapps schema`: the JSON Schemas, for editors and for readers of the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import click

from vmapps.cli import exit_codes, speak
from vmapps.render import drift_json, event_json, plan_json, status_json

RESULTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "plan": plan_json.schema,
        "drift": drift_json.schema,
        "status": status_json.schema,
        "events": event_json.schema,
    }
)
"""What commands print with --format json, and a line of --events."""


@click.command(short_help="Print the JSON Schemas.")
@click.argument("kind", default="")
def schema(kind: str) -> int:
    """Print the JSON Schema of a KIND of manifest, of what `plan`, `drift` or `status` print, or of a line of --events.

    Without KIND, name them all.
    """
    known = _known()
    if not kind:
        speak.result("".join(f"{name}\n" for name in (*sorted(known), *RESULTS)))
        return exit_codes.DONE
    if kind.lower() in RESULTS:
        speak.result(RESULTS[kind.lower()]())
        return exit_codes.DONE
    found = {name.lower(): text for name, text in known.items()}.get(kind.lower())
    if found is None:
        raise click.UsageError(f"'{kind}' is not one of {', '.join((*sorted(known), *RESULTS))}")
    speak.result(found)
    return exit_codes.DONE


def _known() -> dict[str, str]:
    from vmapps.manifest.publish import published

    return dict(published())
