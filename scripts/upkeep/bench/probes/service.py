"""The reference service with a state of a given size: its function, and its server from outside.

pyperf's options come first: `handle ATTACHED` calls the function, `send URL` the server there.
"""

import http.client
import json
import sys
from typing import NoReturn
from urllib.parse import urlsplit

import pyperf  # type: ignore[import-untyped]  # it has no types

from servicenow_contract.contract.fragment import load
from servicenow_contract.service import Request, Service
from servicenow_contract.target.target import STAND_INS, attach_body
from upkeep.bench.probes.timing import Call, repeated
from upkeep.bench.service import PROJECT, grown, ticket_url

_HEADERS = {"Content-Type": "application/json", **STAND_INS.headers()}


def _bodies() -> list[bytes]:
    """Two requests that take one finding from each other's ticket: the state stays as large."""
    tickets = (ticket_url(-1), ticket_url(-2))
    return [json.dumps(attach_body(each, ["a-finding"], PROJECT)).encode() for each in tickets]


def _handle(attached: int) -> Call:
    service, contract = Service(grown(attached)), load()
    requests = [Request(contract.method, contract.path, _HEADERS, body) for body in _bodies()]

    def two() -> None:
        for request in requests:
            if service(request).status != 200:
                sys.exit("the service refused a request")

    return two


def _send(url: str) -> Call:
    connection, contract = http.client.HTTPConnection(urlsplit(url).netloc), load()
    bodies = _bodies()

    def two() -> None:
        for body in bodies:
            connection.request(contract.method, contract.path, body, _HEADERS)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                sys.exit("the service refused a request")

    return two


def _refuse(work: list[str]) -> NoReturn:
    sys.exit(f"unknown work: {' '.join(work)}")


def main() -> None:
    """Time what the command line says; a loop is two requests."""
    runner = pyperf.Runner()
    runner.argparser.add_argument("work", nargs=2)
    match runner.parse_args().work:
        case ["handle", attached]:
            work = _handle(int(attached))
        case ["send", url]:
            work = _send(url)
        case other:
            _refuse(other)
    runner.bench_time_func("probe", repeated(work), inner_loops=2)


if __name__ == "__main__":
    main()
