"""A run that was begun with ``review`` waits, and what was rejected plays no further part in it."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest
from support.bench import plan

from tutorkit.errors import BadSetting
from tutorkit.lab import Lab, NodeStarted, Plan, TeachReport
from tutorkit.lab.recordings.comparing import compare_made, made_by
from tutorkit.lab.teaching import END_NODE
from tutorkit.methods.registry import find_method, method_names
from tutorkit.store import StoreSink, export_run, find_row
from tutorkit.types import Attempt, Lesson, PreferencePair, RLExample, Run, SFTExample

BY = {"by": "Ada", "why": "read"}
ROWS = (SFTExample, PreferencePair, RLExample)
WAITING = [name for name in method_names() if find_method(name).review_points]

SMALL = {"train": 6, "val": 20, "test": 20}

Decide = Callable[[int], str]


def example_of(name: str) -> Plan:
    """The small run that the method's page shows."""
    given = [word.removeprefix("--") for word in shlex.split(find_method(name).example)]
    words = dict(zip(given[::2], given[1::2], strict=True))
    params = dict([words.pop("set").split("=")]) if "set" in words else {}
    who = {key: words.pop(key) for key in ("task", "student", "teacher")}
    sizes = {split: min(int(size), 12) for split, size in words.items()}
    return Plan(method=name, params=params, controls="none", sizes=sizes, **who)


def decide_all(lab: Lab, run_id: str, decide: Decide) -> int:
    """Decide about all that waits; ``decide`` says of the n-th what becomes of it."""
    sink = StoreSink(lab.store)
    waiting = [x for x in sink.find(Lesson, run_id=run_id, verified=True) if x.audit in ("draft", "pending")]
    for place, lesson in enumerate(waiting):
        lab.review(lesson.id, to=decide(place), **BY)
    rows = [row for kind in ROWS for row in sink.find(kind, run_id=run_id, audit="pending")]
    for place, row in enumerate(rows):
        lab.review_rows(row.id, to=decide(place), **BY)
    return len(waiting) + len(rows)


def through(lab: Lab, given: Plan, decide: Decide) -> tuple[TeachReport, list[str]]:
    """Execute a plan with review to its end; return the report and the nodes before which it waited."""
    places = []
    report = lab.teach_plan(given, review=True)
    while report.status == "waiting":
        places.append(report.message.partition(", before ")[2].partition(".")[0])
        assert report.stop_reason == "review" and decide_all(lab, report.run_id, decide)
        report = lab.teach_plan(given, review=True)
    assert report.status == "finished"
    return report, places


def made(lab: Lab, run_id: str):
    return made_by(export_run(lab.store, run_id=run_id))


def taught_by(lab: Lab, run_id: str) -> tuple[set[str], set[str]]:
    """Return the lessons that the measured student was shown, and the rows that it was trained on."""
    sink = StoreSink(lab.store)
    state = sink.recall(run_id, END_NODE)["state"]
    answers = sink.get_all(Attempt, state["test"]["taught"])
    shown = {name for answer in answers for name in answer.lesson_ids}
    return shown | {*state.get("lessons", [])}, {*state.get("rows", [])}


@pytest.mark.parametrize("name", ["tpd", "cemal", "strategies"])
def test_with_nothing_rejected_the_end_is_that_of_a_run_without_review(tmp_path, name):
    given = example_of(name)
    with Lab(home=tmp_path / "without") as without, Lab(home=tmp_path / "with") as lab:
        plain = without.teach_plan(given)
        report, places = through(lab, given, lambda _: "approved")
        assert places and report.run_id == plain.run_id and report.arms == plain.arms
        assert compare_made("taught", made(without, plain.run_id), made(lab, report.run_id)) == []
        ends = [StoreSink(each.store).recall(plain.run_id, END_NODE)["state"] for each in (without, lab)]
        assert ends[0] == ends[1]
        assert lab.report(report.run_id).principles == tuple(
            line.model_copy(update={"audit": "approved"}) for line in plain.principles
        )


