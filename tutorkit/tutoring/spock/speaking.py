"""What a SPOCK tutor says by template, and what is wrong with what a model says in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml

from tutorkit.retrieval import similarities
from tutorkit.tutoring.spock.codes import Action, SpockCodes, SpockTurn
from tutorkit.tutoring.spock.giving import gives_away
from tutorkit.tutoring.spock.judging import Judged, answer_numbers, content_words, numbers
from tutorkit.tutoring.spock.machine import (
    Progress,
    SpockRules,
    advance,
    allowed_actions,
    state_of,
    tried,
)
from tutorkit.tutoring.spock.scaffold import Scaffold, SubProblem

_PRAISE = re.compile(
    r"(?<!not )(?<!n't )(?<!not quite )\b(?:correct|exactly|that(?:'s| is) right|you(?:'re| are) right|well done|"
    r"great job|perfect|good job|right answer)\b(?! yet)",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:incorrect|wrong|not (?:quite |yet )?(?:right|correct)|isn't (?:quite )?(?:right|correct))\b", re.IGNORECASE
)
_CODED = re.compile(r"\b(?:evaluation|action|subproblem state)\b\s*[:=]\s*[\"']?[a-gw-z\d]", re.IGNORECASE)
_TOLD_THOUGHT = 20
_PUT = 0.5
_NEAR = 0.1


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a tutor's turn is about: the learner's last words, how they were judged, and where the learner stands.

    ``said`` is all that was said before, the learner's last words being the end of it; ``known`` of it what the learner
    has before it.
    """

    scaffold: Scaffold
    progress: Progress
    text: str
    judged: Judged
    said: tuple[tuple[str, str], ...]
    rules: SpockRules

    @property
    def here(self) -> SubProblem:
        """The subproblem at hand."""
        return self.scaffold.subproblems[self.progress.at]

    def after(self, codes: SpockCodes) -> Progress:
        """Return where the learner stands after a turn with these codes."""
        complete = self.judged.complete if self.judged.certain else codes.state in ("y", "z")
        return advance(tried(self.progress, codes.evaluation), codes.action, complete=complete)

    def known(self, after: Progress) -> tuple[str, ...]:
        """Return the texts that the learner has before it after a turn that leads to ``after``."""
        put = [self.scaffold.subproblems[place].question for place in {self.progress.at, after.at}]
        finished = [self.scaffold.subproblems[place].answer for place in after.finished]
        return (self.scaffold.problem, *put, *finished, *(text for _, text in self.said))


def decided(scene: Scene) -> SpockCodes:
    """Choose the codes by rule."""
    evaluation, progress = scene.judged.evaluation, tried(scene.progress, scene.judged.evaluation)
    allowed = allowed_actions(evaluation, progress, scene.rules)
    wishes: Mapping[str | None, Sequence[Action]] = {
        "hint": ("8",),
        "solution": ("9", "8"),
        "back": ("10",),
    }
    wanted: Sequence[Action] = wishes.get(scene.judged.wish, ("2", "5", "1", "3", "4", "6", "7", "12"))
    action = next((each for each in (*wanted, "11") if each in allowed), allowed[-1])
    after = advance(progress, action, complete=scene.judged.complete)
    return SpockCodes(evaluation=evaluation, action=action, state=state_of(scene.progress, after, evaluation))


