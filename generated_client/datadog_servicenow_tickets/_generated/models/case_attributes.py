# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from attrs import setters as _attrs_setters

from ..types import (
    UNSET,
    Model,
    Unset,
    list_of,
    open_object,
    put_back,
    read_datetime,
    take_optional,
    write_datetime,
)


@_attrs_define(kw_only=True, eq=False, repr=False, on_setattr=_attrs_setters.NO_OP)
class CaseAttributes(Model):
    """What is known of a case."""

    archived_at: datetime.datetime | Unset = UNSET
    """ When the case was archived. """

    assigned_to: UserRelationship | Unset = UNSET
    """ A user. """

    attributes: CustomAttributes | Unset = UNSET
    """ The case's own attributes; each value is a list of strings. """

    closed_at: datetime.datetime | Unset = UNSET
    """ When the case was closed. """

    created_at: datetime.datetime | Unset = UNSET
    """ When the case was created. """

    creation_source: str | Unset = UNSET
    """ What the case was created from. """

    description: str | Unset = UNSET
    """ What the case is about. """

    due_date: str | Unset = UNSET
    """ When the case is due. """

    insights: list[Insight] | Unset = UNSET
    """ What is attached to the case, findings among it. """

    jira_issue: JiraIssue | Unset = UNSET
    """ The Jira issue of a case. """

    key: str | Unset = UNSET
    """ The key of the case. """

    modified_at: datetime.datetime | Unset = UNSET
    """ When the case was last changed. """

    priority: str | Unset = UNSET
    """ The priority of the case. """

    servicenow_ticket: ServiceNowTicket | Unset = UNSET
    """ The ServiceNow ticket of a case. """

    status: str | Unset = UNSET
    """ The status of the case. """

    status_group: str | Unset = UNSET
    """ The group that the status belongs to. """

    status_name: str | Unset = UNSET
    """ The name of the status. """

    title: str | Unset = UNSET
    """ The title of the case. """

    type_: str | Unset = UNSET
    """ The type of the case; SECURITY on every security case. """

    additional_properties: dict[str, Any] = _attrs_field(factory=dict, converter=dict)
    """Members without an attribute of their own, and documented ones that were not as documented."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that this model stands for."""
        archived_at: str | Unset = UNSET
        if not isinstance(self.archived_at, Unset):
            archived_at = write_datetime(self.archived_at)

        assigned_to: dict[str, Any] | Unset = UNSET
        if not isinstance(self.assigned_to, Unset):
            assigned_to = self.assigned_to.to_dict()

        attributes: dict[str, Any] | Unset = UNSET
        if not isinstance(self.attributes, Unset):
            attributes = self.attributes.to_dict()

        closed_at: str | Unset = UNSET
        if not isinstance(self.closed_at, Unset):
            closed_at = write_datetime(self.closed_at)

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = write_datetime(self.created_at)

        creation_source = self.creation_source

        description = self.description

        due_date = self.due_date

        insights: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.insights, Unset):
            insights = []
            for insights_item_data in self.insights:
                insights_item = insights_item_data.to_dict()
                insights.append(insights_item)

        jira_issue: dict[str, Any] | Unset = UNSET
        if not isinstance(self.jira_issue, Unset):
            jira_issue = self.jira_issue.to_dict()

        key = self.key

        modified_at: str | Unset = UNSET
        if not isinstance(self.modified_at, Unset):
            modified_at = write_datetime(self.modified_at)

        priority = self.priority

        servicenow_ticket: dict[str, Any] | Unset = UNSET
        if not isinstance(self.servicenow_ticket, Unset):
            servicenow_ticket = self.servicenow_ticket.to_dict()

        status = self.status

        status_group = self.status_group

        status_name = self.status_name

        title = self.title

        type_ = self.type_

        field_dict: dict[str, Any] = self.additional_properties.copy()
        if not isinstance(archived_at, Unset):
            field_dict["archived_at"] = archived_at
        if not isinstance(assigned_to, Unset):
            field_dict["assigned_to"] = assigned_to
        if not isinstance(attributes, Unset):
            field_dict["attributes"] = attributes
        if not isinstance(closed_at, Unset):
            field_dict["closed_at"] = closed_at
        if not isinstance(created_at, Unset):
            field_dict["created_at"] = created_at
        if not isinstance(creation_source, Unset):
            field_dict["creation_source"] = creation_source
        if not isinstance(description, Unset):
            field_dict["description"] = description
        if not isinstance(due_date, Unset):
            field_dict["due_date"] = due_date
        if not isinstance(insights, Unset):
            field_dict["insights"] = insights
        if not isinstance(jira_issue, Unset):
            field_dict["jira_issue"] = jira_issue
        if not isinstance(key, Unset):
            field_dict["key"] = key
        if not isinstance(modified_at, Unset):
            field_dict["modified_at"] = modified_at
        if not isinstance(priority, Unset):
            field_dict["priority"] = priority
        if not isinstance(servicenow_ticket, Unset):
            field_dict["servicenow_ticket"] = servicenow_ticket
        if not isinstance(status, Unset):
            field_dict["status"] = status
        if not isinstance(status_group, Unset):
            field_dict["status_group"] = status_group
        if not isinstance(status_name, Unset):
            field_dict["status_name"] = status_name
        if not isinstance(title, Unset):
            field_dict["title"] = title
        if not isinstance(type_, Unset):
            field_dict["type"] = type_
        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. Raises ReadError when a required member is missing or unusable."""
        members = src_dict.copy() if type(src_dict) is dict else open_object(src_dict)
        model = cls.__new__(cls)  # attrs' own __init__ would take longer than all that follows
        model.archived_at = take_optional(members, "archived_at", read_datetime)
        model.assigned_to = take_optional(members, "assigned_to", UserRelationship.from_dict)
        model.attributes = take_optional(members, "attributes", CustomAttributes.from_dict)
        model.closed_at = take_optional(members, "closed_at", read_datetime)
        model.created_at = take_optional(members, "created_at", read_datetime)
        model.creation_source = (
            found
            if isinstance(found := members.pop("creation_source", UNSET), str)
            else put_back(members, "creation_source", found)
        )
        model.description = (
            found
            if isinstance(found := members.pop("description", UNSET), str)
            else put_back(members, "description", found)
        )
        model.due_date = (
            found
            if isinstance(found := members.pop("due_date", UNSET), str)
            else put_back(members, "due_date", found)
        )
        model.insights = take_optional(members, "insights", list_of(Insight.from_dict))
        model.jira_issue = take_optional(members, "jira_issue", JiraIssue.from_dict)
        model.key = (
            found
            if isinstance(found := members.pop("key", UNSET), str)
            else put_back(members, "key", found)
        )
        model.modified_at = take_optional(members, "modified_at", read_datetime)
        model.priority = (
            found
            if isinstance(found := members.pop("priority", UNSET), str)
            else put_back(members, "priority", found)
        )
        model.servicenow_ticket = take_optional(
            members, "servicenow_ticket", ServiceNowTicket.from_dict
        )
        model.status = (
            found
            if isinstance(found := members.pop("status", UNSET), str)
            else put_back(members, "status", found)
        )
        model.status_group = (
            found
            if isinstance(found := members.pop("status_group", UNSET), str)
            else put_back(members, "status_group", found)
        )
        model.status_name = (
            found
            if isinstance(found := members.pop("status_name", UNSET), str)
            else put_back(members, "status_name", found)
        )
        model.title = (
            found
            if isinstance(found := members.pop("title", UNSET), str)
            else put_back(members, "title", found)
        )
        model.type_ = (
            found
            if isinstance(found := members.pop("type", UNSET), str)
            else put_back(members, "type", found)
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


from ..models.custom_attributes import CustomAttributes  # noqa: E402
from ..models.insight import Insight  # noqa: E402
from ..models.jira_issue import JiraIssue  # noqa: E402
from ..models.service_now_ticket import ServiceNowTicket  # noqa: E402
from ..models.user_relationship import UserRelationship  # noqa: E402
