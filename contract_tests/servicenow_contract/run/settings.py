"""What a run is told: which target, how careful, how much; as data, so that workers get it too."""

import os
from collections.abc import Mapping
from typing import Any

import attrs
import httpx
from attrs import frozen

from servicenow_contract.command import CommandError
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD, World
from servicenow_contract.target.target import (
    EMBEDDED,
    STAND_INS,
    AccountKeys,
    Target,
    at,
    embedded,
    keys_of_the_reference,
)
from servicenow_contract.target.wire import is_loopback, key_variables, permission_variable


class SettingsError(CommandError):
    """A run cannot be set up. The message says which option or variable, and what to do instead."""


@frozen
class RunSettings:
    """A run: the target, the world it knows, and the bounds."""

    url: str | None = None
    """The target's address; None is the embedded reference service."""
    world: World = DEFAULT_WORLD
    allow_writes: bool = False
    max_requests: int | None = None
    profile: str = "ci"
    seed: int = 0
    strict: bool = False
    workers: int = 1
    examples: str | None = None
    """A folder of failing examples, which runs and machines share."""
    only: tuple[str, ...] = ()
    """The requirements to judge by; all when empty."""
    until: float | None = None
    """When no more is sent, by the monotonic clock, which all processes of a machine share."""

    def after(self, sent: int) -> "RunSettings":
        """What is left of the budget when so many requests were sent."""
        left = None if self.max_requests is None else max(0, self.max_requests - sent)
        return attrs.evolve(self, max_requests=left)

    @property
    def target_name(self) -> str:
        """What is judged, in words."""
        return self.url or EMBEDDED

    @property
    def writes(self) -> bool:
        """Whether a good request may be sent."""
        return self.allow_writes or self.url is None or is_loopback(httpx.URL(self.url))

    def target(self, contract: Fragment, worker: int | None = None) -> Target:
        """The target, for one worker of several, or for the only one.

        Raises SettingsError when the keys of an account are not in the environment.
        """
        world = self.world if worker is None else self.world.for_worker(worker)
        world = world if self.url is None else world.elsewhere()
        budget = self.max_requests
        if budget is not None and worker is not None:
            budget = budget // self.workers
        if self.url is None:
            target = embedded(contract, world, max_requests=budget)
        else:
            keys = _keys(contract, self.url)
            writes = self.allow_writes
            target = at(contract, self.url, keys, world, allow_writes=writes, max_requests=budget)
        if target.wire is not None:
            target.wire.until = self.until
        return target

    def as_data(self) -> dict[str, Any]:
        """The settings as plain data; no key is among them."""
        return attrs.asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "RunSettings":
        """The settings that `as_data` gave, also after lists took the place of tuples."""
        world = data["world"]
        lists = {name: tuple(world[name]) for name in ("findings", "tickets")}
        only = tuple(data["only"])
        return cls(**{**data, "world": World(**{**world, **lists}), "only": only})


def _keys(contract: Fragment, url: str) -> AccountKeys:
    """The keys, from the environment; a server on loopback opens to stand-ins."""
    names = tuple(key_variables(contract).values())
    values = [os.environ.get(name, "") for name in names]
    limited = {
        of: key
        for of in (None, *contract.permissions)
        if (key := os.environ.get(permission_variable(of)))
    }
    if all(values):
        return AccountKeys(values[0], values[1], limited)
    if is_loopback(httpx.URL(url)):
        if limited:
            return attrs.evolve(STAND_INS, limited=limited)
        return attrs.evolve(keys_of_the_reference(contract), stand_ins=True)
    missing = " and ".join(name for name, value in zip(names, values, strict=True) if not value)
    raise SettingsError(f"{missing} must be set in the environment to judge {url}")
