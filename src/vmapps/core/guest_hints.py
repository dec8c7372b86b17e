"""What to do about what a guest says: its texts are few, and none of them says what helps [guest-agent.md 4.3, 4.6]."""

from __future__ import annotations

import re

AGAIN = "the same version is not tried again by itself: `vmapps retry`, or declare a new one"
OUTPUT = (
    "the script's output is on the machine, stdout and stderr in the application's folder "
    "(/var/lib/waagent/Microsoft.CPlat.Core.VMApplicationManagerLinux/<application>/<version>, or "
    r"C:\Packages\Plugins\Microsoft.CPlat.Core.VMApplicationManagerWindows\<number>\Downloads\<application>\<version>)"
)
"""Where to look [azure-facts 3.10]."""

FIRST_HALF = (
    "the old version's remove script failed, so the new one was not installed; the guest tries both again at its next "
    "start. A version with an update script does not need the old one's"
)
UNTOUCHED = (
    "the guest could not learn what to install, and did nothing at all: look for an entry whose version does not "
    "exist, is not in this region, or may not be read"
)
REBOOT_WANTED = (
    "this code says that Windows wants a reboot, but every code except 0 is a failure here: let the command end with 0 "
    f"for it; {AGAIN}"
)
REMOVED = f"the application is off the list all the same, and what it left there is not known; {OUTPUT}"

HINTS = (
    (r"skipped, lower order", f"one with a lower order failed on this machine: mend that one first; {AGAIN}"),
    (r"RemoveForUpdate FAILED", FIRST_HALF),
    (r"has resulted in 3 reboots", "the script rebooted the machine each time it ran: let it end with 0 once done"),
    (r"No further action taken", "scriptBehaviorAfterReboot: Rerun runs the script again after a reboot"),
    (r"interrupted in the middle", f"the machine or its agent went down without a word, half way; {AGAIN}"),
    (r"(DownloadPackage|DownloadConfig) error|failed to download", f"a file did not reach the guest; {AGAIN}"),
    (r"GetVMAppInfo|missing application name|HostGA did not return", UNTOUCHED),
    (r"Could not (get|deserialize|read)", "the guest's own files are damaged, and it did nothing: see its logs"),
    (r"exit status=(3010|1641)\b", REBOOT_WANTED),
    (r"exit status=127\b", f"127: no such command; the package is saved under the name packageFileName says; {AGAIN}"),
    (r"exit status=126\b", f"126: a file may not be executed: run it through sh, or chmod +x it first; {AGAIN}"),
    (r"exit status=-1\b", f"the script was killed: by a shutdown, or for want of memory; {AGAIN}"),
    (r"failed to execute command", f"the shell itself could not be started; {AGAIN}"),
    (r"its remove script failed", REMOVED),
)
"""What a text means [guest-agent.md 3.3 to 3.8, 4.3, 4.6]; the first that fits counts."""


def guest_hint(why: str) -> str:
    """Advice for a guest's message; where it says nothing special, where to look."""
    found = (hint for words, hint in HINTS if re.search(words, why, re.IGNORECASE))
    return next(found, f"{OUTPUT}; {AGAIN}")
