"""What the guest agent does with a changed list, from guest-agent.md 3.1, against the words of the plan."""

from __future__ import annotations

import pytest

from vmapps.core.guest_effects import Meant, Scripts, effect, removal

UNKNOWN = "(whether it has an update script is not known)"


@pytest.mark.parametrize(
    ("row", "old", "new", "has_update", "words"),
    [
        ("absent -> Install", "", "1.0.0", True, "install 1.0.0"),
        ("absent -> Install, scripts unknown", "", "1.0.0", None, "install 1.0.0"),
        ("equal -> nothing", "1.0.0", "1.0.0", True, "no effect in the guest: same version (1.0.0)"),
        ("other, update -> Update", "1.0.0", "1.1.0", True, "update 1.0.0 -> 1.1.0 (runs 1.1.0's update script)"),
        ("lower, update -> Update", "1.10.0", "1.9.0", True, "downgrade 1.10.0 -> 1.9.0: runs 1.9.0's update script"),
        ("other, no update -> pair", "1.0.0", "1.1.0", False, "remove 1.0.0 then install 1.1.0 (no update script)"),
        ("lower, no update -> pair", "1.1.0", "1.0.0", False, "remove 1.1.0 then install 1.0.0 (no update script)"),
        ("unknown scripts", "1.0.0", "1.1.0", None, f"1.0.0 -> 1.1.0 {UNKNOWN}"),
        (
            "from latest",
            "latest",
            "1.1.0",
            True,
            "latest (Azure picks it) -> 1.1.0 (whether it has an update script is not known)",
        ),
    ],
)
def test_rows_of_the_agent_s_plan(row: str, old: str, new: str, has_update: bool | None, words: str) -> None:
    scripts = None if has_update is None else Scripts(has_update)
    assert effect("nginx", Meant(old), Meant(new), scripts) == (f"nginx: {words}")


def test_absent_from_the_list_runs_the_remove_script() -> None:
    assert removal("nginx", Meant("1.2.3")) == "nginx: remove 1.2.3 (runs its remove script)"
