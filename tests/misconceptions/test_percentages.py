import pytest

from tutorkit.misconceptions import malrule, malrules, parts_of, skills_of, solve


def pct(kind, percent, amount):
    return {"domain": "pct", "kind": kind, "percent": percent, "amount": amount}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


def test_a_rise_and_a_fall_are_taken_one_after_the_other():
    item = pct("successive", 20, 100)
    assert parts_of(item)[0].text == "100 raised by 20% and then lowered by 20%"
    assert skills_of(item) == ("percent", "successive_percent")
    assert worked(solve(item)) == [
        ("20% of 100 is 20.", True),
        ("100 + 20 = 120.", True),
        ("20% of 120 is 24.", True),
        ("120 − 24 = 96.", True),
    ]
    assert worked(malrule("pct.successive_cancel").run(item)) == [
        ("20% up and 20% down cancel, so it is 100 again.", False)
    ]


def test_the_old_price_is_found_from_the_share_that_is_left():
    item = pct("reverse", 20, 80)
    assert parts_of(item)[0].text == "the old price of what costs 80 after 20% off"
    assert skills_of(item) == ("reverse_percent", "percent")
    assert worked(solve(item)) == [
        ("80 is 80% of the old price.", True),
        ("1% is 80 ÷ 80 = 1.", True),
        ("So the old price is 100 × 1 = 100.", True),
    ]
    assert worked(malrule("pct.reverse_uses_final_base").run(item)) == [
        ("20% of 80 is 16.", False),
        ("80 + 16 = 96.", True),
    ]


@pytest.mark.parametrize(
    ("item", "right", "buggy"),
    [
        (pct("successive", 5, 40), "399/10", "40"),
        (pct("successive", 100, 7), "0", "7"),
        (pct("successive", 1, 1), "9999/10000", "1"),
        (pct("reverse", 5, 40), "800/19", "42"),
        (pct("reverse", 99, 1), "100", "199/100"),
        (pct("reverse", 50, 30), "60", "45"),
    ],
)
def test_changes_that_are_not_whole_numbers_stay_exact(item, right, buggy):
    assert solve(item).answer == right
    assert [rule.run(item).answer for rule in malrules("pct") if rule.applies(item)] == [buggy]
