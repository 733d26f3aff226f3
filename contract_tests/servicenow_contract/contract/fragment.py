"""The fragment as data: the operation, its schemas, validators and examples.

Everything that needs a fact of the contract asks here; nothing restates one.
"""

import copy
import functools
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract import documents
from servicenow_contract.contract.documents import Document, escape, pointer
from servicenow_contract.contract.references import at, dangling, has
from servicenow_contract.contract.validator import SchemaProblem, Validator

__all__ = ["Fragment", "SchemaProblem", "Validator", "escape", "folder", "load", "pointer"]

_HERE = Path(__file__).parents[1]
_SCHEMA = Path(__file__).with_name("fragment.schema.json")
FILE = "servicenow_tickets.yaml"
_URL_PATTERN = "/components/schemas/TicketAttributes/properties/servicenow_ticket_url/pattern"
_FINDINGS = "/components/schemas/FindingsRelationship/properties/data"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def folder() -> Path:
    """Where the contract's files are: in the installed kit, else in this repository."""
    packaged = _HERE / "openapi"
    return packaged if packaged.is_dir() else _HERE.parents[1] / "openapi"


def _only(what: str, values: Iterable[Any]) -> Any:
    found = list(values)
    if len(found) != 1:
        raise ValueError(f"the contract has one {what}, found {len(found)}")
    return found[0]


