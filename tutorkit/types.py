"""The nouns: plain frozen records that go through JSON and back unchanged.

A record carries no clock time: two executions of one run make the same records. When a row was written is for the store
to know. The one exception is how many seconds a call took, which no id and no export holds.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SkipValidation

Split = Literal["train", "probe", "val", "test"]
Outcome = Literal["right", "wrong", "unfinished", "invalid"]
Role = Literal["teacher", "student", "judge"]
Audit = Literal["draft", "pending", "approved", "rejected"]
LessonKind = Literal[
    "instruction",
    "principle",
    "strategy",
    "explanation",
    "rationale",
    "demo",
    "exercise",
    "correction",
    "template",
    "hint",
]
CallOutcome = Literal["ok", "invalid", "refused", "truncated", "error"]
RunStatus = Literal["running", "finished", "stopped", "waiting", "failed"]


class Record(BaseModel):
    """A frozen record that knows every field it may have."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(Record):
    """One step of a worked solution: what is done, what comes out, which skill it takes."""

    text: str
    result: str | None = None
    skill: str | None = None


class Choice(Record):
    """One option of a multiple-choice problem."""

    label: str
    text: str


class Question(Record):
    """What a student may see of a problem: never its gold, its worked steps, or its skills."""

    id: str
    text: str
    choices: tuple[Choice, ...] = ()
    item: dict[str, JsonValue] | None = Field(default=None, description="Operands, for students that are programs.")

    def as_text(self) -> str:
        """Return the question as a student reads it: its text, then one line for each option."""
        if not self.choices:
            return self.text
        options = "\n".join(f"({choice.label}) {choice.text}" for choice in self.choices)
        return f"{self.text}\nOptions:\n{options}"


class Problem(Record):
    """Something to be answered.

    ``group`` names the leak family: problems that share one never stand on both sides of a split.
    ``scorer`` is a scorer's name, with its options, as ``tutorkit.tasks.scorers`` reads it.
    """

    id: str
    task: str
    text: str
    gold: str | None
    scorer: str
    skills: tuple[str, ...] = ()
    split: Split
    group: str
    choices: tuple[Choice, ...] = ()
    item: dict[str, JsonValue] | None = None
    steps: tuple[Step, ...] = ()
    source: str = ""

    def question(self) -> Question:
        """Return the part of the problem that a student may see."""
        return Question(id=self.id, text=self.text, choices=self.choices, item=self.item)


class Grade(Record):
    """A scorer's verdict. ``score`` is in [0, 1]; ``how`` says how it was decided."""

    outcome: Outcome
    score: float = Field(ge=0, le=1)
    normalised: str | None
    how: str


class Attempt(Record):
    """A student's try at a problem. ``raw`` is what the student said and is never rewritten."""

    id: str
    run_id: str
    phase: str
    problem_id: str
    split: Split
    student: str
    lesson_ids: tuple[str, ...]
    sample: int = 0
    steps: tuple[str, ...]
    raw: str
    grade: Grade
    call_ids: tuple[str, ...] = ()


class Diagnosis(Record):
    """Why an attempt went wrong. ``first_wrong_step`` counts from 0; ``evidence`` is a span of the attempt."""

    id: str
    run_id: str
    attempt_id: str
    first_wrong_step: int | None = Field(default=None, ge=0)
    cause: str
    summary: str
    skill: str | None = None
    misconception_id: str | None = None
    evidence: str
    confidence: float | None = Field(default=None, ge=0, le=1)
    source: Literal["rule", "llm", "human"]
    call_ids: tuple[str, ...] = ()


class Lesson(Record):
    """Anything that teaches. ``data`` holds what its kind needs besides the text: a demo's problem and answer, say."""

    id: str
    run_id: str
    kind: LessonKind
    text: str
    skill: str | None = None
    source_attempt_ids: tuple[str, ...] = ()
    source_split: Split | None = None
    version: int = Field(default=1, ge=1)
    parent_id: str | None = None
    verified: bool = False
    checks: tuple[str, ...] = ()
    audit: Audit = "draft"
    author: str = ""
    call_ids: tuple[str, ...] = ()
    data: dict[str, JsonValue] = Field(default_factory=dict)


class Score(Record):
    """A measured statement about a run, lesson or pack: ``value`` over ``n`` observations, with its interval."""

    id: str
    run_id: str
    subject_id: str
    kind: str
    value: float
    n: int = Field(ge=0)
    low: float | None = None
    high: float | None = None
    probe_set: str
    round: int | None = None


class TrainingRow(Record):
    """What every row of fine-tuning data carries: where it came from, and whether it may be used.

    ``student`` is whom the row was made for: data that a method makes of one student's outputs is stale for another.
    ``split`` is that of the problem; rows never come from ``test``. ``data`` holds what a kind needs besides, and for
    students that are programs the ``item`` and the ``answer`` that is shown for it. ``flags`` say what a reader must
    know, such as a possible leak of the answer.
    """

    id: str
    run_id: str
    problem_id: str | None = None
    split: Split | None = None
    student: str = ""
    lesson_ids: tuple[str, ...] = ()
    source_attempt_ids: tuple[str, ...] = ()
    call_ids: tuple[str, ...] = ()
    round: int = Field(default=0, ge=0)
    audit: Audit = "pending"
    flags: tuple[str, ...] = ()
    data: dict[str, JsonValue] = Field(default_factory=dict)


class SFTExample(TrainingRow):
    """A conversation to imitate; what is learnt is its last message, the assistant's.

    ``weight`` is for trainers that know one; TRL's does not, and is given no row whose weight is not 1.
    """

    messages: tuple[Message, ...]
    weight: float = Field(default=1.0, gt=0)


