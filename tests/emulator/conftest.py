from collections.abc import Iterator

import pytest

from emulator.arm import GROUP, Arm


@pytest.fixture
def empty() -> Iterator[Arm]:
    """An emulator with nothing in it."""
    arm = Arm()
    yield arm
    arm.close()


@pytest.fixture
def arm(empty: Arm) -> Arm:
    """An emulator with one resource group."""
    empty.done("PUT", GROUP, {"location": "eastus"})
    empty.control("DELETE", "requests")
    return empty


@pytest.fixture
def blobs() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    from emulator.arm import storage

    with storage() as served:
        yield served
