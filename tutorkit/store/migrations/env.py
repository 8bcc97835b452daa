"""What alembic runs for a migration. ``tutorkit.store.schema`` is its only caller, and hands over the connection.

A new migration, after a change of ``tables.py``::

    python -c "from tutorkit.store.schema import revise; revise('lessons know their language')"
"""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from tutorkit.store import columns
from tutorkit.store.tables import Row


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write the store's own column types as the template imports them; alembic renders the rest."""
    ours = kind == "type" and type(item).__module__ == columns.__name__
    return f"columns.{type(item).__name__}()" if ours else False


attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    target_metadata=Row.metadata,
    compare_type=True,
    render_item=render_item,
    render_as_batch=True,  # SQLite cannot alter a column: alembic then copies the table. Elsewhere it alters as usual.
)
with context.begin_transaction():
    context.run_migrations()
