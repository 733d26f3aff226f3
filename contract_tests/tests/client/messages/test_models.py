"""The generated models one by one: what they take, what they leave out, and their open members."""

import copy
import datetime
import inspect
import pickle
import re
from importlib.metadata import version
from typing import Any
from unittest import mock
from uuid import UUID

import attrs
import pytest

from datadog_servicenow_tickets import models, provenance
from datadog_servicenow_tickets._generated import contract as facts
from datadog_servicenow_tickets._generated import types
from datadog_servicenow_tickets._generated.api.security_monitoring import (
    attach_service_now_ticket as operation,
)
from servicenow_contract.contract.fragment import Fragment
from tests.client.calls import NEEDED
from tests.contract import FRAGMENT

_SCHEMAS: dict[str, Any] = FRAGMENT.at("/components/schemas")
OBJECTS = sorted(name for name, schema in _SCHEMAS.items() if schema["type"] == "object")
ENUMS = sorted(name for name, schema in _SCHEMAS.items() if "enum" in schema)
_VALUES = {"integer": 7, "number": 7, "boolean": True}
_NUMBERS = ("integer", "number")
_MOMENT = "2025-01-01T00:00:00Z"


def _resolved(contract: Fragment, schema: Any) -> Any:
    reference = schema.get("$ref") or next((each["$ref"] for each in schema.get("allOf", ())), None)
    return contract.at(reference.removeprefix("#")) if reference else schema


def _value(contract: Fragment, schema: Any, *, full: bool) -> Any:
    """A value of a schema: with every member, or with what is required only."""
    schema = _resolved(contract, schema)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            required = schema.get("required", [])
            return {
                name: _value(contract, each, full=full)
                for name, each in schema.get("properties", {}).items()
                if full or name in required
            }
        case "array":
            return [_value(contract, schema["items"], full=full)]
        case "string" if schema.get("format") == "date-time":
            return _MOMENT
    return _VALUES.get(schema.get("type"), "text")


