"""The base of all commands: how each of them ends."""

import argparse
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from servicenow_contract.command import Command, CommandError, complain, number
from upkeep.paths import SCRIPTS

COMMAND = Command("cook", "Cook.", {0: "cooked", 2: "not"})


def _raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def work(_: argparse.Namespace) -> int:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CommandError("no \x1b[31mpot"), "no \\x1b[31mpot"),
        (OSError(28, "No space", "/pot"), "/pot: No space"),
        (OSError("no fire"), "no fire"),
        (KeyboardInterrupt(), "interrupted"),
        (
            KeyError("salt"),
            "this is a fault of the command itself: KeyError at test_command.py:21: 'salt'",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_sentence(error: BaseException, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever keeps a command from its work is one sentence on standard error, and 2."""
    assert COMMAND.run(_raising(error), []) == 2
    assert capsys.readouterr() == ("", f"cook: {said}\n")


def test_own_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that is installed under a longer name calls itself by it, in all that it says."""
    monkeypatch.setattr(sys, "argv", ["/bin/shop-cook"])
    assert complain("cook", "no salt") == 2
    assert capsys.readouterr().err == "shop-cook: no salt\n"
    monkeypatch.setattr(sys, "argv", ["/bin/overcook"])
    complain("cook", "no salt")
    assert capsys.readouterr().err == "cook: no salt\n"


def test_status() -> None:
    """What the work returns is the exit status."""
    assert COMMAND.run(lambda _: 1, []) == 1


def test_letters_that_the_terminal_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What standard output cannot encode is shown escaped."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert COMMAND.run(lambda _: out.write("…") - 1, []) == 0
    out.seek(0)
    assert out.read() == "\\u2026"


@pytest.mark.parametrize(
    "arguments",
    [["lock", "--check"], ["serve", "--help"]],
    ids=lambda value: value[0],
)
def test_closed_pipe(arguments: list[str]) -> None:
    """A reader that stops early ends a command without a word."""
    script, *options = arguments
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [SCRIPTS / script, *options], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 141 or options == ["--help"]  # there argparse looks away


def test_full_disk(tmp_path: Path) -> None:
    """What cannot be printed is said, once."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [SCRIPTS / "lock", "--check"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "lock: No space left on device\n")


@pytest.mark.parametrize("text", ["0", "-1", "9", "1.5", "x", "", "²", "9" * 30])
def test_number_out_of_bounds(text: str) -> None:
    """What is no whole number within the bounds is refused with them."""
    with pytest.raises(argparse.ArgumentTypeError, match="takes a number from 1 to 8, not"):
        number(1, 8)(text)


@pytest.mark.parametrize("text", ["1", "8"])
def test_number_within_bounds(text: str) -> None:
    """The bounds themselves are taken."""
    assert number(1, 8)(text) == int(text)
