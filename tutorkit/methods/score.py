"""SCoRe, from correction to mastery (arXiv 2509.14257).

The student solves; the teacher repairs the first wrong step alone, with one step of its own, and the student goes on
from there. So the data stay near to what the student can do, and reinforcement learning can begin at a verified prefix.

What is known: the authors' code, of which the graph, the caps, the halves of the questions, the sampling and the reward
follow; the paper's text was not read. Two of its faults are left out on purpose. An attempt that was cut off is neither
judged, nor repaired, nor called hard. And what a truncated step did to the variables is gone: each leg begins from the
kept steps alone. Reported: a student of 7B near its teacher of 72B on twelve sets (abstract); figures by set are not
confirmed.

In the published procedure the judge sees the gold answer, and its suggestion goes to the repairer as it is, by which
the answer often reaches the solution. ``suggestion="passed"`` does so, and flags where it happened. ``"redacted"``
takes the answer out of the suggestion and drops a repair that is the answer. Both count it.

Ours: without ``tools`` the student writes the rest of its solution in one go; with ``calculator`` it acts one step at a
time, and a calculator with variables stands where the authors have Python and search. The scorer's verdict decides what
is right, the judge's says where it went wrong. Not here: the warm start on the teacher's own solutions, and the update
by GRPO, for which the rows are made. What a *hard* or an *easy* row begins with is not confirmed: the question.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.calculator import Calculator, redone, stepped
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_student
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.state import id_lists, ids, number
from tutorkit.methods._nodes.steps import (
    act_by_steps,
    holds_gold,
    keep_first_error,
    keep_share,
    unsolved_view,
    without_gold,
    working_of,
)
from tutorkit.methods._nodes.verify import plain
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods._score.episodes import REWARD, Episode, episodes_of, kept_steps
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State, Wire
from tutorkit.types import Attempt, Diagnosis, Lesson, Message, Problem, RLExample, Score

IN_SUGGESTION, IN_STEP, ALONE, TELLING = (
    "gold-in-suggestion",
    "gold-in-step",
    "step-is-the-answer",
    "tells-of-correcting",
)

_TELLING = re.compile(r"\b(?:correct(?:ed|ing|ion)|mistakes?|previous (?:error|attempt))\b", re.IGNORECASE)


class ScoreParams(Params):
    """The parameters of SCoRe."""

    max_repairs: int = Field(default=3, ge=0, le=8, description="Repairs of one solution at most.")
    suggestion: Literal["passed", "redacted"] = Field(
        default="passed", description="Pass the judge's suggestion on as it is, or without the answer."
    )
    tools: Literal["none", "calculator"] = Field(default="none", description="What the student can act with.")
    max_steps: int = Field(default=8, ge=1, le=64, description="With tools: steps between two judgements at most.")
    sft_share: float = Field(
        default=0.5, ge=0, le=1, description="Share of the questions, the first ones, that make examples to imitate."
    )
    keep_unrepaired: float = Field(
        default=0.5, ge=0, le=1, description="Share kept of the solutions that were right at once."
    )
    keep_hard: float = Field(
        default=0.5, ge=0, le=1, description="Share kept of the other questions that stayed wrong, for reinforcement."
    )
    keep_easy: float = Field(
        default=0.1, ge=0, le=1, description="Share kept of the other questions that were right at once."
    )
    train: bool = Field(default=True, description="Train the student on the examples; without it they are only made.")
    target: Literal["errors", "random"] = Field(
        default="errors", description="Repair the first wrong step, or one drawn at random (a control)."
    )


class Verdict(Wire):
    """Whether a solution is right, and where it first goes wrong."""

    analysis: str = Field(max_length=4000, description="The solution step by step, against the correct answer.")
    correct: bool
    first_wrong_step: Annotated[int, Field(ge=1)] | None = Field(
        description="Number of the first wrong step as shown, counted from 1; null when no step can be named."
    )
    suggestion: str = Field(max_length=1000, description="What that step should do instead, in one or two sentences.")
    cause: str = Field(
        max_length=80, description="The kind of error, in a few words; empty when the solution is right."
    )
    skill: str | None = Field(default=None, max_length=80, description="The skill that is lacking, if it has a name.")


class Repair(Wire):
    """One step in the place of a wrong one."""

    step: str = Field(max_length=2000, description="The step, on one line.")
    action: str | None = Field(default=None, max_length=200, description="What to calculate; null for no action.")


async def act(state: State, deps: Deps) -> State:
    """Have the student solve the training problems; after a repair, go on from the kept steps and the teacher's."""
    phase = f"train-{number(state, 'round')}"
    problems = {problem.id: problem for problem in deps.problems("train")}
    begun: dict[str, tuple[str, ...]] = dict.fromkeys(problems, ()) if not number(state, "round") else {}
    for repair in load_lessons(deps, ids(state, "repairs")):
        begun[str(repair.data["problem_id"])] = (*kept_steps(deps, repair), repair.text)

    async def one(problem_id: str) -> JsonValue:
        problem, steps = problems[problem_id], begun[problem_id]
        if deps.params.tools == "none":
            return (await deps.student.answer(problem, (), phase=phase, begun=steps)).id
        most: int = deps.params.max_steps
        acted = await act_by_steps(deps, problem, begun=steps, phase=phase, most=most, sandbox=Calculator())
        return acted.id

    result = await deps.map(one, list(begun), key=str)
    tries = id_lists(state, "tries")
    for problem_id, attempt_id in result.done.items():
        tries.setdefault(problem_id, []).append(str(attempt_id))
    unusable: list[JsonValue] = [*ids(state, "unusable"), *(failure.item for failure in result.failed)]
    return {
        "acted": [*result.done.values()],
        "tries": {name: [*made] for name, made in tries.items()},
        "unusable": unusable,
    }


