"""The command `serve`: the reference service on loopback, with what its options put around it."""

import argparse
import errno
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from servicenow_contract.contract import fragment
from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.world import DEFAULT_WORLD, read
from servicenow_contract.service import asgi, faults
from servicenow_contract.service.limits import Limit
from servicenow_contract.service.service import Service
from servicenow_contract.service.state import State

_Value = TypeVar("_Value")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, and exit 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def _with_reason(parse: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """The same parser, whose ValueError reaches the user in its own words."""

    def parsed(text: str) -> _Value:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parsed


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535):
        raise ValueError(f"{text!r} is no port; one is a number from 0 to 65535")
    return int(text)


def _specification(text: str) -> str:
    faults.Fault.parse(text)
    return text


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="serve",
        description="Run the reference service on loopback, until interrupted.",
        epilog="Exit status: 0 when interrupted, 2 when it could not start.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--port",
        type=_with_reason(_port),
        default=8126,
        help="0 takes any free port (default: 8126)",
    )
    add("--world", type=Path, metavar="FILE", help="what it knows, as JSON or YAML")
    add(
        "--rate-limit",
        type=_with_reason(Limit.parse),
        metavar="N/S",
        help="allow N requests in S seconds; the rest is answered 429",
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
        "--key-without-permission",
        action="append",
        default=[],
        metavar="APP_KEY",
        help="an application key that is answered 403; repeatable",
    )
    add(
        "--as-observed",
        action="store_true",
        help="behave as sibling operations were seen to, where their page says otherwise",
    )
    return parser


def _service(options: argparse.Namespace) -> Service:
    """The service that the options describe. Raises ContractError."""
    contract = fragment.load()
    world = read(options.world, contract) if options.world else DEFAULT_WORLD
    service = Service(State(contract, world, observed=options.as_observed))
    if options.rate_limit:
        service.rate_limit(options.rate_limit.requests, per=options.rate_limit.period)
    for specification in options.fault:
        service.fault(specification)
    for app_key in options.key_without_permission:
        service.forbid(app_key)
    return service


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Returns 0, or 2 when port, world or contract cannot be had."""
    options = _parser().parse_args(argv)
    try:
        service = _service(options)
    except ContractError as error:
        print(f"serve: {error}", file=sys.stderr)
        return 2
    try:
        listener = asgi.listen(options.port)
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        reason = "it is in use; name another, or 0 for any free one" if busy else error.strerror
        print(f"serve: port {options.port} cannot be had: {reason}", file=sys.stderr)
        return 2
    with listener:
        # uvicorn raises each signal once more after it has closed every connection.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
        where = asgi.address(listener)
        print(f"serving {where} until interrupted; any two keys open it", flush=True)
        asgi.uvicorn_server(service).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
