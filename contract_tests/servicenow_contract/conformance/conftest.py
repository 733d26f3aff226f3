"""What the conformance tests are given: the target of the run, and a scene of its world."""

from collections.abc import Iterator

import pytest

from servicenow_contract.run.runner import target_of
from servicenow_contract.run.scene import Scene
from servicenow_contract.target.target import Target


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Iterator[Target]:
    """The server that this run judges; without a run of its own, the embedded reference service."""
    judged = target_of(pytestconfig)
    with judged.client:
        yield judged


@pytest.fixture(scope="session")
def scene(target: Target) -> Scene:
    """The tickets and findings that the tests act with."""
    return Scene(target)
