"""ThinkTuning (arXiv 2508.07616, EMNLP 2025).

The student thinks a problem through several times. Into some of these rollouts a teacher's remark is woven: an opinion
on what was thought, and its reason, in the form of a second thought. The student thinks on from there. What comes is
rewarded like every other rollout, and the teacher's words in it are marked, since they are not the student's own.

What is known: the abstract and a second-hand digest; the repository holds no code. The four behaviours are from memory
of the paper. Its share of rollouts and its way to choose them are not confirmed: ``share`` and ``choice`` are
parameters. Headline of the abstract: the teacher may be as small as the student. Reported: 3.85 % over zero-shot on
average, and 2 to 4 % over plain GRPO (abstract).

All but the update is here: the rows hold each response, its segments by author, reward and advantage, for a trainer of
GRPO with a mask. The student that is measured was trained to imitate the right responses instead, which is a variant
and is named so. Ours: the check that a remark does not state the answer (else this would be answer distillation), and
that an unfinished rollout is no evidence and gets no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_student
from tutorkit.methods._nodes.leak import states_answer
from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.state import ids
from tutorkit.methods._nodes.steps import keep_attempt, keep_share, question_view, working_of
from tutorkit.methods._nodes.verify import plain
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State, Wire
from tutorkit.types import Attempt, Lesson, Message, Problem, RLExample

REWARD = "accuracy: right 1; else 0"


class ThinkTuningParams(Params):
    """The parameters of ThinkTuning."""

    rollouts: int = Field(default=8, ge=1, le=64, description="Rollouts of each problem.")
    share: float = Field(
        default=0.25, ge=0, le=1, description="Share of the rollouts into which a remark is woven, rounded down."
    )
    choice: Literal["random", "wrong_first"] = Field(
        default="random", description="Which rollouts get a remark: drawn at random, or the wrong ones first."
    )
    train: bool = Field(
        default=True, description="Train the student to imitate the right responses; without it rows are only made."
    )

    @property
    def woven(self) -> int:
        """How many rollouts of each problem get a remark."""
        return int(Fraction(str(self.share)) * self.rollouts)


class Feedback(Wire):
    """A second thought about a rollout."""

    opinion: Literal["agree", "disagree"]
    behaviour: Literal["self-conflict", "self-critique", "self-agreement", "self-consultancy"]
    phrase: str = Field(max_length=200, description="A few words that lead from the rollout to the reason.")
    reason: str = Field(max_length=1000, description="Why, in the first person, without the answer.")
    skill: str | None = Field(default=None, max_length=80, description="The skill that is lacking, if it has a name.")


class Continuation(Wire):
    """How the student thinks on."""

    steps: list[str] = Field(max_length=60, description="The further steps, one line each.")
    answer: str = Field(max_length=400, description="The final answer alone.")


@dataclass(frozen=True)
class Segment:
    """A piece of a response and who wrote it."""

    author: Literal["student", "teacher"]
    text: str


def teacher_spans(segments: Sequence[Segment]) -> list[tuple[int, int]]:
    """Return where the teacher's words stand in the response, the segments joined by line breaks, as [start, end)."""
    spans: list[tuple[int, int]] = []
    start = 0
    for segment in segments:
        end = start + len(segment.text)
        if segment.author == "teacher":
            spans.append((start, end))
        start = end + 1
    return spans


def off_policy_mask(spans: Sequence[tuple[int, int]], offsets: Sequence[tuple[int, int]]) -> list[bool]:
    """Tell of each token whether it is the teacher's.

    Args:
        spans: where the teacher's words stand, as ``teacher_spans`` says.
        offsets: where each token stands in the response, as tokenizers say; a token that holds any character of the
            teacher's is the teacher's.
    """
    return [any(start < stop and end > begin for begin, stop in spans) for start, end in offsets]


def advantages(rewards: Sequence[float]) -> list[float]:
    """Return each reward's distance from the group's mean, in standard deviations of the group; 0 where all are alike.

    Source: GRPO (arXiv 2402.03300), outcome supervision.
    """
    mean = sum(rewards) / len(rewards) if rewards else 0.0
    deviation = sqrt(sum((reward - mean) ** 2 for reward in rewards) / len(rewards)) if rewards else 0.0
    return [(reward - mean) / deviation if deviation else 0.0 for reward in rewards]


async def rollout(_state: State, deps: Deps) -> State:
    """Have the student solve each training problem several times, and choose the rollouts that get a remark."""
    params: ThinkTuningParams = deps.params
    made: list[str] = []
    for sample in range(params.rollouts):
        made += await practise_problems(deps, deps.problems("train"), lesson_ids=(), phase="train-0", sample=sample)
    groups = _groups(load_attempts(deps, made))
    chosen = [attempt.id for group in groups.values() for attempt in _chosen(deps, group)]
    return {"rollouts": [*made], "chosen": [*chosen]}


