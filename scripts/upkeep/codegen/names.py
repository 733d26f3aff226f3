"""What the generator makes of the contract's names, and where two of them would become one."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openapi_python_client.strings import (
    ClassName,
    PythonIdentifier,
    in_double_quote_literal,
    snake_case,
)

from servicenow_contract.contract.documents import pointer
from servicenow_contract.contract.fragment import Fragment

PREFIX = "field_"
"""What the generator puts before a name that would be none in Python: its setting's default."""
_OF_MODELS = {
    *("Any", "Mapping", "Self", "TypeVar", "Model"),
    *("ReadError", "Response", "Timestamp", "Unset"),
}
"""Classes that the rendered modules, or the client's `models`, know under these names."""
_DOMAINS = {
    "datadoghq.com": ("US1", ""),
    "datadoghq.eu": ("EU", ""),
    "ddog-gov.com": ("US1_FED", "_FED"),
}
"""What Datadog calls a site that is a domain alone, and what it puts behind the name of others."""
_VALUES = {"example", "examples", "default", "enum", "const"}
_RENAME = "rename one of them, or extend upkeep/codegen/names.py"

Problem = tuple[str, str]


def problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """The place of each name that would be lost in Python, and what is wrong with it."""
    yield from _sites(document["servers"][0]["variables"]["site"])
    yield from _classes(document["components"]["schemas"])
    for where, schema in _schemas(document, ""):
        members, values = schema.get("properties"), schema.get("enum")
        if isinstance(members, dict):
            yield from _members(where, members)
        if isinstance(values, list):
            yield from _values(where, values, schema.get("x-enum-varnames"))


def of_sites(sites: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What each site is called in Python, and the site."""
    for site in sites:
        label, _, domain = site.partition(".")
        named = f"{label}{_DOMAINS[domain][1]}" if domain in _DOMAINS else site
        alone = _DOMAINS.get(site, (named,))[0]
        name = "_".join(re.findall("[A-Z0-9]+", alone.upper()))
        yield (name if name[:1].isalpha() else f"SITE_{name}".rstrip("_")), site


def class_place(document: Mapping[str, Any], words: Iterable[str]) -> str | None:
    """Where the schema stands whose class is among these words, or its member that is there too."""
    said = list(words)
    for name in document["components"]["schemas"]:
        if ClassName(name, PREFIX) in said:
            where = pointer("components", "schemas", name)
            members = Fragment(document, "").at(where).get("properties", {})
            for member in members:
                if PythonIdentifier(member, PREFIX) in said:
                    return where + pointer("properties", member)
            return where
    return None


def _schemas(
    value: Any, where: str, *, by_name: bool = False
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping at or below a place that may be a schema; no example is looked into.

    `by_name`: the place maps names to schemas.
    """
    if isinstance(value, dict):
        if not by_name:
            yield where, value
        for key, member in value.items():
            if by_name or key not in _VALUES:
                inner = not by_name and key in {"properties", "schemas"}
                yield from _schemas(member, where + pointer(str(key)), by_name=inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _schemas(item, where + pointer(index))


def _sites(variable: Mapping[str, Any]) -> Iterator[Problem]:
    where, taken = pointer("servers", 0, "variables", "site"), dict[str, str]()
    for index, (name, site) in enumerate(of_sites(variable["enum"])):
        other = taken.setdefault(name, site)
        if other != site:
            said = f"{site!r} and {other!r} become one name in Python, {name}; {_RENAME}"
            yield where + pointer("enum", index), said
    if variable["default"] not in variable["enum"]:
        yield (
            f"{where}/default",
            f"{variable['default']!r} is not one of the listed sites; name one",
        )


def _classes(schemas: Mapping[str, Any]) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for name in schemas:
        where, made = pointer("components", "schemas", name), ClassName(name, PREFIX)
        other = taken.setdefault(PythonIdentifier(made, PREFIX), name)  # the module's name
        if made in _OF_MODELS:
            yield where, f"the class {made} is the models' own; give the schema another name"
        elif other != name:
            yield where, f"{name!r} and {other!r} become one name in Python; {_RENAME}"


def _members(where: str, members: Mapping[str, Any]) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for name in members:
        place = where + pointer("properties", name)
        if _loses(name):
            yield place, f"the name {name!r} has a character that cannot be rendered; leave it out"
        short = PythonIdentifier(name, PREFIX)
        other = taken.setdefault(short, name)
        # The generator then takes both names as they are, in capitals and all.
        exact = [PythonIdentifier(each, PREFIX, skip_snake_case=True) for each in (name, other)]
        if other != name and exact[0] == exact[1]:
            yield place, f"{name!r} and {other!r} become one name in Python; {_RENAME}"


def _values(where: str, values: list[Any], given: Any) -> Iterator[Problem]:
    """The generator's own way from a value to the name of a member of an enumeration."""
    taken: dict[str, str] = {}
    if isinstance(given, list) and not all(isinstance(each, str) for each in given):
        yield where + "/x-enum-varnames", "a name of a value is not text; put it in quotes"
    first = next((type(each) for each in values if each is not None), None)
    for index, value in enumerate(values):
        place = where + pointer("enum", index)
        if value is not None and type(value) is not first:
            yield (
                place,
                "a value of another type than the first; the models hold values of one type",
            )
        if not isinstance(value, str):
            continue
        if _loses(value):
            yield place, f"{value!r} has a character that cannot be rendered; leave it out"
        named = value.upper() if value and value[0].isalpha() else f"VALUE_{index}"
        if isinstance(given, list) and len(given) == len(values):
            named = str(given[index])
        made = snake_case(named).upper()
        other = taken.setdefault(made, value)
        if index != values.index(value):
            yield place, f"{value!r} appears twice; keep one"
        elif other != value:
            yield place, f"{value!r} and {other!r} become one name in Python, {made}; {_RENAME}"


def _loses(text: str) -> bool:
    """Whether the generator's literals leave a character of a text out."""
    return bool(json.loads(f'"{in_double_quote_literal(text)}"') != text)


def members(model: Any) -> list[Any]:
    """The documented members of one of the generator's models."""
    return [*(model.required_properties or ()), *(model.optional_properties or ())]


def free(models: Iterable[Any], config: Any) -> None:
    """Give members another name in Python where the models' own code uses it: a `_` behind it."""
    for model in models:
        found = members(model)
        reserved = {*_IN_MODELS, *(f"{each.python_name}{end}" for each in found for end in _ITEM)}
        taken = {each.python_name for each in found}
        for member in found:
            if member.python_name in reserved:
                name = member.python_name
                while name in reserved | taken:
                    name += "_"
                member.set_python_name(name, config=config, skip_snake_case=True)
                taken.add(name)


_IN_MODELS = {
    *("additional_keys", "additional_properties", "from_dict", "to_dict"),
    *("cast", "field_dict", "prop", "prop_name", "write_datetime"),
}
"""What model.py.jinja calls its attributes, and its variables beside members."""
_ITEM = ("_item", "_item_data")
"""What the generator's templates put behind a list's name to call an item."""
