"""The witness judges every answer of a run, whichever test asked for it."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from servicenow_contract.contract.addresses import addresses
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.answers import leads_to
from servicenow_contract.judging.refusals import REFUSED
from servicenow_contract.judging.verdict import NotShown, Verdict
from servicenow_contract.judging.witness import sees
from servicenow_contract.run import command as cli
from servicenow_contract.run import runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.run.watch import Watch
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.asgi import running
from servicenow_contract.service.mock import Respond
from servicenow_contract.target.target import STAND_INS, Target, embedded
from tests.contract import CONTRACT, FRAGMENT

TICKET, OTHER = DEFAULT_WORLD.tickets[:2]
Edit = Callable[[dict[str, Any], int], object]


def _edited(edit: Edit) -> Respond:
    """The reference service, whose 200s are edited, each with its number."""
    state, numbers = State(FRAGMENT), itertools.count()

    def respond(request: Request) -> Response:
        response = handle(state, request)
        if response.status != 200:
            return response
        body = json.loads(response.body)
        edit(body["data"], next(numbers))
        return evolve(response, body=json.dumps(body).encode())

    return respond


def _watched(respond: Respond, *attaches: tuple[str, list[str]], **options: Any) -> dict[str, str]:
    """What is broken, after these attaches: the first reason of each requirement."""
    target = embedded(FRAGMENT, DEFAULT_WORLD, respond)
    watch = Watch(CONTRACT.deviations)
    watch.over(target)
    with target.client:
        for ticket, findings in attaches:
            target.attach(ticket, findings, **options)
    broken: dict[str, str] = {}
    for found in watch.take():
        if found.verdict is not Verdict.PASS:
            broken.setdefault(found.requirement, found.reason)
    return broken


ONE, TWO, AGAIN = (TICKET, ["a"]), (OTHER, ["b"]), (TICKET, ["c"])


def test_nothing_is_broken() -> None:
    """The reference service contradicts neither its model nor itself."""
    assert _watched(_edited(lambda _data, _number: None), ONE, TWO, AGAIN, (OTHER, ["a"])) == {}


BROKEN: Mapping[str, tuple[str, Edit]] = {
    "another case": (
        "linked-ticket-keeps-its-case",
        lambda data, number: data.update(id=f"{data['id']}-{number}"),
    ),
    "another key": (
        "linked-ticket-keeps-its-case",
        lambda data, number: data["attributes"].update(key=f"A-{number}"),
    ),
    "one case for two": ("unlinked-ticket-gets-a-case", lambda data, _: data.update(id="one")),
    "another project": (
        "answer-names-the-project",
        lambda data, number: data["relationships"]["project"]["data"].update(id=f"p-{number}"),
    ),
    "a time that goes back": (
        "case-times-do-not-go-back",
        lambda data, number: data["attributes"].update(
            created_at="2011-01-01T00:00:00Z", modified_at=f"{2020 - number}-01-01T00:00:00Z"
        ),
    ),
    "modified before it was created": (
        "case-times-do-not-go-back",
        lambda data, _: data["attributes"].update(modified_at="2011-01-01T00:00:00Z"),
    ),
    "a case of 1970": (
        "case-times-are-possible",
        lambda data, _: data["attributes"].update(created_at="1970-01-01T00:00:00Z"),
    ),
    "a case of tomorrow": (
        "case-times-are-possible",
        lambda data, _: data["attributes"].update(modified_at="2999-01-01T00:00:00Z"),
    ),
    "another creator": (
        "linked-ticket-keeps-its-case",
        lambda data, number: data["relationships"]["created_by"]["data"].update(id=f"u-{number}"),
    ),
    "a finding twice": (
        "answer-lists-every-finding",
        lambda data, _: data["attributes"]["insights"].append(data["attributes"]["insights"][0]),
    ),
    "a finding of another type": (
        "answer-lists-every-finding",
        lambda data, _: data["attributes"]["insights"][0].update(type="OTHER"),
    ),
    "a ticket that failed": (
        "answer-describes-the-ticket-sent ticket-status-is-completed",
        lambda data, _: data["attributes"]["servicenow_ticket"].update(status="FAILED"),
    ),
    "another record": (
        "answer-describes-the-ticket-sent",
        lambda data, _: data["attributes"]["servicenow_ticket"]["result"].update(sys_id=32 * "f"),
    ),
    "another type of case": (
        "case-is-a-security-case",
        lambda data, _: data["attributes"].update(type="STANDARD"),
    ),
    "a part left out": (
        "answer-shows-the-case",
        lambda data, _: data["attributes"]["servicenow_ticket"].pop("result"),
    ),
    "another address of the ticket": (
        "answer-repeats-the-address-sent",
        lambda data, _: data["attributes"]["servicenow_ticket"]["result"].update(
            url=data["attributes"]["servicenow_ticket"]["result"]["url"].replace("?", "%3F")
        ),
    ),
    "another model": ("answer-200-model", lambda data, _: data["attributes"].update(title=7)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_answers_show_is_judged(name: str) -> None:
    """An answer that breaks promises, alone or together with those before, breaks no other."""
    requirements, edit = BROKEN[name]
    assert list(_watched(_edited(edit), ONE, TWO, AGAIN)) == requirements.split()


@pytest.mark.parametrize("steady", [True, False])
def test_a_case_for_each_address_is_one_fault(steady: bool) -> None:
    """Another case by another address is blamed once, where each address keeps its own."""
    by_address = (ONE, AGAIN, (addresses(TICKET)["classic"], ["d"]))

    def edit(data: dict[str, Any], number: int) -> None:
        url = data["attributes"]["servicenow_ticket"]["result"]["url"]
        data["id"] = url if steady else f"{url}-{number}"

    expected = "one-incident-is-one-ticket" if steady else "linked-ticket-keeps-its-case"
    assert list(_watched(_edited(edit), *by_address)) == [expected]


def test_other_keys_and_methods_show_nothing() -> None:
    """What a gateway may answer, before the operation is asked, is not held against it."""

    def respond(_request: Request) -> Response:
        return Response(418, {"content-type": "text/html"}, b"<p>")

    target = embedded(FRAGMENT, DEFAULT_WORLD, respond)
    watch = Watch(CONTRACT.deviations)
    watch.over(target)
    header = next(iter(target.keys.headers(FRAGMENT)))
    with target.client:
        target.send({}, method="POST")
        target.send({}, headers={header: None})
        assert watch.take() == []
        target.send({})
    assert [found.requirement for found in watch.take()] == ["answer-statuses-documented"]


@pytest.mark.parametrize("stand_ins", [True, False])
def test_key_that_stands_in_need_not_be_known(stand_ins: bool) -> None:
    """A server may refuse a key of one permission that stands in, and none of an account's."""
    header = FRAGMENT.key_headers["appKeyAuth"]
    target = embedded(FRAGMENT, respond=lambda _: Response(403, {}, b"{}"))
    limited: dict[str | None, str] = {FRAGMENT.permissions[0]: "a-key-of-one-permission"}
    keys = evolve(target.keys, limited=limited, stand_ins=stand_ins)
    target = evolve(target, keys=keys)
    watch = Watch(CONTRACT.deviations)
    watch.over(target)
    with target.client:
        target.send({}, headers={header: "a-key-of-one-permission"})
    assert (watch.take() == []) == stand_ins


