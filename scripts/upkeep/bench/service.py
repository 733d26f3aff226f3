"""The reference service on a port, with findings attached already, that counts its requests.

Run as a process of its own: `python -m upkeep.bench.service FRAGMENT ATTACHED` prints its address;
for each line on its standard input it prints how many requests came; it ends when that is closed.
"""

import itertools
import sys
from pathlib import Path

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.service import Request, Response, Service, State
from servicenow_contract.service.asgi import running
from servicenow_contract.service.state import Ticket

PROJECT = DEFAULT_WORLD.project
_PER_TICKET = 50


def ticket_url(number: int) -> str:
    """The address of one of many tickets; numbers below zero are those that nothing is put on."""
    return f"https://example.service-now.com/incident.do?sys_id={number % (1 << 128):032x}"


def grown(contract: Fragment, attached: int) -> State:
    """A state that holds this many findings, 50 on each ticket."""
    state = State(contract)
    for number, first in enumerate(range(0, attached, _PER_TICKET)):
        ids = range(first, min(first + _PER_TICKET, attached))
        ticket = Ticket.from_url(ticket_url(number))
        state.attach(ticket, PROJECT, [f"attached-{each}" for each in ids])
    return state


def main() -> None:
    """Serve until standard input ends."""
    contract, came = Fragment.read(Path(sys.argv[1])), itertools.count()
    service = Service(grown(contract, int(sys.argv[2])))

    def respond(request: Request) -> Response:
        next(came)
        return service(request)

    with running(respond) as url:
        print(url, flush=True)
        for _ in sys.stdin:
            # A count shows where it stands in its own repr, and moves on when it is asked.
            print(repr(came)[6:-1], flush=True)


if __name__ == "__main__":
    main()
