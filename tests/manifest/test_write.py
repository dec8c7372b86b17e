"""Documents as text: people like to read them, and they read back as what they were."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmapps.core.exporting.result import Piece
from vmapps.kinds.fit import UNWRITABLE
from vmapps.manifest.source import read
from vmapps.manifest.write import comment, document_text, text_of

GALLERY: dict[str, Any] = {"apiVersion": "vmapps/v1", "kind": "Gallery", "metadata": {"name": "platform"}}


def version(**spec: Any) -> dict[str, Any]:
    head = {"apiVersion": "vmapps/v1", "kind": "GalleryApplicationVersion", "metadata": {"name": "1.26.2"}}
    return {**head, "spec": spec}


def test_a_document_reads_well() -> None:
    written = document_text(
        version(
            tags={"b": "yes", "a": "1.0"},
            targetRegions=[{"regionalReplicaCount": 2, "name": "westeurope"}],
            settings={"packageFileName": "nginx.tar.gz"},
            manageActions={"remove": "sh remove.sh", "install": "tar -xzf nginx.tar.gz\nsh install.sh\n"},
            source={"mediaLink": "https://a.blob.core.windows.net/p/nginx.tar.gz"},
            location="West Europe",
            application="platform/nginx",
        )
    )
    assert written == dedent(
        """\
        apiVersion: vmapps/v1
        kind: GalleryApplicationVersion
        metadata:
          name: "1.26.2"
        spec:
          application: platform/nginx
          location: West Europe
          tags:
            a: "1.0"
            b: 'yes'
          source:
            mediaLink: https://a.blob.core.windows.net/p/nginx.tar.gz
          manageActions:
            install: |
              tar -xzf nginx.tar.gz
              sh install.sh
            remove: sh remove.sh
          settings:
            packageFileName: nginx.tar.gz
          targetRegions:
            - name: westeurope
              regionalReplicaCount: 2
        """
    )


def test_a_long_command_stays_on_one_line() -> None:
    command = "sh install.sh " + "--option value " * 40
    assert f"install: {command.strip()}\n" in document_text(version(manageActions={"install": command.strip()}))


@pytest.mark.parametrize("text", ["yes", "010", "1.26.2", "1e3", "0x1F", "2027-12-31", "~", "null", "=", "<<", "1_000"])
def test_what_may_be_taken_for_something_else_is_quoted(text: str) -> None:
    assert f"  description: {text}\n" not in document_text({**GALLERY, "spec": {"description": text}})


def test_comments_stand_above_their_document() -> None:
    pieces = [
        Piece("a.yaml", {**GALLERY, "spec": {}}, ("one thing",)),
        Piece("a.yaml", None, ("another has no document",)),
        Piece("a.yaml", {**GALLERY, "spec": {}}),
    ]
    text = text_of(pieces)
    head = "apiVersion: vmapps/v1\nkind: Gallery\nmetadata:\n  name: platform\nspec: {}\n"
    first, second = "# - one thing", "# - another has no document"
    title = "# Not said here, or not as it is in Azure:"
    assert text == f"{title}\n{first}\n{head}{title}\n{second}\n---\n{head}"
    assert len(read(text.encode(), "a.yaml")[0]) == 2


@given(st.lists(st.text(max_size=300), max_size=3))
def test_whatever_is_told_stays_a_comment(told: list[str]) -> None:
    lines = comment(told)
    assert all(line.startswith("#") for line in lines)
    trees, problems = read("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"), "a.yaml")
    assert (trees, problems) == ((), ())


def test_a_comment_keeps_a_secret() -> None:
    [_, line] = comment(["https://a/b?sv=1&sig=CANARY%3D is a link, sig%3DCANARY too"])
    assert "CANARY" not in line


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(lambda text: not UNWRITABLE.search(text))
values = st.recursive(
    st.one_of(texts, st.sampled_from(["1.0", "on", "a: b", "- x", "#", "a #b", " a", "a ", "\n", "a\n\nb", "\ta"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_written_reads_back(spec: dict[str, Any]) -> None:
    text = document_text({**GALLERY, "spec": spec})
    trees, problems = read(text.encode(), "a.yaml")
    assert problems == ()
    assert trees[0].value == {**GALLERY, "spec": spec}
