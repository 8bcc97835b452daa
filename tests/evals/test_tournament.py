import asyncio
from random import Random

import pytest

from tutorkit.evals.tournament import Course, gives_away, meet, tournament
from tutorkit.misconceptions import drawn_item_for
from tutorkit.students.learner import parse_learner
from tutorkit.tasks.items import item_problem
from tutorkit.tutoring.choosing import AlwaysTelling, Guiding, NeverHelping
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.session import Tutoring
from tutorkit.types import LearnerSaid

PROBLEM = item_problem({"domain": "sub", "a": 52, "b": 18})
TELLING = Tutoring(chooser=AlwaysTelling(), policy=HelpPolicy(solution_unlocked=True))


class Scripted:
    """A learner that says what its script says, and the last thing ever after."""

    ref = "scripted"

    def __init__(self, *answers, place=0):
        self.answers, self.place = answers, place

    def _say(self):
        answer = self.answers[min(self.place, len(self.answers) - 1)]
        return Scripted(*self.answers, place=self.place + 1), LearnerSaid(text=answer or "hm", answer=answer)

    async def begin(self, question):
        return self._say()

    async def hear(self, question, turns):
        return self._say()


def met(*answers, tutoring=None, turns=7):
    return asyncio.run(meet("t", tutoring or Tutoring(), Scripted(*answers), PROBLEM, turns=turns))[1]


def test_success_counts_from_the_first_help_and_a_learner_that_began_right_is_apart():
    assert met("46", "44", "34").success_at == 2
    assert met("46").success_at is None
    first = met("34", "34")
    assert (first.right_at_first, first.success_at) == (True, None)


def test_telling_before_success_is_seen_and_afterwards_is_none():
    told = met("46", "46", "34", tutoring=TELLING)
    assert (told.told_at, told.success_at) == (1, 2)
    assert met("46", "34").told_at is None


def test_a_meeting_ends_after_so_many_turns():
    assert met("46", turns=3).turns == 3


@pytest.mark.parametrize(
    ("text", "gives"),
    [("It is 34.", True), ("34", True), ("Look at 52 and 18.", False), ("340", False), ("Is it 3 or 4?", False)],
)
def test_what_gives_the_answer_away(text, gives):
    assert gives_away(PROBLEM, text) is gives


def courses(count):
    made = []
    for seed in range(count):
        rule = ("sub.smaller_from_larger", "add.drops_carry")[seed % 2]
        rng = Random(seed)
        problems = [item_problem(drawn_item_for(rule, rng)) for _ in range(7)]
        learner = parse_learner(f"learner/{rule}:0.9?seed={seed}&slip=0")
        made.append(
            Course(learner=learner, problems=tuple(problems[:1]), near=tuple(problems[1:4]), far=tuple(problems[4:]))
        )
    return made


@pytest.fixture(scope="module")
def report():
    tutors = {"rules": Tutoring(chooser=Guiding()), "tell": TELLING, "never": Tutoring(chooser=NeverHelping())}
    return asyncio.run(tournament(tutors, courses(24), simulated=True))


def test_never_helping_finds_less_than_guiding_and_telling_finds_most(report):
    rules, tell, never = report.standings
    assert never.success[-1].value < rules.success[-1].value <= tell.success[-1].value
    difference = next(each for each in report.differences if (each.first, each.second) == ("rules", "never"))
    assert difference.success.low > 0


def test_what_was_told_does_not_last_and_what_was_found_does(report):
    rules, tell, _ = report.standings
    assert rules.near_gain.low > 0
    difference = next(each for each in report.differences if (each.first, each.second) == ("rules", "tell"))
    assert difference.near.low > 0
    assert tell.near_gain.low < 0.1
    assert tell.telling[-1].value == 1 and rules.telling[-1].value < 0.2


def test_success_and_telling_grow_with_k_and_every_figure_has_its_interval(report):
    for each in report.standings:
        for kind in (each.success, each.telling):
            values = [interval.value for interval in kind]
            assert values == sorted(values) and len(values) == 7
            assert all(interval.low <= interval.value <= interval.high for interval in kind)
    assert report.simulated


def test_the_tutors_meet_the_same_learners_on_the_same_problems(report):
    pairs = [
        [(met.learner, met.problem_id) for met in report.meetings if met.tutor == name] for name in ("rules", "tell")
    ]
    assert pairs[0] == pairs[1]
