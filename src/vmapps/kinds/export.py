"""From a live object back to a manifest document, by the notes in the kind's schema: `shape.declared`, inverted.

Planning the document against the same object plans nothing. Defaults are left out, and what manifests cannot say is
told beside the document, so that nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vmapps.core.fields import AZURES_OWN, Field, Path, Rules, at, leaves
from vmapps.core.resource import MARKS, Link, Observed, Value
from vmapps.kinds.fit import UNKNOWN, Fitting
from vmapps.kinds.kind import Exported, rules_of
from vmapps.kinds.shape import spec_of

API_VERSION = "vmapps/v1"

COMMUNITY: Path = ("properties", "sharingProfile", "communityGalleryInfo")
NOT_DECLARED: tuple[Path, ...] = (
    *AZURES_OWN,
    ("tags",),
    ("identity", "principalId"),
    ("identity", "tenantId"),
    (*COMMUNITY, "communityGalleryEnabled"),
    (*COMMUNITY, "publicNames"),
)
"""What nobody can declare because Azure alone writes it [azure-facts 1.1, 10]; tags are taken one by one."""

HIDDEN = "hidden-"
"""How the names of tags begin that are not for people [azure-facts 10]."""


def exported(
    schema: Mapping[str, Any], live: Observed, place: Mapping[str, Any], needs: tuple[str, ...] = ()
) -> Exported:
    """One live object as a document of a kind.

    `place` are the fields that say what it is part of, and where; without those of `needs` there is no document.
    """
    spec, fitting = spec_of(schema), Fitting(schema["$defs"])
    rules = rules_of(schema)
    name = fitting.fit(schema["properties"]["metadata"]["properties"]["name"], live.id.name, ("name",))
    fields = {**place, **_fields(spec, live, rules, fitting)}
    if tags := _tags(schema, live, fitting):
        fields["tags"] = tags
    fitting.lost.extend(_undeclared(spec, live, rules))
    is_whole = fitting.has_all(needs, fields, ("properties",))
    return Exported(document(schema["title"], name, fields) if name and is_whole else None, tuple(fitting.lost))


def document(kind: str, name: str, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document with its head; a `${` of the live object is written `$${`, so that it stays what it is."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": _escaped(spec)}


def borrowed(gallery: Observed) -> Mapping[str, Any]:
    """Another team's gallery as a document: where it is, and that it is only read."""
    elsewhere = {"subscription": gallery.id.subscription} if gallery.address.subscription else {}
    return document(
        "Gallery", gallery.id.name, {**elsewhere, "resourceGroup": gallery.id.resource_group, "managed": False}
    )


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _escaped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


def _fields(shape: Mapping[str, Any], live: Observed, rules: Rules, fitting: Fitting) -> dict[str, Any]:
    """Every field of a shape whose place on the wire holds something that is not the default."""
    found: dict[str, Any] = {}
    for name, inside in shape.get("properties", {}).items():
        note = inside.get("x-vmapps", {})
        if "path" in note:
            value = _value(inside, tuple(note["path"].split(".")), live, rules, fitting)
        else:
            value = _group(inside, live, rules, fitting) or None
        if value is not None:
            found[name] = value
    return found


def _group(shape: Mapping[str, Any], live: Observed, rules: Rules, fitting: Fitting) -> Mapping[str, Any]:
    """Fields that a manifest has under one name; nothing when one is missing without which the others say nothing."""
    fields = _fields(shape, live, rules, fitting)
    return fields if fields and fitting.has_all(shape.get("required", ()), fields, _place_of(shape)) else {}


def _place_of(shape: Mapping[str, Any]) -> Path:
    """Where the fields of a group stand on the wire."""
    notes = (inside.get("x-vmapps", {}) for inside in shape.get("properties", {}).values())
    return next((tuple(note["path"].split(".")[:-1]) for note in notes if "path" in note), ())


def _value(shape: Mapping[str, Any], path: Path, live: Observed, rules: Rules, fitting: Fitting) -> Any:
    seen, rule = at(live.body, path), rules.of(path)
    if seen is None or _is_default(seen, path, rules):
        return None
    return fitting.fit(shape, _plain(seen, path, rule, rules), path)


def _is_default(seen: Value, path: Path, rules: Rules) -> bool:
    default = rules.normal(path, None)
    return default is not None and rules.normal(path, seen) == default


def _plain(seen: Value, path: Path, rule: Field, rules: Rules) -> Any:
    """A live value in the words of a manifest: links without their query, moments in UTC, ids alone."""
    if isinstance(seen, Link):
        return seen.url
    if rule.compare == "armIds" and isinstance(seen, dict):
        return {name: {} for name in seen}
    if rule.compare == "instant":
        return str(rules.normal(path, seen)).replace("+00:00", "Z")
    return seen


def _tags(schema: Mapping[str, Any], live: Observed, fitting: Fitting) -> Mapping[str, str]:
    """The author's tags: vmapps' own and hidden ones are not his."""
    tags, shape = live.body.get("tags"), schema["$defs"]["tags"]
    found: dict[str, str] = {}
    for name, value in tags.items() if isinstance(tags, dict) else ():
        if name.lower() in MARKS or name.lower().startswith(HIDDEN):
            continue
        if len(found) == shape["maxProperties"]:
            fitting.lose(("tags", name), f"a manifest takes {len(found)} tags")
        else:
            found |= fitting.fit(shape, {name: value}, ("tags",)) or {}
    return found


def _undeclared(shape: Mapping[str, Any], live: Observed, rules: Rules) -> Iterator[str]:
    """What is there and has no field in a manifest."""
    fitting = Fitting({})
    for path, value in leaves(live.body, rules):
        is_known = path in rules.fields or any(path[: len(own)] == own for own in NOT_DECLARED)
        if not is_known and value not in (None, "", [], {}):
            fitting.lose(path, _refused(shape, path))
    yield from fitting.lost


def _refused(shape: Mapping[str, Any], path: Path) -> str:
    """Why a manifest has no such field; the manifest's own names are the last ones of the wire's path."""
    for part in path:
        shape = shape.get("properties", {}).get(part, shape)
    return str(shape.get("x-refused", UNKNOWN))
