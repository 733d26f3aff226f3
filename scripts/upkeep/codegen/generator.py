"""Drives openapi-python-client: what it would skip, lose or trip over is one located sentence."""

import contextlib
import copy
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.schema import OpenAPI
from pydantic import ValidationError
from ruamel.yaml import YAML

from servicenow_contract.contract.documents import ContractError, pointer
from upkeep.codegen import names
from upkeep.codegen.source import Source
from upkeep.paths import CODEGEN

_NAMES = {"operationId": "AttachServiceNowTicket", "tags": ["Security Monitoring"]}
"""What the client imports the endpoint module by, whatever the page calls the operation."""
_EXTEND = "extend generated_client/codegen/templates"
_OBJECT = re.compile(r"<[\w.]*UntrustedString object at 0x[0-9a-f]+>")
_SCHEMA = re.compile(r"/components/schemas/[^\s:/]+")


def generate(source: Source, folder: Path) -> None:
    """Write the generator's whole output into `folder`, which must not exist.

    Raises ContractError for what the generator cannot render, or would leave out.
    """
    for where, what in _unsupported(source):
        raise source.document.error(where, what)
    settings = ConfigFile(**(YAML(typ="safe").load(CODEGEN / "config.yaml") or {}))
    config = Config.from_sources(
        config_file=settings,
        meta_type=MetaType.NONE,
        document_source=source.document.path,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder,
    )
    try:
        _build(source, config)
    except ContractError:
        raise
    except Exception as error:  # noqa: BLE001  # the generator raises whatever it trips over
        raised = GeneratorError(f"{type(error).__name__}: {error}")
        raise _refusal(source, raised) from None


def _unsupported(source: Source) -> Iterator[names.Problem]:
    """What the templates do not render, and what would be lost; each with its place."""
    item = source.fragment.operation_pointer.rpartition("/")[0]
    for where in (source.fragment.operation_pointer, item):
        if source.fragment.at(where).get("parameters"):
            said = "a parameter; the client sends a body and nothing else"
            yield f"{where}/parameters/0", f"{said}, so {_EXTEND}"
    yield from names.problems(source.fragment.document)


def _build(source: Source, config: Config) -> None:
    document = _named(source)
    _read(source, document)
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise _refusal(source, data)
    if data.errors:  # what is wrong with an endpoint follows from what is wrong with a schema
        raise _refusal(source, data.errors[0])
    names.free(data.models, config)
    project = Project(openapi=data, config=config, custom_template_path=CODEGEN / "templates")

    def refuse(reason: str, member: Any = None) -> NoReturn:
        where = _place_of(data, member) or source.fragment.operation_pointer
        raise source.document.error(where, f"{reason}; {_EXTEND}")

    project.env.globals["refuse"] = refuse
    with contextlib.redirect_stdout(io.StringIO()):
        errors = project.build()
    if errors:
        raise _refusal(source, errors[0])


def _read(source: Source, document: dict[str, Any]) -> None:
    """Raise ContractError where the generator's model of OpenAPI is narrower than OpenAPI."""
    try:
        OpenAPI.model_validate(document)
    except ValidationError as error:
        first, where = error.errors()[0], ""
        for token in first["loc"]:  # the branches of its unions are among them
            if source.fragment.has(where + pointer(token)):
                where += pointer(token)
        said = f"the generator cannot render this: {first['msg']}"
        raise source.document.error(where, said) from None


def _named(source: Source) -> dict[str, Any]:
    document = copy.deepcopy(dict(source.fragment.document))
    document["paths"][source.fragment.path][source.fragment.method.lower()] |= _NAMES
    return document


def _refusal(source: Source, error: Any) -> ContractError:
    """What the generator says of something, at the place that it says it of."""
    named = _SCHEMA.search(f"{error.header} {error.detail}")
    start = named[0] if named else source.fragment.operation_pointer
    detail = str(error.detail or "").partition("Failure to process schema has resulted in")[0]
    known = detail.strip() or "it has a form that the generator does not know"
    said = _OBJECT.sub("…", " ".join(known.split()))
    where = _place_like(source, start, getattr(error, "data", None))
    return source.document.error(where, f"the generator cannot render this: {said}")


def _place_like(source: Source, start: str, data: Any) -> str:
    """The first place at or below `start` that holds what the generator stopped at."""
    if data is None or not source.fragment.has(start):
        return start
    within = source.fragment.at(start)
    wanted = data.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return next((where for where, each in _all(within, start) if each == wanted), start)


def _all(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    yield where, value
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, each in value.items() if isinstance(value, dict) else ():
        yield from _all(each, where + pointer(key))


def _place_of(data: GeneratorData, member: Any) -> str | None:
    """Where a member, or what is inside of one, stands: its model's schema and its name."""
    for model in data.models:
        root = next(_roots(model), None)
        extras = model.additional_properties
        if root and any(inner is member for inner in _inside(extras)):
            return f"{root}/additionalProperties"
        for each in names.members(model):
            if root and any(inner is member for inner in _inside(each)):
                own = model.name.get_untrusted_value() == root  # else a schema inside of it
                name = each.name.get_untrusted_value()
                return root + (pointer("properties", name) if own else "")
    return None


def _roots(model: Any) -> Iterator[str]:
    for root in model.roots:
        name = root if isinstance(root, str) else root.get_untrusted_value()
        if name.startswith("/components/schemas/"):
            yield name


def _inside(member: Any) -> Iterator[Any]:
    yield member
    several: list[Any] = getattr(member, "inner_properties", None) or []
    inner = [*several, getattr(member, "inner_property", None)]
    for each in inner:
        if each is not None:
            yield from _inside(each)
