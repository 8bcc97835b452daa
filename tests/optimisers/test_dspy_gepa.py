"""DSPy's GEPA as an arm. DSPy itself is used where it is installed, else a stub of the part that we touch."""

from __future__ import annotations

import json

import pytest
from support.model_server import serve_model
from support.optimiser_checks import (
    check_a_stopped_run_goes_on_to_the_same_end,
    check_it_asks_at_most_what_the_estimate_says,
    check_where_the_allowance_ends_the_best_so_far_stays,
)

from tutorkit.graphs.allowance import Share
from tutorkit.lab import Lab, Plan
from tutorkit.methods.registry import optimiser_names
from tutorkit.optimisers.gepa import FEEDBACK_ID

# DSPy 3.4 warns of the class that custom models are made with; the extra is pinned below 3.5.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*multivariate"),
]

SIZES = {"train": 4, "val": 4, "test": 6}
RULE = "Do the parts one after another."


@pytest.fixture
def server(gold):
    """``big`` writes one good instruction; ``tiny`` is right where it stands in its system message."""

    def answer(body):
        said = [message["content"] for message in body["messages"]]
        if "new_instruction" in said[-1]:
            return json.dumps({"new_instruction": RULE})
        wanted = next(value for text, value in gold.items() if text in said[-1])
        found = wanted if RULE in said[0] else "-77"
        if "[[ ## question ## ]]" not in said[-1]:
            return f"Answer: {found}"
        return f"[[ ## reasoning ## ]]\nSo.\n\n[[ ## answer ## ]]\n{found}\n\n[[ ## completed ## ]]"

    with serve_model(answer) as running:
        yield running


def planned(server, **over):
    given = {
        "method": "dspy-gepa",
        "task": "chains",
        "student": f"openai/tiny@{server.url}",
        "teacher": f"openai/big@{server.url}",
        "sizes": SIZES,
        "controls": "none",
        "params": {"evaluations": 40},
    }
    return Plan(**{**given, **over})


def test_the_instruction_that_helps_is_found_and_a_silent_teacher_finds_none(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(server, controls="all"))
        (lesson,) = lab.lessons(report.run_id)
        silent = next(run for run in lab.runs() if run.arm == "silent")
        (left,) = lab.lessons(silent.id)
    assert {arm.name: arm.taught.value for arm in report.arms} == {"taught": 1, "silent": 0}
    assert lesson.text == RULE and lesson.data["ended"] == "complete" and not lesson.data["untouched"]
    assert left.text != RULE and left.data["ended"] == "complete"


def test_the_teacher_reads_our_verdict_from_its_prompt_file_and_the_run_names_that_file(server, gold, tmp_path):
    with Lab(home=tmp_path) as lab:
        run_id = lab.teach_plan(planned(server)).run_id
        asked = [call for call in lab.calls(run_id) if call.role == "teacher"]
        (run,) = lab.runs()
    read = "\n".join(message.content for call in asked for message in call.messages)
    assert any(f"Wrong. The right answer is {value}." in read for value in gold.values())
    assert FEEDBACK_ID in run.prompt_digests


def test_it_asks_at_most_what_the_estimate_says(server, tmp_path):
    check_it_asks_at_most_what_the_estimate_says(planned(server), tmp_path)


@pytest.mark.parametrize("share", [{"teacher": Share(calls=0)}, {"student": Share(calls=3)}])
def test_where_the_allowance_ends_what_is_best_so_far_stays(share, server, tmp_path):
    check_where_the_allowance_ends_the_best_so_far_stays(planned(server), share, tmp_path)


def test_a_stopped_run_goes_on_to_the_same_end(server, tmp_path):
    check_a_stopped_run_goes_on_to_the_same_end(planned(server), tmp_path, stopped_at=9)


def test_a_student_that_is_its_own_teacher_needs_no_other(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(server, teacher="rules", params={"evaluations": 40, "teacher": "student"}))
    assert report.arms[0].taught.value == 1
    assert {spent.role for spent in report.spending if spent.calls} == {"student"}


def test_what_a_student_asks_as_its_own_teacher_is_within_the_estimate(server, tmp_path):
    check_it_asks_at_most_what_the_estimate_says(
        planned(server, teacher="rules", params={"evaluations": 40, "teacher": "student"}), tmp_path
    )


def test_it_is_found_by_name():
    assert "dspy-gepa" in optimiser_names()
