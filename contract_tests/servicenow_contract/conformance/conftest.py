"""What the conformance tests are given: the contract, the target of the run, and a scene."""

from collections.abc import Generator, Iterator

import pytest

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.verdict import NotShown
from servicenow_contract.run.given import (
    contract,
    pytest_configure,
    pytest_generate_tests,
    whole_contract,
)
from servicenow_contract.run.judge_plugin import TARGET
from servicenow_contract.run.scene import Scene
from servicenow_contract.run.stage import Stage
from servicenow_contract.target.target import Target, embedded

__all__ = ["contract", "pytest_configure", "pytest_generate_tests", "whole_contract"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """A test whose answer does not show what it asks for is left out."""
    try:
        yield
    except NotShown as nothing:
        pytest.skip(str(nothing))


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config, contract: Fragment) -> Iterator[Target]:  # the fixture
    """The server that this run judges; without a run of its own, the embedded reference service."""
    judged = pytestconfig.stash[TARGET] if TARGET in pytestconfig.stash else embedded(contract)
    with judged.client:
        yield judged


@pytest.fixture(scope="session")
def scene(target: Target) -> Scene:
    """The tickets and findings that the tests act with."""
    return Scene(target)


@pytest.fixture(scope="session")
def stage(scene: Scene) -> Stage:
    """Tickets in every state."""
    return Stage(scene)
