"""What the reference service remembers: cases by ticket, and which ticket holds which finding."""

import datetime
import itertools
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

from attrs import define, evolve, field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD, World

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"(?i:https)://(?P<instance>{_LABEL}(?:[.]{_LABEL})*)[.](?i:service-now[.]com)"
    r"(?P<target>/(?:[\w.~:/?@!$&'()*+,;=^|-]|%[0-9A-Fa-f]{2})*)",
    re.ASCII,
)
_FRAME = re.compile("/now/nav/ui/classic/params/target/|/nav_to[.]do[?]uri=")
_WORKSPACE = re.compile(
    "/now/(?:[a-z0-9_-]+/){1,2}record/incident/([0-9A-Fa-f]{32})(?:/params/[^?]*)?/?(?:[?].*)?"
)
_PORTAL = re.compile("/[a-z0-9_-]+")
_SYS_ID = re.compile("sys_id=([0-9A-Fa-f]{32})")
_CASES = uuid.UUID("5b1d7a52-4f4c-4cde-9a0e-6c1c6a6f3a11")  # any fixed namespace will do


_BEFORE = datetime.datetime.min.replace(tzinfo=datetime.UTC)


def limited_keys(contract: Fragment) -> Mapping[str, frozenset[str]]:
    """Stand-ins for application keys that hold one permission of the operation, or none."""
    permissions = contract.operation["x-permission"]["permissions"]
    alone = {f"stand-in-with-{each}-alone": frozenset({each}) for each in permissions}
    return {"stand-in-without-permission": frozenset(), **alone}


@frozen
class Ticket:
    """A ServiceNow record, as an address names it."""

    instance: str
    table: str
    sys_id: str
    url: str

    @classmethod
    def from_url(cls, url: str) -> "Ticket":
        """Read an address in a form that ServiceNow gives an incident.

        Raises ValueError for any other, whatever the fragment's pattern takes.
        """
        found = _ADDRESS.fullmatch(url)
        if found is None:
            raise ValueError("the address has no form of an incident's address")
        target = found["target"]
        record = _WORKSPACE.fullmatch(target)
        if record is None:
            if framed := _FRAME.match(target):
                target = f"/{unquote(target[framed.end() :]).removeprefix('/')}"
            page, _, query = target.partition("?")
            ids = [each for each in query.split("&") if each.startswith("sys_id=")]
            portal = _PORTAL.fullmatch(page) and "table=incident" in query.split("&")
            if len(ids) == 1 and (page == "/incident.do" or (portal and not framed)):
                record = _SYS_ID.fullmatch(ids[0])
        if record is None:
            raise ValueError("the address does not name an incident by its sys_id")
        return cls(found["instance"], "incident", record[1], url)

    @property
    def key(self) -> tuple[str, str]:
        """The same for every address of one record: hosts and sys_ids ignore case."""
        return self.instance.lower(), self.sys_id.lower()


@define
class Case:
    """A case, linked to one ticket."""

    id: str
    key: str
    project: str
    created_at: datetime.datetime
    modified_at: datetime.datetime
    findings: dict[str, None] = field(factory=dict)
    """The ids of the attached findings, first attached first."""

    def copy(self) -> "Case":
        """The case as it is now."""
        return evolve(self, findings=dict(self.findings))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@define
class State:
    """Everything that one service knows. `attach` and `cases` are atomic between threads."""

    contract: Fragment = field(repr=False)
    world: World = DEFAULT_WORLD
    clock: Callable[[], datetime.datetime] = _now
    permissions: Mapping[str, frozenset[str]] = field(repr=False)
    """The permissions of an application key; a key that is not named here holds all."""
    observed: bool = False
    """Whether it behaves as sibling operations were seen to, where their page says otherwise."""
    _listed: frozenset[str] = field(init=False, repr=False)
    _latest: datetime.datetime = field(init=False, repr=False, default=_BEFORE)
    _cases: dict[tuple[str, str], Case] = field(factory=dict, init=False, repr=False)
    _holders: dict[str, Case] = field(factory=dict, init=False, repr=False)
    _numbers: dict[str, Iterator[int]] = field(factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    @permissions.default
    def _limited(self) -> Mapping[str, frozenset[str]]:
        return limited_keys(self.contract)

    @_listed.default
    def _list(self) -> frozenset[str]:
        return frozenset(self.world.findings)

    def knows_project(self, project: str) -> bool:
        """Whether the world holds this project."""
        world = self.world
        return project == world.project or (world.open and project != world.unknown_project)

    def knows_finding(self, finding: str) -> bool:
        """Whether the world holds this finding."""
        world = self.world
        return finding in self._listed or (world.open and finding != world.unknown_finding)

    def _tick(self) -> datetime.datetime:
        """The time, later than any before: a clock that is set back moves no case back."""
        self._latest = max(self.clock(), self._latest + datetime.timedelta(microseconds=1))
        return self._latest

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Attach findings to a ticket, and return a copy of its case.

        A ticket without a case gets one in `project`; a finding that another ticket holds moves.
        The cost grows with the findings that are sent and that the ticket holds, with nothing else.
        """
        with self._lock:
            now = self._tick()
            case = self._cases.get(ticket.key) or self._open(ticket, project, now)
            changed = False
            for finding in findings:
                holder = self._holders.get(finding)
                if holder is case:
                    continue
                if holder is not None:
                    del holder.findings[finding]
                    holder.modified_at = now
                case.findings[finding] = None
                self._holders[finding] = case
                changed = True
            if changed:
                case.modified_at = now
            return case.copy()

    def _open(self, ticket: Ticket, project: str, now: datetime.datetime) -> Case:
        name = re.sub("[^A-Z0-9]", "", project.upper())[:4] or "CASE"
        number = next(self._numbers.setdefault(name, itertools.count(1)))
        case_id = str(uuid.uuid5(_CASES, "/".join(ticket.key)))
        case = Case(case_id, f"{name}-{number}", project, now, now)
        self._cases[ticket.key] = case
        return case

    def cases(self) -> dict[tuple[str, str], Case]:
        """A copy of every case, by its ticket's (instance, sys_id) in small letters."""
        with self._lock:
            return {key: case.copy() for key, case in self._cases.items()}

    def snapshot(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The findings of every ticket that has a case, by (instance, sys_id) in small letters."""
        return {key: tuple(case.findings) for key, case in self.cases().items()}
