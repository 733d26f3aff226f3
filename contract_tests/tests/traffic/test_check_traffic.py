"""The command tells what recorded traffic shows, and no key of it."""

import base64
import gzip
import json
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import jsonschema_rs
import pytest
from attrs import evolve

from servicenow_contract.report import write
from servicenow_contract.service import Service, State
from servicenow_contract.traffic import command as traffic_cli
from servicenow_contract.traffic import files as recordings
from servicenow_contract.traffic.judge import KEPT
from tests.contract import CONTRACT, FRAGMENT
from tests.service.calls import HEADERS
from tests.traffic.recorded_calls import GOOD, WORLD, changed, passed
from tests.traffic.recording_writers import OTHERS, URL, Pair, asked, attach, cassette, har
from upkeep.paths import ROOT


def _run(folder: Path, *names: str, options: Sequence[str] = ()) -> tuple[int, Any]:
    """The exit code and the record; it satisfies its schema."""
    files = [str(folder / name) for name in names]
    code = traffic_cli.main([*files, "--report", str(folder / "report"), *options])
    said = json.loads((folder / "report" / "verdict.json").read_text(encoding="utf-8"))
    jsonschema_rs.Draft202012Validator(write.schema(), validate_formats=True).validate(said)
    return code, said


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, failures with file and entry, what was left out, and a sentence at the end."""
    wrong = GOOD[0].answering(changed("data.attributes.type", "STANDARD"))
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
    service = Service(State(FRAGMENT, WORLD, observed=True))
    requests = [
        attach(),
        attach(findings=[]),
        asked(b"{}"),
        attach(findings=[WORLD.unknown_finding]),
    ]
    (tmp_path / "a.har").write_bytes(har([Pair(each, service(each)) for each in requests]))
    known = {each.requirement for each in CONTRACT.deviations} - {"answer-429-model"}
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
    failed = [each for each in case["outcomes"] if each["verdict"] == "fail"]
    assert sum(len(each["exchanges"]) for each in failed) == KEPT


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
        pairs.append(pair.answering(changed("data.attributes.type", KEYS[0]), status=200))
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


TOKEN = "a/token+of=an account"
ELSEWHERE: Mapping[str, tuple[str, dict[str, str], str]] = {
    "a parameter": (f"{URL}?application_key={quote(TOKEN)}", {}, "${DD_APP_KEY}"),
    "a password in the address": (URL.replace("//", "//user:a-token@"), {}, "${PASSWORD}"),
    "a header of its own": (URL, {"X-CSRF-Token": TOKEN}, "${X_CSRF_TOKEN}"),
    "Basic authentication": (
        URL,
        {"Authorization": f"Basic {base64.b64encode(f'user:{TOKEN}'.encode()).decode()}"},
        "${AUTHORIZATION}",
    ),
    "a cookie that is listed apart": (URL, {}, "${COOKIE}"),
    "the environment": (URL, {}, "${DD_APP_KEY}"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_secrets_from_elsewhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret is known wherever it stands, and hidden in each form in which it is echoed."""
    url, headers, variable = ELSEWHERE[name]
    token = "a-token" if "user" in url else TOKEN
    forms = [token, quote(token, safe=""), quote_plus(token), json.dumps(token).replace("/", "\\/")]
    echo = GOOD[0].asking(GOOD[0].request.body, headers={**HEADERS, **headers})
    echo = evolve(echo, url=url).answering(" ".join(forms).encode(), status=500)
    document = json.loads(har([echo]))
    if "listed apart" in name:
        cookies = [{"name": "session", "value": token}]
        document["log"]["entries"][0]["request"]["cookies"] = cookies
    if name == "the environment":
        monkeypatch.setenv("DD_APP_KEY", token)
    (tmp_path / "a.har").write_text(json.dumps(document))
    _run(tmp_path, "a.har")
    texts = [capsys.readouterr().out]
    texts += [path.read_text(encoding="utf-8") for path in (tmp_path / "report").iterdir()]
    assert variable in texts[0]
    for form in (*forms, json.dumps(token)[1:-1].replace("/", "\\/"), "token+of"):
        assert not any(form in text for text in texts), form


