"""Attach Datadog security findings to ServiceNow tickets."""

from . import errors, models
from ._answers import AttachResponse
from ._settings import Site
from ._version import __version__
from .client import AsyncClient, Client
from .errors import (
    AnsweredError,
    APIError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ForbiddenError,
    InvalidRequestError,
    MalformedResponseError,
    MissingCredentialsError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    Problem,
    RateLimitedError,
    ServerError,
    ServiceNowTicketsError,
    UnauthorizedError,
    UnexpectedStatusError,
)
from .rate_limit import RateLimit

__all__ = [
    "APIError",
    "AnsweredError",
    "AsyncClient",
    "AttachResponse",
    "BadRequestError",
    "Client",
    "ClientClosedError",
    "ConfigurationError",
    "ConnectError",
    "ForbiddenError",
    "InvalidRequestError",
    "MalformedResponseError",
    "MissingCredentialsError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "Problem",
    "RateLimit",
    "RateLimitedError",
    "ServerError",
    "ServiceNowTicketsError",
    "Site",
    "UnauthorizedError",
    "UnexpectedStatusError",
    "__version__",
    "errors",
    "models",
]
