"""The command `./scripts/regenerate`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from upkeep.codegen import rendering
from upkeep.command import Command
from upkeep.paths import FRAGMENT, TARGET


def main(argv: Sequence[str] | None = None) -> int:
    """Render `_generated/`, or check it.

    Returns 1 when it differs, and 2 for a bad fragment, a client that would not work, or a target
    that is not to be replaced.
    """
    command = Command(
        "regenerate",
        "Render the client's models from openapi/servicenow_tickets.yaml, and use them "
        "once before they replace what was there.",
        {
            0: "rendered, or up to date",
            1: "not up to date",
            2: "the fragment cannot be rendered, the client would not work, or the target is not "
            "to be replaced, and nothing was changed",
        },
    )
    add = command.add_argument
    add(
        "--check",
        action="store_true",
        help="write nothing; exit with 1 when the models are not up to date",
    )
    add("--fragment", type=Path, default=FRAGMENT, help=argparse.SUPPRESS)
    add("--target", type=Path, default=TARGET, help=argparse.SUPPRESS)
    return command.run(_regenerate, argv)


def _regenerate(options: argparse.Namespace) -> int:
    if not options.check:
        count = rendering.replace(options.fragment, options.target)
        print(f"{count} files rendered into {options.target}")
        return 0
    differences = rendering.differing(options.fragment, options.target)
    if differences:
        print(f"{options.target} is not up to date with the fragment; run ./scripts/regenerate:")
        print("\n".join(f"  {line}" for line in differences))
        return 1
    print(f"{options.target} is up to date with the fragment")
    return 0


if __name__ == "__main__":
    sys.exit(main())
