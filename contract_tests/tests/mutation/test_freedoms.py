"""No server is accused of using a freedom that the page leaves, but for a list to be emptied."""

from collections.abc import Mapping

from servicenow_contract.mutants import catalogue, freedoms, judge
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


def test_only_the_listed_freedoms_are_accused() -> None:
    """Of the conforming servers, those listed fail a MUST, and no others do."""
    deaths = judge(CONTRACT, freedoms.TABLE)
    assert [each.trouble for each in deaths if each.trouble] == []
    assert {each.mutant: each.killed_by[0] for each in deaths if each.killed_by} == ACCUSED


def test_freedoms_have_names_of_their_own() -> None:
    """No freedom is called like a mutant or like another freedom."""
    names = [each.name for each in freedoms.TABLE]
    assert len(set(names)) == len(names)
    assert not set(names) & set(catalogue(FRAGMENT))
