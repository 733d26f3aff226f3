"""What the request of a recorded exchange asks for, and which requirements forbid it."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract import strict
from servicenow_contract.contract.addresses import Standing, standing
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.answers import Answer, Attach, Shown, media_type
from servicenow_contract.judging.refusals import certainly_wrong
from servicenow_contract.judging.verdict import NotShown
from servicenow_contract.traffic.exchange import Recorded, header
from servicenow_contract.vectors.keywords import OF_KEYWORD

MALFORMED = "malformed-json-is-400"
DIALECT = "json-dialects-refused"
MEDIA_TYPE = "media-type-demanded"


@frozen(slots=False)
class Reading:
    """A recorded exchange, and what its request asks for."""

    contract: Fragment = field(repr=False)
    exchange: Recorded
    asked: Any
    """The request's JSON; None when it is not known."""
    broken: Mapping[str, str]
    """The requirements that forbid this request, each with what is wrong."""
    unknown: str
    """Why the request cannot be judged; empty when it can."""

    @classmethod
    def of(cls, contract: Fragment, exchange: Recorded) -> "Reading":
        """Read the request."""
        content, broken = exchange.request.content, dict[str, str]()
        read = functools.partial(cls, contract, exchange)
        named = media_type(header(exchange.request_headers, "content-type") or "")
        # What calls itself some JSON is left open: the page does not tell it from plain JSON.
        if named and "json" not in named:
            broken[MEDIA_TYPE] = f"a body of the media type {named!r}"
        if content is None:
            return read(None, broken, f"the recording holds {exchange.request.missing}")
        try:
            asked = strict.parsed(content)
            wrong = _wrong(contract, asked)
        except (json.JSONDecodeError, UnicodeDecodeError):
            if content.startswith(b"\xef\xbb\xbf"):
                return read(None, broken, "the request begins with a byte order mark")
            # What begins like an object in some encoding, some parser may have read.
            plain = content.lstrip(b" \t\r\n\0\xfe\xff")
            name = DIALECT if plain.startswith(b"{") else MALFORMED
            return read(None, {**broken, name: "a body that is not JSON"}, "")
        except (ValueError, RecursionError):
            return read(None, broken, "no schema can judge the request's JSON")
        address, unknown = _address(asked), ""
        if address is not None and standing(address) is Standing.NONE:
            wrong[OF_KEYWORD["pattern"]] = f"the address {address!r}, which is not an incident's,"
        elif address is not None and standing(address) is Standing.OPEN:
            unknown = Standing.OPEN.value
        elif not wrong and not contract.validator(contract.request_schema).accepts(asked):
            unknown = "the page leaves open whether the request is right"
        return read(asked, {**broken, **wrong}, unknown)

    @property
    def valid(self) -> bool:
        """Whether the request is known, and the contract allows it."""
        return not self.unknown and not self.broken

    @property
    def open(self) -> bool:
        """Whether the page leaves open what answers a valid request, for what it holds."""
        listed = self.contract.documented(self.contract.request_schema, self.asked)
        return not self.findings or listed != self.asked

    @property
    def plain(self) -> bool:
        """Whether the request says that it is JSON, and no more than that."""
        value = header(self.exchange.request_headers, "content-type") or ""
        own = self.contract.media_type
        return value.replace(" ", "").lower() in (own, f"{own};charset=utf-8")

    @property
    def status(self) -> int:
        """The status of the answer. Raises NotShown when none came."""
        if self.exchange.status is None:
            raise NotShown
        return self.exchange.status

    @functools.cached_property
    def answer(self) -> Answer:
        """The answer, and what the request asked for. Raises NotShown when none came."""
        if self.exchange.status is None:
            raise NotShown
        body = self.exchange.response
        return Answer(
            self.contract,
            self.exchange.answer,
            Attach.of(self.asked) if self.valid else None,
            says_json=MEDIA_TYPE not in self.broken,
            recorded=True,
            missing=f"the recording holds {body.missing}" if body.content is None else "",
            unknown="" if self.broken else self.unknown,
        )

    @property
    def findings(self) -> list[str]:
        """The findings that a valid request sends."""
        sent = self.asked["data"]["relationships"]["findings"].get("data", [])
        return [each["id"] for each in sent]

    @property
    def ticket(self) -> str | None:
        """The ticket's address, when the request is known and valid."""
        if not self.valid:
            return None
        return str(self.asked["data"]["attributes"]["servicenow_ticket_url"])

    @property
    def case(self) -> Any:
        """The id of the case in a 200, or None."""
        if self.exchange.status != 200 or self.exchange.response.content is None:
            return None
        return Shown(self.exchange.answer).get_or_none("id")


def _address(asked: Any) -> str | None:
    """The ticket's address in a body; None when there is none that is a string."""
    try:
        address = asked["data"]["attributes"]["servicenow_ticket_url"]
    except (LookupError, TypeError):
        return None
    return address if isinstance(address, str) else None


def _wrong(contract: Fragment, asked: Any) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for each in certainly_wrong(contract, asked):
        wrong.setdefault(
            OF_KEYWORD[each.keyword], f"a wrong value at {each.at or '/'} ({each.keyword})"
        )
    return wrong
