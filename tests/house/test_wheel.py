"""What is installed from the wheel is the whole product: commands, schemas, types."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built here and unpacked: a wheel of pure Python is installed by unpacking it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys; sys.path.insert(0, {str(installed)!r}); from vmapps.__main__ import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=installed, check=False, capture_output=True, text=True)


def test_the_schemas_are_in_the_wheel(installed: Path) -> None:
    answer = run(installed, "schema", "Gallery")
    assert answer.returncode == 0, answer.stderr
    assert '"apiVersion"' in answer.stdout


def test_the_type_marker_and_the_licence_are_in_the_wheel(installed: Path) -> None:
    assert (installed / "vmapps" / "py.typed").is_file()
    assert list(installed.glob("vmapps-*.dist-info/licenses/LICENSE"))


def test_the_installed_command_validates_the_examples(installed: Path) -> None:
    answer = run(installed, "validate", str(REPOSITORY / "examples" / "manifests"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
