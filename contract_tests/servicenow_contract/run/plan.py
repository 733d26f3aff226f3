"""What a run would send, found by running it against the embedded service."""

from collections import Counter

import httpx
from attrs import evolve

from servicenow_contract.command import CommandError
from servicenow_contract.contract.contract import Contract
from servicenow_contract.judging.verdict import Ledger
from servicenow_contract.run import runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.target.target import STAND_INS, embedded
from servicenow_contract.text import counted, head

_LENGTH = 300


def text(contract: Contract, settings: RunSettings, ledger: Ledger) -> str:
    """Each requirement with its requests and their number, and how many there are in all.

    Raises CommandError when the suite cannot do its work, and SettingsError when the keys of an
    account are not in the environment.
    """
    lines, asked = list[str](), planned(contract, settings, ledger)
    for names, requests in asked.items():
        levels = "/".join(dict.fromkeys(contract.requirements[name].level for name in names))
        lines.append(f"{levels} {', '.join(names)}: {_counted(requests)}")
        lines += [f"  {_request(each)}" for each in requests]
    every = [request for requests in asked.values() for request in requests]
    lines.append(f"{_counted(every)} would be sent to {settings.target_name}; nothing was sent.")
    return "\n".join(lines)


def planned(
    contract: Contract, settings: RunSettings, ledger: Ledger
) -> dict[tuple[str, ...], list[httpx.Request]]:
    """The requests of a run with the target's world and its gate, by what their test asks for."""
    real = settings.target(contract.fragment)
    limited = dict.fromkeys(real.keys.limited, STAND_INS.app_key)
    keys = evolve(STAND_INS, limited=limited)
    target = embedded(contract.fragment, settings.world, keys=keys)
    judge = JudgePlugin(contract, target, ledger=ledger, settings=settings)
    asked: dict[tuple[str, ...], list[httpx.Request]] = {}
    with real.client:
        if real.wire is not None and target.wire is not None:
            target.wire.holds_back = real.wire.holds_back
            target.wire.max_requests = real.wire.max_requests
            target.wire.observe = lambda sent: asked.setdefault(judge.asked, []).append(sent)
    runner.run(judge)
    if judge.trouble:
        raise CommandError(judge.trouble[0])
    return asked


def _counted(requests: list[httpx.Request]) -> str:
    methods = Counter(each.method for each in requests)
    counts = ", ".join(f"{count} {method}" for method, count in methods.most_common())
    return f"{counted(len(requests), 'request')}{f' ({counts})' if counts else ''}"


def _request(request: httpx.Request) -> str:
    body = head(request.content.decode("utf-8", "backslashreplace"), _LENGTH)
    return f"{request.method} {request.url.raw_path.decode('ascii')} {body!r}"
