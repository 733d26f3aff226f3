"""The command judges any target, with care, and says in one sentence when it cannot."""

import itertools
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from attrs import evolve

from servicenow_contract.contract import deviations
from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.requirements import answer_model
from servicenow_contract.contract.world import DEFAULT_WORLD, World, read
from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.mutants.kinds import PROVOKED
from servicenow_contract.report import write
from servicenow_contract.run import command as cli
from servicenow_contract.run import runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.settings import RunSettings, SettingsError
from servicenow_contract.service import Response
from servicenow_contract.service.asgi import running
from servicenow_contract.service.service import Service
from servicenow_contract.service.state import State, limited_keys
from servicenow_contract.target import preflight
from servicenow_contract.target.target import STAND_INS, AccountKeys, Target, at, embedded, over
from servicenow_contract.target.wire import TargetTransport, permission_variable
from tests.contract import CONTRACT, FRAGMENT

SECRETS = ("a-key-that-is-secret", "another-key-that-is-secret")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two keys in the environment, to be looked for in everything that is written."""
    for name, value in zip(("DD_API_KEY", "DD_APP_KEY"), SECRETS, strict=True):
        monkeypatch.setenv(name, value)


def _record(folder: Path) -> Any:
    """The record of a run; it satisfies its schema, and no file of the report holds a key."""
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not any(secret in text for secret in SECRETS), path
    said = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    jsonschema_rs.Draft202012Validator(write.schema(), validate_formats=True).validate(said)
    return said


def _verdicts(said: Any) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in said["requirements"]}


UNMET = {answer_model(each) for each in FRAGMENT.statuses if each not in PROVOKED}
"""The model of what no test provokes, such as a 429."""
KEPT = {
    name: "not-run" if name in UNMET else "pass"
    for name, each in CONTRACT.requirements.items()
    if each.of == "server"
}
"""The verdicts on the reference service."""


def _judge(folder: Path, *options: str) -> tuple[int, Any]:
    code = cli.main([*options, "--profile", "quick", "--report", str(folder)])
    return code, _record(folder)


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key in the environment."""
    for name in ("DD_API_KEY", "DD_APP_KEY"):
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("no_keys")
def test_socket_gives_the_embedded_verdict(tmp_path: Path) -> None:
    """The service on a port is judged as the embedded one is, but for keys known to be wrong.

    So it is by two processes, with a seed of their own. Each test is called by its whole name,
    though slashes stand in what it is run with.
    """
    with running(Service(State(FRAGMENT, DEFAULT_WORLD))) as url:
        code, said = _judge(tmp_path, "--target", url, "-n", "2", "--seed", "1")
    assert (code, _verdicts(said)) == (0, {**KEPT, "wrong-keys-refused": "not-run"})
    assert said["target"] == {"name": url, "url": url}
    assert said["requests"] > 300
    assert said["written"]
    tests = {
        each["test"]
        for one in said["requirements"]
        for each in one["outcomes"]
        if each["test"] != "the witness"
    }
    assert all(re.match(r"test_\w+\.py::test_", each) for each in tests)
    assert any("[/data/" in each or "/components/" in each for each in tests)
    assert len(tests) > 300


