"""Recorded traffic is judged by what one exchange can show, and by nothing that it cannot."""

import base64
import copy
import gzip
import json
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from recording_writers import (
    OTHERS,
    URL,
    Pair,
    answered,
    asked,
    attach,
    cassette,
    har,
    interactions,
    other_entry,
)
from service_calls import HEADERS
from servicenow_contract import deviations, recordings, report, requirements, traffic_cli
from servicenow_contract.addresses import addresses
from servicenow_contract.recorded_body import MAX_BODY
from servicenow_contract.recorded_secrets import secrets
from servicenow_contract.service import Request, Service, State
from servicenow_contract.target import attach_body
from servicenow_contract.traffic import KEPT, Traffic, concerns
from servicenow_contract.traffic_checks import BEYOND, CHECKS
from servicenow_contract.vectors import OF_KEYWORD, malformed, other_media_types, vectors
from servicenow_contract.verdict import Verdict
from servicenow_contract.world import DEFAULT_WORLD

WORLD = DEFAULT_WORLD
GOOD = answered([attach()])
"""One exchange in which nothing is wrong."""
CASE = json.loads(GOOD[0].response.body)


def _judged(content: bytes, *, strict: bool = False) -> Traffic:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording"
        path.write_bytes(content)
        found = recordings.read(path)
    traffic = Traffic(secrets(found), strict=strict)
    traffic.judge([each for each in found if concerns(each)])
    traffic.close()
    return traffic


def _named(traffic: Traffic, *verdicts: Verdict) -> set[str]:
    ledger = traffic.ledger
    return {name for name in ledger.catalogue if ledger.verdict(name) in verdicts}


def _failed(content: bytes) -> set[str]:
    return _named(_judged(content), Verdict.FAIL, Verdict.ERROR)


def _passed(content: bytes) -> set[str]:
    return _named(_judged(content), Verdict.PASS)


def _both(pairs: Sequence[Pair]) -> list[bytes]:
    """The exchanges in each kind of recording."""
    return [har(pairs), har(pairs, in_base64=True, others=True), cassette(pairs)]


def test_every_requirement_of_a_server_has_a_check_or_a_reason() -> None:
    """What no recording shows is listed with its reason, and nothing stands in both lists."""
    checked = {name for name, _ in CHECKS} | {
        "linked-ticket-keeps-its-case",
        "one-incident-is-one-ticket",
    }
    server = {name for name, each in requirements.load().items() if each.of == "server"}
    assert checked | BEYOND.keys() == server
    assert not checked & BEYOND.keys()


# A conforming service.


def _bodies() -> st.SearchStrategy[Request]:
    tickets = st.sampled_from([each for one in WORLD.tickets[:2] for each in addresses(one)])
    findings = st.lists(
        st.sampled_from([*WORLD.findings[:4], WORLD.unknown_finding]), max_size=4
    ) | st.just([*WORLD.findings[:50]])
    projects = st.sampled_from([WORLD.project, "another-project", WORLD.unknown_project])
    wrong = [asked(json.dumps(each.body).encode()) for each in vectors(WORLD)]
    wrong += [asked(each.content) for each in malformed(WORLD)]
    wrong += [
        asked(each.content, {**HEADERS, "Content-Type": str(each.content_type)})
        for each in other_media_types(WORLD)
    ]
    keyless = attach(), asked(b"{}", {"Content-Type": "application/json"})
    unlisted = json.dumps({**attach_body(WORLD.tickets[3], ["finding-009"], "any"), "x": 1})
    return st.builds(attach, tickets, findings, projects) | st.sampled_from(
        [*wrong, *keyless, asked(unlisted.encode())]
    )


