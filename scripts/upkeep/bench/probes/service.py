"""The reference service with a state of a given size: its function, and its server from outside.

pyperf's options come first: `handle FRAGMENT ATTACHED` calls the function, `send FRAGMENT URL` the
server there.
"""

import http.client
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pyperf  # type: ignore[import-untyped]  # it has no types

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.service import Request, Service
from servicenow_contract.target.target import STAND_INS
from upkeep.bench.probes.timing import Call, repeated
from upkeep.bench.service import PROJECT, grown, ticket_url


def _headers(contract: Fragment) -> dict[str, str]:
    return {"Content-Type": "application/json", **STAND_INS.headers(contract)}


def _bodies() -> list[bytes]:
    """Two requests that take one finding from each other's ticket: the state stays as large."""
    tickets = (ticket_url(-1), ticket_url(-2))
    return [json.dumps(attach_body(each, ["a-finding"], PROJECT)).encode() for each in tickets]


def _handle(contract: Fragment, attached: int) -> Call:
    service, headers = Service(grown(contract, attached)), _headers(contract)
    requests = [Request(contract.method, contract.path, headers, body) for body in _bodies()]

    def two() -> None:
        for request in requests:
            if service(request).status != 200:
                sys.exit("the service refused a request")

    return two


def _send(contract: Fragment, url: str) -> Call:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    bodies, headers = _bodies(), _headers(contract)

    def two() -> None:
        for body in bodies:
            connection.request(contract.method, contract.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                sys.exit("the service refused a request")

    return two


def main() -> None:
    """Time what the command line says; a loop is two requests."""
    runner = pyperf.Runner()
    runner.argparser.add_argument("work", nargs=3)
    kind, file, about = runner.parse_args().work
    contract = Fragment.read(Path(file))
    match kind:
        case "handle":
            work = _handle(contract, int(about))
        case "send":
            work = _send(contract, about)
        case _:
            sys.exit(f"unknown work: {kind}")
    runner.bench_time_func("probe", repeated(work), inner_loops=2)


if __name__ == "__main__":
    main()
