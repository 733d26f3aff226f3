"""The client's mutants: where each edit of its code applies, and what is left out and why."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import libcst as cst
from attrs import field, frozen
from libcst import metadata

from upkeep.mutation.client.edits import edits
from upkeep.paths import ROOT

PACKAGE = ROOT / "generated_client" / "datadog_servicenow_tickets"
LEFT_OUT: Mapping[str, str] = {
    "annotation": "Types are not behaviour: mypy --strict and pyright hold them.",
    "type alias": "As above; most would only break the import.",
    "type checking": "Code below `if TYPE_CHECKING` never runs.",
    "__all__": "One test compares it with the names that there are: a mutant of each name would"
    " prove that test a hundred times.",
    "template": "Rendered models are alike: what a template makes of each is mutated in one.",
    "len or isinstance": "Without its argument such a call is a TypeError wherever it is reached.",
}
"""The kinds of place that are not mutated, each with its reason."""
_ALIAS = re.compile("_?[A-Z][A-Za-z]*[a-z][A-Za-z]*|[A-Z]")


@frozen
class CodePlace:
    """Where a mutant changes the code."""

    module: str
    """Below the package, with dots."""
    within: str
    """The function, class or name, such as `RetryPolicy.wait`; empty for the module itself."""
    line: int
    last_line: int
    function: tuple[str, int] | None
    """The outermost function, by qualified name and first line, when only its body is changed."""


@frozen
class ClientMutant:
    """The client with one place of its code changed."""

    name: str
    place: CodePlace
    old: str
    new: str
    start: int = field(repr=False)
    end: int = field(repr=False)

    @property
    def change(self) -> str:
        """What becomes what, in one line."""
        return f"{_line(self.old)} → {_line(self.new)}"

    @property
    def sentence(self) -> str:
        """What it does, in one sentence."""
        where = f"line {self.place.line} of {self.place.module.replace('.', '/')}.py"
        return f"Says `{_line(self.new)}` for `{_line(self.old)}` in {where}."

    def source(self) -> str:
        """The module's changed text."""
        text = path(self.place.module).read_bytes()
        return (text[: self.start] + self.new.encode() + text[self.end :]).decode()


def _line(code: str) -> str:
    words = " ".join(code.split())
    return words if len(words) <= 120 else f"{words[:119]}…"


def path(module: str) -> Path:
    """The file of a module."""
    return PACKAGE / f"{module.replace('.', '/')}.py"


def modules() -> list[str]:
    """Every module of the client, in order."""
    found = (file.relative_to(PACKAGE).with_suffix("") for file in PACKAGE.rglob("*.py"))
    return sorted(str(file).replace("/", ".") for file in found)


def of_module(module: str) -> tuple[Mapping[str, ClientMutant], Counter[str]]:
    """The mutants of a module by name, and how many edits were left out, by kind."""
    text = path(module).read_text(encoding="utf-8")
    wrapper = metadata.MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    visitor = _Visitor(module, wrapper.module, text.encode())
    wrapper.visit(visitor)
    return visitor.found, visitor.left_out


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (metadata.PositionProvider, metadata.ByteSpanPositionProvider)

    def __init__(self, module: str, tree: cst.Module, text: bytes) -> None:
        super().__init__()
        self.found: dict[str, ClientMutant] = {}
        self.left_out: Counter[str] = Counter()
        self._module = module
        self._tree = tree
        self._text = text
        self._names: list[tuple[cst.CSTNode, str]] = []
        self._functions: list[tuple[str, cst.FunctionDef]] = []
        self._skipped: list[tuple[cst.CSTNode, str]] = []
        self._numbers: Counter[str] = Counter()

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Write down the mutants of a node."""
        name = _named(node, in_function=bool(self._functions))
        if name is not None:
            self._names.append((node, name))
        reason = _reason(node)
        if reason is not None:
            self._skipped.append((node, reason))
        if isinstance(node, cst.FunctionDef):
            self._functions.append((self._within(), node))
        for verb, old, new in edits(node):
            if self._skipped:
                self.left_out[self._skipped[0][1]] += 1
            else:
                self._add(verb, old, new)
        return True

    def on_leave(self, node: cst.CSTNode) -> None:
        """Leave what was entered."""
        if self._functions and self._functions[-1][1] is node:
            self._functions.pop()
        if self._skipped and self._skipped[-1][0] is node:
            self._skipped.pop()
        if self._names and self._names[-1][0] is node:
            self._names.pop()

    def _within(self) -> str:
        return ".".join(name for _, name in self._names)

    def _add(self, verb: str, old: cst.CSTNode, new: cst.CSTNode) -> None:
        span = self.get_metadata(metadata.ByteSpanPositionProvider, old)
        lines = self.get_metadata(metadata.PositionProvider, old)
        end = span.start + span.length
        within = self._within()
        key = f"{self._module}:{within or 'module'}:{verb}"
        self._numbers[key] += 1
        name = f"{key}:{self._numbers[key]}"
        place = CodePlace(
            self._module, within, lines.start.line, lines.end.line, self._function(span.start)
        )
        was = self._text[span.start : end].decode()
        self.found[name] = ClientMutant(
            name, place, was, self._tree.code_for_node(new), span.start, end
        )

    def _function(self, start: int) -> tuple[str, int] | None:
        """The function whose body alone is changed."""
        if not self._functions:
            return None
        name, outermost = self._functions[0]
        body = self.get_metadata(metadata.ByteSpanPositionProvider, outermost.body)
        first = outermost.decorators[0] if outermost.decorators else outermost
        if start < body.start:
            return None
        return name, self.get_metadata(metadata.PositionProvider, first).start.line


def _named(node: cst.CSTNode, *, in_function: bool) -> str | None:
    """The name that a node gives to what stands in it."""
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        return node.name.value
    target = None
    if isinstance(node, cst.Assign) and len(node.targets) == 1:
        target = node.targets[0].target
    elif isinstance(node, cst.AnnAssign):
        target = node.target
    return target.value if isinstance(target, cst.Name) and not in_function else None


def _reason(node: cst.CSTNode) -> str | None:
    """Why a node and what stands in it is not mutated."""
    reason = None
    match node:
        case cst.Annotation():
            reason = "annotation"
        case cst.Call(func=cst.Name(value="len" | "isinstance")):
            reason = "len or isinstance"
        case cst.If(test=cst.Name(value="TYPE_CHECKING")):
            reason = "type checking"
        case (
            cst.AnnAssign(annotation=cst.Annotation(annotation=cst.Name(value="TypeAlias")))
            | cst.Call(func=cst.Name(value="TypeVar"))
        ):
            reason = "type alias"
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="__all__")), *_]):
            reason = "__all__"
        case cst.Assign(
            targets=[cst.AssignTarget(target=cst.Name(value=name))],
            value=cst.Subscript() | cst.BinaryOperation() | cst.Call(),
        ) if _ALIAS.fullmatch(name):
            reason = "type alias"
    return reason