@pytest.mark.parametrize("name", ["tpd", "cemal", "strategies", "undo", "score", "ts-align"])
def test_with_everything_rejected_the_student_is_untaught(tmp_path, name):
    with Lab(home=tmp_path) as lab:
        report, _ = through(lab, example_of(name), lambda _: "rejected")
        assert taught_by(lab, report.run_id) == (set(), set())
        assert report.arms[0].gain.value == 0 and report.pack is None


@pytest.mark.parametrize("name", WAITING)
def test_what_was_rejected_reaches_the_measured_student_in_no_form(tmp_path, name):
    with Lab(home=tmp_path) as lab:
        report, places = through(lab, example_of(name), lambda place: "approved" if place % 2 else "rejected")
        assert {*places} <= {*find_method(name).review_points}
        sink = StoreSink(lab.store)
        lessons, rows = taught_by(lab, report.run_id)
        refused = {lesson.id for lesson in sink.find(Lesson, run_id=report.run_id, audit="rejected")}
        assert places and (refused or sink.find(PreferencePair, run_id=report.run_id, audit="rejected"))
        assert not lessons & refused
        for name in rows:
            _, row = find_row(lab.store, row_id=name)
            assert row.audit != "rejected" and not refused & {*row.lesson_ids}
            assert row.audit == "approved" or row.lesson_ids, "a row that nobody has seen, of a lesson or by itself"


def test_what_went_on_from_a_rejected_repair_becomes_no_row(tmp_path):
    given = example_of("score").model_copy(update={"sizes": {"train": 24, "val": 4, "test": 12}})
    with Lab(home=tmp_path) as lab:
        run_id = lab.teach_plan(given, review=True).run_id
        lab.review(run_id, to="rejected", **BY)
        lab.teach_plan(given, review=True)
        sink = StoreSink(lab.store)
        assert len(sink.find(Attempt, run_id=run_id, phase="train-1"))
        rows = [row for kind in (SFTExample, RLExample) for row in sink.find(kind, run_id=run_id)]
        assert rows and {len(row.source_attempt_ids) for row in rows} == {1}


def test_it_says_what_waits_and_how_to_go_on_and_the_controls_come_after(tmp_path):
    given, events = plan(sizes=SMALL, controls="all"), []
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(given, review=True, listen=events.append)
        assert [event.node for event in events if isinstance(event, NodeStarted)][-1] == "refine_instruction#0"
        words = lab.undecided(report.run_id).words
        assert f"The run {report.run_id} waits for review of {words}, before assemble." in report.message
        assert "lessons" in words and [arm.name for arm in report.arms] == ["taught"]
        assert (report.status, lab.run(report.run_id).stop_reason) == ("waiting", "review")
        asked = len(lab.calls(report.run_id))
        lab.review(report.run_id, to="approved", **BY)
        assert lab.undecided(report.run_id).words == ""
        report = lab.teach_plan(given, review=True)
        assert [arm.name for arm in report.arms] == ["taught", "silent", "deranged", "random"]
        assert {arm.status for arm in report.arms} == {"finished"}
        # Going on asked the teacher nothing again: what came is the measuring.
        assert len(lab.calls(report.run_id)) == asked + 2 * SMALL["test"]
        assert lab.undecided(report.arms[2].run_id).words


def test_nothing_is_lost_while_it_waits(tmp_path):
    given = plan(sizes=SMALL)
    with Lab(home=tmp_path) as lab:
        run_id = lab.teach_plan(given, review=True).run_id
    with Lab(home=tmp_path) as lab:
        assert lab.teach_plan(given, review=True).status == "waiting"
        lab.review(run_id, to="rejected", **BY)
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(given, review=True)
        assert report.status == "finished" and report.arms[0].gain.value == 0


def test_without_review_the_same_command_goes_on_at_once(tmp_path):
    given = plan(sizes=SMALL)
    with Lab(home=tmp_path) as lab:
        waiting = lab.teach_plan(given, review=True)
        lab.review(waiting.run_id, to="rejected", **BY)
        report = lab.teach_plan(given)
    assert report.status == "finished" and report.run_id == waiting.run_id and report.arms[0].gain.value > 0