def test_observed_service_deviates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the register knows is `deviates`, and with --strict a failure; nothing else changes."""
    service = Service(State(FRAGMENT, DEFAULT_WORLD, observed=True))
    judge = JudgePlugin(CONTRACT, embedded(FRAGMENT, respond=service), "quick")
    runner.run(judge)
    found = {
        name for name in judge.ledger.catalogue if judge.ledger.verdict(name) is Verdict.DEVIATES
    }
    known = {each.requirement for each in CONTRACT.deviations} - {"answer-429-model"}
    assert (judge.ledger.exit_code, found) == (0, known)
    with running(service) as url:
        one = ("--only", "answer-400-model", "--max-requests", "200")
        strict_code, strict = _judge(tmp_path, "--target", url, "--strict", *one)
    assert (strict_code, _verdicts(strict)) == (1, {"answer-400-model": "fail"})
    assert "curl -sS" in capsys.readouterr().out


def test_rate_limit_is_waited_out() -> None:
    """A 429 is waited out as long as its headers say, seen to be judged, and the answer comes."""
    service = Service(State(FRAGMENT, DEFAULT_WORLD))
    service.rate_limit(3, per=60)
    waits: list[float] = []
    statuses: list[int] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        service.rate_limit(3, per=60)

    with running(service) as url:
        target = at(FRAGMENT, url, STAND_INS, DEFAULT_WORLD)
        assert target.wire is not None
        target.wire.sleep = sleep
        target.wire.watch = lambda _request, answer, _exchange: statuses.append(
            0 if answer is None else answer.status_code
        )
        with target.client:
            for _ in range(8):
                response = target.attach(DEFAULT_WORLD.tickets[0], DEFAULT_WORLD.findings[:1])
                assert response.status_code == 200
    assert [each for each in statuses if each != 200] == [429, 429]
    assert all(55 <= seconds <= 60 for seconds in waits)


@pytest.mark.usefixtures("no_keys")
def test_permissions_need_their_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that is accepted proves nothing; a key of the environment that is, a failure."""
    asked = ("--only", "permission-demanded", "--only", "either-permission-suffices")
    with running(Service(State(FRAGMENT, DEFAULT_WORLD, permissions={}))) as url:
        code, unknown = _judge(tmp_path / "unknown", "--target", url, *asked)
        assert (code, _verdicts(unknown)["permission-demanded"]) == (0, "not-run")
        reasons = " ".join(each for one in unknown["requirements"] for each in one["reasons"])
        assert "set DD_APP_KEY_WITHOUT_PERMISSION to a key that the server knows" in reasons
        for key, held in limited_keys(FRAGMENT).items():
            monkeypatch.setenv(permission_variable(next(iter(held), None)), key)
        code, known = _judge(tmp_path / "known", "--target", url, *asked)
    assert (code, _verdicts(known)["permission-demanded"]) == (1, "fail")
    assert _verdicts(known)["either-permission-suffices"] == "pass"


def test_only_what_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run by some requirements runs their tests, in every process, and says which it is.

    Neither what the environment tells pytest nor a plugin that is installed changes it.
    """
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_module")
    asked = ["--only", "api-key-demanded", "--only", "findings-over-the-limit-refused"]
    for workers in ("1", "2"):
        code, said = _judge(tmp_path / workers, *asked, "-n", workers)
        assert (code, _verdicts(said)) == (
            0,
            {"findings-over-the-limit-refused": "pass", "api-key-demanded": "pass"},
        )
        assert 0 < said["requests"] < 300
        tests = {each["test"] for one in said["requirements"] for each in one["outcomes"]}
        assert not any("test_spelling" in each for each in tests)
        counts = f"2 of {len(KEPT)} requirements: 2 pass"
        kept = f"The contract is kept, as far as it was judged ({counts})."
        assert said["sentence"] == kept
        assert kept in capsys.readouterr().out
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"


def test_time_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its time is up, a run generates again, each time with the seed that follows."""
    clock, rounds = [100.0], []

    def run(judge: JudgePlugin, *, seed: int | None = None, **_: object) -> None:
        rounds.append((judge.settings.seed if seed is None else seed, judge.generated_only))
        clock[0] += 4

    monkeypatch.setattr(cli, "monotonic", lambda: clock[0])
    monkeypatch.setattr(runner, "run", run)
    cli.main(["--time-budget", "10", "--seed", "7"])
    assert rounds == [(7, False), (8, True), (9, True)]


def test_later_rounds_only_generate() -> None:
    """A later round leaves out the tests that would repeat themselves."""
    judge = JudgePlugin(
        CONTRACT, profile="quick", settings=RunSettings(only=("valid-request-accepted",))
    )
    runner.run(judge)
    once = judge.sent
    judge.next_round()
    runner.run(judge, seed=1)
    assert 0 < judge.sent - once < once
    assert judge.trouble == []


