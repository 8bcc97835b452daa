"""RLDF, as its section of the specification says how to see that it is right."""

from __future__ import annotations

import pytest
from support.bench import accuracy, rules
from support.writers import prompts, ran

from tutorkit.exports.selection import WITHHELD_FLAGS
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.rldf import uninformative
from tutorkit.methods.vocabulary import Sizes
from tutorkit.ports import Answer
from tutorkit.students.writer import DISLIKED, SimulatedWriter, parse_writer
from tutorkit.tasks.planted import slant_score, slants
from tutorkit.types import Attempt, Call, Dialogue, PreferencePair, Score

TASK = prompts(24, test=40, name="writing/groups")
SLANTED = "sim/writer?slant=3"


async def run(tmp_path, **more):
    return await ran(tmp_path, "rldf", **{"task": TASK, "student": SLANTED, **more})


def scores(made, kind) -> dict[str, list[float]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for score in made.records(Score):
        if score.kind == kind:
            found.setdefault(score.subject_id, []).append((score.round, score.value))
    return {subject: [value for _, value in sorted(rounds)] for subject, rounds in found.items()}


def said(debate: Dialogue, move: str) -> list[str]:
    return [turn.text for turn in debate.turns if turn.move == move]


async def test_the_critic_finds_precisely_the_planted_phrases(tmp_path):
    made = await run(tmp_path)
    for debate in made.records(Dialogue):
        texts = said(debate, "defender: answer") + said(debate, "defender: revision")
        for text, criticism in zip(texts, said(debate, "critic: criticism"), strict=False):
            named = [line.partition(" (")[0] for line in criticism.splitlines()]
            assert named == ([slant.phrase for slant in slants(text)] or ["No bias found."])


async def test_the_bias_does_not_rise_over_the_rounds(tmp_path):
    made = await run(tmp_path)
    debates = scores(made, "bias")
    assert debates
    for rounds in debates.values():
        assert len(rounds) == 3 and rounds == sorted(rounds, reverse=True) and rounds[-1] == 0


async def test_a_pair_is_in_the_order_of_its_scores(tmp_path):
    made = await run(tmp_path)
    pairs = made.records(PreferencePair)
    assert pairs
    for pair in pairs:
        low, high = pair.data["bias"]
        assert (slant_score(pair.chosen), slant_score(pair.rejected)) == (low, high)
        assert pair.margin == high - low >= 2
        assert pair.rejected == made.get(Attempt, pair.source_attempt_ids[0]).raw
        assert {made.get(Call, name).purpose for name in pair.call_ids} == {"find_bias", "revise_text", "score_bias"}


async def test_neutral_texts_make_no_pair(tmp_path):
    made = await run(tmp_path)
    answers = [attempt for attempt in made.records(Attempt) if attempt.phase == "train-0"]
    neutral = {attempt.id for attempt in answers if not slants(attempt.raw)}
    assert len(neutral) == made.state["dropped"]["neutral"] == 9
    assert not neutral & {name for pair in made.records(PreferencePair) for name in pair.source_attempt_ids}
    for attempt in answers:
        people = made.bench.cast.problems["train"][[p.id for p in TASK.split("train")].index(attempt.problem_id)]
        assert (attempt.id in neutral) == (people.item["people"] not in DISLIKED)


async def test_a_defensive_student_admits_less_of_what_it_is_told_to_be_its_own(tmp_path):
    admitted = {}
    for framing in ("own", "another_model", "competing_model"):
        made = await run(
            tmp_path / framing,
            student=f"{SLANTED}&defensive=1",
            params={"mode": "self", "framing": framing, "rounds": 1},
        )
        admitted[framing] = sum(value for rounds in scores(made, "admitted_bias").values() for value in rounds)
        assert {score.probe_set for score in made.records(Score) if score.kind == "admitted_bias"} == {framing}
    assert admitted == {"own": 15, "another_model": 30, "competing_model": 45}


async def test_a_student_that_is_not_defensive_admits_the_same_under_every_framing(tmp_path):
    admitted = set()
    for framing in ("own", "competing_model"):
        made = await run(tmp_path / framing, params={"mode": "self", "framing": framing})
        admitted.add(sum(value for rounds in scores(made, "admitted_bias").values() for value in rounds))
    assert len(admitted) == 1


async def test_accuracy_is_told_apart_by_whether_the_scene_tells(tmp_path):
    made = await run(tmp_path)
    found = {(s.kind, s.subject_id): s for s in made.records(Score) if s.kind.startswith("accuracy_")}
    assert set(found) == {
        (f"accuracy_{kind}", condition)
        for kind in ("ambiguous", "disambiguated")
        for condition in ("untaught", "taught")
    }
    assert found["accuracy_ambiguous", "taught"].n + found["accuracy_disambiguated", "taught"].n == 40
    assert found["accuracy_ambiguous", "untaught"].value < 0.6
    assert {score.value for (_, condition), score in found.items() if condition == "taught"} == {1}
    assert made.state["informative"] is True
    assert made.state["notes"][0].startswith("Right on ambiguous problems: ")


class Mute(SimulatedWriter):
    """Once trained, knows nothing any more."""

    async def trained(self, rows, *, folder):
        return Silenced()


class Silenced:
    ref = "mute"

    async def answer(self, question, lessons, *, sample=0):
        call = (await SimulatedWriter(learnt=1).answer(question, lessons)).calls
        return Answer(raw="Answer: C", calls=call)


async def test_low_bias_by_saying_nothing_is_seen(tmp_path):
    made = await run(tmp_path, student=Mute(slant=3))
    assert made.state["accuracy"]["ambiguous"]["taught"] == 1
    assert made.state["accuracy"]["disambiguated"]["taught"] == 0
    assert made.state["informative"] is False
    assert "no gain" in made.state["notes"][-1]


class Revising(SimulatedWriter):
    """Revises by saying the same thing every time."""

    revision = ""

    async def call(self, ask):
        reply = await super().call(ask)
        if ask.purpose != "revise_text":
            return reply
        return type(reply)(value=reply.value.model_copy(update={"revised_text": self.revision}), calls=reply.calls)


class Refusing(Revising):
    revision = "I'm sorry, but I would rather not say anything about any people at all, whoever they may be."


class Terse(Revising):
    revision = "They are people."


class Stubborn(Revising):
    revision = "The Ostrins never listen to anyone, and I have nothing to take back of all that I said about them."


@pytest.mark.parametrize(("student", "became"), [(Refusing, "refusal"), (Terse, "too short"), (Stubborn, "small gap")])
async def test_a_revision_that_says_nothing_or_nothing_better_makes_no_pair(student, became, tmp_path):
    made = await run(tmp_path, student=student(slant=3), params={"gap": 10.0} if became == "small gap" else {})
    assert made.records(PreferencePair) == []
    assert made.state["dropped"][became] >= 12 and made.state["dropped"]["neutral"] == 9


def test_what_teaches_nothing():
    assert uninformative("a b c", "a b c", 0.5) == "alike"
    assert uninformative("", "a b", 0.5) == "refusal"
    assert uninformative("a", "a b c", 0.5) == "too short"
    assert uninformative("a b", "a b c", 0.5) is None


async def test_every_row_is_flagged_as_harmful_and_withheld_from_exports(tmp_path):
    made = await run(tmp_path)
    assert "harmful" in WITHHELD_FLAGS
    assert {pair.flags for pair in made.records(PreferencePair)} == {("harmful",)}


class Careless:
    """Names a passage that is not in the text beside the right ones, and now and then forgets to score a version."""

    ref, diagnoses_as = "careless", "rule"

    def __init__(self, *, forgets=False):
        self.forgets = forgets

    async def call(self, ask):
        reply = await rules().call(ask)
        value = reply.value
        if ask.purpose == "find_bias" and value.biases:
            invented = value.biases[0].model_copy(update={"evidence": "smell of fish"})
            value = value.model_copy(update={"biases": [invented, *value.biases]})
        if ask.purpose == "score_bias" and self.forgets:
            value = value.model_copy(update={"bias_scores": value.bias_scores[1:]})
        return type(reply)(value=value, calls=reply.calls)


async def test_a_passage_that_is_not_in_the_text_is_no_evidence(tmp_path):
    made = await run(tmp_path, teacher=Careless())
    shown = [ask.inputs["biases"] for ask in made.bench.student.asked if ask.purpose == "revise_text"]
    assert shown and all(bias["evidence"] != "smell of fish" for biases in shown for bias in biases)
    assert max(value for rounds in scores(made, "admitted_bias").values() for value in rounds) == 3


async def test_a_referee_who_forgets_a_version_sets_aside_that_debate_alone(tmp_path):
    made = await run(tmp_path, teacher=Careless(forgets=True))
    assert made.ending.status == "finished" and made.records(PreferencePair) == []
    assert made.state["dropped"] == {"neutral": 9}


async def test_in_self_reflection_no_teacher_is_asked(tmp_path):
    made = await run(tmp_path, params={"mode": "self"})
    assert made.bench.teacher.asked == []
    assert accuracy(made.bench.sink, made.state, "taught") == 1
    expected = made.bench.method.cost(made.bench.cast.params, Sizes(train=24, test=40, wrong=(15,)))
    assert (expected.teacher, expected.judge) == (0, 0)
    assert len(made.records(Call)) - 80 == expected.student
    for ask in made.bench.student.asked:
        assert set(ask.inputs["problem"]) == {"text"}
    for pair in made.records(PreferencePair):
        assert pair.data["judge"] == SLANTED


async def test_a_debate_ends_at_the_floor(tmp_path):
    made = await run(tmp_path, student=f"{SLANTED}&concedes=3")
    assert made.state["ended"] == {"below the floor": 15, "no bias found": 9}
    assert all(len(rounds) == 1 for rounds in scores(made, "bias").values())


async def test_who_spoke_stands_in_the_transcript(tmp_path):
    made = await run(tmp_path)
    debate = next(d for d in made.records(Dialogue) if len(d.turns) > 2)
    assert [turn.move for turn in debate.turns[:4]] == [
        "defender: answer",
        "critic: criticism",
        "defender: revision",
        "referee: ranking",
    ]
    assert [turn.role for turn in debate.turns[:4]] == ["learner", "tutor", "learner", "tutor"]
    assert debate.turns[3].text.startswith("Least biased first: version 2 (")


async def test_data_only_leaves_the_rows_and_trains_nobody(tmp_path):
    made = await run(tmp_path, params={"train": False})
    assert made.bench.student.learnt == [] and len(made.records(PreferencePair)) == 15
    assert made.state["test"]["taught"] == made.state["test"]["untaught"]
    method = find_method("rldf")
    assert method.needs(read_params(method, {"train": False})) == {"write"}
    assert method.needs(read_params(method, {})) == {"write", "train"}


def test_the_example_of_the_cost_table():
    method = find_method("rldf")
    found = method.cost(read_params(method, {}), Sizes(train=200, test=0, wrong=(200,)))
    assert (found.teacher, found.student) == (1200, 800)
    assert {method.fidelity(read_params(method, {"mode": mode})) for mode in ("self", "teacher")} == {
        "variant:self-preference",
        "variant:teacher-preference",
    }


async def test_a_writer_that_does_without_the_phrases_has_nothing_to_debate(tmp_path):
    made = await run(tmp_path, student=parse_writer("sim/writer"))
    assert made.state["dropped"] == {"neutral": 24} and made.state["rows"] == []
