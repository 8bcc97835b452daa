"""The mastering-rate curriculum as a scheduler: on its own, in CEMAL and in DataEnvGym's list of skills."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from statistics import mean
from types import SimpleNamespace

import pytest
from support.bench import SKILLS, accuracy, bench, control
from support.memory import MemorySink

from tutorkit.errors import BadSetting
from tutorkit.knowledge.mastering_rate import Progress
from tutorkit.methods._nodes.schedule import check_order, deal, keep_progress, schedule_of
from tutorkit.methods.registry import find_method, read_params
from tutorkit.misconceptions import skills_of
from tutorkit.students.buggy import BuggyStudent, parse_sim
from tutorkit.tasks import load_task
from tutorkit.types import Attempt, Score

STEPS = {"percent": ["carry"], "borrow": ["percent"]}
LACKING = ("carry", "percent", "borrow")
BACKWARDS = {"percent": ["borrow"], "carry": ["percent"]}
BUGS = "sim/add.drops_carry+pct.divides_by_percent+sub.smaller_from_larger"
LIST = {"environment": "list", "hypotheses": 1, "per_hypothesis": 2, "max_skills": 5}
BOTH = pytest.mark.parametrize(("name", "params"), [("cemal", {}), ("dataenvgym", LIST)])


@dataclass(frozen=True)
class Stairs:
    """A simulated student that learns nothing of a skill while it lacks one that comes before it."""

    inner: BuggyStudent

    @property
    def ref(self) -> str:
        return self.inner.ref

    async def answer(self, question, lessons, *, sample=0):
        return await self.inner.answer(question, lessons, sample=sample)

    async def trained(self, rows, *, folder):
        student = self.inner
        for row in rows:
            needed = {earlier for skill in skills_of(row.data["item"]) for earlier in STEPS.get(skill, ())}
            if not needed & set(student.live_skills):
                student = await student.trained([row], folder=folder)
        return replace(self, inner=student)


class Ran:
    def __init__(self, made, ending):
        self.made, self.state, self.ending = made, ending.state, ending

    def scores(self, kind) -> dict[int, dict[str, float]]:
        found: dict[int, dict[str, float]] = {}
        for score in self.made.records(Score):
            if score.kind == kind:
                found.setdefault(score.round, {})[score.subject_id] = score.value
        return found

    @property
    def taught(self) -> float:
        return accuracy(self.made.sink, self.state, "taught")


async def cemal(folder, *, stairs=True, seed=0, learn_after=6, teacher="rules", **params) -> Ran:
    task = load_task("chains/1", data_dir=None, seed=seed, sizes={"train": 15, "val": 4, "test": 20})
    student = parse_sim(f"{BUGS}?learn_after={learn_after}")
    given = {"scheduler": "mastering-rate", "quota": 8, "rounds": 3, **params}
    made = bench(
        folder, method="cemal", student=Stairs(student) if stairs else student, task=task, params=given, seed=seed,
        teacher=teacher,
    )  # fmt: skip
    return Ran(made, await made.run())


async def listed(folder, *, teacher="rules", seed=0, **params) -> Ran:
    student = Stairs(parse_sim(f"{BUGS}?learn_after=4"))
    task = load_task("chains/1", data_dir=None, seed=seed, sizes={"train": 6, "val": 20, "test": 20})
    teacher = control(teacher, task=task, live=LACKING) if teacher != "rules" else teacher
    given = {**LIST, "scheduler": "mastering-rate", "cycles": 3, "check": "answer", **params}
    made = bench(folder, method="dataenvgym", student=student, task=task, params=given, seed=seed, teacher=teacher)
    return Ran(made, await made.run())


def attempt(skill, outcome, place=0):
    grade = {"outcome": outcome, "score": 0, "normalised": None, "how": ""}
    return Attempt(
        id=f"{skill}{place}", run_id="r", phase="val-0", problem_id=skill, split="val", student="s",
        lesson_ids=(), steps=(), raw="", grade=grade,
    )  # fmt: skip


def kept(rounds, *, before=STEPS, skills=LACKING, total=20, among=None, window=3):
    """Go through rounds, each with the share of four attempts that is right by skill, and deal practice out then."""
    deps = SimpleNamespace(run_id="r", sink=MemorySink())
    plan, progress = schedule_of(before, skills, window=window), None
    for place, shares in enumerate(rounds):
        attempts = [
            attempt(s, "right" if n < 4 * share else "wrong", n) for s, share in shares.items() for n in range(4)
        ]
        progress = keep_progress(
            deps, plan, progress, attempts, skill_of=lambda a: a.problem_id, round=place, probe_set="val"
        )
    counts = deal(deps, plan, progress, total, among=among or list(skills), round=len(rounds) - 1, probe_set="val")
    return counts, deps.sink, progress


def test_who_waits_gets_next_to_nothing_until_what_comes_before_is_mastered():
    early, _, _ = kept([{"carry": 0, "percent": 0, "borrow": 0}])
    assert early["carry"] >= 18 and early["percent"] + early["borrow"] <= 2
    late, _, _ = kept([{"carry": 0, "percent": 0, "borrow": 0}, *[{"carry": 1, "percent": 0, "borrow": 0}] * 3])
    assert max(late, key=late.get) == "percent" and late["borrow"] <= 1
    assert sum(early.values()) == sum(late.values()) == 20


def test_without_an_order_every_skill_is_a_start_and_what_is_mastered_gets_least():
    counts, _, _ = kept([{"carry": 0, "percent": 0, "borrow": 1}] * 3, before={})
    assert min(counts["carry"], counts["percent"]) >= 9 and counts["borrow"] <= 1


def test_only_who_may_get_something_gets_it_and_nothing_is_lost():
    assert kept([{"carry": 0.5, "percent": 0, "borrow": 0}], among=["borrow"])[0] == {"borrow": 20}
    skills = (*LACKING, "sign")
    counts, _, _ = kept(
        [dict.fromkeys(skills, 0)], before={**STEPS, "sign": ["percent"]}, skills=skills, among=skills[2:], total=7
    )
    assert counts == {"borrow": 4, "sign": 3}


def test_a_name_that_is_no_skill_of_the_run_gives_way_to_what_comes_before_it():
    before = {"percent": ["sign"], "sign": ["carry", "lost"], "borrow": ["lost"], "carry": []}
    plan = schedule_of(before, ["carry", "percent", "borrow"], window=3)
    assert plan.curriculum.before == {"carry": (), "percent": ("carry",), "borrow": ()}


def test_an_unfinished_attempt_says_nothing_and_what_was_seen_goes_through_json():
    deps = SimpleNamespace(run_id="r", sink=MemorySink())
    plan = schedule_of({}, ["carry", "sign"], window=2)
    attempts = [attempt("carry", "right"), attempt("carry", "unfinished", 1), attempt("sign", "unfinished")]
    attempts.append(attempt("stranger", "right"))
    seen = keep_progress(
        deps, plan, None, attempts, skill_of=lambda a: {"stranger": None}.get(a.problem_id, a.problem_id), round=0,
        probe_set="val",
    )  # fmt: skip
    assert Progress.model_validate(json.loads(json.dumps(seen))).history == {"carry": ((1, 1.0),)}
    rates = {score.subject_id: (score.value, score.n) for score in deps.sink.find(Score, kind="mastering_rate")}
    assert rates == {"carry": (1, 1), "sign": (0, 0)}


def test_the_window_is_how_many_of_the_last_assessments_count():
    rounds = [{"carry": 0, "percent": 0, "borrow": 0}] * 3 + [{"carry": 1, "percent": 0, "borrow": 0}] * 2
    for window, rate in ((2, 1), (3, 2 / 3), (5, 2 / 5)):
        scores = kept(rounds, window=window)[1].find(Score, kind="mastering_rate")
        assert [s.value for s in scores if (s.subject_id, s.round) == ("carry", 4)] == [pytest.approx(rate)]


@BOTH
def test_an_order_in_circles_and_a_window_of_one_are_refused_at_once(name, params):
    with pytest.raises(BadSetting, match=r"before: .*wait for each other: .*carry → "):
        read_params(find_method(name), {**params, "before": {"carry": ["percent"], "percent": ["carry"]}})
    with pytest.raises(BadSetting, match="window"):
        read_params(find_method(name), {**params, "window": 1})


def test_a_stranger_in_the_order_is_named():
    with pytest.raises(BadSetting, match="names poetry, verse, which no problem takes") as caught:
        check_order({"carry": ["poetry"], "verse": ["carry"]}, ["sign", "carry"])
    assert caught.value.data == {"unknown": ["poetry", "verse"], "skills": ["carry", "sign"]}
    assert "carry, sign" in caught.value.remedy
    with pytest.raises(BadSetting) as caught:
        check_order({"carry": ()}, [])
    assert "Leave before away" in caught.value.remedy


async def test_cemal_refuses_a_stranger_before_anything_is_asked(tmp_path):
    ran = await cemal(tmp_path, before={"percent": ["poetry"]})
    assert isinstance(ran.ending.error, BadSetting) and "poetry" in str(ran.ending.error)
    assert ran.made.teacher.asked == [] and ran.made.student.shown == []
    unused = await cemal(tmp_path / "even", before={"percent": ["poetry"]}, scheduler="even")
    assert unused.ending.status == "finished"


async def test_the_list_refuses_a_stranger_once_the_skills_are_known(tmp_path):
    ran = await listed(tmp_path, before={"percent": ["poetry"]})
    assert isinstance(ran.ending.error, BadSetting) and "carry" in ran.ending.error.remedy
    assert {ask.purpose for ask in ran.made.teacher.asked} == {"label_skill", "group_skills", "map_skill"}
    # A teacher that finds no skill is no reason to stop an experiment: it is one of its controls.
    silent = await listed(tmp_path / "silent", teacher="silent", before={"percent": ["poetry"]})
    assert silent.state["stop"] == "no skill was found"


async def test_in_cemal_the_turns_come_in_the_order_and_each_round_deals_out_the_same(tmp_path):
    ran = await cemal(tmp_path, before=STEPS, learn_after=7)
    dealt = ran.scores("dealt")
    assert [max(dealt[turn], key=dealt[turn].get) for turn in range(3)] == list(LACKING)
    assert [sum(dealt[turn].values()) for turn in range(3)] == [8] * 3
    assert dealt[0]["carry"] >= 7 and dealt[1]["percent"] >= 7 and dealt[2] == {"borrow": 8}
    assert ran.taught == 1


async def test_in_cemal_what_is_dealt_is_what_is_written(tmp_path):
    ran = await cemal(tmp_path, before=STEPS, per_weakness=3, quota=None)
    even = await cemal(tmp_path / "even", before=STEPS, per_weakness=3, quota=None, scheduler="even")
    written = [ask for ask in ran.made.teacher.asked if ask.purpose == "write_exercise"]
    after_book = Counter((ask.sample, *ask.inputs["problem"]["skills"]) for ask in written[15:])
    dealt = {(turn, skill): n for turn, row in ran.scores("dealt").items() for skill, n in row.items() if n}
    assert after_book == dealt
    first, evenly = (
        sum(ask.sample == 0 for ask in each.made.teacher.asked if ask.purpose == "write_exercise")
        for each in (ran, even)
    )
    assert first == evenly == 15 + 3 * len([a for a in ran.made.records(Attempt) if _failed_at_first(a)])
    # Within a concept all that was failed takes turns.
    carry = [ask for ask in written[15:] if ask.sample == 0 and ask.inputs["problem"]["skills"] == ["carry"]]
    per_source = Counter(ask.inputs["problem"]["id"] for ask in carry)
    assert len(per_source) == 3 and max(per_source.values()) - min(per_source.values()) <= 1


def _failed_at_first(made: Attempt) -> bool:
    return made.phase == "train-0" and made.grade.outcome == "wrong"


async def test_in_cemal_the_curriculum_can_be_read_from_the_scores(tmp_path):
    ran = await cemal(tmp_path, before=STEPS)
    rate, moved, attended = (ran.scores(kind) for kind in ("mastering_rate", "learning_progress", "attention"))
    assert set(rate[0]) == set(SKILLS) and set(rate) == set(moved) == set(attended) == {0, 1, 2}
    assert [rate[turn]["carry"] for turn in range(3)] == [0, 0.5, pytest.approx(2 / 3)]
    assert (moved[0]["carry"], moved[1]["carry"]) == (0, 1)
    assert attended[0]["carry"] > 0.3 and attended[0]["percent"] < 0.1
    # What is handed on grows as the one before it is mastered.
    assert attended[0]["percent"] < attended[1]["percent"] < attended[2]["percent"]
    assert Progress.model_validate(json.loads(json.dumps(ran.state["progress"]))).step == 3


async def test_without_the_scheduler_nothing_of_it_is_there(tmp_path):
    ran = await cemal(tmp_path, scheduler="even")
    assert "progress" not in ran.state and not ran.scores("dealt") and not ran.scores("attention")
    plain = await listed(tmp_path / "list", scheduler="even", cycles=1)
    assert "progress" not in plain.state and not plain.scores("dealt") and not plain.scores("attention")


ARMS = {"ordered": {"before": STEPS}, "no order": {}, "even": {"scheduler": "even"}, "backwards": {"before": BACKWARDS}}


async def gains(run, folder, seeds):
    """Return the mean of what the taught student gets right, by arm: simulated, and planted by ``Stairs``."""
    return {
        arm: mean([(await run(folder / f"{arm}{seed}", seed=seed, **params)).taught for seed in range(seeds)])
        for arm, params in ARMS.items()
    }


async def test_in_cemal_the_true_order_beats_none_and_even_dealing_beats_a_false_order_for_skills_that_build_up(
    tmp_path,
):
    taught = await gains(cemal, tmp_path, 3)
    assert taught["ordered"] > max(taught["no order"], taught["even"]) + 0.1
    assert min(taught["no order"], taught["even"]) > taught["backwards"] + 0.1


async def test_in_cemal_all_arms_write_as_much(tmp_path):
    for arm, params in ARMS.items():
        ran = await cemal(tmp_path / arm, **params)
        assert sum(ask.purpose == "write_exercise" for ask in ran.made.teacher.asked) == 15 + 3 * 8


async def test_an_order_costs_nothing_where_the_skills_do_not_build_on_one_another(tmp_path):
    for arm in ("ordered", "even", "backwards"):
        assert (await cemal(tmp_path / arm, stairs=False, **ARMS[arm])).taught == 1


async def test_in_the_list_the_calls_go_in_the_order_and_there_are_as_many_as_without(tmp_path):
    ran = await listed(tmp_path, before=STEPS)
    even = await listed(tmp_path / "even", scheduler="even")
    dealt = ran.scores("dealt")
    asked, evenly = (
        [ask.inputs["skill"] for ask in each.made.teacher.asked if ask.purpose == "write_skill_data"]
        for each in (ran, even)
    )
    assert [sum(row.values()) for row in dealt.values()] == [5] * 3 and len(asked) == len(evenly) == 15
    assert [Counter(asked[5 * turn : 5 * turn + 5]) for turn in range(3)] == [+Counter(dealt[t]) for t in range(3)]
    assert [max(dealt[cycle], key=dealt[cycle].get) for cycle in range(3)] == list(LACKING)
    assert dealt[0] == {"carry": 5, "percent": 0, "borrow": 0}
    given = {(each["cycle"], each["skill"]): each["action"]["data"] for each in ran.state["history"]}
    assert all(given[turn, skill] == 2 * dealt[turn].get(skill, 0) for turn in range(3) for skill in SKILLS)
    assert Counter(evenly[:5]) == dict.fromkeys(SKILLS, 1)


async def test_in_the_list_what_was_seen_is_taken_in_once_for_each_measurement(tmp_path):
    ran = await listed(tmp_path, before=STEPS, iterations=2, cycles=2)
    progress = Progress.model_validate(ran.state["progress"])
    assert progress.step == len(ran.scores("mastering_rate")) == 3
    own = {s.round: s.value for s in ran.made.records(Score) if (s.kind, s.subject_id) == ("skill_accuracy", "carry")}
    assert progress.history["carry"] == tuple((turn + 1, own[turn]) for turn in range(3))
    # Both times that data are written in a cycle they are dealt out alike: what is seen is frozen between.
    parts = [s for s in ran.made.records(Score) if s.kind == "dealt" and s.subject_id == "carry" and s.round == 0]
    assert [score.value for score in parts] == [5, 5]


async def test_in_the_list_attention_beats_even_dealing_with_an_order_or_none_but_not_with_a_false_one(tmp_path):
    taught = await gains(listed, tmp_path, 2)
    # What shows here is that nothing is spent on what the student can do: that takes no order.
    assert min(taught["ordered"], taught["no order"]) > taught["even"] + 0.1 > taught["backwards"] + 0.2


def test_every_use_is_named_and_a_random_arm_is_dealt_out_evenly():
    for name, params in (("cemal", {}), ("dataenvgym", LIST)):
        method = find_method(name)
        given = {**params, "scheduler": "mastering-rate"}
        assert method.fidelity(read_params(method, given)) == "variant:mastering-rate"
        random = read_params(method, {**given, **method.random_target})
        assert random.scheduler == "even" and "mastering-rate" not in method.fidelity(random)


@pytest.mark.parametrize("environment", ["open", "tree"])
def test_only_a_list_of_skills_can_be_scheduled(environment):
    with pytest.raises(BadSetting, match="environment=list"):
        read_params(find_method("dataenvgym"), {"environment": environment, "scheduler": "mastering-rate"})
