"""The answers that sibling operations were seen to give, where the page says otherwise.

Seen in November 2025 in the recorded answers of `.../findings/cases/{id}` and
`.../findings/jira_issues` (DataDog/datadog-api-client-python, tests/v2/cassettes). The handler
does the rest of it when its state is `observed`: it refuses an empty list of findings.
"""

import http
import json

from attrs import evolve

from servicenow_contract.service.handler import Response

MEDIA_TYPE = "application/vnd.api+json"
_SEEN = (200, 400, 404)


def as_observed(response: Response, documented: str) -> Response:
    """The same answer in the observed model: JSON:API's media type, and its error objects.

    `documented` is the media type that the page documents; an answer of another one stays.
    Only the statuses that were seen are changed: keys and rate limits are judged by the platform,
    in front of the operation, and its errors are strings.
    """
    if response.status not in _SEEN or response.headers.get("content-type") != documented:
        return response
    said = json.loads(response.body)
    body = _error_objects(response.status, said["errors"]) if "errors" in said else response.body
    return evolve(response, headers={**response.headers, "content-type": MEDIA_TYPE}, body=body)


def _error_objects(status: int, said: list[str]) -> bytes:
    title = http.HTTPStatus(status).phrase
    errors = [{"status": str(status), "title": title, "detail": each} for each in said]
    return json.dumps({"errors": errors}).encode()
