"""Small word problems, right and misread: here the reading goes wrong, and not the reckoning.

Lewis and Mayer (1987) found that a comparison is turned round more often where its wording suggests the other
operation; Cummins, Kintsch, Reusser and Weimer (1988), that it is taken for an amount. To add up whatever numbers there
are, and to go by a single word, are among the strategies that Sowder (1988) describes. Priors are our own ranks.
"""

from __future__ import annotations

from random import Random

from tutorkit.misconceptions.domains.stories import (
    Comparison,
    EqualGroups,
    ExtraNumber,
    Operation,
    StartUnknown,
    TwoSteps,
    WordProblem,
)
from tutorkit.misconceptions.numbers import SIGNS
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep

_STORY, _COMPARE = "operation_from_story", "comparison_in_words"
_NEEDED, _LAST = "needed_numbers", "all_steps_of_story"

_VERBS = {"+": "add", "-": "subtract", "*": "multiply"}


def _calculated(a: int, operation: Operation, b: int, skill: str | None = None, *, ok: bool = True) -> WorkStep:
    result = {"+": a + b, "-": a - b, "*": a * b}[operation]
    return WorkStep(f"{a} {SIGNS[operation]} {b} = {result}.", str(result), skill, ok)


def _chosen(why: str, operation: Operation, *, ok: bool = True) -> WorkStep:
    return WorkStep(f"{why}, so I {_VERBS[operation]}.", _VERBS[operation], _STORY, ok)


def _done(*steps: WorkStep) -> Work:
    return Work(steps[-1].result, steps)


def _compared(item: Comparison, *, asked_is_larger: bool) -> Work:
    word = "more" if asked_is_larger else "fewer"
    operation: Operation = "+" if asked_is_larger else "-"
    text = f"{item.other} has {word} {item.things} than {item.person}."
    relation = WorkStep(text, word, _COMPARE, ok=asked_is_larger == item.asked_is_larger)
    calculated = _calculated(item.amount, operation, item.difference)
    return _done(relation, _chosen(f"I look for what is {word}", operation), calculated)


def solve_comparison(item: Comparison) -> Work:
    """Say who has more, and go from the known amount to the other."""
    return _compared(item, asked_is_larger=item.asked_is_larger)


def _reverses(item: Comparison) -> Work:
    return _compared(item, asked_is_larger=not item.asked_is_larger)


def _relation_as_amount(item: Comparison) -> Work:
    text = f"It says {item.difference}, so {item.other} has {item.difference}."
    return _done(WorkStep(text, str(item.difference), _COMPARE, ok=False))


def solve_start(item: StartUnknown) -> Work:
    """Undo the change."""
    if item.word == "left":
        return _done(_chosen("At first there were more", "+"), _calculated(item.now, "+", item.change))
    return _done(_chosen("At first there were fewer", "-"), _calculated(item.now, "-", item.change))


def solve_groups(item: EqualGroups) -> Work:
    """Multiply the number of groups by their size."""
    return _done(_chosen(f"There are {item.groups} times {item.each}", "*"), _calculated(item.groups, "*", item.each))


def _cost(item: TwoSteps) -> tuple[WorkStep, WorkStep]:
    return _chosen(f"All {item.bought} {item.goods} cost the same", "*"), _calculated(item.bought, "*", item.price)


def solve_two_steps(item: TwoSteps) -> Work:
    """Work out the cost, and take it from the money."""
    cost = item.bought * item.price
    text = f"{item.money} − {cost} = {item.money - cost}, that is what {item.person} has then."
    return _done(*_cost(item), WorkStep(text, str(item.money - cost), _LAST))


def _stops(item: TwoSteps) -> Work:
    chosen, calculated = _cost(item)
    text = f"So the answer is {calculated.result}."
    return _done(chosen, calculated, WorkStep(text, calculated.result, _LAST, ok=False))


def _two_numbers(item: ExtraNumber) -> tuple[WorkStep, WorkStep]:
    why = "Both colours count" if item.op == "+" else "What is sold is gone"
    return _chosen(why, item.op), _calculated(item.a, item.op, item.b)


def solve_extra_number(item: ExtraNumber) -> Work:
    """Leave out what does not bear on the question."""
    left_out = WorkStep(f"The {item.extra} is not needed for that.", str(item.extra), _NEEDED)
    return _done(left_out, *_two_numbers(item))


def _uses_extra_number(item: ExtraNumber) -> Work:
    chosen, calculated = _two_numbers(item)
    return _done(chosen, calculated, _calculated(int(calculated.result), item.op, item.extra, _NEEDED, ok=False))


def _follows_keyword(item: WordProblem) -> Work | None:
    """Do with the two numbers what one word suggests, the larger number first, where that is not what is asked."""
    if item.keyword is None:
        return None
    word, operation = item.keyword
    larger, smaller = max(item.numbers), min(item.numbers)
    chosen = _chosen(f"It says “{word}”", operation, ok=False)
    return _done(chosen, _calculated(larger, operation, smaller))


