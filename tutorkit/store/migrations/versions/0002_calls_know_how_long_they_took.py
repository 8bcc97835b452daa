"""Calls know how long they took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the seconds that a call took; nobody knows them of the calls that are there."""
    op.add_column("call", sa.Column("seconds", sa.Float(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("call", "seconds")
