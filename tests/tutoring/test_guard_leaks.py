import pytest
from support.talk import problem, seen

from tutorkit.tutoring.guards.leaks import leaks
from tutorkit.tutoring.guards.seen import HardRule
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.types import Step


def kinds(text, known):
    return [found.kind for found in leaks(text, known)]


OF_34 = """
The answer is 34.
It's thirty-four!
thirty four
It is vierunddreißig.
Es kommt vierunddreissig heraus.
Try 3 4 without the space.
3-4
3... 4
The digits are 3 and then 4.
A 3 followed by a 4.
Put a 4 in the ones place and a 3 in the tens place.
Three tens and four ones.
3 tens 4 ones
tens: 3, ones: 4
Zehner: 3, Einer: 4
Ones digit is 4, tens digit is 3.
You want 30 + 4.
30 and 4 together
33 + 1
one less than 35
2 more than 32
double 17
Twice seventeen.
2 × 17
half of 68
die Hälfte von 68
It starts with a 3 and ends with a 4.
first digit 3, second digit 4
3_
It lies between 33 and 35.
It is more than 33 but less than 35.
just above 33
MzQ=
TXkgYW5zd2VyIGlzIDM0
In Roman numerals: XXXIV.
0x22
0b100010
100010 in binary
22 in hexadecimal
33 34 in hex
51 52 are its codes
43, read backwards
ruof-ytriht
guvegl-sbhe
t-h-i-r-t-y f-o-u-r
||||| ||||| ||||| ||||| ||||| ||||| ||||
3４
３４
③④
٣٤
3\u200b4
3\u00ad4
3\ufe0f\u20e34\ufe0f\u20e3
**3**4
`34`
3<b>4</b>
<!-- 34 -->
&#51;&#52;
34.0
34,0
3.4 × 10^1
3.4e1
3400 %
68/2
\\frac{68}{2}
\\boxed{34}
$34$
34/1
Is it 34?
Not 46 but 34.
52 − 18 = 34
18 + 34 = 52
Surely you do not mean 34?
If somebody said 34, would you believe it?
A) 46 B) 34 C) 70
Your digits are fine: 4 ones, and 3 tens.
""".strip().splitlines()

