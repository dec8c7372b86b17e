"""Every text that the guest's manager writes (guest-agent.md 3.3 to 4.6)."""

import json

from vmapps_emulator.wire import Json

SKIPPED_RESULT = "skipped, lower order operation failed"
SKIPPED_ACTION = "Skipped, lower order operation failed"
NO_NAME = "Resolving packages failed: missing application name"
NO_VERSION = "Resolving packages failed: HostGA did not return a valid vmAppInfo"
HOST_ERROR = "HostGaCommunicator GetVMAppInfo error"


def command_error(command: str, ending: int | str) -> str:
    """A command that did not exit with 0 (3.4)."""
    why = f"command terminated with exit status={ending}" if isinstance(ending, int) else ending
    return f"Error executing command '{command}': {why}"


def download_error(kind: str, path: str, status: int) -> str:
    """A package or config that the host did not give out (3.6)."""
    name = f"Download{kind.capitalize()}"
    return (
        f"failed to download {kind} file {path}: {name} error: Failed to download file: "
        "Unrecoverable error while downloading the file: Download request failed with retries.: "
        f"unexpected status code: actual={status} expected=200, error type: {name}FileError"
    )


def host_error(status: int) -> str:
    """Metadata that the host did not give out (4.6)."""
    return (
        f"Resolving packages failed: {HOST_ERROR}: Metadata request failed after retries: unexpected status code: "
        f"actual={status} expected=200, error type: MetadataRequestFailedWithRetries"
    )


def settings_error(text: str) -> str:
    """Settings that are not there or not JSON."""
    return f"Could not deserialize protected settings: {_go_error(text)}"


def registry_error(text: str) -> str:
    """A registry file that is not JSON."""
    return f"Could not read current package registry: {_go_error(text)}"


def reboot_limit(operation: str, application: str) -> str:
    """The fourth start of a script that always reboots (3.8)."""
    return f"The {operation} operation on application {application} has resulted in 3 reboots. Cannot complete command."


def reboot_result(operation: str, reruns: bool) -> str:
    """The registry's result when a reboot was caught (3.8)."""
    what = "Rerun operation after reboot." if reruns else "No further action taken."
    return f"Reboot detected during '{operation}' operation. {what}"


def flagged_errors(flagged: list[str], errors: list[str]) -> str:
    """``Errors`` of a run in which flagged applications failed; empty when none did (4.4)."""
    if not flagged:
        return ""
    names = "".join(f"{name}\n" for name in flagged)
    head = "Install/Update failed for VMApps with 'TreatFailureAsDeploymentFailure' set to true:\n"
    return f"{head}{names}Additional errors: {': '.join(reversed(errors))}\n"


def go_json(body: Json) -> str:
    """JSON as Go writes it with an indent of one space."""
    text = json.dumps(body, indent=1, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _go_error(text: str) -> str:
    """What Go's decoder says of a text (guess for all but the two that the vectors show)."""
    rest = text.strip()
    if not rest:
        return "unexpected end of JSON input"
    return f"invalid character '{rest[0]}' looking for beginning of value"
