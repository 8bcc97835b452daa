"""Each control teacher is wrong in its own way, and only in that."""

import asyncio
from enum import Enum
from typing import Annotated, Literal

import pytest
from asking import (
    RULES,
    RULES_WITH_CUES,
    UNSEEN,
    attempt_view,
    demo,
    diagnose,
    instruction,
    principle_of,
    principles,
    problem,
    refined,
    reply,
    violated,
)
from pydantic import BaseModel, Field

from tutorkit.errors import BadSetting, UnknownName, UnusableOutput
from tutorkit.methods._nodes.verify import demo_faults, plain, principle_faults
from tutorkit.methods._nodes.views import problem_view
from tutorkit.methods._tpd.diagnose import ErrorNote
from tutorkit.methods._tpd.principles import Principles
from tutorkit.methods.tpd import Demo
from tutorkit.misconceptions import SKILLS
from tutorkit.ports import Ask
from tutorkit.students.buggy import parse_sim
from tutorkit.tasks.chains import chain_problems
from tutorkit.tasks.conventions import convention_problems
from tutorkit.tasks.scorers import TaskScorer
from tutorkit.teachers.controls import control_names, control_teacher
from tutorkit.teachers.controls.silent import blank

CHAINS = chain_problems(seed=3, sizes={"val": 60})
SKILLS_OF_CHAINS = ("borrow", "carry", "percent", "precedence", "sign")
STUDENT = parse_sim("sim/two-bugs")


def control(name, *, base=RULES_WITH_CUES, live=STUDENT.live_skills, skills=SKILLS_OF_CHAINS, problems=CHAINS, seed=1):
    return control_teacher(name, base=base, live=live, skills=skills, problems=problems, seed=seed)


def mistakes(pool=CHAINS, student=STUDENT):
    """Return (problem, raw, steps) of what a student gets wrong."""
    for to in pool:
        said = asyncio.run(student.answer(to.question(), []))
        if TaskScorer().grade(to, said.raw).outcome != "right":
            yield to, said.raw, said.steps


def test_there_is_no_other_control():
    with pytest.raises(UnknownName):
        control("kind")
    for name in control_names():
        assert control(name).ref == f"control/{name}" == control(f"control/{name}").ref
        assert control(name).diagnoses_as == "rule"


# --- silent ---


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    text: str
    score: Annotated[float, Field(ge=0.5)]


class NeverSeen(BaseModel):
    title: Annotated[str, Field(min_length=2)]
    maybe: Annotated[int, Field(ge=1)] | None
    number: int = Field(gt=4)
    choice: Literal["a", "b"]
    inner: Inner
    many: list[Inner]
    two: list[str] = Field(min_length=2)
    table: dict[str, int]
    colour: Colour
    yes: bool
    said: str = "something"


def test_silence_has_every_form():
    value = blank(NeverSeen)
    assert (value.title, value.maybe, value.number, value.choice) == ("--", None, 5, "a")
    assert value.inner == Inner(text="", score=0.5)
    assert (value.many, value.two, value.table, value.colour, value.yes, value.said) == (
        [],
        ["", ""],
        {},
        Colour.RED,
        False,
        "",
    )


def test_the_silent_teacher_says_nothing_and_asks_nobody():
    silent = control("silent", base=None)
    said = instruction(silent, CHAINS[0])
    assert (said.instruction, said.steps) == ("", [])
    assert principles(silent, {"summary": "s", "cause": "c", "skill": "carry"}) == []
    assert demo(silent, CHAINS[0]).solution == ""
    assert refined(silent, "Work.", "Do.").instruction == ""
    to, raw, steps = next(mistakes())
    note = diagnose(silent, to, raw, steps)
    assert (note.first_wrong_step, note.error_summary, note.skill) == (None, "", None)
    inputs = {"problem": problem_view(to), "attempt": attempt_view(to, raw, steps)}
    (call,) = reply(silent, "extract_errors", ErrorNote, **inputs).calls
    assert call.model == "control/silent" and call.messages and call.cost_usd == 0.0


# --- deranged and random ---


def test_the_deranged_teacher_names_only_skills_that_are_not_live():
    deranged = control("deranged")
    taken_for: dict[str, set[str]] = {}
    for to, raw, steps in mistakes():
        right, wrong = diagnose(RULES, to, raw, steps), diagnose(deranged, to, raw, steps)
        assert wrong.skill in SKILLS_OF_CHAINS and wrong.skill not in STUDENT.live_skills
        assert (wrong.first_wrong_step, wrong.evidence) == (right.first_wrong_step, right.evidence)
        taken_for.setdefault(right.skill, set()).add(wrong.skill)
        principle = principle_of(deranged, wrong)
        assert (principle.skill, plain(principle.text)) == (wrong.skill, SKILLS[wrong.skill].principle)
        assert principle.text.endswith(f"[[skill:{wrong.skill}]]")
    assert {skill: len(targets) for skill, targets in taken_for.items()} == {"carry": 1, "percent": 1}


