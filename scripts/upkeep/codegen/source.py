"""The fragment as its maintainer edits it: what can be rendered of it, held against OpenAPI 3.1."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from servicenow_contract.contract import documents
from servicenow_contract.contract.documents import ContractError, Document, pointer
from servicenow_contract.contract.fragment import Fragment

_ADDRESS = "/components/schemas/TicketAttributes/properties/servicenow_ticket_url"
_BODY: Mapping[str, Any] = {"application/json": {"schema": {}, "example": None}}
_ALLOWED = set[str]()
"""The digests of files in which nothing was found that OpenAPI does not allow."""


@frozen
class Source:
    """The contract's file, read and checked."""

    document: Document = field(repr=False)
    fragment: Fragment = field(repr=False)

    @property
    def ticket_url_pattern(self) -> str | None:
        """What a ticket's address matches; None where the contract has no pattern."""
        said = self.fragment.resolve(self.fragment.at(_ADDRESS))
        pattern: str | None = said.get("pattern")
        return pattern


def load(path: Path) -> Source:
    """Read and check the contract's file. Raises ContractError.

    The suite judges by a pattern and the body of every answer; a client can be rendered without
    them, so they may be missing here.
    """
    document = documents.read(path)
    Fragment.of(evolve(document, value=_completed(document.value)))
    return Source(document, _checked(Fragment.of_any_shape(document), document))


def read(path: Path) -> Fragment:
    """The fragment of the contract's file. Raises ContractError as `load` does."""
    return load(path).fragment


def read_older(path: Path) -> Fragment:
    """Read a fragment that need not have the shape that the kit relies on today.

    Raises ContractError.
    """
    document = documents.read(path)
    return _checked(Fragment.of_any_shape(document), document)


def _at(value: Any, where: str) -> Any:
    """What stands at a JSON Pointer of a value of any shape; None where nothing does."""
    try:
        return Fragment(value, "").at(where)
    except KeyError:
        return None


def _operations(document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Whatever stands where an operation would, with its JSON Pointer."""
    for path in _mapping(document, "/paths"):
        where = pointer("paths", path)
        for method, operation in _mapping(document, where).items():
            if isinstance(operation, dict):
                yield where + pointer(method), operation


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    """What `_at` gives, where it is a mapping; else an empty one."""
    found = _at(value, where)
    return found if isinstance(found, dict) else {}


def _completed(document: Any) -> Any:
    """A copy that has, for the check of its shape, what a client can do without."""
    value = copy.deepcopy(document)
    schema = _at(value, _ADDRESS)
    if isinstance(schema, dict):
        schema.setdefault("pattern", "")
    for _, operation in _operations(value):
        for answer in _mapping(operation, "/responses").values():
            if isinstance(answer, dict) and "$ref" not in answer and not answer.get("content"):
                answer["content"] = _BODY
    return value


def _checked(fragment: Fragment, document: Document) -> Fragment:
    """Raise ContractError for the first thing that OpenAPI 3.1 does not allow."""
    if document.digest in _ALLOWED:
        return fragment
    try:
        for error in OpenAPIV31SpecValidator(dict(fragment.document)).iter_errors():
            leaf = error
            while leaf.context:
                leaf = max(leaf.context, key=lambda each: len(each.absolute_path))
            place = pointer(*leaf.absolute_path) or _default(document.value, leaf.instance)
            of_all = type(leaf) is OpenAPIValidationError  # others are of the operation
            raise _not_openapi(document, place, leaf.message, of_all=of_all)
    except ContractError:
        raise
    except Exception as error:  # noqa: BLE001  # the validator raises whatever it trips over
        raise _not_openapi(document, "", f"{type(error).__name__}: {error}") from None
    _ALLOWED.add(document.digest)
    return fragment


def _default(value: Any, wanted: Any, where: str = "") -> str:
    """Where a default stands that is this value; the validator does not say it of a wrong one."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, each in value.items() if isinstance(value, dict) else ():
        here = where + pointer(key)
        if key == "default" and each == wanted:
            return here
        found = _default(each, wanted, here)
        if found:
            return found
    return ""


def _not_openapi(
    document: Document, where: str, message: str, *, of_all: bool = False
) -> ContractError:
    """What has no place concerns the operation, where it is not said of the document as a whole."""
    operations = [place for place, _ in _operations(document.value)]
    where = where or (operations[0] if len(operations) == 1 and not of_all else "")
    return document.error(where, f"not OpenAPI 3.1: {message.partition(chr(10))[0][:300]}")
