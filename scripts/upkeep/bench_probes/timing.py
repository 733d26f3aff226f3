"""The part that all probes share; it imports what the interpreter has imported anyway."""

import sys
import time
from collections.abc import Callable

TICKET_URL = f"https://example.service-now.com/incident.do?sys_id={'a' * 32}"
PATH = "/api/v2/security/findings/servicenow_tickets"
API_KEY = "a" * 32
APP_KEY = "b" * 40


def microseconds(work: Callable[[], object], count: int) -> float:
    """Microseconds of one of `count` runs, after some that do not count."""
    for _ in range(max(20, count // 10)):
        work()
    started = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - started) / count * 1e6


def main(
    call: Callable[[str], Callable[[], object]], reader: Callable[[], Callable[[str], object]]
) -> None:
    """Do what the command line says: `call` prepares a call to an address, `reader` a reading."""
    match sys.argv[1:]:
        case ["cold", url]:
            call(url)()
            print("done", flush=True)
        case ["call", url, count]:
            print(microseconds(call(url), int(count)), flush=True)
        case ["model", file, count]:
            with open(file, encoding="utf-8") as opened:  # noqa: PTH123  # pathlib is slow to import
                text = opened.read()
            read = reader()
            print(microseconds(lambda: read(text), int(count)), flush=True)
        case _:
            sys.exit("usage: call URL COUNT | cold URL | model FILE COUNT")