async def judge(state: State, deps: Deps) -> State:
    """Ask the judge of each finished attempt whether it is right and which step is the first wrong one."""
    problems = {problem.id: problem for problem in deps.problems("train")}
    attempts = [a for a in load_attempts(deps, ids(state, "acted")) if a.grade.outcome != "unfinished"]
    wrong = {attempt.id for attempt in mistakes(attempts)}

    async def one(attempt: Attempt) -> JsonValue:
        said = await deps.judge.call(
            "judge_attempt",
            {
                "task": task_view(deps.task),
                "problem": problem_view(problems[attempt.problem_id]),
                "attempt": attempt_view(attempt),
            },
            Verdict,
            about=(attempt.id,),
        )
        verdict = said.value
        agrees = verdict.correct != (attempt.id in wrong)
        if verdict.correct or attempt.id not in wrong:
            return {"agrees": agrees, "diagnosis": None}
        diagnosis = keep_first_error(
            deps,
            attempt,
            desk=deps.judge,
            first_wrong_step=verdict.first_wrong_step,
            cause=verdict.cause,
            summary=verdict.suggestion,
            skill=verdict.skill,
            call_ids=said.call_ids,
        )
        return {"agrees": agrees, "diagnosis": diagnosis.id if diagnosis.first_wrong_step is not None else None}

    result = await deps.map(one, attempts, key=lambda attempt: attempt.id)
    verdicts = [said for said in result.done.values() if isinstance(said, dict)]
    failed = {failure.item for failure in result.failed}
    return {
        "located": [said["diagnosis"] for said in verdicts if said["diagnosis"] is not None],
        "judged": number(state, "judged") + len(verdicts),
        "agreed": number(state, "agreed") + sum(bool(said["agrees"]) for said in verdicts),
        "unusable": [*ids(state, "unusable"), *(a.problem_id for a in attempts if a.id in failed)],
    }


async def repair(state: State, deps: Deps) -> State:
    """Have the teacher write one step in the place of the first wrong one; what comes after that is cut off."""
    diagnoses = [deps.sink.get(Diagnosis, name) for name in ids(state, "located")]
    attempts = {d.id: deps.sink.get(Attempt, d.attempt_id) for d in diagnoses}
    places = {d.id: d.first_wrong_step or 0 for d in diagnoses}
    if deps.params.target == "random":
        places = {name: deps.rng.randrange(len(attempts[name].steps)) for name in places}

    async def one(diagnosis: Diagnosis) -> JsonValue:
        return (await _repaired(deps, diagnosis, attempts[diagnosis.id], places[diagnosis.id])).id

    result = await deps.map(one, diagnoses, key=lambda diagnosis: diagnosis.id)
    made = load_lessons(deps, [str(name) for name in result.done.values()])
    corrections = id_lists(state, "corrections")
    for lesson in made:
        corrections.setdefault(str(lesson.data["problem_id"]), []).append(lesson.id)
    failed = [attempts[failure.item].problem_id for failure in result.failed]
    return {
        "round": number(state, "round") + 1,
        "repairs": [lesson.id for lesson in made if lesson.verified],
        "corrections": {name: [*all_of] for name, all_of in corrections.items()},
        "unusable": [*ids(state, "unusable"), *failed],
    }


