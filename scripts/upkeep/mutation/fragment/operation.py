"""Mutants of the fragment outside its schemas: operation, keys, answers, sites, examples."""

import copy
from collections.abc import Iterator
from typing import Any

from servicenow_contract.contract.fragment import Fragment, pointer
from upkeep.mutation.fragment.edits import (
    Document,
    Edit,
    Made,
    at,
    dropping,
    renaming,
    setting,
    split,
)

_SCHEMAS = "/components/schemas"


def of_operation(contract: Fragment) -> Made:
    """Path, method, names, permissions, body and keys."""
    where = contract.operation_pointer
    item, method = split(where)
    yield "moves", item, "Puts the operation at another path.", _moved(contract.path)
    yield "sends_post_for", where, "Says POST.", renaming(where, "post")
    yield "sends_put_for", where, "Says PUT.", renaming(where, "put")
    yield (
        "adds_post_beside",
        where,
        "Documents POST too.",
        lambda document: at(document, item).update(post=copy.deepcopy(at(document, where))),
    )
    yield (
        "renames_operation",
        method,
        "Changes operationId.",
        setting(f"{where}/operationId", "Attach"),
    )
    yield (
        "retags",
        where,
        "Files the operation under another tag.",
        setting(f"{where}/tags", ["Else"]),
    )
    for mark in ("x-unstable", "x-permission"):
        yield "drops", f"{where}/{mark}", f"Drops {mark}.", dropping(f"{where}/{mark}")
    rule = f"{where}/x-permission"
    yield "demands_all_of", rule, "Wants every permission.", setting(f"{rule}/operator", "AND")
    for index, name in enumerate(contract.at(f"{rule}/permissions")):
        place = f"{rule}/permissions/{index}"
        yield "drops", f"{rule}/{name}", f"Drops the permission {name}.", dropping(place)
        yield "renames", f"{rule}/{name}", f"Renames it {name}_2.", setting(place, f"{name}_2")
    body = f"{where}/requestBody"
    yield "frees", body, "Makes the body optional.", setting(f"{body}/required", False)
    media = f"{body}{pointer('content', contract.media_type)}"
    other = "application/vnd.api+json"
    yield "sends_vendor_json_for", body, f"Sends {other}.", renaming(media, other)
    yield from _of_keys(contract, where)


def _moved(path: str) -> Edit:
    return renaming(f"/paths{pointer(path)}", path.replace("_tickets", "_ticket"))


def _of_keys(contract: Fragment, where: str) -> Made:
    yield "opens_to_all", where, "Demands no key.", setting(f"{where}/security", [])
    for scheme in contract.key_headers:
        place = f"/components/securitySchemes/{scheme}"
        name = contract.at(place)["name"]
        yield (
            "drops_need_of",
            place,
            f"Demands no {scheme}.",
            dropping(f"{where}/security/0/{scheme}"),
        )
        yield "renames_header_of", place, f"Says X-{name}.", setting(f"{place}/name", f"X-{name}")
        yield (
            "sends_in_query",
            place,
            f"Puts {name} into the query.",
            setting(f"{place}/in", "query"),
        )

        def either(document: Document, scheme: str = scheme) -> None:
            needed = at(document, where)["security"]
            del needed[0][scheme]
            needed.append({scheme: []})

        yield "makes_alternative", place, f"Demands {scheme} or the other.", either


def of_answers(contract: Fragment) -> Made:
    """Statuses, their media types and models."""
    where = f"{contract.operation_pointer}/responses"
    schemas = [f"#{_SCHEMAS}/{name}" for name in ("CaseResponse", "APIErrorResponse")]
    for status in contract.statuses:
        place = f"{where}/{status}"
        yield "drops_status", str(status), f"Documents no {status}.", dropping(place)
        other = str(status + 1)
        yield "renumbers_status", str(status), f"Says {other} for {status}.", renaming(place, other)
        media = f"{place}{pointer('content', contract.media_type)}"
        vendor = "application/vnd.api+json"
        yield (
            "retypes_status",
            str(status),
            f"Answers {status} as {vendor}.",
            renaming(media, vendor),
        )
        own = contract.at(f"{media}/schema")["$ref"]
        swapped = setting(f"{media}/schema/$ref", next(each for each in schemas if each != own))
        yield "remodels_status", str(status), f"Gives {status} another model.", swapped
        yield (
            "empties_status",
            str(status),
            f"Gives {status} no body.",
            dropping(f"{place}/content"),
        )
    yield (
        "adds_status",
        "403",
        "Documents 403 too.",
        lambda document: at(document, where).update(
            {"403": copy.deepcopy(at(document, f"{where}/404"))}
        ),
    )


def of_servers(contract: Fragment) -> Made:
    """The address, every site, and the version."""
    where = "/servers/0"
    site = f"{where}/variables/site"
    for verb, url in (
        ("drops_tls_of", "http://api.{site}"),
        ("drops_api_of", "https://{site}"),
        ("moves_root_of", "https://api.{site}/v2"),
    ):
        yield verb, where, f"Says {url}.", setting(f"{where}/url", url)
    values = contract.at(f"{site}/enum")
    yield (
        "changes_default_of",
        site,
        "Defaults to another site.",
        setting(f"{site}/default", values[1]),
    )
    for index, value in enumerate(values):
        place = f"{site}/enum/{index}"
        told = f"Lists {value} no longer."
        yield "drops", f"{where}/{value}", told, _without_site(site, value)
        yield "misspells", f"{where}/{value}", f"Lists x{value}.", setting(place, f"x{value}")
    yield (
        "adds_site_to",
        where,
        "Lists uk1.datadoghq.com too.",
        setting(f"{site}/enum", [*values, "uk1.datadoghq.com"]),
    )
    version = "/info/version"
    yield "bumps", version, "Says another version.", setting(version, "9.9.9")


def _without_site(site: str, value: str) -> Edit:
    def edit(document: Document) -> None:
        variable = at(document, site)
        variable["enum"] = [each for each in variable["enum"] if each != value]
        if variable["default"] == value:
            variable["default"] = variable["enum"][0]

    return edit


def of_examples(contract: Fragment) -> Made:
    """Every value of every example."""
    where = contract.operation_pointer
    media = pointer("content", contract.media_type, "example")
    places = {"request": f"{where}/requestBody{media}"}
    places |= {str(each): f"{where}/responses/{each}{media}" for each in contract.statuses}
    for label, place in places.items():
        yield "drops_example_of", label, f"Shows no example of {label}.", dropping(place)
        for path, value in _leaves(contract.at(place), ""):
            other = f"{value}x" if isinstance(value, str) else ["x"]
            told = f"Shows {other!r} at {path} of {label}'s example."
            yield f"changes_example_of_{label}", path, told, setting(f"{place}{path}", other)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves(member, path + pointer(name))
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from _leaves(member, path + pointer(index))
    else:
        yield path, value
