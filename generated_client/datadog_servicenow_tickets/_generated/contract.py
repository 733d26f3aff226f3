# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

"""Facts of the contract that are no model."""

from enum import StrEnum


class Site(StrEnum):
    """The Datadog sites that the page lists, by the names that Datadog gives them."""

    US1 = "datadoghq.com"
    US3 = "us3.datadoghq.com"
    US5 = "us5.datadoghq.com"
    EU = "datadoghq.eu"
    AP1 = "ap1.datadoghq.com"
    AP2 = "ap2.datadoghq.com"
    US1_FED = "ddog-gov.com"
    US2_FED = "us2.ddog-gov.com"


FRAGMENT_VERSION = "1.0.0"
"""The fragment's version."""
FRAGMENT_SHA256 = "a9ef1ebff3ba31bf658086882ec650639dbbf5e180f87d229c6c8ef03eb9b553"
"""The digest of the fragment's file."""
GENERATOR = "openapi-python-client 0.29.1"
"""What rendered this package."""
METHOD = "PATCH"
"""The operation's method."""
PATH = "/api/v2/security/findings/servicenow_tickets"
"""The operation's path."""
SERVER = "https://api.{site}"
"""The server's address, with the site left open."""
DEFAULT_SITE = "datadoghq.com"
"""The site of most."""
KEY_HEADERS = {"apiKeyAuth": "DD-API-KEY", "appKeyAuth": "DD-APPLICATION-KEY"}
"""The header of each key, by security scheme."""
MEDIA_TYPE = "application/json"
"""The media type of a request."""
STATUSES = (200, 400, 404, 429)
"""The statuses that the page lists."""
MAX_FINDINGS: int | None = 50
"""How many findings one request can attach; None where the page has no limit."""
TICKET_URL_PATTERN = "^[Hh][Tt][Tt][Pp][Ss]?://(?:[A-Za-z0-9_-]+[.])+[Ss][Ee][Rr][Vv][Ii][Cc][Ee]-[Nn][Oo][Ww][.][Cc][Oo][Mm](?::[0-9]*)?/(?:(?:[\\s\\S]*(?:[/=]|%(?:25)*(?:2[Ff]|3[Dd])))?(?:incident|task)(?:_list)?[^A-Za-z0-9_][\\s\\S]*[0-9A-Fa-f]{4}|[\\s\\S]*[0-9A-Fa-f]{4}[\\s\\S]*table(?:=|%3[Dd])(?:incident|task)(?:[^A-Za-z0-9_]|$))"
"""What a ticket's address matches."""
