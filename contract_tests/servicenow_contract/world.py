"""What a target knows: the ids that a run may use, and two that nobody has.

The reference service knows every finding and project but the two unknown ones.
"""

from attrs import frozen


def _ids(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number:03}" for number in range(1, count + 1))


@frozen
class World:
    """The project, findings and tickets that a target knows."""

    project: str
    findings: tuple[str, ...]
    tickets: tuple[str, ...]
    unknown_finding: str
    unknown_project: str
    open: bool = False
    """Whether every other id exists too, so that ids can be made up."""


DEFAULT_WORLD = World(
    project="aeadc05e-98a8-11ec-ac2c-da7ad0900001",
    findings=_ids("finding-", 120),
    tickets=tuple(
        f"https://example.service-now.com/incident.do?sys_id={number:032x}"
        for number in range(1, 41)
    ),
    unknown_finding="finding-that-nobody-has",
    unknown_project="project-that-nobody-has",
    open=True,
)
"""What `serve` starts with and the embedded run assumes."""