def _attribute(member: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", member).lower() + ("_" if member == "type" else "")


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("full", [True, False])
def test_members(name: str, full: bool, contract: Fragment) -> None:  # a parameter
    """Each documented member has an attribute, is read, and is written back in its own place."""
    kind = getattr(models, name)
    document = _value(contract, _SCHEMAS[name], full=full)
    model = kind.from_dict(document)
    assert model.to_dict() == document
    assert model == kind.from_dict(copy.deepcopy(document))
    for member in _SCHEMAS[name].get("properties", {}):
        value = getattr(model, _attribute(member))
        assert isinstance(value, types.Unset) == (member not in document)
    assert model.additional_properties == {}
    attributes = map(_attribute, document)
    made = kind(**{attribute: getattr(model, attribute) for attribute in attributes})
    assert made == model
    assert made.to_dict() == document
    assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301  # made a moment ago


@pytest.mark.parametrize("name", OBJECTS)
def test_defaults(name: str) -> None:
    """An optional member is UNSET unless given, a constant has its value; others are asked for."""
    schema = _SCHEMAS[name]
    parameters = inspect.signature(getattr(models, name)).parameters
    for member in schema.get("properties", {}):
        default = parameters[_attribute(member)].default
        if member not in schema.get("required", []):
            assert default is models.UNSET
        elif default is not inspect.Parameter.empty:
            assert isinstance(default, str)
            assert default in _resolved(FRAGMENT, schema["properties"][member])["enum"]
    assert parameters["additional_properties"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", OBJECTS)
def test_open_members(name: str, contract: Fragment) -> None:
    """A model is a mapping of the members that have no attribute; it has some of its own."""
    kind = getattr(models, name)
    document = _value(contract, _SCHEMAS[name], full=True)
    model, other = kind.from_dict(document), kind.from_dict(document)
    text = ["x"] if name == "CustomAttributes" else "x"
    model["later"] = text
    assert "later" in model
    assert "later" not in other
    assert "sooner" not in model
    assert model["later"] is text
    assert model.additional_keys == ["later"]
    assert model.additional_properties == {"later": text}
    assert model.to_dict() == {**document, "later": text}
    assert kind.from_dict(model.to_dict()) == model
    del model["later"]
    assert model.to_dict() == document
    with pytest.raises(KeyError):
        del model["later"]


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("twin_of", [attrs.evolve, lambda model: model.__replace__()])
def test_twins_keep_what_is_open(name: str, twin_of: Any, contract: Fragment) -> None:
    """A model that is made from another has its additional properties, in a mapping of its own."""
    document = _value(contract, _SCHEMAS[name], full=True)
    open_member = ["x"] if name == "CustomAttributes" else "x"
    model = getattr(models, name).from_dict({**document, "later": open_member})
    twin = twin_of(model)
    assert twin == model
    assert twin.to_dict() == model.to_dict()
    twin["sooner"] = open_member
    assert "sooner" not in model


@pytest.mark.parametrize("name", OBJECTS)
def test_required(name: str, contract: Fragment) -> None:
    """Without a required member, or with null in its place, nothing is read; the place is told."""
    document = _value(contract, _SCHEMAS[name], full=False)
    for member in document:
        without = {key: value for key, value in document.items() if key != member}
        with pytest.raises(models.ReadError) as caught:
            getattr(models, name).from_dict(without)
        assert str(caught.value) == f"/{member}: missing"
        with pytest.raises(models.ReadError) as caught:
            getattr(models, name).from_dict({**without, member: None})
        assert caught.value.pointer == f"/{member}"
        assert caught.value.problem.endswith(", found null")


@pytest.mark.parametrize("name", OBJECTS)
def test_optional(name: str, contract: Fragment) -> None:
    """An optional member of another type is kept as it came, and its attribute is UNSET."""
    kind, schema = getattr(models, name), _SCHEMAS[name]
    document = _value(contract, schema, full=False)
    for member in schema.get("properties", {}).keys() - document.keys():
        other = "text" if schema["properties"][member].get("type") in _NUMBERS else 5
        model = kind.from_dict({**document, member: other})
        assert getattr(model, _attribute(member)) is models.UNSET
        assert model.additional_properties == {member: other}
        assert model.to_dict() == {**document, member: other}


def test_custom_attributes() -> None:
    """The one model whose members are alike names the member that is not."""
    with pytest.raises(models.ReadError, match=r"^/a~1b/1: expected a string, found a number$"):
        models.CustomAttributes.from_dict({"ok": [], "a/b": ["x", 1]})


@pytest.mark.parametrize("name", ENUMS)
def test_enums(name: str) -> None:
    """An enum has the listed strings, keeps any other, and takes nothing but strings."""
    kind: Any = getattr(models, name)
    listed = sorted(_SCHEMAS[name]["enum"])
    assert sorted(member.value for member in kind) == listed
    assert sorted(member.name for member in kind) == [each.upper() for each in listed]
    unknown = kind("smoke")
    assert (unknown, unknown.name, unknown.value) == ("smoke", "UNKNOWN", "smoke")
    assert "smoke" not in list(kind)
    assert type(unknown) is kind
    with pytest.raises(ValueError, match="5 is not a valid"):
        kind(5)


_READERS: list[tuple[Any, list[Any], list[Any], str]] = [
    (types.read_str, ["", "x"], [None, 1, True, [], {}], "a string"),
    (types.read_bool, [True, False], [None, 1, 0, "x", [], {}], "a boolean"),
    (types.read_int, [0, 5, -1], [None, True, 1.5, "1", [], {}], "a whole number"),
    (types.read_float, [0, 5, 1.5], [None, False, "1", [], {}], "a number"),
    (types.read_none, [None], [0, "", False, [], {}], "null"),
    (types.list_of(types.read_any), [[], [1, None]], [None, 1, True, "x", {}], "an array"),
    (types.open_object, [{}, {"a": 1}], [None, 1, True, "x", []], "an object"),
]
_FOUND = {
    type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string",
    list: "an array", dict: "an object",
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "good", "bad", "expected"), _READERS, ids=lambda each: str(each)[:9]
)
def test_readers(read: Any, good: list[Any], bad: list[Any], expected: str) -> None:
    """A reader takes the values of its type, as they are, and says what it found instead."""
    for value in good:
        assert read(value) == value
        assert type(read(value)) is type(value)
    for value in bad:
        with pytest.raises(models.ReadError) as caught:
            read(value)
        assert str(caught.value) == (
            f"the whole body: expected {expected}, found {_FOUND[type(value)]}"
        )


@pytest.mark.parametrize(
    ("read", "text", "value", "expected"),
    [
        (types.read_date, "2025-01-31", datetime.date(2025, 1, 31), "a full-date of RFC 3339"),
        (types.read_uuid, "0" * 32, UUID(int=0), "a UUID"),
        (types.read_datetime, _MOMENT, datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC),
         "a date-time of RFC 3339"),
    ],
)  # fmt: skip
def test_text_readers(read: Any, text: str, value: Any, expected: str) -> None:
    """A text with a format is read as what it stands for, or refused."""
    assert read(text) == value
    for bad in ("x", "2025-02-30"):
        with pytest.raises(models.ReadError) as caught:
            read(bad)
        assert str(caught.value) == f"the whole body: expected {expected}, found another string"
    with pytest.raises(models.ReadError, match="expected a string, found a number"):
        read(5)


