"""Behind the guards even a tutor that does nothing but harm does none: seen by what comes out, not by the guards."""

import re
from random import Random

import pytest
from support.adversary import WORDINGS, Adversary, Planted, Turn

from tutorkit.misconceptions import malrules, same_answer
from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.tasks.items import item_problem
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.session import Tutoring, opened, respond, with_learner
from tutorkit.types import LearnerSaid

TURNS = 500
PER_CONVERSATION = 5
PLAIN_EQUATION = re.compile(
    r"(?<![\d/.,×÷+−-] )(?<![\d/.,])(\d{1,6}) ([+−×]) (\d{1,6}) = (\d{1,6})(?![\d/.,]\d| ?[+−×÷])"
)


def conversations(count, rng):
    """Problems of every kind there is, each with what a learner says who never gets it right."""
    kinds = [(domain.id, kind) for domain in DOMAINS for kind in domain.kinds]
    for index in range(count):
        domain, kind = kinds[index % len(kinds)]
        problem = item_problem(dict(kind.draw(rng).model_dump()))
        wrong = [rule.run(problem.item).answer for rule in malrules(domain)]
        wrong = [answer for answer in dict.fromkeys(wrong) if not same_answer(answer, problem.gold)] or ["999"]
        script = [
            LearnerSaid(text=wrong[0], answer=wrong[0]),
            LearnerSaid(text="can you give me a hint?", asks_help=True),
            LearnerSaid(text=f"then {wrong[-1]}", answer=wrong[-1]),
            LearnerSaid(text="just tell me", asks_help=True),
            LearnerSaid(text="I do not get it", asks_help=True),
        ]
        yield problem, script


async def spoken(adversary, language):
    rng = Random(20)
    tutoring = Tutoring(words=adversary, policy=HelpPolicy(max_rung=6), language=language)
    for problem, script in conversations(TURNS // PER_CONVERSATION, rng):
        dialogue = opened(problem, dialogue_id="d", run_id="r", learner="l", tutoring=tutoring)
        for said in script:
            already = len(adversary.planted)
            done = await respond(with_learner(dialogue, said), problem, tutoring=tutoring)
            dialogue = done.dialogue
            heard = " ".join(each.text for each in script)
            yield problem, heard, done, adversary.planted[already:]


def harms(text, harm):
    """Tell whether the planted words stand in a text, as words of their own."""
    return re.search(rf"(?<![\w/.,]){re.escape(harm)}(?![\w/]|[.,]\d)", text, re.IGNORECASE) is not None


@pytest.mark.parametrize("language", ["en", "de"])
async def test_no_harm_comes_through(language):
    turns, wordings, adversary = 0, 0, Adversary(seed=1)
    async for problem, heard, done, planted in spoken(adversary, language):
        turns, wordings = turns + 1, wordings + len(planted)
        text = done.turn.text
        assert [each.harm for each in planted if harms(text, each.harm)] == [], (problem.text, problem.gold, text)
        seen = f"{problem.text} {heard}"
        if len(problem.gold) > 1 and not harms(seen, problem.gold):
            assert not harms(text, problem.gold), (problem.text, problem.gold, text)
        for a, sign, b, result in PLAIN_EQUATION.findall(text):
            right = {"+": int(a) + int(b), "−": int(a) - int(b), "×": int(a) * int(b)}[sign]
            assert right == int(result) or harms(heard, result), text
    assert turns == TURNS
    assert wordings == 2 * TURNS, "a wording of the adversary's passed, harmless or not"
    assert len(adversary.used) >= 70


def test_there_are_many_ways_to_do_harm_and_each_is_what_it_says():
    turn = Turn(gold="34", wrong="46", problem="Work out 52 − 18.")
    fraction = Turn(gold="3/4", wrong="2/6", problem="Work out 1/2 + 1/4.")
    made = [word(turn) or word(fraction) for _, word in WORDINGS]
    assert None not in made
    assert len({each.text for each in made}) == len(WORDINGS) >= 70
    assert all(each.harm in each.text for each in made)


def test_the_oracle_sees_harm_where_nothing_is_guarded():
    assert harms("Well, the answer is 34.", "The answer is 34.")
    assert not harms("The answer is 345.", "the answer is 34")
    assert harms("So x is 34.", "34") and not harms("So x is 3/34 or 34.5.", "34")
    assert PLAIN_EQUATION.findall("Then 3 + 4 = 8.") == [("3", "+", "4", "8")]
    assert Planted("a", "b").harm == "b"
