from support.boxes import needs_box
from support.mutants import mutant

WRONG = mutant("even-total-shape")


def test_the_exercises_are_listed(tutorkit):
    assert "even-total" in tutorkit("code", "exercises").out
    listed = tutorkit("code", "exercises", "--json").json
    assert len(listed) == 10 and "reference" not in listed[0]


@needs_box
def test_help_is_given_one_rung_at_a_time(tutorkit, tmp_path):
    program = tmp_path / "answer.py"
    program.write_text(WRONG.code)
    first = tutorkit("code", "help", "even-total", str(program))
    assert first.code == 0 and "Some tests fail." in first.out and "by hand" in first.out
    second = tutorkit("code", "help", "even-total", str(program), "--json").json
    assert (second["verdict"], second["move"], second["rung"]) == ("wrong", "concept", 3)
    program.write_text(WRONG.exercise.reference)
    assert "All tests pass." in tutorkit("code", "help", "even-total", str(program), "--language", "en").out


@needs_box
def test_exercises_of_ones_own_are_checked(tutorkit, tmp_path):
    assert "10 of 10" in tutorkit("code", "check").out
    own = tmp_path / "own.yaml"
    own.write_text("- {id: a, text: t, function: f, reference: 'def f(): return 2', tests: [assert f() == 1]}")
    shown = tutorkit("code", "check", "--exercises", str(own), "--json")
    assert shown.code == 1 and shown.json["wrong"] == {"a": ["solution 0 fails f() == 1"]}


def test_without_a_sandbox_the_program_is_refused(tutorkit, tmp_path, monkeypatch):
    witness = tmp_path / "ran"
    program = tmp_path / "answer.py"
    program.write_text(f"open({str(witness)!r}, 'w')")
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = tutorkit("code", "help", "even-total", str(program))
    assert shown.code == 2 and "bubblewrap" in shown.err and not witness.exists()


def test_what_is_not_there_is_said(tutorkit, tmp_path):
    assert tutorkit("code", "help", "even-total", str(tmp_path / "none.py")).code == 2
    assert tutorkit("code", "check", "--exercises", str(tmp_path / "none.yaml")).code == 2
