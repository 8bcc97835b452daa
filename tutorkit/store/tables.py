"""The tables: one for each noun that is kept, column for field, and three that belong to the store alone.

A table model with ``table=True`` does not validate what its constructor is given, so rows are written and read as plain
values, both through the record's own ``model_validate`` (``rows.py``).

What stands here and not in the record: ``seq``, the order of first insertion; ``created_at``, the time of it; and
for a problem and its attempts the digest of the problem's content. A problem's key is its id *and* that digest, so
that two runs over different revisions of a problem set stand side by side, each attempt tied to the text it answered.

Records point at each other by id and not by foreign key: they arrive in the order in which a run makes them, and a
call or a diagnosis must never be lost because what it points at is still to come.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Final, cast

from sqlalchemy import JSON, BigInteger, Index, MetaData, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from tutorkit.store.columns import AnyText, SequenceNumber

_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """What every row has besides its record."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)

    seq: int | None = Field(default=None, primary_key=True, sa_type=SequenceNumber)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class RunRow(Row, table=True):
    """Mirrors ``Run``."""

    __tablename__ = "run"

    id: str = Field(sa_type=AnyText, unique=True)
    method: str = Field(sa_type=AnyText)
    method_version: str = Field(sa_type=AnyText)
    fidelity: str = Field(sa_type=AnyText)
    task: str = Field(sa_type=AnyText)
    student: str = Field(sa_type=AnyText)
    teacher: str = Field(sa_type=AnyText)
    arm: str = Field(sa_type=AnyText)
    parent_id: str | None = Field(sa_type=AnyText, index=True)
    params: dict[str, Any] = Field(sa_type=JSON)
    seed: int = Field(sa_type=BigInteger)
    data_digest: str = Field(sa_type=AnyText)
    prompt_digests: dict[str, str] = Field(sa_type=JSON)
    versions: dict[str, str] = Field(sa_type=JSON)
    models_served: list[str] = Field(sa_type=JSON)
    status: str = Field(sa_type=AnyText)
    stop_reason: str | None = Field(sa_type=AnyText)


class ProblemRow(Row, table=True):
    """Mirrors ``Problem``; ``digest`` is that of its canonical JSON."""

    __tablename__ = "problem"
    __table_args__ = (UniqueConstraint("id", "digest"),)

    id: str = Field(sa_type=AnyText)
    digest: str = Field(sa_type=AnyText)
    task: str = Field(sa_type=AnyText, index=True)
    text: str = Field(sa_type=AnyText)
    gold: str | None = Field(sa_type=AnyText)
    scorer: str = Field(sa_type=AnyText)
    skills: list[str] = Field(sa_type=JSON)
    split: str = Field(sa_type=AnyText)
    group: str = Field(sa_type=AnyText)
    choices: list[dict[str, Any]] = Field(sa_type=JSON)
    item: dict[str, Any] | None = Field(sa_type=JSON)
    steps: list[dict[str, Any]] = Field(sa_type=JSON)
    source: str = Field(sa_type=AnyText)


class AttemptRow(Row, table=True):
    """Mirrors ``Attempt``; ``problem_digest`` names the revision of the problem that was answered."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "run_id", "phase"),)

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText)
    phase: str = Field(sa_type=AnyText)
    problem_id: str = Field(sa_type=AnyText, index=True)
    problem_digest: str | None = Field(default=None, sa_type=AnyText)
    split: str = Field(sa_type=AnyText)
    student: str = Field(sa_type=AnyText)
    lesson_ids: list[str] = Field(sa_type=JSON)
    sample: int = Field(sa_type=BigInteger)
    steps: list[str] = Field(sa_type=JSON)
    raw: str = Field(sa_type=AnyText)
    grade: dict[str, Any] = Field(sa_type=JSON)
    call_ids: list[str] = Field(sa_type=JSON)


class DiagnosisRow(Row, table=True):
    """Mirrors ``Diagnosis``."""

    __tablename__ = "diagnosis"

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText, index=True)
    attempt_id: str = Field(sa_type=AnyText, index=True)
    first_wrong_step: int | None = Field(sa_type=BigInteger)
    cause: str = Field(sa_type=AnyText)
    summary: str = Field(sa_type=AnyText)
    skill: str | None = Field(sa_type=AnyText)
    misconception_id: str | None = Field(sa_type=AnyText)
    evidence: str = Field(sa_type=AnyText)
    confidence: float | None
    source: str = Field(sa_type=AnyText)
    call_ids: list[str] = Field(sa_type=JSON)


class LessonRow(Row, table=True):
    """Mirrors ``Lesson``."""

    __tablename__ = "lesson"

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText, index=True)
    kind: str = Field(sa_type=AnyText)
    text: str = Field(sa_type=AnyText)
    skill: str | None = Field(sa_type=AnyText)
    source_attempt_ids: list[str] = Field(sa_type=JSON)
    source_split: str | None = Field(sa_type=AnyText)
    version: int = Field(sa_type=BigInteger)
    parent_id: str | None = Field(sa_type=AnyText, index=True)
    verified: bool
    checks: list[str] = Field(sa_type=JSON)
    audit: str = Field(sa_type=AnyText, index=True)
    author: str = Field(sa_type=AnyText)
    call_ids: list[str] = Field(sa_type=JSON)
    data: dict[str, Any] = Field(sa_type=JSON)


class LessonReviewRow(Row, table=True):
    """One change of a lesson's audit state: who, why, from what to what; ``created_at`` says when."""

    __tablename__ = "lesson_review"

    lesson_id: str = Field(sa_type=AnyText, foreign_key="lesson.id", index=True)
    from_state: str = Field(sa_type=AnyText)
    to_state: str = Field(sa_type=AnyText)
    by: str = Field(sa_type=AnyText)
    why: str = Field(sa_type=AnyText)


