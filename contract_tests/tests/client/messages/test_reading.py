"""Reading is tolerant: whatever stands below the attributes, the case comes back, whole."""

import copy
import json
import pickle
from enum import StrEnum
from typing import Any

import attrs
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_servicenow_tickets import Client, MalformedResponseError, models
from servicenow_contract.contract.fragment import Fragment
from tests.client.calls import CASE, KEYS, MODES, NEEDED, REQUEST, answering, call
from tests.contract import FRAGMENT

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every member and item below a value, as its container and its key."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found: list[tuple[Any, Any]] = []
    for key, inner in pairs:
        found += [(value, key), *_places(inner)]
    return found


@st.composite
def _mutated(draw: st.DrawFn) -> Any:
    """The page's 200 with additions, removals, nulls and type changes below `data.attributes`."""
    body = copy.deepcopy(FRAGMENT.response_example(200))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(body["data"]["attributes"])
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["add", "remove", "null", "change"])):
            case "add" if isinstance(container, dict):
                container[draw(st.text())] = draw(_JSON)
            case "remove":
                del container[key]
            case "null":
                container[key] = None
            case _:
                container[key] = draw(_JSON)
    return body


def _outcome(body: Any) -> models.Case | Exception:
    """What a call with this JSON, or these bytes, comes to."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler, _ = answering(httpx2.Response(200, content=content))
    with Client(**KEYS, transport=httpx2.MockTransport(handler), verify=False) as client:
        try:
            return client.attach_findings(**REQUEST)
        except MalformedResponseError as error:
            return error


@given(_mutated())
def test_mutated_attributes(body: Any) -> None:
    """The case comes back, and writes the same JSON, whatever its attributes hold."""
    case = _outcome(body)
    assert isinstance(case, models.Case)
    assert case.to_dict() == body["data"]


@given(_JSON)
def test_any_json(body: Any) -> None:
    """Any JSON with 200 is a case or a MalformedResponseError, never anything else."""
    assert isinstance(_outcome(body), models.Case | MalformedResponseError)


@given(_JSON)
def test_any_case(data: Any) -> None:
    """So is any JSON in the place of the case."""
    assert isinstance(_outcome({"data": data}), models.Case | MalformedResponseError)


@given(_JSON)
def test_any_attributes(attributes: Any) -> None:
    """Attributes of any type do not lose the case."""
    body = {"data": {"type": "cases", "id": "x", "attributes": attributes}}
    case = _outcome(body)
    assert isinstance(case, models.Case)
    assert case.to_dict() == body["data"]


@given(st.binary())
def test_any_bytes(content: bytes) -> None:
    """Any bytes with 200 are a case or a MalformedResponseError that carries them."""
    outcome = _outcome(content)
    if isinstance(outcome, MalformedResponseError):
        assert outcome.content == content
    else:
        assert isinstance(outcome, models.Case)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/vnd.api+json", "application/json; charset=utf-8",
     "Application/JSON;charset=UTF-8", "application/vnd.api+json; charset=utf-8; x=y", "text/plain",
     None],
)  # fmt: skip
def test_media_types(mode: str, media_type: str | None, contract: Fragment) -> None:
    """Neither the media type of an answer nor its charset decides over a readable case."""
    body = contract.response_example(200)
    headers = {"Content-Type": media_type} if media_type else {}
    handler, _ = answering(httpx2.Response(200, content=json.dumps(body).encode(), headers=headers))
    assert call(mode, handler).to_dict() == body["data"]


@pytest.mark.parametrize(
    "text",
    ["2025-01-01T00:00:00.123456789Z", "2025-01-01T00:00:00.000Z", "2025-01-01T00:00:00.1+05:30",
     "2016-12-31T23:59:60Z", "not a time", "2025-13-01T00:00:00Z", "", "2025-01-01"],
)  # fmt: skip
def test_timestamps(text: str) -> None:
    """A timestamp is written back to its last digit; a bad one does not lose the case."""
    case = _outcome({"data": {**CASE["data"], "attributes": {**NEEDED, "created_at": text}}})
    assert isinstance(case, models.Case)
    assert case.to_dict()["attributes"]["created_at"] == text


def test_absent_and_null() -> None:
    """Absent is UNSET; null is kept, and its attribute is UNSET too."""
    case = _outcome({"data": {**CASE["data"], "attributes": {**NEEDED, "closed_at": None}}})
    assert isinstance(case, models.Case)
    assert isinstance(case.attributes, models.CaseAttributes)
    assert case.attributes.closed_at is models.UNSET
    assert case.attributes.title is models.UNSET
    assert case.attributes.additional_properties == {"closed_at": None}
    assert not case.relationships


def test_models_are_values() -> None:
    """Models are equal by their members, show them, are copied and pickled, and are not hashed."""
    body = FRAGMENT.response_example(200)
    one, other = models.CaseResponse.from_dict(body), models.CaseResponse.from_dict(body)
    assert one == other == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))  # noqa: S301  # made a moment ago
    assert isinstance(other.data, models.Case)
    other.data.additional_properties["new"] = 1
    assert one != other
    assert one != body
    finding = models.FindingIdentifier(id="a-finding", type_=models.FindingsType.FINDINGS)
    assert repr(finding) == (
        "FindingIdentifier(id='a-finding', type_=<FindingsType.FINDINGS: 'findings'>, "
        "additional_properties={})"
    )
    with pytest.raises(TypeError, match="unhashable"):
        hash(finding)
    with pytest.raises(AttributeError):
        finding.idd = "a-finding"  # type: ignore[attr-defined]  # a slip of the fingers is no new member


def test_models_are_attrs() -> None:
    """What attrs offers for its classes works with every model."""
    named = [getattr(models, name) for name in models.__all__]
    plain = (models.ReadError, models.Timestamp, models.Unset)
    classes = [each for each in named if isinstance(each, type) and each not in plain]
    assert all(attrs.has(each) for each in classes if not issubclass(each, StrEnum))
    case = models.Case.from_dict(FRAGMENT.response_example(200)["data"])
    assert attrs.asdict(case)["attributes"]["title"] == case.to_dict()["attributes"]["title"]
    assert attrs.evolve(case, id="another").id == "another"
    assert attrs.evolve(case) == case
    assert attrs.evolve(case, id="another") != case
    assert [each.name for each in attrs.fields(models.FindingIdentifier)] == [
        "id",
        "type_",
        "additional_properties",
    ]


def test_repr_of_a_circle() -> None:
    """A model that holds itself is shown, once."""
    finding = models.FindingIdentifier(id="a-finding", type_=models.FindingsType.FINDINGS)
    finding["itself"] = finding
    assert repr(finding).endswith("additional_properties={'itself': ...})")
