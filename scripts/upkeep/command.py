"""What the maintainer's commands share: the kit's base, and the way to run another program."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from servicenow_contract.command import Command, CommandError, number

__all__ = ["Command", "CommandError", "number", "ran"]


def ran(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    text: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """A program that was run to its end, with what it printed; `text` is what it reads.

    Raises CommandError when there is no such program.
    """
    try:
        return subprocess.run(
            command, cwd=cwd, env=env, input=text, capture_output=True, text=True, check=False
        )
    except OSError as error:
        name = os.fspath(command[0])
        raise CommandError(f"{name} cannot be run: {error.strerror or error}") from None
