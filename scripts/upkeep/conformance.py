"""The command `./scripts/conformance`: the kit's own, and what judges fragment and client."""

import sys
from collections.abc import Sequence
from pathlib import Path

from servicenow_contract import cli

_TESTS = Path(__file__).parents[2] / "contract_tests"
JUDGES = ("test_fragment.py", "test_requests.py", "test_responses.py", "test_error_models.py")


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the embedded service, the client and the fragment. Returns as `cli.main` does."""
    return cli.main(argv, also=[_TESTS / name for name in JUDGES])


if __name__ == "__main__":
    sys.exit(main())
