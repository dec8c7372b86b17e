from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import gallery_id, machine, observed, reference, resource_id
from vmapps.core.resource import Link, Reference, World, without_secrets

BLOB = "https://acc.blob.core.windows.net/c/app.zip"
SECRET = "c4n4ry"


@given(st.text(st.characters(codec="utf-8"), max_size=12), st.sampled_from(["https://", "http://[", "//", "", "x:"]))
def test_any_text_has_a_form_without_its_query(text: str, start: str) -> None:
    shown = without_secrets(start + text + f"?sig={SECRET}")
    assert SECRET not in shown
    assert Link(shown).key == Link(shown).key


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"{BLOB}?sv=1&sig={SECRET}", BLOB),
        (f"https://user:{SECRET}@acc.blob.core.windows.net/c/app.zip", BLOB),
        (f"{BLOB}#{SECRET}", BLOB),
        (f"{BLOB}?versionid=2024-01-01&sig={SECRET}", f"{BLOB}?versionid=2024-01-01"),
        (f"{BLOB}?snapshot=7&sig={SECRET}", f"{BLOB}?snapshot=7"),
        ("http://127.0.0.1:10000/acc/c/app.zip?sig=1", "http://127.0.0.1:10000/acc/c/app.zip"),
        ("http://[::1]:10000/acc/c/app.zip?sig=1", "http://[::1]:10000/acc/c/app.zip"),
        (f"/relative?sig={SECRET}", "/relative"),
        (f"http://[::1/c?sig={SECRET}", "http://[::1/c"),
        (f"http://user:{SECRET}@[::1/c", "[::1/c"),
        (f"https://acc:99999/c?sig={SECRET}", "https://acc:99999/c"),
    ],
)
def test_urls_are_shown_without_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
    assert SECRET not in without_secrets(url)


def test_a_link_that_is_no_url_still_compares() -> None:
    assert Link("http://[::1/c").key == "http://[::1/c"


@pytest.mark.parametrize("version", ["1.0.0", "latest"])
def test_a_reference_names_a_version(version: str) -> None:
    found = Reference.parse(str(reference(version).id))
    assert found == reference(version)
    assert found is not None
    assert found.key == (gallery_id().key, "nginx")


@pytest.mark.parametrize("text", ["", "nginx", str(gallery_id()), str(resource_id("platform", "nginx"))])
def test_other_ids_are_no_reference(text: str) -> None:
    assert Reference.parse(text) is None


@pytest.mark.parametrize(
    ("state", "busy", "sound"),
    [
        ("Succeeded", False, True),
        ("", False, True),
        ("Creating", True, True),
        ("Updating", True, True),
        ("Deleting", True, True),
        ("Failed", False, False),
        ("Canceled", False, False),
    ],
)
def test_states(state: str, busy: bool, sound: bool) -> None:
    one = observed("platform", state=state)
    assert (one.is_busy, one.is_sound) == (busy, sound)


def test_a_world_sorts_what_was_seen() -> None:
    seen = [machine(name="b"), observed("platform"), machine(name="a"), observed("platform", "nginx")]
    world = World.of(iter(seen))
    assert world == World.of(iter(reversed(seen)))
    assert [str(address) for address in world.machines] == ["VirtualMachine/rg-web/a", "VirtualMachine/rg-web/b"]
    assert len(world.resources) == 2