async def _repaired(deps: Deps, diagnosis: Diagnosis, attempt: Attempt, place: int) -> Lesson:
    problem = next(problem for problem in deps.problems("train") if problem.id == attempt.problem_id)
    redacted = deps.params.suggestion == "redacted"
    suggestion = without_gold(diagnosis.summary, problem) if redacted else diagnosis.summary
    done = attempt.steps[:place]
    shown: dict[str, JsonValue] = {
        "task": task_view(deps.task),
        "problem": unsolved_view(problem),
        "mistake": attempt.steps[place],
        "suggestion": suggestion,
        "acts": deps.params.tools != "none",
    }
    purpose = "repair_step" if done else "repair_first_step"
    said = await deps.teacher.call(purpose, {**shown, "done": [*done]} if done else shown, Repair, about=(attempt.id,))
    step = said.value.step.strip()
    action = said.value.action if deps.params.tools != "none" else None
    faults = [fault for fault, found in {"empty": not plain(step), "more than one step": "\n" in step}.items() if found]
    text = stepped(redone(Calculator(), done), step, action)[0]
    flags = _flags(deps, problem, suggestion=diagnosis.summary, step=text)
    if redacted and ALONE in flags:
        faults.append("ends the solution with the answer itself")
    return keep_lesson(
        deps,
        kind="correction",
        text=text,
        faults=faults,
        call_ids=(*diagnosis.call_ids, *said.call_ids),
        skill=diagnosis.skill,
        sources=(attempt.id,),
        source_split=problem.split,
        data={
            "problem_id": problem.id,
            "step": place,
            "mistake": attempt.steps[place],
            "suggestion": suggestion,
            "flags": [*flags],
        },
    )


def _flags(deps: Deps, problem: Problem, *, suggestion: str, step: str) -> tuple[str, ...]:
    """Say how the answer got into a repair, if it did: by its letters, so a short one may stand there by chance."""
    in_step = holds_gold(step, problem)
    alone = in_step and deps.scorer.grade(problem, step).outcome == "right"
    found = {
        IN_SUGGESTION: holds_gold(suggestion, problem),
        IN_STEP: in_step,
        ALONE: alone,
        TELLING: bool(_TELLING.search(step)),
    }
    return tuple(flag for flag, there in found.items() if there)


async def collect(state: State, deps: Deps) -> State:
    """Make the rows: examples to imitate of the first questions, examples to reinforce of the others."""
    params: ScoreParams = deps.params
    problems = deps.problems("train")
    first = int(len(problems) * params.sft_share)
    # One draw for each question, so that what becomes of one does not hang on the others.
    draws = {problem.id: deps.rng.random() for problem in problems}
    episodes = episodes_of(state, deps)
    imitate = {problem.id for problem in problems[:first]}
    rows = [_sft_row(deps, e, draws[e.problem.id]) for e in episodes if e.problem.id in imitate]
    for episode in episodes:
        if episode.problem.id not in imitate:
            _rl_row(deps, episode, draws[episode.problem.id])
    made = [lesson for episode in episodes for lesson in episode.repairs]
    for kind in (IN_SUGGESTION, IN_STEP, ALONE, TELLING):
        found = sum(kind in lesson.data["flags"] for lesson in made if isinstance(lesson.data["flags"], list))
        keep_share(deps, kind, found, len(made), probe_set="repairs")
    keep_share(deps, "judge-agrees-with-scorer", number(state, "agreed"), number(state, "judged"), probe_set="attempts")
    repaired = [episode for episode in episodes if episode.repairs]
    keep_share(deps, "repaired", sum(episode.right for episode in repaired), len(repaired), probe_set="repaired")
    return {"lessons": [], "rows": [row for row in rows if row is not None] if params.train else []}


def _sampled(deps: Deps, episode: Episode, draw: float, share: float, *, rows: str) -> bool:
    """Decide by the question's draw whether its row is kept, and keep the decision."""
    kept = draw < share
    deps.sink.put(
        Score(
            id=stable_id("score", deps.run_id, "sampled", episode.problem.id),
            run_id=deps.run_id,
            subject_id=episode.problem.id,
            kind="sampled",
            value=float(kept),
            n=1,
            probe_set=rows,
        )
    )
    return kept