def test_short_key_is_not_shown(tmp_path: Path) -> None:
    """A key that is too short to be looked for is a variable in its own header all the same."""
    pair = GOOD[0].asking(b"{}", headers={**HEADERS, "DD-API-KEY": "~"})
    (tmp_path / "a.har").write_bytes(har([pair]))
    _, said = _run(tmp_path, "a.har")
    assert "~" not in json.dumps([each["outcomes"] for each in said["requirements"]])


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


def test_what_a_terminal_would_obey_is_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters and halves of surrogate pairs of a recording reach no terminal."""
    pair = GOOD[0].asking(b"\x1b]0;pwned\x07\x9b", headers={**HEADERS, "Via": "\x1b[31m"})
    document = json.loads(har([evolve(pair, url=f"http://any/\x1b[2J{GOOD[0].request.path}")]))
    document["log"]["entries"][0]["request"]["url"] += "?\ud800"
    (tmp_path / "a.har").write_text(json.dumps(document))
    code, _ = _run(tmp_path, "a.har")
    assert code == 1
    assert not set("\x1b\x07\x9b\ud800") & set(capsys.readouterr().out)


_DEEP = b"a: " + b"[" * 100_000
BAD: Mapping[str, tuple[bytes | None, str]] = {
    "missing": (None, "cannot be read: No such file"),
    "empty": (b" \n", "is empty"),
    "truncated HAR": (b'{"log": {\n"entries": [\n', "line 3, column 1: the JSON breaks off"),
    "no UTF-8": (b"a: b\nc: \xff", "line 2: is not text in UTF-8"),
    "compressed": (gzip.compress(har(GOOD)), "is compressed; unpack it first"),
    "other JSON": (b'{"openapi": "3.1.0"}', "neither a HAR nor a cassette"),
    "other YAML": (b"openapi: 3.1.0", "neither a HAR nor a cassette"),
    "plain text": (b"hello", "neither a HAR nor a cassette"),
    "a page": (b"<!doctype html>\n<p>a: b: c</p>", "neither"),
    "a HAR without entries": (b'{"log": {}}', "/log/entries: there is no list"),
    "an entry that is none": (
        b'{"log": {"entries": [7]}}',
        "/log/entries/0/request: there is no object",
    ),
    "an entry without address": (
        b'{"log": {"entries": [{"request": {"method": "GET"}}]}}',
        "/log/entries/0/request/url: there is no text",
    ),
    "headers that are none": (
        b'{"log": {"entries": [{"request": {"method": "PATCH", "headers": [7], "url": "%s"}}]}}'
        % URL.encode(),
        "/log/entries/0/request/headers/0: there is no header",
    ),
    "an interaction that is none": (
        b"version: 1\ninteractions:\n- 7\n",
        "/interactions/0/request: there is no request here (line 3)",
    ),
    "a Python object": (
        b"interactions:\n- request: !!python/object/apply:os.system [touch pwned]\n",
        "/interactions/0/request: there is no request here (line 2)",
    ),
    "merged mappings": (
        b"a: &a {b: c}\ninteractions:\n- <<: *a\n",
        "/interactions/0/request: there is no request here (line 3)",
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
    assert said["counts"]["pass"] == len(passed(har(GOOD)))
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
        assert traffic_cli.main(options) == 2


def test_report_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report that has no place is told in a sentence, with 2."""
    (tmp_path / "a.har").write_bytes(har(GOOD))
    code = traffic_cli.main([str(tmp_path / "a.har"), "--report", str(tmp_path / "a.har")])
    assert code == 2
    assert "the report cannot be written" in capsys.readouterr().err


def test_script_and_entry_point(tmp_path: Path) -> None:
    """The script and the kit's own command are the same."""
    (tmp_path / "a.har").write_bytes(har(GOOD))
    script = ROOT / "scripts" / "check-traffic"
    done = subprocess.run([script, tmp_path / "a.har"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("The contract is kept")
    [command] = metadata.entry_points(name="servicenow-tickets-check-traffic")
    assert command.load() is traffic_cli.main
