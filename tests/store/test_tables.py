from __future__ import annotations

import pytest
from sqlalchemy import select
from store_samples import attempt, problem

from tutorkit.canonical import digest
from tutorkit.store import Store, StoreSink
from tutorkit.store.rows import ROW_OF, values_of
from tutorkit.store.tables import AttemptRow, Row, table_of
from tutorkit.types import Record

_BESIDE = {"ProblemRow": {"digest"}, "AttemptRow": {"problem_digest"}}


@pytest.mark.parametrize(("kind", "row"), ROW_OF.items(), ids=lambda cls: cls.__name__)
def test_a_table_has_the_fields_of_its_noun(kind: type[Record], row: type[Row]) -> None:
    beside = {"seq", "created_at"} | _BESIDE.get(row.__name__, set())
    assert set(table_of(row).c.keys()) == set(kind.model_fields) | beside
    assert set(kind.model_fields) & beside == set()


def test_a_row_is_validated_though_its_constructor_would_not() -> None:
    bent = problem().model_copy(update={"text": ["no", "text"]})
    with pytest.raises(ValueError, match="text"), pytest.warns(UserWarning, match="serializ"):
        values_of(bent)


def test_a_row_knows_when_it_was_made_in_utc(store: Store) -> None:
    StoreSink(store).put(problem(), attempt())
    with store.read() as connection:
        row = connection.execute(select(table_of(AttemptRow))).mappings().one()
    assert row["created_at"].utcoffset().total_seconds() == 0
    assert row["problem_digest"] == digest(problem().model_dump())