def test_one_of() -> None:
    """The first reader that fits reads; none is another type."""
    read = types.one_of(types.read_bool, types.read_str)
    assert (read(True), read("x")) == (True, "x")
    assert types.one_of(types.read_float, types.read_int)(1) == 1
    with pytest.raises(
        models.ReadError, match=r"^the whole body: expected another type, found a number$"
    ):
        read(5)


def test_places() -> None:
    """A place is a JSON Pointer, with `~` and `/` in names escaped."""
    error = models.ReadError("odd").below("b/c").below("a~b")
    assert (error.pointer, error.problem) == ("/a~0b/b~1c", "odd")
    assert str(error) == "/a~0b/b~1c: odd"
    assert str(models.ReadError("odd")) == "the whole body: odd"
    assert error.args == ("odd", "/a~0b/b~1c")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2016-12-31t23:59:60.5z", "2017-01-01T00:00:00.500000+00:00"),
        ("2016-12-31T23:59:60+01:00", "2017-01-01T00:00:00+01:00"),
        ("2025-01-01T00:00:00.123456789Z", "2025-01-01T00:00:00.123456+00:00"),
        ("2025-01-01T10:60:00Z", None),
        ("2025-01-01T00:00:00", None),
        ("9999-12-31T23:59:60Z", None),
    ],
)
def test_timestamp(text: str, iso: str | None) -> None:
    """A leap second is the next minute's first moment; a text without an offset is refused."""
    if iso is None:
        with pytest.raises((ValueError, OverflowError)):
            models.Timestamp.read(text)
        return
    value = models.Timestamp.read(text)
    assert value.isoformat() == iso
    assert value.text == text
    assert types.write_datetime(value) == text
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301  # made a moment ago
        assert (twin, twin.text) == (value, text)
    later = value + datetime.timedelta(days=1)
    assert types.write_datetime(later) == later.isoformat()
    assert pickle.loads(pickle.dumps(later)) == later  # noqa: S301  # made a moment ago


def test_offset_is_asked_for() -> None:
    """A date-time without an offset says what it lacks."""
    with pytest.raises(ValueError, match=r"^a date-time needs an offset$"):
        models.Timestamp.read("2025-01-01T00:00:00")


def test_writing_a_moment() -> None:
    """A moment that was read from no text is written in the form of ISO 8601."""
    moment = datetime.datetime(2025, 1, 1, 10, 30, tzinfo=datetime.UTC)
    assert types.write_datetime(moment) == "2025-01-01T10:30:00+00:00"
    attributes = models.CaseAttributes.from_dict(NEEDED)
    attributes.created_at = moment
    assert attributes.to_dict() == {**NEEDED, "created_at": "2025-01-01T10:30:00+00:00"}


def test_moment_that_no_datetime_holds() -> None:
    """The leap second after which no minute follows is refused like any other text."""
    with pytest.raises(models.ReadError, match="found another string"):
        types.read_datetime("9999-12-31T23:59:60Z")


