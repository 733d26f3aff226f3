"""The verdicts as JUnit XML, for what shows test results.

One suite for each keeper and level, one case for each requirement. A deviation is a skipped case:
a property on a passing case is invisible in most viewers, and a failure would turn a run red that
exits 0. In a strict run it is a failure, as it is for the exit code. What kept the suite from its
work is an error in a suite of its own, so that a run that judged nothing does not look green.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.report.page import Part, short
from servicenow_contract.text import shown

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
    """What a viewer shows: the first reason as message, then statement, rule, reasons and curl."""
    element = ET.SubElement(case, kind, message=_message(requirement), type=requirement["verdict"])
    curls = [
        exchange["curl"]
        for outcome in requirement["outcomes"]
        if outcome["verdict"] == requirement["verdict"]
        for exchange in outcome["exchanges"][-1:]
    ]
    lines = [
        f"{requirement['level']}: {requirement['statement']}",
        f"rule: {requirement['at'] or 'the whole fragment'}",
        *([f"the page: {requirement['words']}"] if requirement["words"] else []),
        *requirement["reasons"],
        *dict.fromkeys(curls[:3]),
    ]
    element.text = shown("\n".join(map(short, lines)))


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
