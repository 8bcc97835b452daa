"""The next turn of a tutor: overlap, BLEU, and what replies get that understand nothing."""

from __future__ import annotations

import importlib
import math

import pytest

from tutorkit.errors import BadSetting, EmptyData, MissingExtra
from tutorkit.evals.mathdial import (
    Talk,
    corpus_bleu,
    groundings,
    load_mathdial,
    next_turns,
    score_replies,
    talks_of,
    token_f1,
    trivial_replies,
)
from tutorkit.types import Turn


@pytest.mark.parametrize(
    ("left", "right", "f1"),
    [
        ("The cat sat", "a cat sat", 1.0),
        ("cat cat dog", "cat bird", 2 * 1 / 5),
        ("cat cat", "cat cat", 1.0),
        ("1,200 apples!", "1200 Apples", 1.0),
        ("x", "y", 0.0),
        ("", "", 0.0),
    ],
)
def test_token_f1(left, right, f1):
    assert token_f1(left, right) == pytest.approx(f1) == token_f1(right, left)


def made() -> Talk:
    said = [
        ("tutor", "hi"),
        ("learner", "it is 7"),
        ("tutor", "why?"),
        ("tutor", "well?"),
        ("learner", "so"),
        ("tutor", ""),
    ]
    turns = tuple(Turn(index=i, role=role, text=text, move="probing") for i, (role, text) in enumerate(said))
    return Talk(id="t", group="g", gold="6", turns=turns)


def test_a_case_is_a_turn_that_replies_to_the_learner():
    (case,) = next_turns([made()], ["what is known"])
    assert (case.reply, case.move, case.grounding, len(case.history)) == ("why?", "probing", "what is known", 2)
    with pytest.raises(BadSetting):
        next_turns([made()], [])


def test_bleu_is_that_of_sacrebleu_and_of_its_formula():
    pytest.importorskip("sacrebleu")
    score, signature = corpus_bleu(["the cat sat on mats"], ["the cat sat on rugs"])
    # n-gram precisions 4/5, 3/4, 2/3, 1/2; no brevity penalty.
    assert score == pytest.approx(100 * math.prod((4 / 5, 3 / 4, 2 / 3, 1 / 2)) ** 0.25)
    assert "tok:13a" in signature and "version:" in signature
    assert corpus_bleu(["a b c d"], ["a b c d"])[0] == pytest.approx(100)


def test_without_sacrebleu_it_is_said_what_to_install(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingExtra, match=r"tutorkit\[bench\]"):
        corpus_bleu(["a"], ["b"])


@pytest.mark.data
def test_human_replies_stand_above_trivial_ones_except_where_echoing_pays(data_dir):
    pytest.importorskip("sacrebleu")
    rows = load_mathdial(data_dir).rows
    cases = next_turns(talks_of(rows), groundings(rows))
    trivial = {name: score_replies(cases, replies) for name, replies in trivial_replies(cases).items()}
    human = score_replies(cases, [case.reply for case in cases])
    assert human.bleu == pytest.approx(100) and human.like_teacher == 1
    assert all(each.bleu < 5 and each.like_teacher < 0.25 for each in trivial.values())
    assert trivial["constant"].questions == 1 and 0.4 < human.questions < 0.6
    # The trap: repeating the learner is more "grounded" than any teacher.
    assert trivial["echo"].grounded > 1.5 * human.grounded
    assert trivial["other problem"].grounded < human.grounded


def test_the_reply_of_another_problem_is_of_another_problem():
    twin, other = (made().model_copy(update={"id": name, "group": group}) for name, group in (("u", "g"), ("v", "h")))
    turns = tuple(turn.model_copy(update={"text": turn.text and f"other {turn.text}"}) for turn in other.turns)
    cases = next_turns([made(), twin, other.model_copy(update={"turns": turns})], ["", "", ""])
    groups = {"why?": "g", "other why?": "h"}
    for seed in range(8):
        replies = trivial_replies(cases, seed=seed)["other problem"]
        assert all(groups[reply] != case.group for case, reply in zip(cases, replies, strict=True) if reply in groups)
        assert replies[0] == replies[1] == "other why?"


def test_nothing_to_score_is_an_error():
    with pytest.raises(EmptyData):
        score_replies([], [])
    with pytest.raises(BadSetting):
        score_replies(next_turns([made()], [""]), [])
