"""What the tests of recorded traffic share: a good exchange, and what a recording shows."""

import copy
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.traffic import files
from servicenow_contract.traffic.judge import Traffic, concerns
from servicenow_contract.traffic.secrets import secrets
from tests.contract import CONTRACT, FRAGMENT
from tests.traffic.recording_writers import Pair, answered, attach, cassette, har

WORLD = DEFAULT_WORLD
GOOD = answered([attach()])
"""One exchange in which nothing is wrong."""
CASE = json.loads(GOOD[0].response.body)


def judged(content: bytes, *, strict: bool = False) -> Traffic:
    """What a recording shows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording"
        path.write_bytes(content)
        found = files.read(path)
    traffic = Traffic(CONTRACT, secrets(FRAGMENT, found), strict=strict)
    traffic.judge([each for each in found if concerns(FRAGMENT, each)])
    traffic.close()
    return traffic


def named(traffic: Traffic, *verdicts: Verdict) -> set[str]:
    """The requirements with one of these verdicts."""
    ledger = traffic.ledger
    return {name for name in ledger.catalogue if ledger.verdict(name) in verdicts}


def failed(content: bytes) -> set[str]:
    """The requirements that a recording shows to be broken."""
    return named(judged(content), Verdict.FAIL, Verdict.ERROR)


def passed(content: bytes) -> set[str]:
    """The requirements that a recording shows to be kept."""
    return named(judged(content), Verdict.PASS)


def both(pairs: Sequence[Pair]) -> list[bytes]:
    """The exchanges in each kind of recording."""
    return [har(pairs), har(pairs, in_base64=True, others=True), cassette(pairs)]


def changed(path: str, value: Any) -> bytes:
    """The good answer with another value at a path of names; None takes the member away."""
    body = copy.deepcopy(CASE)
    *above, last = path.split(".")
    holder = body
    for name in above:
        holder = holder[int(name)] if isinstance(holder, list) else holder[name]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return json.dumps(body).encode()
