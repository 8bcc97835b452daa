"""Help with programs, kept in the store: it climbs across processes, keeps programs once, and hides hidden tests."""

from __future__ import annotations

import json

import pytest
from support.boxes import needs_box
from support.mutants import mutant

from tutorkit import Lab
from tutorkit.errors import BadSetting, DataNotFound, SandboxMissing, UnknownName
from tutorkit.lab.programming import CodeHelp, check_exercises, exercises_in, program_in
from tutorkit.store import StoreSink
from tutorkit.types import Run

WRONG = mutant("even-total-shape")


@needs_box
def test_the_rungs_climb_from_where_they_were(tmp_path):
    seen = []
    for n in range(3):
        with Lab(home=tmp_path) as lab, CodeHelp.open("even-total", "kim", home=lab) as helping:
            seen.append(helping.help(f"{WRONG.code}\nx = {n}\n").move)
            assert len(helping.history) == n + 1
    assert seen == ["focus", "concept", "name_step"]
    with Lab(home=tmp_path) as lab:
        # Another learner, and another exercise, begin at the beginning.
        for exercise, learner in (("even-total", "sam"), ("largest", "kim")):
            with CodeHelp.open(exercise, learner, home=lab) as helping:
                assert helping.history == ()


@needs_box
def test_what_is_kept(tmp_path):
    with Lab(home=tmp_path) as lab:
        with CodeHelp.open("even-total", "kim", home=lab) as helping:
            helping.help(WRONG.code)
            helping.help(WRONG.code + "# again\n")
            helping.help(WRONG.exercise.reference)
            helping.rate(helped=True)
            session = helping.id
        sink = StoreSink(lab.store)
        assert len(sink.recall(session, "snapshots")) == 2
        assert [each["passed"] for each in sink.recall(session, "help").values()] == [False, False, True]
        assert sink.recall(session, "ratings") == {"2": True}
        run = sink.get(Run, session)
        assert (run.student, run.task, run.teacher) == ("kim", "even-total", "rules")


@needs_box
def test_a_learner_sees_of_hidden_tests_the_outcome_alone(tmp_path):
    with Lab(home=tmp_path) as lab, CodeHelp.open("vowels", "kim", home=lab) as helping:
        reply = helping.help(mutant("vowels-value").code)
    hidden = [line for line in reply.tests if line.hidden]
    assert hidden and all(line.got is None and line.case == "a hidden test" for line in hidden)
    assert "Otto" not in json.dumps([line.model_dump() for line in reply.tests]) + reply.text
    assert (reply.verdict, reply.rung, reply.stop) == ("wrong", 2, None)


def test_without_a_sandbox_it_is_not_begun(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with Lab(home=tmp_path) as lab, pytest.raises(SandboxMissing):
        CodeHelp.open("even-total", "kim", home=lab)
    with pytest.raises(SandboxMissing):
        check_exercises(exercises_in(None))


@needs_box
def test_what_cannot_word_or_is_not_there_is_refused(tmp_path):
    with Lab(home=tmp_path) as lab:
        with pytest.raises(BadSetting):
            CodeHelp.open("even-total", "kim", home=lab, model="sim/two-bugs")
        with pytest.raises(UnknownName):
            CodeHelp.open("even-totals", "kim", home=lab)


@needs_box
def test_exercises_are_checked(tmp_path):
    assert check_exercises(exercises_in(None)) == {}
    own = tmp_path / "own.yaml"
    own.write_text(
        "- {id: a, text: t, function: f, starter: 'def f(): return 1', reference: 'def f(): return 2',"
        " tests: [assert f() == 1]}"
    )
    assert check_exercises(exercises_in(own)) == {"a": ("solution 0 fails f() == 1", "the starter passes")}


def test_a_program_is_read_from_its_file(tmp_path):
    path = tmp_path / "p.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\ny = '\xc3\xa9'\r\n")
    assert program_in(path) == "x = 1\ny = 'é'\n"
    path.write_bytes(b"\xff\xfe\x00")
    for bad in (path, tmp_path / "none.py", tmp_path):
        with pytest.raises(DataNotFound):
            program_in(bad)
