"""What one recorded exchange can show, requirement by requirement.

A check returns when the exchange shows that its requirement is kept; else it raises Broken or
NotShown. It is broken only where the exchange proves the server wrong, whatever was not recorded:
keys that were cut out, ids that may not exist, a case that was there before.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.answers import told
from servicenow_contract.judging.rules import Rule, rules
from servicenow_contract.judging.verdict import Broken, NotShown
from servicenow_contract.traffic.reading import DIALECT, MALFORMED, MEDIA_TYPE, Reading
from servicenow_contract.vectors.keywords import OF_KEYWORD

Check: TypeAlias = Callable[[Reading], None]


def _accepted(reading: Reading) -> None:
    """A valid request that is answered 200 was accepted; 400 alone does not blame the server."""
    if reading.status == 200:
        _known(reading)
    if reading.status not in (200, 400) or not reading.valid or reading.open:
        raise NotShown
    if reading.status == 400:
        raise NotShown(
            "a valid request was answered 400, and one exchange cannot tell "
            "whether what it names exists and its keys were sent"
        )


def _known(reading: Reading) -> None:
    if reading.unknown and not reading.broken:
        raise NotShown(reading.unknown)


def _most_findings(reading: Reading) -> None:
    most = reading.contract.max_findings
    if not (reading.status == 200 and reading.valid and len(reading.findings) >= most - 1):
        raise NotShown


def _unknown_members(reading: Reading) -> None:
    if not (reading.status == 200 and reading.valid and reading.findings and reading.open):
        raise NotShown


def _no_findings(reading: Reading) -> None:
    if reading.status not in (200, 400) or not reading.valid or reading.findings:
        raise NotShown
    if reading.status == 400:
        if not reading.plain:
            raise NotShown
        # The words of the conformance test, which the register of deviations knows.
        raise Broken(f"a request without findings was answered {told(reading.exchange.answer)}")


def _demanded(name: str, reading: Reading) -> None:
    """A request that breaks a rule is refused. Another fault of it may be why it was."""
    if name not in reading.broken:
        raise NotShown
    if 200 <= reading.status < 300:
        raise Broken(f"{reading.broken[name]} was answered {told(reading.exchange.answer)}")
    refusals = (400, 406, 415, 422) if name == MEDIA_TYPE else (400,)
    if reading.status not in refusals or len(reading.broken) > 1 or reading.unknown:
        raise NotShown


def same_case(earlier: Reading, later: Reading) -> None:
    """Two answers about one ticket show one case."""
    if later.case != earlier.case:
        raise Broken(f"the case is not the one in {earlier.exchange.where}")


def _owed(rule: Rule, reading: Reading) -> None:
    rule(reading.answer)


_CHECKS: Sequence[tuple[str, Check]] = (
    ("valid-request-accepted", _accepted),
    ("findings-up-to-the-limit-accepted", _most_findings),
    ("unknown-members-accepted", _unknown_members),
    ("no-findings-accepted", _no_findings),
    *(
        (name, functools.partial(_demanded, name))
        for name in (*OF_KEYWORD.values(), MALFORMED, DIALECT, MEDIA_TYPE)
    ),
)
"""What is asked beside what an answer owes, with the requirement that it judges."""


@functools.cache
def checks(contract: Fragment) -> Sequence[tuple[str, Check]]:
    """Every check, with the requirement that it judges; some have several."""
    owed = ((rule.requirement, functools.partial(_owed, rule)) for rule in rules(contract))
    return (*_CHECKS, *owed)


_KEYS = "keys are cut out of recordings, so a missing one proves nothing"
_BETWEEN = "a recording does not show what else changed the tickets in between"
BEYOND: Mapping[str, str] = {
    "address-of-the-page-accepted": "one refusal does not tell why the request was refused",
    "every-address-of-an-incident-accepted": "a recording shows only the forms that it holds",
    "ids-of-any-letters-accepted": "a recording does not show which odd ids exist",
    "api-key-demanded": _KEYS,
    "app-key-demanded": _KEYS,
    "missing-keys-are-401-or-403": _KEYS,
    "wrong-keys-refused": _KEYS,
    "unissued-keys-refused": _KEYS,
    "permission-demanded": _KEYS,
    "either-permission-suffices": _KEYS,
    "concurrent-attaches-lose-nothing": _BETWEEN,
    "other-methods-refused": "another method at this path is another operation, and left out",
    "unknown-finding-is-404": "which findings exist is not recorded",
    "unknown-project-is-404": "which projects exist is not recorded",
    "unlinked-ticket-gets-a-case": "whether a ticket was linked before is not recorded",
    "finding-moves-from-its-earlier-ticket": _BETWEEN,
    "earlier-findings-stay": _BETWEEN,
    "repeating-changes-nothing": _BETWEEN,
    "refused-request-changes-nothing": _BETWEEN,
}
"""Requirements that no recording shows, each with the reason."""
