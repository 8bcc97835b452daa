"""Who decided what about a row of fine-tuning data."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from tutorkit.store import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of decisions."""
    op.create_table(
        "row_review",
        sa.Column("seq", columns.SequenceNumber(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        *(
            sa.Column(name, columns.AnyText(), nullable=False)
            for name in ("row_kind", "row_id", "from_state", "to_state", "by", "why")
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_row_review"),
    )
    op.create_index("ix_row_review_row_id", "row_review", ["row_id"])


def downgrade() -> None:
    """Forget them; the rows keep the state that they have."""
    op.drop_table("row_review")
