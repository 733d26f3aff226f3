"""Servers that show another ticket than the one that was sent."""

from typing import Any

from attrs import evolve

from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Asked, Family, asked, edited, own_contract
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

family = Family()


def _result(data: Any) -> Any:
    return data["attributes"]["servicenow_ticket"]["result"]


@family.case
def swaps_instance_and_sys_id(data: Any, _wish: Asked) -> None:
    """Shows the instance as sys_id and the sys_id as instance."""
    result = _result(data)
    result["instance_name"], result["sys_id"] = result["sys_id"], result["instance_name"]


@family.case
def shows_the_host_as_instance(data: Any, _wish: Asked) -> None:
    """Shows the whole host as the instance's name."""
    _result(data)["instance_name"] += ".service-now.com"


@family.case
def shows_a_fixed_instance(data: Any, _wish: Asked) -> None:
    """Shows the instance of the page's example, whatever was sent."""
    _result(data)["instance_name"] = "example"


@family.case
def shows_another_record(data: Any, _wish: Asked) -> None:
    """Shows a sys_id of zeros."""
    _result(data)["sys_id"] = 32 * "0"


@family.case
def shows_another_target_record(data: Any, _wish: Asked) -> None:
    """Shows a sys_target_sys_id of zeros."""
    _result(data)["sys_target_sys_id"] = 32 * "0"


@family.case
def shows_the_table_task(data: Any, _wish: Asked) -> None:
    """Shows the table that incidents inherit from."""
    _result(data)["table_name"] = "task"


@family.case
def shows_the_page_as_table(data: Any, _wish: Asked) -> None:
    """Shows incident.do as the table's name."""
    _result(data)["table_name"] = "incident.do"


@family.case
def links_to_the_list(data: Any, _wish: Asked) -> None:
    """Shows a direct link that opens the list of incidents."""
    link = _result(data)["sys_target_link"]
    _result(data)["sys_target_link"] = link.replace("incident.do", "incident_list.do")


@family.case
def links_over_plain_http(data: Any, _wish: Asked) -> None:
    """Shows a direct link without TLS."""
    _result(data)["sys_target_link"] = _result(data)["sys_target_link"].replace("https:", "http:")


@family.case
def links_to_another_record(data: Any, _wish: Asked) -> None:
    """Shows a direct link to another record."""
    _result(data)["sys_target_link"] = _result(data)["sys_target_link"][:-32] + 32 * "f"


@family.case
def links_relatively(data: Any, _wish: Asked) -> None:
    """Shows a direct link without a host."""
    _result(data)["sys_target_link"] = "/" + _result(data)["sys_target_link"].rpartition("/")[2]


@family.case
def shows_the_link_as_address(data: Any, _wish: Asked) -> None:
    """Shows the direct link where the address that was sent belongs."""
    _result(data)["url"] = _result(data)["sys_target_link"]


@family.case
def cuts_parameters_off_addresses(data: Any, wish: Asked) -> None:
    """Shows the address without what follows its sys_id."""
    end = wish.url.find(wish.ticket.sys_id) + 32
    _result(data)["url"] = wish.url[:end]


@family.case
def decodes_addresses(data: Any, wish: Asked) -> None:
    """Shows a percent-encoded address decoded."""
    _result(data)["url"] = wish.url.replace("%3F", "?").replace("%3D", "=").replace("%26", "&")


@family.case
def calls_the_ticket_failed(data: Any, _wish: Asked) -> None:
    """Shows the ticket's status as FAILED."""
    data["attributes"]["servicenow_ticket"]["status"] = "FAILED"


@family.case
def calls_the_ticket_pending(data: Any, _wish: Asked) -> None:
    """Shows the ticket's status as IN_PROGRESS, which the page does not list."""
    data["attributes"]["servicenow_ticket"]["status"] = "IN_PROGRESS"


@family.case
def calls_the_ticket_completed_in_small_letters(data: Any, _wish: Asked) -> None:
    """Shows the ticket's status as `completed`."""
    data["attributes"]["servicenow_ticket"]["status"] = "completed"


@family.case
def mistakes_nav_to_for_the_table(data: Any, wish: Asked) -> None:
    """Shows nav_to as the table of an address of that form."""
    if "nav_to.do" in wish.url:
        _result(data)["table_name"] = "nav_to"


@family.case
def loses_the_record_of_encoded_addresses(data: Any, wish: Asked) -> None:
    """Shows no sys_id when the address is percent-encoded."""
    if "%3" in wish.url:
        _result(data)["sys_id"] = _result(data)["sys_target_sys_id"] = ""


@family.case
def keeps_encoding_in_the_link(data: Any, wish: Asked) -> None:
    """Shows a direct link to the frame, not the record, for an address in the classic frame."""
    if "/classic/" in wish.url:
        _result(data)["sys_target_link"] = f"https://{wish.ticket.instance}.service-now.com/now/nav"


@family.case
def calls_the_ticket_failed_without_findings(data: Any, wish: Asked) -> None:
    """Shows the ticket as FAILED when more than one finding was attached."""
    if len(wish.findings) > 1:
        data["attributes"]["servicenow_ticket"]["status"] = "FAILED"


@family.service
def shows_the_earlier_ticket(world: World) -> Respond:
    """Shows the ticket of the request before."""
    state, last = State(own_contract(), world), list[Any]()

    def respond(request: Request) -> Response:
        def swap(data: Any) -> None:
            last.append(dict(_result(data)))
            if len(last) > 1:
                _result(data).update(last[-2])

        return edited(handle(state, request), swap)

    return respond


@family.service
def shows_the_first_address_of_a_ticket(world: World) -> Respond:
    """Shows the address under which a ticket was first sent, not the one of this request."""
    state, first = State(own_contract(), world), dict[tuple[str, str], str]()

    def respond(request: Request) -> Response:
        wish = asked(request)

        def swap(data: Any) -> None:
            if wish is not None:
                _result(data)["url"] = first.setdefault(wish.ticket.key, wish.url)

        return edited(handle(state, request), swap)

    return respond


# The page leaves open which address of the incident is shown.
_OPEN = {
    *("shows_the_link_as_address", "cuts_parameters_off_addresses", "decodes_addresses"),
    "shows_the_first_address_of_a_ticket",
}
family.members = [
    evolve(each, level=Level.MAY) if each.name in _OPEN else each for each in family.members
]