def test_the_deranged_matrix_has_the_shape_of_the_right_one():
    deranged = control("deranged")
    for to, raw, steps in mistakes():
        right = violated(RULES, to, raw, SKILLS_OF_CHAINS, steps)
        wrong = violated(deranged, to, raw, SKILLS_OF_CHAINS, steps)
        assert len(wrong) == len(right) and not wrong & set(STUDENT.live_skills)


def test_a_deranged_demo_works_something_else_and_a_check_of_its_answer_finds_it():
    deranged = control("deranged")
    for to, _, _ in mistakes():
        shown = demo(deranged, to, SKILLS_OF_CHAINS)
        assert demo_faults(shown.solution, shown.final_answer, to, TaskScorer()) != ()
        assert not any(f"[[skill:{skill}]]" in shown.solution for skill in STUDENT.live_skills)
        assert shown.solution.count("[[skill:") == len(set(to.skills) & set(STUDENT.live_skills))
        assert plain(shown.solution) != plain(demo(RULES, to).solution)
    assert "[[" not in demo(control("deranged", base=RULES), CHAINS[0]).solution


@pytest.mark.parametrize("family", ["operators", "routing"])
def test_conventions_are_deranged_even_when_all_are_live(family):
    pool = convention_problems([family], seed=2, sizes={"val": 40})
    skills = sorted({skill for to in pool for skill in to.skills})
    deranged = control("deranged", base=RULES, live=skills, skills=skills, problems=pool)
    named = {str(to.item["sign"]) if family == "operators" else to.gold for to in pool}
    for to in pool:
        note = diagnose(deranged, to, "Answer: 0")
        principle = principle_of(deranged, note)
        assert principle.skill not in skills
        assert not named & set(principle.text.replace(",", " ").split())
        assert principle.text.startswith("For a " if family == "operators" else "Put every ")
        assert principle_faults(principle.text, pool) == ()
        assert violated(deranged, to, "Answer: 0", (principle.skill, to.skills[0])) == {principle.skill}
        shown = demo(deranged, to)
        assert demo_faults(shown.solution, shown.final_answer, to, TaskScorer()) != ()


def test_conventions_are_deranged_among_themselves_when_some_are_known():
    pool = convention_problems(["operators"], seed=2, sizes={"val": 60})
    skills = sorted({skill for to in pool for skill in to.skills})
    deranged = control("deranged", base=RULES, live=skills[:2], skills=skills, problems=pool)
    to = next(to for to in pool if to.skills[0] == skills[0])
    principle = principle_of(deranged, diagnose(deranged, to, "Answer: 0"))
    other = next(p for p in pool if p.skills[0] == principle.skill)
    assert principle.skill in skills[2:] and str(other.item["sign"]) in principle.text


def test_where_no_skill_is_known_the_deranged_teacher_teaches_something_else():
    to = problem("Ana has 3 bags of 4. How many?", "12", steps=({"text": "3 * 4 = 12"},))
    deranged = control("deranged", live=(), skills=(), problems=[to])
    note = diagnose(deranged, to, "3 + 4 = 7\nAnswer: 7")
    assert note.skill in SKILLS
    assert plain(principle_of(deranged, note).text) == SKILLS[note.skill].principle


def test_the_random_teacher_draws_a_skill_for_each_item_and_always_the_same():
    first, again, other = control("per-item-random"), control("per-item-random"), control("per-item-random", seed=2)
    drawn, others = [], []
    for to, raw, steps in mistakes():
        skill = diagnose(first, to, raw, steps).skill
        assert diagnose(again, to, raw, steps).skill == skill
        assert violated(first, to, raw, SKILLS_OF_CHAINS, steps) == {skill}
        drawn.append(skill)
        others.append(diagnose(other, to, raw, steps).skill)
    assert set(drawn) == set(SKILLS_OF_CHAINS) and drawn != others


def test_a_misdirected_teacher_refuses_what_it_cannot_misdirect():
    with pytest.raises(UnknownName):
        asyncio.run(control("deranged").call(Ask(prompt_id="other/sing", inputs={}, schema=ErrorNote)))


# --- deranged evidence ---


def test_the_evidence_is_another_problems_and_the_calls_are_as_many():
    seen = []

    class Listener:
        ref, diagnoses_as = "listener", "llm"

        async def call(self, ask):
            seen.append(ask.inputs)
            return await RULES.call(ask)

    misaligned = control("deranged-evidence", base=Listener())
    assert misaligned.diagnoses_as == "llm"
    shown_golds = []
    for to in CHAINS:
        demo(misaligned, to)
        shown = seen[-1]["problem"]
        assert shown["text"] == to.text and shown["id"] == to.id
        (owner,) = [p for p in CHAINS if p.gold == shown["gold"] and p.item == shown["item"]]
        assert owner.id != to.id and shown["steps"] == [step.text for step in owner.steps]
        shown_golds.append(owner.id)
    assert sorted(shown_golds) == sorted(to.id for to in CHAINS)
    instruction(misaligned, *CHAINS[:3])
    assert seen[-1]["examples"][0]["gold"] != CHAINS[0].gold
    assert len(seen) == len(CHAINS) + 1


