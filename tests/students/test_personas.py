"""Personas: short, different, childlike, and never out of their part; what they say is what they mean."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random
from statistics import fmean

import pytest

from tutorkit.errors import UnknownName
from tutorkit.misconceptions import drawn_item_for, malrules
from tutorkit.students.learner import parse_learner
from tutorkit.students.personas import MOST_WORDS, PERSONAS, persona_named
from tutorkit.students.post_test import question_of
from tutorkit.students.voices import ASSERTING, SpeechAct, fragment, worded, wordings
from tutorkit.types import Turn, TutorAct

NUDGE = TutorAct(move="generic", rung=0)
ACTS = [
    TutorAct(move="elicit", rung=0),
    NUDGE,
    TutorAct(move="focus", rung=2, skill="nothing"),
    NUDGE,
    TutorAct(move="name_step", rung=4, skill="nothing"),
    TutorAct(move="next_step", rung=6),
    TutorAct(move="solution", rung=7),
    TutorAct(move="elicit", rung=0, verdict="right"),
    TutorAct(move="confirm", rung=0),
    TutorAct(move="close", rung=0),
]
OUT_OF_PART = re.compile(
    r"simulat|language model|\bAI\b|\bbot\b|program|persona|misconception|malrule|bug\b|strength|\btutor\b|pretend",
    re.I,
)
SPEECH = sorted(SpeechAct.__args__)


async def _conversation(name: str, seed: int):
    rng = Random(seed)
    rule = rng.choice(malrules(rng.choice(("sub", "add", "frac"))))
    student = parse_learner(f"learner/{rule.id}?persona={name}&seed={seed}&slip=0.1&lacks=bring_down")
    question = question_of(drawn_item_for(rule.id, rng))
    student, said = await student.begin(question)
    replies, turns = [said], []
    for act in ACTS:
        turns.append(Turn(index=2 * len(turns) + 1, role="tutor", text="", act=act))
        student, said = await student.hear(question, turns)
        replies.append(said)
    return replies


@pytest.fixture(scope="module")
def said():
    """Return what each persona says in 60 conversations, by persona."""

    async def all_of(name):
        return [reply for seed in range(60) for reply in await _conversation(name, seed)]

    return {name: asyncio.run(all_of(name)) for name in PERSONAS}


def test_there_are_the_personas_that_are_asked_for():
    assert {"diligent", "answer_seeker", "anxious", "over_confident", "off_task"} < set(PERSONAS) and len(PERSONAS) == 8
    assert all(name == persona.name for name, persona in PERSONAS.items())
    assert all(0.4 <= persona.compliance <= 0.9 for persona in PERSONAS.values())
    with pytest.raises(UnknownName):
        persona_named("perfect")


@pytest.mark.parametrize("name", PERSONAS)
def test_nobody_says_more_than_its_words(name, said):
    limit = persona_named(name).verbosity
    lengths = [len(reply.text.split()) for reply in said[name]]
    assert max(lengths) <= limit <= MOST_WORDS and min(lengths) >= 1


@pytest.mark.parametrize("name", PERSONAS)
def test_nobody_falls_out_of_its_part(name, said):
    listed = [text for act in SPEECH for text in wordings(name, act)]
    assert not [text for text in [*listed, *(reply.text for reply in said[name])] if OUT_OF_PART.search(text)]


@pytest.mark.parametrize("name", PERSONAS)
def test_an_answer_that_is_asserted_stands_in_the_words_and_no_other(name, said):
    for reply in said[name]:
        shown = reply.text.replace("−", "-")
        if reply.answer is not None:
            assert reply.answer in shown
            assert shown.count(reply.answer) and not re.search(r"\{", shown)
        if reply.asks_help or reply.wants_exit:
            assert reply.answer is None and not re.search(r"\d", reply.text)


def test_every_act_has_wordings_and_those_that_assert_have_the_answer_in_all():
    for name in PERSONAS:
        for act in SPEECH:
            texts = wordings(name, act)
            assert texts, (name, act)
            for text in texts:
                assert ("{answer}" in text) == (act in ASSERTING), text
                assert ("{work}" in text) == (act == "explains"), text


@pytest.mark.parametrize("name", PERSONAS)
@pytest.mark.parametrize("act", SPEECH)
def test_any_act_can_be_said_within_the_words(name, act):
    persona = persona_named(name)
    for at in (0.0, 0.3, 0.6, 0.999):
        text = worded(persona, act, answer="12345", at=at)
        assert len(text.split()) <= persona.verbosity and ("12345" in text) == (act in ASSERTING)


@pytest.mark.parametrize("name", PERSONAS)
def test_wordings_vary(name, said):
    counted = Counter(re.sub(r"[\d./−-]+", "N", reply.text) for reply in said[name])
    assert len(counted) >= 20
    assert max(counted.values()) / sum(counted.values()) < 0.2


def test_personas_differ_in_what_was_missing_in_learners_played_by_models(said):
    asked = {name: fmean(reply.asks_help for reply in replies) for name, replies in said.items()}
    left = {name: fmean(reply.wants_exit for reply in replies) for name, replies in said.items()}
    words = {name: fmean(len(reply.text.split()) for reply in replies) for name, replies in said.items()}
    silent = {name: fmean(reply.answer is None for reply in replies) for name, replies in said.items()}
    assert asked["answer_seeker"] > 2 * asked["over_confident"] and asked["curious"] > asked["diligent"] > 0
    assert left["tired"] > 2 * left["diligent"] and left["anxious"] > 0
    assert words["quiet"] < words["anxious"] < words["diligent"]
    assert silent["off_task"] > silent["diligent"] + 0.1


def test_affect_is_heard(said):
    sorry = {name: sum("sorry" in reply.text.lower() for reply in replies) for name, replies in said.items()}
    assert sorry["anxious"] > 5 * max(sorry["over_confident"], 1)
    assert sum(re.search(r"easy|sure|of course|knew", r.text, re.I) is not None for r in said["over_confident"]) > 30


def test_of_a_working_the_wrong_line_is_told_first_and_no_line_is_cut():
    student = parse_learner("learner/sub.smaller_from_larger:1?slip=0")
    steps = student.answer({"domain": "sub", "a": 9752, "b": 1318}).steps
    wrong = next(step.text for step in steps if not step.ok)
    assert fragment(steps, room=len(wrong.split())) == wrong
    assert fragment(steps, room=2) == ""
    whole = fragment(steps, room=99)
    assert whole == " ".join(step.text for step in steps[:-1])
    assert fragment(steps[1:], room=99).startswith("Tens")


def test_a_persona_changes_the_words_and_not_the_answers():
    for seed in range(10):
        item = drawn_item_for("frac.adds_num_and_den", Random(seed))
        base = parse_learner(f"learner/frac.adds_num_and_den:0.5?seed={seed}")
        assert len({replace(base, persona=each).answer(item).answer for each in PERSONAS.values()}) == 1


def test_who_says_the_same_again_says_it_in_other_words():
    for name in PERSONAS:
        student = replace(parse_learner(f"learner/sub.smaller_from_larger:1?slip=0&persona={name}"), compliance=0.0)
        question = question_of({"domain": "sub", "a": 52, "b": 18})
        texts = []
        for index in range(8):
            turn = Turn(index=index, role="tutor", text="Are you sure?", act=NUDGE)
            student, said = asyncio.run(student.hear(question, [turn]))
            texts.append(said.text)
        assert sum(a == b for a, b in pairwise(texts)) <= 1, texts


@pytest.mark.parametrize("at", [0.0, 0.25, 0.5, 0.75, 0.99])
def test_who_has_few_words_takes_the_wordings_that_are_short_enough(at):
    terse = replace(persona_named("diligent"), verbosity=4)
    assert max(len(text.split()) for text in wordings("diligent", "told")) > 4
    assert len(worded(terse, "told", answer="7", at=at).split()) <= 4
