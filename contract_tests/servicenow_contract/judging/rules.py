"""What an answer owes by itself: one table of rules.

The conformance tests ask them of answers that they get on purpose, the witness of every answer of a
run, and recorded traffic of every answer that was recorded.
"""

import functools
from collections.abc import Callable, Sequence

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import answer_model
from servicenow_contract.judging.answers import Answer
from servicenow_contract.judging.parts import (
    CASE_PARTS,
    INSIGHTS,
    TICKET_PARTS,
    hold_address,
    hold_case_part,
    hold_findings,
    hold_findings_at_once,
    hold_insights_named,
    hold_media_type,
    hold_model,
    hold_possible_times,
    hold_project,
    hold_reasons,
    hold_security_case,
    hold_status,
    hold_ticket_part,
    hold_ticket_status,
    hold_ticket_success,
    hold_times,
)
from servicenow_contract.judging.verdict import NotShown

Part = Callable[[Answer], None]


@frozen
class Rule:
    """One thing that an answer owes."""

    requirement: str
    status: int | None
    """The status of the answers that owe it; None is any."""
    needs: Part = field(repr=False)
    """Raises NotShown for an answer that says nothing of the requirement."""
    holds: Part = field(repr=False)
    """Raises Broken for an answer that breaks it, and NotShown when it leaves out what counts."""

    def __call__(self, answer: Answer) -> None:
        """Judge an answer. Raises Broken, and NotShown."""
        if self.status not in (None, answer.status):
            raise NotShown
        self.needs(answer)
        self.holds(answer)


def _body(answer: Answer) -> None:
    """A body that is known."""
    if answer.missing:
        raise NotShown(answer.missing)


def _refused(answer: Answer) -> None:
    """A body of a documented refusal."""
    if answer.status not in answer.contract.statuses or answer.status < 400:
        raise NotShown
    _body(answer)


def _asked(answer: Answer) -> None:
    """A body, and a request that is known and satisfies the contract."""
    _ = answer.sent
    _body(answer)


def _attached(answer: Answer) -> None:
    """The same, of a request with a finding: a case without any need not show an empty list."""
    _asked(answer)
    if not answer.sent.findings:
        raise NotShown


def _documented(answer: Answer) -> None:
    """A documented status, and a media type to judge."""
    if answer.status not in answer.contract.statuses:
        raise NotShown
    if answer.recorded and "content-type" not in answer.response.headers:
        raise NotShown("the recording does not show the media type of the answer")


def _of_the_operation(answer: Answer) -> None:
    """A request that the operation itself answers.

    A gateway may answer another media type with a status of its own, and so it may wrong keys.
    """
    if not answer.says_json or (answer.recorded and answer.status in (401, 403)):
        raise NotShown


_PART = functools.partial
RULES: Sequence[Rule] = (
    Rule("refusals-say-why", None, _refused, hold_reasons),
    Rule("answer-media-type", None, _documented, hold_media_type),
    Rule("answer-statuses-documented", None, _of_the_operation, hold_status),
    *(
        Rule(
            "answer-shows-the-case",
            200,
            _attached if path == INSIGHTS else _body,
            _PART(hold_case_part, path=path),
        )
        for path in CASE_PARTS
    ),
    *(
        Rule("answer-describes-the-ticket-sent", 200, _asked, _PART(hold_ticket_part, part=part))
        for part in TICKET_PARTS
    ),
    Rule("answer-describes-the-ticket-sent", 200, _body, hold_ticket_success),
    Rule("ticket-status-is-completed", 200, _body, hold_ticket_status),
    Rule("answer-repeats-the-address-sent", 200, _asked, hold_address),
    Rule("case-times-do-not-go-back", 200, _body, hold_times),
    Rule("case-times-are-possible", 200, _body, hold_possible_times),
    Rule("answer-names-the-project", 200, _asked, hold_project),
    Rule("answer-shows-the-case", 200, _body, hold_insights_named),
    Rule("answer-lists-every-finding", 200, _asked, hold_findings),
    Rule("findings-shown-at-once", 200, _asked, hold_findings_at_once),
    Rule("case-is-a-security-case", 200, _body, hold_security_case),
)
"""What is owed whatever is documented, by its requirement; some requirements have several rules."""


@functools.cache
def rules(contract: Fragment) -> Sequence[Rule]:
    """Every rule of a contract: each documented status brings that of its model with it."""
    models = (Rule(answer_model(status), status, _body, hold_model) for status in contract.statuses)
    return (*models, *RULES)


@functools.cache
def owed(contract: Fragment, status: int) -> Sequence[Rule]:
    """The rules for the answers of a status; the others say nothing of them."""
    return [rule for rule in rules(contract) if rule.status in (None, status)]
