# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from ..types import (
    Model,
    open_object,
    take,
)


class TicketRelationships(Model):
    """The findings to attach, and the project that has the ServiceNow integration."""

    __slots__ = (
        "findings",
        "project",
        "additional_properties",
    )

    findings: FindingsRelationship
    """ The security findings to attach. """

    project: ProjectRelationship
    """ A case management project. """

    additional_properties: dict[str, Any]
    """Members without an attribute of their own, and documented ones that were not as documented."""

    def __init__(
        self,
        findings: FindingsRelationship,
        project: ProjectRelationship,
    ) -> None:
        self.findings = findings
        self.project = project
        self.additional_properties = {}

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that this model stands for."""
        findings = self.findings.to_dict()

        project = self.project.to_dict()

        field_dict: dict[str, Any] = self.additional_properties.copy()
        field_dict["findings"] = findings
        field_dict["project"] = project
        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. Raises ReadError when a required member is missing or unusable."""
        members = open_object(src_dict)
        model = cls(
            findings=take(members, "findings", FindingsRelationship.from_dict),
            project=take(members, "project", ProjectRelationship.from_dict),
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


from ..models.findings_relationship import FindingsRelationship  # noqa: E402
from ..models.project_relationship import ProjectRelationship  # noqa: E402
