"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from tutorkit.store import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _attempt()
    _call()
    _diagnosis()
    _dialogue()
    _lesson()
    _preference_pair()
    _problem()
    _run()
    _run_item()
    _score()
    _skill_state()
    _lesson_review()


def downgrade() -> None:
    """Drop every table."""
    for name in (
        "lesson_review",
        "skill_state",
        "score",
        "run_item",
        "run",
        "problem",
        "preference_pair",
        "lesson",
        "dialogue",
        "diagnosis",
        "call",
        "attempt",
    ):
        op.drop_table(name)


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("phase", columns.AnyText(), nullable=False),
        sa.Column("problem_id", columns.AnyText(), nullable=False),
        sa.Column("problem_digest", columns.AnyText(), nullable=True),
        sa.Column("split", columns.AnyText(), nullable=False),
        sa.Column("student", columns.AnyText(), nullable=False),
        sa.Column("lesson_ids", sa.JSON(), nullable=False),
        sa.Column("sample", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("raw", columns.AnyText(), nullable=False),
        sa.Column("grade", sa.JSON(), nullable=False),
        sa.Column("call_ids", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_attempt"),
        sa.UniqueConstraint("id", name="uq_attempt_id"),
    )
    op.create_index("ix_attempt_problem_id", "attempt", ["problem_id"])
    op.create_index("ix_attempt_run_id_phase", "attempt", ["run_id", "phase"])


def _call() -> None:
    op.create_table(
        "call",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("node", columns.AnyText(), nullable=False),
        sa.Column("role", columns.AnyText(), nullable=False),
        sa.Column("purpose", columns.AnyText(), nullable=False),
        sa.Column("model", columns.AnyText(), nullable=False),
        sa.Column("model_served", columns.AnyText(), nullable=True),
        sa.Column("prompt_id", columns.AnyText(), nullable=False),
        sa.Column("prompt_digest", columns.AnyText(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("reply", columns.AnyText(), nullable=False),
        sa.Column("key", columns.AnyText(), nullable=False),
        sa.Column("sample", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=True),
        sa.Column("tokens_out", sa.BigInteger(), nullable=True),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column("cache_hit", sa.Boolean(), nullable=False),
        sa.Column("outcome", columns.AnyText(), nullable=False),
        sa.Column("error", columns.AnyText(), nullable=True),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_call"),
        sa.UniqueConstraint("id", name="uq_call_id"),
    )
    op.create_index("ix_call_prompt_digest", "call", ["prompt_digest"])
    op.create_index("ix_call_run_id_node", "call", ["run_id", "node"])


def _diagnosis() -> None:
    op.create_table(
        "diagnosis",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("attempt_id", columns.AnyText(), nullable=False),
        sa.Column("first_wrong_step", sa.BigInteger(), nullable=True),
        sa.Column("cause", columns.AnyText(), nullable=False),
        sa.Column("summary", columns.AnyText(), nullable=False),
        sa.Column("skill", columns.AnyText(), nullable=True),
        sa.Column("misconception_id", columns.AnyText(), nullable=True),
        sa.Column("evidence", columns.AnyText(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("source", columns.AnyText(), nullable=False),
        sa.Column("call_ids", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_diagnosis"),
        sa.UniqueConstraint("id", name="uq_diagnosis_id"),
    )
    op.create_index("ix_diagnosis_attempt_id", "diagnosis", ["attempt_id"])
    op.create_index("ix_diagnosis_run_id", "diagnosis", ["run_id"])


def _dialogue() -> None:
    op.create_table(
        "dialogue",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("student", columns.AnyText(), nullable=False),
        sa.Column("problem_id", columns.AnyText(), nullable=False),
        sa.Column("turns", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_dialogue"),
        sa.UniqueConstraint("id", name="uq_dialogue_id"),
    )
    op.create_index("ix_dialogue_run_id", "dialogue", ["run_id"])


def _lesson() -> None:
    op.create_table(
        "lesson",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("kind", columns.AnyText(), nullable=False),
        sa.Column("text", columns.AnyText(), nullable=False),
        sa.Column("skill", columns.AnyText(), nullable=True),
        sa.Column("source_attempt_ids", sa.JSON(), nullable=False),
        sa.Column("source_split", columns.AnyText(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", columns.AnyText(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("audit", columns.AnyText(), nullable=False),
        sa.Column("author", columns.AnyText(), nullable=False),
        sa.Column("call_ids", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_lesson"),
        sa.UniqueConstraint("id", name="uq_lesson_id"),
    )
    op.create_index("ix_lesson_audit", "lesson", ["audit"])
    op.create_index("ix_lesson_parent_id", "lesson", ["parent_id"])
    op.create_index("ix_lesson_run_id", "lesson", ["run_id"])


def _preference_pair() -> None:
    op.create_table(
        "preference_pair",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("prompt", columns.AnyText(), nullable=False),
        sa.Column("chosen", columns.AnyText(), nullable=False),
        sa.Column("rejected", columns.AnyText(), nullable=False),
        sa.Column("unit", columns.AnyText(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("both_orders", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_preference_pair"),
        sa.UniqueConstraint("id", name="uq_preference_pair_id"),
    )
    op.create_index("ix_preference_pair_run_id", "preference_pair", ["run_id"])


def _problem() -> None:
    op.create_table(
        "problem",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("digest", columns.AnyText(), nullable=False),
        sa.Column("task", columns.AnyText(), nullable=False),
        sa.Column("text", columns.AnyText(), nullable=False),
        sa.Column("gold", columns.AnyText(), nullable=True),
        sa.Column("scorer", columns.AnyText(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("split", columns.AnyText(), nullable=False),
        sa.Column("group", columns.AnyText(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("item", sa.JSON(), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("source", columns.AnyText(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_problem"),
        sa.UniqueConstraint("id", "digest", name="uq_problem_id_digest"),
    )
    op.create_index("ix_problem_task", "problem", ["task"])


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("method", columns.AnyText(), nullable=False),
        sa.Column("method_version", columns.AnyText(), nullable=False),
        sa.Column("fidelity", columns.AnyText(), nullable=False),
        sa.Column("task", columns.AnyText(), nullable=False),
        sa.Column("student", columns.AnyText(), nullable=False),
        sa.Column("teacher", columns.AnyText(), nullable=False),
        sa.Column("arm", columns.AnyText(), nullable=False),
        sa.Column("parent_id", columns.AnyText(), nullable=True),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("data_digest", columns.AnyText(), nullable=False),
        sa.Column("prompt_digests", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("models_served", sa.JSON(), nullable=False),
        sa.Column("status", columns.AnyText(), nullable=False),
        sa.Column("stop_reason", columns.AnyText(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_run"),
        sa.UniqueConstraint("id", name="uq_run_id"),
    )
    op.create_index("ix_run_parent_id", "run", ["parent_id"])


def _run_item() -> None:
    op.create_table(
        "run_item",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("node", columns.AnyText(), nullable=False),
        sa.Column("item", columns.AnyText(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_run_item"),
        sa.UniqueConstraint("run_id", "node", "item", name="uq_run_item_run_id_node_item"),
    )


def _score() -> None:
    op.create_table(
        "score",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("subject_id", columns.AnyText(), nullable=False),
        sa.Column("kind", columns.AnyText(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("probe_set", columns.AnyText(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_score"),
        sa.UniqueConstraint("id", name="uq_score_id"),
    )
    op.create_index("ix_score_run_id", "score", ["run_id"])
    op.create_index("ix_score_subject_id", "score", ["subject_id"])


def _skill_state() -> None:
    op.create_table(
        "skill_state",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        sa.Column("student", columns.AnyText(), nullable=False),
        sa.Column("skill", columns.AnyText(), nullable=False),
        sa.Column("p_mastered", sa.Float(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("model", columns.AnyText(), nullable=False),
        sa.Column("model_version", columns.AnyText(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_skill_state"),
        sa.UniqueConstraint("id", name="uq_skill_state_id"),
    )
    op.create_index("ix_skill_state_run_id", "skill_state", ["run_id"])


def _lesson_review() -> None:
    op.create_table(
        "lesson_review",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lesson_id", columns.AnyText(), nullable=False),
        sa.Column("from_state", columns.AnyText(), nullable=False),
        sa.Column("to_state", columns.AnyText(), nullable=False),
        sa.Column("by", columns.AnyText(), nullable=False),
        sa.Column("why", columns.AnyText(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name="fk_lesson_review_lesson_id_lesson"),
        sa.PrimaryKeyConstraint("seq", name="pk_lesson_review"),
    )
    op.create_index("ix_lesson_review_lesson_id", "lesson_review", ["lesson_id"])
