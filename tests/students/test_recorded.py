"""Students whose answers were recorded, and what the rule-based teacher makes of real wrong solutions."""

import asyncio
import json

import pytest

from tutorkit.errors import BadRow, BadSetting, DataNotFound, EmptyData, MissingColumn, ReplayMiss, UnknownName
from tutorkit.students.recorded import GSM8K_MODELS, load_recorded
from tutorkit.tasks.benchmarks.mathematics import GsmRow, gsm8k_problem
from tutorkit.tasks.scorers import TaskScorer
from tutorkit.teachers.experts import expert_for
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen
from tutorkit.types import Lesson, Question


@pytest.fixture
def rows(tmp_path):
    def write(*values, name="answers.jsonl"):
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(value) for value in values), encoding="utf-8")
        return path

    return write


def ask(student, text="", name="q-1", **options):
    return asyncio.run(student.answer(Question(id=name, text=text), options.pop("lessons", ()), **options))


def test_an_answer_is_found_by_the_text_and_kept_as_it_is(rows):
    raw = "So 2+3=<<2+3=5>>5\n\nA: 5"
    student = load_recorded(f"recorded/{rows({'question': 'What is  2 + 3?', 'answer': raw})}", data_dir=None)
    said = ask(student, "what is 2 + 3")
    assert (said.raw, said.finished) == (raw, True)
    assert said.steps == ("So 2+3=<<2+3=5>>5", "A: 5")
    (call,) = said.calls
    assert (call.model, call.role, call.reply, call.cost_usd) == (student.ref, "student", raw, 0.0)
    assert ask(student, "what is 2 + 3").calls == said.calls


def test_an_answer_is_found_by_the_id_first(rows):
    path = rows({"id": "q-1", "text": "one", "raw": "A: 1"}, {"id": "q-2", "text": "two", "raw": "A: 2"})
    student = load_recorded(f"recorded/{path}", data_dir=None)
    assert ask(student, "two", "q-1").raw == "A: 1"
    assert ask(student, "two", "unknown").raw == "A: 2"


def test_lessons_change_nothing(rows):
    student = load_recorded(f"recorded/{rows({'question': 'Why?', 'answer': 'A: 1'})}", data_dir=None)
    lesson = Lesson(id="l", run_id="r", kind="principle", text="Say 2.")
    assert ask(student, "Why?", lessons=[lesson]) == ask(student, "Why?")


def test_repeated_rows_are_samples(rows):
    path = rows({"question": "Why?", "answer": "A: 1"}, {"question": "Why?", "answer": "A: 2"})
    student = load_recorded(f"recorded/{path}", data_dir=None)
    first, second = ask(student, "Why?"), ask(student, "Why?", sample=1)
    assert (first.raw, second.raw) == ("A: 1", "A: 2")
    assert first.calls[0].id != second.calls[0].id
    with pytest.raises(ReplayMiss, match="sample 2"):
        ask(student, "Why?", sample=2)


def test_a_question_that_was_not_recorded_names_the_file(rows):
    path = rows({"question": "Why?", "answer": "A: 1"})
    with pytest.raises(ReplayMiss, match="holds no answer to the problem q-9") as caught:
        ask(load_recorded(f"recorded/{path}", data_dir=None), "How?", "q-9")
    assert str(path) in str(caught.value) and caught.value.data["question"] == "q-9"


def test_a_csv_will_do(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("problem,solution\nWhat is 2 + 3?,A: 6\n", encoding="utf-8")
    assert ask(load_recorded(f"recorded/{path}", data_dir=None), "What is 2 + 3?").raw == "A: 6"


def test_bad_files_say_what_is_wrong(rows, tmp_path):
    with pytest.raises(DataNotFound, match="There is no file"):
        load_recorded(f"recorded/{tmp_path / 'nothing.jsonl'}", data_dir=None)
    with pytest.raises(EmptyData):
        load_recorded(f"recorded/{rows()}", data_dir=None)
    with pytest.raises(MissingColumn, match="no column of the answers; it has question"):
        load_recorded(f"recorded/{rows({'question': 'Why?'})}", data_dir=None)
    with pytest.raises(MissingColumn, match="no column of the questions"):
        load_recorded(f"recorded/{rows({'answer': 'A'})}", data_dir=None)
    with pytest.raises(BadRow, match="line 2: no question"):
        load_recorded(
            f"recorded/{rows({'question': 'a', 'answer': 'A'}, {'question': '', 'answer': 'B'})}", data_dir=None
        )
    with pytest.raises(BadSetting):
        load_recorded("recorded/", data_dir=None)


def test_bad_names_say_what_there_is(tmp_path):
    with pytest.raises(UnknownName, match="7b"):
        load_recorded("recorded/gsm8k:7b", data_dir=tmp_path)
    with pytest.raises(UnknownName, match="svamp"):
        load_recorded("recorded/svamp:6b", data_dir=tmp_path)
    with pytest.raises(DataNotFound, match=r"example_model_solutions\.jsonl"):
        load_recorded(f"recorded/gsm8k:{GSM8K_MODELS[0]}", data_dir=None)


# --- real solutions ---


@pytest.fixture
def gsm8k(data_dir):
    lines = (data_dir / "gsm8k" / "test.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        gsm8k_problem(GsmRow.model_validate_json(line)).model_copy(update={"id": f"gsm8k-{number}"})
        for number, line in enumerate(lines)
    ]


@pytest.mark.data
@pytest.mark.parametrize("model", GSM8K_MODELS)
def test_all_real_wrong_solutions_are_diagnosed(model, gsm8k, data_dir):
    student = load_recorded(f"recorded/gsm8k:{model}", data_dir=data_dir)
    wrong = named = false_alarms = right = 0
    for to in gsm8k:
        said = ask(student, to.text, to.id)
        grade = TaskScorer().grade(to, said.raw)
        steps = tuple(step.text for step in to.steps)
        seen = ProblemSeen(id=to.id, text=to.text, gold=to.gold, steps=steps)
        found = expert_for(seen).findings(seen, AttemptSeen(steps=said.steps, raw=said.raw, answer=grade.normalised))
        for each in found:
            assert each.evidence in said.raw
            assert each.step is None or 0 <= each.step < len(said.steps)
            assert each.step is None or each.evidence in said.steps[each.step]
        if grade.outcome == "right":
            right += 1
            false_alarms += found[0].cause in ("wrong calculation", "decimal point or place slipped")
        else:
            wrong += 1
            named += bool(found[0].skill and found[0].evidence)
    assert wrong + right == len(gsm8k) and wrong > 20
    assert named / wrong > 0.9
    assert false_alarms / right < 0.03
