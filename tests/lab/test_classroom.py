"""A simulated class: who is in it, what they answer, and the files that it is written to."""

from __future__ import annotations

import csv
import json
from collections import Counter

import pytest

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.lab.classroom import ANSWERS, ROSTER, TRUTH, classroom, create_classroom
from tutorkit.misconceptions import malrule, parts_of, read_item, solve
from tutorkit.students.learner import parse_learner
from tutorkit.students.personas import PERSONAS
from tutorkit.students.pupils import PERSONA_SHARES, drawn_class, drawn_worksheet

DOMAINS = ("sub", "add", "frac")


@pytest.fixture(scope="module")
def many():
    return drawn_class(1_000, seed=5, domains=DOMAINS)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_pupils_have_names_and_pseudonyms_of_their_own(many):
    assert len({pupil.id for pupil in many}) == len({pupil.name for pupil in many}) == 1_000
    assert all(pupil.id.startswith("sim-") and pupil.name not in pupil.id for pupil in many)
    assert len({pupil.learner.seed for pupil in many}) == 1_000
    first = {pupil.name for pupil in drawn_class(100, seed=1)}
    assert len(first) == 100 and not any("." in name for name in first)
    assert first != {pupil.name for pupil in drawn_class(90, seed=2)}


def test_some_hold_none_some_one_some_two_and_compounds_are_rare(many):
    counts = Counter(len(pupil.learner.bugs) for pupil in many)
    assert 250 < counts[0] < 350 and 380 < counts[1] < 520 and 150 < counts[2] < 300
    compounds = 0
    for pupil in many:
        domains = Counter(malrule(bug).domain for bug in pupil.learner.bugs)
        compounds += max(domains.values(), default=0) == 2
        assert max(domains.values(), default=0) <= 2 and set(domains) <= set(DOMAINS)
        impasses = [(malrule(bug).domain, malrule(bug).impasse) for bug in pupil.learner.bugs]
        assert len(set(impasses)) == len(impasses)
    assert 30 < compounds < 150


def test_the_commoner_misconception_is_the_commoner_one(many):
    held = Counter(bug for pupil in many for bug in pupil.learner.bugs)
    assert held["sub.smaller_from_larger"] > 3 * held["sub.borrow_from_leftmost"] > 0
    assert held["add.drops_carry"] > 2 * held["add.carries_always"] > 0


def test_strengths_slips_and_personas_are_in_their_ranges(many):
    for pupil in many:
        learner = pupil.learner
        assert all(0.6 <= hold.strength <= 0.95 and hold.peak == hold.strength for hold in learner.bugs.values())
        assert 0.01 <= learner.slip <= 0.08 and 0.4 <= learner.takes_in <= 0.9
        assert learner.persona is PERSONAS[learner.persona.name]
        assert not set(learner.lacks) & {malrule(bug).skill for bug in learner.bugs}
    personas = Counter(pupil.learner.persona.name for pupil in many)
    assert all(abs(personas[name] / 1_000 - share) < 0.05 for name, share in PERSONA_SHARES)
    assert sum(share for _, share in PERSONA_SHARES) == pytest.approx(1) and len(PERSONA_SHARES) == len(PERSONAS)
    assert 60 < sum(bool(pupil.learner.lacks) for pupil in many) < 140


def test_the_same_seed_gives_the_same_class_and_another_another():
    assert classroom(12, seed=7, domains=DOMAINS) == classroom(12, seed=7, domains=DOMAINS)
    first, other = classroom(12, seed=7, domains=DOMAINS), classroom(12, seed=8, domains=DOMAINS)
    assert first.worksheet != other.worksheet and {p.id for p in first.pupils}.isdisjoint(p.id for p in other.pupils)
    assert classroom(20, seed=7, domains=DOMAINS).pupils[:12] == first.pupils


def test_a_worksheet_takes_its_domains_in_turn_and_no_item_twice():
    items = drawn_worksheet(30, seed=3, domains=DOMAINS)
    assert [item["domain"] for item in items[:6]] == [*DOMAINS, *DOMAINS] and len({str(item) for item in items}) == 30


