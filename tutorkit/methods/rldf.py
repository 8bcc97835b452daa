"""RLDF: debates between roles in place of human feedback, against bias (arXiv 2404.10160).

The student answers a topic, and its text is debated: a critic names the bias in it, the student as defender revises it,
a referee ranks the versions. The least and the most biased version make a pair, from which a reward model, or the
student, learns. In *self-reflection* the student has every role, in *teacher–student* the teacher is critic and
referee.

A text without bias can be one that says nothing. So a version that refuses or has lost most of its words makes no
pair, and one measures what the student says where the bias does not matter: on problems with the skills ``ambiguous``
and ``disambiguated`` (as in BBQ, Parrish et al. 2022, arXiv 2110.08193) accuracy is told apart, and on the second it
must not fall. Rows hold a biased text and carry the flag ``harmful``: no export takes them unless it is asked to.

What is known: the abstract, and a digest. The two modes are from the abstract. From the digest are that a student
admits less bias in a text that it is told to be its own (``framing``), and that ranking in every round lowers the bias.
No number and no prompt is confirmed; the authors' code could not be had. Three rounds, three roles and the gap from
which versions make a pair are ours. The paper trains a reward model and then uses PPO; here the pairs train the student
itself, and are data for a reward model elsewhere. So every setting is a variant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.errors import UnusableOutput
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_rows
from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.preferences import keep_score, refuses, round_margin, tally, usable
from tutorkit.methods._nodes.state import id_lists, ids
from tutorkit.methods._nodes.views import problem_view, task_view
from tutorkit.methods.vocabulary import (
    END,
    START,
    Cost,
    Deps,
    Edge,
    Method,
    Need,
    Paper,
    Params,
    Sizes,
    State,
    Wire,
)
from tutorkit.ports import SchemaT
from tutorkit.types import Attempt, Dialogue, PreferencePair, Problem, Turn

HARMFUL = "harmful"
"""The flag of a row whose text may do harm."""

FELL = 0.05
"""Accuracy on disambiguated problems may fall by so much before the student counts as less informative."""

_KINDS = ("ambiguous", "disambiguated")


class RLDFParams(Params):
    """The parameters of RLDF."""

    mode: Literal["teacher", "self"] = Field(
        default="teacher", description="Who is critic and referee: the teacher, or the student itself."
    )
    framing: Literal["own", "another_model", "competing_model"] = Field(
        default="competing_model", description="Whose text the critic is told that it reads."
    )
    rounds: int = Field(default=3, ge=1, le=10, description="Rounds of a debate at most.")
    floor: float = Field(default=0.0, ge=0, le=10, description="A debate ends when a version's bias is no more.")
    gap: float = Field(
        default=2.0, gt=0, le=10, description="Difference in bias, of 10, from which versions are a pair."
    )
    least_words: float = Field(
        default=0.5, ge=0, le=1, description="Words that the less biased version must have for each of the other."
    )
    train: bool = Field(
        default=True,
        description="Train the student within the run; without it the rows are left for training elsewhere, and the"
        " student is measured untaught.",
    )


class Bias(Wire):
    """One biased passage."""

    evidence: str = Field(max_length=1000, description="The passage, word for word from the text.")
    group: str = Field(max_length=120, description="The group that it is about.")
    kind: str = Field(max_length=120, description="The kind of bias, in a few words.")
    severity: float = Field(ge=0, le=5, description="From 0, harmless, to 5, hateful.")


class Biases(Wire):
    """All biased passages of a text."""

    biases: list[Bias] = Field(max_length=30, description="One entry a passage; empty when there is none.")


class Revision(Wire):
    """A text without the bias that was conceded."""

    revised_text: str = Field(max_length=8000, description="The whole text, revised.")
    conceded: list[str] = Field(max_length=30, description="The passages that were changed or left out.")


class Ruling(Wire):
    """How biased each version is."""

    reason: str = Field(max_length=2000, description="What decides the order, in one or two sentences.")
    bias_scores: list[float] = Field(
        max_length=32, description="For each version, in the given order, from 0, none, to 10, as much as can be."
    )


class Debate:
    """One debate under way: the versions so far, their bias, and what was said."""

    def __init__(self, deps: Deps, problem: Problem, attempt: Attempt) -> None:
        self._deps = deps
        self._problem = problem
        self._attempt = attempt
        self._turns: list[Turn] = []
        self.versions = [attempt.raw.strip()]
        self.scores: list[float] = []
        self.call_ids: list[str] = []
        self._say("defender", self.versions[0], "answer")

    async def held(self) -> str:
        """Hold the debate to its end, and return why it ended."""
        for turn in range(self._deps.params.rounds):
            found = await self._criticised(turn)
            if not found:
                return "no bias found"
            await self._revised(found)
            await self._ranked(turn)
            if self.scores[-1] <= self._deps.params.floor:
                return "below the floor"
        return "last round"

    def kept(self) -> str:
        """Put the transcript into the sink and return its id."""
        deps, problem = self._deps, self._problem
        record = Dialogue(
            id=stable_id("debate", deps.run_id, self._attempt.id),
            run_id=deps.run_id,
            student=self._attempt.student,
            problem_id=problem.id,
            turns=tuple(self._turns),
        )
        deps.sink.put(record)
        return record.id

    async def _criticised(self, turn: int) -> list[Bias]:
        """Return the passages that the critic names and that are in the text; a passage that is not is no evidence."""
        text = self.versions[-1]
        framing = self._deps.params.framing
        said = await self._asked("find_bias", {"text": text, "framing": framing}, Biases)
        found = [bias for bias in said.biases if bias.evidence.strip() and bias.evidence in text]
        lines = [f"{bias.evidence} ({bias.kind}, severity {bias.severity:g})" for bias in found]
        self._say("critic", "\n".join(lines) or "No bias found.", "criticism")
        subject = self._attempt.id
        keep_score(self._deps, "admitted_bias", len(found), n=1, subject=subject, about=framing, round=turn)
        return found

    async def _revised(self, found: Sequence[Bias]) -> None:
        said = await self._deps.student.write(
            "revise_text",
            {
                "task": task_view(self._deps.task),
                "problem": self._shown(to_student=True),
                "text": self.versions[-1],
                "biases": [bias.model_dump() for bias in found],
            },
            Revision,
            about=(self._attempt.id,),
        )
        self.call_ids += said.call_ids
        self.versions.append(said.value.revised_text.strip())
        self._say("defender", self.versions[-1], "revision")

    async def _ranked(self, turn: int) -> None:
        """Have the referee score all versions so far on one scale.

        Raises:
            UnusableOutput: when it scored more or fewer versions than there are, or off the scale.
        """
        ruling = await self._asked("score_bias", {"versions": [*self.versions]}, Ruling)
        scores = ruling.bias_scores
        if len(scores) != len(self.versions) or not all(0 <= score <= 10 for score in scores):
            raise UnusableOutput(
                f"The referee gave {len(scores)} scores from 0 to 10 for {len(self.versions)} versions.",
                data={"scores": scores},
            )
        self.scores = scores
        order = sorted(range(len(scores)), key=lambda place: scores[place])
        ranking = ", ".join(f"version {place + 1} ({scores[place]:g})" for place in order)
        self._say("referee", f"Least biased first: {ranking}", "ranking")
        keep_score(
            self._deps, "bias", scores[-1], n=1, subject=self._attempt.id, about=self._deps.params.mode, round=turn
        )

    async def _asked(self, purpose: str, inputs: Mapping[str, JsonValue], schema: type[SchemaT]) -> SchemaT:
        to_student = self._deps.params.mode == "self"
        ask = self._deps.student.write if to_student else self._deps.teacher.call
        shown = {"task": task_view(self._deps.task), "problem": self._shown(to_student=to_student)}
        said = await ask(purpose, {**shown, **inputs}, schema, about=(self._attempt.id,))
        self.call_ids += said.call_ids
        return said.value

    def _shown(self, *, to_student: bool) -> dict[str, JsonValue]:
        """Show the topic; a student may not see the gold that a teacher's view holds."""
        return {"text": self._problem.question().as_text()} if to_student else problem_view(self._problem)

    def _say(self, role: str, text: str, what: str) -> None:
        teacher = role != "defender" and self._deps.params.mode == "teacher"
        turn = Turn(index=len(self._turns), role="tutor" if teacher else "learner", text=text, move=f"{role}: {what}")
        self._turns.append(turn)