def _spoilt(entry: dict[str, Any], how: str) -> None:
    """What recorders leave out."""
    match how:
        case "no bodies":
            entry["request"].pop("postData", None)
            entry["response"]["content"].pop("text", None)
        case "no text":
            entry["request"]["postData"] = {"text": ""}
            entry["response"]["content"]["text"] = ""
        case "cut off":
            content = entry["response"]["content"]
            content["text"] = content["text"][: len(content["text"]) // 2]
            sent = entry["request"].get("postData", {"text": ""})
            sent["text"] = sent["text"][: len(sent["text"]) // 2]
        case "no headers":
            entry["request"]["headers"] = entry["response"]["headers"] = []
        case "no answer":
            entry["response"] = {"status": 0, "headers": [], "content": {"size": 0}}


SPOILS = ("", "no bodies", "no text", "cut off", "no headers", "no answer")


@given(st.lists(st.tuples(_bodies(), st.sampled_from(SPOILS)), min_size=1, max_size=8))
def test_conforming_service_never_fails(sent: list[tuple[Request, str]]) -> None:
    """Whatever mix of requests a conforming service answers, and whatever a recorder leaves out."""
    pairs = answered([request for request, _ in sent])
    document = json.loads(har(pairs, others=True))
    for entry, (_, how) in zip(document["log"]["entries"], sent, strict=False):
        _spoilt(entry, how)
    for content in (json.dumps(document).encode(), cassette(pairs), cassette(pairs, headers=[])):
        assert _failed(content) == set()


def test_what_one_good_exchange_shows() -> None:
    """A 200 shows its model, the ticket, the project, the findings and the type of the case."""
    shown = {
        "valid-request-accepted",
        "answer-200-model",
        "answer-media-type",
        "answer-statuses-documented",
        "answer-shows-the-case",
        "answer-describes-the-ticket-sent",
        "answer-names-the-project",
        "answer-lists-every-finding",
        "case-is-a-security-case",
    }
    for content in _both(GOOD):
        assert _passed(content) == shown


def test_what_particular_requests_show() -> None:
    """50 findings, unlisted members, none at all, and refusals show what they are about."""
    unlisted = attach_body(WORLD.tickets[3], ["finding-009"], "any")
    unlisted["data"]["later"] = True
    requests = [
        attach(findings=WORLD.findings[:50]),
        attach(findings=[]),
        asked(json.dumps(unlisted).encode()),
        attach(findings=[WORLD.unknown_finding]),
        *(asked(json.dumps(each.body).encode()) for each in vectors(WORLD)),
    ]
    passed = _passed(cassette(answered(requests)))
    assert passed >= {
        *("findings-up-to-50-accepted", "no-findings-accepted", "unknown-members-accepted"),
        *("answer-400-model", "answer-404-model", *OF_KEYWORD.values()),
    }


# A service at fault.


def _changed(path: str, value: Any) -> bytes:
    """The good answer with another value at a path of names; None takes the member away."""
    body = copy.deepcopy(CASE)
    *above, last = path.split(".")
    holder = body
    for name in above:
        holder = holder[int(name)] if isinstance(holder, list) else holder[name]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return json.dumps(body).encode()


_TICKET = "data.attributes.servicenow_ticket"
DESCRIBES = "answer-describes-the-ticket-sent"
WRONG_ANSWERS: Mapping[str, tuple[Callable[[], bytes], set[str]]] = {
    "a wrong type": (lambda: _changed("data.attributes.title", 7), {"answer-200-model"}),
    "a resource type": (lambda: _changed("data.type", "case"), {"answer-200-model"}),
    "no JSON": (lambda: b"<html>", {"answer-200-model", "answer-shows-the-case"}),
    "half a surrogate pair": (
        lambda: b'"\\ud800"',
        {"answer-200-model", "answer-shows-the-case"},
    ),
    "no id": (lambda: _changed("data.id", None), {"answer-shows-the-case"}),
    "another sys_id": (lambda: _changed(f"{_TICKET}.result.sys_id", "0" * 32), {DESCRIBES}),
    "another instance": (lambda: _changed(f"{_TICKET}.result.instance_name", "other"), {DESCRIBES}),
    "another table": (lambda: _changed(f"{_TICKET}.result.table_name", "problem"), {DESCRIBES}),
    "another link": (
        lambda: _changed(f"{_TICKET}.result.sys_target_link", "https://x"),
        {DESCRIBES},
    ),
    "a failed ticket": (lambda: _changed(f"{_TICKET}.status", "FAILED"), {DESCRIBES}),
    "no finding": (
        lambda: _changed("data.attributes.insights", []),
        {"answer-lists-every-finding"},
    ),
    "a finding twice": (
        lambda: _changed(
            "data.attributes.insights", CASE["data"]["attributes"]["insights"][:1] * 2
        ),
        {"answer-lists-every-finding"},
    ),
    "another type of insight": (
        lambda: _changed("data.attributes.insights.0.type", "EVENT"),
        {"answer-lists-every-finding"},
    ),
    "another type of case": (
        lambda: _changed("data.attributes.type", "STANDARD"),
        {"case-is-a-security-case"},
    ),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_wrong_answer(name: str) -> None:
    """Each fault of a 200 fails its own requirement, and no other."""
    body, expected = WRONG_ANSWERS[name]
    for content in _both([*GOOD, GOOD[0].answering(body())]):
        assert _failed(content) == expected


_PLAIN = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (500, b'{"errors": ["x"]}', _PLAIN, {"answer-statuses-documented"}),
        (502, b"<html>", {"content-type": "text/html"}, {"answer-statuses-documented"}),
        (201, b"{}", _PLAIN, {"answer-statuses-documented"}),
        (400, b"<html>", {"content-type": "text/html"}, {"answer-400-model", "answer-media-type"}),
        (404, b'{"errors": []}', _PLAIN, {"answer-404-model"}),
        (429, b'{"error": "x"}', _PLAIN, {"answer-429-model"}),
        (429, b'{"errors": ["x"]}', _PLAIN, set()),
        (400, b'{"errors": ["x"]}', _PLAIN, set()),
        (404, b'{"errors": ["x"]}', _PLAIN, set()),
        (401, b"<html>", {"content-type": "text/html"}, set()),
        (403, b'{"errors": ["Forbidden"]}', _PLAIN, set()),
    ],
)
def test_other_statuses(
    status: int, body: bytes, headers: dict[str, str], expected: set[str]
) -> None:
    """Undocumented statuses and wrong errors fail; a refusal for keys or unknown ids does not."""
    pair = GOOD[0].answering(body, status=status, headers=headers)
    for content in _both([pair]):
        assert _failed(content) == expected


def test_valid_request_answered_400_is_not_run() -> None:
    """One exchange cannot tell whether what it named exists, so nobody is blamed."""
    pair = GOOD[0].answering({"errors": ["x"]}, status=400)
    ledger = _judged(har([pair])).ledger
    assert ledger.verdict("valid-request-accepted") is Verdict.NOT_RUN
    assert "one exchange cannot tell" in ledger.reasons("valid-request-accepted")[0]


def test_another_project_is_not_run() -> None:
    """The case may be older than the recording, and in the project that it was created in."""
    body = _changed("data.relationships.project.data.id", "another")
    ledger = _judged(har([GOOD[0].answering(body)])).ledger
    assert ledger.verdict("answer-names-the-project") is Verdict.NOT_RUN


@pytest.mark.parametrize("name", sorted({each.name for each in vectors(WORLD)}), ids=ascii)
def test_broken_rule_that_is_answered_200(name: str) -> None:
    """Each request that breaks a rule and is taken fails the rule's requirement, and no other."""
    [vector] = [each for each in vectors(WORLD) if each.name == name]
    pair = GOOD[0].asking(json.dumps(vector.body).encode())
    assert _failed(cassette([pair])) == {OF_KEYWORD[vector.keyword]}
    refused = pair.answering({"errors": ["x"]}, status=400)
    assert OF_KEYWORD[vector.keyword] in _passed(cassette([refused]))


@pytest.mark.parametrize("name", [each.name for each in malformed(WORLD)])
def test_malformed_request_that_is_answered_200(name: str) -> None:
    """A request that is no JSON and is taken fails; one without a body only if that is recorded."""
    [vector] = [each for each in malformed(WORLD) if each.name == name]
    pair = GOOD[0].asking(vector.content)
    if vector.content:
        assert _failed(cassette([pair])) == {"malformed-json-is-400"}
        return
    assert _failed(cassette([pair])) == set()
    empty = GOOD[0].asking(b"", headers={**HEADERS, "Content-Length": "0"})
    assert _failed(cassette([empty])) == {"malformed-json-is-400"}


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml"])
def test_other_media_type(media_type: str) -> None:
    """A body of another media type that is taken fails; one of a JSON dialect is left open."""
    headers = {**HEADERS, "Content-Type": media_type}
    pair = GOOD[0].asking(GOOD[0].request.body, headers=headers)
    assert _failed(har([pair])) == {"media-type-demanded"}
    dialect = {**HEADERS, "Content-Type": "application/vnd.api+json"}
    assert _failed(har([GOOD[0].asking(GOOD[0].request.body, headers=dialect)])) == set()


def test_two_faults_that_are_refused_show_neither() -> None:
    """Which of two broken rules was refused cannot be told; both were taken when neither was."""
    body = json.dumps({"data": {"type": "x", "attributes": 7, "relationships": {}}}).encode()
    [pair] = answered([asked(body)])
    demanded = {"required-members-demanded", "types-demanded", "resource-types-demanded"}
    assert not _passed(har([pair])) & demanded
    assert _failed(har([GOOD[0].asking(body)])) == demanded


@pytest.mark.parametrize(
    ("form", "requirement"),
    [(0, "linked-ticket-keeps-its-case"), (3, "one-incident-is-one-ticket")],
)
def test_case_of_a_ticket_within_a_recording(form: int, requirement: str) -> None:
    """A ticket that shows another case than before fails, on its own server only."""
    ticket = addresses(WORLD.tickets[0])[form]
    good = answered([attach(), attach(ticket)])
    assert requirement in _passed(cassette(good))
    other = json.loads(good[1].response.body)
    other["data"]["id"] = "another case"
    wrong = [good[0], good[1].answering(other)]
    assert _failed(cassette(wrong)) == {requirement}
    elsewhere = [good[0], evolve(wrong[1], url=URL.replace("datadoghq.com", "datadoghq.eu"))]
    assert _failed(cassette(elsewhere)) == set()


# How recorders keep things.


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
        ledger = _judged(_kept(GOOD[0], content, {})).ledger
        assert ledger.verdict("answer-200-model") is Verdict.NOT_RUN
        assert "the recording holds" in ledger.reasons("answer-200-model")[0]
        assert ledger.verdict("answer-lists-every-finding") is Verdict.NOT_RUN
        assert ledger.verdict("answer-media-type") is Verdict.PASS


def test_empty_body_is_a_fact_where_its_length_is_recorded() -> None:
    """A 200 that is known to be empty fails its model."""
    for content, headers in (
        ({"size": 0, "text": ""}, {}),
        ({"size": -1}, {"Content-Length": "0"}),
    ):
        assert "answer-200-model" in _failed(_kept(GOOD[0], content, headers))


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
        assert "answer-lists-every-finding" in _passed(content)
    unpacked = pair.answering(GOOD[0].response.body)
    assert "answer-lists-every-finding" in _passed(cassette([unpacked]))


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(bytes(MAX_BODY + 1)), "gzip", f"more than {MAX_BODY} bytes"),
        (gzip.compress(b"{}" * 999)[:-9], "gzip", "is cut off"),
        (b"\x1f\x8bno gzip", "gzip", "cannot be decompressed"),
        (b"\x0b\x02\x80{}\x03", "br", "is compressed ('br')"),
    ],
)
def test_unusable_compression_is_not_run(body: bytes, encoding: str, reason: str) -> None:
    """What cannot be decompressed, or grows beyond all bounds, is a missing body."""
    headers = {**GOOD[0].response.headers, "Content-Encoding": encoding}
    ledger = _judged(cassette([GOOD[0].answering(body, headers=headers)])).ledger
    assert ledger.verdict("answer-200-model") is Verdict.NOT_RUN
    assert reason in ledger.reasons("answer-200-model")[0]


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
    assert _passed(_as(kind)) >= _passed(har(GOOD))


