"""All lints, over one program."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from tutorkit.tutoring.programming.lints import functions, loops
from tutorkit.tutoring.programming.lints.finding import Finding
from tutorkit.tutoring.programming.results import Fault

_LINTS: tuple[Callable[[ast.Module], Iterator[Finding]], ...] = (
    loops.off_by_one,
    loops.return_in_loop,
    loops.loop_variable_reused,
    loops.changes_while_iterating,
    loops.overwrites_total,
    loops.condition_never_changes,
    functions.mutable_default,
    functions.missing_return,
    functions.no_effect,
    functions.shadowed_builtin,
    functions.no_base_case,
    functions.divisions,
)
_CONDITION = re.compile(r"^\s*(?:if|elif|while)\b[^=!<>]*[^=!<>:]=[^=]")


def findings_in(code: str, *, fault: Fault | None = None) -> tuple[Finding, ...]:
    """Look through a program for slips.

    Args:
        code: the program.
        fault: what kept it from being read, where it is no Python.

    Returns:
        The findings, the surest first, one of a kind at a line.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _unread(code, fault)
    found = {(each.kind, each.line): each for lint in _LINTS for each in lint(tree)}
    return tuple(sorted(found.values(), key=lambda each: (-each.sureness, each.line, each.kind)))


def _unread(code: str, fault: Fault | None) -> tuple[Finding, ...]:
    """Find a single equals sign in a condition: Python says of it only that it cannot be read."""
    lines = code.splitlines()
    if fault is None or fault.line is None or fault.line > len(lines) or not _CONDITION.search(lines[fault.line - 1]):
        return ()
    return (Finding(kind="assign_in_condition", line=fault.line, sureness=1.0),)
