from collections import Counter

import pytest

from tutorkit.errors import BadSetting, DataError, UnknownName
from tutorkit.misconceptions import malrule, malrules, same_answer, solve
from tutorkit.tutoring.drafts import Draft, Drafts, dress_all, dressed
from tutorkit.tutoring.exercises import distractors_of, make_exercises

AIM = "sub.smaller_from_larger"


def test_of_ten_exercises_seven_are_targets_two_contrasts_and_one_a_review():
    made = make_exercises([AIM], size=10, seed=3)
    assert Counter(each.aim for each in made) == {"target": 7, "contrast": 2, "review": 1}
    assert len({each.problem.id for each in made}) == 10
    assert [each.difficulty for each in made] == sorted(each.difficulty for each in made)


def test_a_target_shows_the_misconception_and_a_contrast_does_not():
    rule = malrule(AIM)
    for each in make_exercises([AIM], size=20, seed=5):
        if each.aim == "target":
            assert rule.applies(each.problem.item)
            assert each.distractors[0].misconception_id == AIM
            assert each.distractors[0].text == rule.run(each.problem.item).answer
        if each.aim == "contrast":
            assert not rule.applies(each.problem.item)
            assert each.problem.item["domain"] == "sub"


@pytest.mark.parametrize("rule", malrules(), ids=lambda rule: rule.id)
def test_for_every_misconception_there_are_exercises_whose_options_tell_misconceptions_apart(rule):
    for each in make_exercises([rule.id], size=6, seed=1):
        item, right = each.problem.item, each.problem.gold
        texts = [right, *(option.text for option in each.distractors)]
        assert not any(same_answer(a, b) for place, a in enumerate(texts) for b in texts[place + 1 :])
        for option in each.distractors:
            comes_to_it = [r.id for r in malrules(item["domain"]) if same_answer(r.run(item).answer, option.text)]
            assert comes_to_it == [option.misconception_id]


def test_several_aims_take_turns_and_reviews_come_from_where_they_are_wanted():
    made = make_exercises([AIM, "add.drops_carry"], size=12, seed=2, review=["pct"])
    assert Counter(each.misconception_id for each in made) == {AIM: 6, "add.drops_carry": 5, None: 1}
    assert {each.problem.item["domain"] for each in made if each.aim == "review"} == {"pct"}


def test_the_same_wishes_make_the_same_and_what_was_used_does_not_come_again():
    first = make_exercises([AIM], size=5, seed=9)
    assert first == make_exercises([AIM], size=5, seed=9)
    used = [each.problem.id for each in first]
    assert not {each.problem.id for each in make_exercises([AIM], size=5, seed=9, without=used)} & set(used)


def test_no_exercise_is_harder_than_wished():
    assert max(each.difficulty for each in make_exercises([AIM], size=8, seed=4, hardest=5)) <= 5


def test_what_cannot_be_made_is_refused_with_what_to_do():
    with pytest.raises(UnknownName):
        make_exercises(["sub.nonsense"], size=3, seed=0)
    with pytest.raises(BadSetting, match="nothing to aim at"):
        make_exercises([], size=3, seed=0)
    with pytest.raises(BadSetting, match="allow harder ones"):
        make_exercises([AIM], size=3, seed=0, hardest=1)


ITEM = {"domain": "sub", "a": 52, "b": 18}
STORY = "A baker has 52 rolls in the morning. By noon 18 of them are eaten. How many rolls are there at noon?"


def test_a_story_that_can_be_worked_out_is_taken():
    made = dressed(ITEM, Draft(text=STORY, answer="34"), aim="target", misconception_id=AIM)
    assert made.problem.text == STORY
    assert (made.problem.gold, made.problem.item) == ("34", ITEM)
    assert made.distractors == distractors_of(ITEM, first=AIM)


@pytest.mark.parametrize(
    ("text", "answer", "why"),
    [
        (STORY, "46", "working it out comes to 34"),
        (STORY.replace("18", "some"), "34", "lacks 18"),
        (STORY + " Hint: it is 34.", "34", "holds the answer"),
        (STORY + " How many were eaten?", "34", "more than one question"),
    ],
)
def test_a_story_that_does_not_hold_is_refused_with_the_reason(text, answer, why):
    assert why in dressed(ITEM, Draft(text=text, answer=answer), aim="target", misconception_id=AIM)


def test_good_stories_are_taken_beside_bad_ones_and_a_missing_one_is_an_error():
    drafts = Drafts(drafts=[Draft(text=STORY, answer="34"), Draft(text=STORY, answer="35")])
    taken, refused = dress_all([(ITEM, "target", AIM)] * 2, drafts)
    assert len(taken) == 1 and len(refused) == 1 and "comes to 34" in refused[0]
    with pytest.raises(DataError, match="3 exercises were asked for and 2 came"):
        dress_all([(ITEM, "target", AIM)] * 3, drafts)


def test_worked_solutions_come_with_the_problem():
    each = make_exercises([AIM], size=1, seed=0)[0]
    assert [step.text for step in each.problem.steps] == [step.text for step in solve(each.problem.item).steps]
