"""Each form of an entry is read; what cannot be read is counted, and hides nothing."""

import base64
import copy
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.traffic import command
from tests.traffic.recorded_calls import GOOD, failed, judged, passed
from tests.traffic.recording_writers import URL, cassette, har, interactions, other_entry

ALL = passed(har(GOOD))
ANSWER = GOOD[0].response.body
HALF = len(ANSWER) // 2


def _har(change: Callable[[dict[str, Any]], Any], *more: Any) -> bytes:
    """The good exchange, changed, in a HAR; more entries stand before it."""
    document = json.loads(har(GOOD))
    change(document["log"]["entries"][0])
    document["log"]["entries"][:0] = more
    return json.dumps(document).encode()


def _run(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = command.main([str(path)])
    told = capsys.readouterr()
    return code, told.out + told.err


@pytest.mark.parametrize("status", ["200", 200.0, "200 OK", "200.0"])
def test_status_as_text_or_float(status: Any) -> None:
    """A status is a number, however a recorder writes it."""
    assert passed(_har(lambda entry: entry["response"].update(status=status))) == ALL


@pytest.mark.parametrize("status", [0, "0", -1, None, True, "", "none", "2000", 200.5, [200]])
def test_status_that_is_none(status: Any) -> None:
    """What is not a status is no answer."""
    assert passed(_har(lambda entry: entry["response"].update(status=status))) == set()


def _listed(chunks: list[bytes], encode: Callable[[bytes], str]) -> str:
    return json.dumps([encode(each) for each in chunks])


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


_PARTS = [ANSWER[:HALF], ANSWER[HALF:]]
_PACKED = gzip.compress(ANSWER, mtime=0)
_PACKED_PARTS = [_PACKED[:99], _PACKED[99:]]
POLLY: Mapping[str, dict[str, Any]] = {
    "one chunk": {"text": _listed([ANSWER], bytes.hex), "_isBinary": True},
    "two chunks": {"text": _listed(_PARTS, bytes.hex), "_isBinary": True},
    "two compressed chunks": {"text": _listed(_PACKED_PARTS, bytes.hex), "_isBinary": True},
    "no list": {"text": ANSWER.hex(), "_isBinary": True},
    "no mark": {"text": _listed(_PARTS, bytes.hex)},
    "chunks in base64": {"text": _listed(_PACKED_PARTS, _base64), "encoding": "base64"},
    "all in base64": {"text": _base64(_PACKED), "encoding": "base64"},
}


@pytest.mark.parametrize("name", POLLY)
def test_bodies_of_polly(name: str) -> None:
    """Chunks in hexadecimal or base64 are the body that they were."""
    assert passed(_har(lambda entry: entry["response"].update(content=POLLY[name]))) == ALL


@pytest.mark.parametrize("text", ['["deadbeef"]', '["a case"]', "[]", '["7b7"]'])
def test_list_that_was_answered(text: str) -> None:
    """A list that stands for nothing else is the answer itself, and breaks the model."""
    content = _har(lambda entry: entry["response"].update(content={"text": text}))
    [reason] = judged(content).ledger.reasons("answer-200-model")
    assert f"/: {text}" in reason


def _attach(entry: dict[str, Any], name: str = "ab12.json") -> None:
    entry["response"]["content"] = {"size": -1, "_file": name}
    entry["request"]["postData"] = {"_file": "cd34.json"}


def test_files_that_playwright_attaches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bodies are read from files beside a recording or in its zip; without them, not judged."""
    recording, archive = tmp_path / "a.har", tmp_path / "a.zip"
    recording.write_bytes(_har(_attach))
    code, out = _run(recording, capsys)
    assert (code, "1 without a body that can be read" in out) == (0, True)
    assert "there is no file 'ab12.json' beside it" in out
    files = {"ab12.json": ANSWER, "cd34.json": GOOD[0].request.body}
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("har.har", recording.read_bytes())
        for name, content in files.items():
            packed.writestr(name, content)
            (tmp_path / name).write_bytes(content)
    for path in (recording, archive):
        code, out = _run(path, capsys)
        assert (code, f"{len(ALL)} pass" in out, "without a body" in out) == (0, True, False)


@pytest.mark.parametrize("name", ["../ab12.json", "/etc/hostname", "..", "linked.json", "a\x00b"])
def test_attached_file_from_elsewhere(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No recording makes the command read a file outside of its folder."""
    (tmp_path / "ab12.json").write_text("a secret of this machine")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "linked.json").symlink_to(tmp_path / "ab12.json")
    (inner / "a.har").write_bytes(_har(lambda entry: _attach(entry, name)))
    code, out = _run(inner / "a.har", capsys)
    assert (code, "a secret" in out) == (0, False)


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + bytes(99)])
def test_broken_zip(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A zip file that is none, or holds no recording, is told in a sentence."""
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert _run(path, capsys)[0] == 2
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "x")
    code, out = _run(path, capsys)
    assert (code, "just one HAR" in out) == (2, True)


def _mocked(**changes: Any) -> dict[str, Any]:
    """The good exchange as MockServer writes it."""
    request, response = GOOD[0].request, GOOD[0].response
    headers = {name: [value] for name, value in request.headers.items()}
    answered = [{"name": name, "values": [value]} for name, value in response.headers.items()]
    sent = {"method": "PATCH", "path": request.path, "headers": {**headers, "Host": ["a.test"]}}
    return {
        "httpRequest": {**sent, "body": changes.get("sent", request.body.decode())},
        "httpResponse": {
            "statusCode": response.status,
            "headers": answered,
            "body": changes.get("answered", ANSWER.decode()),
        },
    }


MOCKSERVER: Mapping[str, dict[str, Any]] = {
    "text": _mocked(),
    "JSON": _mocked(
        sent={"type": "JSON", "json": json.loads(GOOD[0].request.body)},
        answered={"type": "JSON", "json": ANSWER.decode()},
    ),
    "strings": _mocked(answered={"type": "STRING", "string": ANSWER.decode()}),
    "bytes": _mocked(
        sent={"type": "JSON", "json": {}, "rawBytes": _base64(GOOD[0].request.body)},
        answered={"type": "BINARY", "base64Bytes": _base64(ANSWER)},
    ),
    "plain objects": _mocked(sent=json.loads(GOOD[0].request.body), answered=json.loads(ANSWER)),
}


@pytest.mark.parametrize("name", MOCKSERVER)
def test_forms_of_mockserver(name: str) -> None:
    """A log or expectations of MockServer are read in each form of their bodies."""
    for document in (MOCKSERVER[name], [{"httpRequest": None}, MOCKSERVER[name], 7]):
        assert passed(json.dumps(document).encode()) == ALL
    matched = _mocked(answered={"type": "JSON_SCHEMA", "jsonSchema": "{}"})
    ledger = judged(json.dumps([matched]).encode()).ledger
    assert ledger.reasons("answer-200-model") == [
        "the recording holds a body of the answer that cannot be read"
    ]


def _stubbed(**changes: Any) -> dict[str, Any]:
    """The good exchange as WireMock writes it, with other members of its request and answer."""
    request, response = GOOD[0].request, GOOD[0].response
    sent = {"method": "PATCH", "url": request.path, "headers": dict(request.headers)}
    answered = {"status": response.status, "headers": dict(response.headers)}
    return {
        "uuid": "1",
        "request": {**sent, **changes.get("sent", {"body": request.body.decode()})},
        changes.get("answer", "response"): {
            **answered,
            **changes.get("answered", {"body": ANSWER.decode()}),
        },
    }


_SENT = json.loads(GOOD[0].request.body)
WIREMOCK: Mapping[str, dict[str, Any]] = {
    "a mapping": _stubbed(
        sent={
            "headers": {name: {"equalTo": each} for name, each in GOOD[0].request.headers.items()},
            "bodyPatterns": [{"equalToJson": GOOD[0].request.body.decode()}],
        }
    ),
    "objects": _stubbed(
        sent={"bodyPatterns": [{"matches": ".*"}, {"equalToJson": _SENT}]},
        answered={"jsonBody": json.loads(ANSWER)},
    ),
    "a request of the journal": _stubbed(
        sent={"absoluteUrl": URL, "bodyAsBase64": _base64(GOOD[0].request.body), "body": "?"},
        answered={"bodyAsBase64": _base64(ANSWER)},
    ),
    "a journal of stubs": _stubbed(
        answer="responseDefinition", answered={"base64Body": _base64(ANSWER)}
    ),
}


@pytest.mark.parametrize("name", WIREMOCK)
def test_forms_of_wiremock(name: str) -> None:
    """Mappings and journals of WireMock are read, one or many; what is in a file is not known."""
    one = WIREMOCK[name]
    documents = [{kind: [None, one, {"request": 7}]} for kind in ("mappings", "requests")]
    for document in (*documents, *([one] if "response" in one else ())):
        assert passed(json.dumps(document).encode()) == ALL
    apart = _stubbed(answered={"bodyFileName": "a.json"})
    ledger = judged(json.dumps({"mappings": [apart]}).encode()).ledger
    assert ledger.reasons("answer-200-model") == [
        "the recording holds a body of the answer that cannot be read"
    ]


def _iterated() -> Iterator[tuple[str, Any]]:
    sent = GOOD[0].request.body
    yield "an iterator", iter([sent[:9], sent[9:]])
    yield "an iterator of texts", iter([sent[:9].decode(), sent[9:].decode()])
    yield "an iterator of a tuple", iter((sent,))
    yield "an open file", io.BytesIO(sent)
    yield "a list", [sent[:9], sent[9:]]


@pytest.mark.parametrize("name", [name for name, _ in _iterated()])
def test_iterators_of_vcrpy(name: str) -> None:
    """A body that was sent in pieces is read from what vcrpy writes of the iterator."""
    [one] = interactions(GOOD)
    one["request"]["body"] = dict(_iterated())[name]
    content = yaml.dump({"version": 1, "interactions": [one]}).encode()
    assert ("python/" in content.decode()) == (name != "a list")
    assert passed(content) == ALL


def test_object_in_a_cassette_is_never_made(tmp_path: Path) -> None:
    """What is no plain value is not read, wherever it stands; the rest is."""
    run = f"!!python/object/apply:os.system ['touch {tmp_path}/pwned']"
    good = cassette(GOOD).decode().partition("interactions:\n")[2].partition("version:")[0]
    for entry in (run, f"{{request: {run}}}", f"{{request: {{method: PATCH, uri: {run}}}}}"):
        assert passed(f"interactions:\n- {entry}\n{good}".encode()) == ALL
    sent = f"{{method: PATCH, uri: '{URL}', body: {run}, headers: {{}}}}"
    entry = f"{{request: {sent}, response: {{status: {{code: 200}}, body: {{string: {run}}}}}}}"
    assert failed(f"interactions:\n- {entry}\n{good}".encode()) == set()
    assert not (tmp_path / "pwned").exists()


BROKEN: Mapping[str, Any] = {
    "null": None,
    "no request": {"request": None, "response": {"status": 200}},
    "no address": {"request": {"method": "PATCH"}},
    "of another operation": other_entry("GET", "https://ads.example/p.gif")
    | {"request": {"method": "GET", "url": "https://ads.example/p.gif", "headers": [{"value": 1}]}},
    "of this operation": {"request": {"method": "PATCH", "url": URL, "headers": [{"value": "x"}]}},
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_entry(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An entry that cannot be read is counted, and everything else is judged as without it."""
    content = _har(lambda _: None, BROKEN[name])
    assert passed(content) == ALL
    (tmp_path / "a.har").write_bytes(content)
    code, out = _run(tmp_path / "a.har", capsys)
    assert code == 0
    foreign = name == "of another operation"
    assert f"({int(foreign)} of other operations are left out" in out
    assert ("1 entry that cannot be read" in out) != foreign
    assert ("a.har: /log/entries/0/request" in out) != foreign


_PLACES = st.sampled_from(["request", "response", "headers", "body", "status", "url", "entry"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "text", "_file", "type", "string", "json", "size"]),
            inner,
            max_size=3,
        )
    ),
)


