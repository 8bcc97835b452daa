"""The same experiment on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from support.bench import export, plan

from tutorkit.lab import Lab


@pytest.mark.slow
def test_a_run_leaves_the_same_on_postgresql(tmp_path, new_postgres_url):
    given = plan(sizes={"train": 3, "val": 20, "test": 20})
    exports, reports = [], []
    for home, url in (("sqlite", None), ("postgresql", new_postgres_url())):
        with Lab(home=tmp_path / home, db_url=url) as lab:
            report = lab.teach_plan(given)
            chain = lab.audit(report.principles[0].id)
            assert chain.missing == () and chain.attempts and chain.calls
            exports.append(export(lab, report.run_id))
            reports.append(report.model_copy(update={"pack": None}))
            assert lab.teach_plan(given) == report
    assert exports[0] == exports[1] and reports[0] == reports[1]


def test_the_api_of_the_readme_is_there_sync_and_async(tmp_path):
    async def inside() -> str:
        with Lab(home=tmp_path / "async") as lab:
            return (await lab.ateach_plan(plan(sizes={"val": 10, "test": 10}))).status

    import asyncio

    assert asyncio.run(inside()) == "finished"
    with Lab(home=tmp_path / "sync") as lab:
        report = lab.teach(
            "tpd",
            task="chains",
            student="sim/two-bugs",
            teacher="rules",
            sizes={"val": 10, "test": 10},
            controls="none",
        )
        assert report.status == "finished"
        assert [run.id for run in lab.runs()] == [report.run_id]
        assert lab.report(report.run_id[:9]) == report
