"""One stage and one undisturbed run for all tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import azurite_process
from soak.killed import Model, undisturbed
from soak.stage import Stage, staged


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with azurite_process.running() as account, staged(tmp_path_factory.mktemp("soak"), account) as ready:
        yield ready


@pytest.fixture(scope="session")
def model(stage: Stage) -> Model:
    return undisturbed(stage)