class PreferencePair(TrainingRow):
    """Two outputs and an order. ``both_orders`` tells whether the judge was asked both ways round."""

    prompt: str
    chosen: str
    rejected: str
    unit: Literal["question", "rationale", "correction", "output"]
    margin: float | None = None
    both_orders: bool


class RLExample(TrainingRow):
    """A prompt to act from, and how what comes is rewarded; the gold is named by ``problem_id``, never written here.

    ``prefix_steps`` is what has been done before the student goes on. ``reference_step`` is the teacher's next step and
    ``bad_step`` the student's own wrong one, where there are such. ``hard`` tells that the student failed here.
    """

    messages: tuple[Message, ...]
    prefix_steps: tuple[str, ...] = ()
    reference_step: str | None = None
    bad_step: str | None = None
    reward_spec: str
    hard: bool = False


class SkillState(Record):
    """What is known about one skill of one student. ``last_seen`` counts that student's attempts."""

    id: str
    run_id: str
    student: str
    skill: str
    p_mastered: float = Field(ge=0, le=1)
    n: int = Field(ge=0)
    last_seen: int | None = None
    model: str
    model_version: str


TutorMove = Literal[
    "generic",
    "confirm",
    "close",
    "elicit",
    "orient",
    "focus",
    "concept",
    "contrast",
    "name_step",
    "analogy",
    "next_step",
    "solution",
]
"""What a tutor does in an utterance: see ``TutorAct``."""


class TutorAct(Record):
    """What an utterance of a tutor does, apart from how it is worded.

    The moves, with the rung of help on which each stands: ``generic`` (greeting, off-task), ``confirm`` (says that the
    answer is right), ``close`` and ``elicit`` (asks for the learner's own work) 0 · ``orient`` (restates the goal) 1 ·
    ``focus`` (points to a place and asks) 2 · ``concept`` (recalls the principle) and ``contrast`` (an item on which
    the learner's own way comes to something absurd) 3 · ``name_step`` (names the wrong step, not its mending) 4 ·
    ``analogy`` (works another item out) 5 · ``next_step`` 6 · ``solution`` (all of it) 7.

    ``skill`` and ``misconception_id`` say what it is aimed at, ``step`` at which step of the learner's work, from 0.
    ``item`` is the item that is shown besides the problem. ``verdict`` is what it says of the last answer, if anything.
    ``reveals`` is what of the solution it gives away, as the tutor reports it itself.
    """

    move: TutorMove
    rung: int = Field(ge=0, le=7)
    skill: str | None = None
    misconception_id: str | None = None
    step: int | None = Field(default=None, ge=0)
    item: dict[str, JsonValue] | None = None
    verdict: Literal["right", "wrong"] | None = None
    reveals: tuple[str, ...] = ()


class LearnerSaid(Record):
    """What a learner says in one turn of a tutoring conversation.

    ``answer`` is the answer that it asserts, if any; ``steps`` its working. ``explains`` tells that it gave reasons,
    ``asks_help`` that it wants help, ``wants_exit`` that it wants to stop.
    """

    text: str
    answer: str | None = None
    steps: tuple[str, ...] = ()
    explains: bool = False
    asks_help: bool = False
    wants_exit: bool = False


class Turn(Record):
    """One utterance of a tutoring conversation.

    A tutor's turn has its ``act``, a learner's what it ``said``. ``blocked`` names the guards that an earlier wording
    of it did not pass.
    """

    index: int = Field(ge=0)
    role: Literal["tutor", "learner", "system"]
    text: str
    move: str | None = None
    rung: int | None = Field(default=None, ge=0, le=7)
    leak: bool | None = None
    edited_by: str | None = None
    act: TutorAct | None = None
    said: LearnerSaid | None = None
    blocked: tuple[str, ...] = ()


class Dialogue(Record):
    """A tutoring conversation."""

    id: str
    run_id: str
    student: str
    problem_id: str
    turns: tuple[Turn, ...] = ()


class Pack(Record):
    """What a student takes away: everything that a model needs to be the taught student, without the teacher."""

    name: str
    instruction: str
    lessons: tuple[Lesson, ...]
    retrieval: str = "all"
    provenance: dict[str, JsonValue]
    evidence: dict[str, JsonValue]
    digest: str


class Message(Record):
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


class Call(Record):
    """One call to a teacher, student or judge, billed or not.

    ``cost_usd`` is None when the price is unknown, never 0 for that; 0 is for a call that cost nothing. ``seconds`` is
    how long it took, from its sending to its last byte; None when nobody measured that, as for a reply from the cache.
    ``about`` names the attempts or problems that the call was about.
    """

    id: str
    run_id: str = ""
    node: str = ""
    role: Role
    purpose: str
    model: str
    model_served: str | None = None
    prompt_id: str
    prompt_digest: str
    messages: tuple[Message, ...]
    reply: str
    key: str
    sample: int = 0
    attempt: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    seconds: float | None = Field(default=None, ge=0)
    cache_hit: bool = False
    outcome: CallOutcome = "ok"
    error: str | None = None
    # It was JSON when it was sent, and is checked once more when it is stored.
    sent: SkipValidation[dict[str, JsonValue]] = Field(default_factory=dict)
    about: tuple[str, ...] = ()


class Run(Record):
    """One execution of a method: what was asked for, what was served, how it ended."""

    id: str
    method: str
    method_version: str
    fidelity: str
    task: str
    student: str
    teacher: str
    arm: str = "taught"
    parent_id: str | None = None
    params: dict[str, JsonValue]
    seed: int
    data_digest: str
    prompt_digests: dict[str, str]
    versions: dict[str, str]
    models_served: tuple[str, ...] = ()
    status: RunStatus = "running"
    stop_reason: str | None = None
