"""Servers that take what the contract refuses: too much, other bodies, keys, methods, addresses."""

import functools
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from attrs import evolve

from servicenow_contract.contract.addresses import Standing, address_of, standing
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import NOBODYS
from servicenow_contract.mutants.kinds import (
    Row,
    Rows,
    When,
    findings,
    passed,
    permitting,
    read_as,
    serving,
)
from servicenow_contract.mutants.original import Edit, Original, Sent, refusal, rewritten
from servicenow_contract.service import Request, Response
from servicenow_contract.service.handler import answer
from servicenow_contract.target.gate import SAFE, UNOWNED

TABLE = Rows("taking")


def _attaching(sent: Sent, found: tuple[str, ...], request: Request) -> Request:
    body = attach_body(sent.url, found, sent.project)
    return evolve(request, body=json.dumps(body).encode())


def _in_parts(sentence: str, when: When) -> Row:
    """Accepts a list of findings that is too long, as many at a time as the limit allows."""

    def act(original: Original, request: Request) -> Response:
        sent, limit = original.sent(request), original.contract.max_findings
        if sent is None or not when(sent):
            return original.answer(request)
        response = refusal()
        for start in range(0, len(sent.findings), limit):
            part = sent.findings[start : start + limit]
            response = original.answer(_attaching(sent, part, request))
        return response

    return serving(sentence, act)


def _when_too_many(sentence: str, change: Callable[[Sent], tuple[str, ...]]) -> Row:
    """Reads a list of findings that is too long as another one."""

    def read(original: Original, request: Request) -> Request:
        sent = original.sent(request)
        too_many = sent is not None and sent.over > 0
        return _attaching(sent, change(sent), request) if sent and too_many else request

    return passed(sentence, read)


TABLE |= {
    "takes_one_finding_too_many": _in_parts(
        "Accepts one finding more than the limit, and refuses two more.",
        lambda sent: sent.over == 1,
    ),
    "takes_any_number_of_findings": _in_parts(
        "Accepts any number of findings.", lambda sent: sent.over > 0
    ),
    "takes_many_findings_too_many": _in_parts(
        "Refuses one finding too many, but accepts ten too many.", lambda sent: sent.over > 9
    ),
    "cuts_findings_off_at_the_limit": _when_too_many(
        "Accepts a list that is too long, attaches what the limit allows and ignores the rest.",
        lambda sent: sent.findings[: -sent.over],
    ),
}


def _bytes(sentence: str, change: Callable[[bytes], bytes]) -> Row:
    """Reads other bytes than were sent; where it cannot, those that were sent."""

    def read(_original: Original, request: Request) -> Request:
        try:
            return evolve(request, body=change(request.body))
        except (ValueError, RecursionError):
            return request

    return passed(sentence, read)


def _closed(body: bytes) -> bytes:
    try:
        json.loads(body)
    except ValueError:
        return body + b"}"
    return body


def _first_document(body: bytes) -> bytes:
    text = body.decode()
    return text[: json.JSONDecoder().raw_decode(text)[1]].encode()


def _without_comments(body: bytes) -> bytes:
    text = re.sub(r"//[^\n\"]*$", "", body.decode("latin-1"))
    return re.sub(r",\s*}", "}", text).encode("latin-1")


def _in_any_encoding(body: bytes) -> bytes:
    marked = body[:2] in (b"\xff\xfe", b"\xfe\xff")
    return body.decode("utf-16" if marked else "utf-8", "replace").encode()


def _unwrapped(body: bytes) -> bytes:
    inner = json.loads(body)
    return inner.encode() if isinstance(inner, str) else body


def _wrapped(body: bytes) -> bytes:
    value = json.loads(body)
    bare = isinstance(value, dict) and "attributes" in value and "data" not in value
    return json.dumps({"data": value}).encode() if bare else body


TABLE |= {
    "repairs_broken_json": _bytes(
        "Accepts a body that is cut off, and closes its open brackets.", _closed
    ),
    "reads_the_first_document_only": _bytes(
        "Accepts a body with something after its JSON.", _first_document
    ),
    "ignores_trailing_commas_and_comments": _bytes(
        "Accepts JSON with a trailing comma, or with a comment after it.", _without_comments
    ),
    "guesses_the_encoding": _bytes(
        "Accepts UTF-16, and replaces bytes that are not UTF-8.", _in_any_encoding
    ),
    "takes_control_characters_in_strings": _bytes(
        "Accepts a line break inside a JSON string.",
        lambda body: re.sub(rb"(?<=\w)[\x00-\x1f](?=\w)", b"", body),
    ),
    "takes_single_quotes": _bytes(
        "Accepts a Python literal, as if it were JSON.",
        lambda body: body.replace(b"'", b'"') if body.startswith(b"{'") else body,
    ),
    "reads_json_in_a_string": _bytes(
        "Accepts a JSON string that holds the JSON of the body.", _unwrapped
    ),
    "takes_a_body_without_data": _bytes(
        "Accepts a body without `data` around its members.", _wrapped
    ),
}


