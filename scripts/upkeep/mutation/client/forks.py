"""A process in which the contract tests wait, and from which a child is forked for each mutant.

Two kinds. The warm one has tests and client imported; its child changes the code of one function
in place. The cold one has everything else imported; its child imports the client with one module's
text changed, then the tests. Nothing of a child outlives it: neither threads nor sockets.
"""

import gc
import math
import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from attrs import define, field, frozen

IMPORT = "the import"
"""The judge of mutants with which the client cannot be imported."""
ENDLESS = "the time limit"
"""The judge of mutants with which a test does not end."""
DEATH = "the end of the process"
"""The judge of mutants that end the process in which they run."""
_MEMORY = 4 << 30
"""Bytes; a mutant that takes more gets a MemoryError."""
_START = 120.0
"""Seconds within which a child has to come to its first test."""


@frozen
class Job:
    """One mutant, and the tests that judge it."""

    module: str
    """As Python names it."""
    path: str
    source: str = field(repr=False)
    """The module's changed text."""
    function: tuple[str, int] | None
    """What to change in a warm fork server: a function, by qualified name and first line."""
    tests: Sequence[tuple[str, float]] = field(repr=False)
    """Node ids and time limits in seconds, in the order in which they run."""
    stop: bool = True
    """Whether the first failure ends it; else each test module goes on to its own first."""


@frozen
class JobResult:
    """What became of a job."""

    failed: tuple[str, ...]
    """Node ids, or one of the judges above."""
    ran: int
    """How many tests ran."""


Run = Callable[[Job, Connection], None]
"""Runs a job in the child; tells ("runs" or "failed", name, seconds until the next word)."""
Serve = Callable[[Connection, Sequence[str]], None]
"""What a fork server's process does: it serves at the connection, with these test modules."""


@define
class ForkServer:
    """A handle on such a process, which starts with the first job."""

    serve: Serve
    tests: tuple[str, ...]
    """The test modules, by the names of their files."""
    _line: Any = field(init=False, default=None)
    _process: Any = field(init=False, default=None)

    def judge(self, job: Job) -> JobResult:
        """Run a job. Raises RuntimeError when the fork server itself is broken."""
        if self._process is None:
            self._start()
        try:
            self._line.send(job)
            found = self._line.recv()
        except (EOFError, OSError):
            self.close()
            raise RuntimeError("the tests cannot be collected with the client as it is") from None
        except BaseException:
            self.close()  # whoever comes next gets a fresh one
            raise
        if isinstance(found, JobResult):
            return found
        raise RuntimeError(found)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._line.close()
        self._process = None

    def _start(self) -> None:
        # Spawned: what this process has imported, the client perhaps among it, stays out of it.
        context = get_context("spawn")
        self._line, other = context.Pipe()
        self._process = context.Process(target=self.serve, args=(other, self.tests), daemon=True)
        self._process.start()
        other.close()


def take_jobs(line: Connection, run: Run) -> None:
    """Take jobs from the line until it is closed."""
    gc.collect()
    gc.freeze()  # children share this memory for as long as nothing counts it
    while True:
        try:
            job = line.recv()
        except EOFError:
            return
        try:
            line.send(_watched(job, run))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told
            line.send(f"{type(error).__name__}: {error}")


def _watched(job: Job, run: Run) -> JobResult:
    """Fork, run, watch; a test that does not end is ended with its process."""
    here, there = get_context("fork").Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        _be_child(job, run, there)
    there.close()
    try:
        found = _outcome(here, stop=job.stop)
    finally:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        here.close()
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        failed = tuple(ENDLESS if each == DEATH else each for each in found.failed)
        return JobResult(failed, found.ran)
    return found


def allow(seconds: float) -> None:
    """End this process when it has worked so long from now on, by the processor's time.

    A loop without end is told by that sooner, and on a busy machine no other test is.
    """
    limit = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _outcome(child: Connection, *, stop: bool) -> JobResult:
    failed: list[str] = []
    limit, ran = _START, 0
    while not (failed and stop):
        try:
            if not child.poll(limit):
                failed.append(ENDLESS)
                break
            kind, told, limit = child.recv()
        except EOFError:
            failed.append(DEATH)
            break
        if kind == "end":
            break
        if kind == "error":
            raise RuntimeError(told)
        ran += kind == "runs"
        failed += [told] if kind == "failed" else []
    return JobResult(tuple(failed), ran)


def _be_child(job: Job, run: Run, out: Connection) -> NoReturn:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        run(job, out)
        out.send(("end", "", 0.0))
    except Exception as error:  # noqa: BLE001  # of this tool, not of the mutant
        out.send(("error", f"{type(error).__name__}: {error}", 0.0))
    finally:
        os._exit(0)
