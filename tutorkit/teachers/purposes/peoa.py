"""What PEOA asks of a meta-agent: to plan, to choose experts, to mend calls, to put results together.

The rule-based one plans calculations: it reads the expressions off the item, one for each part.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.errors import DataError
from tutorkit.misconceptions import parts_of
from tutorkit.misconceptions.domains.addition import Addition
from tutorkit.misconceptions.domains.fractions import Fractions
from tutorkit.misconceptions.domains.order import Order
from tutorkit.misconceptions.domains.percent import Percent
from tutorkit.misconceptions.domains.signs import Negation
from tutorkit.misconceptions.domains.subtraction import Subtraction
from tutorkit.misconceptions.items import Part
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said

_CALCULATOR = "calculator"
_OPENING = "Work out "


def _decompose(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    problem = inputs["problem"]
    item = problem.get("item") if isinstance(problem, dict) else None
    try:
        parts = parts_of(item) if isinstance(item, dict) else ()
    except DataError:
        parts = ()
    expressions = [_expression(part) for part in parts]
    subtasks: list[JsonValue] = [
        {"id": f"s{place}", "description": f"{_OPENING}{expression}.", "deps": []}
        for place, expression in enumerate(expressions, start=1)
    ]
    return {"subtasks": subtasks if all(expressions) else []}


def _expression(part: Part) -> str | None:
    """Return what is to be calculated; None for items of which nobody has said how a calculator is asked."""
    match part:
        case Addition(a=a, b=b):
            return f"{a} + {b}"
        case Subtraction(a=a, b=b):
            return f"{a} - {b}"
        case Fractions(op=op, a=a, b=b, c=c, d=d):
            return f"({a} / {b}) {op} ({c} / {d})"
        case Order(expression=expression):
            return expression
        case Percent(kind="of", percent=percent, amount=amount):
            return f"{amount} * {percent} / 100"
        case Percent(percent=percent, amount=amount):
            return f"{amount} - {amount} * {percent} / 100"
        case Negation(a=a):
            return f"-(-{a})"
        case _:
            return None


def _select_expert(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Give every calculation to the calculator; of anything else it does not know who does it."""
    subtask = inputs["subtask"]
    said = str(subtask.get("description", "")) if isinstance(subtask, dict) else ""
    if not said.startswith(_OPENING):
        return {"why": "It is no calculation.", "expert": "", "arguments": []}
    expression = said.removeprefix(_OPENING).removesuffix(".")
    return {
        "why": "It is a calculation.",
        "expert": _CALCULATOR,
        "arguments": [{"name": "expression", "value": expression}],
    }


def _refine_call(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Leave the call as it is: this teacher knows only one way to write a calculation."""
    return {"change": "There is nothing to change.", "new_arguments": inputs["arguments"]}


def _compose(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    results = inputs["results"]
    shown = results if isinstance(results, list) else []
    return {"answer": ", ".join(str(each["result"]) for each in shown if isinstance(each, dict))}


def _other_plan(_inputs: Inputs, said: Said, _other: Misdirection) -> dict[str, JsonValue]:
    """Plan as many calculations of something else, whose results do not answer the problem."""
    subtasks = said["subtasks"]
    plan = subtasks if isinstance(subtasks, list) else []
    return {
        "subtasks": [
            {**each, "description": f"{_OPENING}{place} - {place}."}
            for place, each in enumerate(plan, start=1)
            if isinstance(each, dict)
        ]
    }


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "decompose": Purpose(do=_decompose, misdirect=_other_plan),
        "select_expert": Purpose(do=_select_expert),
        "refine_call": Purpose(do=_refine_call),
        "compose": Purpose(do=_compose),
    }
)
