"""Learning by teaching, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from support.bench import accuracy, bench, chains, rules
from support.participants import call

from tutorkit.methods._lbt.ballot import elected, preferred, tallied
from tutorkit.methods._lbt.exams import exams_for
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.ports import Answer, Reply
from tutorkit.students.buggy import parse_sim
from tutorkit.types import Attempt, Call, Lesson, PreferencePair, Problem, Score

SIZES = {"train": 40, "val": 24, "test": 40}
FEW = {"train": 14, "val": 8, "test": 4}
LIVE = {"carry", "percent"}
SMALL = {"rationales": 5, "exams": 2, "repeats": 1}
SEARCH = {"mode": "m3", "exemplars": 2, "rounds": 3, "minibatch": 8, "eval_items": 4, "beam": 2, "gradients": 2}


@pytest.fixture(scope="module")
def task():
    return chains(sizes=SIZES)


@pytest.fixture(scope="module")
def few():
    return chains(sizes=FEW)


class Ran:
    def __init__(self, bench, ending):
        self.bench, self.state, self.status, self.sink = bench, ending.state, ending.status, bench.sink

    def asked(self, purpose):
        return [ask for ask in self.bench.teacher.asked if ask.purpose == purpose]

    def teacher_accuracy(self):
        return {s.probe_set: s.value for s in self.bench.records(Score) if s.kind == "teacher_accuracy"}

    def scores_of(self, problem_id):
        return [self.state["results"][name]["score"] for name in self.state["rationales"][problem_id]]


async def ran(folder, task, *, panel=(), **options) -> Ran:
    made = bench(folder, method="lbt", task=task, **options)
    made = replace(made, cast=replace(made.cast, panel=tuple(parse_sim(ref) for ref in panel)))
    return Ran(made, await made.run())


@dataclass
class Author:
    """Teaches by the script, which is told the problem and which of the rationales this is; else as the rules do."""

    teach: object
    others: dict = field(default_factory=dict)
    ref: str = "author"
    diagnoses_as: str = "rule"

    async def call(self, ask):
        if ask.purpose == "teach_problem":
            made = self.teach(ask.inputs["problem"], ask.sample)
        elif ask.purpose in self.others:
            made = self.others[ask.purpose](ask.inputs)
        else:
            return await rules().call(ask)
        record = call("teacher", ask.purpose, dict(ask.inputs), ask.sample).model_copy(update={"role": ask.role})
        return Reply(value=ask.schema.model_validate(made), calls=(record,))


def split_vote(task):
    """Make a teacher most of whose rationales are wrong and useless; two of five are right and teach."""
    golds = {problem.id: problem.gold for problem in task.problems}

    def teach(problem, sample):
        if sample < 3:
            return {"rationale": f"Work with care, way {sample}.", "answer": "1, 1"}
        cues = " ".join(f"[[skill:{skill}]]" for skill in problem["skills"])
        return {"rationale": f"By the rules, way {sample}. {cues}", "answer": golds[problem["id"]]}

    return Author(teach)


# --- the ballot, by itself

VECTOR = [("A", 1.0)] * 5 + [("B", 7.0)] + [("C", 4.0)] * 2


@pytest.mark.parametrize(("how", "answer"), [("maj", "A"), ("max", "B"), ("sum", "C"), ("avg", "B")])
def test_each_way_to_aggregate_takes_its_own_answer(how, answer):
    assert elected(tallied(VECTOR), how) == answer


def test_equals_are_decided_by_their_number_and_then_by_who_came_first():
    assert elected(tallied([("A", 1.0), ("B", 0.5), ("B", 1.0)]), "max") == "B"
    assert elected(tallied([("A", 0.5), ("B", 0.5)]), "sum") == "A"
    thirds = [("A", 0.1), ("A", 0.2), ("B", 0.3), ("B", 0.0)]
    assert elected(tallied(thirds), "sum") == "A" == elected(tallied([*reversed(thirds[:2]), *thirds[2:]]), "sum")
    assert elected([], "sum") is None


def test_a_pair_differs_by_strictly_more_than_the_gap_and_the_widest_come_first():
    scores = {"a": 1.0, "b": 0.7, "c": 0.65, "d": 0.35}
    assert preferred(scores, gap=0.3, most=8) == [("a", "d", 0.65), ("a", "c", 0.35), ("b", "d", 0.35)]
    assert preferred({"a": 0.65, "b": 0.35}, gap=0.3, most=8) == []
    assert preferred({"worse": 0.1, "better": 0.9}, gap=0.3, most=8) == [("better", "worse", 0.8)]
    many = {f"r{k}": k / 10 for k in range(11)}
    assert [gap for *_, gap in preferred(many, gap=0.3, most=8)] == [1.0, 0.9, 0.9, 0.8, 0.8, 0.8, 0.7, 0.7]


# --- the exam problems


def problem(name, skills=(), gold="1", text="?") -> Problem:
    return Problem(id=name, task="t", text=text, gold=gold, scorer="number", split="train", group=name, skills=skills)


def test_exam_problems_are_those_that_take_the_same_skills():
    pool = [problem("x", ("b",)), problem("y", ("a", "b")), problem("z", ("a", "b", "c")), problem("w", ("c",))]
    taught = problem("t", ("a", "b"))
    assert [p.id for p in exams_for(taught, pool, avoid=(), most=2, alike=True)] == ["y", "z"]
    assert [p.id for p in exams_for(taught, pool, avoid=(), most=1, alike=False)] == ["w"]
    family = [replace_group(pool[1], "t"), pool[0]]
    assert [p.id for p in exams_for(taught, family, avoid=(), most=1, alike=True)] == ["x"]


def replace_group(one, group):
    return one.model_copy(update={"group": group})


def test_without_skills_the_wording_decides():
    pool = [problem("far", text="Name the colour."), problem("near", text="How many apples are left over?")]
    taught = problem("t", text="How many pears are left?")
    assert [p.id for p in exams_for(taught, pool, avoid=(), most=1, alike=True)] == ["near"]


def test_an_exam_that_a_parrot_would_pass_is_taken_only_where_there_are_no_others():
    pool = [problem("a", ("s",)), problem("b", ("s",)), problem("c")]
    taught = problem("t", ("s",))
    assert [p.id for p in exams_for(taught, pool, avoid={"a"}, most=2, alike=True)] == ["b", "c"]
    assert [p.id for p in exams_for(taught, pool, avoid={"a", "b"}, most=2, alike=True)] == ["a", "b"]


# --- M1


async def test_sum_and_max_rescue_the_right_minority_and_the_majority_does_not(tmp_path, task):
    made = await ran(tmp_path, task, teacher=split_vote(task), params=SMALL)
    golds = {p.id: p.gold for p in task.problems}
    skills = {p.id: {*p.skills} for p in task.problems}
    telling = [
        name
        for name, exams in made.state["exams"].items()
        if all(skills[exam] & LIVE and skills[exam] & LIVE <= skills[name] for exam in exams)
    ]
    assert len(telling) >= 8
    for name in telling:
        assert made.scores_of(name) == [0, 0, 0, 1, 1]
        answers = made.state["answers"][name]
        assert answers["sum"] == answers["max"] == answers["avg"] == golds[name] and answers["maj"] != golds[name]
    rates = made.teacher_accuracy()
    assert rates["maj"] == 0 and rates["sum"] >= len(telling) / 24 and rates["max"] >= len(telling) / 24


async def test_exams_about_something_else_tell_nothing(tmp_path, task):
    made = await ran(tmp_path, task, teacher=split_vote(task), params={**SMALL, "exam": "unrelated"})
    assert find_method("lbt").fidelity(made.bench.cast.params) == "variant:unrelated-exams"
    skills = {p.id: {*p.skills} for p in task.problems}
    for name, exams in made.state["exams"].items():
        assert not any(skills[exam] & skills[name] for exam in exams)
        assert len({*made.scores_of(name)}) == 1
    assert made.teacher_accuracy()["sum"] == made.teacher_accuracy()["maj"] == 0
    assert made.state["lessons"] == []


async def test_a_rationale_that_merely_names_the_answer_does_not_score(tmp_path, task):
    golds = {p.id: p.gold for p in task.problems}
    naming = Author(lambda p, k: {"rationale": f"It is so, {k}.", "answer": golds[p["id"]]})
    made = await ran(tmp_path, task, teacher=naming, params=SMALL)
    untaught = made.state["untaught"]
    for name, exams in made.state["exams"].items():
        assert {*made.scores_of(name)} == {sum(untaught[exam] for exam in exams) / len(exams)}
    assert made.state["lessons"] == []


async def test_no_exam_is_passed_by_repeating_an_answer(tmp_path, task):
    exams = [p for p in task.split("train") if {*p.skills} == LIVE]

    class Parrot:
        ref = "parrot"

        async def answer(self, question, lessons, *, sample=0):
            answer = lessons[0].data["answer"] if lessons else "0, 0"
            return Answer(raw=f"Answer: {answer}", calls=(call("student", "answer", question.id, answer, sample),))

    teacher = Author(lambda _, k: {"rationale": f"So it is, {k}.", "answer": exams[0].gold})
    made = await ran(tmp_path, task, teacher=teacher, student=Parrot(), params=SMALL)
    assert all(exams[0].id not in chosen for chosen in made.state["exams"].values())
    assert {score for name in made.state["rationales"] for score in made.scores_of(name)} == {0.0}


async def test_the_teacher_is_told_no_answer(tmp_path, task):
    made = await ran(tmp_path, task, params=SMALL)
    assert len(made.asked("teach_problem")) == 24 * 5
    for ask in made.asked("teach_problem"):
        assert ask.inputs["problem"]["gold"] is None and ask.inputs["problem"]["steps"] == []
    for row in made.bench.records(Call):
        if row.role == "teacher":
            assert made.sink.get(Problem, row.about[0]).gold not in "".join(m.content for m in row.messages)


async def test_what_is_the_same_to_the_letter_is_examined_once(tmp_path, task):
    made = await ran(tmp_path, task, params=SMALL)
    examined = [a for a in made.bench.records(Attempt) if a.phase.startswith("exam/lesson")]
    assert len(examined) == 24 * 2
    assert all(len({*made.scores_of(name)}) == 1 for name in made.state["rationales"])
    votes = {row["maj"] for table in made.state["tables"].values() for row in table}
    assert votes == {5.0}


async def test_every_exam_is_kept_and_sat_by_every_student(tmp_path, task):
    made = await ran(tmp_path, task, teacher=split_vote(task), params=SMALL, panel=("sim/perfect",))
    attempts = [a for a in made.bench.records(Attempt) if a.phase.startswith("exam/lesson")]
    assert Counter(a.student for a in attempts) == {"sim/two-bugs": 24 * 10, "sim/perfect": 24 * 10}
    assert all(len(a.lesson_ids) == 1 and a.phase == f"exam/{a.lesson_ids[0]}" for a in attempts)
    name, lessons = next(iter(made.state["rationales"].items()))
    for lesson in lessons:
        sat = [a for a in attempts if a.lesson_ids == (lesson,)]
        assert {a.problem_id for a in sat} == {*made.state["exams"][name]}
        right = sum(a.grade.outcome == "right" for a in sat) / len(sat)
        assert made.state["results"][lesson] == {"score": right, "n": 4, "examined": lesson}


async def test_the_student_takes_along_what_helped_and_is_right(tmp_path, task):
    made = await ran(tmp_path, task, teacher=split_vote(task), params={**SMALL, "pool": 12, "demos": 24})
    lessons = [made.sink.get(Lesson, name) for name in made.state["lessons"]]
    assert len(lessons) > 6
    for lesson in lessons:
        assert lesson.verified and lesson.audit == "pending" and lesson.version == 2 and "way 3" in lesson.text
        taught = made.sink.get(Problem, lesson.data["problem_id"])
        assert lesson.data["answer"] == taught.gold and {*taught.skills} & LIVE
        assert {made.sink.get(Attempt, name).problem_id for name in lesson.source_attempt_ids} == {
            *made.state["exams"][taught.id]
        }
    lifts = {s.subject_id: s.value for s in made.bench.records(Score) if s.kind == "lift"}
    order = [lifts[lesson.parent_id] for lesson in lessons]
    assert order == sorted(lifts.values(), reverse=True)[: len(lessons)] and order[0] > order[-1] > 0


async def test_a_rationale_that_helps_and_ends_in_a_wrong_answer_is_kept_out(tmp_path, task):
    def teach(problem, sample):
        return {"rationale": f"Way {sample}. [[skill:carry]] [[skill:percent]]", "answer": "1, 1"}

    made = await ran(tmp_path, task, teacher=Author(teach), params=SMALL)
    assert made.state["lessons"] == []
    refused = [lesson for lesson in made.bench.records(Lesson) if not lesson.verified]
    assert refused and all("answer wrong" in lesson.checks[0] for lesson in refused)


async def test_for_each_question_the_student_gets_the_examples_that_are_like_it(tmp_path, task):
    made = await ran(tmp_path, task, params={**SMALL, "rationales": 1, "retrieve": "top-2"})
    taught = [a for a in made.bench.records(Attempt) if a.phase == "test-taught"]
    assert made.state["retrieval"] == "top-2" and len(made.state["lessons"]) > 4
    assert {len(a.lesson_ids) for a in taught} == {2} and len({a.lesson_ids for a in taught}) > 4
    assert accuracy(made.sink, made.state, "taught") > accuracy(made.sink, made.state, "untaught") + 0.3


# --- M2


async def test_pairs_are_of_one_problem_and_differ_by_more_than_the_gap(tmp_path, few):
    made = await ran(tmp_path, few, teacher=split_vote(few), params={**SMALL, "mode": "m2", "max_pairs": 4})
    pairs = made.bench.records(PreferencePair)
    assert pairs and [pair.id for pair in pairs] == made.state["pairs"]
    assert max(Counter(pair.problem_id for pair in pairs).values()) == 4
    scores = {s.subject_id: s.value for s in made.bench.records(Score) if s.kind == "lbt_and_answer"}
    for pair in pairs:
        better, worse = (made.sink.get(Lesson, name) for name in pair.lesson_ids)
        taught = made.sink.get(Problem, pair.problem_id)
        assert pair.margin == round(scores[better.id] - scores[worse.id], 9) > 0.3
        assert better.data["problem_id"] == worse.data["problem_id"] == taught.id
        assert (pair.prompt, pair.unit, pair.split) == (taught.question().as_text(), "rationale", "train")
        assert pair.chosen == f"{better.data['solution']}\nAnswer: {taught.gold}"
        assert pair.student == "author" and "item" not in pair.data and pair.call_ids
        assert {made.sink.get(Attempt, name).split for name in pair.source_attempt_ids} == {"train"}
    assert "rows" not in made.state


async def test_a_score_is_half_the_answer_and_half_the_exam(tmp_path, few):
    made = await ran(tmp_path, few, teacher=split_vote(few), params={**SMALL, "mode": "m2"})
    golds = {p.id: p.gold for p in few.problems}
    for score in made.bench.records(Score):
        if score.kind == "lbt_and_answer":
            lesson = made.sink.get(Lesson, score.subject_id)
            right = lesson.data["answer"] == golds[lesson.data["problem_id"]]
            assert score.value == 0.5 * right + 0.5 * made.state["results"][lesson.id]["score"]


async def test_a_problem_is_no_exam_for_itself(tmp_path, few):
    made = await ran(tmp_path, few, teacher=split_vote(few), params={**SMALL, "mode": "m2"})
    assert made.state["exams"].keys() == {p.id for p in few.split("train")}
    assert all(name not in exams and len(exams) == 2 for name, exams in made.state["exams"].items())


# --- M3


def one_skill_author(task, **others):
    """Make a teacher whose first examples teach nothing."""
    golds = {problem.id: problem.gold for problem in task.problems}
    return Author(lambda p, _: {"rationale": "It is plain.", "answer": golds[p["id"]]}, others)


async def test_reflections_come_from_the_errors_of_students_alone(tmp_path, task):
    made = await ran(
        tmp_path, task, teacher=one_skill_author(task), params=SEARCH, panel=("sim/sub.smaller_from_larger",)
    )
    practised = {
        a.raw: a for a in made.bench.records(Attempt) if a.phase.startswith("exemplars-") and a.grade.outcome == "wrong"
    }
    asked = made.asked("reflect_on_errors")
    assert asked
    for ask in asked:
        assert 1 <= len(ask.inputs["errors"]) <= 4
        for error in ask.inputs["errors"]:
            assert error["attempt"]["raw"] in practised
        assert {made.sink.get(Attempt, name).grade.outcome for name in ask.about} == {"wrong"}
    students = {made.sink.get(Attempt, name).student for ask in asked for name in ask.about}
    assert students == {"sim/two-bugs", "sim/sub.smaller_from_larger"}


async def test_students_never_see_the_problems_on_which_sets_are_scored(tmp_path, task):
    made = await ran(tmp_path, task, teacher=one_skill_author(task), params=SEARCH)
    evals = {*made.state["eval_ids"]}
    assert len(evals) == 4 and not evals & {*made.state["practice_ids"]}
    assert not evals & {question.id for question, _ in made.bench.student.shown}
    assert {ask.about[0] for ask in made.asked("answer_with_exemplars")} == evals
    shown = {e["problem"]["id"] for ask in made.asked("reflect_on_errors") for e in ask.inputs["errors"]}
    sources = {lesson.data["problem_id"] for lesson in made.bench.records(Lesson)}
    assert not evals & shown and not evals & sources


async def test_rewritten_examples_mend_what_students_lack(tmp_path, task):
    made = await ran(tmp_path, task, teacher=one_skill_author(task), params=SEARCH)
    assert accuracy(made.sink, made.state, "untaught") < 0.5
    assert accuracy(made.sink, made.state, "taught") > accuracy(made.sink, made.state, "untaught") + 0.2
    sets = made.state["sets"]
    best = sets[made.state["beam"][0]]
    assert best["parent"] is not None and best["reasons"] and best["lessons"] == made.state["lessons"]
    assert len(made.state["beam"]) <= 2 and all(len(each["lessons"]) <= 2 for each in sets)
    for each in sets[1:]:
        wrong = [made.sink.get(Attempt, name) for name in each["errors"]]
        assert {a.grade.outcome for a in wrong} == {"wrong"}
        parent = sets[each["parent"]]["lessons"]
        assert all([*a.lesson_ids] == parent for a in wrong)


async def test_the_beam_keeps_the_sets_with_which_the_teacher_is_right_most(tmp_path, task):
    golds = {p.id: p.gold for p in task.problems}

    def answers(inputs):
        taught = any("[[skill:carry]]" in example["solution"] for example in inputs["exemplars"])
        return {"rationale": "So.", "answer": golds[inputs["problem"]["id"]] if taught else "0, 0"}

    teacher = one_skill_author(task, answer_with_exemplars=answers)
    made = await ran(tmp_path, task, teacher=teacher, params={**SEARCH, "rounds": 1, "gradients": 4})
    carry = {
        str(place)
        for place, each in enumerate(made.state["sets"])
        if any("[[skill:carry]]" in made.sink.get(Lesson, name).text for name in each["lessons"])
    }
    assert carry and {name for name, score in made.state["scores"].items() if score == 1.0} == carry
    assert str(made.state["beam"][0]) in carry
    kept = {s.subject_id: s.value for s in made.bench.records(Score) if s.kind == "exemplar_accuracy"}
    assert sorted(kept.values()) == sorted(made.state["scores"].values())


async def test_short_reasons_are_dropped_and_without_reasons_nothing_is_rewritten(tmp_path, task):
    teacher = one_skill_author(task, reflect_on_errors=lambda _: {"reasons": ["They do not carry tens.", "No."]})
    made = await ran(tmp_path, task, teacher=teacher, params=SEARCH)
    assert made.asked("reflect_on_errors") and made.asked("rewrite_exemplars") == []
    assert len(made.state["sets"]) == 1 and made.state["round"] == 1


async def test_an_example_that_is_wrong_or_about_nothing_known_is_left_out(tmp_path, task):
    def rewrite(inputs):
        first = inputs["failures"][0]
        return {
            "exemplars": [
                {"id": first["id"], "rationale": "Carry.", "answer": "0, 0"},
                {"id": "E99", "rationale": "Carry.", "answer": "1, 2"},
                {"id": "X1", "rationale": "Carry the ten.", "answer": inputs["exemplars"][0]["answer"]},
                {"id": "X1", "rationale": "Twice.", "answer": inputs["exemplars"][0]["answer"]},
                {"id": "X2", "rationale": "It is plain.", "answer": inputs["exemplars"][1]["answer"]},
            ]
        }

    teacher = one_skill_author(task, rewrite_exemplars=rewrite)
    made = await ran(tmp_path, task, teacher=teacher, params={**SEARCH, "rounds": 1})
    old = made.state["sets"][0]["lessons"]
    for each in made.state["sets"][1:]:
        first, second = (made.sink.get(Lesson, name) for name in each["lessons"])
        assert (first.data["solution"], first.parent_id, first.version) == ("Carry the ten.", old[0], 2)
        assert second.id == old[1]
    assert any(not lesson.verified for lesson in made.bench.records(Lesson))


@pytest.mark.parametrize("teacher", ["deranged", "silent"])
async def test_who_teaches_something_else_mends_nothing(tmp_path, task, teacher):
    made = await ran(tmp_path, task, teacher=teacher, params=SEARCH)
    assert made.status == "finished"
    assert accuracy(made.sink, made.state, "taught") == accuracy(made.sink, made.state, "untaught")


async def test_where_nothing_is_got_wrong_nothing_is_rewritten(tmp_path, task):
    made = await ran(tmp_path, task, student="sim/perfect", params=SEARCH)
    assert Counter(ask.purpose for ask in made.bench.teacher.asked) == {"teach_problem": 2}


# --- all


@pytest.mark.parametrize("panel", [(), ("sim/perfect",)])
@pytest.mark.parametrize("params", [SMALL, {**SMALL, "mode": "m2", "repeats": 2}, {**SMALL, "pool": 10}])
async def test_it_costs_what_it_says(tmp_path, few, params, panel):
    made = await ran(tmp_path, few, teacher=split_vote(few), params=params, panel=panel)
    method = find_method("lbt")
    expected = method.cost(read_params(method, params), Sizes(**FEW, panel=len(panel)))
    assert len(made.bench.teacher.asked) == expected.teacher
    attempts = [a for a in made.bench.records(Attempt) if not a.phase.startswith("test")]
    assert len(attempts) == expected.student


@pytest.mark.parametrize("panel", [(), ("sim/sub.smaller_from_larger",)])
async def test_the_search_costs_at_most_what_it_says(tmp_path, task, panel):
    made = await ran(tmp_path, task, teacher=one_skill_author(task), params=SEARCH, panel=panel)
    method = find_method("lbt")
    expected = method.cost(read_params(method, SEARCH), Sizes(**SIZES, panel=len(panel)))
    assert expected.teacher == 2
    assert expected.teacher < len(made.bench.teacher.asked) <= expected.teacher + expected.again
    attempts = [a for a in made.bench.records(Attempt) if not a.phase.startswith("test")]
    assert 0 < len(attempts) <= expected.student


def test_every_variant_has_its_name():
    method = find_method("lbt")
    named = [
        method.fidelity(read_params(method, params))
        for params in ({}, {"mode": "m2"}, {"mode": "m3"}, dict(method.random_target))
    ]
    assert named == ["paper", "paper", "variant:m3-checked-examples", "variant:unrelated-exams"]
