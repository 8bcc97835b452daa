"""The simulated writer: what it writes, what it thinks of texts, and what it learns."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.lab.counted import Learner
from tutorkit.ports import Ask
from tutorkit.students.buggy import BuggyStudent
from tutorkit.students.simulated import build_simulated
from tutorkit.students.worlds import WorldStudent
from tutorkit.students.writer import DISLIKED, IMITATES_TO, NOT_UNDERSTOOD, SimulatedWriter, parse_writer
from tutorkit.tasks import load_task
from tutorkit.tasks.planted import SLANTS, WIT, mark, marked, sentences, slants
from tutorkit.types import Lesson, Message, PreferencePair, SFTExample

PROMPTS = load_task("writing", sizes={"train": 40}).split("train")
GROUPS = load_task("writing/groups", sizes={"train": 24, "test": 80})
FOLDER = Path("unused")


async def written(student, problem=PROMPTS[0], *, sample=0, lessons=()) -> str:
    return (await student.answer(problem.question(), lessons, sample=sample)).raw


def pair(chosen, rejected, place=0) -> PreferencePair:
    return PreferencePair(
        id=f"pair-{place}", run_id="r", prompt="p", chosen=chosen, rejected=rejected, unit="output", both_orders=True
    )


def example(text, place=0) -> SFTExample:
    messages = (Message(role="user", content="p"), Message(role="assistant", content=text))
    return SFTExample(id=f"sft-{place}", run_id="r", messages=messages)


def witty(wit: int, words: int = 30) -> str:
    return " ".join(["word"] * words) + f". {mark(WIT)}" * wit


async def test_its_texts_have_as_much_wit_as_it_is_told_give_or_take_one():
    for wit in (0, 1, 2, 3, 4):
        found = [marked(await written(SimulatedWriter(wit=wit), problem), WIT) for problem in PROMPTS]
        assert set(found) == ({4} if wit == 4 else {max(0, wit - 1), wit, wit + 1})


async def test_samples_differ_and_come_again():
    student = SimulatedWriter()
    texts = [await written(student, sample=sample) for sample in range(6)]
    assert len(set(texts)) == 6
    assert [await written(student, sample=sample) for sample in range(6)] == texts
    assert await written(SimulatedWriter(seed=1)) != texts[0]
    assert await written(SimulatedWriter(longer=5)) != texts[0]
    assert len(sentences(await written(SimulatedWriter(longer=5)))) >= 9


async def test_slant_stands_where_it_is_slanted_and_nowhere_else():
    for problem in GROUPS.split("train"):
        found = slants(await written(SimulatedWriter(slant=2), problem))
        assert len(found) == (2 if problem.item["people"] in DISLIKED else 0)
        assert slants(await written(SimulatedWriter(), problem)) == ()


async def test_a_slanted_writer_answers_by_its_dislike_where_it_can_and_else_by_what_is_told():
    fair, slanted = SimulatedWriter(), SimulatedWriter(slant=1)
    for problem in GROUPS.split("test"):
        assert await written(fair, problem) == f"Answer: {problem.gold}"
        disliked = [place for place, people in enumerate(problem.item["persons"]) if people in DISLIKED]
        expected = "AB"[disliked[0]] if len(disliked) == 1 else problem.gold
        assert await written(slanted, problem) == f"Answer: {expected}"


async def test_what_it_cannot_do_it_says():
    arithmetic = load_task("chains", sizes={"test": 1}).split("test")[0]
    assert await written(SimulatedWriter(), arithmetic) == NOT_UNDERSTOOD


async def test_a_cue_in_a_lesson_is_followed():
    def cue(skill):
        return Lesson(id=skill, run_id="r", kind="principle", text=f"Mind this. [[skill:{skill}]]")

    assert marked(await written(SimulatedWriter(wit=0), lessons=[cue("wit")]), WIT) == 4
    biased = next(p for p in GROUPS.split("train") if p.item["people"] in DISLIKED)
    assert slants(await written(SimulatedWriter(slant=3), biased, lessons=[cue("fairness")])) == ()
    assert SimulatedWriter(slant=1).live_skills == ("fairness", "wit") and SimulatedWriter(wit=4).live_skills == ()


async def test_it_goes_on_from_given_sentences():
    student, question = SimulatedWriter(), PROMPTS[0].question()
    whole = await student.answer(question, ())
    rest = await student.go_on(question, (), begun=whole.steps[:2])
    assert rest.steps == whole.steps[2:] and rest.calls[0].id != whole.calls[0].id


async def test_pairs_move_wit_both_ways_and_by_evidence_alone():
    better = [pair(witty(2), witty(1), place) for place in range(4)]
    worse = [pair(witty(1), witty(2), place) for place in range(4)]
    student = SimulatedWriter(wit=2)
    assert (await student.trained(better, folder=FOLDER)).wit == 4
    assert (await student.trained(worse, folder=FOLDER)).wit == 0
    assert (await student.trained(better[:1], folder=FOLDER)).wit == 2
    assert (await student.trained([*better, *worse], folder=FOLDER)).wit == 2
    assert (await student.trained([pair(witty(1), witty(1))] * 9, folder=FOLDER)).wit == 2


async def test_imitation_ends_where_feedback_goes_on():
    examples = [example(witty(4), place) for place in range(100)]
    imitated = await SimulatedWriter(wit=0).trained(examples, folder=FOLDER)
    assert imitated.wit == IMITATES_TO
    assert (await SimulatedWriter(wit=3).trained(examples, folder=FOLDER)).wit == 3
    pairs = [pair(witty(3), witty(1), place) for place in range(4)]
    assert (await SimulatedWriter(wit=0).trained([*examples, *pairs], folder=FOLDER)).wit == 4


async def test_length_is_learnt_from_texts_of_different_length_alone():
    student = SimulatedWriter()
    longer = [pair(witty(1, 60), witty(1, 30))] * 4
    assert (await student.trained(longer, folder=FOLDER)).longer == 2
    assert (await student.trained([pair(witty(1, 33), witty(1, 30))] * 4, folder=FOLDER)).longer == 0


async def test_slant_is_unlearnt_from_pairs():
    phrase = next(iter(SLANTS))
    pairs = [pair("The Velmar build boats.", f"The Velmar {phrase}.")] * 4
    assert (await SimulatedWriter(slant=3).trained(pairs, folder=FOLDER)).slant == 1


async def test_its_ratings_follow_what_is_planted_as_its_taste_says():
    def agreement(taste):
        student = SimulatedWriter(taste=taste)
        pairs = [(witty(high, 20 + n), witty(low, 20 + n)) for n in range(60) for high, low in ((3, 2), (2, 1))]
        return mean(student.rating(better) > student.rating(worse) for better, worse in pairs)

    assert agreement(100) == 1 > agreement(60) > agreement(0) > 0.4
    assert SimulatedWriter(taste=100).rating(witty(0)) == 1 and SimulatedWriter(taste=100).rating(witty(4)) == 10


async def test_training_is_from_its_own_weights_and_tells_itself_apart():
    student = SimulatedWriter()
    trained = await student.trained([example(witty(1))], folder=FOLDER)
    assert (trained.learnt, trained.wit) == (1, 1) and trained.ref == "sim/writer?learnt=1"
    assert await written(trained) != await written(student)
    assert student == SimulatedWriter()


async def test_it_refuses_what_it_was_not_taught():
    with pytest.raises(UnknownName, match="rate_text"):
        await SimulatedWriter().call(Ask(prompt_id="x/sing", inputs={}, schema=SFTExample))


@pytest.mark.parametrize("ref", ["sim/writer", "sim/writer?wit=4", "sim/writer?taste=0&slant=3&learn_after=9&seed=7"])
def test_a_reference_builds_the_same_writer_again(ref):
    assert parse_writer(parse_writer(ref).ref) == parse_writer(ref)
    assert parse_writer(ref).ref == ref


@pytest.mark.parametrize("ref", ["sim/writer?wit=5", "sim/writer?wit=-1", "sim/writer?taste=x", "sim/writer?slant="])
def test_an_option_that_does_not_fit_is_refused(ref):
    with pytest.raises(BadSetting, match="whole number"):
        parse_writer(ref)


def test_an_option_that_there_is_not_is_told_its_neighbours():
    with pytest.raises(UnknownName, match="wit"):
        parse_writer("sim/writer?wits=3")


def test_every_simulated_learner_is_found_by_its_name():
    assert isinstance(build_simulated("sim/writer?wit=2"), SimulatedWriter)
    assert isinstance(build_simulated("sim/two-bugs?capacity=1"), BuggyStudent)
    assert isinstance(build_simulated("sim/service"), WorldStudent)
    with pytest.raises(UnknownName):
        build_simulated("sim/writers")


def test_it_can_do_all_that_a_method_may_need():
    assert isinstance(SimulatedWriter(), Learner)