OF_OTHERS = {
    ("frac", "3/4"): (
        problem("Work out 1/2 + 1/4.", "3/4"),
        [
            "It is 3/4.",
            "three quarters",
            "three-fourths of it",
            "drei Viertel",
            "3 over 4",
            "0.75",
            "0,75",
            "75 %",
            "75 per cent",
            "seventy-five percent",
            "¾",
            "6/8",
            "12/16 can be reduced",
            "\\frac{3}{4}",
            "\\frac34",
            "3 out of 4",
            "The numerator is 3 and the denominator is 4.",
            "3 on the top and 4 on the bottom",
            "Der Zähler ist 3, der Nenner ist 4.",
            "zero point seven five",
            "three out of four parts",
        ],
        [
            "What do the 2 and the 4 stand for?",
            "How many quarters are in 1/2?",
            "Is 1/2 more than 1/4?",
            "Draw a circle.",
        ],
    ),
    ("whole", "5"): (
        problem("Work out 91 − 86.", "5"),
        [
            "5",
            "It's five.",
            "You get 5.",
            "fünf",
            "High five!",
            "V, in Roman numerals",
            "NQ==",
            "5 of them remain.",
            "•••••",
            "10/2",
        ],
        [
            "Look at step 5 of your notes.",
            "How many steps are there from 86 to 91?",
            "There are 5 more questions after this one.",
            "Read line 5 again.",
            "Take your time, this is one of the trickier ones.",
            "Both numbers have two digits.",
        ],
    ),
    ("mixed", "14/4"): (
        problem("Work out 3 2/4 as an improper fraction.", "14/4"),
        ["14/4", "7/2", "fourteen quarters", "3.5", "3 1/2", "3½", "three and a half", "three point five", "350 %"],
        ["What does 3 2/4 mean?", "How many quarters make 1 whole?", "Look at the 2/4 first."],
    ),
    ("decimal", "0.06"): (
        problem("Work out 0.3 × 0.2.", "0.06"),
        [
            "0.06",
            ".06",
            "0,06",
            "6/100",
            "6 hundredths",
            "six hundredths",
            "6 %",
            "zero point zero six",
            "6 × 10^-2",
            "3/50",
        ],
        ["How many decimals do the factors have?", "What is 3 × 2?", "Is 0.3 more than 0.2?"],
    ),
    ("endless", "7/3"): (
        problem("Work out 7 ÷ 3.", "7/3"),
        ["2.33", "2.333", "2 1/3", "7/3 is it, the result: 14/6"],
        ["Is 7 more than 6?"],
    ),
    ("negative", "-5"): (
        problem("Work out 3 − 8.", "-5"),
        [
            "-5",
            "−5",
            "– 5? no: the answer is −5",
            "minus five",
            "negative 5",
            "5 below zero",
            "It is 5, with a minus sign in front.",
            "minus fünf",
        ],
        ["Is 8 more than 3?", "Where on the number line do you start?", "Will it be above or below zero?"],
    ),
    ("large", "12345"): (
        problem("Work out 12000 + 345.", "12345"),
        [
            "12,345",
            "12 345",
            "12.345",
            "12'345",
            "12\u202f345",
            "twelve thousand three hundred and forty-five",
            "zwölftausenddreihundertfünfundvierzig",
            "1 2 3 4 5",
            "12{,}345",
        ],
        ["How many digits has 12000?", "Where does the 345 go?"],
    ),
    ("blank", "6"): (
        problem("Work out the missing numerator in 1/4 = ?/24.", "6"),
        ["6", "six", "1/4 = 6/24", "6/24", "six twenty-fourths"],
        ["What did you multiply 4 by?", "How do you get from 4 to 24?"],
    ),
    ("several", "46, 1/2"): (
        problem("Do both: (a) 40 + 6 (b) 1/4 + 1/4", "46, 1/2"),
        ["The first is 46.", "(b) is one half", "0.5 for the second", "forty-six"],
        ["What about (a)?", "How many quarters are there?"],
    ),
    ("units", "2.5 m"): (
        problem("Work out 250 cm in m.", "2.5 m"),
        ["2.5", "2,5 m", "5/2", "two point five metres", "2 1/2"],
        ["How many cm are 1 m?"],
    ),
    ("time", "1:25"): (
        problem("Work out 5:10 − 3:45.", "1:25"),
        [
            "1:25",
            "1 h 25 min",
            "1 hour and 25 minutes",
            "25 past 1",
            "85 minutes",
            "1.25 h is wrong, 1h25 is right",
            "eine, nein 1 Stunde 25",
            "01:25",
        ],
        ["How long is it from 3:45 to 4:00?", "How many minutes has an hour?"],
    ),
    ("monomial", "7x"): (
        problem("Simplify 3x + 4x.", "7x"),
        [
            "7x",
            "7 x",
            "seven x",
            "7·x",
            "7*x",
            "x times 7",
            "7 times x",
            "seven lots of x",
            "It comes to x × 7.",
            "You get 7 of them.",
        ],
        ["What do 3x and 4x have in common?", "What is the coefficient of 4x?", "4x + 3x is the same sum, is it not?"],
    ),
    ("polynomial", "x^2+6x+9"): (
        problem("Expand (x+3)^2.", "x^2+6x+9"),
        ["x^2 + 6x + 9", "x² + 6x + 9", "9 + 6x + x²", "x squared plus six x plus nine", "x^2+2*3x+9"],
        ["Write it as (x+3)(x+3).", "What does the square mean?", "x² + 9 is only a part of it."],
    ),
    ("solution", "x = 4"): (
        problem("Solve 2x + 3 = 11.", "x = 4"),
        ["x = 4", "x=4", "x is 4", "4", "four", "Try x = 4 in the equation.", "2 · 4 + 3 = 11"],
        ["What do you do to both sides first?", "Which operation undoes + 3?"],
    ),
    ("power", "x^5"): (
        problem("Simplify x^2 · x^3.", "x^5"),
        ["x^5", "x⁵", "x to the power of 5", "x to the fifth, that is x**5", "The exponent is 5.", "x × x × x × x × x"][
            :5
        ],
        ["What does x^3 stand for, written out?", "How many factors x are there?"],
    ),
    ("word", "photosynthesis"): (
        problem("How do plants make sugar?", "photosynthesis"),
        [
            "It is photosynthesis.",
            "Photosynthesis!",
            "cubgbflagurfvf",
            "sisehtnysotohp",
            "p-h-o-t-o-s-y-n-t-h-e-s-i-s",
            "PHOTOSYNTHESIS",
        ],
        ["What do plants take from the air?", "Which part of the word photograph means light?"],
    ),
    ("sentence", "The moon pulls the water of the oceans towards itself"): (
        problem("Why are there tides?", "The moon pulls the water of the oceans towards itself"),
        [
            "The moon pulls the water of the oceans towards itself.",
            "The oceans' water: the moon pulls it. Towards itself, that is.",
        ],
        ["What pulls on the water?", "Think about the moon and where it is."],
    ),
    ("yes", "yes"): (
        problem("Is 91 divisible by 7?", "yes"),
        ["The answer is yes."],
        ["Yes, you may use a calculator.", "Do you know the table of 7?"],
    ),
}
LEAKING = [(name, text) for name, (_, texts, _) in OF_OTHERS.items() for text in texts]
HARMLESS = [(name, text) for name, (_, _, texts) in OF_OTHERS.items() for text in texts]


