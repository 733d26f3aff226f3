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
    put_back,
)


@_attrs_define(kw_only=True, eq=False, repr=False, on_setattr=_attrs_setters.NO_OP)
class ServiceNowTicketResult(Model):
    """The ServiceNow ticket that was created or attached."""

    instance_name: str | Unset = UNSET
    """ The ServiceNow instance, taken from the ticket's address. """

    sys_id: str | Unset = UNSET
    """ The unique identifier of the incident record. """

    sys_target_link: str | Unset = UNSET
    """ An address that opens the incident record directly. """

    sys_target_sys_id: str | Unset = UNSET
    """ The unique identifier of the record that the ticket points to. """

    table_name: str | Unset = UNSET
    """ The ServiceNow table that holds the incident record. """

    url: str | Unset = UNSET
    """ The address of the incident record. """

    additional_properties: dict[str, Any] = _attrs_field(factory=dict, converter=dict)
    """Members without an attribute of their own, and documented ones that were not as documented."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that this model stands for."""
        instance_name = self.instance_name

        sys_id = self.sys_id

        sys_target_link = self.sys_target_link

        sys_target_sys_id = self.sys_target_sys_id

        table_name = self.table_name

        url = self.url

        field_dict: dict[str, Any] = self.additional_properties.copy()
        if not isinstance(instance_name, Unset):
            field_dict["instance_name"] = instance_name
        if not isinstance(sys_id, Unset):
            field_dict["sys_id"] = sys_id
        if not isinstance(sys_target_link, Unset):
            field_dict["sys_target_link"] = sys_target_link
        if not isinstance(sys_target_sys_id, Unset):
            field_dict["sys_target_sys_id"] = sys_target_sys_id
        if not isinstance(table_name, Unset):
            field_dict["table_name"] = table_name
        if not isinstance(url, Unset):
            field_dict["url"] = url
        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. Raises ReadError when a required member is missing or unusable."""
        members = src_dict.copy() if type(src_dict) is dict else open_object(src_dict)
        model = cls.__new__(cls)  # attrs' own __init__ would take longer than all that follows
        model.instance_name = (
            found
            if isinstance(found := members.pop("instance_name", UNSET), str)
            else put_back(members, "instance_name", found)
        )
        model.sys_id = (
            found
            if isinstance(found := members.pop("sys_id", UNSET), str)
            else put_back(members, "sys_id", found)
        )
        model.sys_target_link = (
            found
            if isinstance(found := members.pop("sys_target_link", UNSET), str)
            else put_back(members, "sys_target_link", found)
        )
        model.sys_target_sys_id = (
            found
            if isinstance(found := members.pop("sys_target_sys_id", UNSET), str)
            else put_back(members, "sys_target_sys_id", found)
        )
        model.table_name = (
            found
            if isinstance(found := members.pop("table_name", UNSET), str)
            else put_back(members, "table_name", found)
        )
        model.url = (
            found
            if isinstance(found := members.pop("url", UNSET), str)
            else put_back(members, "url", found)
        )
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