def _taken(**sent: Any) -> set[str]:
    """What fails when this is sent to a server that answers whatever it is sent with one case."""
    case = handle(State(FRAGMENT), _good_request())
    target = embedded(FRAGMENT, DEFAULT_WORLD, lambda _request: case)
    watch = Watch(CONTRACT.deviations)
    watch.over(target)
    with target.client:
        target.send(**sent)
    found = [found for found in watch.take() if found.verdict is not Verdict.PASS]
    return {each.requirement for each in found if each.requirement in REFUSED}


def _good_request() -> Request:
    headers = {"content-type": "application/json", **STAND_INS.headers(FRAGMENT)}
    return Request(FRAGMENT.method, FRAGMENT.path, headers, json.dumps(_body()).encode())


def _body(findings: Sequence[str] = ("finding-001",), **changed: str) -> Any:
    given = {"ticket": TICKET, "project": DEFAULT_WORLD.project, **changed}
    return attach_body(given["ticket"], findings, given["project"])


_MANY = [f"finding-{number}" for number in range(FRAGMENT.max_findings + 1)]
_KEY_HEADERS = FRAGMENT.key_headers
_GOOD = json.dumps(_body()).encode()
WRONG: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "no API key": ("api-key-demanded", {"headers": {_KEY_HEADERS["apiKeyAuth"]: None}}),
    "a blank key": ("app-key-demanded", {"headers": {_KEY_HEADERS["appKeyAuth"]: " "}}),
    "a wrong key": (
        "wrong-keys-refused",
        {"headers": {_KEY_HEADERS["apiKeyAuth"]: DEFAULT_WORLD.wrong_api_key}},
    ),
    "text": ("media-type-demanded", {"headers": {"Content-Type": "text/plain"}}),
    "cut off": ("malformed-json-is-400", {"content": _GOOD[:-1]}),
    "nothing": ("malformed-json-is-400", {"content": b""}),
    "two documents": ("malformed-json-is-400", {"content": 2 * _GOOD}),
    "a number": ("types-demanded", {"body": {"data": 7}}),
    "no data": ("required-members-demanded", {"body": {}}),
    "too many findings": ("findings-over-the-limit-refused", {"body": _body(_MANY)}),
    "another table": (
        "ticket-url-rule-demanded",
        {"body": _body(ticket=TICKET.replace("incident", "problem"))},
    ),
    "a finding that nobody has": (
        "unknown-finding-is-404",
        {"body": _body([DEFAULT_WORLD.unknown_finding])},
    ),
    "a project that nobody has": (
        "unknown-project-is-404",
        {"body": _body(project=DEFAULT_WORLD.unknown_project)},
    ),
}
"""Requests that are wrong for certain, each with the rule that it breaks."""


