"""Slips in functions, names and single statements."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from tutorkit.tutoring.programming.lints.finding import Finding, Function, called, functions

_BUILTINS = frozenset(name for name in dir(builtins) if name.islower() and not name.startswith("_"))


def mutable_default(tree: ast.Module) -> Iterator[Finding]:
    """A parameter whose default is a list, dictionary or set: one for all calls."""
    for function in functions(tree):
        for default in (*function.args.defaults, *function.args.kw_defaults):
            fresh = default is not None and any(called(default, name) for name in ("list", "dict", "set"))
            if isinstance(default, ast.List | ast.Dict | ast.Set) or fresh:
                assert default is not None
                yield Finding(kind="mutable_default", line=default.lineno, sureness=0.8)


def missing_return(tree: ast.Module) -> Iterator[Finding]:
    """A function that gives nothing back, or not on every way through it; or prints what it should give back."""
    for function in functions(tree):
        own = list(_own(function))
        giving = [each for each in own if isinstance(each, ast.Return) and each.value is not None]
        prints = [each for each in own if called(each, "print")]
        if not giving and prints:
            yield Finding(kind="prints_instead", line=prints[-1].lineno, sureness=0.9)  # type: ignore[attr-defined]
        elif not giving and not any(isinstance(each, ast.Yield | ast.YieldFrom) for each in own):
            if isinstance(function.body[-1], ast.Raise):
                continue
            yield Finding(kind="missing_return", line=_last_line(function), sureness=0.8)
        elif giving and not _always_leaves(function.body):
            yield Finding(kind="missing_return", line=_last_line(function), sureness=0.4)


def no_effect(tree: ast.Module) -> Iterator[Finding]:
    """A comparison or a calculation whose result nobody takes: most often an assignment that was meant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(
            node.value, ast.Compare | ast.BinOp | ast.UnaryOp | ast.Name | ast.Subscript | ast.Attribute
        ):
            yield Finding(kind="no_effect", line=node.lineno, sureness=0.9)


def shadowed_builtin(tree: ast.Module) -> Iterator[Finding]:
    """A name of Python's own that is given another meaning, and called all the same."""
    for function in functions(tree):
        parameters = {each.arg for each in function.args.args}
        stored = {each.id: each for each in ast.walk(function) if _is_stored(each)}  # type: ignore[attr-defined]
        taken = (parameters | set(stored)) & _BUILTINS
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in taken:
                yield Finding(kind="shadowed_builtin", line=node.lineno, sureness=0.8)


def no_base_case(tree: ast.Module) -> Iterator[Finding]:
    """A function that calls itself with what it was called with, or on every way through it."""
    for function in functions(tree):
        recursive = [each for each in ast.walk(function) if called(each, function.name)]
        parameters = [each.arg for each in function.args.args]
        for call in recursive:
            assert isinstance(call, ast.Call)
            same = [each.id for each in call.args if isinstance(each, ast.Name)]
            if parameters and same == parameters and len(call.args) == len(parameters):
                yield Finding(kind="no_base_case", line=call.lineno, sureness=0.9)
        if recursive and not _leaves_without(function):
            yield Finding(kind="no_base_case", line=function.lineno, sureness=0.7)


def divisions(tree: ast.Module) -> Iterator[Finding]:
    """A whole-number division where a fraction is wanted, or a fraction where a whole number is."""
    for node in ast.walk(tree):
        match node:
            case ast.Return(value=ast.BinOp(op=ast.FloorDiv(), right=right)) if called(right, "len"):
                yield Finding(kind="whole_division", line=node.lineno, sureness=0.7)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=left), op=ast.Div())):
                if name == left:
                    yield Finding(kind="broken_division", line=node.lineno, sureness=0.7)
            case ast.AugAssign(op=ast.Div()):
                yield Finding(kind="broken_division", line=node.lineno, sureness=0.5)
            case ast.Subscript(slice=ast.BinOp(op=ast.Div())):
                yield Finding(kind="broken_division", line=node.lineno, sureness=0.9)
            case ast.Call(func=ast.Name(id="range"), args=bounds):
                if any(isinstance(each, ast.BinOp) and isinstance(each.op, ast.Div) for each in bounds):
                    yield Finding(kind="broken_division", line=node.lineno, sureness=0.9)


def _own(function: Function) -> Iterator[ast.AST]:
    """Return what is inside a function, but not inside a function in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def _always_leaves(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.Return | ast.Raise):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and _always_leaves(last.body) and _always_leaves(last.orelse)
    if isinstance(last, ast.While):
        return isinstance(last.test, ast.Constant) and bool(last.test.value)
    if isinstance(last, ast.Try | ast.With):
        return _always_leaves(last.body)
    return False


def _leaves_without(function: Function) -> bool:
    """Tell whether there is a way out that does not call the function again."""
    returns = [each for each in _own(function) if isinstance(each, ast.Return)]
    chooses = any(isinstance(each, ast.IfExp | ast.BoolOp) for each in _own(function))
    plain = [each for each in returns if not any(called(inner, function.name) for inner in ast.walk(each))]
    falls = any(isinstance(each, ast.If) for each in _own(function)) and not _always_leaves(function.body)
    return bool(plain) or chooses or falls


def _last_line(function: Function) -> int:
    return function.body[-1].end_lineno or function.body[-1].lineno


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
