"""DSPy's BootstrapFewShot as an arm: our calls, our budget, our scorer. DSPy itself is used where it is installed."""

from __future__ import annotations

import re
import sys
from collections import Counter

import pytest
from support.bench import export
from support.model_server import serve_model

from tutorkit.errors import BadSetting, MissingExtra
from tutorkit.graphs.allowance import Share
from tutorkit.lab import Allowance, Contest, Entrant, Lab, Limits, Plan
from tutorkit.methods.registry import find_method, method_names, optimiser_names, read_params
from tutorkit.methods.vocabulary import Cost, Sizes
from tutorkit.programs import SLOT
from tutorkit.store import StoreSink
from tutorkit.types import Attempt, Call, Lesson

# DSPy 3.4 warns of the class that custom models are made with; the extra is pinned below 3.5.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SIZES = {"train": 6, "val": 6, "test": 10}
WORKED = "Step by step."


@pytest.fixture
def server(gold):
    """``big`` is right in DSPy's form; ``tiny`` only where a worked example is shown to it."""

    def answer(body):
        said = [message["content"] for message in body["messages"]]
        wanted = next(value for text, value in gold.items() if text in said[-1])
        shown = any(WORKED in text for text in said[1:])
        found = wanted if body["model"] == "big" or shown else "-77"
        if "[[ ## question ## ]]" not in said[-1]:
            return f"Answer: {found}"
        return f"[[ ## reasoning ## ]]\n{WORKED}\n\n[[ ## answer ## ]]\n{found}\n\n[[ ## completed ## ]]"

    with serve_model(answer) as running:
        yield running


def planned(server, **over):
    given = {
        "method": "dspy-bootstrap",
        "task": "chains",
        "student": f"openai/tiny@{server.url}",
        "teacher": f"openai/big@{server.url}",
        "sizes": SIZES,
        "controls": "none",
        "params": {"bootstrapped": 3, "labelled": 5},
    }
    return Plan(**{**given, **over})


def optimising(lab, run_id) -> list[Call]:
    return [call for call in lab.calls(run_id) if call.purpose == "optimise"]


def program(lab, report) -> Lesson:
    (lesson,) = lab.lessons(report.run_id)
    return lesson


def test_what_the_teacher_got_right_is_shown_and_helps_where_gold_alone_does_not(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(server, controls="all"))
        lesson = program(lab, report)
    arms = {arm.name: arm for arm in report.arms}
    assert set(arms) == {"taught", "silent", "random"}
    assert [arms[name].taught.value for name in ("taught", "silent", "random")] == [1, 0, 0]
    assert (lesson.data["bootstrapped"], lesson.data["labelled"], lesson.data["ended"]) == (3, 2, "complete")
    messages = lesson.data["program"]
    assert sum(WORKED in message["content"] for message in messages) == 3
    assert [SLOT in message["content"] for message in messages] == [False] * (len(messages) - 1) + [True]


def test_its_calls_are_ours_and_equal_the_cost(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(server))
        calls = optimising(lab, report.run_id)
        lesson = program(lab, report)
    assert {call.role for call in calls} == {"teacher"} and {call.tokens_in for call in calls} == {10}
    assert (
        len(calls)
        == 3
        == find_method("dspy-bootstrap")
        .cost(read_params(find_method("dspy-bootstrap"), {"bootstrapped": 3}), Sizes(train=6, val=6))
        .teacher
    )
    assert lesson.call_ids == tuple(call.id for call in calls)


def test_the_student_is_measured_in_dspys_prompt_and_its_words_are_kept(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(server))
        taught = StoreSink(lab.store).find(Attempt, run_id=report.run_id, phase="test-taught")
    assert len(taught) == 10 and all(one.raw.startswith("[[ ## reasoning ## ]]") for one in taught)
    assert {one.grade.outcome for one in taught} == {"right"}


@pytest.mark.parametrize("share", [0, 2])
def test_where_the_allowance_ends_it_goes_on_with_the_demos_that_it_has(share, server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(server, allowance=Allowance(teacher=Share(calls=share))))
        assert report.status == "finished" and len(optimising(lab, report.run_id)) == share
        lesson = program(lab, report)
    assert (lesson.data["bootstrapped"], lesson.data["ended"]) == (share, "allowance")


