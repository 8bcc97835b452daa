"""Fine-tuning data: SFT and RL examples, and preference pairs that know where they came from."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from tutorkit.store import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COMMON = (
    ("problem_id", columns.AnyText, True, None),
    ("split", columns.AnyText, True, None),
    ("student", columns.AnyText, False, ""),
    ("lesson_ids", sa.JSON, False, "[]"),
    ("source_attempt_ids", sa.JSON, False, "[]"),
    ("call_ids", sa.JSON, False, "[]"),
    ("round", sa.BigInteger, False, "0"),
    ("audit", columns.AnyText, False, "pending"),
    ("flags", sa.JSON, False, "[]"),
    ("data", sa.JSON, False, "{}"),
)
"""Name, type, whether it may be null, and what it is in a pair that was kept before there were such columns."""


def upgrade() -> None:
    """Make the tables of examples, and add to the preference pairs what they have in common with these."""
    _table(
        "sft_example", sa.Column("messages", sa.JSON(), nullable=False), sa.Column("weight", sa.Float(), nullable=False)
    )
    _table(
        "rl_example",
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("prefix_steps", sa.JSON(), nullable=False),
        sa.Column("reference_step", columns.AnyText(), nullable=True),
        sa.Column("bad_step", columns.AnyText(), nullable=True),
        sa.Column("reward_spec", columns.AnyText(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
    )
    for name, kind, nullable, default in _COMMON:
        op.add_column("preference_pair", sa.Column(name, kind(), nullable=nullable, server_default=default))
    op.create_index("ix_preference_pair_audit", "preference_pair", ["audit"])


def downgrade() -> None:
    """Drop the tables and the columns."""
    op.drop_table("sft_example")
    op.drop_table("rl_example")
    op.drop_index("ix_preference_pair_audit", "preference_pair")
    for name, *_ in _COMMON:
        op.drop_column("preference_pair", name)


def _table(name: str, *own: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("id", columns.AnyText(), nullable=False),
        sa.Column("run_id", columns.AnyText(), nullable=False),
        *(sa.Column(column, kind(), nullable=nullable) for column, kind, nullable, _ in _COMMON),
        *own,
        sa.PrimaryKeyConstraint("seq", name=f"pk_{name}"),
        sa.UniqueConstraint("id", name=f"uq_{name}_id"),
    )
    op.create_index(f"ix_{name}_run_id", name, ["run_id"])
    op.create_index(f"ix_{name}_audit", name, ["audit"])
