"""The reference service under load, and under schemathesis's own command line, on its port."""

import asyncio
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from servicenow_contract.contract import fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from tests.contract import FRAGMENT
from tests.service.calls import HEADERS, serve

HERE = Path(__file__).parent
KNOWN = HERE / "schemathesis_known.json"
ATTACHES, LINES = 4_000, 100
FINDINGS = tuple(f"finding-{number:03}" for number in range(200))
TICKETS = DEFAULT_WORLD.tickets[:20]


def _wire(ticket: str, findings: Sequence[str]) -> bytes:
    """A request as bytes: httpx would take longer to make it than the service to answer."""
    contract = FRAGMENT
    body = json.dumps(attach_body(ticket, findings, DEFAULT_WORLD.project)).encode()
    headers = {**HEADERS, "Host": "127.0.0.1", "Content-Length": str(len(body))}
    lines = [f"{contract.method} {contract.path} HTTP/1.1", *map(": ".join, headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Line:
    """One connection that is kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def attach(self, ticket: str, findings: Sequence[str]) -> list[str]:
        """Attach findings, which succeeds; what the ticket holds according to the answer."""
        self._writer.write(_wire(ticket, findings))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"\r\ncontent-length: (\d+)\r\n", head)
        assert length is not None
        body = await self._reader.readexactly(int(length[1]))
        assert head.startswith(b"http/1.1 200 "), body
        insights = json.loads(body)["data"]["attributes"]["insights"]
        return [each["resource_id"] for each in insights]

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


async def _fight(url: str) -> list[list[str]]:
    """Send every attach over many connections at once, then look at each ticket."""
    port = urlsplit(url).port
    lines = [_Line(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(LINES)]

    async def work(number: int) -> None:
        dice = random.Random(number)  # noqa: S311  # a repeatable choice, no secret
        for _ in range(ATTACHES // LINES):
            sent = dice.sample(FINDINGS, dice.randint(1, 10))
            held = await lines[number].attach(dice.choice(TICKETS), sent)
            assert set(sent) <= set(held)

    await asyncio.gather(*map(work, range(LINES)))
    held = [await lines[0].attach(ticket, []) for ticket in TICKETS]
    await asyncio.gather(*(line.close() for line in lines))
    return held


def test_concurrent_attaches() -> None:
    """4,000 attaches at once leave each of 200 findings on exactly one of 20 tickets."""
    with serve() as url:
        held = asyncio.run(_fight(url))
    assert Counter(finding for findings in held for finding in findings) == Counter(FINDINGS)


_PAGE_FORM = (
    "^https://[a-z][a-z0-9]{0,20}[.]service-now[.]com"
    "/now/nav/ui/classic/params/target/incident[.]do[?]sys_id=[0-9a-f]{32}$"
)
"""Addresses that every server takes: of those that the fragment leaves open the service refuses."""


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """All checks of `schemathesis run` find what is known, each with its reason, and no more."""
    keys = [f"--header={name}:{HEADERS[name]}" for name in FRAGMENT.key_headers.values()]
    text = (fragment.folder() / fragment.FILE).read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text.replace(FRAGMENT.ticket_url_pattern, _PAGE_FORM))
    baseline, statuses = json.loads(KNOWN.read_text()), FRAGMENT.statuses
    # What a page documents is no surprise any more.
    known = [each for each in baseline["entries"] if int(each["signature"]) not in statuses]
    (tmp_path / KNOWN.name).write_text(json.dumps({**baseline, "entries": known}))
    with serve() as url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli"),
                f"--config-file={HERE / 'schemathesis.toml'}",
                *("run", "a.yaml", f"--url={url}", *keys),
                *("--checks=all", "--seed=1", "--max-examples=90", "--continue-on-failure"),
                *("--generation-database=none", "--no-color", f"--baseline={KNOWN.name}"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Known failures: {len(known)}\n" in done.stdout
    assert all(each["reason"] for each in known)
