# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from attrs import setters as _attrs_setters

from ..types import (
    UNSET,
    Model,
    Unset,
    open_object,
    take_optional,
)


@_attrs_define(kw_only=True, eq=False, repr=False, on_setattr=_attrs_setters.NO_OP)
class CaseResponse(Model):
    """The case that the ServiceNow ticket is linked to."""

    data: Case | Unset = UNSET
    """ A case. """

    additional_properties: dict[str, Any] = _attrs_field(factory=dict, converter=dict)
    """Members without an attribute of their own, and documented ones that were not as documented."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that this model stands for."""
        data: dict[str, Any] | Unset = UNSET
        if not isinstance(self.data, Unset):
            data = self.data.to_dict()

        field_dict: dict[str, Any] = self.additional_properties.copy()
        if not isinstance(data, Unset):
            field_dict["data"] = data
        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. Raises ReadError when a required member is missing or unusable."""
        members = src_dict.copy() if type(src_dict) is dict else open_object(src_dict)
        model = cls.__new__(cls)  # attrs' own __init__ would take longer than all that follows
        model.data = take_optional(members, "data", Case.from_dict)
        model.additional_properties = members
        return model

    @property
    def additional_keys(self) -> list[str]:
        """The names in `additional_properties`."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


from ..models.case import Case  # noqa: E402
