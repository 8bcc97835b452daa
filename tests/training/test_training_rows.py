"""Rows as a trainer reads them, and which of them it would refuse."""

from __future__ import annotations

import pytest

from tutorkit.errors import TrainingFailed
from tutorkit.training.registry import STAGES, staged
from tutorkit.training.rows import dpo_row, sft_row
from tutorkit.types import Message, PreferencePair, SFTExample


def asked(question: str) -> tuple[Message, ...]:
    return (Message(role="system", content="S"), Message(role="user", content=question))


def example(*turns: tuple[str, str], row_id: str = "e-1") -> SFTExample:
    messages = tuple(Message(role=role, content=content) for role, content in turns)
    return SFTExample(id=row_id, run_id="r", problem_id="p", split="train", messages=messages)


def pair(*, prompt: str = "Q", chosen: str = "A", rejected: str = "B", unit: str = "output") -> PreferencePair:
    return PreferencePair(
        id="p-1", run_id="r", problem_id="p", split="train", prompt=prompt, chosen=chosen, rejected=rejected, unit=unit,
        both_orders=True,
    )  # fmt: skip


SYSTEM, USER = {"role": "system", "content": "S"}, {"role": "user", "content": "Q"}


def test_a_question_and_its_answer_are_put_as_the_student_will_be_asked():
    assert sft_row(example(("user", "Q"), ("assistant", "A")), asked) == {
        "prompt": [SYSTEM, USER],
        "completion": [{"role": "assistant", "content": "A"}],
    }


def test_a_longer_conversation_stays_as_it_is():
    turns = [("user", "Q"), ("assistant", "wrong"), ("user", "Try again"), ("assistant", "A")]
    found = sft_row(example(*turns), asked)
    assert [(turn["role"], turn["content"]) for turn in (*found["prompt"], *found["completion"])] == turns


def test_a_pair_of_outputs_is_put_as_the_student_will_be_asked_and_one_of_other_units_is_not():
    assert dpo_row(pair(), asked) == {
        "prompt": [SYSTEM, USER],
        "chosen": [{"role": "assistant", "content": "A"}],
        "rejected": [{"role": "assistant", "content": "B"}],
    }
    assert dpo_row(pair(unit="question"), asked)["prompt"] == [USER]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (example(), "last message"),
        (example(("user", "Q")), "last message"),
        (example(("assistant", "A")), "nothing stands before"),
        (example(("user", "Q"), ("assistant", "  ")), "says is empty"),
        (example(("user", "Q"), ("assistant", "A")).model_copy(update={"weight": 0.5}), "its weight is 0.5, and TRL"),
        (example(("user", " "), ("assistant", "A")), "of its prompt is empty"),
        (example(("user", "Q"), ("assistant", "A"), ("assistant", "B")), "own words"),
        (pair(prompt=" "), "of its prompt is empty"),
        (pair(chosen=""), "two outputs is empty"),
        (pair(rejected=" "), "two outputs is empty"),
        (pair(chosen="A", rejected=" A\n"), "the same"),
    ],
)
def test_a_row_that_the_trainer_would_refuse_is_named_with_the_reason(row, why):
    with pytest.raises(TrainingFailed, match=why) as caught:
        staged([row], asked)
    assert caught.value.data == {"row": row.id}


def test_examples_come_before_pairs_whatever_their_order_and_an_empty_stage_is_none():
    answered = example(("user", "Q"), ("assistant", "A"))
    assert list(staged([pair(), answered, answered], asked)) == ["sft", "dpo"]
    assert [len(rows) for rows in staged([pair(), answered, answered], asked).values()] == [2, 1]
    assert list(staged([pair()], asked)) == ["dpo"]
    with pytest.raises(TrainingFailed, match="no row"):
        staged([], asked)


def test_every_kind_of_row_that_students_are_trained_on_has_a_stage():
    assert {stage.takes for stage in STAGES.values()} == {SFTExample, PreferencePair}