def _sft_row(deps: Deps, episode: Episode, draw: float) -> str | None:
    """Make an example of a solution that ended right."""
    if not episode.right:
        return None
    if not _sampled(deps, episode, draw, 1.0 if episode.repairs else deps.params.keep_unrepaired, rows="sft"):
        return None
    return keep_sft(
        deps,
        episode.problem,
        rationale="\n".join(working_of(episode.last)),
        answer=episode.last.grade.normalised or "",
        round=len(episode.repairs),
        student=deps.student.ref,
        lesson_ids=[repair.id for repair in episode.repairs],
        sources=[attempt.id for attempt in episode.attempts],
        call_ids=episode.call_ids,
        data={"authors": episode.authors},
        flags=episode.flags,
    ).id


def _rl_row(deps: Deps, episode: Episode, draw: float) -> None:
    """Make an example that begins where the last repair was, or, with no repair that held, at the question."""
    params: ScoreParams = deps.params
    repair = episode.repairs[-1] if episode.repairs else None
    valid = repair is not None and episode.right and episode.survives(repair)
    share = 1.0 if valid else params.keep_easy if episode.right else params.keep_hard
    if not _sampled(deps, episode, draw, share, rows="rl"):
        return
    used = repair if valid else None
    prefix = kept_steps(deps, used) if used else ()
    deps.sink.put(
        RLExample(
            id=stable_id("rl", deps.run_id, episode.problem.id),
            run_id=deps.run_id,
            problem_id=episode.problem.id,
            split=episode.problem.split,
            student=deps.student.ref,
            lesson_ids=tuple(repair.id for repair in episode.repairs),
            source_attempt_ids=tuple(attempt.id for attempt in episode.attempts),
            call_ids=episode.call_ids,
            round=len(episode.repairs),
            flags=episode.flags,
            data={"item": episode.problem.item},
            messages=(Message(role="user", content=episode.problem.question().as_text()),),
            prefix_steps=prefix,
            reference_step=used.text if used and prefix else None,
            bad_step=str(used.data["mistake"]) if used else None,
            reward_spec=REWARD,
            hard=not episode.right,
        )
    )


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, as it was and as it is after training; no teacher takes part."""
    return {"test": await evaluate_student(deps, rows=ids(state, "rows"))}


def cost(params: ScoreParams, sizes: Sizes) -> Cost:
    """Count the calls: a judgement of each finished attempt, and a repair and a further leg for each wrong one.

    A wrong one of which the judge names no wrong step is not repaired and costs less. With tools a leg takes up to
    ``max_steps`` calls of the student.
    """
    repairs = sum(sizes.wrong[: params.max_repairs])
    legs = sizes.train + repairs
    return Cost(teacher=repairs, judge=legs, student=legs * (1 if params.tools == "none" else params.max_steps))


def fidelity(params: ScoreParams) -> str:
    """Name the variant: as published, the suggestion is passed on as it is, and the student is trained."""
    if params.target == "random":
        return "variant:random-target"
    if params.suggestion == "redacted":
        return "variant:redacted"
    return "paper" if params.train else "variant:rows-only"


def needs(params: ScoreParams) -> frozenset[Need]:
    """Say what the student must be able to do: go on from given steps, or act; and be trained."""
    acts: Need = "go_on" if params.tools == "none" else "write"
    return frozenset({acts, "train"} if params.train else {acts})


METHOD = Method(
    name="score",
    version="1",
    summary="Repairs a solution's first wrong step alone and lets the student go on, for examples near what it can do.",
    paper=Paper(
        "From Correction to Mastery: Reinforced Distillation of Large Language Model Agents", "arXiv:2509.14257", 2025
    ),
    params=ScoreParams,
    fidelity=fidelity,
    nodes={"act": act, "judge": judge, "repair": repair, "collect": collect, "evaluate": evaluate},
    edges=(
        Edge(START, "act"),
        Edge("act", "judge"),
        Edge(
            "judge",
            "repair",
            lambda state, params: bool(state["located"]) and number(state, "round") < params.max_repairs,
        ),
        Edge("judge", "collect"),
        Edge("repair", "act", lambda state, _: bool(state["repairs"])),
        Edge("repair", "collect"),
        Edge("collect", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("correction",),
    practice="train",
    cost=cost,
    rounds=lambda params: params.max_repairs + 1,
    needs=needs,
    random_target={"target": "random"},
    review_points=("collect", "evaluate"),
    when="Take it for problems in several steps, in which the student begins well and then slips: the teacher writes"
    " one step alone, and the rest stays the student's own. Look at how often an answer leaked into a repair, or take"
    " suggestion=redacted. Where problems have a single step there is nothing to go on from; take undo.",
    rows=("sft", "rl"),
    example="--task chains --student sim/two-bugs --teacher rules --train 24 --val 4 --test 40",
)
