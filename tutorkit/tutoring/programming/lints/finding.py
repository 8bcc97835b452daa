"""What a lint says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tutorkit.types import Record

FindingKind = Literal[
    "off_by_one",
    "mutable_default",
    "missing_return",
    "prints_instead",
    "assign_in_condition",
    "no_effect",
    "shadowed_builtin",
    "no_base_case",
    "return_in_loop",
    "whole_division",
    "broken_division",
    "loop_variable_reused",
    "changes_while_iterating",
    "overwrites_total",
    "condition_never_changes",
]


class Finding(Record):
    """A slip that may be one: its kind, the line, from 1, and how sure it is that it is what is wrong, 0 to 1.

    It is a hint where to look in a program that fails its tests, and nothing in one that passes them.
    """

    kind: FindingKind
    line: int = Field(ge=1)
    sureness: float = Field(ge=0, le=1)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    """Return every function, also one inside another."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def names_read(node: ast.AST) -> set[str]:
    """Return the names whose values are used somewhere in it."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def names_set(node: ast.AST) -> set[str]:
    """Return the names that are given a value somewhere in it; those whose insides are changed count as well."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            found.add(each.id)
        # items.pop() and items[0] = 1 change what a condition such as len(items) > 0 reads.
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            found.add(each.value.id)
        if isinstance(each, ast.Subscript) and not isinstance(each.ctx, ast.Load) and isinstance(each.value, ast.Name):
            found.add(each.value.id)
    return found


def called(node: ast.AST, name: str) -> bool:
    """Tell whether a node is a call of a function of that name."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
