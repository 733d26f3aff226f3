"""Which requests a server takes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from servicenow_contract.contract.addresses import FORMS, address_of, addresses, instance, sys_id
from servicenow_contract.contract.fragment import Fragment, pointer
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.run.scene import Scene
from servicenow_contract.target.target import Target
from servicenow_contract.vectors import generated
from servicenow_contract.vectors.generated import Case

requirement = pytest.mark.requirement


@requirement("valid-request-accepted")
def test_plain_request(scene: Scene) -> None:
    """One finding, one ticket, one project: 200."""
    [ticket], [finding] = scene.tickets(1), scene.findings(1)
    response = scene.target.attach(ticket, [finding])
    expect.answered("a valid request", response, 200)


@requirement("valid-request-accepted")
def test_media_type_parameter(scene: Scene) -> None:
    """A charset parameter on the media type changes nothing."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    body = attach_body(ticket, findings, scene.world.project)
    content_type = f"{scene.target.contract.media_type}; charset=utf-8"
    response = scene.target.send(body, headers={"Content-Type": content_type})
    expect.answered(f"the media type {content_type!r}", response, 200)


@requirement("valid-request-accepted")
def test_media_type_letters(scene: Scene) -> None:
    """A media type is the same in capitals (RFC 9110, section 8.3.1)."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    body = attach_body(ticket, findings, scene.world.project)
    content_type = scene.target.contract.media_type.title()
    response = scene.target.send(body, headers={"Content-Type": content_type})
    expect.answered(f"the media type {content_type!r}", response, 200)


def _escaped(text: str) -> str:
    """The same JSON with the letter `f` of its strings escaped."""
    return text.replace("f", r"\u0066")


_SPELLINGS: dict[str, Callable[[Any], str]] = {
    "on many lines": lambda body: json.dumps(body, indent="\t").replace("\n", "\r\n"),
    "without blanks": lambda body: json.dumps(body, separators=(",", ":")),
    "with escaped letters": lambda body: _escaped(json.dumps(body)),
    "with escaped slashes": lambda body: json.dumps(body).replace("/", r"\/"),
    "in another order": lambda body: json.dumps({"data": dict(reversed(body["data"].items()))}),
}


@requirement("valid-request-accepted")
@pytest.mark.parametrize("name", _SPELLINGS)
def test_spelling(scene: Scene, name: str) -> None:
    """The same JSON, written otherwise (RFC 8259), is the same request."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    body = attach_body(ticket, findings, scene.world.project)
    response = scene.target.send(content=_SPELLINGS[name](body).encode())
    expect.answered(f"JSON written {name}", response, 200)


@requirement("ids-of-any-letters-accepted")
def test_long_id(scene: Scene) -> None:
    """The page bounds no id: one of a hundred letters is as good as another."""
    ticket = scene.made_up_ticket("long-ids")
    response = scene.target.attach(ticket, [f"{'TG9uZy' * 16}bG8="])
    expect.answered("a long id", response, 200)


@requirement("ids-of-any-letters-accepted")
@pytest.mark.parametrize("text", ["Zürich", "東京", "e\u0301", "\N{GRINNING FACE}", "a finding"])
@pytest.mark.parametrize("name", ["finding", "project"])
def test_ids_of_any_letters(scene: Scene, name: str, text: str) -> None:
    """A server that takes ids which nobody made takes them in any script."""
    ticket, [finding] = scene.made_up_ticket("any-letters"), scene.findings(1)
    if name == "finding":
        response = scene.target.attach(ticket, [text])
    else:
        response = scene.target.attach(ticket, [finding], project=text)
    expect.answered(f"the {name} {text!r}", response, 200)


@requirement("valid-request-accepted")
@pytest.mark.from_contract(
    "case",
    lambda contract: generated.coverage(contract, GenerationMode.POSITIVE),
    ids=generated.label,
)
def test_boundaries(target: Target, contract: Fragment, case: Case) -> None:
    """Each valid boundary case of schemathesis is answered 200, or 404 for what it names."""
    target.needs_open_world()
    body = generated.documented(contract, case.body)
    response = target.send(generated.at_home(body, target.world.tickets[0]))
    expect.answered("a valid boundary case", response, 200, 404)


@pytest.fixture(scope="session")
def documented_bodies(contract: Fragment) -> st.SearchStrategy[Any]:
    """Made before the test: what Hypothesis draws in the first case is drawn in the others, too."""
    return generated.documented_bodies(contract)


