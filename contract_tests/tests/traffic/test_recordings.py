"""Each kind of recording is read as what was exchanged, with care."""

import base64
import functools
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from attrs import evolve

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.traffic.body import MAX_BODY, Bodies
from tests.traffic.recorded_calls import CASE, GOOD, failed, judged, passed
from tests.traffic.recording_writers import (
    OTHERS,
    URL,
    Pair,
    cassette,
    har,
    interactions,
    other_entry,
)


def _kept(pair: Pair, content: dict[str, Any], headers: Mapping[str, str]) -> bytes:
    document = json.loads(har([pair]))
    response = document["log"]["entries"][0]["response"]
    response["content"] = content
    response["headers"] += [{"name": name, "value": value} for name, value in headers.items()]
    return json.dumps(document).encode()


def test_missing_body_is_not_run() -> None:
    """An answer without its body shows its status and media type; a failure is never made of it."""
    for content in (
        {"size": 900},
        {"size": 900, "text": ""},
        {"size": 900, "text": GOOD[0].response.body.decode()[:300]},
        {"size": 4, "text": "%%%%%", "encoding": "base64"},
        {"size": 900, "text": "half \ud800 of a pair"},
    ):
        ledger = judged(_kept(GOOD[0], content, {})).ledger
        assert ledger.verdict("answer-200-model") is Verdict.NOT_RUN
        assert "the recording holds" in ledger.reasons("answer-200-model")[0]
        assert ledger.verdict("answer-lists-every-finding") is Verdict.NOT_RUN
        assert ledger.verdict("answer-media-type") is Verdict.PASS


def test_lengths_that_recorders_count_otherwise() -> None:
    """Whole JSON is whole whatever its size is said to be; a compressed length is no body's."""
    text = GOOD[0].response.body.decode()
    assert "answer-200-model" in passed(_kept(GOOD[0], {"size": 99_999, "text": text}, {}))
    pair = GOOD[0].answering(b"<p>", status=400)
    packed = {"Content-Length": "23", "Content-Encoding": "gzip"}
    assert failed(_kept(pair, {"text": "<p>"}, packed)) == {"answer-400-model"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_of_a_file(encoding: str) -> None:
    """A recording may begin with a byte order mark."""
    for content in (har(GOOD), cassette(GOOD)):
        assert passed(content.decode().encode(encoding)) == passed(content)


def test_empty_body_is_a_fact_where_its_length_is_recorded() -> None:
    """A 200 that is known to be empty fails its model."""
    for content, headers in (
        ({"size": 0, "text": ""}, {}),
        ({"size": -1}, {"Content-Length": "0"}),
    ):
        assert "answer-200-model" in failed(_kept(GOOD[0], content, headers))


_PACK: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": lambda data: zlib.compress(data)[2:-4],
}


@pytest.mark.parametrize("packing", _PACK)
def test_compressed_bodies(packing: str) -> None:
    """A compressed body is judged as what it is, in both kinds of recording; so is a plain one."""
    packed = _PACK[packing](GOOD[0].response.body)
    headers = {**GOOD[0].response.headers, "Content-Encoding": packing.rpartition(" ")[2]}
    pair = GOOD[0].answering(packed, headers=headers)
    in_har = {"size": len(packed), "text": base64.b64encode(packed).decode(), "encoding": "base64"}
    for content in (cassette([pair]), _kept(pair.answering(b"{}"), in_har, {})):
        assert "answer-lists-every-finding" in passed(content)
    unpacked = pair.answering(GOOD[0].response.body)
    assert "answer-lists-every-finding" in passed(cassette([unpacked]))


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(bytes(MAX_BODY + 1), mtime=0), "gzip", f"more than {MAX_BODY} bytes"),
        (gzip.compress(b"{}" * 999, mtime=0)[:-9], "gzip", "is cut off"),
        (b"\x1f\x8bno gzip", "gzip", "cannot be decompressed"),
        (b"\x0b\x02\x80{}\x03", "br", "is compressed ('br')"),
    ],
)
def test_unusable_compression_is_not_run(body: bytes, encoding: str, reason: str) -> None:
    """What cannot be decompressed, or grows beyond all bounds, is a missing body."""
    headers = {**GOOD[0].response.headers, "Content-Encoding": encoding}
    ledger = judged(cassette([GOOD[0].answering(body, headers=headers)])).ledger
    assert ledger.verdict("answer-200-model") is Verdict.NOT_RUN
    assert reason in ledger.reasons("answer-200-model")[0]


