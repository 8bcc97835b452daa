"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_ESCAPE = "\ue000"
_UNSTORABLE = re.compile(f"[\x00\ud800-\udfff{_ESCAPE}]")
_ESCAPED = re.compile(f"{_ESCAPE}([0-9a-f]{{4}})")


class AnyText(TypeDecorator[str]):
    """Text that comes back exactly as it went in, whatever a model wrote.

    PostgreSQL refuses NUL in text and both databases refuse lone surrogates, and a model's raw answer can hold either.
    Such a character is kept as a private-use mark followed by its four hexadecimal digits.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape what a database cannot hold."""
        return value and _UNSTORABLE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Undo the escape."""
        return value and _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


class SequenceNumber(TypeDecorator[int]):
    """A 64-bit key that the database counts up; SQLite does so only for a column called INTEGER."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        """Return the database's own type."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())
