"""The verdicts as JUnit XML, for what shows test results.

One suite for each keeper and level, one case for each requirement. A deviation is a skipped case:
a property on a passing case is invisible in most viewers, and a failure would turn a run red that
exits 0. In a strict run it is a failure, as it is for the exit code. What kept the suite from its
work is an error in a suite of its own, so that a run that judged nothing does not look green.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.report.causes import Cause, Part, causes, told
from servicenow_contract.report.page import short
from servicenow_contract.text import shown

_MOST = 3
"""How many causes of a requirement are told, and how many failures of each."""
_REPEAT = 30_000
"""How many characters of shell lines."""
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(record: Mapping[str, Any]) -> bytes:
    """The whole file, in UTF-8; every character is legal in XML 1.0."""
    root = ET.Element("testsuites", name=shown(record["tool"]["name"]))
    suites: dict[str, list[Part]] = {}
    for each in record["requirements"]:
        suites.setdefault(f"{each['of']} {each['level']}", []).append(each)
    for name, requirements in suites.items():
        cases = [_case(each, strict=record["strict"]) for each in requirements]
        root.append(_suite(record, name, cases))
    if record["trouble"]:
        root.append(_suite(record, "the suite itself", [_broken(record["trouble"])]))
    _count(root, root.iter("testcase"))
    root.set("time", f"{record['seconds']:.3f}")
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _suite(record: Mapping[str, Any], name: str, cases: Sequence[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", name=shown(name), timestamp=shown(record["started"]))
    facts = {
        "target": record["target"]["name"],
        "url": record["target"]["url"] or "",
        "profile": record["profile"],
        "seed": str(record["seed"]),
        "tool": record["tool"]["version"],
        "fragment": record["fragment"]["version"],
    }
    properties = ET.SubElement(suite, "properties")
    for key, value in facts.items():
        ET.SubElement(properties, "property", name=key, value=shown(short(value)))
    suite.extend(cases)
    _count(suite, cases)
    suite.set("time", f"{sum(float(each.get('time', 0)) for each in cases):.3f}")
    return suite


def _count(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    listed = list(cases)
    element.set("tests", str(len(listed)))
    for name, kind in _COUNTED.items():
        element.set(name, str(sum(each.find(kind) is not None for each in listed)))


def _case(requirement: Part, *, strict: bool) -> ET.Element:
    case = ET.Element(
        "testcase",
        name=shown(requirement["id"]),
        classname=shown(f"{requirement['of']}.{requirement['level']}"),
        time=f"{sum(each['seconds'] for each in requirement['outcomes']):.3f}",
    )
    match verdict := Verdict(requirement["verdict"]):
        case Verdict.ERROR:
            _result(case, "error", requirement)
        case Verdict.FAIL:
            _result(case, "failure", requirement)
        case Verdict.DEVIATES:
            _result(case, "failure" if strict else "skipped", requirement)
        case Verdict.NOT_RUN:
            ET.SubElement(case, "skipped", message=_message(requirement), type=verdict)
        case Verdict.PASS:
            pass
    return case


def _result(case: ET.Element, kind: str, requirement: Part) -> None:
    """What a viewer shows: the first reason as message, then statement, rule, and each cause."""
    element = ET.SubElement(case, kind, message=_message(requirement), type=requirement["verdict"])
    found = causes([requirement], {Verdict(requirement["verdict"])})
    lines = [
        f"{requirement['level']}: {requirement['statement']}",
        f"in the fragment: {requirement['at'] or 'all of it'}",
        *([f"Datadog's page: {requirement['words']}"] if requirement["words"] else []),
        *(requirement["reasons"][:_MOST] if not found else ()),
    ]
    element.text = shown("\n".join(map(short, lines)))
    for cause in found[:_MOST]:
        element.text += "\n\n" + shown("\n".join(_cause(cause)))
    if rest := sum(each.count for each in found[_MOST:]):
        element.text += f"\n\n{rest} failures of other kinds are in verdict.json."


def _cause(cause: Cause) -> Iterator[str]:
    """A cause: how often, some failures, and the shell lines that repeat the first."""
    if cause.count > 1:
        yield cause.title
    for _, outcome in cause.found[:_MOST]:
        yield short(told(outcome))
    if rest := cause.found[_MOST:]:
        yield f"… and {len(rest)} more in verdict.json"
    outcome = cause.found[0][1]
    lines = outcome["repeat"] or [each["curl"] for each in outcome["exchanges"][-1:]]
    if sum(map(len, lines)) > _REPEAT:
        yield f"(after {len(lines) - 1} other shell lines; verdict.json lists them)"
        lines = [each for each in lines[-1:] if len(each) <= _REPEAT]
    yield from lines


def _message(requirement: Part) -> str:
    deviation = requirement["deviation"]
    if requirement["verdict"] == Verdict.DEVIATES and deviation:
        return shown(short(f"known since {deviation['since']}: {deviation['statement']}"))
    return shown(short(next(iter(requirement["reasons"]), "")))


def _broken(trouble: Sequence[str]) -> ET.Element:
    case = ET.Element("testcase", name="finishes its work", classname="suite", time="0.000")
    error = ET.SubElement(case, "error", message=shown(short(trouble[0])), type=Verdict.ERROR)
    error.text = shown("\n".join(map(short, trouble)))
    return case
