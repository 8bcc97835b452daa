"""Slips in loops."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tutorkit.tutoring.programming.lints.finding import Finding, called, names_read, names_set

_CHANGING = frozenset({"append", "insert", "remove", "pop", "clear", "extend", "add", "discard", "update"})


def off_by_one(tree: ast.Module) -> Iterator[Finding]:
    """A range, or a condition of a while, that leaves out or passes an end of the sequence it indexes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and called(node.iter, "range"):
            yield from _range(node)
        if isinstance(node, ast.While) and isinstance(node.test, ast.Compare):
            yield from _while(node, node.test)


def _range(loop: ast.For) -> Iterator[Finding]:
    assert isinstance(loop.iter, ast.Call)
    bounds = loop.iter.args
    if not bounds or not isinstance(loop.target, ast.Name):
        return
    last = bounds[0] if len(bounds) == 1 else bounds[1]
    first = bounds[0] if len(bounds) > 1 else None
    neighbours = _looks_beside(loop, loop.target.id)
    if _length_and(last, ast.Sub) and not neighbours:
        yield Finding(kind="off_by_one", line=loop.lineno, sureness=0.7)
    elif _length_and(last, ast.Add):
        yield Finding(kind="off_by_one", line=loop.lineno, sureness=0.8)
    elif first is not None and _is_number(first, 1):
        if called(last, "len") and not neighbours and not _begins_with_first(loop):
            yield Finding(kind="off_by_one", line=loop.lineno, sureness=0.4)
        elif isinstance(last, ast.Name):
            # Up to n, n left out: sometimes that is what is meant.
            yield Finding(kind="off_by_one", line=loop.lineno, sureness=0.3)


def _while(loop: ast.While, test: ast.Compare) -> Iterator[Finding]:
    operator, bound = test.ops[0], test.comparators[0]
    if not isinstance(test.left, ast.Name):
        return
    index = test.left.id
    if isinstance(operator, ast.LtE) and called(bound, "len"):
        yield Finding(kind="off_by_one", line=loop.lineno, sureness=0.8)
    elif isinstance(operator, ast.Lt) and _length_and(bound, ast.Sub) and not _looks_beside(loop, index):
        yield Finding(kind="off_by_one", line=loop.lineno, sureness=0.7)
    elif isinstance(operator, ast.Gt) and _is_number(bound, 0) and _indexes_with(loop, index):
        yield Finding(kind="off_by_one", line=loop.lineno, sureness=0.6)


def return_in_loop(tree: ast.Module) -> Iterator[Finding]:
    """A return that ends a loop in its first round, most often one that was indented too far."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While):
            last = node.body[-1]
            if isinstance(last, ast.Return):
                yield Finding(kind="return_in_loop", line=last.lineno, sureness=0.9)
            elif isinstance(last, ast.If) and last.orelse and isinstance(last.orelse[-1], ast.Return):
                yield Finding(kind="return_in_loop", line=last.orelse[-1].lineno, sureness=0.6)


def loop_variable_reused(tree: ast.Module) -> Iterator[Finding]:
    """A loop whose variable is given another value inside, by an inner loop or an assignment."""
    for outer in ast.walk(tree):
        if not isinstance(outer, ast.For) or not isinstance(outer.target, ast.Name):
            continue
        name = outer.target.id
        for inner in (each for statement in outer.body for each in ast.walk(statement)):
            if isinstance(inner, ast.For) and isinstance(inner.target, ast.Name) and inner.target.id == name:
                yield Finding(kind="loop_variable_reused", line=inner.lineno, sureness=0.8)
            if isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name) and inner.target.id == name:
                yield Finding(kind="loop_variable_reused", line=inner.lineno, sureness=0.6)


def changes_while_iterating(tree: ast.Module) -> Iterator[Finding]:
    """A list that is changed while a loop goes through it."""
    for loop in ast.walk(tree):
        if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Name):
            continue
        name = loop.iter.id
        for each in (inner for statement in loop.body for inner in ast.walk(statement)):
            if _changes(each, name):
                yield Finding(kind="changes_while_iterating", line=each.lineno, sureness=0.9)  # type: ignore[attr-defined]


def overwrites_total(tree: ast.Module) -> Iterator[Finding]:
    """A total that begins empty before a loop, and is overwritten in each round rather than added to."""
    for block in (node.body for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Module)):
        empty = {target for statement in block for target in _emptied(statement)}
        for loop in (each for each in block if isinstance(each, ast.For | ast.While)):
            for statement in loop.body:
                match statement:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in empty:
                        others = [each for each in loop.body if each is not statement]
                        if name not in names_read(value) and not any(name in names_read(each) for each in others):
                            yield Finding(kind="overwrites_total", line=statement.lineno, sureness=0.7)


def condition_never_changes(tree: ast.Module) -> Iterator[Finding]:
    """A while loop in which nothing that its condition reads is ever changed."""
    for loop in ast.walk(tree):
        if not isinstance(loop, ast.While) or isinstance(loop.test, ast.Constant):
            continue
        leaves = any(isinstance(each, ast.Return | ast.Break | ast.Raise) for each in ast.walk(loop))
        calls = any(isinstance(each, ast.Call) and not called(each, "len") for each in ast.walk(loop.test))
        changed = set[str]().union(*(names_set(statement) for statement in loop.body))
        if not leaves and not calls and not names_read(loop.test) & changed:
            yield Finding(kind="condition_never_changes", line=loop.lineno, sureness=0.6)


def _emptied(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=0 | 1 | "" | 0.0)):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[])):
            return [name]
    return []


def _changes(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=changed), attr=how)):
            return changed == name and how in _CHANGING
        case ast.Delete(targets=[ast.Subscript(value=ast.Name(id=changed))]):
            return changed == name
    return False


def _length_and(node: ast.AST, operator: type[ast.operator]) -> bool:
    """Tell whether it is len(…) - 1 or the like."""
    match node:
        case ast.BinOp(left=left, op=op, right=ast.Constant(value=1)):
            return called(left, "len") and isinstance(op, operator)
    return False


def _is_number(node: ast.AST, value: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _looks_beside(loop: ast.For | ast.While, index: str) -> bool:
    """Tell whether items beside the current one are used: then the ends are left out for a reason."""
    for node in (each for statement in loop.body for each in ast.walk(statement)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.BinOp) and index in names_read(node.slice):
            return True
    return False


def _indexes_with(loop: ast.While, index: str) -> bool:
    inside = (each for statement in loop.body for each in ast.walk(statement))
    return any(isinstance(each, ast.Subscript) and index in names_read(each.slice) for each in inside)


def _begins_with_first(loop: ast.For) -> bool:
    """Tell whether the loop compares, and so may well go on from what began with item 0."""
    compared = [each for statement in loop.body for each in ast.walk(statement) if isinstance(each, ast.Compare)]
    return any(isinstance(operator, ast.Gt | ast.Lt | ast.GtE | ast.LtE) for each in compared for operator in each.ops)