def _groups(attempts: Sequence[Attempt]) -> dict[str, list[Attempt]]:
    """Return the finished attempts of each problem. Of an unfinished one nothing is known."""
    groups: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.grade.outcome != "unfinished":
            groups.setdefault(attempt.problem_id, []).append(attempt)
    return groups


def _chosen(deps: Deps, group: list[Attempt]) -> list[Attempt]:
    order = deps.rng.sample(group, len(group))
    if deps.params.choice == "wrong_first":
        order.sort(key=lambda attempt: attempt.grade.outcome == "right")
    return order[: deps.params.woven]


async def give_feedback(state: State, deps: Deps) -> State:
    """Have the teacher remark on the chosen rollouts; a remark that states the answer is set aside."""
    problems = {problem.id: problem for problem in deps.problems("train")}

    async def one(attempt: Attempt) -> JsonValue:
        problem = problems[attempt.problem_id]
        said = await deps.teacher.call(
            "give_feedback",
            {"task": task_view(deps.task), "problem": problem_view(problem), "attempt": attempt_view(attempt)},
            Feedback,
            about=(attempt.id,),
        )
        feedback = said.value
        text = " ".join(f"{feedback.phrase} {feedback.reason}".split())
        faults = [] if plain(feedback.reason) else ["empty"]
        faults += ["states the answer"] if states_answer(text, problem) else []
        lesson = keep_lesson(
            deps,
            kind="hint",
            text=text,
            faults=faults,
            call_ids=said.call_ids,
            skill=feedback.skill,
            sources=(attempt.id,),
            source_split=problem.split,
            data={
                "problem_id": problem.id,
                "group": problem.group,
                "opinion": feedback.opinion,
                "behaviour": feedback.behaviour,
            },
        )
        return lesson.id if lesson.verified else None

    result = await deps.map(one, load_attempts(deps, ids(state, "chosen")), key=lambda attempt: attempt.id)
    remarks = [name for name in result.done.values() if name is not None]
    keep_share(deps, "remarks-usable", len(remarks), len(ids(state, "chosen")), probe_set="chosen-rollouts")
    return {"remarks": [*remarks]}


async def think_on(state: State, deps: Deps) -> State:
    """Have the student think on after each remark, to an answer."""
    problems = {problem.id: problem for problem in deps.problems("train")}

    async def one(remark: Lesson) -> JsonValue:
        before = deps.sink.get(Attempt, remark.source_attempt_ids[0])
        problem = problems[before.problem_id]
        said = await deps.student.write(
            "think_on",
            {
                "task": task_view(deps.task),
                "question": question_view(problem),
                "steps": [*working_of(before)],
                "remark": remark.text,
            },
            Continuation,
            about=(before.id,),
            sample=before.sample,
        )
        steps = [step.strip() for step in said.value.steps if step.strip()]
        return keep_attempt(
            deps,
            problem,
            steps,
            f"Answer: {said.value.answer.strip()}",
            phase="woven-0",
            call_ids=said.call_ids,
            sample=before.sample,
            lesson_ids=(remark.id,),
        ).id

    remarks = [deps.sink.get(Lesson, name) for name in ids(state, "remarks")]
    result = await deps.map(one, remarks, key=lambda remark: remark.id)
    return {"woven": dict(result.done)}


