"""``POST /providers/Microsoft.ResourceGraph/resources``: rows of what exists, filtered by what may be read."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from vmapps_emulator.errors import ArmError, invalid
from vmapps_emulator.graph.stages import Query, read_query
from vmapps_emulator.groups import TENANT
from vmapps_emulator.paths import parse
from vmapps_emulator.rbac import caller
from vmapps_emulator.regions import normal
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response
from vmapps_emulator.world import World

_MOST_ROWS = 1000
_COLUMNS: tuple[str, ...] = (
    "id",
    "name",
    "type",
    "tenantId",
    "kind",
    "location",
    "resourceGroup",
    "subscriptionId",
    "managedBy",
    "sku",
    "plan",
    "properties",
    "tags",
    "identity",
    "zones",
    "extendedLocation",
)
_INSTANCES = "microsoft.compute/virtualmachinescalesets/virtualmachines"
_TABLES = dict.fromkeys(("resources", "computeresources", "resourcecontainers"), _COLUMNS)
_FIELDS = ("query", "subscriptions", "options")
_OPTIONS = ("$top", "$skip", "$skiptoken", "resultformat", "allowpartialscopes", "authorizationscopefilter")


async def query_resources(world: World, request: Request) -> Response:
    """One page of a query's rows."""
    body = request.json()
    options = _options(body)
    query = read_query(_text(body), _TABLES)
    rows = query.rows([row for row in _table(world, query.table, _scopes(body)) if _may_read(world, request, row)])
    start = _start(options)
    most = _number(options, "$top", 1, _MOST_ROWS)
    chosen = rows[start : start + most]
    answer: Json = {"totalRecords": len(rows), "count": len(chosen)}
    answer["data"] = _as_table(query, chosen) if _is_tabular(options) else chosen
    answer["facets"] = []
    answer |= _rest(query, start + most, len(rows))
    # 15 queries in 5 seconds (azure-facts 5.4); guess: the emulator never counts them down by itself.
    return Response(200, answer, {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"})


def _rest(query: Query, after: int, total: int) -> Json:
    """More rows are reached by ``$skipToken``: not without an ``id`` column, nor when the query bounds its rows."""
    if after >= total:
        return {"resultTruncated": "false"}
    if "id" not in query.columns or query.is_limited:
        return {"resultTruncated": "true"}
    return {"$skipToken": base64.b64encode(f"skip:{after}".encode()).decode(), "resultTruncated": "false"}


def _start(options: Json) -> int:
    token = options.get("$skiptoken")
    if token is None:
        return _number(options, "$skip", 0, 1 << 31, 0)
    try:
        word, _, number = base64.b64decode(str(token), validate=True).decode().partition(":")
        if word == "skip":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise invalid("The skip token is not valid.", "$skipToken")


def _number(options: Json, name: str, least: int, most: int, default: int = _MOST_ROWS) -> int:
    value = options.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise invalid(f"The value of option '{name}' must be a whole number from {least} to {most}.", name)
    return value


def _text(body: Json) -> str:
    query = body.get("query")
    if not isinstance(query, str) or not query.strip():
        raise invalid("The query must be a text.", "query")
    return query


def _options(body: Json) -> Json:
    """The options by their names in lower case; what the emulator does not know is refused."""
    unknown = [name for name in body if name not in _FIELDS]
    given = {} if body.get("options") is None else body["options"]
    if not isinstance(given, dict):
        raise invalid("The options must be an object.", "options")
    options = {name.lower(): value for name, value in given.items() if value is not None}
    unknown += [name for name in options if name not in _OPTIONS]
    if unknown:
        raise ArmError(400, "BadRequest", f"The emulator does not know {', '.join(unknown)} of a query request.")
    if options.get("resultformat", "objectArray") not in ("objectArray", "table"):
        raise invalid("The value of option 'resultFormat' must be objectArray or table.", "resultFormat")
    return options


def _scopes(body: Json) -> set[str] | None:
    """The subscriptions that a query covers; all of them when it names none."""
    given = body.get("subscriptions")
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise invalid("The subscriptions must be a list of texts.", "subscriptions")
    return {name.lower() for name in given}


def _is_tabular(options: Json) -> bool:
    return options.get("resultformat") == "table"


def _as_table(query: Query, rows: list[Json]) -> Json:
    columns = [{"name": name, "type": _type(rows, name)} for name in query.columns]
    return {"columns": columns, "rows": [[row.get(name) for name in query.columns] for row in rows]}


def _type(rows: list[Json], name: str) -> str:
    """guess: a column's type is that of its first value."""
    value = next((row[name] for row in rows if row.get(name) is not None), "")
    kinds: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return kinds.get(type(value), "object")


def _may_read(world: World, request: Request, row: Json) -> bool:
    """guess: a row is shown to whoever may read its resource."""
    return not world.rbac.rows or world.rbac.may(caller(request), f"{row['type']}/read", row["id"])


def _table(world: World, table: str, scopes: set[str] | None) -> Iterator[Json]:
    rows = _containers(world) if table == "resourcecontainers" else _resources(world, table == "computeresources")
    return (row for row in rows if scopes is None or row["subscriptionId"].lower() in scopes)


def _containers(world: World) -> Iterator[Json]:
    for group in world.store.groups.values():
        yield _row({**group, "type": "Microsoft.Resources/subscriptions/resourceGroups"})


def _resources(world: World, is_compute: bool) -> Iterator[Json]:
    """All resources and the extensions of machines; a scale set's instances are in ``computeresources``."""
    for resource in world.store.below("/subscriptions"):
        for body in _bodies(resource):
            if (str(body["type"]).lower() == _INSTANCES) == is_compute:
                yield _row(body)


def _bodies(resource: Resource) -> Iterator[Json]:
    body = resource.peek()
    yield body
    yield from body.get("resources", [])


def _row(body: Json) -> Json:
    """A row as Resource Graph shows it: type, region and group in lower case, every column present."""
    target = parse(str(body["id"]))
    subscription, group = (target.subscription, target.group) if target else ("", "")
    row: Json = {name: body.get(name) for name in _COLUMNS}
    own: dict[str, Any] = {"type": str(body["type"]).lower(), "tenantId": TENANT, "subscriptionId": subscription}
    own |= {"location": normal(str(body.get("location", ""))), "resourceGroup": group.lower()}
    return row | {"kind": body.get("kind", ""), "managedBy": body.get("managedBy", "")} | own
