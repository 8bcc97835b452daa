"""Data that a model writes, the rows made of it, and how far a tutor agrees with it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from support.export_samples import run
from support.spock_tutors import ScriptedTutor

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.evals.spock import spock_agreement
from tutorkit.lab import Lab
from tutorkit.prompting import PromptLibrary
from tutorkit.store import StoreSink
from tutorkit.tutoring.spock import (
    SpockDialogue,
    SpockRound,
    SpockTurn,
    gen_dialogue,
    gen_scaffold,
    preference_rows,
    read_turn,
    sft_rows,
    shipped_scaffold,
)

JACKET = shipped_scaffold("winter-jacket")
PROMPTS = PromptLibrary()


def turn(codes: str, text: str = "Well.", thoughts: str = "A private thought.") -> dict:
    evaluation, action, state = codes[0], codes[1:-1], codes[-1]
    return {"thoughts": thoughts, "evaluation": evaluation, "action": action, "state": state, "tutorbot": text}


def rounds(*spoken: tuple[str, str]) -> dict:
    return {"rounds": [{"learner": said, "turn": turn(codes)} for said, codes in spoken]}


GOOD = rounds(
    ("What does the jacket cost?", "g12w"),
    ("8", "a1x"),
    ("0.8", "b3y"),
    ("15", "a1x"),
    ("hint?", "f8x"),
    ("12", "b3y"),
    ("go back", "f10x"),
    ("12", "b3y"),
    ("92", "a1x"),
    ("68, roughly", "c4x"),
    ("68", "b3z"),
)


def dialogue() -> SpockDialogue:
    spoken = tuple(SpockRound.model_validate(each) for each in GOOD["rounds"])
    return SpockDialogue(id="d", scaffold=JACKET, rounds=spoken)


def generated(*replies, rate=0.5):
    tutor = ScriptedTutor(replies)
    return tutor, asyncio.run(gen_dialogue(tutor, JACKET, wrong_rate=rate))


def test_a_conversation_that_holds_is_taken():
    tutor, found = generated(GOOD)
    assert found.faults == () and found.made is not None and len(found.made.rounds) == 11
    assert [made.id for made in found.calls] == ["c1"] and JACKET.subproblems[2].feedback in tutor.shown[0]
    assert "at least 50 in 100" in tutor.shown[0]
    assert generated(GOOD)[1].made == found.made


def changed(place: int, codes: str) -> dict:
    spoken = json.loads(json.dumps(GOOD))
    spoken["rounds"][place]["turn"].update(turn(codes))
    return spoken


FAULTY = [
    (changed(0, "a1x"), "the first round judges nothing"),
    (changed(1, "a2y"), "round 2: the action 2 is not open"),
    (changed(2, "b3x"), "before all subproblems are finished"),
    (changed(2, "b3z"), "round 3: the state is y, not z"),
    (changed(10, "b3y"), "round 11: the state is z, not y"),
    (changed(4, "f10y"), "round 5: the state is x, not y"),
    (changed(1, "f10x"), "round 2: the action 10 is not open"),
    ({"rounds": GOOD["rounds"][:-1]}, "before all subproblems are finished"),
]


@pytest.mark.parametrize(("bad", "words"), FAULTY)
def test_one_that_does_not_hold_is_asked_for_again_and_then_not_taken(bad, words):
    tutor, mended = generated(bad, GOOD)
    assert mended.made is not None and words in tutor.shown[1] and len(mended.calls) == 2
    _, refused = generated(bad, bad)
    assert refused.made is None and any(words in fault for fault in refused.faults) and len(refused.calls) == 2


def test_a_learner_must_be_wrong_often_enough():
    # Eight answers, four of them wrong or partly right.
    assert generated(GOOD, rate=0.5)[1].made is not None
    _, refused = generated(GOOD, GOOD, rate=0.51)
    assert refused.made is None and "4 of 8" in refused.faults[0]
    with pytest.raises(BadSetting):
        generated(GOOD, rate=1.1)


def test_a_scaffold_is_taken_only_when_nothing_gives_the_answer_away():
    good = JACKET.model_dump(mode="json", include={"problem", "subproblems", "facts", "solution"})
    bad = json.loads(json.dumps(good))
    bad["subproblems"][0]["hint"] = "It is 0.8."
    tutor = ScriptedTutor([bad, good])
    found = asyncio.run(gen_scaffold(tutor, section="Percentages", objective="discounts", passages=["One per cent …"]))
    assert found.made is not None and found.made.subproblems == JACKET.subproblems and found.made.id
    assert "the hint of subproblem 1 holds its answer" in tutor.shown[1] and "One per cent …" in tutor.shown[0]
    refused = asyncio.run(gen_scaffold(ScriptedTutor([bad, bad]), section="s", objective="o"))
    assert refused.made is None and refused.faults and len(refused.calls) == 2


def test_rows_to_imitate_hold_what_came_before_and_no_thoughts():
    rows = sft_rows(dialogue(), run_id="run-x", student="openai/small", prompts=PROMPTS)
    assert len(rows) == 11 and len({row.id for row in rows}) == 11
    last = rows[-1]
    assert [message.role for message in last.messages] == ["system", *["user", "assistant"] * 11]
    assert last.messages[-2].content == "68"
    assert all("private" not in message.content for row in rows for message in row.messages)
    learnt = read_turn(last.messages[-1].content)
    assert learnt is not None and learnt.codes == dialogue().rounds[-1].turn.codes
    first = read_turn(rows[0].messages[-1].content)
    assert first is not None and (first.evaluation, first.action, first.state) == ("g", "12", "w")


REFERENCE = SpockTurn.model_validate(turn("a1x"))
REPLIES = [
    ("a 1 x", "malformed"),
    (json.dumps(turn("b3x")), "evaluation"),
    (json.dumps(turn("a2x")), "action"),
    (json.dumps(turn("a1y")), "state"),
    (json.dumps({**turn("a1x"), "action": "3"}), "action"),
    (json.dumps({**turn("a1x"), "action": "13"}), "malformed"),
    (json.dumps({key: value for key, value in turn("a1x").items() if key != "tutorbot"}), "malformed"),
    (json.dumps(turn("a1x", "Said in another way.")), None),
]


@pytest.mark.parametrize(("raw", "why"), REPLIES)
def test_a_pair_is_made_of_a_reply_whose_form_or_codes_are_worse(raw, why):
    pairs = preference_rows(dialogue(), {1: raw}, run_id="run-x", student="openai/small", prompts=PROMPTS)
    if why is None:
        assert pairs == ()
        return
    (pair,) = pairs
    assert pair.data["why"] == why and pair.chosen == dialogue().rounds[1].turn.as_target()
    assert pair.rejected == raw or "private" not in pair.rejected
    assert pair.unit == "output" and not pair.both_orders
    assert pair.prompt.endswith("Learner: 8") and "What does the jacket cost?" in pair.prompt
    assert pair.chosen not in pair.prompt


def test_the_rows_go_through_the_store_and_out_as_files(tmp_path):
    rows = sft_rows(dialogue(), run_id="run-x", student="openai/small", prompts=PROMPTS)
    pairs = preference_rows(
        dialogue(), {1: "no", 2: "no", 3: "no"}, run_id="run-x", student="openai/small", prompts=PROMPTS
    )
    with Lab(home=tmp_path / "home") as lab:
        sink = StoreSink(lab.store)
        sink.put(run(), *(row.model_copy(update={"audit": "approved"}) for row in (*rows, *pairs)))
        sink.flush()
        for name, expected in (("openai-sft", rows), ("trl-dpo", pairs)):
            report = lab.export("run-x", name)
            assert report.rows == len(expected) and lab.validate(report.path, name).accepted
        lines = [json.loads(line) for line in Path(report.path).read_text("utf-8").splitlines()]
    written = {
        (line["prompt"][0]["content"], line["chosen"][0]["content"], line["rejected"][0]["content"]) for line in lines
    }
    assert written == {(pair.prompt, pair.chosen, pair.rejected) for pair in pairs}


def test_agreement_leaves_out_the_first_turn_and_counts_the_malformed_as_wrong():
    reference = dialogue()
    same = {index: spoken.turn.as_target() for index, spoken in enumerate(reference.rounds)}
    perfect = spock_agreement([reference], [{**same, 0: "rubbish"}])
    assert perfect.turns == 10 and perfect.malformed == 0
    assert all(report.accuracy.value == report.macro_f1 == 1 for report in perfect.codes.values())
    # Two wrong evaluations of ten, one of them malformed.
    worse = spock_agreement([reference], [{**same, 1: json.dumps(turn("d6x")), 2: "rubbish"}])
    report = worse.codes["evaluation"]
    assert (worse.malformed, report.unreadable, report.accuracy.value) == (1, 1, 0.8)
    f1 = {"a": 2 * 2 / (3 + 2), "b": 2 * 3 / (4 + 3), "c": 1.0, "d": 0.0, "f": 1.0}
    assert report.macro_f1 == pytest.approx(sum(f1.values()) / 5)
    # Theirs leaves out the first label: the malformed one, and without such a reply a real one.
    assert worse.published_f1["evaluation"] == pytest.approx(sum(f1.values()) / 5)
    no_malformed = spock_agreement([reference], [{**same, 1: json.dumps(turn("d6x"))}])
    left = {"b": 1.0, "c": 1.0, "d": 0.0, "f": 1.0}
    assert no_malformed.published_f1["evaluation"] == pytest.approx(sum(left.values()) / 4)
    # An action that does not go with its evaluation spoils the action alone.
    unfit = spock_agreement([reference], [{**same, 1: json.dumps(turn("a3x"))}])
    assert unfit.malformed == 0 and unfit.codes["evaluation"].accuracy.value == 1
    assert unfit.codes["action"].accuracy.value == 0.9
    missing = spock_agreement([reference], [{}])
    assert missing.malformed == 10 and missing.codes["state"].accuracy.value == 0
    with pytest.raises(BadSetting):
        spock_agreement([reference], [])
    with pytest.raises(EmptyData):
        spock_agreement([], [])