def test_other_types_are_not_equal() -> None:
    """A model leaves it to anything else to be equal to it, and else is not."""
    case = models.Case(type_=models.CasesType.CASES, id="x")
    assert (case == 5) is False
    assert case == mock.ANY


def test_enum_reader() -> None:
    """A reader of an enum takes its strings, and any other, and nothing but strings."""
    read = types.enum_of(models.CasesType)
    assert read("cases") is models.CasesType.CASES
    assert read("smoke").name == "UNKNOWN"
    with pytest.raises(models.ReadError, match="expected a string, found a number"):
        read(5)


def test_required_string_that_is_missing() -> None:
    """It says so, and not that another type was found."""
    with pytest.raises(models.ReadError) as caught:
        types.take_str({}, "id")
    assert str(caught.value) == "/id: missing"


def test_unset() -> None:
    """UNSET is one object, false, and shows its name."""
    assert not models.UNSET
    assert repr(models.UNSET) == "UNSET"
    assert pickle.loads(pickle.dumps(models.UNSET)) is models.UNSET  # noqa: S301  # made a moment ago
    assert copy.deepcopy(models.UNSET) is models.UNSET


def test_other_mappings() -> None:
    """A mapping that is no dict is read too, and what was given is never changed."""
    given = {"type": "cases", "id": "x", "later": 1}
    before = dict(given)
    case = models.Case.from_dict(given)
    assert given == before
    assert case.additional_properties == {"later": 1}
    assert models.Case.from_dict(_Mapping(given)) == case


class _Mapping(dict[str, Any]):
    """A mapping of another type."""


def test_contract(contract: Fragment) -> None:
    """The rendered facts are the fragment's, and name what they were rendered from."""
    assert contract.document["info"]["version"] == facts.FRAGMENT_VERSION
    assert contract.digest == facts.FRAGMENT_SHA256
    assert provenance.generator == facts.GENERATOR
    assert contract.method == facts.METHOD
    assert contract.path == facts.PATH
    assert contract.at("/servers/0/url") == facts.SERVER
    assert list(contract.sites) == [*facts.Site]
    assert contract.at("/servers/0/variables/site/default") == facts.DEFAULT_SITE
    assert contract.key_headers == facts.KEY_HEADERS
    assert contract.media_type == facts.MEDIA_TYPE
    assert tuple(contract.statuses) == facts.STATUSES
    assert contract.max_findings == facts.MAX_FINDINGS
    assert contract.ticket_url_pattern == facts.TICKET_URL_PATTERN


def test_operation(contract: Fragment) -> None:
    """The rendered operation is the documented request, and reads each documented answer."""
    request = models.AttachRequest.from_dict(contract.request_example)
    assert operation.get_kwargs(body=request) == {
        "method": contract.method.lower(),
        "url": contract.path,
        "headers": {"Content-Type": contract.media_type},
        "json": contract.request_example,
    }
    for status in contract.statuses:
        read = operation.parse_body(status, contract.response_example(status))
        assert read is not None
        assert isinstance(read, models.CaseResponse) == (status == 200)
        assert read.to_dict() == contract.response_example(status)
    assert operation.parse_body(500, {"errors": []}) is None


@pytest.mark.parametrize("name", OBJECTS)
def test_models_share_what_attrs_would_write_anew(name: str) -> None:
    """A model takes keywords only, and its comparison and `repr` come from what all share."""
    [model] = [each for each in vars(models).values() if _is_model_of(each, name)]
    assert all(field.kw_only and field.init for field in attrs.fields(model))
    assert not {"__eq__", "__repr__", "__hash__"} & vars(model).keys()
    assert issubclass(model, types.Model)


def _is_model_of(kind: object, name: str) -> bool:
    """Whether a class is the model of a schema: the renderer writes names in its own way."""
    return isinstance(kind, type) and attrs.has(kind) and kind.__name__.lower() == name.lower()


def test_version() -> None:
    """What the client says it was made from begins with its own version."""
    assert provenance.version == version("datadog-servicenow-tickets")
