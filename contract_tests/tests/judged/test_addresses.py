"""Kit, client, service and fragment read one table of addresses, each by its own means."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_servicenow_tickets._ticket_url import problem
from servicenow_contract.contract.addresses import (
    FORMS,
    Standing,
    address_of,
    addresses,
    incident,
    standing,
)
from servicenow_contract.service.state import Ticket
from servicenow_contract.vectors.look_alikes import look_alikes
from tests.contract import FRAGMENT

ID = "0123456789abcdef0123456789ABCDEF"
HOST = "https://acme.service-now.com"
_FRAME = f"{HOST}/now/nav/ui/classic/params/target/"
TICKET = address_of("acme", ID)
_VALIDATOR = FRAGMENT.validator("/components/schemas/TicketAttributes")

CERTAIN = (
    *addresses(TICKET).values(),
    f"{HOST}/incident.do?sysparm_view=ess&sys_id={ID}&sysparm_stack=incident_list.do%3Fx%3Dy",
    f"{HOST}/incident.do?sys_id={ID}&sysparm_stack=problem_list.do%3Fsysparm_query%3Dactive",
    f"{_FRAME}incident.do?sys_id={ID}&sysparm_domain=null&sysparm_domain_scope=null",
    f"{_FRAME}incident.do%3Fsysparm_view%3Dess%26sys_id%3D{ID}",
    f"{_FRAME}/incident.do?sys_id={ID}",
    f"{HOST}/nav_to.do?uri=%2fincident.do%3fsys_id%3d{ID}",
    f"{HOST}/nav_to.do?uri=incident.do?sys_id%3D{ID}",
    f"{HOST}/now/sow/record/incident/{ID}/",
    f"{HOST}/now/sow/record/incident/{ID}/params/selected-tab-index/1/a/b",
    f"{HOST}/now/workspace/agent/record/incident/{ID}?x=1",
    f"{HOST}/csm?table=incident&sys_id={ID}&view=sp",
    "https://ACME.Service-Now.Com/incident.do?sys_id=" + ID,
    "hTTps://acme.service-now.com/incident.do?sys_id=" + ID,
)
OPEN = (
    f"{HOST}/incident.do?sysparm_query=number=INC0010023",
    f"{HOST}/nav_to.do?uri=incident.do%3Fsysparm_query%3Dnumber%3DINC0010023",
    f"{HOST}/incident_list.do?sysparm_query=sys_id={ID}",
    f"{_FRAME}incident_list.do%3Fsysparm_query%3Dsys_id%3D{ID}",
    f"{HOST}/task.do?sys_id={ID}",
    f"{HOST}/$m.do#/incident/{ID}",
    f"{HOST}/api/now/table/incident/{ID}",
    f"{HOST}/api/now/v2/table/incident/{ID}",
    f"{HOST}/login_redirect.do?sysparm_url=incident.do%3Fsys_id%3D{ID}",
    f"{HOST}/login_redirect.do?sysparm_url=nav_to.do%3Furi%3Dincident.do%253Fsys_id%253D{ID}",
    f"http://acme.service-now.com/incident.do?sys_id={ID}",
    f"{HOST}:443/incident.do?sys_id={ID}",
    f"{HOST}:8443/incident.do?sys_id={ID}",
    f"{HOST}:/incident.do?sys_id={ID}",
    f"{HOST}/incident.do?sys_id={ID}#tab",
    f"{HOST}/now/sow/record/incident/{ID}#tab",
    f"{HOST}/incident.do?sys_id=01234567-89ab-cdef-0123-456789abcdef",
    f"{HOST}/incident.do?sys_id={ID[:-1]}",
    f"{HOST}/incident.do?sys_id={ID}0",
    f"{HOST}/incident.do?sys_id={ID}&sys_id={ID[::-1]}",
    f"{HOST}/incident.do?sys_id={ID}&x=a b|c",
    f'{HOST}/incident.do?sys_id={ID}&x="<\u00e9>%',
    f"{HOST}/incident.do?sys_id={ID} please",
    f"{HOST}/sp?sys_id={ID}&id=form&table=task",
    f"https://acme_dev.service-now.com/incident.do?sys_id={ID}",
    f"https://-acme.service-now.com/incident.do?sys_id={ID}",
    f"{HOST}/a/../incident.do?sys_id={ID}",
)
UNTOLD = (
    f"{HOST}/short/{ID}",
    f"{HOST}/?sys_id={ID}",
    f"{HOST}/now/nav/ui/home",
    f"{HOST}/Incident.do?sys_id={ID}",
)
"""Nobody can tell these either, and no pattern could take them without taking everything."""
NONE = (
    *dict.fromkeys(each for _, each in look_alikes(TICKET)),
    f"https://acme.service-now.com\\@evil.example/incident.do?sys_id={ID}",
    f"https://[::1/incident.do?sys_id={ID}",
    f"{HOST}/problem.do?sys_id={ID}",
    f"{HOST}/now/sir/record/sn_si_incident/{ID}",
    f"{HOST}/api/now/table/problem/{ID}",
    f"{HOST}/incident.do?",
)
BLANKS = tuple(f"{before}{TICKET}{after}" for before, after in ((" ", ""), ("", "\n"), ("\t", " ")))
"""Open by the page's words; the client refuses them with a word about the blanks."""


