"""Requests that are wrong before their JSON can be judged: in their bytes or their media type.

A dialect is what a parser may take as an extension of JSON (RFC 8259, section 9).
"""

import json
import re

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import World


@frozen
class RawVector:
    """One of them."""

    name: str
    content: bytes = field(repr=False)
    content_type: str | None


def _good(world: World) -> bytes:
    return json.dumps(attach_body(world.tickets[0], world.findings[:1], world.project)).encode()


def malformed(contract: Fragment, world: World) -> list[RawVector]:
    """Bodies that are JSON in no dialect."""
    good = _good(world)
    wrong = {
        "no body": b"",
        "white space": b"  \n",
        "cut off": good[:-1],
        "cut off in the middle": good[: len(good) // 2],
        "something before": b"x" + good,
        "a prefix against hijacking": b")]}',\n" + good,
        "something after": good + b"x",
        "two documents": good + good,
        "one bracket too many": good + b"}",
        "a bare word": b"findings",
        "NaN instead of the data": b'{"data": NaN}',
        "form data": b"data=1",
        "a null byte": good + b"\x00",
    }
    return [RawVector(name, content, contract.media_type) for name, content in wrong.items()]


def dialects(contract: Fragment, world: World) -> list[RawVector]:
    """Bodies that some parsers take for JSON, and RFC 8259 does not."""
    good, finding = _good(world), json.dumps(world.findings[0]).encode()
    wrong = {
        "single quotes": good.replace(b'"', b"'"),
        "names without quotes": re.sub(rb'"(\w+)":', rb"\1:", good),
        "a trailing comma": good[:-1] + b",}",
        "a trailing comma in the list": good.replace(b"}]", b"},]"),
        "a comment after": good + b"// a comment",
        "a comment inside": good[:-1] + b"/* a comment */}",
        "NaN in another member": good[:-1] + b', "a_member_of_tomorrow": NaN}',
        "infinity in another member": good[:-1] + b', "a_member_of_tomorrow": -Infinity}',
        "a leading zero in another member": good[:-1] + b', "a_member_of_tomorrow": 01}',
        "not UTF-8": good.replace(finding, b'"\xff\xfe"', 1),
        "Latin-1": good.replace(finding, b'"f\xe9vrier"', 1),
        "UTF-16": good.decode().encode("utf-16"),
        "UTF-32": good.decode().encode("utf-32"),
        "a control character in a string": good.replace(finding, b'"a\nfinding"', 1),
        "a tab in a string": good.replace(finding, b'"a\tfinding"', 1),
        "an unknown escape in a string": good.replace(finding, b'"a\\xfinding"', 1),
    }
    return [RawVector(name, content, contract.media_type) for name, content in wrong.items()]


def other_media_types(world: World) -> list[RawVector]:
    """A good body under a media type that is not JSON."""
    good = _good(world)
    types = (
        *("text/plain", "text/html", "application/xml", "application/x-www-form-urlencoded"),
        *("application/octet-stream", "application/yaml", "multipart/form-data; boundary=json"),
        *("application/json-seq", "application/jsonl", "application/x-ndjson", "image/json"),
    )
    return [RawVector(f"{each} instead of JSON", good, each) for each in types]