class ScoreRow(Row, table=True):
    """Mirrors ``Score``."""

    __tablename__ = "score"

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText, index=True)
    subject_id: str = Field(sa_type=AnyText, index=True)
    kind: str = Field(sa_type=AnyText)
    value: float
    n: int = Field(sa_type=BigInteger)
    low: float | None
    high: float | None
    probe_set: str = Field(sa_type=AnyText)
    round: int | None = Field(sa_type=BigInteger)


class TrainingRowColumns(Row):
    """The columns that every kind of fine-tuning data has."""

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText, index=True)
    problem_id: str | None = Field(sa_type=AnyText)
    split: str | None = Field(sa_type=AnyText)
    student: str = Field(sa_type=AnyText)
    lesson_ids: list[str] = Field(sa_type=JSON)
    source_attempt_ids: list[str] = Field(sa_type=JSON)
    call_ids: list[str] = Field(sa_type=JSON)
    round: int = Field(sa_type=BigInteger)
    audit: str = Field(sa_type=AnyText, index=True)
    flags: list[str] = Field(sa_type=JSON)
    data: dict[str, Any] = Field(sa_type=JSON)


class SFTExampleRow(TrainingRowColumns, table=True):
    """Mirrors ``SFTExample``."""

    __tablename__ = "sft_example"

    messages: list[dict[str, Any]] = Field(sa_type=JSON)
    weight: float


class PreferencePairRow(TrainingRowColumns, table=True):
    """Mirrors ``PreferencePair``."""

    __tablename__ = "preference_pair"

    prompt: str = Field(sa_type=AnyText)
    chosen: str = Field(sa_type=AnyText)
    rejected: str = Field(sa_type=AnyText)
    unit: str = Field(sa_type=AnyText)
    margin: float | None
    both_orders: bool


class RLExampleRow(TrainingRowColumns, table=True):
    """Mirrors ``RLExample``."""

    __tablename__ = "rl_example"

    messages: list[dict[str, Any]] = Field(sa_type=JSON)
    prefix_steps: list[str] = Field(sa_type=JSON)
    reference_step: str | None = Field(sa_type=AnyText)
    bad_step: str | None = Field(sa_type=AnyText)
    reward_spec: str = Field(sa_type=AnyText)
    hard: bool


class RowReviewRow(Row, table=True):
    """One change of a fine-tuning row's audit state: who, why, from what to what; ``created_at`` says when.

    The rows of the three kinds stand in three tables, so ``row_id`` is no foreign key; ``row_kind`` names the table.
    """

    __tablename__ = "row_review"

    row_kind: str = Field(sa_type=AnyText)
    row_id: str = Field(sa_type=AnyText, index=True)
    from_state: str = Field(sa_type=AnyText)
    to_state: str = Field(sa_type=AnyText)
    by: str = Field(sa_type=AnyText)
    why: str = Field(sa_type=AnyText)


class SkillStateRow(Row, table=True):
    """Mirrors ``SkillState``."""

    __tablename__ = "skill_state"

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText, index=True)
    student: str = Field(sa_type=AnyText)
    skill: str = Field(sa_type=AnyText)
    p_mastered: float
    n: int = Field(sa_type=BigInteger)
    last_seen: int | None = Field(sa_type=BigInteger)
    model: str = Field(sa_type=AnyText)
    model_version: str = Field(sa_type=AnyText)


class DialogueRow(Row, table=True):
    """Mirrors ``Dialogue``; its turns are JSON."""

    __tablename__ = "dialogue"

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText, index=True)
    student: str = Field(sa_type=AnyText)
    problem_id: str = Field(sa_type=AnyText)
    turns: list[dict[str, Any]] = Field(sa_type=JSON)


class CallRow(Row, table=True):
    """Mirrors ``Call``."""

    __tablename__ = "call"
    __table_args__ = (Index(None, "run_id", "node"),)

    id: str = Field(sa_type=AnyText, unique=True)
    run_id: str = Field(sa_type=AnyText)
    node: str = Field(sa_type=AnyText)
    role: str = Field(sa_type=AnyText)
    purpose: str = Field(sa_type=AnyText)
    model: str = Field(sa_type=AnyText)
    model_served: str | None = Field(sa_type=AnyText)
    prompt_id: str = Field(sa_type=AnyText)
    prompt_digest: str = Field(sa_type=AnyText, index=True)
    messages: list[dict[str, Any]] = Field(sa_type=JSON)
    reply: str = Field(sa_type=AnyText)
    key: str = Field(sa_type=AnyText)
    sample: int = Field(sa_type=BigInteger)
    attempt: int = Field(sa_type=BigInteger)
    tokens_in: int | None = Field(sa_type=BigInteger)
    tokens_out: int | None = Field(sa_type=BigInteger)
    cost_usd: float | None
    seconds: float | None
    cache_hit: bool
    outcome: str = Field(sa_type=AnyText)
    error: str | None = Field(sa_type=AnyText)
    sent: dict[str, Any] = Field(sa_type=JSON)
    about: list[str] = Field(sa_type=JSON)


class RunItemRow(Row, table=True):
    """The result of one finished item of a node's map, from which a resumed run goes on."""

    __tablename__ = "run_item"
    __table_args__ = (UniqueConstraint("run_id", "node", "item"),)

    run_id: str = Field(sa_type=AnyText)
    node: str = Field(sa_type=AnyText)
    item: str = Field(sa_type=AnyText)
    value: Any = Field(sa_type=JSON)


def table_of(row: type[Row]) -> Table:
    """Return the SQLAlchemy table behind a row class."""
    return cast(Table, row.__dict__["__table__"])
