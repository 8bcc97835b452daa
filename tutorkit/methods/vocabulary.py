"""The words in which a method is written: metadata, nodes, edges, and all that a node may touch.

A method is one module: ``METHOD = Method(...)`` and async node functions ``(state, deps) -> update``. The state holds
JSON only; records live in the sink, and the state holds their ids.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from tutorkit.ports import SchemaT, Scorer, Sink
from tutorkit.types import Attempt, Lesson, LessonKind, Message, Problem, Split

ItemT = TypeVar("ItemT")
State = dict[str, JsonValue]
START, END = "START", "END"


class Params(BaseModel):
    """The parameters of a method: frozen, no unknown names, JSON values."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wire(BaseModel):
    """What a teacher must return. Extra fields are ignored: a talkative model is not a wrong one."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True)
class TaskBrief:
    """What a teacher and a student are told of the task as a whole."""

    name: str
    description: str
    answer_format: str


@dataclass(frozen=True)
class Said(Generic[SchemaT]):
    """What the teacher said, and the ids of the calls that it took."""

    value: SchemaT
    call_ids: tuple[str, ...]


@dataclass(frozen=True)
class Spoken:
    """What came back for messages that were sent as they are, and the ids of the calls that it took."""

    text: str
    call_ids: tuple[str, ...]


@dataclass(frozen=True)
class ItemFailure:
    """An item that came to nothing: why, as an error code and a sentence."""

    item: str
    code: str
    message: str


@dataclass(frozen=True)
class Mapped:
    """The results of a map, by item and in the order of the items; what failed stands apart."""

    done: dict[str, JsonValue]
    failed: tuple[ItemFailure, ...]


class TeacherDesk(Protocol):
    """The teacher, as a node sees it."""

    @property
    def ref(self) -> str:
        """The teacher's name."""
        ...

    @property
    def diagnoses_as(self) -> Literal["rule", "llm", "human"]:
        """What stands as the source of its diagnoses."""
        ...

    async def call(
        self,
        purpose: str,
        inputs: Mapping[str, JsonValue],
        schema: type[SchemaT],
        *,
        about: Sequence[str] = (),
        sample: int = 0,
    ) -> Said[SchemaT]:
        """Ask for one thing by its purpose; the prompt is the file METHOD/PURPOSE.md."""
        ...

    async def say(
        self, messages: Sequence[Message], *, purpose: str, options: Mapping[str, JsonValue], sample: int = 0
    ) -> Spoken:
        """Send messages as they are; ``options`` go before the teacher's own sampling options.

        Only for optimisers, whose prompts are not ours. A teacher that is no model cannot reply, which is an error.
        """
        ...


class StudentDesk(Protocol):
    """The student, as a node sees it: it never gets to see gold."""

    @property
    def ref(self) -> str:
        """The student's name."""
        ...

    async def answer(
        self,
        problem: Problem,
        lessons: Sequence[Lesson],
        *,
        phase: str,
        sample: int = 0,
        begun: Sequence[str] = (),
    ) -> Attempt:
        """Have the student answer; the attempt is graded and kept.

        Args:
            problem: what is asked; the student gets the question alone.
            lessons: what it is given.
            phase: names this round of attempts.
            sample: which repeat this is.
            begun: the first steps, which the student takes as they are and goes on from. They are the attempt's first
                steps, too. Only for methods that need ``go_on``.
        """
        ...

    async def write(
        self,
        purpose: str,
        inputs: Mapping[str, JsonValue],
        schema: type[SchemaT],
        *,
        about: Sequence[str] = (),
        sample: int = 0,
    ) -> Said[SchemaT]:
        """Ask the student for something else than an answer; the prompt is the file METHOD/PURPOSE.md.

        Only for methods that need ``write``. The inputs hold nothing that a student may not see.
        """
        ...

    async def say(
        self, messages: Sequence[Message], *, purpose: str, options: Mapping[str, JsonValue], sample: int = 0
    ) -> Spoken:
        """Send messages as they are; ``options`` go before the student's own sampling options.

        Only for methods that need ``say``. The messages hold nothing that a student may not see.
        """
        ...