def test_decompressing_is_bounded_for_a_whole_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies that are compressed count together, so that many bombs fill no memory."""
    packed = gzip.compress(GOOD[0].response.body, mtime=0)
    monkeypatch.setattr(Bodies, "__init__", functools.partialmethod(Bodies.__init__, left=1))
    ledger = judged(cassette([GOOD[0].answering(packed)] * 2)).ledger
    [reason] = ledger.reasons("answer-200-model")
    assert reason.startswith("held in 1, 1 not judged: ")
    assert reason.endswith("is compressed, and too much was decompressed before it")


def _as(kind: str) -> bytes:
    """The good exchange as one of VCR's relatives keeps it."""
    [one] = interactions(GOOD)
    request, response = one["request"], one["response"]
    match kind:
        case "vcrpy in JSON":
            return json.dumps({"version": 1, "interactions": [one]}).encode()
        case "vcrpy before versions":
            response["headers"] = ["Content-Type: application/json\r\n"]
            return json.dumps([one]).encode()
        case "vcrpy for httpx, once":
            old = {"content": response["body"]["string"], "status_code": 200}
            one["response"] = {**old, "headers": response["headers"]}
        case "go-vcr":
            request["url"] = request.pop("uri")
            told = {"status": "200 OK", "code": 200, "body": response["body"]["string"]}
            one["response"] = {**told, "headers": response["headers"]}
        case "VCR for Ruby":
            request["method"] = "patch"
            packed = base64.b64encode(GOOD[0].response.body).decode()
            response["body"] = {"encoding": "ASCII-8BIT", "base64_string": packed}
            return yaml.safe_dump({"http_interactions": [one]}).encode()
    return yaml.safe_dump({"interactions": [one, one]}).encode()


@pytest.mark.parametrize(
    "kind",
    ["vcrpy in JSON", "vcrpy before versions", "vcrpy for httpx, once", "go-vcr", "VCR for Ruby"],
)
def test_relatives_of_vcr(kind: str) -> None:
    """Each form of a cassette is read."""
    assert passed(_as(kind)) >= passed(har(GOOD))


def test_text_as_python_2_and_ruby_wrote_it() -> None:
    """Tags that stand for text and bytes are read, and aliases are followed."""
    text = json.dumps(json.dumps(CASE))
    packed = base64.b64encode(GOOD[0].request.body).decode()
    content = f"""
- request: {{method: PATCH, uri: '{URL}', body: !binary '{packed}', headers: &h {{
      content-type: [application/json]}}}}
  response: {{body: {{string: !!python/unicode {text}}}, headers: *h, status: {{code: 200}}}}
"""
    assert "answer-lists-every-finding" in passed(content.encode())


def test_any_host_and_prefix() -> None:
    """The operation is known by its method and the end of its path, whatever stands around it."""
    for url in (f"http://127.0.0.1:8126/proxy{GOOD[0].request.path}?x=1", f"{URL}?q#f"):
        assert "answer-200-model" in passed(har([evolve(GOOD[0], url=url)]))
    for method, url in (*OTHERS, ("PATCH", f"{URL}/1"), ("PATCH", "http://[/")):
        document = {"log": {"entries": [other_entry(method, url)]}}
        assert passed(json.dumps(document).encode()) == set()