@TABLE.row(serving)
def takes_an_empty_body_as_success(original: Original, request: Request) -> Response:
    """Answers a request without a body with 200 and an empty case."""
    if all(original.keys(request).values()) and not request.body.strip():
        return answer(200, {"data": {"type": "cases"}})
    return original.answer(request)


def _as_json(sentence: str, when: Callable[[str, str], object]) -> Row:
    """Accepts a media type for the documented one, knowing both."""

    def read(original: Original, request: Request) -> Request:
        own, sent = original.contract.media_type, request.headers.get("content-type", "")
        headers = {**request.headers, "content-type": own}
        return evolve(request, headers=headers) if when(sent, own) else request

    return passed(sentence, read)


TABLE |= {
    "takes_any_media_type": _as_json("Accepts any media type.", lambda *_: True),
    "takes_plain_text": _as_json(
        "Accepts text/plain as JSON.", lambda sent, _: sent.startswith("text/plain")
    ),
    "takes_forms": _as_json("Accepts JSON that is sent as a form.", lambda sent, _: "form" in sent),
    "takes_xml": _as_json("Accepts JSON that is sent as XML.", lambda sent, _: "xml" in sent),
    "takes_octet_streams": _as_json(
        "Accepts JSON that is sent as an octet stream.", lambda sent, _: "octet-stream" in sent
    ),
    "takes_types_that_begin_like_json": _as_json(
        "Accepts a media type such as application/jsonp.", lambda sent, own: sent.startswith(own)
    ),
}


def _filled(
    sentence: str, when: Callable[[Mapping[str, str | None]], object], *schemes: str
) -> Row:
    """Accepts requests with certain keys as if the keys of these schemes had been sent, too."""

    def read(original: Original, request: Request) -> Request:
        keys, names = original.keys(request), original.contract.key_headers
        filled = {names[each].lower(): keys[each] or "a-key" for each in schemes}
        return evolve(request, headers={**request.headers, **filled}) if when(keys) else request

    return passed(sentence, read)


_API, _APPLICATION = "apiKeyAuth", "appKeyAuth"
TABLE |= {
    "takes_no_api_key": _filled(
        "Accepts a request without an API key, or with an empty one.", lambda _: True, _API
    ),
    "takes_no_application_key": _filled(
        "Accepts a request without an application key, or with an empty one.",
        lambda _: True,
        _APPLICATION,
    ),
    "takes_either_key": _filled(
        "Accepts a request with only one of the two keys.",
        lambda keys: any(keys.values()),
        _API,
        _APPLICATION,
    ),
    "takes_strangers": _filled(
        "Accepts a request without any key, but refuses one with a single key.",
        lambda keys: not any(keys.values()),
        _API,
        _APPLICATION,
    ),
    "takes_an_empty_api_key": _filled(
        "Accepts an empty API key.", lambda keys: keys[_API] is not None, _API
    ),
    "takes_an_empty_application_key": _filled(
        "Accepts an empty application key.",
        lambda keys: keys[_APPLICATION] is not None,
        _APPLICATION,
    ),
    "takes_wrong_keys": passed(
        "Accepts any key, even one that was never issued.",
        lambda original, request: evolve(
            request,
            headers={
                **request.headers,
                **{
                    name.lower(): "a-key"
                    for name in original.contract.key_headers.values()
                    if request.headers.get(name.lower()) == NOBODYS
                },
            },
        ),
    ),
    "takes_keys_without_permission": permitting(
        "Lets every application key attach, whatever its permissions.", lambda *_: {}
    ),
}


@TABLE.row(passed)
def takes_keys_from_other_headers(original: Original, request: Request) -> Request:
    """Accepts a key from another header when its own header is missing."""
    headers = dict(request.headers)
    for name in original.contract.key_headers.values():
        others = (headers.get(each, "") for each in ("authorization", "x-api-key", "dd-app-key"))
        headers.setdefault(name.lower(), next(filter(None, others), ""))
    return evolve(request, headers=headers)


def _from(sentence: str, read: Callable[[Request], str]) -> Row:
    """Accepts a missing key from a text that is sent like a query."""

    def fill(original: Original, request: Request) -> Request:
        found = dict(parse_qsl(read(request), separator="&"))
        key = next(iter(found.values()), "")
        names = [name.lower() for name in original.contract.key_headers.values()]
        filled = {name: request.headers.get(name) or key for name in names}
        return evolve(request, headers={**request.headers, **filled}) if key else request

    return passed(sentence, fill)


