"""Kit, client, service and fragment read one table of addresses, each by its own means."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_servicenow_tickets._messages.ticket_url import problem
from servicenow_contract.contract.addresses import (
    FORMS,
    Standing,
    address_of,
    incident,
    standing,
)
from servicenow_contract.service.state import Ticket
from tests.addresses import BLANKS, CERTAIN, HOST, NONE, OPEN, TICKET, UNTOLD
from tests.contract import FRAGMENT

_VALIDATOR = FRAGMENT.validator("/components/schemas/TicketAttributes")


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
    """The client says that spaces are around it; to the suite they prove nothing."""
    assert standing(address) is Standing.OPEN
    assert "spaces around it" in str(problem(address))


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
    if "spaces around it" not in str(said):
        assert (said is not None) is (found is Standing.NONE)
    if found is Standing.CERTAIN:
        assert _matches(address)
    assert (_taken(address) is not None) is (found is Standing.CERTAIN)
