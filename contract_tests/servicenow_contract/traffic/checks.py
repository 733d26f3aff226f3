"""What one recorded exchange can show, requirement by requirement.

A check returns when the exchange shows that its requirement is kept, and raises NotShownError when
it says nothing of it. It fails only where the exchange proves the server wrong, whatever was not
recorded: keys that were cut out, ids that may not exist, a case that was there before.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import pytest

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging import rules
from servicenow_contract.judging.moments import Moment
from servicenow_contract.judging.rules import Shown, told
from servicenow_contract.traffic.exchange import header
from servicenow_contract.traffic.reading import MALFORMED, MEDIA_TYPE, NotShownError, Reading
from servicenow_contract.vectors.rules import OF_KEYWORD

Check: TypeAlias = Callable[[Reading], None]


def _accepted(reading: Reading) -> None:
    """A valid request that is answered 200 was accepted; 400 alone does not blame the server."""
    if reading.status == 200:
        _known(reading)
    if reading.status not in (200, 400) or not reading.valid or reading.open:
        raise NotShownError
    if reading.status == 400:
        pytest.skip(
            "a valid request was answered 400, and one exchange cannot tell "
            "whether what it names exists and its keys were sent"
        )


def _known(reading: Reading) -> None:
    if reading.unknown and not reading.broken:
        pytest.skip(reading.unknown)


def _most_findings(reading: Reading) -> None:
    most = reading.contract.max_findings
    if not (reading.status == 200 and reading.valid and len(reading.findings) >= most - 1):
        raise NotShownError


def _unknown_members(reading: Reading) -> None:
    if not (reading.status == 200 and reading.valid and reading.findings and reading.open):
        raise NotShownError


def _no_findings(reading: Reading) -> None:
    if reading.status not in (200, 400) or not reading.valid or reading.findings:
        raise NotShownError
    if reading.status == 400:
        if not reading.plain:
            raise NotShownError
        # The words of the conformance test, which the register of deviations knows.
        pytest.fail(f"a request without findings was answered {told(reading.exchange.answer)}")


def _demanded(name: str, reading: Reading) -> None:
    """A request that breaks a rule is refused. Another fault of it may be why it was."""
    if name not in reading.broken:
        raise NotShownError
    if 200 <= reading.status < 300:
        pytest.fail(f"{reading.broken[name]}, was answered {told(reading.exchange.answer)}")
    refusals = (400, 406, 415, 422) if name == MEDIA_TYPE else (400,)
    if reading.status not in refusals or len(reading.broken) > 1:
        raise NotShownError


def _model(status: int, reading: Reading) -> None:
    if reading.status != status:
        raise NotShownError
    _whole(reading)
    rules.hold_model(reading.contract, reading.exchange.answer)


def _whole(reading: Reading) -> None:
    if reading.exchange.response.content is None:
        pytest.skip(f"the recording holds {reading.exchange.response.missing}")


def _media_type_of_answer(reading: Reading) -> None:
    if reading.status not in reading.contract.statuses:
        raise NotShownError
    if header(reading.exchange.response_headers, "content-type") is None:
        pytest.skip("the recording holds no media type of the answer")
    rules.hold_media_type(reading.contract, reading.exchange.answer)


def _status(reading: Reading) -> None:
    """A refusal for its keys shows nothing: the page leaves its status open."""
    if reading.status in (401, 403):
        raise NotShownError
    if reading.status not in reading.contract.statuses:
        pytest.fail(f"the status is not documented: {told(reading.exchange.answer)}")


def same_case(earlier: Reading, later: Reading) -> None:
    """Two answers about one ticket show one case."""
    if later.case != earlier.case:
        pytest.fail(f"the case is another than in {earlier.exchange.where}")


def _of_case(hold: Callable[[Shown], None], reading: Reading) -> None:
    if reading.status != 200:
        raise NotShownError
    _whole(reading)
    hold(Shown(reading.exchange.answer))


def _of_sent(hold: Callable[[Shown, Reading], None], reading: Reading) -> None:
    if reading.status != 200 or reading.broken:
        raise NotShownError
    _known(reading)
    _whole(reading)
    hold(Shown(reading.exchange.answer), reading)


def _project(shown: Shown, reading: Reading) -> None:
    if shown.project != reading.asked["data"]["relationships"]["project"]["data"]["id"]:
        pytest.skip("the project is not the one that was sent; the case may be older")


def _findings(shown: Shown, reading: Reading) -> None:
    rules.hold_findings(shown, reading.findings)


def _ticket_part(part: str, shown: Shown, reading: Reading) -> None:
    rules.hold_ticket_part(shown, str(reading.ticket), part)


def _address(shown: Shown, reading: Reading) -> None:
    found = shown.get("attributes", "servicenow_ticket", "result", "url")
    if found != reading.ticket:
        pytest.fail(f"url is {found!r}, and {reading.ticket!r} was sent")


def _times(shown: Shown) -> None:
    if any(
        Moment.read(shown.get("attributes", f"{what}_at")) is None
        for what in ("created", "modified")
    ):
        pytest.skip("the times of the case are no timestamps")
    rules.hold_times(shown)


@functools.cache
def checks(contract: Fragment) -> Sequence[tuple[str, Check]]:
    """Every check, with the requirement that it judges; some have several."""
    part, described = functools.partial, "answer-describes-the-ticket-sent"
    of_case = [part(rules.hold_case_part, path=path) for path in rules.CASE_PARTS]
    of_ticket = [part(_ticket_part, each) for each in rules.TICKET_PARTS]
    return [
        ("valid-request-accepted", _accepted),
        ("findings-up-to-50-accepted", _most_findings),
        ("unknown-members-accepted", _unknown_members),
        ("no-findings-accepted", _no_findings),
        *((name, part(_demanded, name)) for name in (*OF_KEYWORD.values(), MALFORMED, MEDIA_TYPE)),
        *((f"answer-{each}-model", part(_model, each)) for each in contract.statuses),
        ("answer-media-type", _media_type_of_answer),
        ("answer-statuses-documented", _status),
        *(("answer-shows-the-case", part(_of_case, hold)) for hold in of_case),
        *((described, part(_of_sent, hold)) for hold in of_ticket),
        (described, part(_of_case, rules.hold_ticket_status)),
        ("answer-repeats-the-address-sent", part(_of_sent, _address)),
        ("case-times-do-not-go-back", part(_of_case, _times)),
        ("answer-names-the-project", part(_of_sent, _project)),
        ("answer-lists-every-finding", part(_of_sent, _findings)),
        ("case-is-a-security-case", part(_of_case, rules.hold_security_case)),
    ]


_KEYS = "keys are cut out of recordings, so a missing one proves nothing"
_BETWEEN = "what else changed its tickets in between is not recorded"
BEYOND: Mapping[str, str] = {
    "every-address-of-an-incident-accepted": "a recording shows the forms it holds, not each",
    "ids-of-any-letters-accepted": "a recording does not show which odd ids exist",
    "api-key-demanded": _KEYS,
    "app-key-demanded": _KEYS,
    "missing-keys-are-401-or-403": _KEYS,
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
