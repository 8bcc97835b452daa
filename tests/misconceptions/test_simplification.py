import pytest

from tutorkit.misconceptions import malrule, malrules, parts_of, skills_of, solve


def alg(kind, **numbers):
    return {"domain": "alg", "kind": kind, **numbers}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


@pytest.mark.parametrize(
    ("item", "text", "right", "buggy"),
    [
        (alg("sum", a=1, b=4), "x + 4 in its simplest form", "x+4", "5x"),
        (alg("sum", a=3, b=4, like=True), "3x + 4x in its simplest form", "7x", None),
        (alg("multiple", a=3, b=-4), "3(x − 4) without brackets", "3x-12", "3x-4"),
        (alg("minus_bracket", c=3, b=5), "3 − (x − 5) without brackets", "-x+8", "-x-2"),
        (alg("minus_bracket", c=5, b=5), "5 − (x − 5) without brackets", "-x+10", "-x"),
        (alg("square", b=1), "(x + 1)² without brackets", "x^2+2x+1", "x^2+1"),
        (alg("square", b=3, inner="product"), "(3x)² without brackets", "9x^2", None),
        (alg("powers", m=1, n=12), "x · x¹² as one power", "x^13", "x^12"),
        (alg("powers", m=2, n=2), "x² · x² as one power", "x^4", None),
        (alg("powers", m=1, n=1), "x · x as one power", "x^2", "x"),
        (alg("quotient", b=4), "(x + 4)/4 in its simplest form", "x/4+1", "x"),
        (alg("quotient", b=4, inner="product"), "4x/4 in its simplest form", "x", None),
        (alg("substitution", a=3, x=0), "3x for x = 0", "0", "30"),
        (alg("substitution", a=12, x=15), "12x for x = 15", "180", "1215"),
    ],
)
def test_expressions_are_rewritten(item, text, right, buggy):
    assert (parts_of(item)[0].text, solve(item).answer) == (text, right)
    assert [rule.run(item).answer for rule in malrules("alg") if rule.applies(item)] == (
        [] if buggy is None else [buggy]
    )


@pytest.mark.parametrize(
    ("item", "steps", "skills"),
    [
        (
            alg("multiple", a=3, b=-4),
            ["3 · x = 3x.", "3 · (−4) = −12.", "So 3(x − 4) = 3x−12."],
            ("distribution",),
        ),
        (
            alg("minus_bracket", c=5, b=3),
            ["5 − (x − 3) = 5 − x + 3.", "5 + 3 = 8.", "So 5 − (x − 3) = −x+8."],
            ("minus_bracket",),
        ),
        (
            alg("square", b=3),
            [
                "It is (x + 3)(x + 3).",
                "x · x = x^2 and 3 · 3 = 9.",
                "x · 3 comes twice, that is 6x.",
                "So (x + 3)² = x^2+6x+9.",
            ],
            ("square_of_sum",),
        ),
        (alg("quotient", b=4), ["x ÷ 4 = x/4.", "4 ÷ 4 = 1.", "So (x + 4)/4 = x/4+1."], ("divide_every_term",)),
        (alg("substitution", a=3, x=4), ["3x is 3 times x.", "So it is 3 · 4 = 12."], ("coefficient_times_value",)),
        (alg("square", b=3, inner="product"), ["3 · 3 = 9 and x · x = x^2.", "So (3x)² = 9x^2."], ()),
        (alg("quotient", b=4, inner="product"), ["4 ÷ 4 = 1, so the factors cancel.", "So 4x/4 = x."], ()),
    ],
)
def test_the_work_on_an_expression(item, steps, skills):
    assert [step.text for step in solve(item).steps] == steps
    assert skills_of(item) == skills


@pytest.mark.parametrize(
    ("name", "item", "steps"),
    [
        ("conjoins", alg("sum", a=3, b=4), [("3 + 4 = 7.", False), ("So 3x + 4 = 7x.", True)]),
        (
            "partial_distribution",
            alg("multiple", a=3, b=4),
            [("3 · x = 3x.", True), ("The 4 stays.", False), ("So 3(x + 4) = 3x+4.", True)],
        ),
        (
            "negative_not_distributed",
            alg("minus_bracket", c=5, b=3),
            [("5 − (x − 3) = 5 − x − 3.", False), ("5 − 3 = 2.", True), ("So 5 − (x − 3) = −x+2.", True)],
        ),
        (
            "freshman_square",
            alg("square", b=3),
            [("I square each term: x^2 and 3 · 3 = 9.", False), ("So (x + 3)² = x^2+9.", True)],
        ),
        (
            "multiplies_exponents",
            alg("powers", m=2, n=3),
            [("Exponents: 2 · 3 = 6.", False), ("So x² · x³ = x^6.", True)],
        ),
        (
            "cancels_terms",
            alg("quotient", b=4),
            [("The 4 above and the 4 below cancel.", False), ("So (x + 4)/4 = x.", True)],
        ),
        (
            "juxtaposes_value",
            alg("substitution", a=3, x=4),
            [("I write 4 for x after the 3, so it is 34.", False)],
        ),
    ],
)
def test_where_an_expression_goes_wrong(name, item, steps):
    assert worked(malrule(f"alg.{name}").run(item)) == steps
