"""How the service words what the tables refuse.

``Could not find member`` is copied from live answers (azure-cli issues 3951, 18109, 18855: code BadRequest, target
``vm.properties...``; azure-sdk-for-net issue 3487: ARM's own InvalidRequestContent for the top level). The other
texts are guesses after the Compute provider's documented sentences.
"""

import re
from typing import Any

from vmapps_emulator.errors import ArmError, change_not_allowed, invalid, missing_parameter
from vmapps_emulator.wire import Request

WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "list": "a list",
    "map": "an object",
    "model": "an object",
}
_ROOTS = {
    "galleries": "gallery",
    "galleries/applications": "galleryApplication",
    "galleries/applications/versions": "galleryApplicationVersion",
    "virtualmachines": "vm",
    "virtualmachinescalesets": "vmss",
}


def unknown_field(request: Request, path: str, model: str) -> ArmError:
    """A field that the api-version does not have (guess: the position, and the model's name in the service)."""
    name = path.rpartition(".")[2]
    where = "ResourceDefinition" if path == name else "Properties" if path == f"properties.{name}" else model
    line, position = _place(request.raw, name)
    text = (
        f"Could not find member '{name}' on object of type '{where}'. Path '{path}', line {line}, position {position}."
    )
    if path == name:
        text = f"The request content was invalid and could not be deserialized: '{text}'."
        return ArmError(400, "InvalidRequestContent", text)
    return ArmError(400, "BadRequest", text, _target(request, path))


def wrong_type(request: Request, path: str, wanted: str) -> ArmError:
    """guess: the wording; the service answers 400 with its deserializer's own text."""
    target = _target(request, path)
    return invalid(f"The value of parameter '{target}' must be {wanted}.", target)


def missing(request: Request, path: str) -> ArmError:
    """A required field is absent; the gallery provider names its whole path, the machine provider its last word."""
    if path == "location":
        return ArmError(400, "LocationRequired", "The location property is required for this definition.")
    is_gallery = request.target.kind.startswith("galleries")
    whole = re.sub(r"\[\d+\]", "", _target(request, path))
    return missing_parameter(whole if is_gallery else path.rpartition(".")[2])


def wrong_value(request: Request, path: str, value: Any) -> ArmError:
    """A value outside its enum, pattern, format or range."""
    target = _target(request, path)
    return invalid(f"The value '{value}' of parameter '{target}' is invalid.", target)


def changed(request: Request, path: str) -> ArmError:
    """A create-only field changes; the machine provider names it from below its ``properties``."""
    is_gallery = request.target.kind.startswith("galleries")
    return change_not_allowed(_target(request, path) if is_gallery else path.removeprefix("properties."))


def _target(request: Request, path: str) -> str:
    root = _ROOTS.get(request.target.kind)
    return f"{root}.{path}" if root and "." in path else path


def _place(raw: bytes, name: str) -> tuple[int, int]:
    """Line and column just after the name and its colon."""
    found = raw.find(f'"{name}"'.encode())
    after = raw.find(b":", found) + 1
    return raw.count(b"\n", 0, after) + 1, after - (raw.rfind(b"\n", 0, after) + 1)