def _taken(address: str) -> Ticket | None:
    """What the reference service reads in an address."""
    try:
        return Ticket.from_url(address)
    except ValueError:
        return None


def _matches(address: str) -> bool:
    return _VALIDATOR.accepts({"servicenow_ticket_url": address})


@pytest.mark.parametrize("address", CERTAIN)
def test_certainly_an_incident(address: str) -> None:
    """All four take it; kit and service find the same incident in it."""
    ticket = _taken(address)
    assert standing(address) is Standing.CERTAIN
    assert ticket is not None
    assert incident(address) == (f"{ticket.key[0]}.service-now.com", ticket.key[1])
    assert incident(address) == incident(TICKET)
    assert (ticket.table, ticket.url) == ("incident", address)
    assert problem(address) is None
    assert _matches(address)


@pytest.mark.parametrize("address", [*OPEN, *UNTOLD])
def test_nobody_can_tell(address: str) -> None:
    """The kit asks about none, and the client sends all; the pattern takes what it can tell."""
    assert standing(address) is Standing.OPEN
    assert problem(address) is None
    assert _matches(address) is (address in OPEN)
    with pytest.raises(ValueError, match="not certainly"):
        incident(address)


@pytest.mark.parametrize("address", NONE, ids=ascii)
def test_certainly_no_incident(address: str) -> None:
    """All four refuse it."""
    assert standing(address) is Standing.NONE
    assert _taken(address) is None
    assert problem(address) is not None
    assert not _matches(address)


@pytest.mark.parametrize("address", BLANKS, ids=ascii)
def test_blanks_around(address: str) -> None:
    """The client says that blanks are there; to the suite they prove nothing."""
    assert standing(address) is Standing.OPEN
    assert "blanks" in str(problem(address))


_PARAMETERS = st.lists(
    st.builds(
        lambda name, value: f"{name}={quote(value)}",
        st.from_regex("sysparm_[a-z]{1,9}", fullmatch=True),
        st.text(),
    ),
    max_size=4,
)


@given(
    name=st.from_regex("[a-zA-Z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True),
    record=st.from_regex("[0-9a-fA-F]{32}", fullmatch=True),
    form=st.sampled_from(list(FORMS.values())),
    parameters=_PARAMETERS,
)
def test_any_incident(name: str, record: str, form: str, parameters: list[str]) -> None:
    """Whatever instance, record and later parameters: every reader takes every form as one."""
    address = address_of(name, record, form)
    if "?" in form and "%26" not in form:
        address = "&".join([address, *parameters])
    assert standing(address) is Standing.CERTAIN
    ticket = _taken(address)
    assert ticket is not None
    assert incident(address) == (f"{name.lower()}.service-now.com", record.lower())
    assert ticket.key == (name.lower(), record.lower())
    assert problem(address) is None
    assert _matches(address)


@given(
    st.text()
    | st.text(st.sampled_from("/?#&=%.-:@_ ~+;incdets_lo0123456789abF\u017f\u212a")).map(
        f"{HOST}/".__add__
    )
    | st.builds("{}{}".format, st.sampled_from(CERTAIN), st.text())
    | st.builds(
        lambda address, place, other: (
            address[: place % len(address)] + other + address[place % len(address) + 1 :]
        ),
        st.sampled_from([*CERTAIN, *OPEN]),
        st.integers(0, 200),
        st.text(max_size=2),
    )
)
def test_readers_agree_on_any_text(address: str) -> None:
    """What is certain to the kit the others take; what is none to it they refuse; in any text."""
    found = standing(address)
    said = problem(address)
    if "blanks" not in str(said):
        assert (said is not None) is (found is Standing.NONE)
    if found is Standing.CERTAIN:
        assert _matches(address)
    assert (_taken(address) is not None) is (found is Standing.CERTAIN)
