"""The options of `conformance`, read and held against each other."""

import argparse
import difflib
import random
from collections.abc import Mapping
from pathlib import Path

import httpx
from attrs import frozen

from servicenow_contract.command import Command, number
from servicenow_contract.contract import world as worlds
from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.requirements import Requirement
from servicenow_contract.run import profiles
from servicenow_contract.run.settings import RunSettings, SettingsError
from servicenow_contract.target.wire import is_loopback


@frozen
class Options:
    """What the command line says."""

    settings: RunSettings
    report: Path | None
    plan: bool
    seconds: float | None


def checked(given: argparse.Namespace, contract: Contract) -> Options:
    """The options, held against each other and the contract.

    Raises SettingsError for values that do not fit.
    """
    url = _url(given.target)
    world = worlds.DEFAULT_WORLD
    if given.world is not None:
        try:
            world = worlds.read(given.world)
        except ContractError as error:
            raise SettingsError(f"--world {error}") from None
    remote = url is not None and not is_loopback(httpx.URL(url))
    if given.allow_writes and remote and given.world is None:
        raise SettingsError(
            "--allow-writes needs --world FILE, so that only ids named there are used"
        )
    if given.workers > 1 and not world.open:
        raise SettingsError(
            "-n needs an open world, since the processes must not share tickets; leave out -n"
        )
    if given.workers > 1 and remote:
        raise SettingsError(
            "-n is for targets on this machine; a server elsewhere gets one request at a time"
        )
    seed = given.seed
    if seed is None:
        seed = random.SystemRandom().randrange(2**31) if given.profile == "deep" else 0
    settings = RunSettings(
        url=url,
        world=world,
        allow_writes=given.allow_writes,
        max_requests=given.max_requests,
        profile=given.profile,
        seed=seed,
        strict=given.strict,
        workers=given.workers,
        examples=None if given.examples is None else str(given.examples.absolute()),
        only=tuple(_known(name, contract.requirements) for name in given.only),
    )
    if given.time_budget is not None and not given.time_budget > 0:
        raise SettingsError("--time-budget takes a number of seconds above 0")
    return Options(settings, given.report, given.plan, given.time_budget)


def _url(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise SettingsError(f"--target {text!r} is not a URL: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            f"--target {text!r} is not a URL; it looks like https://api.datadoghq.com"
        )
    if url.userinfo or url.query or url.fragment:
        raise SettingsError(
            "--target takes no user, query or fragment; keys come from the environment"
        )
    if url.scheme == "http" and not is_loopback(url):
        raise SettingsError(f"--target {text!r} must be https, so that the keys are encrypted")
    return text.rstrip("/")


def _known(name: str, catalogue: Mapping[str, Requirement]) -> str:
    if name not in catalogue:
        near = difflib.get_close_matches(name, catalogue, 1)
        hint = f"did you mean {near[0]}?" if near else "--requirements lists them"
        raise SettingsError(f"--only {name}: there is no such requirement; {hint}")
    return name


def command() -> Command:
    """The command's options."""
    found = Command(
        "conformance",
        "Judge a server by the contract of the ServiceNow tickets operation.",
        {0: "no MUST fails", 1: "a MUST fails", 2: "the suite or the connection broke"},
    )
    add = found.add_argument
    add(
        "--target",
        metavar="URL",
        help="the server to judge (default: the embedded service); "
        "DD_API_KEY and DD_APP_KEY come from the environment",
    )
    add(
        "--world",
        type=Path,
        metavar="FILE",
        help="a file that names the project, findings and tickets of the server",
    )
    add(
        "--allow-writes",
        action="store_true",
        help="let a server that is not on this machine carry requests out, "
        "with the ids of --world only; POST, PUT and DELETE are never sent",
    )
    add("--max-requests", type=number(1), metavar="N", help="send no more than N requests")
    add(
        "--plan",
        action="store_true",
        help="count and list what would be sent for each requirement, and send nothing",
    )
    add("--strict", action="store_true", help="count known deviations as failures")
    add(
        "--only",
        action="append",
        default=[],
        metavar="REQUIREMENT",
        help="judge by this requirement only; can be repeated",
    )
    add("--report", type=Path, metavar="DIR", help="write verdict.json, junit.xml and report.html")
    add("--profile", choices=profiles.PROFILES, default="ci", help="how many cases are generated")
    add(
        "--seed",
        type=number(0),
        metavar="N",
        help="the seed of the generated cases (default: 0; deep: random)",
    )
    add("-n", dest="workers", type=number(1), default=1, metavar="N", help="run in N processes")
    add(
        "--time-budget",
        type=float,
        metavar="SECONDS",
        help="stop after this time; until then, repeat the generated cases with new seeds",
    )
    add("--examples", type=Path, metavar="DIR", help="keep failing cases here, and try them first")
    add("--requirements", action="store_true", help="print the catalogue of requirements and stop")
    add("--show-contract", action="store_true", help="print the contract (OpenAPI) and stop")
    return found