def test_answers_are_those_of_the_learners_in_the_order_of_roster_and_worksheet():
    room = classroom(8, seed=4, domains=DOMAINS, items=9)
    assert [(each.pupil, each.item) for each in room.answers] == [
        (pupil.id, item) for pupil in room.pupils for item in room.worksheet
    ]
    learners = {pupil.id: pupil.learner for pupil in room.pupils}
    for each in room.answers:
        tried = learners[each.pupil].answer(each.item)
        assert (each.answer, each.right, len(each.working)) == (tried.answer, tried.right, len(tried.steps))


def test_the_files_hold_the_class(tmp_path):
    report = create_classroom(10, seed=7, domains=DOMAINS, items=6, to=tmp_path / "new" / "class")
    folder = tmp_path / "new" / "class"
    assert report.simulated and report.files == (ROSTER, ANSWERS, TRUTH) and report.folder == str(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(report.files)
    roster, answers = rows(folder / ROSTER), rows(folder / ANSWERS)
    truth = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    assert [list(roster[0]), list(answers[0])] == [["pupil", "name", "simulated"], ["pupil", "item", "answer"]]
    assert all(row["simulated"] == "yes" for row in roster) and len(roster) == 10 and len(answers) == 60
    assert truth["simulated"] is True and "answer key" in truth["note"] and "simulated" in truth["note"]
    assert [row["pupil"] for row in roster] == [pupil["pupil"] for pupil in truth["pupils"]]
    assert report.answers == 60 and sum(report.holding.values()) == 10
    right = 0
    for row in answers:
        item = json.loads(row["item"])
        read_item(item)
        learner = next(parse_learner(p["ref"]) for p in truth["pupils"] if p["pupil"] == row["pupil"])
        assert learner.answer(item).answer == row["answer"]
        right += learner.answer(item).right
    assert right == report.right
    assert [each["right"] for each in truth["worksheet"]] == [solve(each["item"]).answer for each in truth["worksheet"]]
    for pupil in truth["pupils"]:
        held = parse_learner(pupil["ref"]).bugs
        assert pupil["misconceptions"] == {bug: hold.strength for bug, hold in held.items()}
        assert set(pupil["misconceptions"]) <= set(truth["misconceptions"])


def test_the_key_stands_in_the_key_alone(tmp_path):
    create_classroom(30, seed=1, domains=DOMAINS, to=tmp_path / "c")
    for name in (ROSTER, ANSWERS):
        text = (tmp_path / "c" / name).read_text(encoding="utf-8")
        assert not any(rule.split(".")[1] in text for rule in ("sub.smaller_from_larger", "add.drops_carry"))
        assert "learner/" not in text


def test_with_working_every_line_of_it_is_there(tmp_path):
    create_classroom(5, seed=7, domains=("sub",), items=4, to=tmp_path / "c", working=True)
    for row in rows(tmp_path / "c" / ANSWERS):
        assert list(row) == ["pupil", "item", "answer", "working"]
        if row["working"]:
            assert len(row["working"].splitlines()) >= 1 and parts_of(json.loads(row["item"]))
            assert row["answer"] in row["working"].replace("−", "-")


def test_the_same_class_is_written_byte_by_byte(tmp_path):
    for name in ("a", "b"):
        create_classroom(6, seed=2, domains=DOMAINS, to=tmp_path / name)
    for file in (ROSTER, ANSWERS, TRUTH):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_files_that_are_there_are_not_written_over(tmp_path):
    (tmp_path / ANSWERS).write_text("a real class", encoding="utf-8")
    with pytest.raises(BadSetting, match=r"answers\.csv already"):
        create_classroom(3, domains=("sub",), to=tmp_path)
    assert (tmp_path / ANSWERS).read_text(encoding="utf-8") == "a real class"
    assert not (tmp_path / TRUTH).exists()
    with pytest.raises(BadSetting, match="cannot be written"):
        create_classroom(3, domains=("sub",), to=tmp_path / ANSWERS / "below")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"size": 0}, BadSetting),
        ({"size": 1_001}, BadSetting),
        ({"items": 0}, BadSetting),
        ({"items": 501}, BadSetting),
        ({"domains": ()}, BadSetting),
        ({"domains": ("sub", "poetry")}, UnknownName),
    ],
)
def test_a_class_that_cannot_be_is_refused(options, error, tmp_path):
    with pytest.raises(error):
        create_classroom(**{"size": 3, "domains": ("sub",), "to": tmp_path / "c", **options})
    assert not (tmp_path / "c").exists()
