# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from attrs import setters as _attrs_setters

from ..models.users_type import UsersType
from ..types import (
    Model,
    open_object,
    take_enum,
    take_str,
)


@_attrs_define(kw_only=True, eq=False, repr=False, on_setattr=_attrs_setters.NO_OP)
class UserIdentifier(Model):
    """Names one user."""

    id: str
    """ The unique identifier of the user. """

    type_: UsersType = UsersType.USERS
    """ The resource type of a user. """

    additional_properties: dict[str, Any] = _attrs_field(factory=dict, converter=dict)
    """Members without an attribute of their own, and documented ones that were not as documented."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that this model stands for."""
        id = self.id

        type_ = self.type_.value

        field_dict: dict[str, Any] = self.additional_properties.copy()
        field_dict["id"] = id
        field_dict["type"] = type_
        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. Raises ReadError when a required member is missing or unusable."""
        members = src_dict.copy() if type(src_dict) is dict else open_object(src_dict)
        model = cls.__new__(cls)  # attrs' own __init__ would take longer than all that follows
        model.id = take_str(members, "id")
        model.type_ = take_enum(members, "type", UsersType)
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
