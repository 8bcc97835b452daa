"""What a report says of the skills that were taught: only what the teaching found out about the student."""

from __future__ import annotations

import pytest
from support.bench import TWO_BUGS, plan
from support.fixtures import FIXTURES

from tutorkit.lab import Lab


def taught(home, method, **over):
    with Lab(home=home) as lab:
        return lab.teach_plan(plan(method, task=FIXTURES[method].task, sizes=FIXTURES[method].sizes, **over)).arms[0]


def test_rationales_of_every_problem_are_no_diagnosis_and_what_was_rewritten_for_an_error_is(tmp_path):
    arm = taught(tmp_path, "undo")
    assert arm.named == TWO_BUGS and (arm.precision, arm.recall) == (1.0, 1.0)


@pytest.mark.parametrize("method", ["undo", "lbt"])
def test_where_nothing_was_found_out_there_is_no_precision(method, tmp_path):
    arm = taught(tmp_path, method, student="sim/perfect")
    assert arm.taught.value == 1 and (arm.named, arm.precision, arm.recall) == ((), None, None)
