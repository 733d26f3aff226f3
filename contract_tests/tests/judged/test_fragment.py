"""The fragment is valid, agrees with its examples, and tells a ticket's address from others."""

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from servicenow_contract.contract import fragment
from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.vectors.rules import Vector, vectors
from tests.addresses import CERTAIN, OPEN
from upkeep.drift import command as docs_check

requirement = pytest.mark.requirement
_NAME = "attach-security-findings-to-a-servicenow-ticket.md"
PAGE = Path(__file__).parents[4] / "shared" / "documentation" / _NAME


def _page() -> Path:
    """The saved page; a test that needs it says that it did not run where there is none."""
    if not PAGE.exists():
        pytest.skip(f"the page is not here: {PAGE}")
    [known] = yaml.safe_load((fragment.folder() / "sources.yaml").read_text(encoding="utf-8"))
    if hashlib.sha256(PAGE.read_bytes()).hexdigest() != known["sha256"]:
        pytest.skip(f"the fragment was written from another page than {PAGE}")
    return PAGE


@requirement("fragment-is-openapi")
def test_valid(contract: Fragment) -> None:
    """openapi-spec-validator finds nothing wrong."""
    problems = [
        error.message for error in OpenAPIV31SpecValidator(dict(contract.document)).iter_errors()
    ]
    assert problems == []


@requirement("fragment-says-what-the-page-says")
def test_page(capsys: pytest.CaptureFixture[str]) -> None:
    """`check-docs` finds no difference between the saved page and the fragment."""
    code = docs_check.main([str(_page())])
    assert code == 0, capsys.readouterr().out


def test_requirements_quote_the_page(whole_contract: Contract) -> None:
    """The words that a requirement rests on stand on the page, letter by letter."""
    text = _page().read_text(encoding="utf-8")
    quoted = {each.id: each.words for each in whole_contract.requirements.values() if each.words}
    assert [name for name, words in quoted.items() if words not in text] == []


@requirement("examples-satisfy-their-schemas")
def test_request_example(contract: Fragment) -> None:
    """The example of a request satisfies its schema."""
    validator = contract.validator(contract.request_schema)
    assert list(validator.problems(contract.request_example)) == []


@requirement("examples-satisfy-their-schemas")
@pytest.mark.from_contract("status", lambda contract: contract.statuses)
def test_answer_examples(contract: Fragment, status: int) -> None:
    """The example of each answer satisfies its schema."""
    validator = contract.validator(contract.response_schema(status))
    assert list(validator.problems(contract.response_example(status))) == []


@requirement("ticket-url-pattern-tells-incidents-apart")
@pytest.mark.parametrize("address", [*CERTAIN, *OPEN])
def test_addresses(contract: Fragment, address: str) -> None:
    """What may be an incident's address matches, for Python's `re` as for the validator."""
    validator = contract.validator("/components/schemas/TicketAttributes")
    assert validator.accepts({"servicenow_ticket_url": address})
    assert re.search(contract.ticket_url_pattern, address)


def _of_the_pattern(contract: Fragment) -> Sequence[Vector]:
    return [each for each in vectors(contract, DEFAULT_WORLD) if each.keyword == "pattern"]


@requirement("ticket-url-pattern-tells-incidents-apart")
@pytest.mark.from_contract("vector", _of_the_pattern, ids=lambda each: ascii(each.name))
def test_look_alikes(contract: Fragment, vector: Any) -> None:
    """No look-alike matches, for Python's `re` as for the validator."""
    address = vector.body["data"]["attributes"]["servicenow_ticket_url"]
    assert not re.search(contract.ticket_url_pattern, address)
    assert [problem.keyword for problem in vector.proof(contract)] == ["pattern"]


@pytest.mark.parametrize(
    "hostile",
    [
        "https://" + "a." * 5000 + "service-now.com/x",
        "https://a.service-now.com" + "/incident.do" * 500,
        "https://a.service-now.com" + "/" * 9000,
        "https://a.service-now.com/" + "%25" * 3000,
        "https://a.service-now.com/" + "abcd" * 2000,
    ],
    ids=lambda each: each[-12:],
)
def test_pattern_is_quick(contract: Fragment, hostile: str) -> None:
    """A long hostile address is refused within a second, by Python's `re`, too."""
    began = time.process_time()
    assert not re.search(contract.ticket_url_pattern, hostile)
    assert time.process_time() - began < 1


def _schemas(contract: Fragment) -> Iterator[tuple[str, Any]]:
    yield from contract.document["components"]["schemas"].items()


def test_objects_are_open(contract: Fragment) -> None:
    """No object refuses members that the page does not list."""
    for name, schema in _schemas(contract):
        assert schema.get("additionalProperties", True) is not False, name


def test_components_are_used(contract: Fragment) -> None:
    """Every component is referred to; one that nothing uses would be a fact beyond the page."""
    text = str(contract.document)
    for name, _ in _schemas(contract):
        assert f"'#/components/schemas/{name}'" in text, name


def test_requirements_point_into_the_fragment(whole_contract: Contract) -> None:
    """Every requirement stands somewhere in the fragment."""
    for each in whole_contract.requirements.values():
        whole_contract.fragment.at(each.at)
