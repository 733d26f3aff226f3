"""How a server answers when its rate limit is used up; the suite does not provoke that."""

import httpx
import pytest

from servicenow_contract.scene import hold_media_type, hold_model
from servicenow_contract.target import Target

requirement = pytest.mark.requirement


def _throttled(target: Target) -> list[httpx.Response]:
    """Every 429 that this run met before now."""
    met = target.wire.throttled if target.wire is not None else []
    if not met:
        pytest.skip("no answer 429 was met, and the suite provokes none")
    return met


@requirement("answer-429-model")
def test_model(target: Target) -> None:
    """The body of each 429 satisfies the error model and says at least one thing."""
    for response in _throttled(target):
        hold_model(response)


@requirement("answer-media-type")
def test_media_type(target: Target) -> None:
    """Each 429 says that it is JSON."""
    if target.wire is not None:
        for response in target.wire.throttled:
            hold_media_type(response)
