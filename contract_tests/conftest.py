"""What this repository's own tests share."""

import pytest

from servicenow_contract.contract.fragment import Fragment, load
from servicenow_contract.run import profiles


def pytest_configure() -> None:
    """Generate as much as CI does, unless a conformance run said otherwise before."""
    profiles.use("ci")


@pytest.fixture(scope="session")
def contract() -> Fragment:
    """The fragment."""
    return load()