class Deps(Protocol):
    """All that a node may touch."""

    @property
    def run_id(self) -> str:
        """The run's id."""
        ...

    @property
    def task(self) -> TaskBrief:
        """What is known of the task as a whole."""
        ...

    @property
    def params(self) -> Any:  # noqa: ANN401 (each method has a class of its own)
        """The method's parameters."""
        ...

    @property
    def teacher(self) -> TeacherDesk:
        """The teacher."""
        ...

    @property
    def judge(self) -> TeacherDesk:
        """Who judges what was written: another model where the plan names one, else the teacher, counted apart."""
        ...

    @property
    def student(self) -> StudentDesk:
        """The student."""
        ...

    @property
    def panel(self) -> tuple[StudentDesk, ...]:
        """Other students, for methods that look at several; none by default."""
        ...

    async def trained(self, row_ids: Sequence[str]) -> StudentDesk:
        """Return the student as it is after training on these rows, in this order, from its own weights.

        Without rows it is the student itself. What was trained once is not trained again, also in a resumed run. Only
        for methods that need ``train``.
        """
        ...

    @property
    def scorer(self) -> Scorer:
        """The task's scorer."""
        ...

    @property
    def sink(self) -> Sink:
        """Where records go and come from."""
        ...

    @property
    def rng(self) -> Random:
        """Random numbers, seeded by run and node, so that a resumed node draws the same."""
        ...

    def problems(self, split: Split) -> tuple[Problem, ...]:
        """Return the task's problems of one split."""
        ...

    async def map(
        self, work: Callable[[ItemT], Awaitable[JsonValue]], items: Sequence[ItemT], *, key: Callable[[ItemT], str]
    ) -> Mapped:
        """Do the work for every item, a bounded number at once.

        A finished item is remembered and not done again when the run is resumed. An item that fails for good (a
        refusal, an unusable reply) is set aside with its reason and the others go on.

        Args:
            work: returns JSON, as a rule the ids of the records that it put into the sink.
            items: what to work on.
            key: names an item; the names must differ.
        """
        ...


NodeFunction = Callable[[State, Deps], Awaitable[State]]


@dataclass(frozen=True)
class Edge:
    """From one node to the next; taken when ``when`` holds of the state and the parameters.

    A node's edges are tried in their order; the last one must hold always.
    """

    source: str
    target: str
    when: Callable[[State, Any], bool] | None = None


@dataclass(frozen=True)
class Paper:
    """Where a method comes from."""

    title: str
    ref: str
    year: int


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What the cost of a run depends on: the sizes of the splits, and the mistakes that were found.

    ``wrong`` holds one number for each round that is gone through: how many attempts of that round are mistakes.
    ``panel`` is how many other students there are.
    """

    train: int = 0
    probe: int = 0
    val: int = 0
    test: int = 0
    panel: int = 0
    wrong: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a method takes, in calls; evaluation on the test split is left out, as in the papers.

    ``judge`` counts the calls in which something is judged. ``again`` counts the teacher's calls that can come on top,
    where a lesson fails its checks and another is asked for. ``student_again`` counts those of the student that can
    come on top, where an optimiser decides what it asks.
    """

    teacher: int
    student: int
    judge: int = 0
    again: int = 0
    student_again: int = 0


Need = Literal["go_on", "write", "train", "say"]
"""What a method asks of a student beyond answering: see ``ports``."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """A teaching method as data and functions.

    Args:
        name: its name on the command line; its prompts are the files ``name/NODE.md``.
        version: moves when results may change.
        summary: one sentence about what it does.
        paper: its source.
        params: the class of its parameters; each field documented, with a default.
        fidelity: says for given parameters whether this is the published procedure (``paper``) or ``variant:<name>``.
        nodes: node functions by name; each runs once a visit.
        edges: how to go on from ``START`` and from each node; ``END`` ends.
        artefacts: the kinds of lesson that it leaves, in the order in which a student reads them.
        practice: the split whose attempts count as mistakes in ``Sizes.wrong``.
        cost: calls of a whole run, for given parameters and sizes.
        rounds: how often the graph may be gone through, for given parameters.
        needs: what the student must be able to do beyond answering, for given parameters.
        instead: parameters with which it needs nothing of a student beyond answering; empty when there are none.
        random_target: parameters that aim the same effort at random, for the control arm; empty when there are none.
        deranged: whether teaching from other evidence is a control; not where nothing stays that was not checked.
        prompts: the package that holds the prompt files.
        review_points: nodes before which a person may look; the run waits there when asked to. What was rejected is
            then gone from the state (``graphs.review``), and the nodes must do with what is left.
        when: when to take it and when not, in a few sentences for somebody who has to choose.
        rows: the kinds of fine-tuning data that it leaves, with one setting or another.
        example: what follows ``tutorkit teach NAME`` for a small run that needs no model; empty when there is none.
    """

    name: str
    version: str
    summary: str
    paper: Paper
    params: type[Params]
    fidelity: Callable[[Any], str]
    nodes: Mapping[str, NodeFunction]
    edges: tuple[Edge, ...]
    artefacts: tuple[LessonKind, ...]
    cost: Callable[[Any, Sizes], Cost]
    practice: Split = "val"
    rounds: Callable[[Any], int] = lambda _: 1
    needs: Callable[[Any], frozenset[Need]] = lambda _: frozenset()
    instead: Mapping[str, JsonValue] = field(default_factory=dict)
    random_target: Mapping[str, JsonValue] = field(default_factory=dict)
    deranged: bool = True
    prompts: str = "tutorkit.prompts"
    review_points: tuple[str, ...] = ()
    when: str = ""
    rows: tuple[Literal["sft", "preference", "rl"], ...] = ()
    example: str = ""