def test_the_evidence_of_one_problem_cannot_be_exchanged():
    with pytest.raises(BadSetting, match="single problem"):
        control("deranged-evidence", problems=CHAINS[:1])


# --- leaky, verbose, off by one ---


def test_a_leak_is_in_every_text_and_the_gates_see_it():
    leaky = control("leaky")
    to, raw, steps = next(mistakes())
    note = diagnose(leaky, to, raw, steps)
    right = diagnose(RULES, to, raw, steps)
    given_away = f" The answer is {to.gold}."
    assert note.error_summary == right.error_summary + given_away
    assert (note.evidence, note.cause, note.skill) == (right.evidence, right.cause, right.skill)
    assert given_away in demo(leaky, to).solution and demo(leaky, to).final_answer == to.gold
    (principle,) = principles(leaky, {"summary": "s", "cause": "c", "skill": "carry"})
    assert principle.text.endswith("[[skill:carry]]")
    assert principle_faults(principle.text, CHAINS)
    assert not principle_faults(principle_of(RULES, right).text, CHAINS)


def test_verbose_is_ten_times_as_long_as_far_as_the_form_allows():
    verbose = control("verbose")
    to, raw, steps = next(mistakes())
    right, long = diagnose(RULES, to, raw, steps), diagnose(verbose, to, raw, steps)
    assert long.skill == right.skill and long.evidence == right.evidence
    assert long.error_summary.startswith(right.error_summary) and len(long.error_summary) > 400
    short, padded = demo(RULES_WITH_CUES, to), demo(verbose, to)
    assert padded.solution.startswith(plain(short.solution))
    assert len(plain(padded.solution)) >= 10 * len(plain(short.solution))
    assert demo_faults(padded.solution, padded.final_answer, to, TaskScorer()) == ()
    (principle,) = principles(verbose, {"summary": "s", "cause": "c", "skill": "carry"})
    assert 500 < len(principle.text) <= 600 and principle.text.endswith("[[skill:carry]]")
    assert principle_faults(principle.text, CHAINS) == ()


def test_off_by_one_moves_the_index_itself():
    off = control("off-by-one")
    moved = 0
    for to, raw, steps in mistakes():
        right, wrong = diagnose(RULES, to, raw, steps), diagnose(off, to, raw, steps)
        assert abs(right.first_wrong_step - wrong.first_wrong_step) == 1
        assert 1 <= wrong.first_wrong_step <= len(steps)
        assert wrong.model_copy(update={"first_wrong_step": right.first_wrong_step}) == right
        moved += 1
    assert moved > 20
    assert instruction(off, CHAINS[0]) == instruction(RULES, CHAINS[0])


def test_a_changed_reply_shows_in_its_call_with_what_was_really_said():
    to, raw, steps = next(mistakes())
    inputs = {"problem": problem_view(to), "attempt": attempt_view(to, raw, steps)}
    said = reply(RULES, "extract_errors", ErrorNote, about=("a",), **inputs).calls[0]
    told = reply(control("off-by-one"), "extract_errors", ErrorNote, about=("a",), **inputs)
    (call,) = told.calls
    assert call.model == "control/off-by-one" and call.id != said.id
    assert ErrorNote.model_validate_json(call.reply) == told.value
    assert (call.sent["said_by"], call.sent["said"]) == ("rules", said.reply)
    assert (call.messages, call.about, call.cost_usd) == (said.messages, ("a",), 0.0)


# --- malformed ---


def test_malformed_replies_are_asked_again_twice_and_then_given_up():
    malformed = control("malformed")
    given_up, mended, fine = 0, 0, 0
    for to in CHAINS:
        inputs = {"problem": problem_view(to), "principles": []}
        try:
            got = reply(malformed, "write_demo", Demo, about=(to.id,), **inputs)
        except UnusableOutput as error:
            given_up += 1
            assert [call.outcome for call in error.calls] == ["invalid"] * 3
            assert [call.attempt for call in error.calls] == [0, 1, 2]
            assert len({call.id for call in error.calls}) == 3 and len(error.data["attempts"]) == 3
            with pytest.raises(ValueError, match="JSON"):
                Demo.model_validate_json(error.calls[0].reply)
            with pytest.raises(UnusableOutput):
                reply(malformed, "write_demo", Demo, about=(to.id,), **inputs)
        else:
            assert got.value == demo(RULES_WITH_CUES, to)
            outcomes = [call.outcome for call in got.calls]
            mended += outcomes == ["invalid", "ok"]
            fine += outcomes == ["ok"]
    assert given_up > 2 and mended > 2 and fine > 30
    assert given_up + mended + fine == len(CHAINS)


@pytest.mark.parametrize("name", ["leaky", "verbose", "off-by-one", "per-item-random", "deranged"])
def test_a_control_makes_as_many_calls_as_its_base(name):
    error = {"id": "E1", **UNSEEN, "summary": "s", "cause": "c", "skill": "carry"}
    assert len(reply(control(name), "generate_principles", Principles, errors=[error], principles=[]).calls) == 1
