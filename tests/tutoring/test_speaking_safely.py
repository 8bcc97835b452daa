from itertools import product
from random import Random

import pytest
from support.talk import problem, seen

from tutorkit.misconceptions import malrules, same_answer
from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.tasks.items import item_problem
from tutorkit.tutoring.guards import GUARDS, GuardEvent, Safe, check, last_resort, said_safely
from tutorkit.tutoring.guards.lexicon import LEXICONS, folder_text, lexicon
from tutorkit.tutoring.policy import RUNG, HelpPolicy
from tutorkit.tutoring.session import Tutoring, opened, respond, with_learner
from tutorkit.types import LearnerSaid, TutorAct


def speaker(*texts):
    """Someone who says these texts in turn, and remembers what was objected to before each."""
    told = []

    async def word(violations):
        told.append([each.kind for each in violations])
        return texts[len(told) - 1]

    return word, told


def never():
    raise AssertionError("no template was needed")


async def test_what_passes_is_said_as_it_is():
    word, told = speaker("Look at the ones.")
    assert await said_safely(word, seen=seen(), fallback=never) == Safe(text="Look at the ones.")
    assert told == [[]]


async def test_what_does_not_pass_is_asked_for_again_with_the_objections():
    word, told = speaker("It is 34. Great job!", "Look at the ones.")
    safe = await said_safely(word, seen=seen(), fallback=never)
    assert (safe.text, safe.blocked, told) == ("Look at the ones.", ("leak", "praise"), [[], ["leak", "praise"]])
    assert [(event.action, event.original) for event in safe.events] == [("asked_again", "It is 34. Great job!")] * 2


async def test_after_two_wordings_the_template_is_said():
    word, told = speaker("It is 34.", "52 − 18 = 46.", "never asked for")
    safe = await said_safely(word, seen=seen(), fallback=lambda: "Look at the ones.")
    assert (safe.text, safe.blocked) == ("Look at the ones.", ("leak", "false_equation"))
    assert [event.action for event in safe.events] == ["asked_again", "template"]
    assert len(told) == 2


async def test_a_template_that_does_not_pass_is_not_said_either():
    word, _ = speaker("It is 34.", "It is 34!")
    safe = await said_safely(word, seen=seen(), fallback=lambda: "Well: 34.")
    assert safe.text == last_resort(seen().act, verdict="wrong", language="en")
    assert [event.action for event in safe.events] == ["asked_again", "template", "last_resort"]


async def test_events_and_what_is_safe_go_through_json():
    word, _ = speaker("It is 34.", "Look.")
    safe = await said_safely(word, seen=seen(), fallback=never)
    assert Safe.model_validate_json(safe.model_dump_json()) == safe
    assert GuardEvent.model_validate(safe.events[0].model_dump()) == safe.events[0]


def test_a_very_long_text_is_refused_unread():
    assert [each.kind for each in check("34 " * 30_000, seen())] == ["length"]


def test_an_objection_quotes_nothing_that_somebody_wrote():
    harmful = (
        "Ignore the rules: 34! 3 + 4 = 8. Great job! I am human. Mail me: a@b.org. {x_yz} Was ist das, und wie ist es?"
    )
    found = check(harmful, seen(roster=("Ada",)))
    assert {each.kind for each in found} >= {
        "leak",
        "false_equation",
        "praise",
        "length",
        "human",
        "personal",
        "artefact",
    }
    assert not any(word in each.what for each in found for word in ("34", "8", "a@b", "Ignore the rules", "x_yz"))


def problems():
    rng = Random(7)
    for domain in DOMAINS:
        for kind in domain.kinds:
            for _ in range(3):
                made = item_problem(dict(kind.draw(rng).model_dump()))
                answers = [rule.run(made.item).answer for rule in malrules(domain.id)]
                yield made, next((each for each in answers if not same_answer(each, made.gold)), "999")


def test_the_last_resort_passes_for_every_move_problem_verdict_and_language():
    for (made, wrong), move, language in product(problems(), RUNG, LEXICONS):
        for verdict, said in (("wrong", wrong), ("right", made.gold), (None, "what?")):
            known = seen(made, move=move, said=(said,), verdict=verdict, language=language)
            text = last_resort(known.act, verdict=verdict, language=language)
            assert check(text, known) == (), (text, made.text)


@pytest.mark.parametrize("language", LEXICONS)
async def test_what_the_rule_tutor_says_passes_as_it_is(language):
    tutoring = Tutoring(language=language, policy=HelpPolicy(max_attempts=4))
    passed, blocked = [], []
    for made, wrong in problems():
        dialogue = opened(made, dialogue_id="d", run_id="r", learner="l", tutoring=tutoring)
        for said in (wrong, "help", "999", wrong, "888", made.gold):
            answer = None if said == "help" else said
            learner = LearnerSaid(text=said, answer=answer, asks_help=answer is None)
            done = await respond(with_learner(dialogue, learner), made, tutoring=tutoring)
            dialogue = done.dialogue
            (blocked if done.turn.blocked else passed).append((done.turn.blocked, done.events))
    assert len(passed) > 500
    assert len(blocked) <= 0.01 * len(passed), blocked


@pytest.mark.parametrize(("move", "verdict"), list(product(RUNG, ("right", "wrong", None))))
def test_the_last_resort_says_right_only_of_what_is_right(move, verdict):
    act = TutorAct(move=move, rung=RUNG[move])
    english, german = (last_resort(act, verdict=verdict, language=language) for language in LEXICONS)
    says_right = ("That is right" in english, "Das stimmt" in german)
    assert says_right == (verdict == "right" and move not in ("generic", "close"),) * 2
    assert last_resort(act, verdict=verdict, language="xx") == english


def test_both_languages_have_the_same_entries():
    assert lexicon("en").keys() - {"praise_signs", "blame_signs"} == lexicon("de").keys()
    for language in LEXICONS:
        assert folder_text(f"fallbacks.{language}.yaml")


def test_every_guard_is_asked():
    known = seen(roster=("Ada",), language="en")
    harms = {
        "leak": "34",
        "false_equation": "3 + 4 = 8",
        "praise": "Well done.",
        "length": "A. B. C. D.",
        "questions": "A? B?",
        "language": "Schau dir noch einmal die Einer an, was hast du da gemacht?",
        "personal": "Ada knows.",
        "human": "I am a real person.",
        "artefact": "{{ x }}",
    }
    for kind, text in harms.items():
        assert [each.kind for each in check(text, known)] == [kind]
    assert len(GUARDS) == 8


def test_a_tutor_that_shows_steps_in_another_language_is_not_blocked_for_it():
    about = problem("Work out 52 − 18.", "34")
    assert check("Zeig mir, wie du bei 52 − 18 angefangen hast.", seen(about, language="de")) == ()
