import re

import pytest

from tutorkit.errors import BadSetting, DataError, UnknownName
from tutorkit.misconceptions import malrule, malrules, matching
from tutorkit.students.buggy import NOT_UNDERSTOOD, PROFILES, BuggyStudent, parse_sim
from tutorkit.tasks.arithmetic import FAMILIES, arithmetic_problems
from tutorkit.tasks.chains import chain_problems
from tutorkit.types import Lesson, Question

SUM = {"domain": "add", "a": 47, "b": 26}
SHARE = {"domain": "pct", "kind": "of", "percent": 20, "amount": 80}
CHAIN = {"domain": "chain", "parts": [SUM, SHARE]}


def question(item, name="q"):
    return Question(id=name, text="Work it out.", item=item)


def lesson(text, kind="principle", **data):
    return Lesson(id=f"lesson {text}", run_id="run", kind=kind, text=text, data=data)


def cue(skill):
    return lesson(f"Mind this. [[skill:{skill}]]")


async def final(student, item, *lessons, sample=0, name="q"):
    answer = await student.answer(question(item, name), lessons, sample=sample)
    return answer.raw.rpartition("Answer: ")[2]


async def accuracy(student, problems, lessons):
    finals = [(await student.answer(problem.question(), lessons)).raw.rpartition("Answer: ")[2] for problem in problems]
    return sum(text == problem.gold for text, problem in zip(finals, problems, strict=True)) / len(problems)


async def test_the_perfect_student_is_right_on_everything():
    problems = arithmetic_problems(tuple(FAMILIES), seed=0, sizes={"val": 50}) + chain_problems(
        seed=0, sizes={"val": 25}
    )
    assert await accuracy(parse_sim("sim/perfect"), problems, ()) == 1.0


@pytest.mark.parametrize("malrule_id", [rule.id for rule in malrules()])
async def test_a_bug_answers_as_its_malrule_says(malrule_id):
    rule, student = malrule(malrule_id), parse_sim(f"sim/{malrule_id}")
    items = [{"domain": "neg", "a": 7}] if rule.domain == "neg" else []
    items += [problem.item for problem in arithmetic_problems(tuple(FAMILIES), seed=1, sizes={"val": 100})]
    for item in items:
        assert await final(student, item) == rule.run(item).answer
        assert await final(student, item, cue(rule.skill)) == await final(parse_sim("sim/perfect"), item)


async def test_working_and_answer():
    answer = await parse_sim("sim/two-bugs").answer(question(CHAIN), ())
    assert answer.steps == ("(a) 47 + 26 = 63", "(b) 20% of 80 = 4", "In order: 63, 4.")
    assert answer.raw == "(a) 47 + 26 = 63\n(b) 20% of 80 = 4\nIn order: 63, 4.\nAnswer: 63, 4"
    assert answer.finished


async def test_only_a_cue_for_a_live_skill_helps():
    student = parse_sim("sim/two-bugs")
    assert student.live_skills == ("carry", "percent")
    assert await final(student, CHAIN, lesson("Always carry, and divide by one hundred.")) == "63, 4"
    assert await final(student, CHAIN, cue("sign"), cue("borrow")) == "63, 4"
    assert await final(student, CHAIN, cue("carry")) == "73, 4"
    assert await final(student, CHAIN, cue("carry"), cue("percent")) == "73, 16"
    assert await final(student, CHAIN, lesson("[[skill:carry]] and [[skill:percent]]", kind="instruction")) == "73, 16"


async def test_another_bug_acts_where_the_first_is_cued():
    student = parse_sim("sim/sub.smaller_from_larger+sub.adds_instead")
    item = {"domain": "sub", "a": 52, "b": 18}
    assert await final(student, item) == "46"
    assert await final(student, item, cue("borrow")) == "70"


async def test_capacity_takes_the_first_distinct_cues_in_order():
    student = parse_sim("sim/two-bugs?capacity=1")
    assert await final(student, CHAIN, cue("carry"), cue("percent")) == "73, 4"
    assert await final(student, CHAIN, cue("percent"), cue("carry")) == "63, 16"
    two = parse_sim("sim/two-bugs?capacity=2")
    assert await final(two, CHAIN, cue("carry"), cue("carry"), cue("percent")) == "73, 16"
    assert await final(two, CHAIN, cue("sign"), cue("carry"), cue("percent")) == "73, 4"
    assert await final(two, CHAIN, lesson("[[skill:sign]] [[skill:carry]] [[skill:percent]]")) == "73, 4"
    assert await final(parse_sim("sim/two-bugs?capacity=0"), CHAIN, cue("carry")) == "63, 4"


