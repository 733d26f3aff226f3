"""What a test of pytest says, as an outcome of this kit."""

import pytest

from servicenow_contract.judging.verdict import Broken, NotShown, leaves

_FACTS = (AssertionError, pytest.fail.Exception, Broken)


def outcome_of(call: pytest.CallInfo[None]) -> BaseException:
    """NotShown for a test that was left out, Broken for one whose fact does not hold.

    Any other error, and any outside of the test itself, is returned as it is: the suite's trouble.
    """
    error = call.excinfo.value if call.excinfo else RuntimeError("no exception is known")
    if isinstance(error, pytest.skip.Exception):
        return NotShown(str(error))
    found = list(leaves(error))
    if call.when == "call" and all(isinstance(leaf, _FACTS) for leaf in found):
        return Broken(str(found[0]))
    return RuntimeError(str(error)) if isinstance(error, Broken) else error
