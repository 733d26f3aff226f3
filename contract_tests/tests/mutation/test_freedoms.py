"""No server is accused of using a freedom that the page leaves, but for one that is still."""

import pytest

from servicenow_contract.mutants import Mutant, catalogue, judge
from servicenow_contract.mutants.freedoms import freedoms
from tests.contract import CONTRACT, FRAGMENT

SERVERS = freedoms(FRAGMENT)
ACCUSED = {"shows_findings_late": "refused-request-changes-nothing"}
"""The conforming servers that are accused today, and the requirement that accuses each first."""


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_only_the_listed_freedoms_are_accused(server: Mutant) -> None:
    """Of the conforming servers, those listed fail a MUST, and no others do."""
    [death] = judge(CONTRACT, [server])
    assert not death.trouble
    accused = [ACCUSED[server.name]] if server.name in ACCUSED else []
    assert list(death.killed_by[:1]) == accused


def test_no_freedom_is_listed_that_is_gone() -> None:
    """Each accusation is of a server in the table."""
    assert ACCUSED.keys() <= SERVERS.keys()


def test_freedoms_have_names_of_their_own() -> None:
    """No freedom is called like a mutant."""
    assert not SERVERS.keys() & set(catalogue(FRAGMENT))
