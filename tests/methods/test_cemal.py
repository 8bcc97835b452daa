"""CEMAL, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from statistics import mean

import pytest
from support.bench import accuracy, bench, rules

from tutorkit.errors import BadSetting
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.tasks import load_task
from tutorkit.types import Attempt, Lesson, Problem, Score, SFTExample, SkillState

SMALL = {"train": 10, "val": 10, "test": 20}
LIVE = {"carry", "percent"}


class Ran:
    def __init__(self, made, ending):
        self.made, self.state, self.error = made, ending.state, ending.error

    def asked(self, purpose):
        return [ask for ask in self.made.teacher.asked if ask.purpose == purpose]

    def lessons(self, part):
        return [lesson for lesson in self.made.records(Lesson) if lesson.data["part"] == part]

    def failed(self, turn):
        attempts = [a for a in self.made.records(Attempt) if a.phase == f"train-{turn}"]
        return {attempt.problem_id: attempt for attempt in attempts if attempt.grade.outcome == "wrong"}

    def problem(self, lesson):
        return self.made.sink.get(Problem, lesson.data["problem_id"])


async def ran(folder, *, student="sim/two-bugs?learn_after=6", seed=0, sizes=SMALL, task="chains/1", **options) -> Ran:
    drawn = load_task(task, data_dir=None, seed=seed, sizes=sizes)
    made = bench(folder, method="cemal", student=student, task=drawn, seed=seed, **options)
    return Ran(made, await made.run())


class Instead:
    """The rule-based teacher, but for what ``change`` makes of a reply to one purpose; counts those replies."""

    ref, diagnoses_as = "instead", "rule"

    def __init__(self, purpose, change):
        self.purpose, self.change, self.said = purpose, change, 0

    async def call(self, ask):
        reply = await rules().call(ask)
        if ask.purpose != self.purpose:
            return reply
        self.said += 1
        update = self.change(reply.value, self.said) or {}
        return type(reply)(value=reply.value.model_copy(update=update), calls=reply.calls)


async def test_every_exercise_comes_from_an_exercise_that_was_just_failed_and_trains_its_skill(tmp_path):
    cemal = await ran(tmp_path)
    exercises = cemal.lessons("exercise")
    assert len(exercises) == 16
    for lesson in exercises:
        (attempt,) = [cemal.made.sink.get(Attempt, name) for name in lesson.source_attempt_ids]
        assert attempt.problem_id == lesson.data["source_id"] in cemal.failed(lesson.data["round"])
        assert cemal.problem(lesson).skills == cemal.made.sink.get(Problem, attempt.problem_id).skills
    per_failed = Counter((lesson.data["round"], lesson.data["source_id"]) for lesson in exercises)
    assert set(per_failed.values()) == {2} and {turn for turn, _ in per_failed} == {0, 1}
    assert Counter(lesson.data["analogy"] for lesson in exercises) == {"problem": 8, "solution": 8}


async def test_mastered_skills_receive_no_exercise(tmp_path):
    cemal = await ran(tmp_path)
    assert {lesson.skill for lesson in cemal.lessons("exercise")} == LIVE
    mastery = {(state.skill, state.id): state.p_mastered for state in cemal.made.records(SkillState)}
    last = {skill: p for (skill, _), p in mastery.items()}
    assert len(mastery) == 15 and set(last.values()) == {1.0} and cemal.state["stop"] == "nothing weak"
    assert {skill for (skill, _), p in mastery.items() if p < 1} == LIVE


async def test_the_book_follows_the_train_problems_and_is_not_trained_on(tmp_path):
    cemal = await ran(tmp_path)
    train = [problem.id for problem in cemal.made.cast.problems["train"]]
    book = [cemal.made.sink.get(Lesson, name) for name in cemal.state["book"]]
    assert [lesson.data["source_id"] for lesson in book] == train
    rows = [cemal.made.sink.get(SFTExample, name) for name in cemal.state["rows"]]
    taught = [cemal.made.sink.get(Lesson, name) for row in rows for name in row.lesson_ids]
    # Two exercises that came out the same are one.
    texts = [lesson.data["problem"] for lesson in taught]
    assert sorted(texts) == sorted({lesson.data["problem"] for lesson in cemal.lessons("exercise")})
    assert not {row.problem_id for row in rows} & {lesson.data["problem_id"] for lesson in book}
    trained = await ran(tmp_path / "book", params={"train_on_book": True})
    rows = [trained.made.sink.get(SFTExample, name) for name in trained.state["rows"]]
    assert [row.data["part"] for row in rows[:10]] == ["book"] * 10 and rows[10].data["part"] == "exercise"
    assert find_method("cemal").fidelity(trained.made.cast.params) == "variant:trained-on-book"


async def test_a_book_may_be_larger_or_smaller_than_the_train_set(tmp_path):
    for size in (7, 25):
        cemal = await ran(tmp_path / str(size), student="sim/perfect", params={"book": size})
        sources = Counter(lesson.data["source_id"] for lesson in cemal.lessons("book"))
        assert len(cemal.state["book"]) == size and max(sources.values()) - min(sources.values()) <= 1
        # Who writes the second exercise after a problem is shown the first.
        shown = [len(ask.inputs["written"]) for ask in cemal.asked("write_exercise")]
        assert shown == [place // 10 for place in range(size)]


async def test_each_training_is_on_all_exercises_so_far(tmp_path):
    cemal = await ran(tmp_path)
    learnt = [[row.id for row in rows] for rows in cemal.made.student.learnt]
    assert [len(rows) for rows in learnt] == [8, len(cemal.state["rows"])]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(learnt))
    assert accuracy(cemal.made.sink, cemal.state, "taught") == 1


async def test_a_teacher_with_one_wrong_answer_in_ten_is_filtered_to_none(tmp_path):
    teacher = Instead(
        "write_exercise", lambda said, n: {"answer": f"{said.answer}1", "equation": ""} if n % 10 == 3 else None
    )
    cemal = await ran(tmp_path, teacher=teacher, sizes={**SMALL, "train": 30})
    wrong = [lesson for lesson in cemal.made.records(Lesson) if not lesson.verified]
    assert len(wrong) == len([n for n in range(1, teacher.said + 1) if n % 10 == 3]) >= 3
    assert all("a second solution comes to" in lesson.checks[0] for lesson in wrong)
    used = {cemal.made.sink.get(SFTExample, name).lesson_ids[0] for name in cemal.state["rows"]}
    assert not {lesson.id for lesson in wrong} & {*used, *cemal.state["book"]}


ARMS = {"targeted": {}, "once": {"progressive": False}, "random": {"target": "random"}}


async def test_targeted_beats_targeted_once_beats_random_at_equal_data(tmp_path):
    student = "sim/add.drops_carry+pct.divides_by_percent+sub.smaller_from_larger?learn_after=6"
    sizes = {"train": 12, "val": 5, "test": 20}
    means, written = {}, {}
    for arm, more in ARMS.items():
        params = {"quota": 6, "rounds": 3, **more}
        runs = [
            await ran(tmp_path / f"{arm}{s}", student=student, seed=s, sizes=sizes, params=params) for s in range(4)
        ]
        means[arm] = mean(accuracy(cemal.made.sink, cemal.state, "taught") for cemal in runs)
        written[arm] = [len(cemal.asked("write_exercise")) for cemal in runs]
    assert means["targeted"] > means["once"] + 0.1 > means["random"] + 0.2
    assert written["targeted"] == written["once"] == written["random"] == [12 + 18] * 4


async def test_one_shot_assesses_once_and_writes_all_exercises_then(tmp_path):
    cemal = await ran(tmp_path, params={"progressive": False, "rounds": 3})
    assert {a.phase for a in cemal.made.records(Attempt)} == {"train-0", "test-untaught", "test-taught"}
    assert len(cemal.lessons("exercise")) == 4 * 2 * 3 and cemal.state["stop"] == "rounds"


async def test_random_targets_are_as_many_as_were_failed(tmp_path):
    cemal = await ran(tmp_path, params={"target": "random", "rounds": 1})
    assert len(cemal.state["weak"]) == len(cemal.failed(0)) == 4
    assert {lesson.data["source_id"] for lesson in cemal.lessons("exercise")} != set(cemal.failed(0))


async def test_with_bkt_a_slip_in_a_mastered_skill_gets_no_exercise(tmp_path):
    counts = {}
    for mastery in ("failed", "bkt"):
        params = {"mastery": mastery, "book": 40, "rounds": 1, "bkt": {"initial": 0.5, "slip": 0.3}}
        cemal = await ran(tmp_path / mastery, student="sim/add.drops_carry?slip=0.15", params=params)
        assert any(not LIVE & set(cemal.made.sink.get(Problem, name).skills) for name in cemal.failed(0))
        counts[mastery] = {lesson.skill for lesson in cemal.lessons("exercise")}
        assert {state.model for state in cemal.made.records(SkillState)} == {
            "bkt" if mastery == "bkt" else "right last time"
        }
    assert counts["bkt"] == {"carry"} < counts["failed"]
    assert find_method("cemal").fidelity(cemal.made.cast.params) == "variant:bkt"


async def test_bkt_goes_on_from_the_last_round_and_counts_the_exercises_between(tmp_path):
    cemal = await ran(tmp_path, params={"mastery": "bkt", "bkt": {"learn": 0.5}})
    carry = [state for state in cemal.made.records(SkillState) if state.skill == "carry"]
    bkt = cemal.made.cast.params.bkt
    first = bkt.seen(bkt.seen(bkt.initial, right=False), right=False)
    second = first
    for _ in range(4):
        second = bkt.practised(second)
    assert carry[0].p_mastered == pytest.approx(first) and carry[0].n == 2
    assert carry[1].p_mastered == pytest.approx(bkt.seen(bkt.seen(second, right=False), right=False))
    assert carry[1].n == 4


async def test_an_equation_takes_the_place_of_a_second_solution_where_it_can_be_calculated(tmp_path):
    cemal = await ran(tmp_path, params={"check": "equation"})
    assert cemal.asked("solve_exercise") == []
    assert {lesson.data["verified_by"] for lesson in cemal.made.records(Lesson)} == {"equation"}
    sizes = Sizes(train=10, val=10, wrong=(4, 4, 0))
    cost = cemal.made.method.cost(cemal.made.cast.params, sizes)
    assert cost.teacher == len(cemal.made.teacher.asked) and cost.student == 30
    silent = Instead("write_exercise", lambda said, n: {"equation": ""})
    cemal = await ran(tmp_path / "silent", params={"check": "equation"}, teacher=silent)
    assert len(cemal.asked("solve_exercise")) == cost.again


@pytest.mark.parametrize("check", ["solve", "equation"])
async def test_an_equation_with_another_value_speaks_against_the_answer(tmp_path, check):
    teacher = Instead("write_exercise", lambda said, n: {"equation": f"{said.answer} + 1"} if n == 1 else None)
    cemal = await ran(tmp_path, teacher=teacher, params={"check": check, "rounds": 1})
    (refused,) = [lesson for lesson in cemal.made.records(Lesson) if not lesson.verified]
    assert "its equation comes to" in refused.checks[0] and len(cemal.state["book"]) == 9


async def test_an_exercise_that_repeats_a_held_out_problem_or_the_book_is_turned_away(tmp_path):
    drawn = load_task("chains/1", data_dir=None, seed=0, sizes=SMALL)
    test = drawn.split("test")[0]
    book: list[str] = []

    def copy(said, n):
        book.append(said.problem)
        if n == 2:
            return {"problem": test.text, "answer": test.gold, "skill": None}
        return {"problem": book[0], "answer": said.answer} if n == 11 else None

    cemal = await ran(tmp_path, teacher=Instead("write_exercise", copy))
    refused = [lesson for lesson in cemal.made.records(Lesson) if not lesson.verified]
    assert f"repeats {test.id}" in refused[0].checks
    assert "was written already" in refused[1].checks
    assert len(cemal.state["book"]) == 9


async def test_an_exercise_about_another_skill_is_turned_away(tmp_path):
    teacher = Instead("write_exercise", lambda said, n: {"skill": "poetry"} if n == 1 else None)
    cemal = await ran(tmp_path, teacher=teacher)
    (refused,) = [lesson for lesson in cemal.made.records(Lesson) if not lesson.verified]
    assert refused.checks == ("is about poetry",)


async def test_skills_that_are_taken_together_are_one_concept(tmp_path):
    cemal = await ran(tmp_path, task="chains")
    for lesson in cemal.made.records(Lesson):
        assert lesson.data["concept"] == " and ".join(cemal.problem(lesson).skills)
    assert all(LIVE & set(cemal.problem(lesson).skills) for lesson in cemal.lessons("exercise"))


async def test_in_context_the_nearest_exercises_stand_in_for_training(tmp_path):
    cemal = await ran(tmp_path, params={"student_use": "in_context", "k_demos": 2})
    assert cemal.made.student.learnt == [] and cemal.state["rows"] == []
    lessons = [cemal.made.sink.get(Lesson, name) for name in cemal.state["lessons"]]
    assert {lesson.kind for lesson in lessons} == {"demo"} and cemal.state["retrieval"] == "top-2"
    taught = [cemal.made.sink.get(Attempt, name) for name in cemal.state["test"]["taught"]]
    assert {len(attempt.lesson_ids) for attempt in taught} == {2}
    assert accuracy(cemal.made.sink, cemal.state, "taught") == 1


async def test_each_round_says_how_the_book_went(tmp_path):
    cemal = await ran(tmp_path)
    scores = {s.round: s.value for s in cemal.made.records(Score) if s.kind == "book_accuracy"}
    assert scores == {0: 0.6, 1: 0.6, 2: 1.0}


async def test_without_train_problems_it_says_what_is_needed(tmp_path):
    cemal = await ran(tmp_path, sizes={"train": 0, "val": 4, "test": 4})
    assert isinstance(cemal.error, BadSetting) and "--train" in cemal.error.remedy


def test_every_variant_is_named():
    method = find_method("cemal")
    given = {"target": "random", "progressive": False, "quota": 5, "student_use": "in_context"}
    assert method.fidelity(read_params(method, {})) == "paper"
    assert method.fidelity(read_params(method, given)) == "variant:in_context+random-target+one-shot+quota"
