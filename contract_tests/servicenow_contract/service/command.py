"""The command `serve`: the reference service on loopback, with what its options put around it."""

import argparse
import errno
import functools
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from servicenow_contract.command import Command, CommandError, number
from servicenow_contract.contract import fragment
from servicenow_contract.contract.world import DEFAULT_WORLD, read
from servicenow_contract.service import PORT, asgi, desk, faults
from servicenow_contract.service.handler import Respond
from servicenow_contract.service.limits import Limit
from servicenow_contract.service.service import Service
from servicenow_contract.service.state import State

_Value = TypeVar("_Value")


def _with_reason(parse: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """The same parser, whose ValueError reaches the user in its own words."""

    def parsed(text: str) -> _Value:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parsed


def _specification(text: str) -> str:
    faults.InjectedFault.parse(text)
    return text


def _command() -> Command:
    command = Command(
        "serve",
        "Run the reference service on loopback, until interrupted.",
        {0: "when interrupted", 2: "when it could not start"},
    )
    add = command.add_argument
    add(
        "--port",
        type=number(0, 65535),
        default=PORT,
        help=f"0 takes any free port (default: {PORT})",
    )
    add("--world", type=Path, metavar="FILE", help="the ids that it knows, as JSON or YAML")
    add(
        "--rate-limit",
        type=_with_reason(Limit.parse),
        metavar="N/S",
        help="allow N requests in S seconds, and answer the rest with 429",
    )
    add(
        "--fault",
        type=_with_reason(_specification),
        action="append",
        default=[],
        metavar="SPEC",
        help=f"what goes wrong: {faults.ALLOWED}; without at and rate, every request; repeatable",
    )
    add(
        "--key",
        nargs=2,
        action="append",
        default=[],
        metavar=("API", "APP"),
        help="keys that open it; all others are answered with 401; repeatable",
    )
    add(
        "--key-without-permission",
        action="append",
        default=[],
        metavar="APP_KEY",
        help="an application key that is answered with 403; repeatable",
    )
    add(
        "--as-observed",
        action="store_true",
        help="behave as sibling operations were seen to behave, where their pages say otherwise",
    )
    add("--cors", action="store_true", help="let pages of any origin call it from a browser")
    add("--quiet", action="store_true", help="do not print a line for each request on a terminal")
    return command


def _service(options: argparse.Namespace) -> Service:
    """The service that the options describe. Raises ContractError."""
    contract = fragment.load()
    world = read(options.world) if options.world else DEFAULT_WORLD
    service = Service(State(contract, world, observed=options.as_observed))
    if options.rate_limit:
        service.rate_limit(options.rate_limit.requests, per=options.rate_limit.period)
    for specification in options.fault:
        service.fault(specification)
    for app_key in options.key_without_permission:
        service.forbid(app_key)
    for api_key, app_key in options.key:
        service.open_to(api_key, app_key)
    return service


def _around(service: Service, options: argparse.Namespace) -> Respond:
    """The service with what people who try it ask for."""
    respond = desk.with_world(service, service.state)
    if options.cors:
        respond = desk.with_cors(respond, service.state.contract)
    if sys.stdout.isatty() and not options.quiet:
        respond = desk.logged(respond, functools.partial(print, flush=True))
    return respond


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Returns 0, or 2 when port, world or contract cannot be had."""
    return _command().run(_serve, argv)


def _serve(options: argparse.Namespace) -> int:
    service = _service(options)
    try:
        listener = asgi.listen(options.port)
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        reason = "it is in use; name another, or 0 for any free one" if busy else error.strerror
        raise CommandError(f"port {options.port} cannot be opened: {reason}") from None
    with listener:
        # uvicorn raises each signal once more after it has closed every connection.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
        where = asgi.address(listener)
        opens = "only the keys of --key open it" if options.key else "any two keys open it"
        print(f"serving {where} until interrupted; {opens}", flush=True)
        print(f"{where}{desk.WORLD} shows what it holds", flush=True)
        asgi.uvicorn_server(_around(service, options)).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
