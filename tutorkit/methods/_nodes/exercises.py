"""Exercises: a teacher's new problem becomes a record like any other, once nothing speaks against it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field, JsonValue

from tutorkit.canonical import canonical_json, stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.seen_items import NGRAM
from tutorkit.methods._nodes.verify import plain
from tutorkit.methods._nodes.views import task_view
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.ports import Scorer
from tutorkit.types import Choice, Lesson, LessonKind, Problem, Split, Step

_ITEM = re.compile(r"\s*\[\[item:(\{.*?\})\]\]", re.DOTALL)
_TOKEN = re.compile(r"[^\W_]+|[-+−*/×÷^%=<>#@&~]")
_CLOSED: tuple[Split, ...] = ("val", "test", "probe")
_FEW_WORDS = 4
"""A run of tokens with fewer words than this, numbers and signs apart, is a calculation and no wording."""


class ExerciseDraft(Wire):
    """A new problem with its solution, as a teacher writes it."""

    problem: str = Field(max_length=4000, description="The problem alone, complete, without its solution.")
    options: list[str] = Field(
        default_factory=list, max_length=26, description="The options in order, without letters; empty if it has none."
    )
    solution: str = Field(max_length=4000, description="The correct solution, step by step, without the answer's line.")
    answer: str = Field(max_length=400, description="The final answer alone.")
    skill: str | None = Field(default=None, max_length=80, description="The skill that it trains, if it has a name.")


class Solved(Wire):
    """Somebody's own solution of a problem."""

    solution: str = Field(max_length=4000, description="The solution, step by step.")
    answer: str = Field(max_length=400, description="The final answer alone; empty when there is none.")


@dataclass(frozen=True)
class HeldOut:
    """What is known of problems that no exercise may repeat: from each trait to the id of the problem that has it.

    A wording that several leak families share (a task's template, "Work out …") belongs to none of them.
    """

    same: Mapping[str, str]
    wordings: Mapping[str, str]

    def copied(self, problem: Problem) -> str | None:
        """Tell which held-out problem a problem repeats: wholly, but for its numbers, or many words in a row."""
        repeated = next((self.same[key] for key in _sameness(problem) if key in self.same), None)
        if repeated is not None:
            return f"repeats {repeated}"
        copied = next((self.wordings[key] for key in _wordings(problem) if key in self.wordings), None)
        return None if copied is None else f"copies the wording of {copied}"


def held_out(deps: Deps) -> HeldOut:
    """Index the problems that no exercise may repeat: all that are not ``train``. Once for a node: it takes a while.

    That exercises are compared with the evaluation data is the papers' practice; the rules are ours: the same words,
    numbers and signs in any order; the same item, or part of one; the same text with other numbers; eight words in a
    row. The problems of ``train`` only tell which wordings are common.
    """
    closed = [problem for split in _CLOSED for problem in deps.problems(split)]
    same = {key: problem.id for problem in closed for key in _sameness(problem)}
    owner = {key: problem for problem in closed for key in _wordings(problem)}
    families: dict[str, set[str]] = {_words(key): set() for key in owner}
    for problem in (*closed, *deps.problems("train")):
        for key in _wordings(problem):
            families.get(_words(key), set()).add(problem.group)
    return HeldOut(same, {key: problem.id for key, problem in owner.items() if len(families[_words(key)]) == 1})


def exercise_problem(deps: Deps, draft: ExerciseDraft, source: Problem, *, split: Split) -> Problem:
    """Make a problem of a draft and put it into the sink: the source's task and scorer, a leak family of its own.

    A teacher that is a program may leave the item behind the text, as ``[[item:{…}]]``, for students that are programs;
    nobody reads it in the text.
    """
    text, item = _without_item(draft.problem)
    labels = [choice.label for choice in source.choices]
    choices = tuple(Choice(label=label, text=said) for label, said in zip(labels, draft.options, strict=False))
    name = stable_id(
        "exercise", deps.teacher.ref, source.id, text, draft.options, draft.answer, item, draft.skill, split
    )
    problem = Problem(
        id=name,
        task=source.task,
        text=text,
        gold=draft.answer.strip(),
        scorer=source.scorer,
        skills=(draft.skill,) if draft.skill else source.skills,
        split=split,
        group=name,
        choices=choices,
        item=item,
        steps=tuple(Step(text=line) for line in plain(draft.solution).splitlines() if line.strip()),
        source=f"exercise by {deps.teacher.ref} after {source.id}",
    )
    deps.sink.put(problem)
    return problem


def exercise_faults(problem: Problem, solution: str, *, closed: HeldOut, scorer: Scorer) -> tuple[str, ...]:
    """Return why a drafted exercise is none: blank, not gradable, giving its answer away, or a held-out problem."""
    if not plain(problem.text) or not plain(solution):
        return ("empty",)
    found = [closed.copied(problem)]
    if not problem.gold or scorer.grade(problem, f"Answer: {problem.gold}").outcome != "right":
        found.append("its answer cannot be graded")
    if problem.gold and f" answer is {_folded(problem.gold)} " in f" {_folded(problem.text)} ":
        found.append("gives its answer away")
    return tuple(fault for fault in found if fault)


