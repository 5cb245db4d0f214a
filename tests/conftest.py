"""Fixtures for every test. The rig's own come in as plugins; Handrail's are below."""

import os
from collections.abc import Iterator

import pytest

from service.config import Settings
from tests.rig.network import close_the_network

pytest_plugins = ["tests.rig.availability", "tests.rig.databases", "tests.rig.browser", "tests.rig.world"]


@pytest.fixture(scope="session", autouse=True)
def closed_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        close_the_network(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """What is exported where the tests run is not what they test with."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.lower() in Settings.model_fields]:
            patch.delenv(name)
        yield


# Handrail's own fixtures: settings, database, clock, gateway, app, client, coordinator.
