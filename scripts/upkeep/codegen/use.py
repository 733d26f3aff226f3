"""Uses a rendered client, in a process of its own: whatever it does, it does to nobody else.

Arguments: the folder that holds the package, and its name. Standard input: JSON with `request`, an
example of a request body, and `answers`, an example for each status. Standard output: JSON of the
first thing that does not work, with `where` (a kind and a JSON Pointer below it) and `said`; or
`sent`, the body that the client made of the example's values.
"""

import contextlib
import functools
import importlib
import inspect
import json
import pkgutil
import sys
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, get_args
from uuid import UUID

KEYS = ("0" * 32, "1" * 40)
"""The stand-in keys of the one request, which leaves no process."""


class BrokenError(Exception):
    """Something does not work: where, and what."""

    def __init__(self, kind: str, said: str, pointer: str = "") -> None:
        super().__init__(kind, said, pointer)
        self.told = {"where": [kind, pointer], "said": said}


def main() -> None:
    """Use the client, and write what does not work."""
    folder, name = sys.argv[1:]
    sys.path.insert(0, folder)
    with contextlib.redirect_stdout(sys.stderr):  # whatever the client prints
        try:
            told = {"sent": _use(Path(folder), name, json.load(sys.stdin))}
        except BrokenError as error:
            told = error.told
    json.dump(told, sys.stdout)


def _use(folder: Path, name: str, examples: Any) -> Any:
    package = _imported(folder, name)
    endpoint = _endpoint(package)
    request = _read_request(endpoint, examples["request"])
    for status, example in examples["answers"].items():
        _kept(status, functools.partial(endpoint.parse_body, int(status)), example)
    return _call(package, request, examples)


def _imported(folder: Path, name: str) -> ModuleType:
    """The package, with all of its modules imported."""
    try:
        package = importlib.import_module(name)
        for each in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(each.name)
    except Exception as error:  # noqa: BLE001  # a module raises whatever it does
        raise BrokenError("import", f"it cannot be imported: {_told(error)}") from None
    if folder not in Path(str(package.__file__)).parents:
        raise BrokenError("import", f"{package.__file__} is imported in its place")
    return package


def _told(error: BaseException) -> str:
    """An exception as one line, with the module and line that raised it."""
    said = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if each.filename.startswith(sys.path[0])]
    at = f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {said}{at}"


def _endpoint(package: ModuleType) -> ModuleType:
    """The rendered module of the one operation."""
    api = importlib.import_module(f"{package.__name__}._generated.api")
    found = [each.name for each in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")]
    return importlib.import_module(max(found, key=len))


def _difference(found: Any, wanted: Any, where: str = "") -> str | None:
    """Where two JSON values first differ; None where they do not. 1 is not true, and not 1.0."""
    if json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True):
        return None
    if type(found) is type(wanted) and isinstance(wanted, dict | list):
        there, members = map(_members, (found, wanted))
        for name in members.keys() & there.keys():
            below = f"{where}/{name.replace('~', '~0').replace('/', '~1')}"
            differs = _difference(there[name], members[name], below)
            if differs is not None:
                return differs
    return where


def _members(value: Any) -> dict[str, Any]:
    return {str(at): each for at, each in enumerate(value)} if isinstance(value, list) else value


def _written(value: Any) -> Any:
    """The JSON value that a read one stands for."""
    if isinstance(value, list):
        return [_written(each) for each in value]
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, date):  # a time, too; it knows the text that it was read from
        return getattr(value, "text", value.isoformat())
    return str(value) if isinstance(value, str | UUID) else value


def _read_request(endpoint: ModuleType, example: Any) -> Any:
    """The model of the example. It is read, and written as the body of a request."""
    body = inspect.signature(endpoint.get_kwargs).parameters["body"].annotation
    models = [each for each in get_args(body) or [body] if hasattr(each, "from_dict")]
    if len(models) != 1:
        raise BrokenError("request", "the body of a request is not one model")
    request = _kept("request", models[0].from_dict, example)
    _kept("request", lambda _: endpoint.get_kwargs(body=request)["json"], example)
    return request


def _kept(kind: str, read: Callable[[Any], Any], example: Any) -> Any:
    """What an example is read as. Raises BrokenError unless that is written as the example."""
    try:
        value = read(example)
        differs = _difference(_written(value), example)
    except Exception as error:  # noqa: BLE001  # the models raise whatever they do
        if type(error).__name__ != "ReadError":
            said = f"the example cannot be read and written: {_told(error)}"
            raise BrokenError(kind, said) from None
        said = f"the example cannot be read: {getattr(error, 'problem', '')}"
        raise BrokenError(kind, said, getattr(error, "pointer", "")) from None
    if differs is not None:
        said = "the model of the example writes another JSON value"
        raise BrokenError(kind, said, differs)
    return value


def _call(package: ModuleType, request: Any, examples: Any) -> Any:
    """Send the example in both ways that the client has, to a server that answers the example.

    Returns the body that was made of the example's values.
    """
    if "200" not in examples["answers"]:
        raise BrokenError("call", "it reads the case from the body of a 200, and there is none")
    http = sys.modules.get("httpx2") or sys.modules["httpx"]  # whichever the client is made of
    contract = importlib.import_module(f"{package.__name__}._generated.contract")
    sent: list[Any] = []

    def answer(asked: Any) -> Any:
        headers = {name: asked.headers.get(name) for name in contract.KEY_HEADERS.values()}
        kind = asked.headers["content-type"]
        body = json.loads(asked.content)
        sent.append((asked.method, asked.url.path, kind, body, [*headers.values()]))
        return http.Response(200, json=examples["answers"]["200"])

    options = dict(zip(("api_key", "app_key"), KEYS, strict=True))
    client = package.Client(**options, transport=http.MockTransport(answer), max_retries=0)
    for call, arguments in (
        (client.attach_detailed, {"body": request}),
        (client.attach_findings_detailed, _values(examples["request"])),
    ):
        try:
            answered = call(**arguments)
        except Exception as error:  # noqa: BLE001  # errors of the client, or of its code
            raise BrokenError("call", f"{call.__name__} does not work: {_told(error)}") from None
        if _difference(_written(answered.parsed), examples["answers"]["200"]) is not None:
            raise BrokenError("call", f"{call.__name__} gives another answer than it got")
    client.close()
    line = (contract.METHOD, contract.PATH, contract.MEDIA_TYPE)
    wanted = (*line, examples["request"], [*KEYS])
    if sent[0] != wanted:
        raise BrokenError("call", "the request that is sent is not that of the example")
    return sent[1][3]


def _values(example: Any) -> dict[str, Any]:
    """What the example says, as the arguments of the call."""
    try:
        data = example["data"]
        relationships = data["relationships"]
        return {
            "ticket_url": data["attributes"]["servicenow_ticket_url"],
            "project_id": relationships["project"]["data"]["id"],
            "finding_ids": [each["id"] for each in relationships["findings"]["data"]],
        }
    except (LookupError, TypeError) as error:
        said = f"the example has no {error} where attach_findings writes one"
        raise BrokenError("request", said) from None


if __name__ == "__main__":
    main()