def _adds_all(item: WordProblem) -> Work:
    total = sum(item.numbers)
    text = f"I add the numbers: {' + '.join(map(str, item.numbers))} = {total}."
    return _done(WorkStep(text, str(total), _STORY, ok=False))


def _story(rng: Random) -> int:
    return rng.randrange(3)


def draw_comparison(rng: Random) -> Comparison:
    """All four wordings are equally probable."""
    difference = rng.randrange(2, 20)
    return Comparison(
        story=_story(rng),
        amount=difference + rng.randrange(2, 40),
        difference=difference,
        word="more" if rng.random() < 0.5 else "fewer",
        inconsistent=rng.random() < 0.5,
    )


def draw_start(rng: Random) -> StartUnknown:
    """Both wordings are equally probable."""
    change = rng.randrange(2, 20)
    word = "left" if rng.random() < 0.5 else "more"
    return StartUnknown(story=_story(rng), change=change, now=change + rng.randrange(2, 40), word=word)


def draw_groups(rng: Random) -> EqualGroups:
    """From the multiplication table, in one of two items with the word "altogether"."""
    groups, each = rng.randrange(3, 11), rng.randrange(3, 13)
    return EqualGroups(story=_story(rng), groups=groups, each=each, altogether=rng.random() < 0.5)


def draw_two_steps(rng: Random) -> TwoSteps:
    """A purchase of a few things, and something is left."""
    bought, price = rng.randrange(2, 7), rng.randrange(2, 10)
    return TwoSteps(story=_story(rng), money=bought * price + rng.randrange(2, 40), bought=bought, price=price)


def draw_extra_number(rng: Random) -> ExtraNumber:
    """Sums and differences are equally probable."""
    b, extra = rng.randrange(2, 20), rng.randrange(5, 13)
    if rng.random() < 0.5:
        return ExtraNumber(story=_story(rng), op="+", a=rng.randrange(2, 20), b=b, extra=extra)
    return ExtraNumber(story=_story(rng), op="-", a=b + extra + rng.randrange(2, 40), b=b, extra=extra)


DOMAIN = Domain(
    id="wp",
    title="Word problems",
    kinds=(
        Kind(Comparison, solve_comparison, draw_comparison),
        Kind(StartUnknown, solve_start, draw_start),
        Kind(EqualGroups, solve_groups, draw_groups),
        Kind(TwoSteps, solve_two_steps, draw_two_steps),
        Kind(ExtraNumber, solve_extra_number, draw_extra_number),
    ),
    skills=(
        Skill(
            "operation_from_story",
            "From a story to an operation",
            "Picture what happens in the story before you calculate, and choose the operation from that picture. Do "
            "not go by a single word, and do not simply add up the numbers that you find.",
        ),
        Skill(
            "comparison_in_words",
            "Comparisons in words",
            "A sentence with more than or fewer than compares two amounts and is not an amount itself. Say first who "
            "has more, and then whether the amount that is asked for is the larger or the smaller one.",
        ),
        Skill(
            "needed_numbers",
            "Which numbers are needed",
            "Ask of every number in the story whether the question depends on it. Leave out those that it does not "
            "depend on.",
        ),
        Skill(
            "all_steps_of_story",
            "Going on to what is asked",
            "When you have a result, read the question again and see whether it is what is asked for. If it is only "
            "on the way there, go on with it.",
        ),
    ),
    rules=(
        Rule(
            name="keyword_operation",
            kind=WordProblem,
            procedure=_follows_keyword,
            skill="operation_from_story",
            title="Lets a single word decide the operation",
            impasse="a word of the story suggests an operation",
            prior=0.25,
        ),
        Rule(
            name="adds_all_numbers",
            kind=WordProblem,
            procedure=_adds_all,
            skill="operation_from_story",
            title="Adds all numbers of the story",
            impasse="a story is to be turned into a calculation",
            prior=0.15,
        ),
        Rule(
            name="reverses_comparison",
            kind=Comparison,
            procedure=_reverses,
            skill="comparison_in_words",
            title="Turns a comparison round",
            impasse="two amounts are compared in words",
            prior=0.1,
        ),
        Rule(
            name="relation_as_amount",
            kind=Comparison,
            procedure=_relation_as_amount,
            skill="comparison_in_words",
            title="Takes a comparison for an amount",
            impasse="two amounts are compared in words",
            prior=0.1,
        ),
        Rule(
            name="uses_irrelevant_number",
            kind=ExtraNumber,
            procedure=_uses_extra_number,
            skill="needed_numbers",
            title="Uses a number that is not needed",
            impasse="a story holds a number that is not needed",
            prior=0.2,
        ),
        Rule(
            name="stops_after_first_step",
            kind=TwoSteps,
            procedure=_stops,
            skill="all_steps_of_story",
            title="Stops at a result on the way",
            impasse="a story takes two steps",
            prior=0.2,
        ),
    ),
)
