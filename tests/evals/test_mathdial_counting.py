"""Success and telling: the published cases, dialogues made by hand, and what trivial tutors get."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pydantic import ValidationError

from tutorkit.errors import DataError, EmptyData
from tutorkit.evals.mathdial import (
    Talk,
    already_at_first,
    always_telling,
    asserted,
    hits,
    leak_rate,
    never_helping,
    score_talks,
    success_at,
    talk_of,
    telling_at,
)
from tutorkit.types import Dialogue, Problem, Turn

NEVER = None


def talk(*said: str, gold="6", problem="", wrong="", name="t", group=None) -> Talk:
    """Make a talk of lines ``T …`` and ``S …``."""
    turns = tuple(
        Turn(index=index, role={"T": "tutor", "S": "learner", "-": "system"}[line[0]], text=line[2:])
        for index, line in enumerate(said)
    )
    return Talk(id=name, group=group or name, gold=gold, problem=problem, wrong=wrong, turns=turns)


SOLVED = talk(
    "T hello", "S I am not sure", "T go on", "S 2 and 3", "T what is the answer?", "S 2*3=6", "T the answer is 6"
)
TOLD = talk("T hello", "S I guess 5", "T think", "S 2 and 3", "T it is 6", "S hm", "T so?", "S it is 6")


def at(one: Talk, k: int, **how) -> tuple[bool, bool]:
    return bool(success_at([one], k, **how).value), bool(telling_at([one], k, **how).value)


def test_the_published_check_cases():
    assert [at(SOLVED, k) for k in (1, 2)] == [(False, False), (True, False)]
    assert at(SOLVED, 3) == (True, False)
    assert at(TOLD, 2) == (False, True) and at(TOLD, 3) == (True, True)
    assert at(TOLD, 1) == (False, False)


def test_counting_from_one_is_a_k_later_for_both():
    for one in (SOLVED, TOLD):
        assert [at(one, k + 1, first=1) for k in range(8)] == [at(one, k) for k in range(8)]
    assert at(SOLVED, 2, first=1) == (False, False)


# What was said, and by hand: s and t by compat, s and t by strict (None is never), told before the learner had it.
CASES = [
    (talk("T a", "S 6"), (0, NEVER), (NEVER, NEVER), False),
    (talk("T a", "S 5", "T b", "S no idea"), (NEVER, NEVER), (NEVER, NEVER), False),
    (talk("T a", "S 5", "T b", "S it is 6"), (1, NEVER), (1, NEVER), False),
    (talk("T the answer is 6", "S ok, 6", "T good", "S 6"), (0, 0), (1, 0), True),
    (talk("T a", "S 5", "T 6!", "S 6"), (1, 1), (1, 1), True),
    (talk("T a", "S 5", "T b", "S 6", "T yes, 6"), (1, 2), (1, NEVER), False),
    # An intermediate six is no final answer.
    (talk("T a", "S 5", "T b", "S 2*3=6, so 6+1=7"), (1, NEVER), (NEVER, NEVER), False),
    # A six of the problem that is only quoted.
    (talk("T a", "S 5", "T b", "S for 6 pupils", problem="6 pupils"), (1, NEVER), (NEVER, NEVER), False),
    (talk("T a", "S 5", "T b", "S it is 6", problem="6 pupils"), (1, NEVER), (1, NEVER), False),
    (talk("T all 6 pupils", "S 5", "T b", "S 1", problem="6 pupils"), (NEVER, 0), (NEVER, NEVER), False),
    # A thousand with its comma, in both.
    (talk("T a", "S 5", "T b", "S 1,200 in all", gold="1200"), (1, NEVER), (1, NEVER), False),
    (talk("S 5", "T b", "- taken over", "S it is 6"), (1, NEVER), (1, NEVER), False),
]


@pytest.mark.parametrize(("one", "compat", "strict", "told"), CASES)
def test_by_hand(one, compat, strict, told):
    loose, exact = hits(one, matching="compat"), hits(one, matching="strict")
    assert (loose.success, loose.telling) == compat
    assert (exact.success, exact.telling) == strict
    assert exact.told_first is told
    assert bool(leak_rate([one]).value) is told


def test_a_learner_who_speaks_first_is_not_told_by_what_comes_after():
    one = talk("S 5", "T b", "S it is 6", "T yes, it is 6")
    assert hits(one, matching="compat").told_first  # the published formula: t = 1 is at most s = 1
    assert not hits(one, matching="strict").told_first


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("They need 9 cases, since each case holds 8 pencils.", 9),
        ("So 465 - 367 = 98.", 98),
        ("I multiplied (60) by (3) and got 180 (in all 5 of them)", 180),
        ("Half of it, 3/4", Fraction(3, 4)),
        ("the total is $1,234.50 now", Fraction("1234.5")),
        ("It is 7, not 8", 7),
        ("5-7 = -2", -2),
        ("because there are 4", 4),
        ("in order to get an average of 93.5 on 5", 5),
        ("nothing", None),
        ("1/0", None),
    ],
)
def test_what_a_text_asserts(text, value):
    assert asserted(text) == value


def test_a_known_number_counts_only_where_it_is_stated():
    known = frozenset({Fraction(6)})
    assert asserted("he has 6", unless_stated=known) == 6
    assert asserted("2*3=6", unless_stated=known) == 6
    assert asserted("all the 6", unless_stated=known) is None
    assert asserted("all the 7", unless_stated=known) == 7


def test_the_tutor_may_repeat_what_the_learner_said():
    one = talk("T a", "S maybe 6 or 7", "T you wrote 6 and 7", "S 7")
    assert hits(one, matching="strict").telling is None
    assert hits(talk("T a", "S maybe 6 or 7", "T it is 6", "S 7"), matching="strict").telling == 1


MIXED = [SOLVED, TOLD, talk("T a", "S 6 or 5", "T b", "S 5", name="u"), talk("T a", "S 4", "T b", "S 5", name="v")]


def test_the_report_counts_and_puts_the_trivial_tutors_beside_it():
    report = score_talks(MIXED, name="mine")
    lines = {(line.tutor, line.matching): line for line in report.lines}
    assert set(lines) == {
        (tutor, way) for tutor in ("mine", "always tells", "never helps") for way in ("compat", "strict")
    }
    assert report.already.value == 0.25 and report.talks == 4 and report.groups == 3
    mine = lines["mine", "compat"]
    assert [each.value for each in mine.success] == [0.25, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75]
    assert [each.value for each in mine.telling] == [0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25]
    assert [each.value for each in lines["always tells", "compat"].success] == [1.0] * 7
    assert [each.value for each in lines["always tells", "compat"].telling] == [0.75] * 7
    assert [each.value for each in lines["always tells", "strict"].telling] == [1.0] * 7
    assert [each.value for each in lines["never helps", "compat"].success] == [0.25] * 7
    assert [each.value for each in lines["never helps", "strict"].success] == [0.0] * 7
    assert not any(each.value for way in ("compat", "strict") for each in lines["never helps", way].telling)
    assert all(0 <= each.low <= each.value <= each.high <= 1 for line in report.lines for each in line.success)
    assert report.leak.value == 0.25
    assert report.turns == 23 / 4
    # The tutor's turns until the learner has it: 3 + 4 + 2 + 2, of which one tells.
    assert (report.leaking_turns.n, report.leaking_turns.value) == (11, pytest.approx(1 / 11))
    words = [(turn.role, len(turn.text.split())) for one in MIXED for turn in one.turns]
    assert report.learner_words == pytest.approx(
        sum(count for role, count in words if role == "learner") / sum(count for _, count in words)
    )


def test_talks_of_one_problem_are_drawn_together():
    alone = [talk("T a", "S 5", "T b", "S 6" if place % 2 else "S 5", name=str(place)) for place in range(40)]
    twins = [one.model_copy(update={"group": str(int(one.id) % 2)}) for one in alone]
    narrow, wide = success_at(alone, 1), success_at(twins, 1)
    assert narrow.value == wide.value == 0.5
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert success_at(alone, 1, seed=1) == success_at(alone, 1, seed=1) != success_at(alone, 1, seed=2)


def test_no_talks_are_an_error_and_so_is_a_gold_without_a_number():
    for count in (
        lambda: success_at([], 1),
        lambda: leak_rate([]),
        lambda: already_at_first([]),
        lambda: score_talks([]),
    ):
        with pytest.raises(EmptyData):
            count()
    with pytest.raises(ValidationError, match="no number"):
        talk("T a", "S b", gold="blue")


def test_any_dialogue_can_be_counted():
    problem = Problem(
        id="p", task="t", text="What is 2*3?", gold="6", scorer="number", split="test", group="g", source="here"
    )
    dialogue = Dialogue(id="d", run_id="", student="s", problem_id="p", turns=SOLVED.turns)
    made = talk_of(dialogue, problem, wrong="2+3=5")
    assert (made.id, made.group, made.wrong, made.problem) == ("d", "g", "2+3=5", "What is 2*3?")
    assert success_at([made], 2).value == 1
    with pytest.raises(DataError, match="blue"):
        talk_of(dialogue, problem.model_copy(update={"gold": "blue"}))


def test_the_baselines_keep_how_the_learner_began():
    for played in (always_telling(TOLD), never_helping(TOLD)):
        assert played.turns[1].text == "I guess 5" and len(played.turns) == 18
        assert [turn.index for turn in played.turns] == list(range(18))
    assert never_helping(TOLD).turns[-1].text == "I guess 5"
    assert "6" in always_telling(TOLD).turns[2].text
