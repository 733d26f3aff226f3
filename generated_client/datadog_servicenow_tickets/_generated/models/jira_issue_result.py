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
class JiraIssueResult(Model):
    """The Jira issue that was created."""

    account_id: str | Unset = UNSET
    """ The account of the issue in Jira. """

    issue_id: str | Unset = UNSET
    """ The unique identifier of the issue in Jira. """

    issue_key: str | Unset = UNSET
    """ The key of the issue in Jira. """

    issue_url: str | Unset = UNSET
    """ The address of the issue in Jira. """

    additional_properties: dict[str, Any] = _attrs_field(factory=dict, converter=dict)
    """Members without an attribute of their own, and documented ones that were not as documented."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that this model stands for."""
        account_id = self.account_id

        issue_id = self.issue_id

        issue_key = self.issue_key

        issue_url = self.issue_url

        field_dict: dict[str, Any] = self.additional_properties.copy()
        if not isinstance(account_id, Unset):
            field_dict["account_id"] = account_id
        if not isinstance(issue_id, Unset):
            field_dict["issue_id"] = issue_id
        if not isinstance(issue_key, Unset):
            field_dict["issue_key"] = issue_key
        if not isinstance(issue_url, Unset):
            field_dict["issue_url"] = issue_url
        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. Raises ReadError when a required member is missing or unusable."""
        members = src_dict.copy() if type(src_dict) is dict else open_object(src_dict)
        model = cls.__new__(cls)  # attrs' own __init__ would take longer than all that follows
        model.account_id = (
            found
            if isinstance(found := members.pop("account_id", UNSET), str)
            else put_back(members, "account_id", found)
        )
        model.issue_id = (
            found
            if isinstance(found := members.pop("issue_id", UNSET), str)
            else put_back(members, "issue_id", found)
        )
        model.issue_key = (
            found
            if isinstance(found := members.pop("issue_key", UNSET), str)
            else put_back(members, "issue_key", found)
        )
        model.issue_url = (
            found
            if isinstance(found := members.pop("issue_url", UNSET), str)
            else put_back(members, "issue_url", found)
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
