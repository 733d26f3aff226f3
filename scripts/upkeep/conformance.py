"""The command `./scripts/conformance`: the kit's own, and what judges fragment and client."""

import sys
from collections.abc import Sequence

from servicenow_contract.run import command
from upkeep.paths import TESTS

JUDGES = TESTS / "judged"


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the embedded service, the client and the fragment. Returns as the kit's `main` does."""
    return command.main(argv, also=[JUDGES])


if __name__ == "__main__":
    sys.exit(main())
