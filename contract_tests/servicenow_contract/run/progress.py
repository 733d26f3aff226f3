"""How far a run is, on standard error: a line that moves on a terminal, else one now and then."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from time import monotonic

from rich.console import Console
from rich.text import Text

from servicenow_contract.text import visible

Tell = Callable[[int, int, str], None]
"""Takes how many tests are done, of how many, and the name of the last."""
EVERY = 5.0
"""Seconds between two lines where nothing moves, as in the log of a CI job."""


@contextlib.contextmanager
def progress() -> Iterator[Tell]:
    """What is to be told of each test."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line_by_line()
        return
    with console.status("collecting …") as status:
        yield lambda done, total, name: status.update(
            Text(f"{done}/{total} {name}"[: console.width - 4])
        )


def _line_by_line() -> Tell:
    last = monotonic()

    def tell(done: int, total: int, name: str) -> None:
        nonlocal last
        if monotonic() - last >= EVERY:
            last = monotonic()
            sys.stderr.write(f"{done} of {total} tests done, last {visible(name)}\n")

    return tell
