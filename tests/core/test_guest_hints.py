"""What to do about what a guest says: its own texts, as its source has them [guest-agent.md 4.3, 4.6]."""

from __future__ import annotations

import pytest

from vmapps.core.guest_hints import guest_hint


def failed(status: str) -> str:
    return f"nginx 1.1.0 failed: Install FAILED command terminated with exit status={status}"


DOWNLOAD = (
    "Install FAILED failed to download package file /var/lib/nginx: DownloadPackage error: Failed to download file: "
    "Unrecoverable error while downloading the file, error type: DownloadPackageFileError"
)
REBOOTS = (
    "Install FAILED The Install operation on application nginx has resulted in 3 reboots. Cannot complete command."
)


@pytest.mark.parametrize(
    ("row", "why", "words"),
    [
        ("any other code", failed("1"), "stdout and stderr in the application's folder"),
        ("a code that only begins so", failed("1270"), "stdout and stderr in the application's folder"),
        ("no such command", failed("127"), "no such command"),
        ("not executable", failed("126"), "chmod +x"),
        ("killed", failed("-1"), "the script was killed"),
        ("Windows wants a reboot", failed("3010"), "let the command end with 0"),
        ("Windows has begun one", failed("1641"), "let the command end with 0"),
        ("skipped", "nginx 1.1.0 skipped: skipped, lower order operation failed", "a lower order failed"),
        ("the old one's script", "nginx 1.1.0 failed: RemoveForUpdate FAILED Error", "the old version's remove script"),
        ("too many reboots", REBOOTS, "each time it ran"),
        ("left after a reboot", "Reboot detected during 'Install' operation. No further action taken.", "Rerun"),
        ("cut short", "nginx 1.1.0: interrupted in the middle, and not tried again", "without a word"),
        ("no package", DOWNLOAD, "did not reach the guest"),
        ("no metadata", "Resolving packages failed: HostGaCommunicator GetVMAppInfo error: x", "did nothing at all"),
        ("damaged", "Enable failed: Could not read current package registry: x", "the guest's own files"),
        ("no shell", "failed to execute command: no such file", "could not be started"),
        ("a remove script", "nginx: its remove script failed: exit 1", "off the list all the same"),
        ("nothing known", "something new", "`vmapps retry`"),
    ],
)
def test_advice(row: str, why: str, words: str) -> None:
    assert words in guest_hint(why)