def test_text_as_python_2_and_ruby_wrote_it() -> None:
    """Tags that stand for text and bytes are read, and aliases are followed."""
    text = json.dumps(json.dumps(CASE))
    packed = base64.b64encode(GOOD[0].request.body).decode()
    content = f"""
- request: {{method: PATCH, uri: '{URL}', body: !binary '{packed}', headers: &h {{
      content-type: [application/json]}}}}
  response: {{body: {{string: !!python/unicode {text}}}, headers: *h, status: {{code: 200}}}}
"""
    assert "answer-lists-every-finding" in _passed(content.encode())


def test_any_host_and_prefix() -> None:
    """The operation is known by its method and the end of its path, whatever stands around it."""
    for url in (f"http://127.0.0.1:8126/proxy{GOOD[0].request.path}?x=1", f"{URL}?q#f"):
        assert "answer-200-model" in _passed(har([evolve(GOOD[0], url=url)]))
    for method, url in (*OTHERS, ("PATCH", f"{URL}/1"), ("PATCH", "http://[/")):
        document = {"log": {"entries": [other_entry(method, url)]}}
        assert _passed(json.dumps(document).encode()) == set()


# The command.


def _run(folder: Path, *names: str, options: Sequence[str] = ()) -> tuple[int, Any]:
    """The exit code and the record; it satisfies its schema."""
    files = [str(folder / name) for name in names]
    code = traffic_cli.main([*files, "--report", str(folder / "report"), *options])
    said = json.loads((folder / "report" / "verdict.json").read_text(encoding="utf-8"))
    jsonschema_rs.Draft202012Validator(report.schema(), validate_formats=True).validate(said)
    return code, said


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, failures with file and entry, what was left out, and a sentence at the end."""
    wrong = GOOD[0].answering(_changed("data.attributes.type", "STANDARD"))
    (tmp_path / "a.har").write_bytes(har([*GOOD, wrong], others=True))
    (tmp_path / "b.yaml").write_bytes(cassette([*GOOD, wrong]))
    code, said = _run(tmp_path, "a.har", "b.yaml")
    assert (code, said["exit_code"], said["requests"], said["trouble"]) == (1, 1, 4, [])
    out = capsys.readouterr().out
    assert "Judging 4 exchanges of PATCH /api/v2/security/findings/servicenow_tickets" in out
    assert f"in 2 recordings ({len(OTHERS)} of other operations are left out)" in out
    assert "a.har /log/entries/1: the type of the case is 'STANDARD'" in out
    lines = (tmp_path / "b.yaml").read_text().splitlines()
    [_, line] = [number for number, text in enumerate(lines, 1) if text.startswith("- request")]
    assert f"b.yaml /interactions/1 (line {line}): the type of the case" in out
    assert "The contract is broken" in out.splitlines()[-2]
    (tmp_path / "good.har").write_bytes(har(GOOD))
    code, said = _run(tmp_path, "good.har")
    assert (code, said["exit_code"]) == (0, 0)
    assert "requirements that no exchange here shows: not-run" in capsys.readouterr().out


def test_observed_service_deviates(tmp_path: Path) -> None:
    """What the register knows is `deviates`, and with --strict a failure."""
    service = Service(State(WORLD, observed=True))
    requests = [
        attach(),
        attach(findings=[]),
        asked(b"{}"),
        attach(findings=["finding-that-nobody-has"]),
    ]
    (tmp_path / "a.har").write_bytes(har([Pair(each, service(each)) for each in requests]))
    known = {each.requirement for each in deviations.load()} - {"answer-429-model"}
    code, said = _run(tmp_path, "a.har")
    found = {each["id"] for each in said["requirements"] if each["verdict"] == "deviates"}
    assert (code, found) == (0, known)
    code, said = _run(tmp_path, "a.har", options=["--strict"])
    found = {each["id"] for each in said["requirements"] if each["verdict"] == "fail"}
    assert (code, found) == (1, known)


def test_many_failures_keep_few_exchanges(tmp_path: Path) -> None:
    """Each failing exchange is told, and the first ones are kept whole."""
    (tmp_path / "a.yaml").write_bytes(cassette([GOOD[0].answering(b"{}")] * (KEPT + 5)))
    _, said = _run(tmp_path, "a.yaml")
    [case] = [each for each in said["requirements"] if each["id"] == "answer-shows-the-case"]
    assert len(case["outcomes"]) > KEPT + 5
    assert sum(len(each["exchanges"]) for each in case["outcomes"]) == KEPT


KEYS = ("a" * 31 + "1", "4pplication/key+of=an account", "bearer-of-a-token", "c00kie-of-a-session")


@pytest.mark.parametrize("kind", ["a.har", "a.yaml"])
def test_no_key_is_shown(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No key, token or cookie is in any output, where it is echoed and where a text is cut."""
    headers = {
        "dd-Api-key": KEYS[0],
        "DD-APPLICATION-KEY": KEYS[1],
        "Authorization": f"Bearer {KEYS[2]}",
        "Cookie": f"a=b; session={KEYS[3]}",
        "Content-Type": "application/json",
    }
    pairs = []
    for before in (0, *range(150, 215, 7), 19_980, 19_990):
        echoed = {"errors": ["x" * before + " ".join(KEYS)]}
        url = f"{URL}?api_key={KEYS[0]}"
        pair = evolve(GOOD[0].asking(GOOD[0].request.body, headers=headers), url=url)
        for status in (200, 400, 500):
            answer = {
                **GOOD[0].response.headers,
                "Set-Cookie": f"s={KEYS[3]}; Path=/",
                "x": KEYS[0],
            }
            pairs.append(pair.answering(json.dumps(echoed).encode(), status=status, headers=answer))
        pairs.append(pair.answering(" ".join(KEYS).encode(), status=200))
        pairs.append(pair.answering(_changed("data.attributes.type", KEYS[0]), status=200))
    (tmp_path / kind).write_bytes(har(pairs) if kind == "a.har" else cassette(pairs))
    code, said = _run(tmp_path, kind)
    assert code == 1
    captured = capsys.readouterr()
    texts = [captured.out, captured.err]
    texts += [path.read_text(encoding="utf-8") for path in (tmp_path / "report").iterdir()]
    assert "${DD_API_KEY}" in captured.out
    for key in KEYS:
        for part in (key, key[:8], key[-8:], key.replace("/", "%2F")):
            assert not any(part in text for text in texts), part
    assert said["requests"] == len(pairs)


