"""``tutorkit misconceptions``: listed, shown, added to."""

import json

import pytest

from tutorkit.misconceptions import malrules


def test_all_are_listed_and_those_of_a_domain(tutorkit):
    everything = tutorkit("misconceptions", "list", "--json").json
    assert [each["id"] for each in everything] == [rule.id for rule in malrules()]
    some = tutorkit("misconceptions", "list", "--domain", "add", "--json").json
    assert {each["domain"] for each in some} == {"add"} and len(some) == len(malrules("add"))
    shown = tutorkit("misconceptions", "list", "--domain", "add")
    assert "add.drops_carry" in shown.out and "Forgets to carry" in shown.out
    assert tutorkit("misconceptions", "list", "--domain", "geometry").code == 2


def test_one_is_shown_with_its_example_worked_both_ways(tutorkit):
    shown = tutorkit("misconceptions", "show", "add.drops_carry")
    card = tutorkit("misconceptions", "show", "add.drops_carry", "--json").json
    for needed in (card["title"], card["text"], f"right: {card['right']}", f"by this rule: {card['wrong']}"):
        assert needed in shown.out
    said = " ".join(shown.out.split())
    assert " ".join(card["principle"].split()) in said and "628 + 17" in said and card["impasse"] in said
    assert all(step in shown.out for step in (*card["right_steps"], *card["wrong_steps"]))
    unknown = tutorkit("misconceptions", "show", "add.drop_carry")
    assert unknown.code == 2 and "Did you mean add.drops_carry" in unknown.err


def test_one_of_ones_own_is_added_and_shown(tutorkit):
    added = tutorkit(
        "misconceptions", "add", "--item", "a/b + c/d", "--buggy", "(a+c)/(a*b)", "--title", "Odd", "--json"
    )
    assert added.json["rule"]["id"] == "own.odd" and added.json["card"]["own"]
    shown = tutorkit("misconceptions", "show", "own.odd")
    assert "item: a/b + c/d ; buggy: (a+c)/(a*b)" in shown.out
    assert "own.odd" in tutorkit("misconceptions", "list").out


def test_a_fault_in_a_formula_is_told_with_its_place(tutorkit):
    shown = tutorkit("misconceptions", "add", "--item", "a/b + c/d", "--buggy", "(a+c)/(b+e)")
    said = " ".join(shown.err.split())
    assert shown.code == 2
    assert "at character 10 ('e)')" in said and "In it there is a, b, c, d." in said


def test_examples_that_leave_it_open_are_said_to(tutorkit, tmp_path):
    path = tmp_path / "examples.csv"
    path.write_text("item,answer\n1/2 + 1/3,3/6\n3/4 + 2/5,6/20\n2/7 + 1/5,4/35\n", encoding="utf-8")
    shown = tutorkit("misconceptions", "add", "--examples", str(path), "--title", "One more")
    said = " ".join(shown.out.split())
    assert shown.code == 0 and "The examples do not settle it" in said and "Ask " in said
    found = tutorkit("misconceptions", "add", "--examples", str(path), "--title", "One more", "--json").json["found"]
    assert found["rival"] is not None and found["answers"][0] != found["answers"][1]
    assert found["telling_text"] in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give a FILE, or --item and --buggy, or --examples CSV"),
        (["nothing.yaml"], "There is no file nothing.yaml"),
        (["--item", "a/b + c/d", "--buggy", "(a+c)/(b+d)"], "known already"),
        (["--item", "a - b", "--buggy", "a-b"], "right answer"),
        (["--item", "a - b", "--buggy", "a+b+1", "--skill", "magic"], "There is no skill named 'magic'"),
    ],
)
def test_what_cannot_be_added_is_told(tutorkit, arguments, said):
    shown = tutorkit("misconceptions", "add", *arguments)
    assert shown.code == 2 and said in " ".join(shown.err.split())


def test_a_broken_file_in_the_home_is_named_and_not_passed_over(tutorkit, tmp_path, monkeypatch):
    monkeypatch.setenv("TUTORKIT_HOME", str(tmp_path))
    (tmp_path / "misconceptions").mkdir()
    (tmp_path / "misconceptions" / "mine.json").write_text(json.dumps({"id": "sub.adds_instead"}), encoding="utf-8")
    shown = tutorkit("misconceptions", "list")
    assert shown.code == 2 and "mine.json" in shown.err