TABLE |= {
    "takes_keys_from_the_query": _from(
        "Accepts a key from the query string.", lambda request: request.query
    ),
    "takes_keys_from_cookies": _from(
        "Accepts a key from a cookie.",
        lambda request: request.headers.get("cookie", "").replace("; ", "&"),
    ),
}


def _with_method(sentence: str, *methods: str) -> Row:
    """Answers other methods as the documented one; without methods, every other one."""

    def act(original: Original, request: Request) -> Response:
        own = original.contract.method
        taken = not methods or request.method in methods
        response = original.answer(evolve(request, method=own) if taken else request)
        return evolve(response, body=b"") if methods and request.method == "HEAD" else response

    return serving(sentence, act)


# What another operation may own is not a fault.
TABLE.add(
    {
        f"takes_{method.lower()}_too": _with_method(
            f"Answers {method} as if it were the documented method.", method
        )
        for method in (*SAFE, UNOWNED)
    }
    | {
        "takes_every_method": _with_method("Accepts any method."),
        "redirects_other_methods": serving(
            "Answers another method with 204, as if it had worked.",
            lambda original, request: (
                original.answer(request)
                if request.method == original.contract.method
                else Response(204, {}, b"")
            ),
        ),
    },
    Level.MAY,
)


def _address(change: Callable[[str], str]) -> Edit:
    def edit(data: Any) -> None:
        attributes = data["attributes"]
        attributes["servicenow_ticket_url"] = change(attributes["servicenow_ticket_url"])

    return edit


def _stand_in(url: str) -> str:
    """An address of an incident that stands for this string, whatever it is."""
    number = "".join(f"{ord(letter) % 16:x}" for letter in quote(url))[:32].rjust(32, "0")
    return address_of("any", number)


_PATH = "/now/nav/ui/classic/params/target/incident.do?sys_id="
_HURRIED: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "looks_for_the_domain_anywhere": (
        "Accepts any address that contains service-now.com and a sys_id.",
        lambda url: "service-now.com" in url and "incident.do?sys_id=" in url,
    ),
    "looks_at_the_end_of_the_host": (
        "Accepts a host that ends in service-now.com, without a dot before it.",
        lambda url: re.search(f"^https://[^/@]*service-now[.]com{re.escape(_PATH)}", url),
    ),
    "looks_at_the_beginning_of_the_host": (
        "Accepts a host that has service-now.com before another domain.",
        lambda url: re.match(r"https://([\w-]+[.])*service-now[.]com[.a-z]*/", url),
    ),
    "takes_user_info": (
        "Accepts an address with user information before the host.",
        lambda url: re.match("https://[^/]*@[^/]*[.]service-now[.]com/", url),
    ),
    "takes_a_dot_behind_the_host": (
        "Accepts a host that ends in a dot.",
        lambda url: ".service-now.com./" in url,
    ),
    "takes_the_domain_for_an_instance": (
        "Accepts service-now.com itself, without an instance.",
        lambda url: url.startswith("https://service-now.com/"),
    ),
    "folds_letters_of_the_host": (
        "Accepts a host with letters that Unicode case folding turns into the right ones.",
        lambda url: not url.isascii() and _folds_into_one(url),
    ),
    "folds_capitals_of_the_host": (
        "Accepts a host with letters that become the right ones in lower case.",
        lambda url: not url.isascii() and _folds_into_one(url, str.lower),
    ),
    "takes_script_schemes": (
        "Accepts an address after javascript: or data:.",
        lambda url: re.match("(javascript|data):.*service-now", url),
    ),
    "takes_other_schemes": (
        "Accepts an address of any scheme.",
        lambda url: (
            re.match("[a-z]+://[a-z0-9-]+[.]service-now[.]com/", url)
            and "incident.do?sys_id=" in url
        ),
    ),
    "takes_records_of_any_table": (
        "Accepts a record of any table.",
        lambda url: re.match(
            r"https://[\w-]+[.]service-now[.]com/.*(do[?]sys_id=|record/\w+/)[0-9a-f]{32}", url
        ),
    ),
    "takes_tables_that_end_alike": (
        "Accepts a record of a table whose name ends in incident.",
        lambda url: re.match(
            r"https://[\w-]+[.]service-now[.]com/.*_incident([.]do[?]sys_id=|/)", url
        ),
    ),
    "takes_new_records": (
        "Accepts the form of an incident that does not exist yet.",
        lambda url: re.match(r"https://[\w-]+[.]service-now[.]com/.*incident.*-1", url),
    ),
    "takes_addresses_without_a_record": (
        "Accepts an address of an instance that names no record.",
        lambda url: re.fullmatch(
            r"https://[\w-]+[.]service-now[.]com/?(incident[.]do([?]sys_id=)?)?", url
        ),
    ),
    "takes_ids_for_addresses": (
        "Accepts a sys_id alone as the address.",
        lambda url: re.fullmatch("[0-9a-f]{32}", url),
    ),
    "takes_empty_labels": (
        "Accepts a host with an empty label.",
        lambda url: re.match(r"https://[\w.-]*[.][.]service-now[.]com/|https://[.]", url),
    ),
}
"""Hurried checks of an address: what each takes in one sentence, and as a function."""


