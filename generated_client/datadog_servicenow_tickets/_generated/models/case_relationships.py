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
class CaseRelationships(Model):
    """Who and what a case is related to."""

    created_by: UserRelationship | Unset = UNSET
    """ A user. """

    modified_by: UserRelationship | Unset = UNSET
    """ A user. """

    project: ProjectRelationship | Unset = UNSET
    """ A case management project. """

    additional_properties: dict[str, Any] = _attrs_field(factory=dict, converter=dict)
    """Members without an attribute of their own, and documented ones that were not as documented."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that this model stands for."""
        created_by: dict[str, Any] | Unset = UNSET
        if not isinstance(self.created_by, Unset):
            created_by = self.created_by.to_dict()

        modified_by: dict[str, Any] | Unset = UNSET
        if not isinstance(self.modified_by, Unset):
            modified_by = self.modified_by.to_dict()

        project: dict[str, Any] | Unset = UNSET
        if not isinstance(self.project, Unset):
            project = self.project.to_dict()

        field_dict: dict[str, Any] = self.additional_properties.copy()
        if not isinstance(created_by, Unset):
            field_dict["created_by"] = created_by
        if not isinstance(modified_by, Unset):
            field_dict["modified_by"] = modified_by
        if not isinstance(project, Unset):
            field_dict["project"] = project
        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. Raises ReadError when a required member is missing or unusable."""
        members = src_dict.copy() if type(src_dict) is dict else open_object(src_dict)
        model = cls.__new__(cls)  # attrs' own __init__ would take longer than all that follows
        model.created_by = take_optional(members, "created_by", UserRelationship.from_dict)
        model.modified_by = take_optional(members, "modified_by", UserRelationship.from_dict)
        model.project = take_optional(members, "project", ProjectRelationship.from_dict)
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


from ..models.project_relationship import ProjectRelationship  # noqa: E402
from ..models.user_relationship import UserRelationship  # noqa: E402