@requirement("valid-request-accepted")
@given(data=st.data())
def test_random_valid_requests(
    target: Target, documented_bodies: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    """Whatever the page documents is answered 200, or 404 for what it names."""
    target.needs_open_world()
    body = data.draw(documented_bodies)
    response = target.send(generated.at_home(body, target.world.tickets[0]))
    expect.answered("a request that the page documents", response, 200, 404)


@requirement("unknown-members-accepted")
@given(members=generated.unlisted_members(attach_body("a ticket", ["a finding"], "a project")))
def test_random_unknown_members(scene: Scene, members: Mapping[str, Mapping[str, Any]]) -> None:
    """Members of any name and type, anywhere in a request, are no reason to refuse."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    body = attach_body(ticket, findings, scene.world.project)
    response = scene.target.send(generated.with_members(body, members))
    expect.answered("a request with members that the page does not list", response, 200)


@requirement("address-of-the-page-accepted")
def test_address_of_the_page(scene: Scene) -> None:
    """An address of the form that the page shows is accepted, whichever others are."""
    ticket = address_of(instance(scene.world.tickets[0]), sys_id(scene.world.tickets[0]))
    response = scene.target.attach(ticket, scene.findings(1))
    expect.answered("an address of the form that the page shows", response, 200)


@requirement("every-address-of-an-incident-accepted")
@pytest.mark.parametrize("form", FORMS)
def test_addresses(scene: Scene, form: str) -> None:
    """Each form of an incident's address is accepted."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    response = scene.target.attach(addresses(ticket)[form], findings)
    expect.answered(f"the address {addresses(ticket)[form]}", response, 200)


@requirement("every-address-of-an-incident-accepted")
def test_address_in_capitals(scene: Scene) -> None:
    """The hexadecimal digits of a sys_id may be written in capitals."""
    ticket = scene.made_up_ticket("in capitals")
    address = ticket.replace(sys_id(ticket), sys_id(ticket).upper())
    response = scene.target.attach(address, [scene.made_up_finding("in capitals")])
    expect.answered(f"the address {address}", response, 200, 404)


@requirement("every-address-of-an-incident-accepted")
@pytest.mark.parametrize("length", [500, 1000, 2000])
def test_long_addresses(scene: Scene, length: int) -> None:
    """The page bounds no address: what a browser shows behind the sys_id may be long."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    address = f"{addresses(ticket)['classic']}&sysparm_query=active=true"
    address += "^ORDERBYnumber" * ((length - len(address)) // 14 + 1)
    response = scene.target.attach(address, findings)
    expect.answered(f"the address {address}", response, 200)


@requirement("every-address-of-an-incident-accepted")
@pytest.mark.parametrize("name", ["dev12345", "acme-it", "x2", "UPPER", "a.b", 63 * "n"])
def test_addresses_of_instances(scene: Scene, name: str) -> None:
    """The instance may have any name that a host can have; a server may know no such instance."""
    ticket = scene.ticket_of(name)
    for address in (ticket, addresses(ticket)["framed and encoded"]):
        response = scene.target.attach(address, [scene.made_up_finding("of an instance")])
        expect.answered(f"the address {address}", response, 200, 404)


@requirement("findings-up-to-the-limit-accepted")
@pytest.mark.parametrize("below", [1, 0])
def test_most_findings(scene: Scene, below: int) -> None:
    """One finding less than the limit is accepted, and so is the limit."""
    count = scene.target.contract.max_findings - below
    findings = scene.findings(count)
    ticket = scene.vacant_ticket(findings)
    response = scene.target.attach(ticket, findings)
    expect.answered(f"a request with {count} findings", response, 200)
    scene.empty(ticket, findings)


@requirement("unknown-members-accepted")
@pytest.mark.parametrize("path", [(), ("data",), ("data", "attributes"), ("data", "relationships")])
def test_unknown_members(scene: Scene, path: tuple[str, ...]) -> None:
    """A member that the page does not list is no reason to refuse."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    body = attach_body(ticket, findings, scene.world.project)
    later = {pointer(*path): {"a_member_of_tomorrow": {"any": ["value"]}}}
    response = scene.target.send(generated.with_members(body, later))
    expect.answered(
        f"a request with a member that the page does not list in {pointer(*path) or '/'}",
        response,
        200,
    )


@requirement("no-findings-accepted")
@pytest.mark.parametrize("absent", [False, True])
def test_no_findings(scene: Scene, absent: bool) -> None:
    """An empty list of findings is accepted, and so is none."""
    [ticket] = scene.tickets(1)
    body = attach_body(ticket, [], scene.world.project)
    if absent:
        del body["data"]["relationships"]["findings"]["data"]
    response = scene.target.send(body)
    expect.answered("a request without findings", response, 200)
