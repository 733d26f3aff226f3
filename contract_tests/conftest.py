"""What this repository's own tests share."""

import pytest

from servicenow_contract import profiles
from servicenow_contract.fragment import Fragment, load


def pytest_configure() -> None:
    """Generate as much as CI does, unless a conformance run said otherwise before."""
    profiles.use("ci")


@pytest.fixture(scope="session")
def contract() -> Fragment:
    """The fragment."""
    return load()
