"""A consumer's module that uses every public name. Type checkers read it; nobody runs it."""

import ssl
from typing import assert_type

import httpx2

import datadog_servicenow_tickets as tickets
from datadog_servicenow_tickets import errors, models

TICKET = "https://example.service-now.com/incident.do?sys_id=0123456789abcdef0123456789abcdef"


def make() -> tickets.Client:
    """A client, with every argument that it takes."""
    return tickets.Client(
        api_key="a",
        app_key="b",
        site=tickets.Site.EU,
        base_url=None,
        timeout=httpx2.Timeout(30, connect=5),
        max_retries=1,
        max_retry_wait=10,
        retry_unknown_outcome=False,
        deadline=60,
        transport=httpx2.HTTPTransport(),
        proxy="http://localhost:8080",
        verify=ssl.create_default_context(),
        limits=httpx2.Limits(max_connections=5),
        trust_env=False,
        event_hooks={"request": [print], "response": []},
    )


def attach(body: models.AttachRequest) -> None:
    """Every method of the synchronous client."""
    with make() as client:
        assert_type(client, tickets.Client)
        case = client.attach_findings(ticket_url=TICKET, project_id="p", finding_ids=["f"])
        assert_type(case, models.Case)
        assert_type(case.id, str | models.Unset)
        assert_type(tickets.MAX_FINDINGS, int | None)
        detailed = client.attach_findings_detailed(
            ticket_url=TICKET, project_id="p", finding_ids={"f"}
        )
        assert_type(detailed, tickets.AttachResponse)
        assert_type(detailed.parsed, models.CaseResponse | None)
        assert_type(detailed.rate_limit, tickets.RateLimit)
        assert_type(detailed.rate_limit.reset, int | None)
        assert_type(detailed.attempts, int)
        assert_type(client.attach(body, timeout=3, deadline=None), models.Case)
        assert_type(client.attach_detailed(body), tickets.AttachResponse)
        assert_type(client.is_closed, bool)
        client.close()


async def attach_async(body: models.AttachRequest) -> None:
    """Every method of the asynchronous client."""
    async with tickets.AsyncClient(site="datadoghq.eu", timeout=3) as client:
        assert_type(client, tickets.AsyncClient)
        case = await client.attach_findings(ticket_url=TICKET, project_id="p", finding_ids=("f",))
        assert_type(case, models.Case)
        detailed = await client.attach_findings_detailed(
            ticket_url=TICKET, project_id="p", finding_ids=["f"]
        )
        assert_type(detailed, tickets.AttachResponse)
        assert_type(await client.attach(body), models.Case)
        assert_type(await client.attach_detailed(body), tickets.AttachResponse)
        await client.close()
        await client.aclose()


def read(case: models.Case) -> str:
    """The members of a case are typed; what is absent is `UNSET`, which is false."""
    if not case.attributes or not case.attributes.servicenow_ticket:
        return "no ticket"
    ticket = case.attributes.servicenow_ticket
    assert_type(ticket, models.ServiceNowTicket)
    return ticket.status or "no status"


def never_sent(client: tickets.Client) -> str:
    """Errors before anything is sent, from the particular to the general."""
    try:
        client.attach_findings(ticket_url=TICKET, project_id="p", finding_ids=["f"])
    except tickets.InvalidRequestError as error:
        assert_type(error.problems, tuple[tickets.Problem, ...])
        return "".join(f"{problem.pointer} {problem.message}" for problem in error.problems)
    except (tickets.ConnectError, tickets.OutcomeUnknownError) as error:
        return error.reason
    except (tickets.ClientClosedError, tickets.MissingCredentialsError) as error:
        return str(error)
    except (tickets.ConfigurationError, tickets.NotSentError) as error:
        assert_type(error.attempts, int)
        return str(error)
    return tickets.__version__


def made_from() -> tickets.Provenance:
    """What the installed client was made from."""
    assert_type(tickets.provenance, tickets.Provenance)
    assert_type(tickets.provenance.commit, str | None)
    return tickets.provenance


def answered(client: tickets.Client) -> object:
    """Errors that are answers, from the particular to the general."""
    try:
        client.attach_findings(ticket_url=TICKET, project_id="p", finding_ids=["f"])
    except tickets.RateLimitedError as error:
        assert_type(error.retry_after, float | None)
    except (tickets.BadRequestError, tickets.NotFoundError, tickets.ForbiddenError) as error:
        assert_type(error.errors, list[str])
    except (tickets.ServerError, tickets.UnexpectedStatusError) as error:
        assert_type(error.applied, bool | None)
    except (tickets.UnauthorizedError, tickets.APIError) as error:
        return error.headers["content-type"]
    except tickets.TicketFailedError as error:
        assert_type(error.case, models.Case)
    except tickets.MalformedResponseError as error:
        assert_type(error.content, bytes)
    except tickets.AnsweredError as error:
        assert_type(error.rate_limit, tickets.RateLimit)
    except errors.ServiceNowTicketsError as error:
        assert_type(error.applied, bool | None)
    return None


assert_type(tickets.RateLimit.from_headers({}), tickets.RateLimit)
assert issubclass(tickets.ServiceNowTicketsError, Exception)
