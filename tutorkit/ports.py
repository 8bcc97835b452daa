"""The seams: what one room may expect of another, and nothing about who is behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

from pydantic import BaseModel, JsonValue

from tutorkit.types import (
    Call,
    Grade,
    LearnerSaid,
    Lesson,
    Message,
    PreferencePair,
    Problem,
    Question,
    Record,
    Role,
    SFTExample,
    Turn,
)

SchemaT = TypeVar("SchemaT", bound=BaseModel)
RecordT = TypeVar("RecordT", bound=Record)

FinishReason = Literal["stop", "length", "refusal", "content_filter", "other"]


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """One request to a chat model, as semantics: everything here moves the cache key.

    ``options`` are sampling options by their usual names (temperature, max_tokens, seed, stop, …); unknown ones are
    passed on. ``sample`` numbers repeats of one request; it is not sent.
    """

    model: str
    messages: tuple[Message, ...]
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    response_schema: Mapping[str, JsonValue] | None = None
    schema_name: str = "reply"
    sample: int = 0


@dataclass(frozen=True, kw_only=True)
class ChatReply:
    """What came back for one request.

    ``cost_usd`` is None when the price is unknown. ``cache_hit`` means that this run did not pay for it.
    ``sent`` is the request body as it was really sent, without the wish for a stream; ``key`` is its cache key.
    ``seconds`` is how long the call took from its sending to its last byte; None when this run did not make it.
    """

    text: str
    model_served: str
    finish_reason: FinishReason
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    cache_hit: bool
    key: str
    sent: Mapping[str, JsonValue]
    seconds: float | None = None


class Chat(Protocol):
    """A chat model, or the gateway to all of them."""

    async def complete(self, request: ChatRequest, *, hear: Callable[[str], None] | None = None) -> ChatReply:
        """Answer the request. ``hear`` is told the text piece by piece, all pieces together being the reply's text.

        Raises:
            ModelError: one of its kinds, after the gateway's own retries.
            BudgetExhausted: before the call, when it would pass a limit.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a student said. ``finished`` is False when it hit a limit: that is *unfinished*, not *wrong*.

    ``read`` is the answer in it, where a lesson had the student reply in another project's form; it is graded then.
    """

    raw: str
    steps: tuple[str, ...] = ()
    finished: bool = True
    calls: tuple[Call, ...] = ()
    read: str | None = None


class Student(Protocol):
    """Whoever answers problems."""

    @property
    def ref(self) -> str:
        """The name by which the student is built again: ``sim/…``, ``openai/…``."""
        ...

    async def answer(self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0) -> Answer:
        """Answer one question, with these lessons at hand.

        Raises:
            ModelError: when no answer could be had.
            BudgetExhausted: before the call.
        """
        ...


TrainingData: TypeAlias = SFTExample | PreferencePair
"""What a student can be fine-tuned on."""


Asked: TypeAlias = Callable[[str], Sequence[Message]]
"""Returns the messages in which a student is asked a question, the last one being the question."""


class Trainer(Protocol):
    """Whoever trains models whose weights can be had."""

    async def train(self, rows: Sequence[TrainingData], *, base: str, folder: Path, asked: Asked) -> str:
        """Train a model on rows, always from its own weights, and return the name of what came of it.

        The same rows, model and settings are trained once in a folder; afterwards what came of it is returned at once.

        Args:
            rows: examples and preference pairs, in the order in which they are learnt.
            base: the model's name, with how it is to be trained.
            folder: where the training's own files are kept.
            asked: how the student is asked a question.

        Raises:
            TrainingFailed: when it could not be done.
            MissingExtra: when the packages that train are not installed.
            RunInterrupted: when Ctrl-C ended it.
        """
        ...


@runtime_checkable
class ContinuingStudent(Student, Protocol):
    """A student that can go on from the first steps of a solution, whoever wrote them."""

    async def go_on(
        self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int = 0
    ) -> Answer:
        """Go on from the steps in ``begun``; the answer holds only what is new.

        Raises:
            ModelError, BudgetExhausted: as ``answer`` does.
        """
        ...


@runtime_checkable
class WritingStudent(Student, Protocol):
    """A student that can be asked for other things than answers: to correct itself, to write, to debate."""

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Reply to one ask, which has the role ``student``.

        Raises:
            UnusableOutput: when no valid reply came after every re-ask.
            ModelError, BudgetExhausted: as ``answer`` does.
        """
        ...


class Learner(Protocol):
    """Someone who is tutored on one problem after another. A learner that learns is a new one: nothing is changed."""

    @property
    def ref(self) -> str:
        """The name by which the learner is built again."""
        ...

    async def begin(self, question: Question) -> tuple[Learner, LearnerSaid]:
        """Try a problem, before any help, and say what came of it."""
        ...

    async def hear(self, question: Question, turns: Sequence[Turn]) -> tuple[Learner, LearnerSaid]:
        """Take in the last of ``turns``, which is a tutor's, and reply to it.

        Raises:
            ModelError, BudgetExhausted: when a model words the reply and none could be had.
        """
        ...


@runtime_checkable
class Talker(Protocol):
    """A student or teacher that can be sent any messages: a language model. Optimisers of prompts need that."""

    async def say(
        self,
        messages: Sequence[Message],
        *,
        role: Role,
        purpose: str,
        options: Mapping[str, JsonValue],
        sample: int = 0,
    ) -> Answer:
        """Reply to messages as they are; ``options`` go before its own sampling options.

        Raises:
            ModelError, BudgetExhausted: as ``Chat.complete`` does.
        """
        ...


