"""Records of runs, as the report takes them: one of each kind, and any at all."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from servicenow_contract.contract import fragment
from servicenow_contract.judging.verdict import Verdict
from tests.contract import CONTRACT, FRAGMENT

URL = "https://api.example.test/api/v2/security/findings/servicenow_tickets"
REASONS: Mapping[str, str] = {
    "fail": "test_moves: the finding is still on ticket A: assert ['f-1', 'f-2'] == ['f-2']",
    "error": "ConnectTimeout: no answer within 10 s",
    "deviates": "a body of text/plain is answered 200",
    "not-run": "the world holds one ticket; two are needed",
}
MIXED: Mapping[str, str] = {
    "finding-moves-from-its-earlier-ticket": "fail",
    "answer-400-model": "fail",
    "unknown-members-accepted": "fail",
    "media-type-demanded": "deviates",
    "one-incident-is-one-ticket": "error",
    "refused-request-changes-nothing": "not-run",
}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'/><svg/onload=alert(1)>",
    "</pre></style></title><iframe src=//evil.test>",
    "<!-- ]]> <![CDATA[ <?xml ?> --!>",
    "&lt;b&gt; &amp; &#60;b&#62; &",
    "javascript:alert(1)",
    "null \x00, escape \x1b[31m, return \r\n, delete \x7f, next line \x85",
    "\u202egnp.exe\u2066 \u200b\ufeff\u2028 \u0627\u0644\u0639",
    "half a pair \ud83d, the other \ude00",
    "\nfirst line empty",
    "Z\u0351\u0352\u0353" * 40,
    "unbroken" * 300,
)
DEVIATION = {
    "since": "2026-10-30",
    "evidence": "two recorded answers, read on 2026-10-30",
    "statement": "The service takes text/plain as if it were JSON.",
}


def exchange(body: str = "{}", answer: str | None = "{}", status: int = 200) -> dict[str, Any]:
    """One request, and its answer or none."""
    headers = {"content-type": "application/json", "dd-api-key": "$DD_API_KEY"}
    response = {"status": status, "headers": headers, "body": answer, "seconds": 0.0123}
    return {
        "request": {"method": "PATCH", "url": URL, "headers": headers, "body": body},
        "response": None if answer is None else response,
        "curl": f'curl -X PATCH {URL} -H "DD-API-KEY: $DD_API_KEY" --data-binary {body!r}',
    }


def outcome(verdict: str, reason: str, exchanges: list[dict[str, Any]]) -> dict[str, Any]:
    """What one test says."""
    return {
        "test": "test_effects.py::test_moves[two tickets]",
        "verdict": verdict,
        "reason": reason,
        "seconds": 0.25,
        "exchanges": exchanges,
        "repeat": [each["curl"] for each in exchanges],
        "left_out": 0,
    }


def record(verdicts: Mapping[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """A run over the whole catalogue with these verdicts; all others pass."""
    contract = FRAGMENT
    body = json.dumps(contract.request_example)
    exchanges = [exchange(body, json.dumps(contract.response_example(200))), exchange(body, None)]
    kept = []
    for name, each in CONTRACT.requirements.items():
        verdict = (verdicts or {}).get(name, "pass")
        reason = REASONS.get(verdict, "")
        judged = [outcome(verdict, reason, exchanges)] * (verdict != "not-run")
        kept.append(
            {
                "id": name,
                "level": str(each.level),
                "of": each.of,
                "statement": each.statement,
                "words": each.words,
                "at": each.at,
                "verdict": verdict,
                "reasons": [reason] if reason else [],
                "deviation": DEVIATION if verdict == "deviates" else None,
                "outcomes": judged,
            }
        )
    return whole(kept, **changes)


def whole(kept: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A run in which these requirements were judged."""
    found = [each["verdict"] for each in kept]
    counts = {str(each): found.count(each) for each in Verdict}
    failed = int("fail" in found)
    words = ", ".join(f"{count} {each}" for each, count in counts.items() if count)
    usual = {
        "format": 1,
        "tool": {"name": "servicenow-tickets-contract", "version": "1.0.0"},
        "fragment": {"version": "1.0.0", "sha256": FRAGMENT.digest},
        "target": {"name": "staging", "url": "https://api.example.test"},
        "profile": "ci",
        "seed": 0,
        "strict": False,
        "started": "2026-11-02T10:00:00Z",
        "seconds": 12.345,
        "requests": 1234,
        "exit_code": 2 if "error" in found else failed,
        "sentence": f"The contract is {'broken' if failed else 'kept'} ({words}).",
        "counts": counts,
        "requirements": kept,
        "written": [],
        "trouble": [],
    }
    return usual | changes


TEXT = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=()), max_size=40)
NAMED = TEXT.filter(bool)
_SECONDS = st.floats(0, 1e6)
_HEADERS = st.dictionaries(TEXT, TEXT, max_size=3)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**20) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
BODIES = TEXT | _JSON.map(json.dumps) | _JSON.map(lambda each: json.dumps(each, ensure_ascii=False))
_EXCHANGES = st.fixed_dictionaries(
    {
        "request": st.fixed_dictionaries(
            {"method": NAMED, "url": NAMED, "headers": _HEADERS, "body": BODIES}
        ),
        "response": st.none()
        | st.fixed_dictionaries(
            {
                "status": st.integers(100, 999),
                "headers": _HEADERS,
                "body": BODIES,
                "seconds": _SECONDS,
            }
        ),
        "curl": TEXT,
    }
)
_VERDICTS = st.sampled_from([str(each) for each in Verdict])
_OUTCOMES = st.fixed_dictionaries(
    {
        "test": NAMED,
        "verdict": _VERDICTS,
        "reason": TEXT,
        "seconds": _SECONDS,
        "exchanges": st.lists(_EXCHANGES, max_size=2),
        "repeat": st.lists(TEXT, max_size=2),
        "left_out": st.integers(0, 99),
    }
)
_DEVIATIONS = st.fixed_dictionaries(
    {"since": st.dates().map(str), "evidence": TEXT, "statement": TEXT}
)
_REQUIREMENTS = st.fixed_dictionaries(
    {
        "id": st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True),
        "level": st.sampled_from(["MUST", "SHOULD", "MAY"]),
        "of": st.sampled_from(["fragment", "client", "server"]),
        "statement": TEXT,
        "words": st.none() | TEXT,
        "at": st.lists(TEXT, max_size=3).map(lambda tokens: fragment.pointer(*tokens)),
        "verdict": _VERDICTS,
        "reasons": st.lists(TEXT, max_size=3),
        "deviation": st.none() | _DEVIATIONS,
        "outcomes": st.lists(_OUTCOMES, max_size=2),
    }
)
_FACTS = st.fixed_dictionaries(
    {
        "tool": st.fixed_dictionaries({"name": NAMED, "version": NAMED}),
        "target": st.fixed_dictionaries({"name": NAMED, "url": st.none() | TEXT}),
        "profile": NAMED,
        "seed": st.integers(),
        "strict": st.booleans(),
        "seconds": _SECONDS,
        "exit_code": st.sampled_from([0, 1, 2]),
        "sentence": NAMED,
        "written": st.lists(
            st.fixed_dictionaries({"ticket": TEXT, "findings": st.lists(TEXT, max_size=3)}),
            max_size=2,
        ),
        "trouble": st.lists(TEXT, max_size=2),
    }
)
RECORDS = st.builds(
    lambda kept, facts: whole(kept, **facts),
    st.lists(_REQUIREMENTS, max_size=4, unique_by=lambda each: str(each["id"])),
    _FACTS,
)
