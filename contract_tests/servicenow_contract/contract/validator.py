"""A schema of the fragment as what judges JSON values."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import jsonschema_rs
from attrs import frozen

from servicenow_contract.contract.documents import pointer
from servicenow_contract.text import head

_LONG = 300
"""How many characters of a message are told whole; of a longer one, a list by its head."""


@frozen
class SchemaProblem:
    """One way in which a JSON value breaks a schema."""

    at: str
    """JSON Pointer of the value."""
    rule: str
    """JSON Pointer into the schema; its last token is the keyword that is broken."""
    message: str

    @property
    def keyword(self) -> str:
        """The JSON Schema keyword that is broken."""
        return self.rule.rsplit("/", 1)[-1]


class Validator:
    """Judges JSON values by the schema at a JSON Pointer of a document, formats included."""

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        schema = {"$ref": f"#{quote(where)}", **document}
        self._validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)

    def accepts(self, value: Any) -> bool:
        """Whether the value satisfies the schema."""
        return self._validator.is_valid(value)

    def problems(self, value: Any) -> Iterator[SchemaProblem]:
        """Every way in which the value breaks the schema."""
        for error in self._validator.iter_errors(value):
            yield SchemaProblem(
                pointer(*error.instance_path), pointer(*error.schema_path), _told(error)
            )


def _told(error: jsonschema_rs.ValidationError) -> str:
    """What is wrong; the message begins with the value. Deviations match members of objects."""
    if len(error.message) <= _LONG or not isinstance(error.instance, list):
        return error.message
    value = json.dumps(error.instance, ensure_ascii=False, separators=(",", ":"))
    words = error.message[len(value) :]
    return f"{head(value, 80)}{words}" if words.startswith(" ") else error.message
