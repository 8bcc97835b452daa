"""A sink in memory, so that graphs are tested without a database."""

from __future__ import annotations

from collections import defaultdict

from tutorkit.errors import RecordNotFound
from tutorkit.types import Record


class MemorySink:
    """Implements ``ports.Sink``."""

    def __init__(self) -> None:
        self.records: dict[type[Record], dict[str, Record]] = defaultdict(dict)
        self.items: dict[tuple[str, str], dict[str, object]] = defaultdict(dict)

    def put(self, *records):
        for record in records:
            self.records[type(record)][record.id] = record

    def get(self, kind, record_id):
        try:
            return self.records[kind][record_id]
        except KeyError:
            raise RecordNotFound(f"There is no {kind.__name__} {record_id}.") from None

    def get_all(self, kind, record_ids, *, missing_ok=False):
        return [self.get(kind, name) for name in record_ids if not missing_ok or name in self.records[kind]]

    def find(self, kind, /, **equal):
        found = self.records[kind].values()
        return [r for r in found if all(getattr(r, name) == value for name, value in equal.items())]

    def remember(self, run_id, node, item, value):
        self.items[run_id, node][item] = value

    def recall(self, run_id, node, *, items=None):
        return {name: value for name, value in self.items[run_id, node].items() if items is None or name in items}

    def flush(self):
        pass