def _spoil(entry: Any, place: str, value: Any, names: Mapping[str, tuple[str, ...]]) -> Any:
    """The entry with another value at a place."""
    if place == "entry":
        return value
    spoilt = copy.deepcopy(entry)
    *above, last = names.get(place, (place,))
    holder = spoilt
    for name in above:
        holder = holder[name]
    holder[last] = value
    return spoilt


_HAR = {
    "headers": ("request", "headers"),
    "body": ("response", "content"),
    "status": ("response", "status"),
    "url": ("request", "url"),
}
_VCR = {**_HAR, "body": ("response", "body"), "url": ("request", "uri")}


@given(_PLACES, _JSON)
def test_no_entry_spoils_another(place: str, value: Any) -> None:
    """Whatever stands in one entry, the next is judged, and the server is not blamed for it."""
    entry = json.loads(har(GOOD))["log"]["entries"][0]
    content = _har(lambda _: None, _spoil(entry, place, value, _HAR))
    assert passed(content) >= ALL - failed(content)
    if place != "body":
        assert failed(content) <= {"answer-statuses-documented"}
    [one] = interactions(GOOD)
    listed = {"interactions": [_spoil(one, place, value, _VCR), one]}
    assert passed(json.dumps(listed).encode()) >= ALL - failed(json.dumps(listed).encode())
    mocked = _mocked()
    sent, came = "httpRequest", "httpResponse"
    names = {"request": (sent,), "response": (came,), "headers": (sent, "headers")}
    names |= {"body": (came, "body"), "status": (came, "statusCode"), "url": (sent, "path")}
    several = json.dumps([_spoil(mocked, place, value, names), mocked]).encode()
    assert passed(several) >= ALL - failed(several)


