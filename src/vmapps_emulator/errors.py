"""ARM errors: one exception that carries status, code and text, and the texts that more than one room uses."""

from typing import Any


class ArmError(Exception):
    """A refusal in ARM's envelope: ``{"error": {"code", "message", "target"?}}``."""

    def __init__(self, status: int, code: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.headers: dict[str, str] = {}
        self.details: list[dict[str, Any]] = []

    def body(self) -> dict[str, Any]:
        """The envelope as Azure writes it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.target is not None:
            error["target"] = self.target
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str, target: str | None = None) -> ArmError:
    """400 InvalidParameter, the Compute provider's word for a bad field."""
    return ArmError(400, "InvalidParameter", message, target)


def missing_parameter(target: str) -> ArmError:
    """A required field is absent (guess: the Compute provider's usual sentence, in no recording)."""
    return invalid(f"Required parameter '{target}' is missing (null).", target)


def change_not_allowed(target: str) -> ArmError:
    """A create-only field changes (service_errors.json, documented; guess: the status and the code)."""
    return ArmError(409, "PropertyChangeNotAllowed", f"Changing property '{target}' is not allowed.", target)


def group_not_found(group: str) -> ArmError:
    """The resource group does not exist."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def resource_not_found(type_and_name: str, group: str) -> ArmError:
    """GET of a missing resource (azure_cli_compute_errors.jsonl, answered by ARM's gateway)."""
    error = ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{type_and_name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )
    error.headers["x-ms-failure-cause"] = "gateway"
    return error


def parent_not_found(parent: str) -> ArmError:
    """A nested call whose parent does not exist."""
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Can not perform requested operation on nested resource. Parent resource '{parent}' not found.",
    )


def has_children(nested: list[str]) -> ArmError:
    """DELETE of a parent (service_errors.json, verbatim, the newer of two texts)."""
    return ArmError(
        409,
        "CannotDeleteResource",
        "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
        f"'{', '.join(nested)}'. Please delete all nested resources before deleting this resource.",
    )


def precondition_failed() -> ArmError:
    """If-Match or If-None-Match does not hold (guess: the text; no recording shows a 412)."""
    return ArmError(412, "PreconditionFailed", "The condition specified using HTTP conditional header(s) is not met.")


def location_moved(resource: str, group: str, held: str, asked: str) -> ArmError:
    """A resource cannot be written to another region (ARM's own text)."""
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{resource}' already exists in location '{held}' in resource group '{group}'. A resource "
        f"with the same name cannot be created in location '{asked}'. Please select a new resource name.",
    )