@frozen
class Fragment:
    """An OpenAPI 3.1 document with exactly one operation."""

    document: Mapping[str, Any] = field(repr=False, hash=False)
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    _validators: dict[str, Validator] = field(factory=dict, init=False, repr=False, eq=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """What is pickled: a process that is given a contract makes its own validators."""
        return Fragment, (self.document, self.digest)

    @classmethod
    def read(cls, path: Path) -> "Fragment":
        """Read the contract's file. Raises ContractError."""
        return cls.of(documents.read(path))

    @classmethod
    def of(cls, document: Document) -> "Fragment":
        """The contract that a document holds.

        Raises ContractError for one that lacks, or shapes otherwise, what the members of this
        class and the rest of the house rely on.
        """
        document.check(_SCHEMA)
        fragment = cls.of_any_shape(document)
        try:
            fragment.operation_pointer  # noqa: B018  # it raises
        except ValueError as error:
            raise document.error(pointer("paths", fragment.path), str(error)) from None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # such as of what a later Python reads otherwise
                re.compile(fragment.ticket_url_pattern)
        except (re.error, Warning) as error:
            said = f"Python's re cannot read it: {error}; write it so that both can"
            raise document.error(_URL_PATTERN, said) from None
        return fragment

    @classmethod
    def of_any_shape(cls, document: Document) -> "Fragment":
        """What a document holds that need not be shaped like this contract, such as an older one.

        Raises ContractError for one that is not a mapping, or has a reference that leads nowhere.
        """
        if not isinstance(document.value, dict):
            said = "an OpenAPI document is a mapping; let it begin with `openapi: 3.1.0`"
            raise document.error("", said)
        for where, what in dangling(document.value):
            raise document.error(where, what)
        return cls(document.value, document.digest)

    def at(self, where: str) -> Any:
        """The value at a JSON Pointer, without following references. Raises KeyError."""
        return at(self.document, where)

    def has(self, where: str) -> bool:
        """Whether something stands at a JSON Pointer."""
        return has(self.document, where)

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema that a `$ref` stands for, else the schema itself."""
        while "$ref" in schema:
            schema = self.at(schema["$ref"].removeprefix("#"))
        return schema

    @functools.cached_property
    def operation_pointer(self) -> str:
        """Where the operation stands."""
        path, item = _only("path", self.document["paths"].items())
        method = _only("method", [name for name in item if name in _METHODS])
        return pointer("paths", path, method)

    @functools.cached_property
    def operation(self) -> Mapping[str, Any]:
        """The operation object."""
        operation: Mapping[str, Any] = self.at(self.operation_pointer)
        return operation

    @functools.cached_property
    def permissions(self) -> list[str]:
        """The permissions of which an application key needs one."""
        found: list[str] = self.operation["x-permission"]["permissions"]
        return found

    @functools.cached_property
    def path(self) -> str:
        """The path of the operation."""
        return str(_only("path", self.document["paths"]))

    @functools.cached_property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return self.operation_pointer.rsplit("/", 1)[-1].upper()

    @functools.cached_property
    def media_type(self) -> str:
        """The media type of the request."""
        return str(_only("request media type", self.operation["requestBody"]["content"]))

    @property
    def sites(self) -> tuple[str, ...]:
        """The API hosts, without `https://api.` in front."""
        return tuple(self.at("/servers/0/variables/site/enum"))

    @functools.cached_property
    def key_headers(self) -> Mapping[str, str]:
        """The header of each key that the operation requires, by security scheme.

        Raises ValueError for a key that is to be sent elsewhere than in a header.
        """
        needed = _only("alternative of security", self.at(self.operation_pointer + "/security"))
        headers = {}
        for name in needed:
            scheme = self.at(pointer("components", "securitySchemes", name))
            if (scheme["type"], scheme.get("in")) != ("apiKey", "header"):
                raise ValueError(f"the security scheme {name} is not a key in a header")
            headers[name] = scheme["name"]
        return headers

    @functools.cached_property
    def request_schema(self) -> str:
        """Where the schema of the request body stands."""
        return self.operation_pointer + pointer("requestBody", "content", self.media_type, "schema")

    def response_media_type(self, status: int) -> str:
        """The media type of a documented answer."""
        content = self.at(self.operation_pointer + pointer("responses", status, "content"))
        return str(_only("media type of an answer", content))

    def response_schema(self, status: int) -> str:
        """Where the schema of an answer's body stands."""
        where = "responses", status, "content", self.response_media_type(status), "schema"
        return self.operation_pointer + pointer(*where)

    @functools.cached_property
    def statuses(self) -> tuple[int, ...]:
        """The documented statuses."""
        return tuple(int(status) for status in self.operation["responses"])

    @property
    def request_example(self) -> Any:
        """The page's example of a request body, for the caller to change."""
        return copy.deepcopy(self.operation["requestBody"]["content"][self.media_type]["example"])

    def response_example(self, status: int) -> Any:
        """The page's example of an answer's body, for the caller to change."""
        return copy.deepcopy(
            self.at(self.response_schema(status).removesuffix("schema") + "example")
        )

    @property
    def limit(self) -> int | None:
        """How many findings one request can attach; None where the contract has no limit."""
        limit: int | None = self.resolve(self.at(_FINDINGS)).get("maxItems")
        return limit

    @functools.cached_property
    def max_findings(self) -> int:
        """As many findings as are sent at once: the limit, or a hundred where there is none."""
        return 100 if self.limit is None else self.limit

    @functools.cached_property
    def ticket_url_pattern(self) -> str:
        """The regular expression (ECMA-262, to be searched for) that a ticket's address matches."""
        return str(self.at(_URL_PATTERN))

    def documented(self, where: str, value: Any) -> Any:
        """What a schema documents of a value that satisfies it: no member of another name."""
        return self._documented(self.at(where), value)

    def _documented(self, schema: Mapping[str, Any], value: Any) -> Any:
        schema = self.resolve(schema)
        if isinstance(value, list):
            return [self._documented(schema["items"], item) for item in value]
        if not isinstance(value, dict):
            return value
        members = schema["properties"]
        return {
            name: self._documented(members[name], member)
            for name, member in value.items()
            if name in members
        }

    def validator(self, where: str) -> Validator:
        """The validator for the schema at a JSON Pointer, formats included; made once, and kept."""
        if where not in self._validators:
            self._validators[where] = Validator(self.document, where)
        return self._validators[where]


def load() -> Fragment:
    """Read this kit's fragment. Raises ContractError."""
    return Fragment.read(folder() / FILE)