def test_curl_runs_nothing_that_was_recorded(tmp_path: Path) -> None:
    """A recorded header or address that a shell would carry out stands in single quotes."""
    hostile = "$(touch pwned)`touch pwned`"
    headers = {"DD-API-KEY": "the-key", "Accept": f"{hostile} the-key", "Content-Type": hostile}
    pair = GOOD[0].asking(f"'; touch pwned; '{hostile}".encode(), headers=headers)
    pair = evolve(pair, url=f"http://127.0.0.1:1/'{hostile}'{GOOD[0].request.path}")
    (tmp_path / "a.har").write_bytes(har([pair]))
    _, said = _run(tmp_path, "a.har")
    curls = {
        exchange["curl"]
        for each in said["requirements"]
        for outcome in each["outcomes"]
        for exchange in outcome["exchanges"]
    }
    assert curls
    for curl in curls:
        script = f"curl() {{ :; }}; DD_API_KEY=x; {curl}"
        subprocess.run(["sh", "-euc", script], cwd=tmp_path, check=True)  # noqa: S607 - any sh
    assert not (tmp_path / "pwned").exists()


_DEEP = b"a: " + b"[" * 100_000
BAD: Mapping[str, tuple[bytes | None, str]] = {
    "missing": (None, "cannot be read: No such file"),
    "empty": (b" \n", "is empty"),
    "truncated HAR": (b'{"log": {\n"entries": [\n', "line 3, column 1: the JSON breaks off"),
    "no UTF-8": (b"a: b\nc: \xff", "line 2: is no text in UTF-8"),
    "compressed": (gzip.compress(har(GOOD)), "is compressed; unpack it first"),
    "other JSON": (b'{"openapi": "3.1.0"}', "neither a HAR nor a cassette"),
    "other YAML": (b"openapi: 3.1.0", "neither a HAR nor a cassette"),
    "plain text": (b"hello", "neither a HAR nor a cassette"),
    "a page": (b"<!doctype html>\n<p>a: b: c</p>", "neither"),
    "a HAR without entries": (b'{"log": {}}', "/log/entries: no list"),
    "an entry that is none": (b'{"log": {"entries": [7]}}', "/log/entries/0/request: no object"),
    "an entry without address": (
        b'{"log": {"entries": [{"request": {"method": "GET"}}]}}',
        "/log/entries/0/request/url: no text",
    ),
    "headers that are none": (
        b'{"log": {"entries": [{"request": {"method": "GET", "url": "x", "headers": [7]}}]}}',
        "/log/entries/0/request/headers/0: no header",
    ),
    "an interaction that is none": (
        b"version: 1\ninteractions:\n- 7\n",
        "/interactions/0/request: no request stands here, so this is no cassette (line 3)",
    ),
    "a Python object": (
        b"interactions:\n- request: !!python/object/apply:os.system [touch pwned]\n",
        "line 2: neither JSON nor YAML that is read safely",
    ),
    "merged mappings": (
        b"a: &a {b: c}\ninteractions:\n- <<: *a\n",
        "line 3: neither JSON nor YAML",
    ),
    "broken YAML": (b"interactions:\n- a: 'b\n", "line 3: neither JSON nor YAML"),
    "a control character": (b"a: \x07", "neither JSON nor YAML"),
    "deep YAML": (_DEEP, "line 1: is nested too deeply"),
    "deep JSON": (b"[" * 100_000, "is nested too deeply"),
    "a long number": (b"[" + b"7" * 9999 + b"]", "a number that is too long"),
    "another service": (cassette(GOOD).replace(b"api/v2", b"api/v1"), "no exchange is of PATCH"),
    "no exchange": (b"interactions: []", "(0 exchanges of other operations)"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_recording(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be judged is told in one sentence with its place, and 2 is the end."""
    content, sentence = BAD[name]
    path = tmp_path / "bad"
    if content is not None:
        path.write_bytes(content)
    assert traffic_cli.main([str(path)]) == 2
    captured = capsys.readouterr()
    [line] = captured.err.splitlines()
    assert line.startswith("check-traffic: ")
    assert sentence in line
    assert captured.out == ""
    assert not (tmp_path / "pwned").exists()


def test_bad_recording_among_good_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What could be judged is told and reported beside the file that could not; 2 is the end."""
    (tmp_path / "good.har").write_bytes(har(GOOD))
    (tmp_path / "bad.har").write_bytes(b"{")
    code, said = _run(tmp_path, "good.har", "bad.har")
    assert (code, said["exit_code"]) == (2, 2)
    assert said["counts"]["pass"] == len(_passed(har(GOOD)))
    captured = capsys.readouterr()
    assert "bad.har: line 1, column 2" in captured.err
    assert "pass     MUST   answer-200-model" in captured.out
    assert captured.out.count("The contract is kept") == 1
    assert len(said["trouble"]) == 1


def test_folder_and_size_and_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, a file beyond the bound, and an unknown option are refused with 2."""
    assert traffic_cli.main([str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
    (tmp_path / "a.har").write_bytes(har(GOOD))
    monkeypatch.setattr(recordings, "MAX_FILE", 99)
    assert traffic_cli.main([str(tmp_path / "a.har")]) == 2
    assert "record this operation alone" in capsys.readouterr().err
    for options in ([], ["--frobnicate", "x"]):
        with pytest.raises(SystemExit) as stopped:
            traffic_cli.main(options)
        assert stopped.value.code == 2


def test_report_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report that has no place is told in a sentence, with 2."""
    (tmp_path / "a.har").write_bytes(har(GOOD))
    code = traffic_cli.main([str(tmp_path / "a.har"), "--report", str(tmp_path / "a.har")])
    assert code == 2
    assert "the report cannot be written" in capsys.readouterr().err


def test_script_and_entry_point(tmp_path: Path) -> None:
    """The script and the kit's own command are the same."""
    (tmp_path / "a.har").write_bytes(har(GOOD))
    script = Path(__file__).parents[1] / "scripts" / "check-traffic"
    done = subprocess.run([script, tmp_path / "a.har"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("The contract is kept")
    [command] = metadata.entry_points(name="servicenow-tickets-check-traffic")
    assert command.load() is traffic_cli.main
