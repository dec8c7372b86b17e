"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_every_make_target_it_names_exists() -> None:
    named = set(re.findall(r"^make ([a-z-]+)", "\n".join(blocks("sh")), re.MULTILINE))
    assert named
    assert named <= TARGETS


def test_every_command_it_names_exists() -> None:
    named = set(re.findall(r"^vmapps ([a-z]+)", "\n".join(blocks("sh")), re.MULTILINE))
    vmapps = Path(sys.executable).parent / "vmapps"
    for command in sorted(named):
        subprocess.run([vmapps, command, "--help"], check=True, capture_output=True)


def test_every_file_it_points_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert not [link for link in links if not (REPOSITORY / link).exists()]


@pytest.mark.timeout(300)
def test_its_transcript_is_what_the_demo_prints() -> None:
    demo = subprocess.run([sys.executable, "tools/demo.py"], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    (transcript,) = blocks("text")
    assert transcript.strip() in demo.stdout
