"""`vmapps schema`: the JSON Schemas, for editors and for readers of the plan."""

from __future__ import annotations

import click

from vmapps.cli import exit_codes, speak
from vmapps.render import plan_json

PLAN = "plan"


@click.command(short_help="Print the JSON Schemas.")
@click.argument("kind", default="")
def schema(kind: str) -> int:
    """Print the JSON Schema of a KIND of manifest, or of the plan's JSON (`plan`); without KIND, name them all."""
    known = _known()
    if not kind:
        speak.result("".join(f"{name}\n" for name in (*sorted(known), PLAN)))
        return exit_codes.DONE
    if kind.lower() == PLAN:
        speak.result(plan_json.schema())
        return exit_codes.DONE
    found = {name.lower(): text for name, text in known.items()}.get(kind.lower())
    if found is None:
        raise click.UsageError(f"'{kind}' is not one of {', '.join((*sorted(known), PLAN))}")
    speak.result(found)
    return exit_codes.DONE


def _known() -> dict[str, str]:
    from vmapps.manifest.publish import published

    return dict(published())
