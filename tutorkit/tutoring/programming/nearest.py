"""The right solution that is most like a learner's program, and where the two differ.

Statements are compared by their form: names of variables do not count, ``x += 1`` is ``x = x + 1``, and how deep a
statement stands does.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LIKE_ENOUGH = 0.5
_GAP = 0.5


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A right solution, how like it the program is, 0 to 1, and the learner's lines that differ, each with a weight.

    A line that stands otherwise in the solution weighs 1; one after which something is missing, one half.
    """

    solution: str
    likeness: float
    lines: Mapping[int, float]


def nearest(code: str, solutions: Sequence[str]) -> Difference | None:
    """Return the nearest solution; None when none is like enough, or the program cannot be read."""
    own = _forms(code)
    if own is None:
        return None
    found: Difference | None = None
    for solution in solutions:
        other = _forms(solution)
        if other is None:
            continue
        matcher = SequenceMatcher(None, [form for form, _ in own], [form for form, _ in other], autojunk=False)
        if matcher.ratio() >= LIKE_ENOUGH and (found is None or matcher.ratio() > found.likeness):
            found = Difference(solution=solution, likeness=matcher.ratio(), lines=_lines(matcher, own))
    return found


def _lines(matcher: SequenceMatcher[str], own: Sequence[tuple[str, int]]) -> Mapping[int, float]:
    lines: dict[int, float] = {}
    for tag, start, end, _, _ in matcher.get_opcodes():
        if tag in ("replace", "delete"):
            for _, line in own[start:end]:
                lines[line] = 1.0
        elif tag == "insert" and own:
            before = own[max(start - 1, 0)][1]
            lines[before] = max(lines.get(before, 0.0), _GAP)
    return lines


def _forms(code: str) -> list[tuple[str, int]] | None:
    """Return the form of each statement, with its line, in the order of the text; None when it is no Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: list[tuple[str, int]] = []
    _collect(tree.body, 0, found, _variables(tree))
    return found


def _collect(body: Sequence[ast.stmt], depth: int, found: list[tuple[str, int]], names: frozenset[str]) -> None:
    for statement in body:
        found.append((f"{depth} {_head(statement, names)}", statement.lineno))
        for part in ("body", "orelse", "finalbody"):
            inner = getattr(statement, part, None)
            if isinstance(inner, list):
                _collect(inner, depth + 1, found, names)


def _head(statement: ast.stmt, names: frozenset[str]) -> str:
    """Return a statement without what is indented below it, and without its names."""
    if isinstance(statement, ast.FunctionDef):
        return f"def {statement.name}"
    plain = ast.unparse(_Blank(names).visit(ast.parse(ast.unparse(statement)).body[0]))
    return plain.splitlines()[0]


def _variables(tree: ast.Module) -> frozenset[str]:
    stored = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)}
    return frozenset(stored | {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)})


class _Blank(ast.NodeTransformer):
    """Takes away names of variables, and writes ``x += 1`` out."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(id="_" if node.id in self.names else node.id, ctx=node.ctx), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        left = ast.Name(id="_", ctx=ast.Load())
        value = ast.BinOp(left=left, op=node.op, right=node.value)
        return ast.fix_missing_locations(ast.copy_location(ast.Assign(targets=[node.target], value=value), node))