def spoken(scene: Scene, codes: SpockCodes) -> str:
    """Word a turn by template: what the action says, then the question that the learner is to answer next."""
    after = scene.after(codes)
    slots = _slots(scene, after)
    wordings = _templates()[_case(scene, codes, slots)]
    turn = wordings[(len(scene.said) // 2 - 1) % len(wordings)]
    moved = codes.state in ("y", "z") and not scene.progress.done
    ending = _templates()[codes.state][0] if moved else ""
    return f"{turn} {ending}".strip().format(**slots)


def _case(scene: Scene, codes: SpockCodes, slots: Mapping[str, str]) -> str:
    """Return the key of the templates for an action."""
    if codes.action == "3" and codes.state == "x":
        return "3 incomplete"
    if codes.action == "1" and slots["feedback"]:
        return "1 expected"
    if codes.action == "11" and scene.judged.wish == "back":
        return "11 no step before"
    if codes.action == "11" and slots["fact"]:
        return "11 fact"
    return "12 done" if codes.action == "12" and scene.progress.done else codes.action


def greeting(scaffold: Scaffold) -> str:
    """Return the first words: the problem and its first subproblem."""
    slots = {"problem": scaffold.problem, "question": scaffold.subproblems[0].question}
    return str(_templates()["greeting"][0]).format(**slots)


def faults_of(
    turn: SpockTurn, scene: Scene, *, screen: Callable[[str], Sequence[str]] | None = None
) -> tuple[str, ...]:
    """Return what is wrong with a model's turn, in words that the model can do something with.

    Args:
        turn: the model's.
        scene: what it is about.
        screen: further checks of the text, such as a session's guards; returns what they found.
    """
    found = _code_faults(turn.codes, scene)
    if found:
        return tuple(found)
    return (*_text_faults(turn, scene), *(screen(turn.tutorbot) if screen else ()))


def with_question(turn: SpockTurn, scene: Scene) -> str:
    """Return a model's words, with the next question added where the model moved on without putting it."""
    after = scene.after(turn.codes)
    if after.done or after.at == scene.progress.at:
        return turn.tutorbot
    question = scene.scaffold.subproblems[after.at].question
    wanted = content_words(question)
    there = len(wanted & content_words(turn.tutorbot)) >= _PUT * len(wanted)
    return turn.tutorbot if there else f"{turn.tutorbot.rstrip()} {question}"


def _code_faults(codes: SpockCodes, scene: Scene) -> list[str]:
    progress = tried(scene.progress, codes.evaluation)
    allowed = allowed_actions(codes.evaluation, progress, scene.rules)
    if contradiction := _contradiction(codes, scene):
        return [contradiction]
    if codes.action not in allowed:
        return [
            f"the action {codes.action} is not open now; with the evaluation {codes.evaluation}: {', '.join(allowed)}"
        ]
    expected = state_of(scene.progress, scene.after(codes), codes.evaluation)
    if codes.state != expected:
        return [f"the state after this turn is {expected}, not {codes.state}"]
    return []


def _contradiction(codes: SpockCodes, scene: Scene) -> str | None:
    """Return what a model got wrong of that which is certain; wrong and partly wrong are not told apart by rule."""
    judged = scene.judged
    if not judged.certain:
        return None
    near = {"a": "ac", "c": "ac"}.get(judged.evaluation, judged.evaluation)
    if codes.evaluation not in near:
        return f"the learner's words are to be judged as {judged.evaluation}, not {codes.evaluation}"
    expected = decided(scene).action
    if judged.wish is not None and codes.action != expected:
        return f"the learner's wish is to be met with the action {expected}, not {codes.action}"
    return None


def _text_faults(turn: SpockTurn, scene: Scene) -> list[str]:
    after, text = scene.after(turn.codes), turn.tutorbot
    faults = []
    if turn.evaluation == "a" and _PRAISE.search(text):
        faults.append("a wrong answer is called right")
    if turn.evaluation == "b" and _DENIAL.search(text):
        faults.append("a right answer is called wrong")
    thought = " ".join(turn.thoughts.split()).casefold()
    if _CODED.search(text) or (len(thought) >= _TOLD_THOUGHT and thought in " ".join(text.split()).casefold()):
        faults.append("thoughts or codes are said to the learner")
    left = [place for place in range(len(after.tries)) if place not in after.finished]
    if any(gives_away(text, scene.scaffold.subproblems[place], known=scene.known(after)) for place in left):
        faults.append("the answer of a subproblem that is not finished is given away")
    return faults


def _slots(scene: Scene, after: Progress) -> dict[str, str]:
    here, known = scene.here, scene.known(after)
    question = scene.scaffold.subproblems[after.at].question
    safe_hint = here.hint if not gives_away(here.hint, here, known=known) else _templates()["no hint"][0]
    as_expected = _is_expected(scene.text, here) and not gives_away(here.feedback, here, known=known)
    return {
        "problem": scene.scaffold.problem,
        "question": question,
        "answer": here.answer.rstrip("."),
        "hint": safe_hint,
        "feedback": here.feedback if as_expected else "",
        "fact": _fact(scene, after),
        "solution": scene.scaffold.solution,
    }


def _is_expected(text: str, here: SubProblem) -> bool:
    """Tell whether the learner gave the wrong answer that the feedback was written for."""
    if expected := answer_numbers(here.incorrect):
        return set(expected) <= set(numbers(text))
    words = content_words(here.incorrect)
    return bool(words) and 2 * len(words & content_words(text)) >= len(words)


def _fact(scene: Scene, after: Progress) -> str:
    """Return the fact that is most like what the learner asks, unless it gives something away."""
    left = [scene.scaffold.subproblems[place] for place in range(len(after.tries)) if place not in after.finished]
    facts = [
        fact
        for fact in scene.scaffold.facts
        if not any(gives_away(fact, each, known=scene.known(after)) for each in left)
    ]
    near = similarities(scene.text, facts)
    best = max(range(len(facts)), key=lambda place: near[place], default=None)
    return facts[best] if best is not None and near[best] > _NEAR else ""


@cache
def _templates() -> Mapping[str, Sequence[str]]:
    file = resources.files("tutorkit.tutoring.spock").joinpath("data", "templates.yaml")
    return MappingProxyType(yaml.safe_load(file.read_text(encoding="utf-8")))
