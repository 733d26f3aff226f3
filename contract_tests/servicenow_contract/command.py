"""What all commands share: their options and --help, and how each ends when it cannot work."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from servicenow_contract.text import visible

UNUSABLE = 2
"""The exit status when what was given, or the command itself, is at fault."""
_CLOSED_PIPE = 141
"""What a shell says of a program that wrote to a reader who is gone: 128 and SIGPIPE."""


class CommandError(Exception):
    """What keeps a command from its work: one sentence of what, where, and what to do instead."""


def complain(name: str, sentence: str) -> int:
    """Say on standard error what keeps a command from its work; the exit status is returned."""
    lines = "\n".join(map(visible, sentence.split("\n")))
    print(f"{_called(name)}: {lines}", file=sys.stderr)
    return UNUSABLE


def _called(name: str) -> str:
    """What a command calls itself: one that is installed has its own name."""
    own = Path(sys.argv[0]).stem
    return own if own.endswith(f"-{name}") else name


class Command(argparse.ArgumentParser):
    """The options of one command, and the way in which it runs."""

    def __init__(self, name: str, description: str, ends: Mapping[int, str]) -> None:
        told = "; ".join(f"{status} {what}" for status, what in ends.items())
        epilog = f"Exit status: {told}."
        super().__init__(_called(name), description=description, epilog=epilog, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raises CommandError for options that cannot be used."""
        raise CommandError(f"{message}; --help lists what it takes")

    def run(
        self, work: Callable[[argparse.Namespace], int], argv: Sequence[str] | None = None
    ) -> int:
        """Read the options and work with them; returns the exit status.

        What `work` cannot use, it says by a CommandError or an OSError. When nobody reads what is
        printed any more, that ends the work without a word.
        """
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # what it cannot encode is no failure
        try:
            try:
                return work(self.parse_args(argv))
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
        except CommandError as error:
            return complain(self.prog, str(error))
        except OSError as error:
            _drop_what_cannot_be_written()
            if isinstance(error, BrokenPipeError):
                return _CLOSED_PIPE
            return complain(self.prog, _told(error))
        except KeyboardInterrupt:
            return complain(self.prog, "interrupted")
        except Exception as error:
            if sys.flags.dev_mode:
                raise
            return complain(self.prog, _fault(error))


def _drop_what_cannot_be_written() -> None:
    """Else Python tries once more when it ends, and complains."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _fault(error: Exception) -> str:
    """An error that nobody foresaw; `python -X dev` shows all of it."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    said = " ".join(str(error).split())
    return f"this is a fault of the command itself: {type(error).__name__} at {where}: {said}"


def number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A reader of options that take a whole number within bounds."""
    bounds = f"of {least} or more" if most is None else f"from {least} to {most}"

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise argparse.ArgumentTypeError(f"takes a number {bounds}, not {text!r}")
        value = int(text)
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"takes a number {bounds}, not {value}")
        return value

    return read