def test_body_that_was_not_kept_hides_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where some exchanges show a requirement and others do not, both are counted."""
    document = json.loads(har([*GOOD, *GOOD, *GOOD, *GOOD]))
    document["log"]["entries"][2]["response"]["content"] = {"size": 900}
    (tmp_path / "a.har").write_text(json.dumps(document))
    code, out = _run(tmp_path / "a.har", capsys)
    assert (code, f"{len(ALL) + 1} pass" in out) == (0, True)
    [line] = [each for each in out.splitlines() if "answer-200-model" in each]
    assert line.startswith("pass")
    assert "held in 3, 1 not judged: " in line
    assert "/log/entries/2: the recording holds no body of the answer" in line
    document["log"]["entries"][3]["response"]["content"] = {"text": '{"data": 1}'}
    (tmp_path / "a.har").write_text(json.dumps(document))
    assert _run(tmp_path / "a.har", capsys)[0] == 1


def test_nothing_judged_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When no exchange shows anything, that is said, and 2 is the end."""
    (tmp_path / "a.har").write_bytes(_har(lambda entry: entry.update(response=None)))
    code, out = _run(tmp_path / "a.har", capsys)
    assert code == 2
    assert "nothing that was recorded shows whether a requirement is kept (1 exchange)" in out


TOKEN = "a-token.of/an+account=1"
WEB = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlMTIz"
BODIES: Mapping[str, tuple[str, str]] = {
    "a member": (json.dumps({"a": [{"access_token": TOKEN}]}), TOKEN),
    "a key": (json.dumps({"data": {"attributes": {"key": "f" * 32}}}), "f" * 32),
    "a form": (f"grant=x&client_secret={TOKEN}&b=c", TOKEN),
    "a text in JSON": (json.dumps({"message": f"api_key: {TOKEN} is wrong"}), TOKEN),
    "JSON in a text in JSON": (json.dumps({"m": json.dumps({"refresh_token": "r" * 9})}), "r" * 9),
    "a bearer": (f"Authorization: Bearer {TOKEN}", TOKEN),
    "a JSON Web Token": (f"<p>{WEB}</p>", WEB),
    "a user and password": (f"Basic {base64.b64encode(TOKEN.encode() + b':p').decode()}", TOKEN),
    "a password in an address": ("see https://me:a-pass.of-it@example.com/", "a-pass.of-it"),
    "a password by its short name": (json.dumps({"pwd": TOKEN}), TOKEN),
    "a private key": (json.dumps({"pem": f"-----BEGIN KEY-----\n{'Mz' * 9}\n-----END"}), "Mz" * 9),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("whose", ["of this operation", "of another"])
def test_token_in_a_body(
    name: str, whose: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A token that stands in any body is in no output, where it is told again either."""
    body, token = BODIES[name]
    told = [GOOD[0].answering(f"not {token}, though".encode(), status=500)]
    if whose == "of this operation":
        told.append(GOOD[0].answering(body.encode(), status=500))
    document = json.loads(har(told, others=True))
    if whose == "of another":
        document["log"]["entries"][1]["response"]["content"] = {"text": body}
    (tmp_path / "a.har").write_text(json.dumps(document))
    assert command.main([str(tmp_path / "a.har"), "--report", str(tmp_path / "report")]) == 1
    texts = [capsys.readouterr().out]
    texts += [path.read_text(encoding="utf-8") for path in (tmp_path / "report").iterdir()]
    assert "${" in texts[0]
    assert not any(token in text for text in texts)


def test_words_in_a_body_are_no_tokens() -> None:
    """What is called a key and is a word, or what is short, stays as it was."""
    words = {"key": "PROJ-12", "author": "somebody", "next_token": "page2", "a": "basic sentences"}
    body = json.dumps(words).encode()
    ledger = judged(har([GOOD[0].answering(body, status=500)])).ledger
    [reason] = ledger.reasons("answer-statuses-documented")
    assert body.decode() in reason
    assert ledger.verdict("answer-statuses-documented") is Verdict.FAIL