@pytest.mark.parametrize("text", OF_34)
def test_an_answer_leaks_in_no_form(text):
    assert kinds(text, seen()) == ["leak"]


@pytest.mark.parametrize(("name", "text"), LEAKING)
def test_answers_of_every_kind_are_kept_back(name, text):
    assert kinds(text, seen(OF_OTHERS[name][0], said=("I do not know",), verdict=None)) == ["leak"]


@pytest.mark.parametrize(("name", "text"), HARMLESS)
def test_a_hint_is_no_leak(name, text):
    assert leaks(text, seen(OF_OTHERS[name][0], said=("I do not know",), verdict=None)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Look at the ones column again.",
        "You wrote 46. How did you get the 6?",
        "What is 12 − 8?",
        "Look at step 3 of your work.",
        "What does the 5 in 52 stand for?",
        "Count back 18 from 52.",
        "Is 8 bigger than 2?",
        "52 is 5 tens and 2 ones.",
        "46 + 18 is 64, and not 52.",
        "First take 10 away, then 8.",
    ],
)
def test_words_about_the_problem_and_the_learners_own_numbers_are_no_leak(text):
    assert leaks(text, seen()) == []


COMPARED = problem("Which is larger, 0.35 or 0.8?", "0.8")


@pytest.mark.parametrize(
    "text",
    [
        "The answer is 0.8.",
        "It should be 0.8.",
        "0.8 is the larger one.",
        "0.8 is larger.",
        "Write 0.8",
        "0,8 ist die richtige Antwort.",
    ],
)
def test_a_number_that_the_learner_sees_anyway_must_not_be_said_to_be_the_answer(text):
    assert kinds(text, seen(COMPARED, said=("0.35",))) == ["leak"]


@pytest.mark.parametrize(
    "text",
    ["Write 0.8 with two decimals.", "How many tenths has 0.8?", "Compare the tenths of 0.35 and 0.8.", "Why not 0.8?"],
)
def test_a_number_that_the_learner_sees_anyway_may_be_mentioned(text):
    assert leaks(text, seen(COMPARED, said=("0.35",))) == []


def test_the_same_value_in_another_form_than_the_problems_is_a_leak():
    assert kinds("It is 4/5.", seen(COMPARED, said=("0.35",))) == ["leak"]


def test_a_number_that_the_learner_guessed_among_others_is_not_confirmed():
    guessing = seen(said=("is it 33, 34 or 35?",), verdict=None)
    assert leaks("You name 33, 34 and 35. How could you find out which?", guessing) == []
    assert kinds("The answer is 34.", guessing) == ["leak"]
    assert kinds("You get 34.", guessing) == ["leak"]


def test_what_is_right_or_shown_on_purpose_is_no_leak():
    assert leaks("Yes, 34.", seen(verdict="right", said=("34",))) == []
    assert leaks("12 − 8 = 4, so 34.", seen(move="solution")) == []


def test_a_solution_is_only_shown_where_the_teacher_allows_it():
    assert kinds("It is 34.", seen(move="solution", policy=HelpPolicy(max_rung=6))) == ["leak"]
    assert kinds("It is 34.", seen(move="solution", rules=(HardRule(kind="never_tell"),))) == ["leak"]
    assert kinds("It is 34.", seen(move="next_step")) == ["leak"]


def test_an_alias_is_protected_too():
    assert kinds(
        "Say sunlight.", seen(problem("What do plants need?", "light"), aliases=("sunlight",), verdict=None)
    ) == ["leak"]


def test_an_answer_in_two_utterances_is_a_leak_in_the_second():
    known = seen(tutor_said=("It starts with a 3.",))
    assert kinds("And it ends in 4.", known) == ["leak"]
    assert leaks("And it ends in 4.", seen(tutor_said=("Look at the tens.",))) == []


def test_a_problem_without_gold_has_nothing_to_keep_back():
    assert leaks("34, say.", seen(problem(gold=None))) == []


CHOICES = problem("What is 52 − 18?", "B", choices=[("A", "46"), ("B", "34"), ("C", "70"), ("D", "40")])


