"""What tests are given of the contract: the fixture `contract`, and the parameters that it lists.

A conftest.py takes these by importing them.
"""

import pytest

from servicenow_contract.contract import contract as contracts
from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.fragment import Fragment

CONTRACT: pytest.StashKey[Contract] = pytest.StashKey()
"""The contract of the run that a pytest serves."""
_DONE: pytest.StashKey[bool] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "from_contract(names, values): as parametrize, with the values that a function gives for "
        "the fragment",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise the tests that ask for what the contract lists, each once."""
    if metafunc.definition.stash.get(_DONE, False):
        return  # another conftest.py took this, too
    metafunc.definition.stash[_DONE] = True
    for mark in metafunc.definition.iter_markers("from_contract"):
        names, values = mark.args
        metafunc.parametrize(names, values(whole(metafunc.config).fragment), **mark.kwargs)


def whole(config: pytest.Config) -> Contract:
    """The contract of the run; of a pytest that serves none, this kit's, read once."""
    if CONTRACT not in config.stash:
        config.stash[CONTRACT] = contracts.load()
    return config.stash[CONTRACT]


@pytest.fixture(scope="session")
def whole_contract(pytestconfig: pytest.Config) -> Contract:
    """The fragment with its requirements and deviations."""
    return whole(pytestconfig)


@pytest.fixture(scope="session")
def contract(whole_contract: Contract) -> Fragment:
    """The fragment."""
    return whole_contract.fragment
