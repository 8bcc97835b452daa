"""ARTE, as its section of the specification says how to see that it is right."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from random import Random

import pytest
from support.bench import accuracy, bench, rules
from support.fixtures import sizes_of

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting
from tutorkit.lab.participants import STUDENT_DEFAULTS
from tutorkit.methods._arte.draft_marks import (
    best,
    best_and_worst,
    covering,
    quarter_pairs,
    shares_of_both,
    technique_means,
    top_and_bottom,
)
from tutorkit.methods._arte.rungs import rung_calls, rungs
from tutorkit.methods._nodes.exercises import held_out
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.ports import Answer
from tutorkit.prompting import PromptLibrary
from tutorkit.students.buggy import parse_sim
from tutorkit.students.model import ModelStudent
from tutorkit.tasks import load_task
from tutorkit.tasks.variation import chain_of
from tutorkit.teachers.purposes.arte import _question
from tutorkit.types import Attempt, Call, Lesson, PreferencePair, Problem, Score, SFTExample

ARMS = ("random", "per_question", "task_consistent", "conditioned")
SMALL = {"questions": 12, "per_call": 4, "probe_items": 8, "shots": 1}
SIZES = {"train": 8, "val": 16, "test": 40}
THREE_BUGS = "sim/sub.smaller_from_larger+add.drops_carry+pct.divides_by_percent"
LEVELS = {"simple words": 1, "plain steps": 2, "equations": 3, "rule first": 4}


@dataclass
class Ran:
    made: object
    state: dict
    status: str

    @property
    def sink(self):
        return self.made.sink

    def all(self, kind):
        return self.made.records(kind)

    def gain(self) -> float:
        return accuracy(self.sink, self.state, "taught") - accuracy(self.sink, self.state, "untaught")

    def asked(self) -> Counter:
        return Counter(ask.purpose for ask in self.made.teacher.asked)


async def ran(
    folder, *, params=None, student="sim/two-bugs?level=2", sizes=SIZES, task="chains", seed=0, panel=(), **over
):
    made = bench(
        folder,
        method="arte",
        student=student,
        params={**SMALL, **(params or {})},
        task=load_task(task, data_dir=None, seed=seed, sizes=sizes),
        seed=seed,
        **over,
    )
    made = replace(made, cast=replace(made.cast, panel=tuple(panel)))
    ending = await made.run()
    return Ran(made, ending.state, ending.status)


@pytest.fixture(scope="module")
def arms(tmp_path_factory) -> dict[str, Ran]:
    """Each way of choosing drafts, run once; looked at by several tests."""
    return {arm: asyncio.run(ran(tmp_path_factory.mktemp(arm), params={"choice": arm})) for arm in ARMS}


@pytest.fixture(scope="module")
def usual(arms) -> Ran:
    return arms["task_consistent"]


class Changed:
    """The rule-based teacher, with what it says of one purpose changed by a function of the inputs and the reply."""

    ref, diagnoses_as = "changed", "rule"

    def __init__(self, purpose, change):
        self.purpose, self.change = purpose, change

    async def call(self, ask):
        reply = await rules().call(ask)
        if ask.purpose != self.purpose:
            return reply
        changed = self.change(dict(ask.inputs), reply.value.model_dump(mode="json"))
        return replace(reply, value=ask.schema.model_validate(changed))


def on_all_three_skills() -> Changed:
    """Make a teacher whose questions all take the three skills that the student lacks."""

    def change(inputs, said):
        rng = Random(digest(inputs))
        drawn = [chain_of(["borrow", "carry", "percent"], rng) for _ in range(inputs["count"])]
        return {"questions": [_question(problem) for problem in drawn]}

    return Changed("draft_questions", change)


# What the student prefers


@pytest.mark.parametrize(("level", "technique"), [(1, "simple words"), (2, "plain steps"), (3, "equations")])
async def test_a_student_prefers_rationales_of_its_own_level_and_rejects_those_above_it(level, technique, tmp_path):
    made = await ran(
        tmp_path,
        params={"questions": 4, "probe_items": 24},
        student=f"{THREE_BUGS}?level={level}",
        teacher=on_all_three_skills(),
        task="chains/3",
        sizes={"train": 8, "val": 24, "test": 10},
    )
    assert made.state["technique"] == technique
    wishes = {each.name: each.description for each in made.made.cast.params.techniques}
    pairs = [pair for pair in made.all(PreferencePair) if pair.unit == "rationale"]
    assert len(pairs) == 4
    for pair in pairs:
        assert pair.data["technique_chosen"] == technique
        assert LEVELS[pair.data["technique_rejected"]] > level
        assert wishes["plain steps"] in pair.prompt
        assert technique == "plain steps" or wishes[technique] not in pair.prompt
    rows = [made.sink.get(SFTExample, name) for name in made.state["rows"]]
    assert {row.data["technique"] for row in rows} == {technique} and len(rows) == 4


def test_the_chosen_side_scored_more_in_every_row_and_says_what_it_rests_on(usual):
    pairs = usual.all(PreferencePair)
    assert {pair.unit for pair in pairs} == {"question", "rationale"}
    for pair in pairs:
        assert pair.data["score_chosen"] > pair.data["score_rejected"]
        assert pair.margin == pytest.approx(pair.data["score_chosen"] - pair.data["score_rejected"])
        assert pair.chosen != pair.rejected and pair.student == usual.made.student.ref
        assert len(pair.lesson_ids) == 2 and pair.call_ids


def test_the_wish_for_a_technique_is_erased_from_the_prompt_of_a_pair(usual):
    techniques = {technique.name: technique.description for technique in usual.made.cast.params.techniques}
    for pair in usual.all(PreferencePair):
        problem = usual.sink.get(Problem, pair.problem_id)
        if pair.unit == "rationale":
            assert techniques["plain steps"] in pair.prompt and problem.question().as_text() in pair.prompt
            others = [text for name, text in techniques.items() if name != "plain steps"]
            assert not any(text in pair.prompt for text in others)
        else:
            assert pair.chosen == problem.question().as_text() and pair.chosen not in pair.prompt


def test_equal_scores_make_no_pair():
    assert best_and_worst({"a": "1100", "b": "0011", "c": "1010"}) is None
    assert best_and_worst({"a": "1100"}) is None and best_and_worst({"a": "--", "b": "--"}) is None
    assert best_and_worst({"a": "1100", "b": "0111", "c": "0100"}) == ("b", "c", (0.75, 0.25))
    assert quarter_pairs({"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5}, most=9, rng=Random(0)) == []
    assert quarter_pairs({"a": 0.5, "b": 0.9}, most=9, rng=Random(0)) == [("b", "a")]
    assert quarter_pairs({}, most=9, rng=Random(0)) == [] and top_and_bottom({}) == ([], [])


def test_question_pairs_are_drawn_from_the_top_and_the_bottom_quarter():
    scores = {f"q{place}": place / 20 for place in range(20)}
    pairs = quarter_pairs(scores, most=50, rng=Random(0))
    assert len(set(pairs)) == len(pairs) == 25
    assert {chosen for chosen, _ in pairs} == {f"q{place}" for place in range(15, 20)}
    assert {rejected for _, rejected in pairs} == {f"q{place}" for place in range(5)}
    assert len(quarter_pairs(scores, most=7, rng=Random(0))) == 7


def test_drafts_are_compared_on_the_problems_that_both_were_tried_on():
    # The one that was given up had a better share of fewer problems.
    assert best_and_worst({"kept": "11010000", "given up": "1110"}) is None
    assert best_and_worst({"kept": "11110000", "given up": "1110"}) == ("kept", "given up", (1.0, 0.75))
    assert shares_of_both("1-1", "01-") == (1.0, 0.0) and shares_of_both("-", "1") is None


def test_the_best_technique_is_found_by_task_means_and_not_by_the_winners_of_questions():
    """Simulated: four techniques with means .45, .50, .55, .60; 50 questions, 40 probe problems, 200 runs."""
    names = ["a", "b", "c", "d"]
    planted = dict(zip(names, (0.45, 0.50, 0.55, 0.60), strict=True))
    rng = Random(0)
    by_means = won = tied = questions = 0
    for _ in range(200):
        scores = {
            str(question): {name: sum(rng.random() < p for _ in range(40)) / 40 for name, p in planted.items()}
            for question in range(50)
        }
        by_means += best(technique_means(scores), names) == "d"
        for row in scores.values():
            top = max(row.values())
            winners = [name for name in names if row[name] == top]
            questions += 1
            won += winners == ["d"]
            tied += len(winners) > 1
    assert by_means == 200
    assert won / questions == pytest.approx(0.54, abs=0.02)
    assert tied / questions == pytest.approx(0.10, abs=0.02)


def test_techniques_are_compared_on_the_questions_that_all_have():
    scores = {"hard": {"a": 0.2}, "easy": {"a": 0.8, "b": 0.7}}
    assert technique_means(scores) == {"a": 0.8, "b": 0.7}
    assert technique_means({"hard": {"a": 0.2}, "easy": {"b": 0.7}}) == {"a": 0.2, "b": 0.7}
    assert best({"a": 0.5, "b": 0.5}, ["b", "a"]) == "b" and best({}, ["a"]) is None


def test_examples_in_a_prompt_are_those_that_help_together():
    marks = {"a": "111000", "b": "110100", "c": "000011", "d": "------"}
    assert covering(marks, most=2) == ["a", "c"]
    assert covering(marks, most=9) == ["a", "c", "b"]


# How it is probed


def test_a_probe_shows_one_demo_and_asks_once(usual):
    probed = [attempt for attempt in usual.all(Attempt) if attempt.phase.startswith("probe")]
    assert len(probed) == 12 * 4 * 8
    assert {(len(attempt.lesson_ids), attempt.sample) for attempt in probed} == {(1, 0)}
    assert {usual.sink.get(Lesson, attempt.lesson_ids[0]).kind for attempt in probed} == {"demo"}


def test_a_model_is_probed_at_temperature_zero_with_the_demo_as_a_turn(usual):
    demo = usual.sink.get(Lesson, usual.state["tailored"][0])
    student = ModelStudent(
        ref="openai/x", chat=None, prompts=PromptLibrary(), description="", answer_format="", options=STUDENT_DEFAULTS
    )
    request, _ = student.request(usual.made.cast.problems["val"][0].question(), [demo])
    assert request.options["temperature"] == 0
    assert [message.role for message in request.messages][-3:] == ["user", "assistant", "user"]
    assert request.messages[-3].content == demo.data["problem"]


def test_drafts_are_not_probed_with_nor_repeat_what_is_measured(arms):
    made = arms["conditioned"]
    drafted = {lesson.data["problem_id"] for lesson in made.all(Lesson)}
    first, second = set(made.state["preference"]), set(made.state["second"])
    assert first and second and not first & second and not (first | second) & drafted
    groups = {made.sink.get(Problem, name).group for name in drafted}
    assert not groups & {p.group for split in ("val", "test") for p in made.made.cast.problems[split]}
    asked = {a.problem_id: a.phase.partition("/")[0] for a in made.all(Attempt) if a.phase.startswith("probe")}
    assert {name for name, phase in asked.items() if phase == "probe"} == first
    assert {name for name, phase in asked.items() if phase == "probe2"} == second


async def test_a_draft_with_a_wrong_answer_is_kept_out_however_well_it_might_teach(tmp_path):
    def change(inputs, said):
        return {**said, "answer": "1, 1"} if inputs["technique"]["name"] == "plain steps" else said

    made = await ran(tmp_path, teacher=Changed("draft_rationale", change))
    rejected = [lesson for lesson in made.all(Lesson) if lesson.kind == "demo" and not lesson.verified]
    assert len(rejected) == 12 and {lesson.data["technique"] for lesson in rejected} == {"plain steps"}
    assert not set(made.state["marks"]) & {lesson.id for lesson in rejected}
    assert made.state["technique"] == "simple words"
    used = {name for pair in made.all(PreferencePair) for name in pair.lesson_ids} | set(made.state["tailored"])
    assert not used & {lesson.id for lesson in rejected}


def test_a_score_stands_with_its_n_and_its_interval_and_beside_the_untaught(usual):
    scores = [s for s in usual.all(Score) if s.kind == "icl_accuracy" and s.subject_id in usual.state["marks"]]
    assert len(scores) == 48 and all(s.n == 8 and s.low <= s.value <= s.high for s in scores)
    untaught = next(s for s in usual.all(Score) if s.subject_id == "untaught")
    assert untaught.n == 8 and untaught.value < max(s.value for s in scores)
    means = {s.subject_id: s.value for s in usual.all(Score) if s.kind == "technique"}
    assert max(means, key=means.get) == usual.state["technique"] and set(means) == set(LEVELS)


async def test_halving_gives_the_worse_half_up_and_takes_the_calls_that_it_says(tmp_path):
    made = await ran(tmp_path, params={"halving": [2, 4]})
    assert Counter(len(marks) for marks in made.state["marks"].values()) == {2: 24, 4: 12, 8: 12}
    first = {size: [m[:2].count("1") for m in made.state["marks"].values() if len(m) == size] for size in (2, 8)}
    assert min(first[8]) >= max(first[2]) and sum(first[8]) / 12 > sum(first[2]) / 24
    probed = [attempt for attempt in made.all(Attempt) if attempt.phase.startswith("probe")]
    assert len(probed) == rung_calls(48, rungs((2, 4), 8)) == 48 * 2 + 24 * 2 + 12 * 4
    assert len({(attempt.phase, attempt.problem_id) for attempt in probed}) == len(probed)
    expected = made.made.method.cost(made.made.cast.params, sizes_of(made.made))
    tested = len(made.state["test"]["untaught"]) + len(made.state["test"]["taught"])
    assert sum(call.role == "student" for call in made.all(Call)) - tested == expected.student
    assert rungs((16, 8, 80), 40) == (8, 16, 40) and rung_calls(1000, (40,)) == 40_000


async def test_the_preference_set_is_what_tells_the_able_from_the_less_able(tmp_path):
    """The student beside a better and a worse one: what all of them can do, or none, tells nobody apart."""
    panel = [parse_sim("sim/beginner"), parse_sim("sim/perfect")]
    made = await ran(tmp_path, panel=panel, params={"shots": 2})
    kinds = Counter(score.kind for score in made.all(Score))
    assert kinds["irt_discrimination"] == kinds["irt_difficulty"] == 16
    value = {s.subject_id: s.value for s in made.all(Score) if s.kind == "irt_discrimination"}
    others = set(value) - set(made.state["preference"])
    assert min(value[name] for name in made.state["preference"]) >= max(value[name] for name in others)
    phases = {attempt.phase for attempt in made.all(Attempt) if attempt.phase.startswith("panel")}
    assert phases == {"panel0-1", "panel0-2", *(f"panel{who}-{shots}" for who in (1, 2) for shots in (0, 1, 2))}
    expected = made.made.method.cost(made.made.cast.params, sizes_of(made.made))
    spoken = sum(call.role == "student" for call in made.all(Call))
    assert spoken - 2 * len(made.state["test"]["taught"]) == expected.student


def test_with_few_responders_the_index_stands_in_for_the_model(usual):
    kinds = {score.kind for score in usual.all(Score)}
    assert "discrimination_index" in kinds and "irt_discrimination" not in kinds


# What the student is taught with


@pytest.mark.parametrize("choice", ARMS)
def test_every_arm_runs_and_takes_what_it_says(choice, arms):
    made = arms[choice]
    assert made.status == "finished" and len(made.state["rows"]) == 12
    expected = made.made.method.cost(made.made.cast.params, sizes_of(made.made))
    assert len(made.made.teacher.asked) == expected.teacher
    assert made.asked() == (
        {"draft_questions": 3, "draft_rationale": 48}
        if choice != "conditioned"
        else {"draft_questions": 3 + 5, "draft_rationale": 48 + 18}
    )
    rows = [made.sink.get(SFTExample, name) for name in made.state["rows"]]
    assert len({row.problem_id for row in rows}) == 12 and {row.split for row in rows} == {"train"}
    assert made.all(PreferencePair)


def test_per_question_takes_each_questions_best_and_task_consistent_one_technique(arms):
    for question, drafts in arms["per_question"].state["drafts"].items():
        marks = {name: arms["per_question"].state["marks"][draft].count("1") for name, draft in drafts.items()}
        taken = next(name for name, draft in drafts.items() if draft in arms["per_question"].state["tailored"])
        assert marks[taken] == max(marks.values()), question
    techniques = {
        choice: {run.sink.get(Lesson, name).data["technique"] for name in run.state["tailored"]}
        for choice, run in arms.items()
    }
    assert techniques["task_consistent"] == {"plain steps"} and len(techniques["random"]) > 2


def test_the_teacher_is_conditioned_on_what_the_student_learnt_from(arms):
    made = arms["conditioned"]
    asked = [ask.inputs for ask in made.made.teacher.asked if ask.purpose == "draft_questions"]
    assert [bool(inputs["liked"]) for inputs in asked] == [False] * 3 + [True] * 5
    liked, disliked = asked[-1]["liked"], asked[-1]["disliked"]
    assert 1 <= len(liked) <= 3 and disliked
    assert min(draft["right"] for draft in liked) > max(draft["right"] for draft in disliked)
    techniques = {
        ask.inputs["technique"]["name"]
        for ask in made.made.teacher.asked
        if ask.purpose == "draft_rationale" and ask.inputs["liked"]
    }
    assert techniques == {made.state["technique"]}
    new = [name for name in made.state["tailored"] if name in made.state["new_drafts"]]
    assert len(new) == 12 - 3 and set(made.state["new_marks"]) == set(made.state["new_drafts"])


async def test_data_of_a_teacher_who_is_blind_to_the_level_loses_to_tailored_data(tmp_path):
    gains = {"task_consistent": [], "random": []}
    for choice, found in gains.items():
        for seed in range(3):
            made = await ran(
                tmp_path / f"{choice}{seed}", params={"choice": choice, "questions": 16, "probe_items": 4}, seed=seed
            )
            found.append(made.gain())
    assert all(tailored >= blind for tailored, blind in zip(*gains.values(), strict=True))
    assert sum(gains["task_consistent"]) > sum(gains["random"]) + 0.3


@pytest.mark.parametrize(("level", "gains"), [(2, True), (1, False)])
async def test_after_the_alignment_the_plain_prompt_teaches_a_student_of_that_level(level, gains, tmp_path):
    made = await ran(
        tmp_path, params={"mode": "aligned", "questions": 16}, student=f"sim/two-bugs?level={level}", seed=1
    )
    assert made.asked() == {"draft_questions": 4, "draft_rationale": 16}
    assert not made.all(PreferencePair) and not [a for a in made.all(Attempt) if a.split == "val"]
    assert (made.gain() > 0.2) == gains
    assert made.made.method.cost(made.made.cast.params, Sizes(val=16)).teacher == 20


async def test_export_leaves_the_pairs_and_teaches_with_the_original_teachers_best_drafts(arms, tmp_path):
    export = await ran(tmp_path, params={"mode": "export"})
    assert export.state["rows"] == arms["per_question"].state["rows"] and export.all(PreferencePair)


async def test_in_context_a_student_that_cannot_be_trained_reads_examples(tmp_path):
    class Untrainable:
        ref = "sim/two-bugs?level=2"

        async def answer(self, question, lessons, *, sample=0) -> Answer:
            return await parse_sim(self.ref).answer(question, lessons, sample=sample)

    made = await ran(tmp_path, params={"student_use": "in_context", "k_demos": 2}, student=Untrainable())
    lessons = [made.sink.get(Lesson, name) for name in made.state["lessons"]]
    assert len(lessons) == 2 and made.state["rows"] == [] and not made.all(SFTExample)
    assert {lesson.kind for lesson in lessons} == {"demo"} and all(lesson.verified for lesson in lessons)
    assert made.gain() > 0.3
    random = await ran(
        tmp_path / "random",
        params={"student_use": "in_context", "k_demos": 2, "choice": "random"},
        student=Untrainable(),
    )
    assert len(random.state["lessons"]) == 2


def test_each_way_of_using_it_has_its_name():
    method = find_method("arte")

    def name(**params):
        return method.fidelity(read_params(method, params))

    assert name() == "variant:blackbox"
    assert name(mode="export") == name(mode="aligned") == "paper"
    assert name(choice="random") == "variant:blackbox+random-target"
    assert name(mode="export", halving=[8, 16]) == "variant:halving"
    assert name(mode="aligned", student_use="in_context") == "variant:in_context"
    assert method.needs(read_params(method, {})) == {"train"}
    assert method.needs(read_params(method, {"student_use": "in_context"})) == set()


def test_techniques_are_told_apart_by_their_names():
    twice = {"techniques": [{"name": "a", "description": "x"}, {"name": "a", "description": "y"}]}
    with pytest.raises(BadSetting, match="two techniques have one name"):
        read_params(find_method("arte"), twice)


def test_the_papers_numbers_cost_what_the_specification_says():
    method = find_method("arte")
    params = read_params(method, {"mode": "export", "questions": 250})
    cost = method.cost(params, Sizes(val=100, panel=4, wrong=(60,)))
    assert cost.teacher == 250 // 5 + 250 * 4 and cost.student == 40_000 + 5 * 4 * 100


async def test_a_template_before_a_number_is_nobodys_wording(tmp_path):
    task = load_task("chains", data_dir=None, seed=0, sizes=SIZES)
    made = bench(tmp_path, method="arte", task=task, params=SMALL)

    class Deps:
        @staticmethod
        def problems(split):
            return made.cast.problems[split]

    closed = held_out(Deps)
    asked = task.split("val")[0]
    start = asked.text.index("(b)")
    drawn = chain_of(["sign", "sign"], Random(0))
    same_first_part = drawn.model_copy(update={"text": asked.text[:start] + drawn.text[drawn.text.index("(b)") :]})
    assert closed.copied(same_first_part) is None and closed.copied(asked) is not None
