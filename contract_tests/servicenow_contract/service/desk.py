"""What `serve` puts around the service for people who try it: log lines, CORS, what it holds."""

import json
import time
from collections.abc import Callable
from typing import Any

from attrs import evolve

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.service.handler import Ending, Request, Respond, Response
from servicenow_contract.service.state import State
from servicenow_contract.text import counted, head, visible

WORLD = "/__world"
"""GET on this path shows what the service holds. It listens on loopback only."""
_LIMIT = "X-RateLimit-Limit, X-RateLimit-Period, X-RateLimit-Remaining, X-RateLimit-Reset"
_LONGEST = 120


def with_world(respond: Respond, state: State) -> Respond:
    """The service, which also shows what it knows and what its tickets hold."""

    def responding(request: Request) -> Response:
        if (request.method, request.path) != ("GET", WORLD):
            return respond(request)
        shown = json.dumps(_held(state), indent=2, ensure_ascii=False)
        return Response(200, {"content-type": "application/json"}, f"{shown}\n".encode())

    return responding


def _held(state: State) -> dict[str, Any]:
    world = state.world
    held = [
        {
            "instance": instance,
            "sys_id": sys_id,
            "case": {"id": case.id, "key": case.key, "project": case.project},
            "findings": list(case.findings),
        }
        for (instance, sys_id), case in state.cases().items()
    ]
    return {
        "held": held,
        "knows": {
            "project": world.project,
            "findings": list(world.findings),
            "tickets": list(world.tickets),
            "any_other_id": world.open,
            "unknown_project": world.unknown_project,
            "unknown_finding": world.unknown_finding,
        },
    }


def with_cors(respond: Respond, contract: Fragment) -> Respond:
    """The service, which pages of any origin may call from a browser (Fetch, "CORS protocol")."""
    anyone = {"access-control-allow-origin": "*", "access-control-expose-headers": _LIMIT}
    allowed = {
        "access-control-allow-methods": f"GET, {contract.method}",
        "access-control-allow-headers": ", ".join(["content-type", *contract.key_headers.values()]),
        "access-control-max-age": "600",
    }

    def responding(request: Request) -> Response:
        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            return Response(200, {**anyone, **allowed}, b"")
        response = respond(request)
        return evolve(response, headers={**response.headers, **anyone})

    return responding


def logged(respond: Respond, say: Callable[[str], None]) -> Respond:
    """The service, which says a line of each request and its answer; keys are in none."""

    def responding(request: Request) -> Response:
        response = respond(request)
        ending = "" if response.ending is Ending.WHOLE else f" {response.ending.value}"
        late = f" after {response.delay:g} s" if response.delay else ""
        asked = f"{request.method} {head(request.path, _LONGEST)}"
        line = f"{time.strftime('%H:%M:%S')} {asked} {response.status}{ending}{late}"
        say(visible(f"{line}  {_gist(response)}".rstrip()))
        return response

    return responding


def _gist(response: Response) -> str:
    """An answer in a few words: the case and how many findings it holds, or the first error."""
    try:
        body = json.loads(response.body)
        if response.status == 200:
            attributes = body["data"]["attributes"]
            count = len(attributes["insights"])
            return f"{attributes['key']}: {counted(count, 'finding')}"
        first = body["errors"][0]
    except (ValueError, LookupError, TypeError):
        return ""
    return head(first if isinstance(first, str) else str(first.get("detail", "")), _LONGEST)
