"""What the client refuses before it sends anything, and what it sends."""

import copy
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_servicenow_tickets import InvalidRequestError, NotSentError, models
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from tests.client.calls import CASE, MODES, REQUEST, TICKET_URL, Handler, answering, body, call

URL_AT = "/data/attributes/servicenow_ticket_url"
PROJECT_AT = "/data/relationships/project/data/id"
FINDINGS_AT = "/data/relationships/findings/data"


def _unreachable(_: httpx2.Request) -> httpx2.Response:
    raise AssertionError("nothing is sent")


def _refused(mode: str = "sync", *args: Any, **changes: Any) -> list[str]:
    """The pointers of the problems for which a request is refused."""
    method = "attach" if args else "attach_findings"
    request = None if args else {**REQUEST, **changes}
    with pytest.raises(InvalidRequestError) as caught:
        call(mode, _unreachable, *args, method=method, request=request)
    assert isinstance(caught.value, NotSentError)
    assert caught.value.applied is False
    assert caught.value.attempts == 0
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)
    return [problem.pointer for problem in caught.value.problems]


def _sent(*args: Any, **changes: Any) -> Any:
    """The JSON that is sent."""
    handler, requests = answering(httpx2.Response(200, json=CASE))
    method = "attach" if args else "attach_findings"
    call("sync", handler, *args, method=method, request=None if args else {**REQUEST, **changes})
    return json.loads(requests[0].content)


