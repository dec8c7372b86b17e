"""What the guest agent does with a changed list, from guest-agent.md 3.1, against the words of the plan."""

from __future__ import annotations

import pytest

from vmapps.core.guest import InGuest, State
from vmapps.core.guest_effects import ABSENT, LAST_ENTRY, Meant, Scripts, effect, may_move, removal

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


@pytest.mark.parametrize(
    ("meant", "told", "exact"),
    [
        (Meant("1.0.0"), "1.0.0", "1.0.0"),
        (Meant("1.0.0", "2.0.0"), "1.0.0", "1.0.0"),
        (Meant("latest", "2.0.0"), "latest (now 2.0.0)", "2.0.0"),
        (Meant("latest"), "latest (Azure picks it)", ""),
        (ABSENT, "", ""),
    ],
)
def test_what_an_entry_names(meant: Meant, told: str, exact: str) -> None:
    assert (str(meant), meant.exact) == (told, exact)


@pytest.mark.parametrize(
    ("row", "old", "new", "words"),
    [
        ("latest comes", ABSENT, Meant("latest", "2.0.0"), "install latest (now 2.0.0)"),
        (
            "latest is what is there already",
            Meant("2.0.0"),
            Meant("latest", "2.0.0"),
            "no effect in the guest: same version (latest (now 2.0.0))",
        ),
        (
            "the version that latest means is named",
            Meant("latest", "2.0.0"),
            Meant("2.0.0"),
            "no effect in the guest: same version (2.0.0)",
        ),
        (
            "latest stays latest",
            Meant("latest"),
            Meant("latest"),
            "no effect in the guest: same version (latest (Azure picks it))",
        ),
        (
            "from what latest means",
            Meant("latest", "2.0.0"),
            Meant("3.0.0"),
            "update 2.0.0 -> 3.0.0 (runs 3.0.0's update script)",
        ),
        (
            "back from what latest means",
            Meant("latest", "2.0.0"),
            Meant("1.0.0"),
            "downgrade 2.0.0 -> 1.0.0: runs 1.0.0's update script",
        ),
        ("to an unknown latest", Meant("1.0.0"), Meant("latest"), f"1.0.0 -> latest (Azure picks it) {UNKNOWN}"),
    ],
)
def test_what_latest_means_is_compared(row: str, old: Meant, new: Meant, words: str) -> None:
    assert effect("nginx", old, new, Scripts(has_update=True)) == f"nginx: {words}"


def seen(version: str, state: State) -> InGuest:
    return InGuest("nginx", version, state)


@pytest.mark.parametrize(
    ("row", "guest", "has_update", "words"),
    [
        (
            "as the model says",
            seen("1.0.0", State.INSTALLED),
            True,
            "update 1.0.0 -> 2.0.0 (runs 2.0.0's update script)",
        ),
        (
            "the guest is behind the model",
            seen("0.9.0", State.INSTALLED),
            False,
            "remove 0.9.0 then install 2.0.0 (no update script)",
        ),
        (
            "the guest is at that version already",
            seen("2.0.0", State.INSTALLED),
            True,
            "no effect in the guest: same version (2.0.0)",
        ),
        (
            "also when it failed at that version: it is not tried again",
            seen("2.0.0", State.FAILED),
            True,
            "no effect in the guest: same version (2.0.0)",
        ),
        (
            "and when it was skipped",
            seen("2.0.0", State.SKIPPED),
            True,
            "no effect in the guest: same version (2.0.0)",
        ),
        (
            "a failed first install is updated all the same",
            seen("1.0.0", State.FAILED),
            True,
            "update 1.0.0 -> 2.0.0 (runs 2.0.0's update script); 1.0.0 failed before",
        ),
        (
            "so is a skipped one",
            seen("1.0.0", State.SKIPPED),
            False,
            "remove 1.0.0 then install 2.0.0 (no update script); 1.0.0 was skipped before",
        ),
        (
            "a failed newer one goes down",
            seen("3.0.0", State.FAILED),
            True,
            "downgrade 3.0.0 -> 2.0.0: runs 2.0.0's update script; 3.0.0 failed before",
        ),
        (
            "trouble is said where scripts are unknown too",
            seen("1.0.0", State.FAILED),
            None,
            f"1.0.0 -> 2.0.0 {UNKNOWN}; 1.0.0 failed before",
        ),
        (
            "an outcome that nobody knows is no trouble",
            seen("1.0.0", State.UNKNOWN),
            True,
            "update 1.0.0 -> 2.0.0 (runs 2.0.0's update script)",
        ),
        (
            "a report without a version says nothing about one",
            seen("", State.UNKNOWN),
            True,
            "update 1.0.0 -> 2.0.0 (runs 2.0.0's update script)",
        ),
    ],
)
def test_the_guest_s_own_word_counts_more_than_the_model(
    row: str, guest: InGuest, has_update: bool | None, words: str
) -> None:
    scripts = None if has_update is None else Scripts(has_update)
    assert effect("nginx", Meant("1.0.0"), Meant("2.0.0"), scripts, guest) == f"nginx: {words}"


@pytest.mark.parametrize(
    ("row", "old", "guest", "words"),
    [
        ("as the model says", Meant("1.0.0"), None, "remove 1.0.0 (runs its remove script)"),
        ("what latest means", Meant("latest", "2.0.0"), None, "remove 2.0.0 (runs its remove script)"),
        ("what nobody knows", Meant("latest"), None, "remove latest (Azure picks it) (runs its remove script)"),
        (
            "what is really there",
            Meant("1.0.0"),
            seen("0.9.0", State.INSTALLED),
            "remove 0.9.0 (runs its remove script)",
        ),
        (
            "also what failed",
            Meant("1.0.0"),
            seen("1.0.0", State.FAILED),
            "remove 1.0.0 (runs its remove script); 1.0.0 failed before",
        ),
        (
            "what was skipped is only forgotten",
            Meant("1.0.0"),
            seen("1.0.0", State.SKIPPED),
            "forget 1.0.0: the remove script will not run (it was skipped before); an older one, if any, stays",
        ),
        (
            "half an install counts as one",
            Meant("1.0.0"),
            seen("1.0.0", State.UNKNOWN),
            "remove 1.0.0 (runs its remove script)",
        ),
    ],
)
def test_what_leaves_the_list(row: str, old: Meant, guest: InGuest | None, words: str) -> None:
    assert removal("nginx", old, guest) == f"nginx: {words}"


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2.0.0", "refers to latest and may move to 2.0.0 with this write"),
        ("", "refers to latest and may move with this write"),
    ],
)
def test_somebody_s_latest_may_move(now: str, words: str) -> None:
    assert may_move("tools/agent", now) == f"tools/agent: {words}"


def test_the_last_application_is_no_plain_removal() -> None:
    assert "deletes VMAppExtension" in LAST_ENTRY
