"""What this repository's own tests share."""

import gc

import pytest

from servicenow_contract.contract.documents import ContractError
from servicenow_contract.run import given, profiles
from servicenow_contract.run.given import contract, pytest_generate_tests, whole_contract
from tests import contract as handed

__all__ = ["contract", "pytest_generate_tests", "whole_contract"]


def pytest_configure(config: pytest.Config) -> None:
    """Generate as much as CI does, unless a conformance run said otherwise before."""
    given.pytest_configure(config)
    profiles.use("ci")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the contract before any test is imported, and hand it to where no fixture reaches.

    Raises UsageError, so that a contract that cannot be used is one sentence.
    """
    try:
        read = given.whole(session.config)
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None
    handed.CONTRACT, handed.FRAGMENT = read, read.fragment


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays until the end.

    Each pytest that a test starts in this process collects twice, and would walk all of it.
    """
    gc.freeze()
