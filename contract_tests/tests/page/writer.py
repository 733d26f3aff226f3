"""Writes a documentation page, in the format of the saved ones, from an OpenAPI document.

The tests of `check-docs` edit such pages. The words are our own, and nothing is shared with the
reader in `scripts/upkeep`: a page that is written here and read there proves both.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]


class Row(NamedTuple):
    """A row of a Model table, and the path of the field that it describes."""

    path: tuple[str, ...]
    parent: str
    word: str
    required: bool
    enum: tuple[str, ...]
    description: str


def write_page(document: Json) -> str:
    """The page of the document's only operation."""
    [(path, item)] = document["paths"].items()
    [(method, operation)] = item.items()
    lines = [
        "---",
        "title: A page of our own",
        "---",
        "",
        "# A page of our own{% #a-page-of-our-own %}",
        "Copy pageCopied",
        '{% tab title="v2" %}',
        *_notes(operation),
        *_sites(document, method.upper(), path),
        "",
        "### Overview",
        "",
        *_overview(document, operation),
        "",
        "### Request",
        "",
        f"#### Body Data{' (required)' if operation['requestBody'].get('required') else ''}",
        "",
        *_model_and_example(document, operation["requestBody"]["content"], ""),
        "### Response",
        "",
    ]
    for status, response in operation["responses"].items():
        lines += [f'{{% tab title="{status}" %}}', f"Status {status}"]
        lines += [*_model_and_example(document, response["content"], "A body."), "{% /tab %}", ""]
    lines += [*_curl(document, method.upper(), path, operation), "{% /tab %}", ""]
    return "\n".join(lines)


def schemas(document: Json) -> list[tuple[str, Json]]:
    """The schema of each part of the page: the request, then each status."""
    [item] = document["paths"].values()
    [operation] = item.values()
    bodies = {"request": operation["requestBody"], **operation["responses"]}
    return [(part, _only(body["content"])["schema"]) for part, body in bodies.items()]


def model_rows(document: Json, schema: Json) -> list[Row]:
    """The rows of a schema's table, in their order."""
    return list(_rows(document, schema, ()))


def _only(content: Json) -> Json:
    [media] = content.values()
    return dict(media)


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        target: Any = document
        for token in schema["$ref"].split("/")[1:]:
            target = target[token]
        schema = target
    return schema


def _rows(document: Json, schema: Json, path: tuple[str, ...]) -> Iterator[Row]:
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        yield from _rows(document, schema["items"], path)
        return
    parent = path[-1] if path else ""
    for name, member in schema.get("properties", {}).items():
        yield _row(document, member, (*path, name), parent, name in schema.get("required", ()))
        yield from _rows(document, member, (*path, name))
    if "additionalProperties" in schema:
        below, member = (*path, "<any-key>"), schema["additionalProperties"]
        yield _row(document, member, below, "additionalProperties", required=False)
        yield from _rows(document, member, below)


def _row(document: Json, schema: Json, path: tuple[str, ...], parent: str, required: bool) -> Row:
    schema, brackets = _resolved(document, schema), 0
    said = schema.get("description", "A field.")
    said += (
        " It must be a service-now.com URL of an incident record." if "pattern" in schema else ""
    )
    while schema["type"] == "array":
        schema, brackets = _resolved(document, schema["items"]), brackets + 1
    enum = tuple(schema.get("enum", ()))
    word = "enum" if enum else schema.get("format", schema["type"])
    said += f" Allowed enum values: `{','.join(enum)}`" if enum else ""
    said += f" default: `{schema['default']}`" if "default" in schema else ""
    return Row(path, parent, "[" * brackets + word + "]" * brackets, required, enum, said)


def _table(document: Json, schema: Json) -> Iterator[str]:
    rows = model_rows(document, schema)
    nested = any(row.parent for row in rows)
    first = "| Parent field " if nested else ""
    yield first + "| Field | Type | Description |"
    yield ("| --- " if nested else "") + "| --- | --- | --- |"
    for row in rows:
        cells = [row.parent] if nested else []
        cells += [row.path[-1] + (" [*required*]" if row.required else ""), row.word]
        if row.path[-1] != "<any-key>" or row.enum:
            cells.append(row.description.replace("|", "\\|"))
        yield f"| {' | '.join(cells)} |"


def _model_and_example(document: Json, content: Json, said: str) -> Iterator[str]:
    media = _only(content)
    yield from ('{% tab title="Model" %}', said, "", *_table(document, media["schema"]), "")
    yield from ("{% /tab %}", "")
    if "x-own-example" not in media:
        yield from ('{% tab title="Example" %}', "", "```json")
        yield from json.dumps(media["example"], indent=2).split("\n")
        yield from ("```", "", "{% /tab %}", "")


def _notes(operation: Json) -> Iterator[str]:
    if "x-unstable" in operation:
        yield "**Note**: This operation is in preview."


def _sites(document: Json, method: str, path: str) -> Iterator[str]:
    yield from ("| Datadog site | API endpoint |", "| --- | --- |")
    [server] = document["servers"]
    [(name, variable)] = server["variables"].items()
    for site in variable["enum"]:
        shown = site if site.count(".") > 1 else f"app.{site}"
        base = server["url"].replace(f"{{{name}}}", site)
        yield f"| {shown} | {method} {base}{path} |"


def _overview(document: Json, operation: Json) -> Iterator[str]:
    media = _only(operation["requestBody"]["content"])
    sentence = "Attaches findings to a ticket. "
    for limit in _limits(document, media["schema"]):
        sentence += f"One ticket takes up to {limit} findings. "
    permission = operation.get("x-permission")
    if permission is None:
        yield sentence
        return
    need = "any" if permission["operator"] == "OR" else "all"
    yield f"{sentence}Whoever calls it requires {need} of these permissions:"
    yield "".join(f"`{name}`" for name in permission["permissions"]) + " "


def _limits(document: Json, schema: Json) -> list[int]:
    schema = _resolved(document, schema)
    found = [schema["maxItems"]] if "maxItems" in schema else []
    for member in schema.get("properties", {}).values():
        found += _limits(document, member)
    return found


def _curl(document: Json, method: str, path: str, operation: Json) -> Iterator[str]:
    [server] = document["servers"]
    [(name, variable)] = server["variables"].items()
    url = server["url"].replace(f"{{{name}}}", variable["default"]) + path
    [(media_type, media)] = operation["requestBody"]["content"].items()
    [accept] = {key for each in operation["responses"].values() for key in each["content"]}
    yield from ("### Code Example", "", "##### ", "                  \\## default", "# ")
    yield f' \\# Curl command curl -X {method} "{url}" \\'
    yield from (f'-H "Accept: {accept}" \\', f'-H "Content-Type: {media_type}" \\')
    for scheme in operation["security"][0]:
        header = document["components"]["securitySchemes"][scheme]["name"]
        variable = header.replace("-", "_").replace("APPLICATION", "APP")
        yield f'-H "{header}: ${{{variable}}}" \\'
    yield "-d @- << EOF"
    yield from json.dumps(media["example"], indent=2).split("\n")
    yield from ("EOF ", "                ")