def test_a_finished_run_does_not_wait(tmp_path):
    given = plan(sizes=SMALL)
    with Lab(home=tmp_path) as lab:
        done = lab.teach_plan(given)
        assert lab.teach_plan(given, review=True).arms == done.arms


def test_approving_a_run_leaves_rejected_what_was_rejected(tmp_path):
    with Lab(home=tmp_path) as lab:
        run_id = lab.teach_plan(plan(sizes=SMALL), review=True).run_id
        first = next(lesson for lesson in lab.lessons(run_id) if lesson.verified)
        lab.review(first.id, to="rejected", **BY)
        assert first.id not in [lesson.id for lesson in lab.review(run_id, to="approved", **BY)]
        audits = {lesson.id: lesson.audit for lesson in lab.lessons(run_id) if lesson.verified}
        assert audits.pop(first.id) == "rejected" and {*audits.values()} == {"approved"}
        assert lab.review(first.id, to="approved", **BY)[0].audit == "approved"


def test_a_method_that_cannot_wait_is_refused_before_anything_is_made(tmp_path):
    with Lab(home=tmp_path) as lab:
        with pytest.raises(BadSetting, match="The method kid has no point") as caught:
            lab.teach_plan(plan("kid", sizes=SMALL), review=True)
        assert caught.value.data["methods"] == WAITING and "cemal" in caught.value.remedy
        assert StoreSink(lab.store).find(Run) == []


@pytest.mark.parametrize("through_file", [False, True])
def test_a_replay_drops_what_was_dropped(tmp_path, through_file):
    with Lab(home=tmp_path / "here") as lab:
        report, _ = through(lab, example_of("tpd"), lambda place: "approved" if place % 2 else "rejected")
        source = report.run_id
        if through_file:
            source = str(tmp_path / "calls.jsonl")
            lab.export_cassette(report.run_id, source)
        found = lab.replay(source)
    assert found.same, found.differences
    assert found.arms[0].gain == report.arms[0].gain


def test_lab_teach_takes_review_too(tmp_path):
    given = {"task": "chains", "student": "sim/two-bugs", "teacher": "rules", "sizes": SMALL, "controls": "none"}
    with Lab(home=tmp_path) as lab:
        assert lab.teach("tpd", **given, review=True).stop_reason == "review"


def test_the_command_line_waits_says_so_and_goes_on(tutorkit):
    sizes = ["--train", "6", "--val", "20", "--test", "20", "--controls", "none"]
    teach = ["teach", "tpd", "--task", "chains", "--student", "sim/two-bugs", "--teacher", "rules", *sizes, "--review"]
    shown = tutorkit(*teach)
    assert shown.code == 3 and "waits for review of" in (said := " ".join(shown.out.split()))
    assert "decide with `tutorkit review" in said and "run the same command again" in said
    run_id = tutorkit("runs", "--json").json[0]["id"]
    assert "waits for" in tutorkit("runs").out
    assert "Now: waits for review of" in " ".join(tutorkit("show").out.split())
    assert tutorkit("review", run_id, "--to", "approved", "--by", "Ada", "--why", "read").code == 0
    assert "Now: reviewed; run the same command again." in " ".join(tutorkit("show").out.split())
    assert tutorkit(*teach, "--json").json["status"] == "finished"
    assert "Now:" not in tutorkit("show").out
    refused = tutorkit("teach", "kid", *teach[2:])
    assert refused.code == 2 and "has no point at which it could wait" in refused.err


def test_a_methods_facts_say_where_it_waits(tutorkit):
    assert "With --review the taught arm waits before assemble" in tutorkit("methods", "tpd").out
    assert "cannot wait for review" in " ".join(tutorkit("methods", "kid").out.split())
    assert tutorkit("methods", "undo", "--json").json[0]["review_points"] == ["assess", "merge_dataset"]
