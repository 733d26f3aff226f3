"""How a server answers what is asked on purpose; a witness judges every other answer too."""

import json
from collections.abc import Sequence

import pytest
from _pytest.mark import ParameterSet  # what pytest.param gives; it has no public name
from attrs import evolve

from servicenow_contract.contract.addresses import addresses
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.judging.answers import Answer, Shown, told
from servicenow_contract.judging.parts import (
    TICKET_PARTS,
    hold_address,
    hold_findings,
    hold_project,
    hold_ticket_part,
)
from servicenow_contract.judging.rules import owed
from servicenow_contract.judging.verdict import NotShown
from servicenow_contract.run.scene import Scene
from servicenow_contract.target.target import Target

requirement = pytest.mark.requirement


def _answer(scene: Scene, status: int) -> Answer:
    """An answer with this status, which every server gives to some request. Raises NotShown."""
    [ticket], findings = scene.tickets(1), scene.findings(2)
    match status:
        case 200:
            what, answer = "a plain request", scene.ask(ticket, findings)
        case 400:
            what, answer = "{}", Answer(scene.target.contract, scene.target.send({}))
        case 404:
            what = f"the finding {scene.world.unknown_finding!r}, which must not exist,"
            answer = scene.ask(ticket, [scene.world.unknown_finding])
        case _:
            keys = dict.fromkeys(scene.target.contract.key_headers.values())
            what = "a request without keys"
            answer = Answer(scene.target.contract, scene.target.send({}, headers=keys))
    if answer.status != status:
        raise NotShown(f"no {status} was received: {what} was answered {answer.status}")
    return answer


def _granted(scene: Scene, ticket: str, findings: Sequence[str]) -> Answer:
    return scene.granted(scene.ask(ticket, findings))


_SETTLING = (
    *("answer-lists-every-finding", "findings-shown-at-once"),
    *("answer-names-the-project", "case-times-do-not-go-back"),
)
"""What one answer need not show: other tests ask until it does, or the witness judges it."""


def _provoked(contract: Fragment) -> list[int]:
    """The documented statuses that a test can ask for; two of them by leaving the keys out."""
    return [each for each in contract.statuses if each in (200, 400, 401, 403, 404)]


def _owed(contract: Fragment) -> list[ParameterSet]:
    """What the answers of these statuses owe by themselves."""
    rules = (rule for status in _provoked(contract) for rule in owed(contract, status))
    names = dict.fromkeys(rule.requirement for rule in rules)
    return [pytest.param(each, marks=requirement(each)) for each in names if each not in _SETTLING]


@pytest.mark.from_contract("name", _owed)
def test_an_answer(scene: Scene, name: str) -> None:
    """Each status that can be asked for is answered by the rules of a requirement."""
    contract, shown, reasons = scene.target.contract, False, list[str]()
    for status in _provoked(contract):
        for rule in owed(contract, status):
            if rule.requirement == name:
                try:
                    rule(_answer(scene, status))
                    shown = True
                except NotShown as nothing:
                    reasons.append(str(nothing))
    if not shown:
        raise NotShown("; ".join(dict.fromkeys(filter(None, reasons))))


_INSTANCES = ("dev12345", "acme-it", "a", "x2", "acme.eu")


@requirement("answer-describes-the-ticket-sent")
@pytest.mark.parametrize("instance", _INSTANCES)
def test_ticket_of_another_instance(scene: Scene, instance: str) -> None:
    """The ticket in the answer is on the instance that was sent, whatever it is called."""
    ticket = scene.ticket_of(instance)
    for address in addresses(ticket).values():
        answer = scene.ask(address, [scene.made_up_finding("of an instance")])
        if answer.status != 200 and address != ticket:
            continue  # whether this form is accepted is another requirement's
        answer = scene.granted(answer)
        result = answer.shown.get("attributes", "servicenow_ticket", "result")
        for part in TICKET_PARTS:
            if isinstance(result, dict) and result.get(part) is not None:
                hold_ticket_part(answer, part)