def _sent(target: Target) -> list[httpx.Request]:
    assert target.wire is not None
    sent: list[httpx.Request] = []
    target.wire.observe = sent.append
    return sent


def test_careful_run_sends_only_what_is_refused() -> None:
    """A target elsewhere is not asked for anything that a conforming server would carry out."""
    url = "https://api.datadoghq.invalid"
    target = at(FRAGMENT, url, AccountKeys(*SECRETS), DEFAULT_WORLD)
    assert target.wire is not None
    service = Service(State(FRAGMENT, DEFAULT_WORLD))
    target.wire.inner = httpx.MockTransport(_answering(service))
    sent = _sent(target)
    with target.client:
        with pytest.raises(pytest.skip.Exception, match="--allow-writes"):
            target.attach(DEFAULT_WORLD.tickets[0], DEFAULT_WORLD.findings[:1])
        assert sent == []
        assert target.send({}).status_code == 400
        assert (
            target.attach(DEFAULT_WORLD.tickets[0], [DEFAULT_WORLD.unknown_finding]).status_code
            == 404
        )
    assert len(sent) == 2
    assert service.state.snapshot() == {}


def _answering(service: Service) -> Callable[[httpx.Request], httpx.Response]:
    from servicenow_contract.service.mock import side_effect  # noqa: PLC0415 - one use

    return side_effect(service)


def test_budget(tmp_path: Path) -> None:
    """No more requests are sent than the budget allows; what they would show is not run."""
    code, said = _judge(tmp_path, "--max-requests", "20")
    assert said["requests"] == 20
    assert Verdict.NOT_RUN in _verdicts(said).values()
    reasons = [reason for each in said["requirements"] for reason in each["reasons"]]
    assert "the number of --max-requests is used up" in reasons
    assert code == 0


def test_plan_sends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The plan lists requests with the world's own ids, and opens no connection."""
    asked = ["--profile", "quick", "--only", "api-key-demanded"]
    assert cli.main(["--plan", *asked, "--target", "http://127.0.0.1:9"]) == 0
    out = capsys.readouterr().out
    assert DEFAULT_WORLD.findings[0] in out
    assert out.splitlines()[-1].endswith("nothing was sent.")
    assert not any(secret in out for secret in SECRETS)


def test_failure_comes_with_curl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure shows a line that repeats its request, with the keys as variables."""
    service = Service(State(FRAGMENT, DEFAULT_WORLD))
    service.fault("status=500,rate=1.0")
    with running(service) as url:
        code, said = _judge(tmp_path, "--target", url, "--only", "valid-request-accepted")
    assert code == 1
    out = capsys.readouterr().out
    assert f"curl -sS -i -X PATCH '{url}/api/v2/security/findings/servicenow_tickets'" in out
    assert '-H "dd-api-key: ${DD_API_KEY}"' in out
    assert not any(secret in out for secret in SECRETS)
    failed = [each for each in said["requirements"] if each["verdict"] == "fail"]
    assert failed[0]["outcomes"][0]["exchanges"][-1]["response"]["status"] == 500


def test_curl_repeats_the_request() -> None:
    """A shell that runs the line sends the same bytes, whatever is in them."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PATCH(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with _serving(Handler) as url:
        wire = TargetTransport(httpx.HTTPTransport(), STAND_INS.secrets())
        target = over(wire, FRAGMENT, "x", url, DEFAULT_WORLD, STAND_INS)
        assert target.wire is not None
        with target.client:
            for content in (
                b'{"a": "it\'s $HOME `id` \\"\\n"}',
                b"\xff\x00'\\",
                b"plain",
                b"-plain",
                b"-v 100%d of \\n 'it'\n\n",
                "\x9b2J\u2028 \u202e 💯 %s \\101'".encode(),
            ):
                target.send(content=content)
                line = target.wire.history.own[-1].curl
                subprocess.run(["/bin/sh", "-c", line], check=True, capture_output=True, timeout=10)
                assert bodies[-2:] == [content, content], line
                assert line.isprintable()


