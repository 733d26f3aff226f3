"""No server is accused of using a freedom that the page leaves, but for a list to be emptied."""

from collections.abc import Mapping

import pytest

from servicenow_contract.mutants import Mutant, catalogue, freedoms, judge
from tests.contract import CONTRACT, FRAGMENT

ACCUSED: Mapping[str, str] = {
    "shows_findings_late": "answer-lists-every-finding",
    "refuses_to_change_the_project": "answer-names-the-project",
    "misses_the_ticket_in_another_project": "answer-names-the-project",
    "refuses_doubles": "valid-request-accepted",
    "counts_doubles_once": "findings-over-the-limit-refused",
    "knows_one_instance": "valid-request-accepted",
}
"""The conforming servers that are accused today, and the requirement that accuses each first.

An accusation that stops leaves the table with the change that stops it; none is added.
"""


@pytest.mark.parametrize("server", freedoms.TABLE, ids=lambda each: each.name)
def test_only_the_listed_freedoms_are_accused(server: Mutant) -> None:
    """Of the conforming servers, those listed fail a MUST, and no others do."""
    [death] = judge(CONTRACT, [server])
    assert not death.trouble
    accused = [ACCUSED[server.name]] if server.name in ACCUSED else []
    assert list(death.killed_by[:1]) == accused


def test_no_freedom_is_listed_that_is_gone() -> None:
    """Each accusation is of a server in the table."""
    assert ACCUSED.keys() <= {each.name for each in freedoms.TABLE}


def test_freedoms_have_names_of_their_own() -> None:
    """No freedom is called like a mutant or like another freedom."""
    names = [each.name for each in freedoms.TABLE]
    assert len(set(names)) == len(names)
    assert not set(names) & set(catalogue(FRAGMENT))
