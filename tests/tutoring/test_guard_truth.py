import pytest
from support.talk import problem, seen

from tutorkit.tutoring.guards.truth import false_equations

TRUE = """
52 − 18 = 34
20 % of 80 is 16
6 times 7 is 42
sechs mal sieben ist zweiundvierzig
20 % von 80 sind 16
1/2 + 1/4 = 3/4
1/2 ÷ 1/4 = 2
24 ÷ 4 × 2 = 12
2 + 3 × 4 = 14
2 × (3 + 4) = 14
2(3+4) = 14
2 1/2 + 1 1/2 = 4
½ of 6 is 3
17 ÷ 5 = 3 R 2
17 ÷ 5 = 3 remainder 2
3 apples + 4 apples = 7 apples
3 cm + 4 cm = 7 cm
1 m = 100 cm
1 box = 6 eggs
50 min + 20 min = 1 h 10 min
5:10 − 3:45 = 1:25
2x + 3 = 11
3 + _ = 7
? + 3 = 7
√9 = 3
|−3| = 3
5! = 120
Step 1: 3 + 4 = 7
1. 3 + 4 = 7
- 3 + 4 = 7
12 − 8 = 4!
52 − 18 = 34 – great
6² = 36
2**3 = 8
4 − (−3) = 7
4 - -3 = 7
1,234 + 1 = 1,235
3,5 + 1,5 = 5
4 × 1.000 = 4.000
2 ÷ 3 = 0.67
1/3 = 0.333...
1/3 ≈ 0.3
4 tens − 1 ten = 3 tens
4 tens minus 1 ten is 3 tens
4 tens = 40
8 : 4 = 2
8:4=2
The sum of 3 and 4 is 7.
double 17 is 34
half of 68 is 34
one less than 35 is 34
3 + 4 is 1 more than 6
3 + 4 is about 10
3 x 4 = 12
100 − 20% = 80
\\frac{1}{2} + \\frac{1}{4} = \\frac{3}{4}
7 take away 3 leaves 4
0.5 = 1/2 = 50 %
52 − 18 is not 46.
52 − 18 ≠ 46
It cannot be that 52 − 18 is smaller than 18.
for i in range(3): x = 4
x == 3 + 4
""".strip().splitlines()

FALSE = """
52 − 18 = 46
52 − 18 is 46
52 minus 18 makes 46
3+4=7+2=9
20 % of 80 is 4
6 times 7 is 54
sechs mal sieben ist einundvierzig
52 minus 18 macht 46
1/2 + 1/3 = 2/5
½ + ⅓ = ⅖
\\frac{1}{2} + \\frac{1}{3} = \\frac{2}{5}
2 + 3 × 4 = 20
3² = 6
2**3 = 6
-7 + 3 = -10
3.7 + 2.5 = 5.12
0.3 × 0.2 = 0.6
2 ÷ 3 = 0.66
17 ÷ 5 = 3 R 3
3 cm + 4 cm = 8 cm
3 apples + 4 apples = 8 apples
4 tens − 1 ten = 2 tens
half of 68 is 33
The sum of 3 and 4 is 8.
0.35 = 7/2
4 = 5
1 + 1 = **3**
Do not forget: 52 − 18 = 46.
Remember that 52 − 18 = 46, right?
So 3 + 4 = 8, and then you add 2.
""".strip().splitlines()


@pytest.mark.parametrize("text", TRUE)
def test_what_is_true_or_cannot_be_judged_passes(text):
    assert false_equations(text, seen(said=("hm",))) == []


@pytest.mark.parametrize("text", FALSE)
def test_what_is_false_is_objected_to(text):
    assert [found.kind for found in false_equations(text, seen(said=("46",)))] == ["false_equation"]


QUOTED = [
    "You wrote 52 − 18 = 46. How could you check that?",
    "In your line 52 − 18 = 46, where does the 6 come from?",
    "Look at this line of yours once more: “52 − 18 = 46”. How did you get it?",
    "By your way 52 − 18 = 46, so 46 + 18 should be 52.",
    "Du hast geschrieben: 52 − 18 = 46. Wie bist du darauf gekommen?",
    "52 − 18 = 46 is not right.",
    "52 − 18 = 46 cannot be.",
    "It is not true that 52 − 18 = 46.",
    "52 − 18 = 46 stimmt nicht.",
    "Is 52 − 18 = 46?",
    "Does 46 + 18 = 52?",
    "So 52 − 18 = 46?",
    "But is it true that 18 + 46 = 52?",
    "This line is where it goes wrong: “52 − 18 = 46”. What should happen there instead?",
]


@pytest.mark.parametrize("text", QUOTED)
def test_the_learners_own_claim_may_be_quoted_denied_and_asked_about(text):
    assert false_equations(text, seen(said=("52 − 18 = 46",))) == []


ENDORSED = [
    "You wrote 52 − 18 = 46, which is correct.",
    "You wrote 52 − 18 = 46. Well done!",
    "As you said, 52 − 18 = 46. That's right.",
    "52 − 18 = 46, right?",
    "Your line is exactly right: 52 − 18 = 46.",
]


@pytest.mark.parametrize("text", ENDORSED)
def test_a_claim_that_is_approved_of_is_the_tutors_own(text):
    assert [found.kind for found in false_equations(text, seen(said=("52 − 18 = 46",)))] == ["false_equation"]


def test_nothing_may_be_put_into_the_learners_mouth():
    assert false_equations("You wrote 52 − 18 = 44.", seen(said=("46",))) != []


def test_what_the_learners_way_comes_to_on_another_item_may_be_shown_as_such():
    item = {"domain": "sub", "a": 61, "b": 47}
    showing = seen(move="contrast", item=item, misconception="sub.smaller_from_larger")
    assert false_equations("With your way 61 − 47 would be 26: so 61 − 47 = 26. Can that be?", showing) == []
    assert false_equations("Note that 61 − 47 = 26.", showing) != []


EXPAND = problem("Expand (x+3)^2.", "x^2+6x+9")


@pytest.mark.parametrize("text", ["(x+3)^2 = x^2 + 9", "So (x + 3)² = x² + 9.", "x + x = x^2"])
def test_a_false_identity_is_objected_to_where_expressions_are_the_subject(text):
    assert [found.kind for found in false_equations(text, seen(EXPAND, said=("no idea",)))] == ["false_equation"]


@pytest.mark.parametrize(
    "text",
    [
        "(x+3)^2 = (x+3)(x+3)",
        "You wrote (x+3)^2 = x^2+9. Try it with a number.",
        "(x+3)^2 = x^2 + 9 is not true for every number.",
        "Is (x+3)^2 = x^2 + 9?",
        "x = 4",
    ],
)
def test_true_quoted_denied_and_asked_identities_pass(text):
    assert false_equations(text, seen(EXPAND, said=("(x+3)^2 = x^2+9",))) == []


def test_an_equation_to_be_solved_is_no_identity():
    assert false_equations("What makes 2x + 3 = x + 7 true?", seen(problem("Solve 2x + 3 = x + 7.", "4"))) == []
