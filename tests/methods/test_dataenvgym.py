"""DataEnvGym, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from support.bench import accuracy, bench, chains, rules
from support.fixtures import sizes_of

from tutorkit.errors import UnusableOutput
from tutorkit.graphs.events import NodeFinished
from tutorkit.methods._dataenvgym.data_cost import played
from tutorkit.methods._dataenvgym.policies import POLICIES, PolicyRules, settled, within
from tutorkit.methods._dataenvgym.skill_rewards import accuracies
from tutorkit.methods._dataenvgym.skill_tree import (
    Experience,
    Exploit,
    Explore,
    SkillTree,
    grown,
    harvested,
    new_names,
    raised,
)
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.ports import Reply
from tutorkit.students.buggy import parse_sim
from tutorkit.types import Attempt, Call, Lesson, Score, SFTExample

METHOD = find_method("dataenvgym")
RULES = PolicyRules(
    explore=Explore(new_subskills=2, data_per_new=30), more_data=10, reward_floor=0.01, fill_subskills=5, cap=200
)
SIZES = {"train": 6, "val": 25, "test": 25}
SMALL = {"cycles": 2, "data": 12, "per_call": 4}
LIST = {"environment": "list", "cycles": 1, "hypotheses": 2, "per_hypothesis": 2, "max_skills": 5}
TREE = {"environment": "tree", "cycles": 2, "data_per_new": 3, "max_skills": 5, "per_call": 2}
LIVE = {"carry", "percent"}


class Ran:
    def __init__(self, bench, ending):
        self.bench, self.state, self.ending = bench, ending.state, ending

    def lessons(self):
        return self.bench.records(Lesson)

    def gain(self) -> float:
        return accuracy(self.bench.sink, self.state, "taught") - accuracy(self.bench.sink, self.state, "untaught")

    def repeated(self) -> int:
        return int(sum(score.value for score in self.bench.sink.find(Score, kind="data_repeated")))

    def asked(self, purpose):
        return [ask for ask in self.bench.teacher.asked if ask.purpose == purpose]


async def ran(tmp_path, params, seed=0, **options) -> Ran:
    task = chains(seed, SIZES)
    made = bench(tmp_path, method="dataenvgym", params=params, seed=seed, task=task, **options)
    return Ran(made, await made.run())


class Changed:
    """The rule-based teacher, with some of its replies changed."""

    ref, diagnoses_as = "changed", "rule"

    def __init__(self, **changes):
        self.changes, self.count = changes, Counter()

    async def call(self, ask):
        reply = await rules().call(ask)
        if ask.purpose not in self.changes:
            return reply
        self.count[ask.purpose] += 1
        said = self.changes[ask.purpose](ask, reply.value.model_dump(), self.count[ask.purpose])
        return Reply(value=ask.schema.model_validate(said), calls=reply.calls)


def play(policy, *, rounds=10, rule=RULES, reward=None):
    """Drive a policy on one tree, as a run does, every subskill being found that is asked for."""
    tree, past, new, counts = SkillTree(skill="s"), [], [], []
    rng = Random(3)
    for step in range(rounds):
        action = settled(tree, past, rule) or POLICIES[policy](tree, past, rule, rng)
        before = tree
        if isinstance(action, Explore):
            names = [f"{step}.{place}" for place in range(action.new_subskills)]
            tree = grown(tree, names, data_per_new=action.data_per_new)
        else:
            tree = raised(tree, action.deltas)
        past.append(Experience(cycle=step, iteration=0, skill="s", tree=before, action=action, reward=reward))
        new.append(tree.total - before.total)
        counts.append(len(tree.subskills))
    return tree, new, counts, past


def test_the_alternating_policy_gives_the_published_vectors():
    tree, new, counts, _ = play("alternating")
    assert new == [60, 0, 60, 0, 60, 0, 60, 0, 0, 0]
    assert [sum(new[: place + 1]) for place in range(10)] == [60, 60, 120, 120, 180, 180, 240, 240, 240, 240]
    assert counts == [2, 2, 4, 4, 6, 6, 8, 8, 8, 8]
    assert tree.total == 240


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("cap", [50, 95, 200])
def test_the_cap_is_passed_by_one_action_at_most(policy, cap):
    _, new, _, past = play(policy, rounds=40, rule=RULES.model_copy(update={"cap": cap}), reward=0.5)
    totals = [sum(new[:place]) for place in range(41)]
    assert isinstance(past[0].action, Explore)
    assert all(more == 0 for total, more in zip(totals, new, strict=False) if total >= cap)
    assert totals[-1] >= cap or policy == "fill"
    assert totals[-1] - cap < 60 + 10 * len(past[-1].tree.subskills)


def test_the_filling_policy_grows_first_and_then_fills_each_to_its_share():
    tree, _, counts, past = play("fill", rounds=12)
    assert counts[:4] == [2, 4, 5, 5] and set(tree.allocation.values()) == {40}
    assert [type(each.action) for each in past[:4]] == [Explore, Explore, Explore, Exploit]


def test_the_threshold_rule_exploits_above_its_floor_and_explores_at_it():
    grows = play("threshold", rounds=3, reward=0.01)[2]
    stays = play("threshold", rounds=3, reward=0.011)
    assert grows == [2, 4, 6] and stays[2] == [2, 2, 2] and stays[1] == [60, 20, 20]
    published = read_params(METHOD, {"environment": "tree", "policy": "threshold"}).rules
    assert (published.explore.new_subskills, published.explore.data_per_new, published.more_data) == (5, 10, 10)


def test_the_teachers_action_is_bounded_and_a_subskill_that_it_does_not_name_gets_nothing():
    tree = grown(SkillTree(skill="s"), ["a", "b"], data_per_new=1)
    action = within(Exploit(deltas={"a": 500, "stranger": 9}), tree, limit=30, most_new=2)
    assert action.deltas == {"a": 30, "b": 0}
    assert within(Explore(new_subskills=9, data_per_new=99), tree, limit=30, most_new=2) == Explore(
        new_subskills=2, data_per_new=30
    )


def attempt(problem_id, outcome):
    grade = {"outcome": outcome, "score": 0, "normalised": None, "how": ""}
    return Attempt(
        id=problem_id + outcome, run_id="r", phase="val-0", problem_id=problem_id, split="val", student="s",
        lesson_ids=(), steps=(), raw="", grade=grade,
    )  # fmt: skip


def test_the_accuracy_of_a_skill_depends_on_its_own_problems_alone():
    skills = {"a": "x", "b": "x", "c": "y"}
    first = accuracies([attempt("a", "right"), attempt("b", "wrong"), attempt("c", "wrong")], skills)
    other = accuracies([attempt("a", "right"), attempt("b", "wrong"), attempt("c", "right")], skills)
    assert first["x"] == other["x"] == 0.5 and (first["y"], other["y"]) == (0, 1)
    assert first[""] == pytest.approx(1 / 3)


async def test_rewards_are_what_a_skill_gained_on_its_own_problems(tmp_path):
    made = await ran(tmp_path, TREE)
    skills, sink = made.state["skills"], made.bench.sink

    def share(phase, skill):
        own = [a for a in made.bench.records(Attempt) if a.phase == phase and skills[a.problem_id] == skill]
        return sum(a.grade.outcome == "right" for a in own) / len(own)

    first = [each for each in made.state["history"] if each["cycle"] == 0]
    assert len(first) == 5 and any(each["reward"] > 0 for each in first)
    for each in first:
        assert each["reward"] == pytest.approx(share("val-1", each["skill"]) - share("val-0", each["skill"]))
    kept = {(s.subject_id, s.round): s.value for s in sink.find(Score, kind="reward")}
    assert kept == {(e["skill"], e["cycle"]): e["reward"] for e in made.state["history"]}


async def test_what_the_student_solves_already_is_dropped(tmp_path):
    made = await ran(tmp_path, {**SMALL, "cycles": 1, "data": 40, "per_call": 10, "with_state": False})
    verdicts = Counter(lesson.data["verdict"] for lesson in made.lessons())
    assert verdicts["solved"] > 10 and verdicts["kept"] > 10 and verdicts["faulty"] == 0
    for lesson in made.lessons():
        assert (lesson.skill in LIVE) == (lesson.data["verdict"] == "kept")
        tries = [
            a
            for a in made.bench.records(Attempt)
            if a.problem_id == lesson.data["problem_id"] and a.phase.startswith("check")
        ]
        assert [each.grade.outcome == "right" for each in tries] == [lesson.data["verdict"] == "solved"]
    known = {made.bench.sink.get(SFTExample, row).lesson_ids[0] for row in made.state["rows"]}
    assert known == {lesson.id for lesson in made.lessons() if lesson.data["verdict"] == "kept"}


def tenth_wrong(_ask, said, count):
    specs = [dict(spec) for spec in said["specs"]]
    specs[count % 3]["answer"] = "0"
    return {**said, "specs": specs}


@pytest.mark.parametrize(("check", "left"), [("both", 0), ("answer", 0), ("unsolved", 3), ("none", 3)])
async def test_a_wrong_answer_is_filtered_out_by_a_second_solution(tmp_path, check, left):
    params = {**SMALL, "cycles": 1, "check": check}
    made = await ran(tmp_path, params, teacher=Changed(write_data=tenth_wrong))
    rows = [made.bench.sink.get(SFTExample, name) for name in made.state["rows"]]
    assert sum(row.data["answer"] == "0" for row in rows) == left
    assert len(rows) + made.repeated() == 9 + left
    refused = [lesson for lesson in made.lessons() if lesson.data["verdict"] == "unconfirmed"]
    assert len(refused) == 3 - left and all("second solution" in lesson.checks[0] for lesson in refused)


async def test_what_is_seen_of_the_student_is_frozen_inside_a_cycle(tmp_path):
    made = await ran(tmp_path, {**SMALL, "cycles": 1, "iterations": 3, "data": 4}, seed=1)
    asks = made.asked("write_data")
    assert len(asks) == 3
    sink = made.bench.sink
    assert {sink.get(Attempt, name).phase for ask in asks for name in ask.about} == {"val-0"}
    assert {a.student for a in made.bench.records(Attempt) if a.phase == "check-0"} == {"sim/two-bugs"}
    (learnt,) = made.bench.student.learnt
    assert len(learnt) + made.repeated() == 12


async def test_later_cycles_see_the_trained_student(tmp_path):
    made = await ran(tmp_path, {**SMALL, "data": 4, "cycles": 3})
    sink = made.bench.sink
    phases = [{sink.get(Attempt, name).phase for name in ask.about} for ask in made.asked("write_data")]
    assert phases[:2] == [{"val-0"}, {"val-1"}]
    assert {a.student for a in made.bench.records(Attempt) if a.phase == "val-1"} != {"sim/two-bugs"}


async def test_the_student_is_trained_from_its_own_weights_on_all_data(tmp_path):
    made = await ran(tmp_path, {**SMALL, "data": 2, "cycles": 3})
    first, second, third = [[row.id for row in rows] for rows in made.bench.student.learnt]
    assert (len(first), len(second), len(third)) == (2, 4, 6)
    assert second[:2] == first and third[:4] == second and third == made.state["rows"]


@pytest.mark.parametrize("iterations", [1, 3])
async def test_the_stop_counts_the_data_that_have_accumulated(tmp_path, iterations):
    params = {"cycles": 10, "data": 2, "per_call": 2, "max_data": 4, "iterations": iterations}
    made = await ran(tmp_path, params, student="sim/two-bugs?learn_after=50")
    assert made.state["stop"] == "enough data" and len(made.state["data"]) == 4
    assert len(made.asked("write_data")) == 2


@pytest.mark.parametrize(
    ("params", "purpose"),
    [
        (SMALL, "write_data"),
        (LIST, "write_skill_data"),
        (TREE, "write_subskill_data"),
        (TREE, "propose_subskills"),
    ],
)
async def test_with_and_without_state_differ_in_nothing_but_the_errors(tmp_path, params, purpose):
    first = {**params, "cycles": 1}
    seen = await ran(tmp_path / "seen", first)
    blind = await ran(tmp_path / "blind", {**first, "with_state": False})
    pairs = list(zip(seen.asked(purpose), blind.asked(purpose), strict=True))
    assert pairs
    for ask, other in pairs:
        rest = {name: value for name, value in ask.inputs.items() if name not in ("examples", "subskill")}
        assert rest == {name: other.inputs[name] for name in rest} and set(ask.inputs) == set(other.inputs)
        assert [each for each in ask.inputs["examples"] if each["attempt"] is None] == other.inputs["examples"]
        assert ask.about and not other.about
    assert any(each["attempt"] for ask, _ in pairs for each in ask.inputs["examples"])


@pytest.mark.parametrize("seed", [0, 1, 2])
async def test_what_the_errors_show_beats_the_same_effort_without_them(tmp_path, seed):
    params = {"cycles": 1, "data": 6, "per_call": 6, "check": "answer", "shown_errors": 6}
    seen = await ran(tmp_path / "seen", params, seed=seed)
    blind = await ran(tmp_path / "blind", {**params, "with_state": False}, seed=seed)
    assert len(seen.state["rows"]) == len(blind.state["rows"]) == 6
    assert seen.gain() > 0.4 > 0.1 > blind.gain()


@pytest.mark.parametrize(
    "params",
    [
        LIST,
        {**LIST, "cycles": 2, "iterations": 2, "check": "answer"},
        TREE,
        {**TREE, "policy": "fill", "cycles": 3, "fill_subskills": 3, "check": "none"},
    ],
)
async def test_the_ledger_equals_the_cost_when_every_check_is_passed(tmp_path, params):
    teacher = Changed(map_skill=lambda ask, said, _: said)
    made = await ran(tmp_path, params, teacher=teacher, student="sim/two-bugs?learn_after=500")
    roles = Counter(call.role for call in made.bench.records(Call) if not call.node.startswith("evaluate"))
    cost = METHOD.cost(made.bench.cast.params, sizes_of(made.bench))
    verdicts = Counter(lesson.data["verdict"] for lesson in made.lessons())
    repeated = made.repeated()
    by_student, by_judge = (params.get("check", "both") in each for each in (("both",), ("both", "answer")))
    assert roles["teacher"] == cost.teacher
    # Only what is new is checked, and only what the student could not solve is put to the judge.
    assert roles["student"] == cost.student - repeated * by_student
    assert roles["judge"] == cost.judge - (repeated + verdicts["solved"]) * by_judge


def test_the_cost_table_of_the_papers():
    opened = METHOD.cost(read_params(METHOD, {}), Sizes(val=350, wrong=(200, 150, 100, 80)))
    assert opened.teacher == 36 and opened.student == 3 * (350 + 120) + 350 and opened.judge == 360
    listed = read_params(METHOD, {"environment": "list", "max_skills": 7})
    assert METHOD.cost(listed, Sizes(val=350, wrong=(9, 9, 9, 9))).teacher == 806
    tree = read_params(METHOD, {"environment": "tree", "max_skills": 7, "cycles": 1})
    assert METHOD.cost(tree, Sizes(val=350, wrong=(9, 9))).teacher == 701 + 7 * (1 + 2 * 3)
    assert played(RULES, policy="alternating", steps=10, per_call=10).data == 240
    assert METHOD.cost(tree, Sizes(val=350, wrong=(0,))) == METHOD.cost(listed, Sizes(val=350, wrong=(0,)))


@pytest.mark.parametrize("params", [{**LIST, "hypotheses": 3}, TREE, {**TREE, "policy": "llm", "cycles": 3}])
async def test_each_environment_teaches_and_a_deranged_teacher_does_not(tmp_path, params):
    good = await ran(tmp_path / "good", params)
    assert good.gain() > 0.3 and {lesson.skill for lesson in good.lessons() if lesson.verified} == LIVE
    for teacher in ("deranged", "silent"):
        other = await ran(tmp_path / teacher, params, teacher=teacher)
        assert other.ending.status == "finished" and other.gain() == 0
        assert not LIVE & {lesson.skill for lesson in other.lessons() if lesson.verified}


@pytest.mark.parametrize("teacher", ["malformed", "leaky", "verbose", "per-item-random"])
@pytest.mark.parametrize("params", [SMALL, LIST, TREE, {**SMALL, "student_use": "in_context"}])
async def test_no_teacher_breaks_a_run_or_tells_a_gold(tmp_path, teacher, params):
    made = await ran(tmp_path, params, teacher=teacher)
    assert made.ending.status == "finished"
    golds = {problem.id: problem.gold for split in ("val", "test") for problem in made.bench.cast.problems[split]}
    for question, lessons in made.bench.student.shown:
        assert not [lesson for lesson in lessons if golds.get(question.id, "no gold") in lesson.text]


async def test_a_silent_teacher_finds_no_skill_and_nothing_more_is_asked(tmp_path):
    made = await ran(tmp_path, LIST, teacher="silent")
    assert made.state["stop"] == "no skill was found" and made.lessons() == []
    assert {ask.purpose for ask in made.bench.teacher.asked} == {"label_skill"}


async def test_a_skill_outside_the_list_is_asked_for_again_and_then_given_up(tmp_path):
    val = chains(sizes=SIZES).split("val")
    stubborn, mended = val[0].id, val[1].id

    def sort(ask, said, _count):
        tries = len(ask.inputs["refused"])
        lost = ask.about == (stubborn,) or (ask.about == (mended,) and tries < 2)
        return {"skill": f"Something else {tries}"} if lost else {"skill": said["skill"].upper()}

    made = await ran(tmp_path, LIST, teacher=Changed(map_skill=sort))
    asks = [ask for ask in made.asked("map_skill") if ask.about == (stubborn,)]
    assert [ask.inputs["refused"] for ask in asks][-1] == [f"Something else {tries}" for tries in range(3)]
    assert len(asks) == 4 and stubborn not in made.state["skills"]
    assert made.state["skills"][mended] == val[1].skills[0]
    assert len(made.state["skills"]) == len(val) - 1


@pytest.mark.parametrize("names", [["carry"] * 2, list("abcdef"), []])
async def test_categories_that_overlap_or_are_too_many_are_asked_for_again(tmp_path, names):
    def group(_ask, said, count):
        return said if count > 1 else {"categories": [{"skill": name, "label_ids": []} for name in names]}

    made = await ran(tmp_path, LIST, teacher=Changed(group_skills=group))
    assert len(made.asked("group_skills")) == 2 and len(set(made.state["skills"].values())) == 5


async def test_the_list_is_about_every_skill_and_names_one_weakness_a_call(tmp_path):
    made = await ran(tmp_path, LIST)
    asks = made.asked("write_skill_data")
    assert Counter(ask.inputs["skill"] for ask in asks) == dict.fromkeys(set(made.state["skills"].values()), 2)
    for ask in asks:
        own = {made.state["skills"][each["problem"]["id"]] for each in ask.inputs["examples"]}
        assert own == {ask.inputs["skill"]}


async def test_the_teachers_policy_sees_the_tree_and_what_was_worth_how_much(tmp_path):
    def greedy(ask, said, _count):
        deltas = [{"skill": ask.inputs["subskills"][0]["name"], "data": 500}]
        return {**said, "explore": False, "deltas": deltas}

    params = {**TREE, "policy": "llm", "cycles": 2, "action_limit": 4, "check": "none"}
    made = await ran(tmp_path, params, teacher=Changed(choose_action=greedy), student="sim/two-bugs?learn_after=500")
    asks = made.asked("choose_action")
    assert len(asks) == 5
    assert all(each["reward"] is not None for ask in asks for each in ask.inputs["past"])
    second = [each for each in made.state["history"] if each["cycle"] == 1]
    assert [sorted(each["action"]["deltas"].values()) for each in second] == [[0, 4]] * 5
    assert {sum(tree["allocation"].values()) for tree in made.state["forest"].values()} == {2 * 3 + 4}


async def test_an_unusable_choice_leaves_out_one_skill_for_one_time(tmp_path):
    def refuses(ask, said, _count):
        if ask.inputs["skill"] == "carry":
            raise UnusableOutput("no", data={"calls": ()})
        return said

    slow = "sim/two-bugs?learn_after=500"
    made = await ran(tmp_path, {**TREE, "policy": "llm"}, teacher=Changed(choose_action=refuses), student=slow)
    later = {each["skill"] for each in made.state["history"] if each["cycle"] == 1}
    assert made.ending.status == "finished" and len(later) == 4 and "carry" not in later
    rewarded = {(score.subject_id, score.round) for score in made.bench.sink.find(Score, kind="reward")}
    assert ("carry", 0) in rewarded and ("carry", 1) not in rewarded and len(rewarded) == 9


def first_wrong(_ask, said, _count):
    return {
        "specs": [{**spec, "answer": "0" if not place else spec["answer"]} for place, spec in enumerate(said["specs"])]
    }


async def test_everything_is_kept_with_where_it_came_from(tmp_path):
    teacher = Changed(write_subskill_data=first_wrong)
    made = await ran(tmp_path, TREE, teacher=teacher, student="sim/two-bugs?learn_after=500")
    assert {lesson.data["verdict"] for lesson in made.lessons()} == {"kept", "unconfirmed"}
    sink = made.bench.sink
    assert set(made.state["skills"]) <= {problem.id for problem in chains(sizes=SIZES).split("val")}
    for each in made.state["history"]:
        assert each["tree"]["skill"] == each["skill"] and each["action"]["kind"] in ("explore", "exploit")
    trees = [each["tree"] for each in made.state["history"] if each["skill"] == "carry"]
    assert trees[0]["subskills"] == [] and len(trees[1]["subskills"]) == 2
    for name, tree in made.state["forest"].items():
        for subskill, lesson_ids in tree["data_ids"].items():
            for lesson in (sink.get(Lesson, lesson_id) for lesson_id in lesson_ids):
                assert (lesson.data["skill"], lesson.data["subskill"], lesson.verified) == (name, subskill, True)
    assert sum(len(i) for t in made.state["forest"].values() for i in t["data_ids"].values()) == len(made.state["rows"])
    for row in (sink.get(SFTExample, name) for name in made.state["rows"]):
        lesson = sink.get(Lesson, row.lesson_ids[0])
        assert row.split == "train" and row.source_attempt_ids == lesson.source_attempt_ids and row.call_ids
        assert (
            row.messages[-1].content.endswith(f"Answer: {row.data['answer']}") and "[[" not in row.messages[-1].content
        )
        assert row.round == lesson.data["cycle"] and row.data["subskill"] == lesson.data["subskill"]
    assert {"val_accuracy", "skill_accuracy", "reward", "data_kept", "data_repeated"} <= {
        score.kind for score in made.bench.records(Score)
    }


async def test_more_than_was_asked_for_is_left_out(tmp_path):
    made = await ran(
        tmp_path,
        {**SMALL, "cycles": 1},
        teacher=Changed(write_data=lambda _ask, said, _count: {"specs": said["specs"] * 2}),
    )
    assert len(made.lessons()) + made.repeated() == 12


async def test_what_was_written_before_is_not_written_again(tmp_path):
    def same(ask, said, _count):
        return {"specs": [first[0] for first in [remembered.setdefault("specs", said["specs"])] for _ in range(3)]}

    remembered: dict = {}
    made = await ran(tmp_path, {**SMALL, "cycles": 2}, teacher=Changed(write_data=same))
    assert len(made.state["data"]) == 1 and len(made.lessons()) == 1
    repeated = [score.value for score in made.bench.sink.find(Score, kind="data_repeated")]
    assert repeated == [8, 9]


async def test_a_student_that_cannot_be_trained_is_shown_the_data_most_like_each_question(tmp_path):
    params = {**SMALL, "student_use": "in_context", "k_demos": 3}
    student = parse_sim("sim/two-bugs")

    class Untrainable:
        ref = student.ref

        async def answer(self, question, lessons, *, sample=0):
            return await student.answer(question, lessons, sample=sample)

    made = await ran(tmp_path, params, student=Untrainable())
    assert METHOD.fidelity(made.bench.cast.params) == "variant:in_context"
    assert METHOD.needs(made.bench.cast.params) == frozenset()
    assert METHOD.needs(read_params(METHOD, {})) == {"train"}
    taught = [made.bench.sink.get(Attempt, name) for name in made.state["test"]["taught"]]
    assert {len(each.lesson_ids) for each in taught} == {3} and len({each.lesson_ids for each in taught}) > 1
    assert {lesson.kind for lesson in made.lessons()} == {"demo"} and made.gain() > 0.3
    assert made.bench.student.learnt == [] and "rows" not in made.state
    assert made.state["lessons"] == made.state["data"] and made.state["retrieval"] == "top-3"
    assert METHOD.instead == {"student_use": "in_context"}


class Died(BaseException):
    """Stands for a process that was killed."""


@pytest.mark.parametrize(
    "params", [LIST, {**TREE, "policy": "llm"}, {**SMALL, "iterations": 2, "student_use": "in_context"}]
)
async def test_a_crash_after_any_node_repeats_no_call_in_any_environment(tmp_path, params):
    whole = await ran(tmp_path / "whole", params)
    crashed: set[str] = set()

    def die_once(event):
        if isinstance(event, NodeFinished) and event.node not in crashed:
            crashed.add(event.node)
            raise Died

    task = chains(sizes=SIZES)
    made = bench(tmp_path / "crashed", method="dataenvgym", params=params, task=task, listen=die_once)
    for _ in range(50):
        try:
            ending = await made.run()
            break
        except Died:
            continue
    assert ending.status == "finished" and len(crashed) >= 5
    assert [ask.prompt_id for ask in made.teacher.asked] == [ask.prompt_id for ask in whole.bench.teacher.asked]
    assert made.sink.records == whole.bench.sink.records


async def test_every_skill_at_its_cap_ends_the_run(tmp_path):
    params = {**TREE, "cycles": 9, "max_per_skill": 6}
    made = await ran(tmp_path, params, student="sim/two-bugs?learn_after=500")
    assert made.state["stop"] == "every skill has its data" and made.state["cycle"] == 1


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({}, "paper"),
        ({"environment": "tree", "policy": "llm"}, "paper"),
        ({"with_state": False}, "variant:no-state"),
        ({"student_use": "in_context", "with_state": False, "check": "none"}, "variant:in_context+no-state+check-none"),
    ],
)
def test_every_variant_has_a_name(params, named):
    assert METHOD.fidelity(read_params(METHOD, params)) == named


def datum(place, verdict, *, skill="carry", subskill="a"):
    data = {"skill": skill, "subskill": subskill, "verdict": verdict}
    return Lesson(
        id=f"{skill}{place}", run_id="r", kind="exercise", text="", verified=verdict == "kept", author="t", data=data
    )


def test_a_tree_counts_what_the_student_was_tried_on_and_what_it_could_do():
    tree = grown(SkillTree(skill="carry"), ["a", "b"], data_per_new=4)
    verdicts = ("kept", "faulty", "solved", "unconfirmed", "solved")
    lessons = [datum(place, verdict) for place, verdict in enumerate(verdicts)]
    lessons += [datum(9, "kept", skill="sign"), datum(8, "kept", subskill="b")]
    once = harvested(tree, lessons, tried=True)
    assert (once.checked, once.solved) == ({"a": 4, "b": 1}, {"a": 2, "b": 0})
    assert once.data_ids == {"a": ("carry0",), "b": ("carry8",)} and once.allocation == tree.allocation
    twice = harvested(once, [datum(7, "solved", subskill="b")], tried=True)
    assert (twice.checked, twice.solved) == ({"a": 4, "b": 2}, {"a": 2, "b": 1})
    assert harvested(tree, lessons[:1], tried=False).checked == {"a": 0, "b": 0}


@pytest.mark.parametrize(("check", "tried"), [("both", True), ("answer", False)])
async def test_the_teachers_policy_is_told_what_the_student_was_tried_on_and_nothing_else(tmp_path, check, tried):
    params = {**TREE, "policy": "llm", "check": check, "with_state": False}
    made = await ran(tmp_path, params, student="sim/two-bugs?learn_after=500")
    known = Counter(
        (lesson.data["skill"], lesson.data["subskill"], lesson.data["verdict"])
        for lesson in made.lessons()
        if lesson.data["cycle"] == 0
    )
    asks = made.asked("choose_action")
    shown = [(ask.inputs["skill"], each) for ask in asks for each in ask.inputs["subskills"]]
    assert len(shown) == 10 and any(each["solved"] for _, each in shown) == tried
    for skill, each in shown:
        kept, solved, other = (known[skill, each["name"], name] for name in ("kept", "solved", "unconfirmed"))
        assert (each["kept"], each["solved"], each["checked"]) == (kept, solved, tried * (kept + solved + other))
    assert {ask.inputs["limits"]["left"] for ask in asks} == {200 - 2 * 3}


def test_names_that_differ_in_case_or_white_space_alone_are_one():
    assert new_names(["Carry", " carry ", "", "Over zero", "SIGN"], ["sign"]) == ["Carry", "Over zero"]


async def test_what_is_trained_is_the_weakness_that_the_teacher_infers(tmp_path):
    def infers(_ask, said, _count):
        return {"skill": "carrying twice", "specs": [{**spec, "skill": None} for spec in said["specs"]]}

    made = await ran(tmp_path, LIST, teacher=Changed(write_skill_data=infers))
    assert {lesson.skill for lesson in made.lessons()} == {"carrying twice"}
    assert {lesson.data["skill"] for lesson in made.lessons()} == set(made.state["skills"].values())


@pytest.mark.parametrize(
    ("params", "split"),
    [({**LIST, "with_state": False}, "val"), ({**SMALL, "with_state": False}, "train"), (SMALL, "val")],
)
async def test_data_say_after_which_split_they_were_written_an_error_before_an_example(tmp_path, params, split):
    made = await ran(tmp_path, {**params, "cycles": 1})
    assert {lesson.source_split for lesson in made.lessons()} == {split}


async def test_a_datum_names_the_calls_that_wrote_it_and_that_confirmed_it(tmp_path):
    made = await ran(tmp_path, {**SMALL, "cycles": 1, "with_state": False})
    roles = {
        verdict: {
            tuple(made.bench.sink.get(Call, name).role for name in lesson.call_ids)
            for lesson in made.lessons()
            if lesson.data["verdict"] == verdict
        }
        for verdict in ("kept", "solved")
    }
    assert roles == {"kept": {("teacher", "judge")}, "solved": {("teacher",)}}


async def test_who_learns_from_what_it_is_shown_is_tried_on_new_data_with_what_it_was_shown_before(tmp_path):
    params = {**SMALL, "student_use": "in_context", "k_demos": 1}
    made = await ran(tmp_path, params)
    shown = {a.phase: len(a.lesson_ids) for a in made.bench.records(Attempt) if a.phase.startswith("check")}
    assert shown == {"check-0": 0, "check-1": 1}


async def test_what_differs_in_case_and_spaces_alone_is_written_once(tmp_path):
    def twice(_ask, said, _count):
        first = said["specs"][0]
        text, mark, item = first["problem"].partition(" [[item:")
        return {"specs": [first, {**first, "problem": text.upper().replace(" ", "  ") + mark + item}]}

    made = await ran(tmp_path, {"cycles": 1, "data": 2, "per_call": 2}, teacher=Changed(write_data=twice))
    assert len(made.lessons()) == 1 == made.repeated()


async def test_errors_stand_anywhere_among_the_examples(tmp_path):
    made = await ran(tmp_path, {"cycles": 1, "data": 40, "per_call": 2})
    places = Counter(
        place
        for ask in made.asked("write_data")
        for place, each in enumerate(ask.inputs["examples"])
        if each["attempt"] is not None
    )
    assert set(places) == set(range(6)) and max(places.values()) < 20
