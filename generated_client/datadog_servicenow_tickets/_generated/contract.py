# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

"""Facts of the contract that are no model."""

FRAGMENT_VERSION = "1.0.0"
"""The fragment's version."""
FRAGMENT_SHA256 = "5cf2b2b76c5d81362c149b8496474fcc555d7ba6e7d6e62af4b1ca1135318eed"
"""The digest of the fragment's file."""
GENERATOR = "openapi-python-client 0.29.1"
"""What rendered this package."""
METHOD = "PATCH"
"""The operation's method."""
PATH = "/api/v2/security/findings/servicenow_tickets"
"""The operation's path."""
SERVER = "https://api.{site}"
"""The server's address, with the site left open."""
SITES = (
    "datadoghq.com",
    "us3.datadoghq.com",
    "us5.datadoghq.com",
    "datadoghq.eu",
    "ap1.datadoghq.com",
    "ap2.datadoghq.com",
    "ddog-gov.com",
    "us2.ddog-gov.com",
)
"""The sites that the page lists."""
DEFAULT_SITE = "datadoghq.com"
"""The site of most."""
KEY_HEADERS = {"apiKeyAuth": "DD-API-KEY", "appKeyAuth": "DD-APPLICATION-KEY"}
"""The header of each key, by security scheme."""
MEDIA_TYPE = "application/json"
"""The media type of a request."""
STATUSES = (200, 400, 404, 429)
"""The statuses that the page lists."""
MAX_FINDINGS = 50
"""How many findings one request can attach."""
TICKET_URL_PATTERN = "^https://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+service-now[.]com/(?:now/nav/ui/classic/params/target/|nav_to[.]do[?]uri=(?:/|%2[Ff])?)?incident[.]do(?:[?]|%3[Ff])sys_id(?:=|%3[Dd])[0-9A-Fa-f]{32}(?:(?:&|%26)(?:[A-Za-z0-9._~:/?@!$&'()*+,;=^|-]|%[0-9A-Fa-f]{2})*)?$"
"""What a ticket's address matches."""
