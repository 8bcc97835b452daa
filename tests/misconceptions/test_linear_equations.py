import pytest

from tutorkit.misconceptions import malrule, malrules, parts_of, skills_of, solve


def linear(a, b, c):
    return {"domain": "alg", "a": a, "b": b, "c": c}


def bracket(a, b, c):
    return {"domain": "alg", "kind": "bracket_equation", "a": a, "b": b, "c": c}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


def answers(item):
    return {rule.id.removeprefix("alg."): rule.run(item).answer for rule in malrules("alg") if rule.applies(item)}


@pytest.mark.parametrize(
    ("item", "text", "answer"),
    [
        (linear(2, 3, 11), "x in 2x + 3 = 11", "4"),
        (linear(2, -3, -11), "x in 2x − 3 = −11", "-4"),
        (linear(3, 0, 12), "x in 3x = 12", "4"),
        (linear(2, 3, 20), "x in 2x + 3 = 20", "17/2"),
        (bracket(3, 4, 21), "x in 3(x + 4) = 21", "3"),
        (bracket(3, -4, 0), "x in 3(x − 4) = 0", "4"),
    ],
)
def test_equations_are_solved(item, text, answer):
    assert (parts_of(item)[0].text, solve(item).answer) == (text, answer)


def test_the_work_on_an_equation():
    assert [(step.text, step.result, step.skill) for step in solve(bracket(3, 4, 21)).steps] == [
        ("3(x + 4) = 3x + 12, so 3x + 12 = 21.", "3x + 12", "distribution"),
        ("3x and 12 are unlike terms, so they stay apart.", "3x + 12", "like_terms"),
        ("First I undo the + 12, and then the factor 3.", "+12", "undo_order"),
        ("21 − 12 = 9, so 3x = 9.", "9", "inverse_operation"),
        ("9 ÷ 3 = 3, so x = 3.", "3", "undo_coefficient"),
    ]
    assert skills_of(linear(3, 0, 12)) == ("undo_coefficient",)
    assert solve(linear(2, -3, 11)).steps[2].text == "11 + 3 = 14, so 2x = 14."


# The reference formulas: (c+b)/a, c−b−a, c/a−b, c/(a+b), (c−b)·a; in brackets c/a+b, c−a−b, (c−b)/a, c/(a(1+b)), c·a−b.
@pytest.mark.parametrize(
    ("item", "wrong"),
    [
        (
            linear(2, 6, 10),
            {
                "same_operation_not_inverse": "8",
                "divides_only_some_terms": "-1",
                "combines_unlike_terms": "5/4",
                "multiplies_by_coefficient": "8",
            },
        ),
        (
            linear(5, -3, 12),
            {
                "same_operation_not_inverse": "9/5",
                "subtracts_coefficient": "10",
                "divides_only_some_terms": "27/5",
                "combines_unlike_terms": "6",
                "multiplies_by_coefficient": "75",
            },
        ),
        (
            bracket(3, 4, 21),
            {
                "same_operation_not_inverse": "11",
                "subtracts_coefficient": "14",
                "distributes_first_only": "17/3",
                "combines_unlike_terms": "7/5",
                "multiplies_by_coefficient": "59",
            },
        ),
        (
            bracket(2, -5, -6),
            {
                "same_operation_not_inverse": "-8",
                "subtracts_coefficient": "-3",
                "distributes_first_only": "-1/2",
                "combines_unlike_terms": "3/4",
                "multiplies_by_coefficient": "-7",
            },
        ),
        (linear(3, 0, 12), {"subtracts_coefficient": "9", "multiplies_by_coefficient": "36"}),
        # There is nothing to be divided by where the terms cancel, and no error where nothing is left to be undone.
        (
            linear(3, -3, 6),
            {
                "same_operation_not_inverse": "1",
                "subtracts_coefficient": "6",
                "divides_only_some_terms": "5",
                "multiplies_by_coefficient": "27",
            },
        ),
        (
            bracket(2, -1, 2),
            {
                "same_operation_not_inverse": "0",
                "subtracts_coefficient": "1",
                "distributes_first_only": "3/2",
                "multiplies_by_coefficient": "5",
            },
        ),
    ],
)
def test_every_rule_comes_to_what_its_formula_gives(item, wrong):
    assert answers(item) == wrong


@pytest.mark.parametrize(
    ("name", "item", "steps"),
    [
        (
            "same_operation_not_inverse",
            linear(2, 3, 11),
            [
                ("2x and 3 are unlike terms, so they stay apart.", True),
                ("First I undo the + 3, and then the factor 2.", True),
                ("11 + 3 = 14, so 2x = 14.", False),
                ("14 ÷ 2 = 7, so x = 7.", True),
            ],
        ),
        (
            "subtracts_coefficient",
            linear(2, 3, 15),
            [("15 − 3 = 12, so 2x = 12.", True), ("12 − 2 = 10, so x = 10.", False)],
        ),
        (
            "subtracts_coefficient",
            bracket(3, 4, 21),
            [("21 − 3 = 18, so x + 4 = 18.", False), ("18 − 4 = 14, so x = 14.", True)],
        ),
        (
            "divides_only_some_terms",
            linear(2, 6, 10),
            [("First I divide by 2: 10 ÷ 2 = 5, so x + 6 = 5.", False), ("5 − 6 = −1, so x = −1.", True)],
        ),
        (
            "combines_unlike_terms",
            linear(2, -3, 20),
            [("2x − 3 is −x, so −x = 20.", False), ("20 ÷ (−1) = −20, so x = −20.", True)],
        ),
        (
            "combines_unlike_terms",
            bracket(3, 4, 21),
            [("x + 4 is 5x, so 3(x + 4) is 15x.", False), ("21 ÷ 15 = 7/5, so x = 7/5.", True)],
        ),
        (
            "distributes_first_only",
            bracket(3, 4, 21),
            [
                ("3(x + 4) = 3x + 4, so 3x + 4 = 21.", False),
                ("3x and 4 are unlike terms, so they stay apart.", True),
                ("First I undo the + 4, and then the factor 3.", True),
                ("21 − 4 = 17, so 3x = 17.", True),
                ("17 ÷ 3 = 17/3, so x = 17/3.", True),
            ],
        ),
    ],
)
def test_where_an_equation_goes_wrong(name, item, steps):
    assert worked(malrule(f"alg.{name}").run(item)) == steps


def test_what_is_rarely_documented_is_ranked_last():
    assert min(malrules("alg"), key=lambda rule: rule.prior).id == "alg.multiplies_by_coefficient"