@dataclass(frozen=True)
class Rollout:
    """One response: what the student thought at first, and the remark and what followed, where there was one."""

    problem: Problem
    first: Attempt
    remark: Lesson | None = None
    then: Attempt | None = None

    @property
    def last(self) -> Attempt:
        """The attempt that is rewarded."""
        return self.then or self.first

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The response, by who wrote what; it has one answer, the last."""
        thought = Segment("student", "\n".join(working_of(self.first)))
        end = f"Answer: {self.last.grade.normalised or ''}"
        if self.remark is None or self.then is None:
            return (Segment("student", f"{thought.text}\n{end}"),)
        on = Segment("student", "\n".join((*self.then.steps, end)))
        return thought, Segment("teacher", self.remark.text), on


async def collect(state: State, deps: Deps) -> State:
    """Make the rows: each finished rollout to reinforce, and each different right response to imitate."""
    rollouts = _rollouts(state, deps)
    rows: dict[str, None] = {}
    for group in rollouts.values():
        rewards = [each.last.grade.score for each in group]
        for each, advantage in zip(group, advantages(rewards), strict=True):
            deps.sink.put(_rl_row(deps, each, advantage))
        texts: set[str] = set()
        for each in group:
            text = "\n".join(segment.text for segment in each.segments)
            if each.last.grade.outcome == "right" and text not in texts:
                texts.add(text)
                rows[_sft_row(deps, each)] = None
    everything = [each for group in rollouts.values() for each in group]
    for kind, attempts in {
        "reward-as-woven": [each.last for each in everything],
        "reward-without-remarks": [each.first for each in everything],
    }.items():
        right = sum(attempt.grade.outcome == "right" for attempt in attempts)
        keep_share(deps, kind, right, len(attempts), probe_set="rollouts")
    return {"lessons": [], "rows": [*rows] if deps.params.train else []}


def _rollouts(state: State, deps: Deps) -> dict[str, list[Rollout]]:
    woven = state["woven"] if isinstance(state.get("woven"), dict) else {}
    remarks = {
        remark.source_attempt_ids[0]: (remark, deps.sink.get(Attempt, str(attempt_id)))
        for name, attempt_id in (woven.items() if isinstance(woven, dict) else ())
        for remark in (deps.sink.get(Lesson, name),)
    }
    groups = _groups(load_attempts(deps, ids(state, "rollouts")))
    return {
        problem.id: [Rollout(problem, first, *remarks.get(first.id, ())) for first in groups[problem.id]]
        for problem in deps.problems("train")
        if problem.id in groups
    }


def _rl_row(deps: Deps, rollout: Rollout, advantage: float) -> RLExample:
    segments = rollout.segments
    spans: list[JsonValue] = [[*span] for span in teacher_spans(segments)]
    return RLExample(
        id=stable_id("rl", rollout.first.id),
        run_id=deps.run_id,
        problem_id=rollout.problem.id,
        split=rollout.problem.split,
        student=rollout.first.student,
        lesson_ids=rollout.last.lesson_ids,
        source_attempt_ids=_sources(rollout),
        call_ids=_calls(rollout),
        data={
            "item": rollout.problem.item,
            "response": "\n".join(segment.text for segment in segments),
            "segments": [{"author": segment.author, "text": segment.text} for segment in segments],
            "teacher_spans": spans,
            "reward": rollout.last.grade.score,
            "reward_without_remark": rollout.first.grade.score,
            "advantage": advantage,
        },
        messages=(Message(role="user", content=rollout.problem.question().as_text()),),
        reward_spec=REWARD,
        hard=rollout.first.grade.outcome != "right",
    )


def _sft_row(deps: Deps, rollout: Rollout) -> str:
    *before, last = rollout.segments
    end = last.text.rpartition("\n")[0]
    return keep_sft(
        deps,
        rollout.problem,
        rationale="\n".join([*(segment.text for segment in before), end]),
        answer=rollout.last.grade.normalised or "",
        round=0,
        student=rollout.first.student,
        lesson_ids=rollout.last.lesson_ids,
        sources=_sources(rollout),
        call_ids=_calls(rollout),
        data={"authors": [segment.author for segment in rollout.segments]},
    ).id


def _sources(rollout: Rollout) -> tuple[str, ...]:
    return (rollout.first.id, *([rollout.then.id] if rollout.then else []))


def _calls(rollout: Rollout) -> tuple[str, ...]:
    remark = rollout.remark.call_ids if rollout.remark else ()
    return (*rollout.first.call_ids, *remark, *(rollout.then.call_ids if rollout.then else ()))


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, as it was and as it is after training; no teacher takes part."""
    return {"test": await evaluate_student(deps, rows=ids(state, "rows"))}


def cost(params: ThinkTuningParams, sizes: Sizes) -> Cost:
    """Count the calls: every rollout, and for each remark one of the teacher and one more of the student."""
    woven = params.woven * sizes.train
    return Cost(teacher=woven, student=params.rollouts * sizes.train + woven)


def fidelity(params: ThinkTuningParams) -> str:
    """Name the variant: the published update is GRPO, for which rows are made; training by imitation is another."""
    return "variant:imitation" if params.train else "paper"


def needs(params: ThinkTuningParams) -> frozenset[Need]:
    """Say what the student must be able to do: think on, where remarks are woven in, and be trained."""
    woven: frozenset[Need] = frozenset({"write"} if params.woven else ())
    return woven | {"train"} if params.train else woven


METHOD = Method(
    name="think-tuning",
    version="1",
    summary="Weaves a teacher's second thoughts into some of a student's rollouts and lets it think on from there.",
    paper=Paper("ThinkTuning: Instilling Cognitive Reflections without Distillation", "arXiv:2508.07616", 2025),
    params=ThinkTuningParams,
    fidelity=fidelity,
    nodes={
        "rollout": rollout,
        "give_feedback": give_feedback,
        "think_on": think_on,
        "collect": collect,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "rollout"),
        Edge("rollout", "collect", lambda state, _: not state["chosen"]),
        Edge("rollout", "give_feedback"),
        Edge("give_feedback", "think_on"),
        Edge("think_on", "collect"),
        Edge("collect", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("hint",),
    practice="train",
    cost=cost,
    needs=needs,
    review_points=("collect", "evaluate"),
    when="Take it if you train by reinforcement elsewhere, on answers that can be checked: the rows say what was"
    " rewarded and whose words are whose. The teacher may be as small as the student. Without such a trainer the"
    " student learns its right rollouts by imitation, for which undo needs fewer calls.",
    rows=("sft", "rl"),
    example="--task chains --student sim/two-bugs --teacher rules --train 12 --val 4 --test 40",
)
