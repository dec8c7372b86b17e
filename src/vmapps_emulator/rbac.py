"""Who may do what: a table that a test writes; an empty one allows everything.

As in Azure a Deny wins over an Allow, and whoever has any Allow may do only what his Allows name. Actions are those
of azure-facts 6.2 with ``*`` for anything; a scope covers all that lies below it.
"""

import base64
import binascii
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.paths import PROVIDER, TYPES
from vmapps_emulator.wire import Json, Request

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
_ROOTS = {
    "subscriptions": "Microsoft.Resources/subscriptions",
    "resourcegroups": "Microsoft.Resources/subscriptions/resourceGroups",
    "providers": "Microsoft.Resources/subscriptions/providers",
}
_READ_VERSION = f"{PROVIDER}/galleries/applications/versions/read"


class Assignment(msgspec.Struct, forbid_unknown_fields=True, rename="camel", frozen=True):
    """One row: what an identity may or may not do below a scope. ``identity``: a token, or the ``oid`` in it."""

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    scope: str = "/"
    identity: str = "*"

    def covers(self, identity: str, action: str, scope: str) -> bool:
        """Whether this row speaks of an action on a scope; nothing is case-sensitive."""
        named = any(fnmatchcase(action.lower(), pattern.lower()) for pattern in self.actions)
        return (
            named and self.is_about(identity) and f"{scope}/".lower().startswith(f"{self.scope.rstrip('/')}/".lower())
        )

    def is_about(self, identity: str) -> bool:
        """Whether this row is one of an identity's."""
        return self.identity in ("*", identity)


@dataclass(slots=True)
class Rbac:
    """The rows in force."""

    rows: tuple[Assignment, ...] = field(default=())

    def replace(self, content: Any) -> None:
        """Take rows as JSON (a list, or ``{"rules": [...]}``) in place of the old ones."""
        wanted = content.get("rules") if isinstance(content, dict) else content
        try:
            self.rows = msgspec.convert(wanted, tuple[Assignment, ...])
        except msgspec.ValidationError as error:
            raise ArmError(400, "InvalidRbac", str(error)) from None

    def may(self, identity: str, action: str, scope: str) -> bool:
        """Whether an identity may do an action on a scope."""
        effects = {row.effect for row in self.rows if row.covers(identity, action, scope)}
        if "Deny" in effects or "Allow" in effects:
            return "Deny" not in effects
        return not any(row.effect == "Allow" and row.is_about(identity) for row in self.rows)

    def permissions(self, identity: str, scope: str) -> list[Json]:
        """What an identity's roles allow at a scope, as Permissions - List tells it.

        guess: Azure's answer knows no deny assignments; here a Deny row takes its actions from every role, so that
        the answer and the refusals agree.
        """
        rows = [row for row in self.rows if row.is_about(identity)]
        here = [row for row in rows if f"{scope}/".lower().startswith(f"{row.scope.rstrip('/')}/".lower())]
        denied = [action for row in here if row.effect == "Deny" for action in row.actions]
        allowed = [row.actions for row in here if row.effect == "Allow"]
        if not any(row.effect == "Allow" for row in rows):
            allowed = [("*",)]
        return [
            {"actions": list(actions), "notActions": denied, "dataActions": [], "notDataActions": []}
            for actions in allowed
        ]

    def demand(self, request: Request) -> None:
        """Refuse a call that its caller may not make (Azure's wording)."""
        if not self.rows:
            return
        identity, action, scope = caller(request), action_of(request), scope_of(request)
        if not self.may(identity, action, scope):
            text = (
                f"{_client(identity)} does not have authorization to perform action '{action}' over scope '{scope}' or "
            )
            text += "the scope is invalid. If access was recently granted, please refresh your credentials."
            raise ArmError(403, "AuthorizationFailed", text)

    def demand_linked(self, request: Request, references: list[str]) -> None:
        """Refuse a machine's write when a version that it names may not be read (azure-facts 6.2: linked access)."""
        identity = caller(request)
        closed = [reference for reference in references if not self.may(identity, _READ_VERSION, reference)]
        if closed:
            text = f"{_client(identity)} has permission to perform action '{action_of(request)}' on scope "
            text += (
                f"'{scope_of(request)}'; however, it does not have permission to perform action(s) '{_READ_VERSION}' "
            )
            text += f"on the linked scope(s) '{','.join(closed)}' (respectively) or the linked scope(s) are invalid."
            raise ArmError(403, "LinkedAuthorizationFailed", text)


def caller(request: Request) -> str:
    """Who calls: the object id in the token, else the token itself, else nobody."""
    token = request.headers.get("authorization", "").rpartition(" ")[2]
    return _object_id(token) or token or "anonymous"


def action_of(request: Request) -> str:
    """A call's action: ``Microsoft.Compute/galleries/read``, ``.../virtualMachines/start/action``."""
    target = request.target
    words = [TYPES.get(word, word) for word in target.kind.split("/") if word]
    head = _ROOTS.get(target.kind) or "/".join([PROVIDER, *words])
    return f"{head}/{_VERBS.get(request.method, 'action')}"


def scope_of(request: Request) -> str:
    """What a call is about: its resource; what a list or an action stands below (guess: for lists)."""
    path = request.path.rstrip("/")
    return path.rpartition("/")[0] if request.target.is_collection else path


def _client(identity: str) -> str:
    return f"The client '{identity}' with object id '{identity}'"


def _object_id(token: str) -> str:
    """The ``oid`` of a JSON web token, unverified; the empty text for any other token."""
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims: Json = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), type=dict)
    except (binascii.Error, ValueError):
        return ""
    return str(claims.get("oid", ""))
