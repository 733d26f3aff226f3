"""What this repository's own tests share."""

import pytest

from servicenow_contract.run import given, profiles
from servicenow_contract.run.given import contract, pytest_generate_tests, whole_contract

__all__ = ["contract", "pytest_generate_tests", "whole_contract"]


def pytest_configure(config: pytest.Config) -> None:
    """Generate as much as CI does, unless a conformance run said otherwise before."""
    given.pytest_configure(config)
    profiles.use("ci")