class _Answer(BaseHTTPRequestHandler):
    """HTML to everything."""

    def do_PATCH(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Sign in</html>")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class _Forbidden(_Answer):
    """403 to everything, on a connection that stays open."""

    protocol_version = "HTTP/1.1"

    def do_PATCH(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b'{"errors": ["Forbidden"]}'
        self.send_response(403)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-place", "Zürich")  # in Latin-1, as any header may be
        self.end_headers()
        self.wfile.write(body)


class _serving:  # noqa: N801 - used like a function
    def __init__(
        self, handler: type[BaseHTTPRequestHandler], kind: type[HTTPServer] = ThreadingHTTPServer
    ) -> None:
        self.server = kind(("127.0.0.1", 0), handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # stays quiet
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> str:
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    import socket  # noqa: PLC0415 - one use

    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _cannot(folder: Path, capsys: pytest.CaptureFixture[str], url: str, *told: str) -> None:
    code, said = _judge(folder, "--target", url)
    error = capsys.readouterr().err
    assert code == said["exit_code"] == 2
    assert said["trouble"]
    assert "Traceback" not in error
    assert all(part in error for part in told), error


def test_unreachable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that is not there is said, and reported."""
    _cannot(tmp_path, capsys, "http://127.0.0.1:9", "cannot be reached")


def test_html(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that answers everything with HTML is no API."""
    with _serving(_Answer) as url:
        _cannot(tmp_path, capsys, url, "answers everything with HTML")


def test_keys_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys that open nothing are said, by their variables' names."""
    with _serving(_Forbidden) as url:
        _cannot(tmp_path, capsys, url, "refuses the keys in DD_API_KEY and DD_APP_KEY")


def test_silence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    silent: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A target that never answers is given up."""
    monkeypatch.setattr("servicenow_contract.target.preflight.PATIENCE", 0.3)
    _cannot(tmp_path, capsys, silent, "does not answer within 0.3 seconds")


def test_wrong_tls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that speaks no TLS is not trusted with keys."""
    with _serving(_Answer) as url:
        _cannot(tmp_path, capsys, url.replace("http:", "https:"), "cannot be trusted")


def test_missing_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys, a target elsewhere is not asked, and the variables are named."""
    monkeypatch.delenv("DD_APP_KEY")
    with pytest.raises(SettingsError, match="DD_APP_KEY must be set"):
        RunSettings(url="https://api.datadoghq.invalid").target(FRAGMENT)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--target", "api.datadoghq.com"], "is not a URL"),
        (["--target", "http://api.datadoghq.com"], "must be https"),
        (["--target", "https://a:b@api.datadoghq.com"], "no user, query or fragment"),
        (["--target", "https://api.datadoghq.com", "--allow-writes"], "needs --world FILE"),
        (["--world", "nowhere.json"], "nowhere.json: cannot be read"),
        (["--max-requests", "0"], "--max-requests: takes a number of 1 or more, not 0"),
        (["-n", "0"], "-n: takes a number of 1 or more, not 0"),
        (["--time-budget", "0"], "--time-budget takes a number of seconds above 0"),
        (
            ["--only", "type-demanded"],
            "--only type-demanded: there is no such requirement; did you",
        ),
        (["--only", "x"], "--requirements lists them"),
        (["--only", "client-sends-both-keys"], "this is a requirement for the client"),
    ],
)
def test_bad_options(options: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An option that does not fit is named with what to do, and nothing is sent."""
    assert cli.main(options) == 2
    assert told in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("options", [["--profile", "huge"], ["--seed", "x"], ["--such"]])
def test_unknown_options(options: list[str]) -> None:
    """An unknown option or value ends with 2."""
    assert cli.main(options) == 2


WORLD: dict[str, Any] = {
    "project": "a-project",
    "findings": [f"finding-{number}" for number in range(FRAGMENT.max_findings + 10)],
    "tickets": list(DEFAULT_WORLD.tickets[:20]),
    "unknown_finding": "no-finding",
    "unknown_project": "no-project",
    "wrong_api_key": "a-key-that-was-revoked",
    "wrong_app_key": "another-key-that-was-revoked",
}


def test_world_file(tmp_path: Path) -> None:
    """In a closed world only its own ids are used, and every promise of meaning is judged."""
    path = tmp_path / "world.json"
    path.write_text(json.dumps(WORLD), encoding="utf-8")
    service = Service(State(FRAGMENT, read(path)))
    with running(service) as url:
        code, said = _judge(tmp_path / "r", "--target", url, "--world", str(path), "--allow-writes")
    assert code == 0
    verdicts = _verdicts(said)
    idle = {name for name, verdict in verdicts.items() if verdict == "not-run"}
    limited = {"permission-demanded", "either-permission-suffices"}  # the keys are the account's
    made_up = "ids-of-any-letters-accepted"  # such ids exist in no world but an open one
    assert idle == {*UNMET, made_up, *limited}
    used = {finding for entry in said["written"] for finding in entry["findings"]}
    assert used <= set(WORLD["findings"])
    assert {sys_id[-32:] for _, sys_id in service.state.snapshot()} <= {
        each[-32:] for each in WORLD["tickets"]
    }


@pytest.mark.parametrize("unknown", [1, 3])
def test_server_with_data_of_its_own(unknown: int) -> None:
    """Who knows nothing of the default world is told of a world file; one 404 is no reason."""
    answers = iter([400, 400, *[404] * unknown])
    refused = json.dumps({"errors": ["no"]}).encode()
    target = embedded(FRAGMENT, respond=lambda _: Response(next(answers, 200), {}, refused))
    if unknown == 1:
        return preflight.check(target, writes=True)
    with pytest.raises(preflight.TargetError, match="--world FILE, JSON or YAML") as told:
        preflight.check(target, writes=True)
    for each in (DEFAULT_WORLD.project, DEFAULT_WORLD.findings[0], DEFAULT_WORLD.tickets[0]):
        assert each in str(told.value)
    evolved = evolve(target, world=evolve(DEFAULT_WORLD, project="a-project-that-it-has"))
    return preflight.check(evolved, writes=True)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_server_that_breaks_over_a_request_is_judged(lost: int) -> None:
    """Connections that are dropped are faults of the server's, unless no request is answered."""
    target, asked = embedded(FRAGMENT), itertools.count(1)

    def respond(_request: httpx.Request) -> httpx.Response:
        if next(asked) <= lost:
            raise httpx.RemoteProtocolError("dropped")
        return httpx.Response(400)

    assert target.wire is not None
    target.wire.inner = httpx.MockTransport(respond)
    if lost < 3:
        preflight.check(target, writes=True)
        return
    with pytest.raises(preflight.TargetError, match="does not answer completely: dropped"):
        preflight.check(target, writes=True)


def test_wrong_keys_of_a_world_are_shown_nowhere() -> None:
    """A key that a world calls wrong is a key, too: a variable stands for it, also in an answer."""
    wrong = {"apiKeyAuth": "an-api-key-of-the-past", "appKeyAuth": "an-app-key-of-the-past"}
    world = evolve(
        DEFAULT_WORLD, wrong_api_key=wrong["apiKeyAuth"], wrong_app_key=wrong["appKeyAuth"]
    )
    echo = json.dumps({"errors": [f"{key} is no key" for key in wrong.values()]}).encode()
    target = embedded(
        FRAGMENT, world, lambda _: Response(403, {"x-key": wrong["apiKeyAuth"]}, echo)
    )
    assert target.wire is not None
    target.send({}, headers={FRAGMENT.key_headers[scheme]: key for scheme, key in wrong.items()})
    [exchange] = target.wire.history.own
    shown = json.dumps(exchange.as_record())
    assert not any(key in f"{shown}{exchange!r}{target!r}{world!r}" for key in wrong.values())
    assert shown.count("${WRONG_API_KEY}") == 4  # sent, in the shell line, and answered twice
    assert shown.count("${WRONG_APP_KEY}") == 3


def test_server_that_serves_one_connection_at_a_time() -> None:
    """Requests at once reach a server of one thread, one after the other."""
    with _serving(_Forbidden, HTTPServer) as url:
        target = at(FRAGMENT, url, STAND_INS, DEFAULT_WORLD)
        target.client.timeout = httpx.Timeout(5)
        with target.client, ThreadPoolExecutor(3) as pool:
            answers = [*pool.map(target.send, [{}, {}, {}])]
    assert [each.status_code for each in answers] == [403] * 3
    assert answers[0].headers["x-place"] == "Zürich"


def test_small_world(tmp_path: Path) -> None:
    """What a world is too small for is not run, with the reason."""
    path = tmp_path / "world.yaml"
    small = {**WORLD, "findings": ["one", "two", "three"], "tickets": WORLD["tickets"][:1]}
    path.write_text(json.dumps(small), encoding="utf-8")
    with running(Service(State(FRAGMENT, read(path)))) as url:
        asked = ("--world", str(path), "--only", "finding-moves-from-its-earlier-ticket")
        code, said = _judge(tmp_path / "r", "--target", url, *asked)
    [moved] = said["requirements"]
    assert (code, moved["verdict"]) == (0, "not-run")
    assert "the world file names too few tickets: 2 are needed" in moved["reasons"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"findings": "one"}, "/findings: "),
        ({"findings": ["a", "a"]}, "/findings: "),
        ({"tickets": ["https://example.com"]}, "/tickets/0: "),
        ({"unknown_finding": "finding-1"}, "/unknown_finding: "),
        ({"unknown_project": "a-project"}, "/unknown_project: "),
        ({"projects": []}, "projects"),
    ],
)
def test_bad_world(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """A world file with a wrong field is refused with the field's place."""
    path = tmp_path / "world.json"
    path.write_text(json.dumps({**WORLD, **change}), encoding="utf-8")
    with pytest.raises(ContractError, match=str(path)) as caught:
        read(path)
    assert told in str(caught.value)


def test_workers_share_nothing() -> None:
    """Each worker's part of an open world has ids of its own."""
    worlds = [DEFAULT_WORLD, *(DEFAULT_WORLD.for_worker(number) for number in range(4))]
    for name in ("findings", "tickets"):
        ids = [each for world in worlds for each in getattr(world, name)]
        assert len(set(ids)) == len(ids)
    with pytest.raises(ValueError, match="open world"):
        World("p", ("f",), DEFAULT_WORLD.tickets, "x", "y").for_worker(0)


_ENTRY = "- {{requirement: {id}, statement: A., failure: {failure}, evidence: c, since: {since}}}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {requirement: a}", "/0"),
        (_ENTRY.format(id="a", failure="b", since="2025-01-01"), "'a'"),
        (_ENTRY.format(id="answer-media-type", failure="'('", since="2025-01-01"), "/0/failure"),
        (_ENTRY.format(id="answer-media-type", failure="b", since="soon"), "/0/since"),
    ],
)
def test_bad_register(text: str, told: str, tmp_path: Path) -> None:
    """A register of deviations that breaks its schema is refused with the place."""
    path = tmp_path / "deviations.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=r"deviations[.]yaml:1: ") as caught:
        deviations.read(path, CONTRACT.requirements)
    assert told in str(caught.value)


def test_installed_command() -> None:
    """The kit brings the command, and it lists the catalogue for people."""
    command = Path(sys.executable).parent / "servicenow-tickets-conformance"
    done = subprocess.run(
        [command, "--requirements"], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    for name, requirement in CONTRACT.requirements.items():
        assert name in done.stdout
        assert requirement.statement in done.stdout.replace("\\", "")  # Markdown escapes


def test_body_of_a_world() -> None:
    """The bodies that the suite builds satisfy the contract."""
    contract = FRAGMENT
    body = attach_body(
        DEFAULT_WORLD.tickets[0],
        DEFAULT_WORLD.findings[: FRAGMENT.max_findings],
        DEFAULT_WORLD.project,
    )
    assert contract.validator(contract.request_schema).accepts(body)