async def answer(_state: State, deps: Deps) -> State:
    """Have the student answer every topic."""
    made = await practise_problems(deps, deps.problems("train"), lesson_ids=(), phase="train-0")
    return {"answers": [*made], "rows": [], "lessons": []}


async def debate(state: State, deps: Deps) -> State:
    """Debate every answer, and make a pair of its extremes where they pass their checks."""
    problems = {problem.id: problem for problem in deps.problems("train")}

    async def one(attempt: Attempt) -> JsonValue:
        held = Debate(deps, problems[attempt.problem_id], attempt)
        ended = await held.held()
        row, became = _pair(deps, problems[attempt.problem_id], attempt, held)
        return {"transcript": held.kept(), "ended": ended, "row": row, "became": became}

    attempts = [attempt for each in load_attempts(deps, ids(state, "answers")) for attempt in usable([each])]
    result = await deps.map(one, attempts, key=lambda attempt: attempt.id)
    found = [value for value in result.done.values() if isinstance(value, dict)]
    return {
        "transcripts": [each["transcript"] for each in found],
        "ended": tally(str(each["ended"]) for each in found),
        "rows": [each["row"] for each in found if each["row"] is not None],
        "dropped": tally(str(each["became"]) for each in found if each["row"] is None),
    }


def _pair(deps: Deps, problem: Problem, attempt: Attempt, held: Debate) -> tuple[str | None, str]:
    """Make a row of the least and the most biased version, or say what speaks against it."""
    if not held.scores:
        return None, "neutral"
    places = range(len(held.scores))
    low = min(places, key=lambda place: held.scores[place])
    high = max(places, key=lambda place: held.scores[place])
    chosen, rejected = held.versions[low], held.versions[high]
    gap = held.scores[high] - held.scores[low]
    fault = "small gap" if gap < deps.params.gap else uninformative(chosen, rejected, deps.params.least_words)
    if fault:
        return None, fault
    row = PreferencePair(
        id=stable_id("pair", deps.run_id, attempt.id, chosen, rejected),
        run_id=deps.run_id,
        problem_id=problem.id,
        split=problem.split,
        student=attempt.student,
        source_attempt_ids=(attempt.id,),
        call_ids=tuple(held.call_ids),
        flags=(HARMFUL,),
        data={
            "item": problem.item,
            "answer": chosen,
            "judge": deps.student.ref if deps.params.mode == "self" else deps.teacher.ref,
            "bias": [held.scores[low], held.scores[high]],
            "versions": [low, high],
        },
        prompt=problem.question().as_text(),
        chosen=chosen,
        rejected=rejected,
        unit="output",
        margin=round_margin(gap),
        both_orders=False,
    )
    deps.sink.put(row)
    return row.id, "kept"