async def test_a_filler_takes_a_place_and_an_empty_lesson_does_not():
    student = parse_sim("sim/two-bugs?capacity=1")
    assert await final(student, CHAIN, lesson("Take your time."), cue("carry")) == "63, 4"
    assert await final(student, CHAIN, lesson("  "), cue("carry")) == "73, 4"
    assert await final(parse_sim("sim/two-bugs"), CHAIN, lesson("Take your time."), cue("carry")) == "73, 4"


async def test_order_and_one_filler_change_what_the_same_principles_are_worth():
    problems = chain_problems(seed=0, sizes={"test": 100})
    student = parse_sim("sim/two-bugs?capacity=1")
    carry, percent, filler = cue("carry"), cue("percent"), lesson("Take your time.")
    assert await accuracy(student, problems, ()) == 0.36
    assert await accuracy(student, problems, (carry, percent)) == 0.64
    assert await accuracy(student, problems, (filler, carry, percent)) == 0.36
    assert await accuracy(parse_sim("sim/two-bugs"), problems, (filler, carry, percent)) == 1.0


async def test_a_demo_is_followed_up_to_the_level():
    easy, hard = (lesson("Like so. [[skill:carry]]", kind="demo", level=level) for level in (1, 2))
    assert await final(parse_sim("sim/two-bugs"), CHAIN, easy) == "73, 4"
    assert await final(parse_sim("sim/two-bugs"), CHAIN, hard) == "63, 4"
    assert await final(parse_sim("sim/two-bugs?level=2"), CHAIN, hard) == "73, 4"
    assert await final(parse_sim("sim/two-bugs?capacity=1"), CHAIN, hard, cue("percent")) == "63, 4"
    assert await final(parse_sim("sim/two-bugs"), CHAIN, lesson("[[skill:carry]]", level=2)) == "73, 4"


async def test_where_an_answer_has_no_digit_no_slip_is_made():
    item = {"domain": "alg", "kind": "quotient", "b": 4}
    assert await final(parse_sim("sim/alg.cancels_terms?slip=1"), item) == "x"


async def test_a_slip_moves_one_digit_by_one_and_is_seeded():
    always, half = parse_sim("sim/perfect?slip=1"), parse_sim("sim/perfect?slip=0.5&seed=3")
    for number in range(60):
        item = {"domain": "add", "a": 100 + number, "b": 3 * number}
        text = await final(always, item, name=f"q{number}")
        right = str(item["a"] + item["b"])
        changed = [(int(a), int(b)) for a, b in zip(text, right, strict=True) if a != b]
        assert [abs(a - b) for a, b in changed] == [1]
        assert text[0] != "0"
    slipped = [await final(half, SUM, sample=sample) != "73" for sample in range(100)]
    assert slipped == [await final(half, SUM, sample=sample) != "73" for sample in range(100)]
    assert 35 < sum(slipped) < 65
    other = parse_sim("sim/perfect?slip=0.5&seed=4")
    assert slipped != [await final(other, SUM, sample=sample) != "73" for sample in range(100)]


@pytest.mark.parametrize("item", [None, {}, {"domain": "convention", "rule": "x"}, {"domain": "sub", "a": 1, "b": 2}])
async def test_what_it_cannot_read_it_does_not_know(item):
    answer = await parse_sim("sim/perfect").answer(question(item), ())
    assert (answer.raw, answer.steps, answer.finished, len(answer.calls)) == (NOT_UNDERSTOOD, (), True, 1)


async def test_each_answer_carries_its_one_call():
    student, lessons = parse_sim("sim/two-bugs"), (cue("carry"), lesson("Take your time."))
    answer = await student.answer(question(CHAIN), lessons, sample=2)
    (call,) = answer.calls
    assert (call.role, call.purpose, call.model, call.prompt_id) == ("student", "answer", "sim/two-bugs", "student/sim")
    assert (call.cost_usd, call.tokens_in, call.tokens_out, call.cache_hit) == (0.0, 0, 0, False)
    assert [message.content for message in call.messages] == [*(each.text for each in lessons), "Work it out."]
    assert (call.reply, call.sample, call.about) == (answer.raw, 2, ("q",))
    assert (await student.answer(question(CHAIN), lessons, sample=2)).calls == (call,)
    others = [
        await student.answer(question(CHAIN), lessons, sample=3),
        await student.answer(question(CHAIN), lessons[:1], sample=2),
        await student.answer(question(CHAIN, "other"), lessons, sample=2),
        await parse_sim("sim/two-bugs?slip=0.1").answer(question(CHAIN), lessons, sample=2),
    ]
    assert len({call.id, *(other.calls[0].id for other in others)}) == 5


def exercises(item, answer, times):
    return [(item, answer)] * times


