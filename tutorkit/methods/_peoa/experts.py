"""Experts: tools that a meta-agent hands sub-tasks to, and the facts that they and it know.

An expert is a pure function of its arguments. None of the experts here runs code: one calculates, one looks things up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from tutorkit.methods._nodes.calculator import Calculator
from tutorkit.retrieval import similarities

Fact: TypeAlias = tuple[str, str, str]
"""An edge of a property graph: subject, property, value. A value may be the subject of other facts."""


@dataclass(frozen=True)
class Outcome:
    """What came of a call to an expert: a value, or why there is none."""

    value: str = ""
    error: str = ""


class Expert(Protocol):
    """A tool with a name, for one kind of sub-task."""

    @property
    def name(self) -> str:
        """The name by which it is called."""
        ...

    @property
    def does(self) -> str:
        """What it does and which arguments it takes, for whoever chooses."""
        ...

    def run(self, arguments: Mapping[str, str]) -> Outcome:
        """Do the sub-task. What cannot be done is an error in the outcome, never an exception."""
        ...


@dataclass(frozen=True)
class CalculatorExpert:
    """Works out one expression exactly."""

    name: str = "calculator"
    does: str = "Works out one expression of numbers with + - * / ^ and parentheses. Takes: expression."

    def run(self, arguments: Mapping[str, str]) -> Outcome:
        """Calculate ``expression``."""
        said, _ = Calculator().act(arguments.get("expression", ""))
        return Outcome(error=said.removeprefix("error: ")) if said.startswith("error: ") else Outcome(said)


@dataclass(frozen=True)
class LookupExpert:
    """Knows the facts of a property graph."""

    facts: tuple[Fact, ...]
    name: str = "lookup"
    does: str = "Looks up one property of one thing in the table of facts. Takes: subject, property."

    def run(self, arguments: Mapping[str, str]) -> Outcome:
        """Look ``property`` of ``subject`` up; upper and lower case are the same."""
        subject, wanted = (arguments.get(name, "").strip() for name in ("subject", "property"))
        key = (subject.casefold(), wanted.casefold())
        found = next((value for s, p, value in self.facts if (s.casefold(), p.casefold()) == key), None)
        if found is None:
            return Outcome(error=f"nothing is known of {wanted or 'nothing'} of {subject or 'nothing'}")
        return Outcome(found)


def facts_near(text: str, facts: Sequence[Fact], *, most: int) -> list[Fact]:
    """Return the facts that are nearest to a text, and those that they lead to: one step along the graph.

    Args:
        text: what is asked.
        facts: the property graph.
        most: how many facts are returned at most. Those with a word in common come first, the most similar before the
            others; of equally similar ones the earlier.
    """
    near = similarities(text, [" ".join(fact) for fact in facts])
    ranked = sorted((place for place in range(len(facts)) if near[place] > 0), key=lambda place: -near[place])
    found = [facts[place] for place in ranked]
    reached = {fact[2].casefold() for fact in found}
    return list(dict.fromkeys([*found, *(fact for fact in facts if fact[0].casefold() in reached)]))[:most]