def disagreement(problem: Problem, answer: str, scorer: Scorer) -> tuple[str, ...]:
    """Return why an independent solution does not confirm an exercise's answer; nothing when it does."""
    if not answer.strip():
        return ("no second solution",)
    outcome = scorer.grade(problem, f"Answer: {answer}").outcome
    return () if outcome == "right" else (f"a second solution comes to {answer.strip()}",)


async def keep_exercise(
    deps: Deps,
    draft: ExerciseDraft,
    source: Problem,
    *,
    split: Split,
    closed: HeldOut,
    call_ids: Sequence[str],
    kind: LessonKind = "exercise",
    sources: Sequence[str] = (),
    faults: Sequence[str] = (),
    solve: str | None = "solve_exercise",
    data: Mapping[str, JsonValue] | None = None,
) -> Lesson:
    """Check a drafted exercise and keep it: the lesson's ``data`` names the problem, its solution and its answer.

    Args:
        deps: the run's participants.
        draft: what the teacher wrote.
        source: the problem that it was written after.
        split: the split of the new problem.
        closed: what it may not repeat.
        call_ids: the calls that the draft took.
        kind: ``demo`` where students read it as a worked example.
        sources: the attempts that it answers to.
        faults: what the caller found against it.
        solve: the purpose by which a second, independent solution is asked for, where nothing else speaks against the
            draft; None to do without.
        data: what else is to be kept with it.
    """
    problem = exercise_problem(deps, draft, source, split=split)
    found = (*faults, *exercise_faults(problem, draft.solution, closed=closed, scorer=deps.scorer))
    if not found and solve is not None:
        said = await deps.teacher.call(
            solve, {"task": task_view(deps.task), "problem": unsolved_view(problem)}, Solved, about=(problem.id,)
        )
        found = disagreement(problem, said.value.answer, deps.scorer)
        call_ids = (*call_ids, *said.call_ids)
    return keep_lesson(
        deps,
        kind=kind,
        text=f"Problem: {problem.question().as_text()}\nSolution: {draft.solution.strip()}\nAnswer: {problem.gold}",
        faults=found,
        call_ids=call_ids,
        skill=problem.skills[0] if len(problem.skills) == 1 else None,
        sources=sources,
        source_split=source.split,
        about=problem.id,
        data={
            "problem_id": problem.id,
            "group": problem.group,
            "source_id": source.id,
            "problem": problem.question().as_text(),
            "applies_to": problem.question().as_text(),
            "solution": draft.solution.strip(),
            "answer": problem.gold,
            **(data or {}),
        },
    )


def unsolved_view(problem: Problem) -> dict[str, JsonValue]:
    """Return a problem as somebody sees it who is to solve it."""
    return {"text": problem.question().as_text(), "item": problem.item}


def _without_item(text: str) -> tuple[str, dict[str, JsonValue] | None]:
    found = _ITEM.search(text)
    if found is None:
        return text.strip(), None
    try:
        item = json.loads(found[1])
    except json.JSONDecodeError:
        item = None
    return _ITEM.sub("", text).strip(), item


def _folded(text: str) -> str:
    return " ".join(_TOKEN.findall(text.casefold()))


def _sameness(problem: Problem) -> Iterator[str]:
    """Yield what two problems share that are one: the text's words in any order, and each item and part of an item."""
    yield " ".join(sorted(_TOKEN.findall(problem.question().as_text().casefold())))
    yield from _item_keys(problem.item)


def _item_keys(item: JsonValue) -> Iterator[str]:
    """An item is known by its values in any order: 3 + 4 is 4 + 3."""
    if isinstance(item, dict):
        yield canonical_json(sorted(canonical_json(value) for value in item.values()))
        for value in item.values():
            yield from _item_keys(value)
    elif isinstance(item, list):
        for inner in item:
            yield from _item_keys(inner)


def _wordings(problem: Problem) -> Iterator[str]:
    """Yield the text without its numbers, where it has enough words, and every eight tokens in a row that have."""
    tokens = _TOKEN.findall(problem.question().as_text().casefold())
    masked = ["0" if token.isdigit() else token for token in tokens]
    if sum(token.isalpha() for token in tokens) >= NGRAM:
        yield " ".join(("masked", *masked))
    for start in range(len(tokens) - NGRAM + 1):
        run = tokens[start : start + NGRAM]
        if sum(token.isalpha() for token in run) >= _FEW_WORDS:
            yield " ".join(run)


def _words(wording: str) -> str:
    """Return the words of a wording: a template before a number is common, though not before this very number."""
    return " ".join(token for token in wording.split() if token.isalpha())
