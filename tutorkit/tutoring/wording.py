"""How an act is said: by template, or by a model that is told what to do and words it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from string import Formatter
from types import MappingProxyType
from typing import Any, Protocol

import yaml
from pydantic import BaseModel, Field, JsonValue

from tutorkit.errors import UnknownName
from tutorkit.misconceptions import SKILLS, Item, malrule, parts_of, solve
from tutorkit.ports import Ask, Teacher
from tutorkit.tutoring.choosing import View
from tutorkit.tutoring.examples import analogy, numbers_in, protected_numbers
from tutorkit.tutoring.guards.sentences import sentences
from tutorkit.types import Call, Problem, TutorAct

LANGUAGES = ("en", "de")
_RECENT = 12
_PRINCIPLE = 2
"""Sentences of a principle that are said at once."""
_AGAIN = 99
"""Beyond all that were shown as analogies: what is set to be done alone is another one."""


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What is to be said: the act, in which view, in which language, and what was wrong with an earlier wording."""

    act: TutorAct
    view: View
    language: str = "en"
    profile: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worded:
    """A wording, with the calls that it took."""

    text: str
    calls: tuple[Call, ...] = ()


class Words(Protocol):
    """Whoever words an act."""

    @property
    def ref(self) -> str:
        """The name by which it is built again: ``rules``, or a model's."""
        ...

    async def word(self, brief: Brief) -> Worded:
        """Word an act.

        Raises:
            UnusableOutput, ModelError, BudgetExhausted: when a model words and no wording could be had.
        """
        ...


@dataclass(frozen=True)
class RuleWords:
    """Words by template: no model, no key, the same words at the same place of the same conversation."""

    ref: str = "rules"

    async def word(self, brief: Brief) -> Worded:
        """Fill in the template of the act.

        Raises:
            UnknownName: for a language that there are no templates in.
        """
        return Worded(worded(brief.act, brief.view, language=brief.language))


def worded(act: TutorAct, view: View, *, language: str) -> str:
    """Word an act by template; see ``RuleWords.word``."""
    slots = _slots(act, view)
    templates = _templates(language)[act.move]
    if isinstance(templates, dict):
        templates = templates[_variant(act, view, slots)]
    fitting = [template for template in templates if all(slots[name] for name in _names(template))]
    if not fitting:
        # A shown item that could not be found leaves a question that is always fitting.
        fitting = _templates(language)["elicit"]["wrong"]
    return str(fitting[len(view.turns) // 2 % len(fitting)]).format(**slots)


def greeting(problem: Problem, *, language: str) -> str:
    """Return the words with which a conversation about a problem begins."""
    return str(_templates(language)["greeting"][0]).format(problem=problem.question().as_text())


class Utterance(BaseModel):
    """What a model says as the tutor. ``reveals`` names what of the solution it gives away, by its own account."""

    text: str = Field(min_length=1, max_length=1500)
    reveals: list[str] = Field(default_factory=list, max_length=10)


@dataclass(frozen=True, kw_only=True)
class ModelWords:
    """Words by a model, which is told the move and words it, no more."""

    teacher: Teacher

    @property
    def ref(self) -> str:
        """The model's name."""
        return self.teacher.ref

    async def word(self, brief: Brief) -> Worded:
        """Ask the model; what was wrong with its first wording is shown to it."""
        view, act = brief.view, brief.act
        skill = SKILLS.get(act.skill or "")
        shown: JsonValue = None
        if act.item is not None:
            shown = {"text": parts_of(act.item)[0].text, "steps": [*_working(act.item)]}
        inputs: dict[str, JsonValue] = {
            "problem": {
                "text": view.problem.question().as_text(),
                "answer": view.problem.gold,
                "steps": [step.text for step in view.problem.steps],
            },
            "dialogue": [{"role": turn.role, "text": turn.text} for turn in view.turns[-_RECENT:]],
            "act": {
                "move": act.move,
                "verdict": act.verdict,
                "misconception": malrule(act.misconception_id).title if act.misconception_id else None,
                "principle": skill.principle if skill else None,
                "item": shown,
                "step": _next_step(view) if act.move == "next_step" else None,
            },
            "line": view.insight.wrong_line if act.move in ("focus", "name_step") else None,
            "profile": brief.profile,
            "language": brief.language,
            "faults": list(brief.faults),
        }
        ask = Ask(prompt_id="tutor/utterance", inputs=inputs, schema=Utterance, about=(view.problem.id,))
        reply = await self.teacher.call(ask)
        return Worded(reply.value.text.strip(), reply.calls)


def _slots(act: TutorAct, view: View) -> Mapping[str, str]:
    problem = view.problem
    rule = malrule(act.misconception_id) if act.misconception_id else None
    skill = SKILLS.get(act.skill or "")
    again = analogy(problem, act.misconception_id, earlier=_AGAIN) if act.move == "solution" else None
    worked = act.item if act.item is not None else problem.item if act.move == "solution" else None
    return {
        "problem": problem.question().as_text(),
        "impasse": rule.impasse if rule else "",
        "principle": " ".join(sentences(skill.principle)[:_PRINCIPLE]) if skill else "",
        "item": _sentence(parts_of(act.item)[0].text) if act.item is not None else "",
        "buggy": rule.run(act.item).answer.replace("-", "−") if rule and act.item is not None else "",
        "steps": " ".join(_working(worked) if worked is not None else [step.text for step in problem.steps]),
        "step": _next_step(view) or "",
        "again": _sentence(parts_of(again)[0].text) if again is not None else "",
        "line": view.insight.wrong_line or "",
    }


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _variant(act: TutorAct, view: View, slots: Mapping[str, str]) -> str:
    if act.move == "confirm":
        return "explained" if view.situation.explained else "plain"
    if act.move == "elicit":
        return act.verdict or "no_answer"
    return "line" if slots["line"] else "place" if slots["impasse"] else "plain"


def _working(item: Item) -> list[str]:
    return [step.text for step in solve(item).steps]


def _next_step(view: View) -> str | None:
    """Return the first worked step that was not given yet; one that holds the answer is never a next step."""
    given = sum(turn.act is not None and turn.act.move == "next_step" for turn in view.turns)
    kept = protected_numbers(view.problem)
    steps = [step.text for step in view.problem.steps[:-1] if kept.isdisjoint(numbers_in(step.text))]
    return steps[min(given, len(steps) - 1)] if steps else None


def _names(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


@lru_cache(maxsize=len(LANGUAGES))
def _templates(language: str) -> Mapping[str, Any]:
    if language not in LANGUAGES:
        raise UnknownName("language of the tutor", language, LANGUAGES)
    text = resources.files("tutorkit.tutoring").joinpath("data", f"moves.{language}.yaml").read_text(encoding="utf-8")
    return MappingProxyType(yaml.safe_load(text))
