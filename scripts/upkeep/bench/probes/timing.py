"""The part that all probes share; for `cold` it imports what is imported anyway."""

import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn

TICKET_URL = f"https://example.service-now.com/incident.do?sys_id={'a' * 32}"
PATH = "/api/v2/security/findings/servicenow_tickets"
API_KEY = "a" * 32
APP_KEY = "b" * 40

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]
Timed = Callable[[int], float]
"""Does its work that many times; returns seconds."""


def finding_ids(count: int) -> list[str]:
    """The ids of this many findings."""
    return [f"finding-{number:03}" for number in range(count)]


def repeated(work: Call) -> Timed:
    """One after the other."""

    def timed(loops: int) -> float:
        started = time.perf_counter()
        for _ in range(loops):
            work()
        return time.perf_counter() - started

    return timed


def in_threads(call: Call, count: int) -> Timed:
    """Spread over threads, which are there before the clock starts."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # not when cold

    pool = ThreadPoolExecutor(count)

    def timed(loops: int) -> float:
        list(pool.map(lambda _: call(), range(count)))
        started = time.perf_counter()
        shares = [pool.submit(repeated(call), loops // count) for _ in range(count)]
        for share in shares:
            share.result()
        return (time.perf_counter() - started) * (loops / (loops // count * count))

    return timed


def in_tasks(make: Callable[[], AsyncCall], count: int) -> Timed:
    """Spread over tasks of one event loop, with a client of that loop that is connected."""
    import asyncio  # noqa: PLC0415  # not when cold

    async def several(call: AsyncCall, loops: int) -> None:
        for _ in range(loops):
            await call()

    async def run(loops: int) -> float:
        call = make()
        await asyncio.gather(*(several(call, 1) for _ in range(count)))
        started = time.perf_counter()
        await asyncio.gather(*(several(call, loops // count) for _ in range(count)))
        return (time.perf_counter() - started) * (loops / (loops // count * count))

    return lambda loops: asyncio.run(run(loops))


def say_done() -> None:
    """Tell that the work is done, then how much memory it took, in megabytes.

    The system's own count of a process begins with what its parent had; Linux knows better.
    """
    print("done", flush=True)
    import resource  # noqa: PLC0415  # the clock has stopped

    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if sys.platform == "darwin":
        kilobytes //= 1024
    if sys.platform == "linux":
        words = _text("/proc/self/status").partition("VmHWM:")[2].split()
        kilobytes = int(words[0])
    print(kilobytes / 1024, flush=True)


def main(
    call: Callable[[str, Sequence[str]], Call],
    reader: Callable[[], Callable[[str], Any]],
    writer: Callable[[str], Call],
    acall: Callable[[str, Sequence[str]], AsyncCall] | None = None,
) -> None:
    """Do what the command line says.

    `call` prepares a call to an address with findings, `reader` the reading of a text, `writer` the
    writing of what was read from a text.
    """
    if sys.argv[1] == "cold":
        call(sys.argv[2], finding_ids(1))()
        say_done()
        return
    import pyperf  # type: ignore[import-untyped]  # noqa: PLC0415  # untyped; not when cold

    runner = pyperf.Runner()
    runner.argparser.add_argument("work", nargs=3)
    match runner.parse_args().work:
        case ["call", url, count]:
            timed = repeated(call(url, finding_ids(int(count))))
        case ["threads", url, count]:
            timed = in_threads(call(url, finding_ids(1)), int(count))
        case ["acall", url, count] if acall:
            timed = in_tasks(lambda: acall(url, finding_ids(int(count))), 1)
        case ["tasks", url, count] if acall:
            timed = in_tasks(lambda: acall(url, finding_ids(1)), int(count))
        case ["read", file, _]:
            text, read = _text(file), reader()
            timed = repeated(lambda: read(text))
        case ["write", file, _]:
            timed = repeated(writer(_text(file)))
        case work:
            _refuse(work)
    runner.bench_time_func("probe", timed)


def _text(file: str) -> str:
    with open(file, encoding="utf-8") as opened:  # noqa: PTH123  # pathlib is slow to import
        return opened.read()


def _refuse(work: list[str]) -> NoReturn:
    sys.exit(f"this contender does not do {' '.join(work)}")
