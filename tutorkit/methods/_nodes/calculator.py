"""A calculator with variables: where a student's actions are done, without running any code."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

ACTION = ">>> "
"""In a step, the line with the action begins so; what came of it stands in the next line."""

LONGEST = 200
"""Most characters of an action."""

_LARGEST = 10**40
_LARGEST_POWER = 12
_TOKEN = re.compile(r"\d+(?:\.\d+)?|\.\d+|[A-Za-z_]\w*|[-+*/^()=]|(?P<other>\S)")
_OPERATORS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Sandbox(Protocol):
    """A state in which actions are done.

    It never changes: an action gives another one. So every sandbox is a snapshot, and to go back to it is to use it
    again. Nothing that a truncated step did can be left over.
    """

    def act(self, action: str) -> tuple[str, Sandbox]:
        """Do an action, and return what came of it and the state after it. A fault is an observation, too."""
        ...


@dataclass(frozen=True)
class Calculator:
    """Works out ``EXPRESSION`` and ``NAME = EXPRESSION`` exactly, with ``+ - * / ^`` and parentheses."""

    variables: Mapping[str, Fraction] = field(default_factory=dict)

    def act(self, action: str) -> tuple[str, Calculator]:
        """Calculate; a variable that is not defined, like all else that cannot be done, is said and changes nothing."""
        name, equals, expression = action.rpartition("=")
        name = name.strip()
        try:
            if equals and not name.isidentifier():
                raise ValueError(f"{name or 'nothing'} cannot be given a value")
            value = self._value(_parsed(expression))
        except SyntaxError:
            return "error: this is no expression", self
        except ZeroDivisionError:
            return "error: division by zero", self
        except ValueError as error:
            return f"error: {error}", self
        if not equals:
            return str(value), self
        return f"{name} = {value}", Calculator({**self.variables, name: value})

    def _value(self, node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                value = Fraction(str(number))
            case ast.Name(id=name):
                if name not in self.variables:
                    raise ValueError(f"{name} is not defined")
                value = self.variables[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = -self._value(operand)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                value = _power(self._value(left), self._value(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                value = _OPERATORS[type(op)](self._value(left), self._value(right))
            case _:
                raise ValueError("only numbers, variables, + - * / ^ and parentheses are known")
        if max(abs(value.numerator), value.denominator) > _LARGEST:
            raise ValueError("the number is too large")
        return value


def stepped(sandbox: Sandbox, thought: str, action: str | None) -> tuple[str, Sandbox]:
    """Do a step: return its text, with the action and what came of it where there is one, and the state after it."""
    # A thought that looks like an action was not done, and must not be when the steps are done again.
    thought = " ".join(thought.split()).removeprefix(ACTION.strip()).strip()
    action = " ".join((action or "").split())
    if not action:
        return thought, sandbox
    observation, after = sandbox.act(action)
    return "\n".join([*([thought] if thought else []), ACTION + action, observation]), after


def redone(sandbox: Sandbox, steps: Sequence[str]) -> Sandbox:
    """Return the state after these steps. To do them again gives the same, so a resumed run needs no stored state."""
    for step in steps:
        for line in step.splitlines():
            if line.startswith(ACTION):
                sandbox = sandbox.act(line.removeprefix(ACTION))[1]
    return sandbox


def _parsed(expression: str) -> ast.expr:
    if len(expression) > LONGEST:
        raise ValueError(f"an action has at most {LONGEST} characters")
    matches = list(_TOKEN.finditer(expression))
    if strange := next((match["other"] for match in matches if match["other"]), None):
        raise ValueError(f"{strange} is not known")
    parts = [match.group() for match in matches]
    return ast.parse(" ".join("**" if part == "^" else part for part in parts), mode="eval").body


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > _LARGEST_POWER:
        raise ValueError(f"a power is a whole number up to {_LARGEST_POWER}")
    return Fraction(base ** int(exponent))
