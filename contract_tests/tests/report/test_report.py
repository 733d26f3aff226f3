"""The report: three files that say what a run found, whatever a server answered."""

import copy
import json
import os
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.report import write
from servicenow_contract.report.catalogue import requirements_page
from servicenow_contract.report.junit import junit
from servicenow_contract.report.record import line
from tests.contract import CONTRACT
from tests.report.records import DEVIATION, MIXED, RECORDS, outcome, record

FILES = {"verdict.json", "junit.xml", "report.html"}
SCHEMA = jsonschema_rs.Draft202012Validator(write.schema(), validate_formats=True)


@given(RECORDS)
def test_junit_counts_agree_with_verdicts(record: dict[str, Any]) -> None:
    """Any XML parser takes the file, and its counts are those of the verdicts."""
    root = ET.fromstring(junit(record))  # noqa: S314 - this kit wrote it
    found = [each["verdict"] for each in record["requirements"]]
    deviates = found.count("deviates")
    expected = {
        "tests": len(found) + bool(record["trouble"]),
        "failures": found.count("fail") + deviates * record["strict"],
        "errors": found.count("error") + bool(record["trouble"]),
        "skipped": found.count("not-run") + deviates * (not record["strict"]),
    }
    assert {name: int(root.attrib[name]) for name in expected} == expected
    for name, count in expected.items():
        assert sum(int(suite.attrib[name]) for suite in root) == count
    cases = {each.attrib["name"] for each in root.iter("testcase")}
    assert cases >= {each["id"] for each in record["requirements"]}


def test_junit_repeats_failures_and_counts_them() -> None:
    """Of failures alike three are told, and the shell lines of the first; others are counted."""
    many = record({"answer-400-model": "fail"})
    lines = ["curl of what comes first", "curl of what decides"]
    for each in many["requirements"]:
        kinds = [f"it is {kind * 3}" for kind in "abcd"]
        failed = [outcome("fail", kind, []) | {"repeat": lines} for kind in kinds for _ in range(9)]
        each["outcomes"] = failed if each["verdict"] == "fail" else []
    root = ET.fromstring(junit(many))  # noqa: S314 - this kit wrote it
    (text,) = [each.text or "" for each in root.iter("failure")]
    assert text.count("\n".join(lines)) == 3
    assert text.count("9 failures: it is ") == 3
    assert text.count("… and 6 more in verdict.json") == 3
    assert text.endswith("9 failures of other kinds are in verdict.json.")


def test_line_for_a_ticket() -> None:
    """One line says what was judged, how it ended with its counts, when, and by which version."""
    said = record(MIXED)
    told = line(said)
    assert "\n" not in told
    facts = ("staging", said["sentence"], "2026-11-02", "servicenow-tickets-contract 1.0.0")
    assert all(each in told for each in facts)


def test_junit_says_why() -> None:
    """A failure names its reason, its rule and its curl line; a deviation its date."""
    root = ET.fromstring(junit(record(MIXED)))  # noqa: S314 - this kit wrote it
    cases = {each.attrib["name"]: each for each in root.iter("testcase")}
    failure = cases["answer-400-model"].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "still on ticket A" in failure.attrib["message"]
    assert "/responses/400" in failure.text
    assert "curl -X PATCH" in failure.text
    skipped = cases["media-type-demanded"].find("skipped")
    assert skipped is not None
    assert DEVIATION["since"] in skipped.attrib["message"]


@given(RECORDS)
def test_written_record_satisfies_its_schema(record: dict[str, Any]) -> None:
    """`verdict.json` is the record and nothing more, and satisfies the published schema."""
    before = copy.deepcopy(record)
    with tempfile.TemporaryDirectory() as folder:
        write.write(record, Path(folder))
        written = json.loads((Path(folder) / "verdict.json").read_bytes())
    assert record == before
    assert written == _sound(record)
    assert [error.message for error in SCHEMA.iter_errors(written)] == []


def _sound(value: Any) -> Any:
    """The value with U+FFFD for each lone surrogate."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_sound(key): _sound(each) for key, each in value.items()}
    return [_sound(each) for each in value] if isinstance(value, list) else value


def test_schema_is_a_schema_and_knows_the_verdicts() -> None:
    """The schema is valid JSON Schema 2020-12, and lists the verdicts in their order."""
    jsonschema_rs.meta.validate(write.schema())
    assert write.schema()["$defs"]["verdict"]["enum"] == [str(each) for each in Verdict]


def test_schema_demands_every_member_and_no_other() -> None:
    """Each object of the schema lists its members, requires them all, and takes no other."""
    objects = [write.schema(), *_objects(write.schema())]
    assert len(objects) > 9
    for each in objects:
        assert sorted(each["required"]) == sorted(each["properties"])
        assert each["additionalProperties"] is False


def _objects(schema: Any) -> Iterator[Any]:
    children = list(schema.values()) if isinstance(schema, dict) else []
    for each in children:
        if isinstance(each, dict):
            yield from [each] * (isinstance(each.get("properties"), dict))
            yield from _objects(each)


def test_write_makes_the_folder_and_replaces(tmp_path: Path) -> None:
    """The folder is made, three files are left, and a later run replaces an earlier one's."""
    folder = tmp_path / "a" / "b"
    for kind in ({}, MIXED):
        write.write(record(kind), folder)
        assert {each.name for each in folder.iterdir()} == FILES
    assert json.loads((folder / "verdict.json").read_bytes())["exit_code"] == 2


def test_reader_of_an_earlier_file_keeps_it_whole(tmp_path: Path) -> None:
    """Files are replaced, never written over: who reads an earlier one reads it to its end."""
    write.write(record(), tmp_path / "report")
    for name in FILES:
        (tmp_path / name).hardlink_to(tmp_path / "report" / name)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    write.write(record(MIXED), tmp_path / "report")
    for name, data in before.items():
        assert (tmp_path / name).read_bytes() == data
        assert (tmp_path / "report" / name).read_bytes() != data


def test_files_follow_from_the_record_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files say nothing of the machine: neither its environment, its folder nor its time."""
    write.write(record(MIXED), tmp_path / "one")
    monkeypatch.setenv("DD_API_KEY", "a-key-of-this-machine")
    monkeypatch.chdir(tmp_path)
    write.write(record(MIXED), tmp_path / "two")
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        assert b"a-key-of-this-machine" not in (tmp_path / "two" / name).read_bytes()


def test_interrupted_write_leaves_the_earlier_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full, the earlier report stays whole and no half file is left."""
    write.write(record(), tmp_path)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(write.ReportError, match=r"cannot be written to .*: No space left"):
        write.write(record(MIXED), tmp_path)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["file", "file/below", "x" * 300])
def test_folder_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    """A folder that cannot be made or written is one sentence, not a traceback."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(write.ReportError) as caught:
        write.write(record(), tmp_path / name)
    assert str(caught.value).startswith("the report cannot be written to ")
    assert "\n" not in str(caught.value)


def test_catalogue_page_holds_every_requirement() -> None:
    """Each requirement is one entry of the catalogue's page, under who keeps it."""
    catalogue = CONTRACT.requirements
    text = requirements_page(catalogue)
    for keeper in ("Fragment", "Client", "Server"):
        part = text.split(f"## {keeper}\n")[1].split("\n## ")[0]
        kept = [each for each in catalogue.values() if each.of == keeper.lower()]
        assert part.count("\n- **") == len(kept)
        for each in kept:
            assert f"\n- **{each.level}** `{each.id}`: " in part
            assert part.count("\n  “") == sum(each.words is not None for each in kept)
            assert (f"\n  `{each.at}`" if each.at else "\n  the whole fragment") in part