@pytest.mark.parametrize("limit", [1, 2, 15])
def test_a_stopped_run_goes_on_and_pays_for_nothing_twice(limit, server, tmp_path):
    with Lab(home=tmp_path / "whole") as lab:
        complete = export(lab, lab.teach_plan(planned(server)).run_id)
    server.asked = Counter()
    with Lab(home=tmp_path / "halted") as lab:
        halted = lab.teach_plan(planned(server), limits=Limits(max_calls=limit))
        assert (halted.status, halted.stop_reason) == ("stopped", "budget") and server.calls == limit
        again = lab.teach_plan(planned(server))
        assert again.status == "finished" and export(lab, again.run_id) == complete
    assert max(server.asked.values()) == 1


def test_it_shows_the_problems_that_it_was_given_alone(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        shown = [
            [
                message["content"]
                for message in program(lab, lab.teach_plan(planned(server, params=params))).data["program"]
            ]
            for params in ({"bootstrapped": 3, "examples": "train"}, {"bootstrapped": 3, "examples": "val"})
        ]
    asked = [set(re.findall(r"\[\[ ## question ## \]\]\n(Work.*)", "\n".join(texts))) for texts in shown]
    assert asked[0] and asked[1] and not asked[0] & asked[1]


def test_the_student_may_be_its_own_teacher(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(server, params={"teacher": "student"}, teacher="rules"))
        calls = optimising(lab, report.run_id)
        lesson = program(lab, report)
    assert {call.role for call in calls} == {"student"} and len(calls) == 12
    assert lesson.data["bootstrapped"] == 0


def test_it_stands_beside_our_methods_in_a_comparison(server, tmp_path):
    contest = Contest(
        entrants=(Entrant(name="dspy-bootstrap", method="dspy-bootstrap"), Entrant(name="tpd", method="tpd")),
        task="chains",
        student=f"openai/tiny@{server.url}",
        teacher=f"openai/big@{server.url}",
        seeds=(0,),
        allowance=Allowance(teacher=Share(calls=4)),
        sizes=SIZES,
        controls="free",
    )
    with Lab(home=tmp_path) as lab:
        report = lab.compare(contest)
    assert report.unfinished == ()
    assert [(one.name, one.whole.taught.value) for one in report.standings] == [("dspy-bootstrap", 1), ("tpd", 0)]
    assert report.standings[0].whole.teacher.calls == 4


@pytest.mark.parametrize("who", ["student", "teacher"])
def test_who_is_no_model_cannot_be_asked_in_another_projects_prompt(who, server, tmp_path):
    name = {"student": "sim/two-bugs", "teacher": "rules"}[who]
    with Lab(home=tmp_path) as lab, pytest.raises(BadSetting, match="another project's prompts"):
        report = lab.teach_plan(planned(server, **{who: name}))
        raise BadSetting(report.message)
    assert server.calls == 0


def test_without_dspy_it_names_the_extra(server, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "dspy", None)
    with Lab(home=tmp_path) as lab:
        try:
            said = lab.teach_plan(planned(server)).message
        except MissingExtra as error:
            said = error.remedy
    assert "tutorkit[dspy]" in said


def test_a_comparison_with_it_can_be_estimated(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        line = next(each for each in lab.estimate(planned(server)).lines if each.role == "teacher")
    assert (line.requests.low, line.requests.high) == (3, 12)


def test_the_cost_has_an_upper_bound_for_every_way_of_using_it():
    method = find_method("dspy-bootstrap")
    sizes = Sizes(train=10, val=20)

    def cost(**params) -> Cost:
        return method.cost(read_params(method, params), sizes)

    assert cost() == Cost(teacher=4, student=0, again=26)
    assert cost(rounds=2, examples="train") == Cost(teacher=4, student=0, again=16)
    assert cost(teacher="student") == Cost(teacher=0, student=0, student_again=30)
    assert cost(bootstrapped=0) == Cost(teacher=0, student=0)


def test_it_is_found_by_name_and_is_no_method_of_ours():
    assert "dspy-bootstrap" in optimiser_names() and "dspy-bootstrap" not in method_names()
