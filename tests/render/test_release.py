"""What a release did, in words and as JSON."""

from __future__ import annotations

import json

from vmapps.core.release import Edit, Release, Stored
from vmapps.render import release_json, release_text

SHA = "9f" * 32
EDITS = (
    Edit("m/a.yaml", 7, "x/1.0.1", "", "copied from 1.0.0"),
    Edit("m/b.yaml", 3, "VMAssignment/w", "1.0.0", "1.0.1"),
)
DONE = Release("platform/nginx", "1.0.1", (Stored("n.tar.gz", SHA, 5, uploaded=True),), EDITS, ("a note\x1b",))
AGAIN = Release("platform/nginx", "1.0.1", (Stored("n.tar.gz", SHA, 5, uploaded=False),), ())


def test_what_was_done_and_what_comes_next() -> None:
    assert release_text.to_text(DONE).splitlines() == [
        "Released platform/nginx 1.0.1.",
        f"uploaded n.tar.gz (5 bytes, sha256 {SHA})",
        "edited m/a.yaml:7: x/1.0.1: copied from 1.0.0",
        "edited m/b.yaml:3: VMAssignment/w: 1.0.0 -> 1.0.1",
        "a note\\x1b",
        "Nothing was sent to ARM: commit this, and the next apply publishes it.",
    ]


def test_nothing_was_changed() -> None:
    assert release_text.to_text(AGAIN).splitlines() == [
        "platform/nginx 1.0.1 is released already: nothing was changed.",
        f"stored already n.tar.gz (5 bytes, sha256 {SHA})",
    ]


def test_json_holds_the_same() -> None:
    assert json.loads(release_json.to_json(DONE)) == {
        "formatVersion": 1,
        "application": "platform/nginx",
        "version": "1.0.1",
        "packages": [{"file": "n.tar.gz", "sha256": SHA, "size": 5, "uploaded": True}],
        "edits": [
            {"file": "m/a.yaml", "line": 7, "about": "x/1.0.1", "before": None, "after": "copied from 1.0.0"},
            {"file": "m/b.yaml", "line": 3, "about": "VMAssignment/w", "before": "1.0.0", "after": "1.0.1"},
        ],
        "notes": ["a note\x1b"],
        "changed": True,
    }
    assert json.loads(release_json.to_json(AGAIN))["changed"] is False