def _folds_into_one(url: str, fold: Callable[[str], str] = str.casefold) -> bool:
    """Whether an address is one of ServiceNow's once its letters are folded."""
    folded = fold(unicodedata.normalize("NFKC", url))
    return standing(folded.replace("\u3002", ".").replace("\xad", "")) is Standing.CERTAIN


def _taking(check: Callable[[str], object], _original: Original, request: Request) -> Request:
    """A request as it would be with an incident's address, where a check takes what it has."""

    def stand_in(url: str) -> str:
        return _stand_in(url) if standing(url) is Standing.NONE and check(url) else url

    return rewritten(request, _address(stand_in))


TABLE |= {
    "takes_addresses_without_scheme": read_as(
        "Accepts an address without https:// in front.",
        _address(lambda url: url if "://" in url else f"https://{url}"),
    ),
    **{
        name: passed(sentence, functools.partial(_taking, check))
        for name, (sentence, check) in _HURRIED.items()
    },
    "takes_any_address": passed(
        "Accepts any string as the address of a ticket.",
        lambda original, request: (
            request if original.sent(request) else rewritten(request, _address(_stand_in))
        ),
    ),
}


def _well_formed(each: Any) -> bool:
    named = isinstance(each, dict) and isinstance(each.get("id"), str)
    return named and each.get("type") == "findings"


def _checking(sentence: str, judged: Callable[[list[Any]], list[Any]]) -> Row:
    """Drops the other findings that are not well-formed."""
    return read_as(
        sentence,
        findings(
            lambda found: [each for each in found if each in judged(found) or _well_formed(each)]
        ),
    )


def _each(sentence: str, change: Callable[[Any], Mapping[str, Any]], start: int = 0) -> Row:
    """Reads each finding from a place on with other members."""

    def edit(data: Any) -> None:
        for each in data["relationships"]["findings"]["data"][start:]:
            each.update(change(each))

    return read_as(sentence, edit)


def _small_types(data: Any) -> None:
    relationships = data["relationships"]
    for each in (data, relationships["project"]["data"], *relationships["findings"]["data"]):
        each["type"] = each["type"].lower()


def _written_ids(data: Any) -> None:
    relationships = data["relationships"]
    for each in (*relationships["findings"]["data"], relationships["project"]["data"]):
        if isinstance(each["id"], int | float):
            each["id"] = str(each["id"])


def _flattened(found: Any) -> Any:
    nested = isinstance(found, list) and all(isinstance(each, list) and each for each in found)
    return [finding for each in found for finding in each] if nested else found


TABLE |= {
    "checks_only_the_first_finding": _checking(
        "Ignores malformed findings after the first.",
        lambda found: found[:1],
    ),
    "checks_only_the_last_finding": _checking(
        "Ignores malformed findings before the last.",
        lambda found: found[-1:],
    ),
    "checks_nine_findings": _each(
        "Accepts findings of any type from the tenth on.",
        lambda each: {"id": str(each["id"]), "type": "findings"},
        9,
    ),
    "drops_empty_ids": _each(
        "Removes spaces around the id of a finding.",
        lambda each: {"id": each["id"].strip()},
    ),
    "ignores_capitals_in_ids": _each(
        "Treats two findings as one when their ids differ only in upper and lower case.",
        lambda each: {"id": each["id"].lower()},
    ),
    "takes_resource_types_in_capitals": read_as(
        "Accepts resource types in any letter case, such as `Findings`.", _small_types
    ),
    "takes_one_finding_for_a_list": read_as(
        "Accepts a single finding instead of the list.",
        findings(lambda found: [found] if isinstance(found, dict) else found),
    ),
    "takes_a_list_of_lists": read_as(
        "Accepts the list of findings inside another list.", findings(_flattened)
    ),
    "takes_null_for_the_list": read_as(
        "Accepts null instead of the list of findings.",
        findings(lambda found: [] if found is None else found),
    ),
    "takes_numbers_for_ids": read_as(
        "Accepts a number as the id of a finding or project.", _written_ids
    ),
}
