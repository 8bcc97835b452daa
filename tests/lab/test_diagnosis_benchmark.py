"""The benchmark of teachers: what it counts, and that it cannot be passed without diagnosing."""

import json

import pytest
from support.model_server import serve_model

from tutorkit.errors import BadSetting
from tutorkit.lab import Lab, benchmark_teacher
from tutorkit.lab.diagnosis_benchmark import most_frequent, simulated_cases
from tutorkit.misconceptions import malrules, same_answer, solve
from tutorkit.store import StoreSink
from tutorkit.types import Call


@pytest.fixture
def home(tmp_path):
    with Lab(home=tmp_path) as lab:
        yield lab


def test_the_held_out_answer_is_the_last_wrong_one_and_was_not_seen():
    cases = simulated_cases(len(malrules()), seed=2)
    assert len({case.rule.id for case in cases}) == len(malrules())
    for case in cases:
        assert not same_answer(case.held_out.answer, solve(case.held_out.item).answer)
        assert case.held_out.item not in [each.item for each in case.answers]
        wrong = [each for each in case.answers if not same_answer(each.answer, solve(each.item).answer)]
        assert len(wrong) >= 2
    assert simulated_cases(5, seed=2) == simulated_cases(5, seed=2) != simulated_cases(5, seed=3)


def test_the_rules_come_near_the_ceiling_and_far_above_the_baselines(home):
    report = benchmark_teacher("rules", home=home, pupils=79, seed=1)
    frequent, repeat = report.baselines
    assert report.simulated and report.unused == 0
    assert report.right.value > 0.8 and report.ceiling.right.value >= report.right.value
    assert frequent.right.value < 0.35 and repeat.right.value == 0
    assert report.gain.low > 0.4 and report.gain.value == pytest.approx(report.right.value - frequent.right.value)
    assert len(StoreSink(home.store).find(Call)) == 79


def test_a_teacher_that_says_the_right_answer_or_nothing_gains_nothing(home):
    def nothing(_body):
        return json.dumps({"title": "t", "procedure_in_words": "p", "predicts": [], "rule": ""})

    with serve_model(nothing) as server:
        report = benchmark_teacher(f"openai/tiny@{server.url}", home=home, pupils=20)
        assert server.calls == 20
    assert report.right.value == 0 and report.unused == 0 and report.gain.high <= 0.2


def test_replies_of_no_use_count_as_wrong(home):
    with serve_model(lambda _body: "no idea") as server:
        report = benchmark_teacher(f"openai/tiny@{server.url}", home=home, pupils=4)
    assert (report.unused, report.right.value) == (4, 0)


def test_the_most_frequent_rule_is_chosen_without_looking():
    for case in simulated_cases(20, seed=4):
        assert most_frequent(case).prior == max(rule.prior for rule in malrules(case.rule.domain))


def test_no_pupils_give_no_figure(home):
    with pytest.raises(BadSetting, match="no figure"):
        benchmark_teacher("rules", home=home, pupils=0)
