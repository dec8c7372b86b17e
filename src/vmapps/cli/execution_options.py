"""The options of commands that carry a plan out, and the trail that they leave."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from vmapps.cli import exit_codes, wiring
from vmapps.cli.ends import code_of, interrupted_by
from vmapps.cli.options import Common, decorated, option
from vmapps.cli.trail import opened
from vmapps.errors import Error

_OPTIONS = (
    option("--fail-fast", is_flag=True, help="Begin nothing new after the first step that fails."),
    option(
        "--events",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Add what happens to this file, as it happens: a line of JSON each (`vmapps schema events`).",
    ),
)


def execution_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options, below `common_options`: they are in `common` too, with the trail of the run as its listener."""

    @wraps(command)
    def recorded(*parents: Any, common: Common, **given: Any) -> int:
        trail, name = opened(common.events, common.run), str(click.get_current_context().info_name)
        trail.begun(name)
        spans = wiring.spans(name, common)
        code, said = exit_codes.ERROR, ""
        try:
            with spans.within(None) if spans else nullcontext():
                code = command(*parents, common=replace(common, trail=trail, spans=spans), **given)
        except BaseException as error:
            code, said = code_of(error), _said(error)
            raise
        finally:
            trail.ended(code, said)
            if spans:
                spans.end(code)
        return code

    return decorated(recorded, _OPTIONS)


def _said(error: BaseException) -> str:
    """What was wrong, in the words that are shown for it; of what is no error of ours only the name."""
    if interrupted_by(error) is not None:
        return "interrupted"
    if isinstance(error, click.ClickException):
        return error.format_message()
    return str(error) if isinstance(error, Error) else type(error).__name__