@runtime_checkable
class TrainableStudent(Student, Protocol):
    """A student whose weights can be had, or one that is a program."""

    async def trained(self, rows: Sequence[TrainingData], *, folder: Path) -> Student:
        """Return the student that was trained on these rows, always from this student's own weights.

        The same rows give the same student. What was trained already in this folder is not trained again.

        Args:
            rows: examples and preference pairs, in the order in which they are learnt.
            folder: where checkpoints are kept; this training's own.

        Raises:
            TrainingFailed: when it could not be done.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Ask(Generic[SchemaT]):
    """One thing that a teacher is asked for.

    ``prompt_id`` is ``METHOD/NODE``; its last part is the purpose. ``inputs`` are the prompt's variables and JSON only.
    ``about`` names the attempts or problems that it concerns.
    """

    prompt_id: str
    inputs: Mapping[str, JsonValue]
    schema: type[SchemaT]
    role: Role = "teacher"
    sample: int = 0
    about: tuple[str, ...] = ()

    @property
    def purpose(self) -> str:
        """What is asked for, as a word."""
        return self.prompt_id.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Reply(Generic[SchemaT]):
    """A teacher's reply, validated, with the record of every call that it took."""

    value: SchemaT
    calls: tuple[Call, ...]


@dataclass(frozen=True, kw_only=True)
class CallContext:
    """What a call is for, as its record tells it."""

    role: Role
    purpose: str
    prompt_id: str
    prompt_digest: str
    about: tuple[str, ...] = ()


class AccountedChat(Protocol):
    """A chat model that hands over the record of every try, also of those that failed."""

    async def text(
        self, request: ChatRequest, context: CallContext, *, hear: Callable[[str], None] | None = None
    ) -> tuple[ChatReply, tuple[Call, ...]]:
        """Answer in free text. A reply that ended early is returned as it is.

        Args:
            request: what is asked.
            context: what it is for.
            hear: is told the text piece by piece as it comes, all pieces together being the reply's text. A call that
                breaks off after something was heard fails: what was said cannot be taken back.

        Raises:
            ModelError, BudgetExhausted: with the calls made so far as ``data['calls']``.
        """
        ...

    async def structured(self, request: ChatRequest, schema: type[SchemaT], context: CallContext) -> Reply[SchemaT]:
        """Answer with a value of the schema, asking again where the reply does not fit.

        Raises:
            UnusableOutput: when no reply fitted.
            ModelError, BudgetExhausted: with the calls made so far as ``data['calls']``.
        """
        ...


class Teacher(Protocol):
    """Whoever teaches: a strong model, a rule engine, a tool, a person.

    ``diagnoses_as`` is what stands as the source of its diagnoses.
    """

    @property
    def diagnoses_as(self) -> Literal["rule", "llm", "human"]:
        """What kind of mind this is."""
        ...

    @property
    def ref(self) -> str:
        """The name by which the teacher is built again: ``rules``, ``openai/…``, ``inbox/DIR``."""
        ...

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Reply to one ask.

        Raises:
            UnusableOutput: when no valid reply came after every re-ask.
            ReplyPending: when a person has not replied yet.
            ModelError: when no reply could be had.
            BudgetExhausted: before the call.
        """
        ...


class Scorer(Protocol):
    """Grades answers."""

    def grade(self, problem: Problem, raw: str, *, finished: bool = True) -> Grade:
        """Grade what a student said; never raises for an odd answer, which is ``invalid``."""
        ...


@dataclass(frozen=True)
class Reserve:
    """What a call may take at most, as far as can be told beforehand; ``usd`` is None when the price is unknown."""

    tokens: int
    usd: float | None


class Budget(Protocol):
    """One ledger for teacher, student and judge."""

    def admit(self, *, model: str, reserve: Reserve | None = None) -> None:
        """Let one call pass, and count it as under way: with what is reserved for it, or else as a usual one.

        Raises:
            BudgetExhausted: when it would pass a limit.
        """
        ...

    def commit(
        self, *, cost_usd: float | None, tokens: int | None, cache_hit: bool, reserve: Reserve | None = None
    ) -> None:
        """Close an admitted call with what it took, and free what was reserved; a cache hit gives its place back."""
        ...


class Sink(Protocol):
    """Where a run's records go, and from where a resumed run takes them again."""

    def put(self, *records: Record) -> None:
        """Keep the records; putting one again is no change. Writing may lag until ``flush`` or the next read."""
        ...

    def get(self, kind: type[RecordT], record_id: str) -> RecordT:
        """Return one record.

        Raises:
            RecordNotFound: when there is none of that id.
        """
        ...

    def get_all(self, kind: type[RecordT], record_ids: Sequence[str], *, missing_ok: bool = False) -> list[RecordT]:
        """Return the records of these ids, in the order of the ids; thousands cost hardly more time than one.

        Args:
            kind: which records.
            record_ids: their ids.
            missing_ok: leave out those that are not there.

        Raises:
            RecordNotFound: when there is none of one of the ids.
        """
        ...

    def find(self, kind: type[RecordT], /, **equal: str | int | None) -> list[RecordT]:
        """Return the records whose fields equal these values, in the order in which they were first put."""
        ...

    def remember(self, run_id: str, node: str, item: str, value: JsonValue) -> None:
        """Keep the result of a finished item of a node's map."""
        ...

    def recall(self, run_id: str, node: str, *, items: Sequence[str] | None = None) -> dict[str, JsonValue]:
        """Return the results that were remembered for a node, by item: of these items alone, if any are named."""
        ...

    def flush(self) -> None:
        """Return when everything put so far is on disk.

        Raises:
            DiskFull: when it could not be written.
        """
        ...