def _ids(document: Any) -> list[str]:
    return [finding["id"] for finding in document["data"]["relationships"]["findings"]["data"]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("findings", [[], (), iter(()), "a-finding", b"a-finding", None, 5, {}])
def test_no_findings(mode: str, findings: Any) -> None:
    """No finding, and what is not a list of ids, is refused."""
    assert _refused(mode, finding_ids=findings) == [FINDINGS_AT]


@pytest.mark.parametrize("bad", ["", None, 5, b"x", ["x"], {"id": "x"}])
def test_bad_id(bad: Any) -> None:
    """An id that is empty or no string is refused, at its place in the list that was given."""
    assert _refused(finding_ids=["a", "a", bad, "b"]) == [f"{FINDINGS_AT}/2/id"]


def test_limit(contract: Fragment) -> None:
    """The documented number of findings is sent, and one more is refused."""
    ids = [f"finding-{number}" for number in range(contract.max_findings + 1)]
    assert _ids(_sent(finding_ids=ids[:-1])) == ids[:-1]
    assert _refused(finding_ids=ids) == [FINDINGS_AT]


def test_duplicates(contract: Fragment) -> None:
    """A finding that is given twice is sent once, where it stood first, and counts once."""
    assert _ids(_sent(finding_ids=["b", "a", "b", "c", "a"])) == ["b", "a", "c"]
    ids = [f"finding-{number}" for number in range(contract.max_findings)]
    assert _ids(_sent(finding_ids=[*ids, *ids])) == ids


@pytest.mark.parametrize("make", [tuple, iter, dict.fromkeys, lambda ids: (i for i in ids)])
def test_any_iterable(make: Callable[[list[str]], Any]) -> None:
    """Ids come from any iterable, one that can be read once included."""
    assert _ids(_sent(finding_ids=make(["a", "b"]))) == ["a", "b"]


@pytest.mark.parametrize(
    "url",
    [
        "", None, 5, "https://example.service-now.com/", f"{TICKET_URL}\n", f" {TICKET_URL}",
        TICKET_URL.replace("incident", "problem"),
        TICKET_URL.replace(".service-now.com", ".service-now.com.evil.example"),
        TICKET_URL.replace("example.service-now", "evilservice-now"),
        TICKET_URL.replace("https://", "https://user@"),
    ],
)  # fmt: skip
def test_ticket_url(url: Any) -> None:
    """A ticket's address that is certainly none of an incident is refused."""
    assert _refused(ticket_url=url) == [URL_AT]


def test_ticket_url_is_not_echoed() -> None:
    """The message does not repeat the address: it may hold what a log must not."""
    with pytest.raises(InvalidRequestError) as caught:
        call("sync", _unreachable, request={**REQUEST, "ticket_url": "https://u:hunter2@x/"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("project", ["", None, 5])
def test_project(project: Any) -> None:
    """A project id that is empty or no string is refused."""
    assert _refused(project_id=project) == [PROJECT_AT]


@pytest.mark.parametrize("mode", MODES)
def test_every_problem_at_once(mode: str) -> None:
    """Every problem of a request is listed."""
    at = _refused(mode, ticket_url="x", project_id="", finding_ids=["", "a", 5])
    assert at == [URL_AT, PROJECT_AT, f"{FINDINGS_AT}/0/id", f"{FINDINGS_AT}/2/id"]


def test_flat_call_is_the_documented_request(contract: Fragment) -> None:
    """The flat call with values of the page's example sends that, but for what it does not take."""
    data, ids = contract.request_example["data"], _ids(contract.request_example)
    ticket = data["attributes"]["servicenow_ticket_url"]
    project = data["relationships"]["project"]["data"]["id"]
    sent = _sent(ticket_url=ticket, project_id=project, finding_ids=ids)
    assert sent == attach_body(ticket, ids, project)


def _set(pointer: str, value: Any) -> Callable[[models.AttachRequest], None]:
    """Change one attribute of a request model."""

    def change(model: models.AttachRequest) -> None:
        target: Any = model
        *path, last = re.findall(r"\w+", pointer)
        for name in path:
            target = target[int(name)] if name.isdigit() else getattr(target, name)
        setattr(target, last, value)

    return change


_WRONG: list[tuple[str, Any, str]] = [
    ("data.type_", models.TicketsType("smoke"), "/data/type"),
    ("data.relationships.project.data.type_", models.ProjectsType("smoke"),
     "/data/relationships/project/data/type"),
    ("data.relationships.project.data.id", "", PROJECT_AT),
    ("data.relationships.findings.data.0.type_", models.FindingsType("smoke"),
     f"{FINDINGS_AT}/0/type"),
    ("data.relationships.findings.data.0.id", "", f"{FINDINGS_AT}/0/id"),
    ("data.relationships.findings.data", models.UNSET, FINDINGS_AT),
    ("data.relationships.findings.data", [], FINDINGS_AT),
    ("data.attributes.servicenow_ticket_url", models.UNSET, URL_AT),
    ("data.attributes", models.CustomAttributes(), URL_AT),
    ("data.type_", "servicenow_tickets", ""),
    ("data.attributes", None, ""),
    ("data", None, ""),
    ("data.additional_properties", {"x": {1, 2}}, ""),
    ("data.additional_properties", {"x": float("nan")}, ""),
    ("data.additional_properties", {"x": "\ud800"}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("pointer", "value", "at"), _WRONG)
def test_body_that_breaks_the_contract(pointer: str, value: Any, at: str) -> None:
    """A request model that would break the contract is refused, with its JSON Pointer."""
    model = body()
    _set(pointer, value)(model)
    assert _refused("sync", model) == [at]


@pytest.mark.parametrize("wrong", [None, {}, "x"])
def test_body_that_is_no_model(wrong: Any) -> None:
    """Anything but a request model is refused."""
    assert _refused("sync", wrong) == [""]


@pytest.mark.parametrize("error", [AttributeError, TypeError, ValueError, RecursionError])
def test_body_that_cannot_be_written(error: type[Exception]) -> None:
    """A model that fails while it is written is refused, whatever of the usual it raises."""

    class Failing(models.AttachRequest):
        def to_dict(self) -> dict[str, Any]:
            raise error

    assert _refused("sync", Failing(data=body().data)) == [""]


def test_finding_that_is_written_as_no_object() -> None:
    """What stands for a finding, and is written as something else, has no id."""

    class Odd(models.FindingIdentifier):
        def to_dict(self) -> Any:
            return 5

    model = body()
    model.data.relationships.findings.data = [Odd(id="x", type_=models.FindingsType.FINDINGS)]
    assert _refused("sync", model) == [f"{FINDINGS_AT}/0/id"]


def _itself() -> dict[str, Any]:
    """An object that holds itself."""
    found: dict[str, Any] = {}
    found["x"] = found
    return found


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (_itself(), "(recursion|overflow)"),
        ("\ud800", "surrogates not allowed"),
        (math.nan, "not JSON compliant"),
        (object(), "not JSON serializable"),
    ],
    ids=["itself", "surrogate", "NaN", "object"],
)
def test_reason_why_it_cannot_be_written(value: Any, why: str) -> None:
    """What JSON has no text for is refused, and the reason is told."""
    model = body()
    model.data.additional_properties["x"] = value
    with pytest.raises(InvalidRequestError, match=f"cannot be written as JSON .*{why}"):
        call("sync", _unreachable, model, method="attach")


@pytest.mark.parametrize("name", ["project_id", "finding_ids"])
def test_reason_why_an_id_cannot_be_written(name: str) -> None:
    """The same of an id that is half of a surrogate pair."""
    value: Any = "\ud800" if name == "project_id" else ["\ud800"]
    with pytest.raises(InvalidRequestError, match=r"cannot be written as JSON .*surrogates not"):
        call("sync", _unreachable, request={**REQUEST, name: value})


def test_body_is_not_changed() -> None:
    """Duplicates are left out of what is sent, and stay in the caller's model."""
    model = body(findings=["a", "b", "a"])
    before = copy.deepcopy(model)
    assert _ids(_sent(model)) == ["a", "b"]
    assert model == before


def test_first_duplicate_is_sent() -> None:
    """Of two entries with the same id, the first is sent, with all that it holds."""
    model = body(findings=["a", "a"])
    first, second = model.data.relationships.findings.data or []
    first["note"], second["note"] = "first", "second"
    [sent] = _sent(model)["data"]["relationships"]["findings"]["data"]
    assert sent["note"] == "first"


def test_unknown_members_are_sent() -> None:
    """Members that the contract does not know are sent as they are: no object is closed."""
    model = body()
    model.data.additional_properties["later"] = {"größe": [1, None]}
    assert _sent(model)["data"]["later"] == {"größe": [1, None]}


def _every_method(handler: Handler) -> Iterator[Any]:
    for mode in MODES:
        for method in ("attach", "attach_detailed"):
            yield call(mode, handler, body(), method=method)
        for method in ("attach_findings", "attach_findings_detailed"):
            yield call(mode, handler, method=method)


def _outcome(*args: Any, **changes: Any) -> Any:
    """What is sent, or why nothing is."""
    try:
        return _sent(*args, **changes)
    except InvalidRequestError as error:
        return error.problems


_IDS = st.text(max_size=2) | st.sampled_from([None, 5, ["x"]])


@given(st.lists(_IDS, max_size=60) | st.lists(st.text(), min_size=45, unique=True))
def test_flat_call_says_what_a_model_says(ids: list[Any]) -> None:
    """Whatever the ids are, both are sent alike, or refused for the same problems."""
    assert _outcome(finding_ids=ids) == _outcome(body(findings=ids))


def test_methods_agree() -> None:
    """All four methods of both clients send the same, and find the same case."""
    handler, requests = answering(*(httpx2.Response(200, json=CASE) for _ in range(8)))
    results = list(_every_method(handler))
    assert len({(str(r.url), r.method, r.content, tuple(r.headers.items())) for r in requests}) == 1
    compact = json.dumps(json.loads(requests[0].content), separators=(",", ":"))
    assert requests[0].content == compact.encode()
    cases = [
        result if isinstance(result, models.Case) else result.parsed.data for result in results
    ]
    assert all(case.to_dict() == CASE["data"] for case in cases)
