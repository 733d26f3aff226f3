"""The edits of the client's code: mutmut's operators, and ours for what those leave alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import libcst as cst
import libcst.matchers as m
from mutmut.mutation import mutators

Edit = Callable[[Any], Iterable[cst.CSTNode]]

VERBS: Mapping[str, str] = {
    "operator_number": "bends_a_number",
    "operator_string": "bends_a_text",
    "operator_name": "turns_a_truth",
    "operator_assignment": "assigns_nothing",
    "operator_augmented_assignment": "assigns_without_adding",
    "operator_remove_unary_ops": "drops_a_not",
    "operator_dict_arguments": "renames_a_member",
    "operator_arg_removal": "spoils_an_argument",
    "operator_symmetric_string_methods_swap": "swaps_a_method",
    "operator_unsymmetrical_string_methods_swap": "swaps_a_method",
    "operator_lambda": "empties_a_lambda",
    "operator_keywords": "swaps_a_keyword",
    "operator_swap_op": "swaps_an_operator",
    "operator_match": "drops_a_match",
    "operator_if_exp": "decides_beforehand",
}
"""What each of mutmut's operators does, as the verb of a mutant's name."""
_NEGATED = (cst.Equal, cst.NotEqual, cst.Is, cst.IsNot, cst.In, cst.NotIn)
"""The comparisons of which mutmut writes the opposite."""


def _drop(node: cst.Expr | cst.Del | cst.Raise) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Expr) and not m.matches(node.value, m.Call() | m.Await()):
        return  # a docstring, a yield
    yield cst.Pass()


def _return(node: cst.Return) -> Iterator[cst.CSTNode]:
    if node.value is not None and not m.matches(node.value, m.Name("None")):
        yield node.with_changes(value=cst.Name("None"))


def _negate(node: cst.If | cst.While | cst.CompIf) -> Iterator[cst.CSTNode]:
    test = node.test
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return  # mutmut drops the `not`
    if isinstance(test, cst.Comparison) and isinstance(test.comparisons[0].operator, _NEGATED):
        return
    held = test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield cst.UnaryOperation(cst.Not(), held)


def _leave_out(node: cst.Tuple | cst.List | cst.Set | cst.Dict) -> Iterator[cst.CSTNode]:
    elements = list(node.elements)
    for index in range(len(elements)):
        rest = elements[:index] + elements[index + 1 :]
        if rest or not isinstance(node, cst.Set):
            yield _displayed(node, rest)
        else:
            yield cst.parse_expression("set()")


def _displayed(node: Any, elements: list[Any]) -> cst.CSTNode:
    if isinstance(node, cst.Tuple):
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        elements = [each.with_changes(comma=comma) for each in elements]
        node = node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    made: cst.CSTNode = node.with_changes(elements=elements)
    return made


def _catch_nothing(node: cst.ExceptHandler) -> Iterator[cst.CSTNode]:
    if node.type is not None:
        yield cst.Tuple([])


def _bend_part(node: cst.FormattedStringText) -> Iterator[cst.CSTNode]:
    yield node.with_changes(value=f"XX{node.value}XX")


_OURS: tuple[tuple[tuple[type[cst.CSTNode], ...], str, Edit, str | None], ...] = (
    ((cst.Expr, cst.Del, cst.Raise), "drops_a_statement", _drop, None),
    ((cst.Return,), "returns_nothing", _return, None),
    ((cst.If, cst.While, cst.CompIf), "negates_a_condition", _negate, "test"),
    ((cst.Tuple, cst.List, cst.Set, cst.Dict), "leaves_out_an_item", _leave_out, None),
    ((cst.ExceptHandler,), "catches_nothing", _catch_nothing, "type"),
    ((cst.FormattedStringText,), "bends_a_text", _bend_part, None),
)
"""Kinds of node, the verb, the edit, and the part of the node that it replaces."""


def edits(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode, cst.CSTNode]]:
    """Every edit of one node, as its verb, what it replaces, and by what."""
    for kind, operator in mutators.mutation_operators:
        if isinstance(node, kind):
            for new in operator(node):
                yield VERBS[operator.__name__], node, new
    for kinds, verb, edit, part in _OURS:
        if isinstance(node, kinds):
            for new in edit(node):
                yield verb, node if part is None else getattr(node, part), new
