"""Whether a rendered client works: its examples fit, and a process of its own can use it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema_rs import ValidationError

from servicenow_contract.contract.documents import pointer
from upkeep.codegen import names
from upkeep.codegen.source import Source

_LONGEST = 60
"""How long the client may take to be used once, in seconds."""

_LONGEST_MESSAGE = 200
"""A longer message about an example, in characters, shows nothing but the example."""


def use(source: Source, rendered: Path, policy: Path) -> None:
    """Use what was rendered, with the hand-written modules of a package.

    Raises ContractError: the place in the contract, and what does not work.
    """
    for where, what in _unfit_examples(source):
        raise source.document.error(where, what)
    with tempfile.TemporaryDirectory(prefix="client-") as name:
        package = Path(name).resolve() / policy.name
        # With what Python compiled of them, which holds for as long as they are the same.
        shutil.copytree(policy, package, ignore=shutil.ignore_patterns("_generated"))
        shutil.copytree(rendered, package / "_generated")
        told = _told(package, _examples(source))
    if "sent" in told:
        told = _unfit_request(source, told["sent"])
    if told:
        (kind, below), said = told["where"], told["said"]
        where = _place(source, kind, below, said)
        advice = "change the contract, or what is written by hand around it"
        raise source.document.error(where, f"the client does not work with this: {said}; {advice}")


def _bodies(source: Source) -> Iterator[tuple[str, str, str]]:
    """Each body that has an example: `request` or a status, then where the example stands."""
    operation = source.fragment.operation
    holders = {"request": ("requestBody", operation["requestBody"])}
    for status, answer in operation["responses"].items():
        holders[status] = (f"responses/{status}", answer)
    for kind, (where, holder) in holders.items():
        for media_type in holder.get("content", ()):
            place = source.fragment.operation_pointer + f"/{where}" + pointer("content", media_type)
            yield kind, f"{place}/schema", f"{place}/example"


def _examples(source: Source) -> dict[str, Any]:
    found = {kind: source.fragment.at(example) for kind, _, example in _bodies(source)}
    return {"request": found.pop("request"), "answers": found}


def _unfit_examples(source: Source) -> Iterator[tuple[str, str]]:
    for _, schema, example in _bodies(source):
        try:
            problems = [*source.fragment.validator(schema).problems(source.fragment.at(example))]
        except ValidationError as error:
            place = pointer(*error.instance_path) or schema
            yield place, f"the example cannot be judged by this: {error.message}; correct it"
            continue
        for problem in problems:
            said = problem.message
            if len(said) > _LONGEST_MESSAGE:
                said = f"it does not satisfy `{problem.keyword}`"
            where = example + problem.at
            yield where, f"the example breaks its schema: {said}; correct one of them"


def _unfit_request(source: Source, sent: Any) -> Any:
    """The first thing in which the body that the client makes of values breaks the schema."""
    for problem in source.fragment.validator(source.fragment.request_schema).problems(sent):
        said = f"attach_findings sends what breaks the schema: {problem.message}"
        return {"where": ["request", problem.at], "said": said}
    return None


def _told(package: Path, examples: dict[str, Any]) -> Any:
    """What the other process says; of one that ends otherwise, how it ended."""
    command = [sys.executable, "-P", "-m", "upkeep.codegen.use", str(package.parent), package.name]
    environment = {key: said for key, said in os.environ.items() if not key.startswith("DD_")}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(examples),
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST,
            env=environment,
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        said = f"it was not done in {_LONGEST} s"
    except ValueError:
        last = (done.stderr.strip() or "nothing").splitlines()[-1]
        said = f"its process ended with {done.returncode} and said: {last}"
    return {"where": ["import", ""], "said": said}


def _place(source: Source, kind: str, below: str, said: str) -> str:
    """Where to look in the contract: an example, else the schema that an error names."""
    examples = {kind: example for kind, _, example in _bodies(source)}
    where = examples.get(kind)
    if where is not None and below:
        while below and not source.fragment.has(where + below):
            below = below.rpartition("/")[0]  # what is missing stands nowhere
        return where + below
    named = names.class_place(source.fragment.document, re.findall(r"\w+", said))
    return named or where or source.fragment.operation_pointer