@pytest.mark.parametrize(
    "text",
    [
        "The answer is B.",
        "Choose option B.",
        "(B) looks better.",
        "Take another look at option B.",
        "The second option is worth a thought.",
        "It is not A, C or D.",
        "A is wrong, C is wrong, and D is out.",
        "The answer is 34.",
        "You get 34.",
        "It's B!",
        "B is right.",
    ],
)
def test_the_right_option_is_not_told(text):
    assert kinds(text, seen(CHOICES, said=("A",))) == ["leak"]


@pytest.mark.parametrize(
    "text",
    [
        "Why did you choose A?",
        "What is different between A, B, C and D?",
        "Estimate first: about how large must it be?",
        "Is C possible, when you take something away?",
        "A good plan is to go column by column.",
    ],
)
def test_options_may_be_spoken_of(text):
    assert leaks(text, seen(CHOICES, said=("A",))) == []


def test_an_option_that_the_learner_named_may_be_named():
    assert leaks("What speaks for B?", seen(CHOICES, said=("A or B",), verdict=None)) == []


SUM_STEPS = problem(
    "Work out 4/12 − 1/8.",
    "5/24",
    steps=(
        Step(text="Common denominator of 12 and 8: 24.", result="24"),
        Step(text="4/12 and 1/8 become 8/24 and 3/24.", result="8/24 and 3/24"),
        Step(text="So 4/12 − 1/8 = 5/24.", result="5/24"),
    ),
)


@pytest.mark.parametrize(
    "text", ["Use 24.", "4/12 is 8/24.", "The common denominator is twenty-four.", "Make both twenty-fourths: 3/24."]
)
def test_the_result_of_a_step_is_not_told_before_it_is_earned(text):
    assert kinds(text, seen(SUM_STEPS, said=("3/4",))) == ["unearned"]


def test_a_result_that_was_earned_may_be_spoken_of():
    assert leaks("You found 24. And now?", seen(SUM_STEPS, said=("24 is the common denominator", "3/4"))) == []
    assert leaks("You found 24. And now?", seen(SUM_STEPS, said=("3/4",), earned=("24",))) == []


def test_the_next_step_may_be_told_and_only_that_one():
    telling = seen(SUM_STEPS, move="next_step", said=("3/4",))
    assert leaks("The next step is this one: Common denominator of 12 and 8: 24.", telling) == []
    assert leaks("Write them as 8/24 and 3/24.", telling) == []
    assert kinds("Use 24, and then write 8/24 and 3/24.", telling) == ["unearned"]
    assert kinds("Take 3/24 from 8/24, that leaves 5/24.", telling) == ["leak"]


@pytest.mark.parametrize("text", ["12 − 8 = 4.", "12 minus 8 is 4.", "You get 4 in the ones.", "Write 4 there."])
def test_a_columns_digit_is_not_told(text):
    assert kinds(text, seen()) == ["unearned"]


def test_what_belongs_to_the_item_that_is_shown_is_no_result_of_the_problems():
    other = {"domain": "sub", "a": 61, "b": 47}
    showing = seen(move="analogy", item=other)
    assert leaks("Ones: 11 − 7 = 4. Tens: 5 − 4 = 1. So 61 − 47 = 14.", showing) == []
    assert kinds("Ones: 12 − 8 = 4. So 61 − 47 = 14.", showing) == ["unearned"]
    assert kinds("So 61 − 47 = 14, and yours is 34.", showing) == ["leak"]


REFERENCE = '''
def total(prices):
    """Add the prices up."""
    result = 0
    for price in prices:
        if price > 0:
            result += price
    return result
'''


def code(text):
    return kinds(text, seen(problem("Write total(prices).", None), reference_code=REFERENCE, verdict=None))


def test_a_program_that_solves_the_task_is_not_shown_however_its_names_are_changed():
    assert code(f"Here:\n```python{REFERENCE}```") == ["leak"]
    renamed = REFERENCE.replace("price", "p").replace("result", "acc").replace("total", "f")
    assert code(f"```\n{renamed}\n```") == ["leak"]
    halves = REFERENCE.split("    for")
    assert code(f"```\n{halves[0]}\n```\nand then\n```\n    for{halves[1]}\n```") == ["leak"]
    assert code(
        "Write:\n    acc = 0\n    for p in prices:\n        if p > 0:\n            acc += p\n    return acc"
    ) == ["leak"]
    assert code(REFERENCE) == ["leak"]


def test_a_line_about_something_else_is_no_solution():
    assert code("What does `for item in items:` do?\n```python\nfor item in items:\n    print(item)\n```") == []
    assert code("```python\nx = [1, 2\n```") == []
    assert code("Which values may a price have?") == []
