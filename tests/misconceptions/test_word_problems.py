from random import Random

import pytest

from tutorkit.misconceptions import drawn_item, malrule, malrules, parts_of, skills_of, solve


def compared(word, *, inconsistent, amount=8, difference=5):
    return {"domain": "wp", "amount": amount, "difference": difference, "word": word, "inconsistent": inconsistent}


def wp(kind, **told):
    return {"domain": "wp", "kind": kind, **told}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


def answers(item):
    return {rule.id.removeprefix("wp."): rule.run(item).answer for rule in malrules("wp") if rule.applies(item)}


@pytest.mark.parametrize(
    ("item", "text", "right", "wrong"),
    [
        (
            compared("more", inconsistent=False),
            "Joe has 8 marbles. Tom has 5 more marbles than Joe. How many marbles does Tom have?",
            "13",
            {"reverses_comparison": "3", "relation_as_amount": "5"},
        ),
        (
            compared("fewer", inconsistent=False),
            "Joe has 8 marbles. Tom has 5 fewer marbles than Joe. How many marbles does Tom have?",
            "3",
            {"reverses_comparison": "13", "relation_as_amount": "5", "adds_all_numbers": "13"},
        ),
        (
            compared("more", inconsistent=True),
            "Joe has 8 marbles. That is 5 more than Tom has. How many marbles does Tom have?",
            "3",
            {
                "keyword_operation": "13",
                "reverses_comparison": "13",
                "relation_as_amount": "5",
                "adds_all_numbers": "13",
            },
        ),
        (
            compared("fewer", inconsistent=True),
            "Joe has 8 marbles. That is 5 fewer than Tom has. How many marbles does Tom have?",
            "13",
            {"keyword_operation": "3", "reverses_comparison": "3", "relation_as_amount": "5"},
        ),
        (
            wp("start", change=5, now=8, word="left"),
            "Joe gives 5 marbles away and has 8 left. How many marbles did Joe have at first?",
            "13",
            {"keyword_operation": "3"},
        ),
        (
            wp("start", change=5, now=8, word="more", story=1),
            "Mia gets 5 more stickers and now has 8. How many stickers did Mia have at first?",
            "3",
            {"keyword_operation": "13", "adds_all_numbers": "13"},
        ),
        (
            wp("groups", groups=4, each=6),
            "There are 4 bags with 6 apples in each. How many apples are there?",
            "24",
            {"adds_all_numbers": "10"},
        ),
        (
            wp("groups", groups=4, each=6, altogether=True, story=2),
            "There are 4 trays with 6 rolls in each. How many rolls are there altogether?",
            "24",
            {"keyword_operation": "10", "adds_all_numbers": "10"},
        ),
        (wp("groups", groups=2, each=2), "There are 2 bags with 2 apples in each. How many apples are there?", "4", {}),
        (
            wp("two_steps", money=20, bought=3, price=4),
            "Joe has 20 euros and buys 3 notebooks at 4 euros each. How many euros does Joe have then?",
            "8",
            {"adds_all_numbers": "27", "stops_after_first_step": "12"},
        ),
        (
            wp("extra_number", op="-", a=30, b=12, extra=2),
            "A shop has 30 pears and sells 12 of them at 2 euros each. How many pears does it have then?",
            "18",
            {"adds_all_numbers": "44", "uses_irrelevant_number": "16"},
        ),
        (
            wp("extra_number", op="+", a=12, b=5, extra=9),
            "Joe is 9 years old and has 12 red and 5 blue marbles. How many marbles does Joe have?",
            "17",
            {"adds_all_numbers": "26", "uses_irrelevant_number": "26"},
        ),
    ],
)
def test_stories_read_rightly_and_misread(item, text, right, wrong):
    assert (parts_of(item)[0].text, solve(item).answer) == (text, right)
    assert answers(item) == wrong


def test_a_misreading_goes_wrong_where_it_reads_and_then_reckons_rightly():
    tricky = compared("more", inconsistent=True)
    assert worked(solve(tricky)) == [
        ("Tom has fewer marbles than Joe.", True),
        ("I look for what is fewer, so I subtract.", True),
        ("8 − 5 = 3.", True),
    ]
    assert worked(malrule("wp.keyword_operation").run(tricky)) == [
        ("It says “more”, so I add.", False),
        ("8 + 5 = 13.", True),
    ]
    assert worked(malrule("wp.reverses_comparison").run(tricky)) == [
        ("Tom has more marbles than Joe.", False),
        ("I look for what is more, so I add.", True),
        ("8 + 5 = 13.", True),
    ]
    assert worked(malrule("wp.relation_as_amount").run(tricky)) == [("It says 5, so Tom has 5.", False)]
    purchase = wp("two_steps", money=20, bought=3, price=4)
    assert worked(malrule("wp.stops_after_first_step").run(purchase)) == [
        ("All 3 notebooks cost the same, so I multiply.", True),
        ("3 × 4 = 12.", True),
        ("So the answer is 12.", False),
    ]
    sold = wp("extra_number", op="-", a=30, b=12, extra=2)
    assert worked(malrule("wp.uses_irrelevant_number").run(sold)) == [
        ("What is sold is gone, so I subtract.", True),
        ("30 − 12 = 18.", True),
        ("18 − 2 = 16.", False),
    ]
    assert worked(malrule("wp.adds_all_numbers").run(sold)) == [("I add the numbers: 30 + 12 + 2 = 44.", False)]


def test_the_skills_that_a_story_takes():
    assert skills_of(compared("more", inconsistent=False)) == ("comparison_in_words", "operation_from_story")
    assert skills_of(wp("groups", groups=4, each=6)) == ("operation_from_story",)
    assert skills_of(wp("two_steps", money=20, bought=3, price=4)) == ("operation_from_story", "all_steps_of_story")
    assert skills_of(wp("extra_number", op="-", a=30, b=12, extra=2)) == ("needed_numbers", "operation_from_story")


def test_every_story_is_one_question_that_holds_its_numbers_in_their_order():
    rng = Random(3)
    for _ in range(300):
        part = parts_of(drawn_item("wp", rng))[0]
        assert part.text.count("?") == 1 and part.text.endswith("?")
        shown = [int(word.strip(".,")) for word in part.text.split() if word.strip(".,").isdigit()]
        assert tuple(shown) == part.numbers
        assert part.keyword is None or part.keyword[0] in part.text


def test_each_misreading_has_stories_that_no_other_misreads_alike():
    rng, alone = Random(5), set()
    for _ in range(400):
        item = drawn_item("wp", rng)
        found = answers(item)
        alone |= {name for name, answer in found.items() if [*found.values()].count(answer) == 1}
    assert alone == {rule.id.removeprefix("wp.") for rule in malrules("wp")}
