"""Mutants that no request tells from the service, each with a reason that a program can check."""

from collections.abc import Callable, Mapping

from attrs import field, frozen

from servicenow_contract import fragment


@frozen
class Equivalent:
    """Why a mutant is no fault."""

    reason: str
    holds: Callable[[], bool] = field(repr=False)
    """Whether the reason is still true."""


def _values_are_strings(schema: str) -> Callable[[], bool]:
    def holds() -> bool:
        found = fragment.load().at(f"/components/schemas/{schema}")
        return found["type"] == "string" and all(isinstance(each, str) for each in found["enum"])

    return holds


EQUIVALENTS: Mapping[str, Equivalent] = {
    f"takes_any_type_in_{name}_type": Equivalent(
        "Every listed value is a string, so that `enum` refuses all that `type` refuses.",
        _values_are_strings(f"{name.capitalize()}Type"),
    )
    for name in ("tickets", "findings", "projects")
}