def uninformative(text: str, beside: str, least_words: float) -> str | None:
    """Tell why a text teaches nothing beside another: it is the same, refuses, or has lost most of the words."""
    if text == beside:
        return "alike"
    if not text or refuses(text):
        return "refusal"
    return "too short" if len(text.split()) < least_words * len(beside.split()) else None


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, untaught and taught; no teacher takes part."""
    return {"test": await evaluate_rows(deps, rows=ids(state, "rows") if deps.params.train else ())}


async def check(state: State, deps: Deps) -> State:
    """Tell accuracy on ambiguous and disambiguated problems apart, and whether the student still says what is known."""
    problems = {problem.id: problem for problem in deps.problems("test")}
    shares: dict[str, dict[str, JsonValue]] = {kind: {} for kind in _KINDS}
    notes: list[str] = []
    for kind in _KINDS:
        said: list[str] = []
        for condition, attempt_ids in id_lists(state, "test").items():
            attempts = [a for a in load_attempts(deps, attempt_ids) if kind in problems[a.problem_id].skills]
            right, n = sum(a.grade.outcome == "right" for a in attempts), len(attempts)
            if n:
                shares[kind][condition] = right / n
                keep_score(deps, f"accuracy_{kind}", right / n, n=n, subject=condition, about="test")
                said.append(f"{right} of {n} {condition}")
        notes += [f"Right on {kind} problems: {', '.join(said)}."] if said else []
    informative = _informative(shares["disambiguated"])
    if informative is False:
        notes.append("The taught student says less of what is known: its lower bias is no gain.")
    found: State = {kind: share for kind, share in shares.items() if share}
    return {"accuracy": found, "informative": informative, "notes": [*notes]}


def _informative(known: Mapping[str, JsonValue]) -> bool | None:
    if len(known) < 2:
        return None
    return float(str(known["taught"])) >= float(str(known["untaught"])) - FELL


def cost(params: RLDFParams, sizes: Sizes) -> Cost:
    """Count the calls for n topics, W of them biased: n + W(2R - 1) for critic and referee, n + W·R for the rest.

    That is the most: a debate in which nothing is found ends after its first call, and one that comes to the floor
    before the last round ends there.
    """
    biased = sum(sizes.wrong)
    said = sizes.train + biased * (2 * params.rounds - 1)
    student = sizes.train + biased * params.rounds
    return Cost(teacher=0, student=student + said) if params.mode == "self" else Cost(teacher=said, student=student)


def fidelity(params: RLDFParams) -> str:
    """Name the variant: in none does PPO follow a reward model."""
    return f"variant:{params.mode}-{'preference' if params.train else 'data-only'}"


def _needs(params: RLDFParams) -> frozenset[Need]:
    return frozenset({"write", "train"} if params.train else {"write"})


METHOD = Method(
    name="rldf",
    version="1",
    summary="Debates the bias in a student's texts, and has it learn from the least and the most biased version.",
    paper=Paper(
        "Reinforcement Learning from Multi-role Debates as Feedback for Bias Mitigation in LLMs",
        "arXiv:2404.10160",
        2024,
    ),
    params=RLDFParams,
    fidelity=fidelity,
    nodes={"answer": answer, "debate": debate, "evaluate": evaluate, "check": check},
    edges=(
        Edge(START, "answer"),
        Edge("answer", "debate"),
        Edge("debate", "evaluate"),
        Edge("evaluate", "check"),
        Edge("check", END),
    ),
    artefacts=(),
    practice="train",
    cost=cost,
    needs=_needs,
    review_points=("evaluate",),
    when="Take it to lower the bias in what a student says about groups of people, and measure with it whether the"
    " student still says what is known. Its rows hold biased texts by design, so no export takes them unasked. It"
    " teaches no skill.",
    rows=("preference",),
    example="--task writing/groups --student 'sim/writer?slant=3' --teacher rules --train 12 --val 4 --test 20",
)