@pytest.mark.parametrize("name", WRONG)
def test_who_takes_what_is_wrong_breaks_its_rule(name: str) -> None:
    """A wrong request that is answered 200 fails the rule that it breaks, whoever sent it."""
    requirement, sent = WRONG[name]
    assert _taken(**{"body": _body(), **sent}) == {requirement}


OPEN: Mapping[str, Mapping[str, Any]] = {
    "a right one": {"body": _body()},
    "members of any name": {"body": {**_body(), "later": 1}},
    "no finding": {"body": _body([])},
    "too many that are one": {"body": _body(len(_MANY) * ["finding-001"])},
    "an address with a port": {"body": _body(ticket=TICKET.replace(".com", ".com:443"))},
    "a dialect of JSON": {"content": _GOOD[:-1] + b",}"},
    "a comment behind the JSON": {"content": _GOOD + b" // no more"},
    "UTF-16": {"content": _GOOD.decode().encode("utf-16")},
    "a byte order mark": {"content": b"\xef\xbb\xbf" + _GOOD},
    "half of a surrogate pair": {"content": _GOOD.replace(b"finding-001", b"\\ud800")},
    "too deep to judge": {"content": b'{"data":' + 100_000 * b"["},
    "no media type": {"body": _body(), "headers": {"Content-Type": None}},
    "another JSON": {"body": _body(), "headers": {"Content-Type": "application/vnd.api+json"}},
    "another method": {"body": {}, "method": "LINK"},
}
"""Requests that a server may take: they are right, or the page leaves open what they are."""


@pytest.mark.parametrize("name", OPEN)
def test_who_takes_what_is_open_breaks_nothing(name: str) -> None:
    """A server is not blamed for taking what the page does not make wrong for certain."""
    assert _taken(**OPEN[name]) == set()


def test_a_broken_requirement_is_filed_a_few_times() -> None:
    """Whatever else a server says each time, few answers of one kind are kept, and each once."""
    edit: Edit = lambda data, number: data["attributes"].update(title=number)  # noqa: E731
    target = embedded(FRAGMENT, DEFAULT_WORLD, _edited(edit))
    watch = Watch(CONTRACT.deviations)
    watch.over(target)
    with target.client:
        for _ in range(30):
            target.attach(*ONE)
    kept = [found for found in watch.take() if found.requirement == "answer-200-model"]
    assert len(kept) == 10
    assert len({found.reason for found in kept}) == 10


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        (TICKET, True),
        (addresses(TICKET)["in the service workspace"], True),
        (addresses(TICKET)["classic"], True),
        (TICKET.replace("?sys_id=", "%3Fsys_id%3D"), True),
        (TICKET.replace("example", "EXAMPLE"), True),
        (OTHER, False),
        (f"{TICKET}0", False),
        (TICKET.replace("https", "http"), True),
        (TICKET.partition("/now/")[0], False),
        (TICKET.replace("incident", "problem"), False),
        (TICKET.replace("example", "another"), False),
        ("https://[", False),
    ],
)
def test_addresses_of_one_incident(address: str, leads: bool) -> None:
    """An address on its host that may be an incident's leads there by naming the record."""
    assert leads_to(address, TICKET) is leads