async def test_right_exercises_cure_a_bug_after_their_number_and_not_before():
    student = parse_sim("sim/two-bugs?learn_after=3")
    assert student.train(exercises(SUM, "73", 2)).live_skills == ("carry", "percent")
    cured = student.train(exercises(SUM, "73", 2)).train(exercises(SUM, "73", 1))
    assert cured.live_skills == ("percent",)
    assert cured.ref == "sim/pct.divides_by_percent"
    assert await final(cured, CHAIN) == "73, 4"
    assert student.live_skills == ("carry", "percent")


def test_exercises_that_do_not_take_the_skill_teach_nothing():
    student = parse_sim("sim/two-bugs")
    assert student.train(exercises({"domain": "add", "a": 23, "b": 14}, "37", 9)).live_skills == ("carry", "percent")


def test_a_chain_trains_every_part():
    assert parse_sim("sim/two-bugs").train(exercises(CHAIN, "73, 16", 3)).ref == "sim/perfect"
    assert parse_sim("sim/two-bugs").train(exercises(CHAIN, "73, 4", 3)).live_skills == ("percent",)
    assert parse_sim("sim/two-bugs").train(exercises(CHAIN, "73", 9)) == parse_sim("sim/two-bugs")


def test_wrong_exercises_breed_the_bug_that_explains_them():
    perfect = parse_sim("sim/perfect?unlearn_after=2")
    assert perfect.train(exercises(SUM, "613", 1)).ref == "sim/perfect?unlearn_after=2"
    assert perfect.train(exercises(SUM, "613", 2)).ref == "sim/add.writes_whole_column_sum?unlearn_after=2"
    assert matching(SUM, "99") == ()
    assert perfect.train(exercises(SUM, "99", 2)).ref == "sim/add.drops_carry?unlearn_after=2"


def test_a_bug_that_was_cured_can_come_back_and_is_counted_anew():
    student = parse_sim("sim/perfect").train(exercises(SUM, "73", 2) + exercises(SUM, "63", 3))
    assert student.live_skills == ("carry",)
    assert student.train(exercises(SUM, "73", 2)).live_skills == ("carry",)
    cured = student.train(exercises(SUM, "63", 2) + exercises(SUM, "73", 3))
    assert cured.live_skills == ()
    assert cured.train(exercises(SUM, "63", 2)).live_skills == ()


@pytest.mark.parametrize("family", FAMILIES)
def test_any_unexplained_wrong_answer_breeds_a_bug_for_each_skill(family):
    for problem in arithmetic_problems([family], seed=2, sizes={"val": 20}):
        student = parse_sim("sim/perfect?unlearn_after=1").train([(problem.item, "-98765")])
        assert set(student.live_skills) == set(problem.skills)


def test_training_on_what_is_no_item_is_an_error():
    with pytest.raises(DataError):
        parse_sim("sim/perfect").train([({"domain": "poetry"}, "1")])


@pytest.mark.parametrize(
    "ref",
    [
        *(f"sim/{profile}" for profile in PROFILES),
        "sim/add.drops_carry+sub.adds_instead",
        "sim/two-bugs?capacity=1&slip=0.05&level=2&seed=7",
        "sim/perfect?learn_after=5&unlearn_after=1",
    ],
)
def test_a_reference_names_its_student(ref):
    student = parse_sim(ref)
    assert student.ref == ref
    assert parse_sim(student.ref) == student
    assert hash(student) == hash(parse_sim(ref))


def test_references_that_mean_the_same_are_one():
    assert parse_sim("sim/add.drops_carry+pct.divides_by_percent?level=1").ref == "sim/two-bugs"
    assert parse_sim("sim/two-bugs+add.drops_carry") == parse_sim("sim/two-bugs")
    assert parse_sim("sim/perfect") == BuggyStudent()


@pytest.mark.parametrize(
    ("ref", "error", "words"),
    [
        ("sim/add.drop_carry", UnknownName, "Did you mean add.drops_carry"),
        ("sim/", UnknownName, "simulated student or malrule"),
        ("sim/two-bug", UnknownName, "Did you mean two-bugs"),
        ("sim/perfect?capasity=1", UnknownName, "Did you mean capacity"),
        ("sim/perfect?capacity=one", BadSetting, "cannot be 'one'. Give a whole number from 0 on."),
        ("sim/perfect?capacity=-1", BadSetting, "cannot be '-1'"),
        ("sim/perfect?slip=2", BadSetting, "Give a number from 0 to 1."),
        ("sim/perfect?slip=nan", BadSetting, "cannot be 'nan'"),
        ("sim/perfect?learn_after=0", BadSetting, "Give a whole number from 1 on."),
    ],
)
def test_a_bad_reference_says_what_is_wrong(ref, error, words):
    with pytest.raises(error, match=re.escape(words)):
        parse_sim(ref)