@requirement("answer-repeats-the-address-sent")
def test_ticket_address(scene: Scene) -> None:
    """The address in the answer is the very one that was sent just now, of one ticket too."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    for address in addresses(ticket).values():
        answer = scene.ask(address, findings)
        if answer.status == 200 or address == ticket:
            hold_address(answer)


@requirement("answer-names-the-project")
def test_project(scene: Scene) -> None:
    """The case is in the project that was sent when it was created."""
    ticket, findings = scene.made_up_ticket("project"), scene.findings(1)
    hold_project(evolve(_granted(scene, ticket, findings), created=True))


@requirement("answer-lists-every-finding")
@pytest.mark.from_contract("count", lambda contract: [3, 12, contract.max_findings])
def test_findings(scene: Scene, count: int) -> None:
    """Every finding that was sent is one insight, of the documented type."""
    findings = scene.findings(count)
    ticket = scene.vacant_ticket(findings)
    answer = _granted(scene, ticket, findings)
    shown = scene.awaited(ticket, answer.shown, has=findings)
    scene.empty(ticket, findings)
    expect.lists("the case", shown.findings, *findings)
    hold_findings(evolve(answer, response=shown.response))


@requirement("answer-lists-every-finding")
def test_finding_named_twice(scene: Scene) -> None:
    """A finding that is sent twice in one request, if that is taken, is attached once."""
    [ticket], [finding] = scene.tickets(1), scene.findings(1)
    shown = scene.awaited(ticket, scene.attach(ticket, [finding, finding]), has=[finding])
    count = shown.findings.count(finding)
    expect.same(f"the number of insights for {finding!r}, which was sent twice,", 1, count)


_IDS = (
    *("QUJD", "qujd", "QUJDRA==", "QUJDRA", "-a_b-c", "+a/b+c", "007", "7", "1e3", "true", "null"),
    *(
        "with two  blanks",
        " blanks around ",
        "blanks around",
        "a:b:c",
        "a%3Db",
        "a=b&c=d",
        "<a>&amp;'",
        "id'",
    ),
    *("\N{LATIN SMALL LETTER E WITH ACUTE}", "e\N{COMBINING ACUTE ACCENT}", 40 * "ab", 41 * "ab"),
)
"""Ids that a server confuses which trims, folds, decodes or cuts them."""


def _attach_ids(scene: Scene, ticket: str, ids: Sequence[str]) -> list[str]:
    """The findings that a ticket shows after an attach; not run where a server knows no such ids.

    A case may have insights that are no findings.
    """
    response = scene.target.attach(ticket, ids)
    if response.status_code != 200:
        pytest.skip(f"unusual ids were not accepted; they were answered {told(response)}")
    shown = scene.awaited(ticket, Shown(response), has=ids).findings
    return [each for each in shown if each not in scene.lent]


@requirement("answer-lists-every-finding")
def test_ids_are_taken_letter_by_letter(scene: Scene) -> None:
    """Each id is shown as it was sent, and nothing but what was sent is shown."""
    found = _attach_ids(scene, scene.made_up_ticket("ids"), _IDS)
    expect.is_just("a case with ids that resemble each other", found, _IDS)


@requirement("finding-moves-from-its-earlier-ticket")
def test_ids_that_resemble_each_other_move_alone(scene: Scene) -> None:
    """Where one id moves, those that resemble it stay."""
    scene.needs_memory()
    one, other = scene.made_up_ticket("letters"), scene.made_up_ticket("letters", 0xB17E)
    _attach_ids(scene, one, _IDS)
    _attach_ids(scene, other, _IDS[::2])
    left = scene.settled(one, scene.look(one, _IDS[1]), has=_IDS[1::2], lacks=_IDS[::2]).findings
    found = [each for each in left if each in _IDS]
    expect.is_just("a ticket, after ids that resemble its own moved away,", found, _IDS[1::2])


@requirement("answer-statuses-documented")
def test_no_server_error_on_a_large_body(target: Target) -> None:
    """A long list of small mistakes is refused like a short one."""
    response = target.send({"data": [{"id": number} for number in range(2000)]})
    expect.answered("a body with 2,000 small mistakes", response, *target.contract.statuses)


@requirement("answer-statuses-documented")
@pytest.mark.parametrize(
    "value",
    ["", "\x00", "\N{GRINNING FACE}", 300 * "a", 5000 * "a", "\ud800", "'; --", "../..", "${a}"],
    ids=["empty", "NUL", "emoji", "long", "longer", "surrogate", "quote", "dots", "template"],
)
@pytest.mark.parametrize("name", ["finding", "project"])
def test_no_server_error_on_an_odd_id(scene: Scene, name: str, value: str) -> None:
    """An id may be taken, unknown or refused; it breaks nothing."""
    ticket = scene.made_up_ticket("odd")
    findings = [value] if name == "finding" else [scene.made_up_finding("plain")]
    body = attach_body(ticket, findings, value if name == "project" else scene.world.project)
    response = scene.target.send(content=json.dumps(body).encode())
    statuses = scene.target.contract.statuses
    expect.answered(f"a {name} called {expect.value(value)}", response, *statuses)


@requirement("answer-statuses-documented")
@pytest.mark.parametrize("depth", [500, 20_000])
def test_no_server_error_on_a_deep_body(target: Target, depth: int) -> None:
    """Lists in lists in lists are refused like one."""
    response = target.send(content=b'{"data":' + depth * b"[" + depth * b"]" + b"}")
    statuses = target.contract.statuses
    expect.answered(f"a body of {depth:,} nested lists", response, *statuses)