def test_address_by_number_proves_nothing() -> None:
    """Whether a number is the ticket's only ServiceNow knows."""
    address = f"{TICKET.partition('sys_id=')[0]}sysparm_query=number=INC0010023"
    with pytest.raises(NotShown):
        leads_to(address, TICKET)


def _throttling(body: bytes) -> Respond:
    """The reference service, which answers 429 now and then: each is waited out."""
    state, numbers = State(FRAGMENT), itertools.count(1)
    headers = {"content-type": "application/json", "x-ratelimit-reset": "0"}

    def respond(request: Request) -> Response:
        if next(numbers) % 29 == 0:
            return Response(429, headers, body)
        return handle(state, request)

    return respond


@pytest.mark.parametrize(
    ("body", "verdict", "workers"),
    [(b'{"errors": ["slow down"]}', "pass", 1), (b'{"errors": "slow"}', "fail", 2)],
)
def test_every_429_is_judged(tmp_path: Path, body: bytes, verdict: str, workers: int) -> None:
    """A 429 is judged wherever it is met, in every process; without one the verdict is not-run."""
    by = ("findings-up-to-the-limit-accepted", "types-demanded", "answer-429-model")
    with running(_throttling(body)) as url:
        options = ["--target", url, "--max-requests", "400", "-n", str(workers)]
        options += [option for name in by for option in ("--only", name)]
        code = cli.main([*options, "--report", str(tmp_path)])
    said = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    verdicts = {each["id"]: each["verdict"] for each in said["requirements"]}
    assert (verdicts.pop("answer-429-model"), code) == (verdict, int(verdict == "fail"))
    assert "fail" not in verdicts.values()


def test_what_no_answer_showed_is_not_run() -> None:
    """A requirement that only answers by the way can show is not-run, with the reason."""
    asked = ("answer-429-model", "address-of-the-page-accepted")
    judge = JudgePlugin(CONTRACT, settings=RunSettings(only=asked, max_requests=200))
    runner.run(judge)
    assert judge.ledger.verdict("address-of-the-page-accepted") is Verdict.PASS
    assert judge.ledger.verdict("answer-429-model") is Verdict.NOT_RUN
    assert "no answer in this run showed it" in judge.ledger.reasons("answer-429-model")[0]


def test_the_witness_sees_requirements_of_servers() -> None:
    """Each that it judges is in the catalogue."""
    catalogue = CONTRACT.requirements
    assert {catalogue[name].of for name in sees(FRAGMENT)} == {"server"}


def test_a_target_without_a_wire_is_not_watched() -> None:
    """Nothing is asked of a target whose exchanges nobody remembers."""
    target = embedded(FRAGMENT)
    Watch(()).over(Target(FRAGMENT, target.name, target.client, target.world, target.keys))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    listed = enumerate(value) if isinstance(value, list) else ()
    parts = value.items() if isinstance(value, dict) else listed
    return [path, *(found for key, each in parts for found in _places(each, (*path, key)))]


@pytest.mark.parametrize("count", [2, 51])
def test_any_value_at_any_place_of_an_answer_is_judged(count: int) -> None:
    """Whatever JSON stands in place of a member of a 200 or a 400, the witness raises nothing."""
    findings = [f"f{number}" for number in range(count)]

    @seed(13)
    @settings(max_examples=150, deadline=None, database=None)
    @given(st.data())
    def judged(data: st.DataObject) -> None:
        state = State(FRAGMENT)

        def respond(request: Request) -> Response:
            response = handle(state, request)
            body = {"": json.loads(response.body)}
            path = ("", *data.draw(st.sampled_from(_places(body[""]))))
            holder: Any = body
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = data.draw(JSON)
            return evolve(response, body=json.dumps(body[""]).encode())

        _watched(respond, (TICKET, findings))

    judged()
