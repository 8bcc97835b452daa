"""A later review of rows is no difference between what two executions made."""

from __future__ import annotations

from support.export_samples import RUN, keep, pair, rl, sft

from tutorkit.lab import Lab
from tutorkit.lab.recordings.comparing import compare_made, made_by
from tutorkit.store import StoreSink, export_run
from tutorkit.types import Run


def test_what_was_reviewed_later_compares_as_the_same(tmp_path):
    made = []
    for name in ("one", "two"):
        with Lab(home=tmp_path / name) as lab:
            keep(lab.store, *(make(audit="pending") for make in (sft, pair, rl)))
            run = lab.run(RUN)
            StoreSink(lab.store).put(Run.model_validate({**run.model_dump(), "params": {"plan": {}}}))
            if name == "two":
                lab.review_rows(RUN, to="approved", by="Ada", why="read them")
            made.append(made_by(export_run(lab.store, run_id=RUN)))
    assert made[0]["sft_examples"] and compare_made("taught", *made) == []
