"""Which addresses of tickets the client sends, and which it refuses, and what it says then."""

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_servicenow_tickets import InvalidRequestError
from datadog_servicenow_tickets._messages import ticket_url
from datadog_servicenow_tickets._messages.ticket_url import problem
from tests.client.calls import CASE, MODES, REQUEST, answering, call

ID = "0123456789abcdef0123456789ABCDEF"
HOST = "https://acme.service-now.com"
_FRAME = "/now/nav/ui/classic/params/target/"
CERTAIN = [
    f"{HOST}{_FRAME}incident.do?sys_id={ID}",
    f"{HOST}{_FRAME}incident.do%3Fsys_id%3D{ID}%26sysparm_view%3Dess%26sysparm_stack%3D",
    f"{HOST}{_FRAME}incident.do?sys_id%3D{ID}",
    f"{HOST}{_FRAME}%2Fincident.do%3Fsys_id%3D{ID}",
    f"{HOST}/incident.do?sys_id={ID}",
    f"{HOST}/incident.do?sysparm_view=ess&sys_id={ID}&sysparm_stack=incident_list.do",
    f"{HOST}/nav_to.do?uri=incident.do?sys_id={ID}",
    f"{HOST}/nav_to.do?uri=%2Fincident.do%3Fsys_id%3D{ID}%26sysparm_stack%3Dx",
    f"{HOST}/now/sow/record/incident/{ID}",
    f"{HOST}/now/sow/record/incident/{ID}/params/selected-tab-index/1",
    f"{HOST}/now/workspace/agent/record/incident/{ID}",
    f"{HOST}/now/cwf/agent/record/incident/{ID}",
    f"{HOST}/sp?id=ticket&table=incident&sys_id={ID}",
    f"{HOST}/esc?id=ticket&is_new_order=true&table=incident&sys_id={ID}",
    f"HTTPS://Acme.Service-Now.com/incident.do?sys_id={ID}",
    f"https://a.b.service-now.com/incident.do?sys_id={ID}",
]
IN_BETWEEN = [
    f"{HOST}/incident.do?sysparm_query=number=INC0010023",
    f"{HOST}/nav_to.do?uri=incident.do?sysparm_query=number=INC0010023",
    f"{HOST}/incident_list.do?sysparm_query=sys_id={ID}",
    f"{HOST}/task.do?sys_id={ID}",
    f"{HOST}/$m.do#/incident/{ID}",
    f"{HOST}/api/now/table/incident/{ID}",
    *(
        f"{HOST}/{frame}.do?id={ID}"
        for frame in ("login_redirect", "login_with_sso", "login", "nav_to", "navpage")
    ),
    f"{HOST}/sys_attachment.do?id={ID}",
    f"http://acme.service-now.com/incident.do?sys_id={ID}",
    f"https://acme.service-now.com:8443/incident.do?sys_id={ID}",
    f"{HOST}/incident.do?sys_id={ID}#tab",
    f"{HOST}/incident.do?sys_id={ID[:-1]}",
    f"{HOST}/incident.do?sys_id=01234567-89ab-cdef-0123-456789abcdef",
    f"{HOST}/incident.do?sys_id={ID}&x=a b|c",
]
_BLANKS = "the address has spaces around it"
_NO_URL = "the address is not a URL"
_URL = f"{_NO_URL} with https and a host"
_USER = "the address has a user name before its host"
_HOST = "the host is not an instance under service-now.com"
_TABLE = "the address leads to a record of another table, not of incident"
_NEW = "the address leads to the form for a new incident"
_NOTHING = "the address names a host, but no incident"
NONE = [
    ("", "the address is empty"),
    (f" {HOST}/incident.do?sys_id={ID}", _BLANKS),
    (f"{HOST}/incident.do?sys_id={ID}\n", _BLANKS),
    (ID, _URL),
    ("not an address", _URL),
    ("acme.service-now.com/incident.do", _URL),
    (f"javascript:{HOST}/incident.do?sys_id={ID}", _URL),
    (f"data:text/html,{HOST}/incident.do?sys_id={ID}", _URL),
    (f"ftp://acme.service-now.com/incident.do?sys_id={ID}", _URL),
    (f"https://[::1/incident.do?sys_id={ID}", _NO_URL),
    (f"https://acme.service-now.com:port/incident.do?sys_id={ID}", _NO_URL),
    (f"https:///incident.do?sys_id={ID}", _URL),
    (f"https://service-now.com/incident.do?sys_id={ID}", _HOST),
    (f"https://acme.servicenow.com/incident.do?sys_id={ID}", _HOST),
    (f"https://acme.servicenowservices.com/incident.do?sys_id={ID}", _HOST),
    (f"https://tickets.acme.example/incident.do?sys_id={ID}", _HOST),
    (f"https://service-now.com.evil.example/incident.do?sys_id={ID}", _HOST),
    (f"https://acme.service-now.com.evil.example/incident.do?sys_id={ID}", _HOST),
    (f"https://evilservice-now.com/incident.do?sys_id={ID}", _HOST),
    (f"https://acme.service-now.com./incident.do?sys_id={ID}", _HOST),
    (f"https://acme.service\u2010now.com/incident.do?sys_id={ID}", _HOST),
    (f"https://acme.\u017fervice-now.com/incident.do?sys_id={ID}", _HOST),
    (f"https://acme\uff0eservice-now.com/incident.do?sys_id={ID}", _HOST),
    (f"https://.service-now.com/incident.do?sys_id={ID}", _HOST),
    (f"https://user@acme.service-now.com/incident.do?sys_id={ID}", _USER),
    (f"https://evil.example\\acme.service-now.com/incident.do?sys_id={ID}", _USER),
    (f"https://acme.service-now.com\\@evil.example/incident.do?sys_id={ID}", _USER),
    (f"{HOST}/sn_si_incident.do?sys_id={ID}", _TABLE),
    (f"{HOST}/now/sir/record/sn_si_incident/{ID}", _TABLE),
    (f"{HOST}/problem.do?sys_id={ID}", _TABLE),
    (f"{HOST}{_FRAME}problem.do%3Fsys_id%3D{ID}", _TABLE),
    (f"{HOST}/nav_to.do?uri=%2Fproblem.do%3Fsys_id%3D{ID}", _TABLE),
    (f"{HOST}/sp?id=ticket&table=problem&sys_id={ID}", _TABLE),
    (f"{HOST}/incident.do?sys_id=-1", _NEW),
    (f"{HOST}/incident.do", _NEW),
    (f"{HOST}/now/sow/record/incident/-1", _NEW),
    (HOST, _NOTHING),
    (f"{HOST}/", _NOTHING),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("url", [*CERTAIN, *IN_BETWEEN])
def test_sent(mode: str, url: str) -> None:
    """An address that is an incident's, or may be one, is sent as it is."""
    handler, requests = answering(httpx2.Response(200, json=CASE))
    call(mode, handler, request={**REQUEST, "ticket_url": url})
    assert url.replace("\\", "\\\\").encode() in requests[0].content


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("url", "why"), NONE)
def test_refused(mode: str, url: str, why: str) -> None:
    """What is certainly none is not sent; the message says which part is wrong, and what works."""
    with pytest.raises(InvalidRequestError) as caught:
        call(mode, answering()[0], request={**REQUEST, "ticket_url": url})
    [found] = caught.value.problems
    assert found.pointer == "/data/attributes/servicenow_ticket_url"
    assert found.message == (
        f"{why}. Forms that work: https://example.service-now.com/incident.do?sys_id=…, "
        "https://example.service-now.com/now/nav/ui/classic/params/target/incident.do?sys_id=…, "
        "https://example.service-now.com/now/sow/record/incident/…, "
        "each with the 32 hexadecimal digits of the incident"
    )


@given(st.text() | st.text().map(f"{HOST}/".__add__) | st.none() | st.integers() | st.binary())
def test_any_value(value: Any) -> None:
    """Whatever is given, there is an answer, which does not repeat it."""
    said = problem(value)
    assert said is None or isinstance(value, str) or "another type" in said


@pytest.mark.parametrize("url", [f"{HOST}/", HOST + _FRAME])
def test_plain_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's own form, and the one that it stands for, are not looked at in parts."""
    monkeypatch.delattr(ticket_url, "_wrong")
    assert problem(f"{url}incident.do?sys_id={ID.lower()}") is None
