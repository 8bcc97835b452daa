"""Malrules of a laboratory's own, as files in its home."""

import json

import pytest

from tutorkit.errors import BadRow, BadSetting, DataError, DataNotFound, DuplicateId, UnknownName
from tutorkit.lab import Lab, add_rule, rule_card, rule_lines
from tutorkit.lab.own_rules import own_malrules, own_rules
from tutorkit.misconceptions import malrules

FIELDS = {"id": "own.odd", "title": "Odd", "item": "a/b + c/d", "buggy": "(a+c)/(b*c)"}


@pytest.fixture
def home(tmp_path):
    with Lab(home=tmp_path) as lab:
        yield lab


def put(home, name, text):
    folder = home.settings.home / "misconceptions"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_a_rule_that_was_added_is_there_in_another_process(home):
    added = add_rule(home=home, item="a/b + c/d", buggy="(a+c)/(b*c)", title="Odd")
    assert added.path.endswith("misconceptions/odd.json")
    with Lab(home=home.settings.home) as other:
        assert [rule.id for rule in own_malrules(other.settings.home)] == ["own.odd"]
        line = next(line for line in rule_lines(home=other, domain="frac") if line.own)
        assert (line.id, line.title) == ("own.odd", "Odd")
    assert json.loads((home.settings.home / "misconceptions" / "odd.json").read_text(encoding="utf-8")) == {
        **FIELDS,
        "impasse": "",
        "prior": 0.1,
    }


def test_adding_the_same_again_is_no_change_and_another_of_that_id_is_refused(home):
    add_rule(home=home, item="a/b + c/d", buggy="(a+c)/(b*c)", title="Odd")
    add_rule(home=home, item="a/b + c/d", buggy="(a+c)/(b*c)", title="Odd")
    with pytest.raises(BadSetting, match=r"another rule own\.odd already"):
        add_rule(home=home, item="a/b + c/d", buggy="(a+d)/(b*c)", title="Odd")
    assert [rule.buggy for rule in own_rules(home.settings.home)] == ["(a+c)/(b*c)"]


def test_json_and_yaml_are_read_and_other_files_left_alone(home):
    put(home, "one.json", json.dumps(FIELDS))
    put(home, "two.yaml", "id: own.two\ntitle: Two\nitem: a - b\nbuggy: a-b+1\n")
    put(home, "notes.txt", "not a rule")
    assert [rule.id for rule in own_rules(home.settings.home)] == ["own.odd", "own.two"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "neither JSON nor YAML"),
        ("[1, 2]", "holds no rule"),
        (json.dumps({**FIELDS, "id": "frac.adds_num_and_den"}), "id"),
        (json.dumps({"id": "own.odd"}), "title"),
        ("!!python/object/apply:os.system ['true']", "neither JSON nor YAML"),
    ],
)
def test_a_file_that_is_no_rule_is_named(home, text, words):
    put(home, "bad.yaml", text)
    with pytest.raises(DataError, match=words) as caught:
        rule_lines(home=home)
    assert "bad.yaml" in str(caught.value)


def test_a_rule_that_cannot_be_run_is_named(home):
    put(home, "bad.json", json.dumps({**FIELDS, "buggy": "(a+z)"}))
    with pytest.raises(DataError, match=r"own\.odd .* cannot be run.*'z' does not stand in the item"):
        own_malrules(home.settings.home)


def test_two_files_of_one_id_are_refused(home):
    put(home, "one.json", json.dumps(FIELDS))
    put(home, "two.json", json.dumps(FIELDS))
    with pytest.raises(DuplicateId, match=r"one\.json.*own\.odd"):
        own_rules(home.settings.home)


def test_what_is_built_in_already_is_not_added_again(home):
    with pytest.raises(BadSetting, match=r"this is frac\.adds_num_and_den"):
        add_rule(home=home, item="a/b + c/d", buggy="(a+c)/(b+d)")
    assert own_rules(home.settings.home) == ()


def test_a_rule_is_given_in_one_way(home, tmp_path):
    for ways in ({}, {"item": "a - b", "examples": tmp_path}, {"file": tmp_path, "item": "a - b"}):
        with pytest.raises(BadSetting, match="in one way"):
            add_rule(home=home, **ways)


def test_a_line_and_a_file_say_the_same(home, tmp_path):
    by_line = add_rule(home=home, item="item: a/b + c/d ; buggy: (a+c)/(b*c)", title="Odd")
    path = tmp_path / "rule.json"
    path.write_text(json.dumps(FIELDS), encoding="utf-8")
    assert add_rule(home=home, file=path).rule == by_line.rule


def test_a_rule_is_found_from_examples(home, tmp_path):
    path = tmp_path / "examples.csv"
    path.write_text("item,answer\n1/2 + 1/3,2/2\n3/4 + 2/5,5/12\n2/7 + 1/5,3/14\n", encoding="utf-8")
    added = add_rule(home=home, examples=path, title="Odd")
    assert added.rule.buggy == "(a+c)/(a*b)" and added.found.rule == added.rule
    assert added.card.right != added.card.wrong


def test_bad_examples_are_named_line_by_line(home, tmp_path):
    path = tmp_path / "examples.csv"
    path.write_text("item,answer\nhouse,2/2\n3/4 + 2/5,\n1/2 + 1/3,2/5\n", encoding="utf-8")
    with pytest.raises(BadRow, match=r"line 2: 'house'.*line 3: the item or the answer is missing"):
        add_rule(home=home, examples=path)
    with pytest.raises(DataNotFound):
        add_rule(home=home, examples=tmp_path / "none.csv")
    with pytest.raises(DataNotFound):
        add_rule(home=home, file=tmp_path / "none.json")


@pytest.mark.parametrize("rule", malrules(), ids=lambda rule: rule.id)
def test_every_malrule_has_a_card_with_an_example_on_which_it_shows(home, rule):
    card = rule_card(rule.id, home=home)
    assert card.right != card.wrong and card.text and card.principle and card.probe
    assert rule.run(card.item).answer == card.wrong and not card.own
    assert card.wrong_steps and card.right_steps


def test_unknown_names_are_told(home):
    with pytest.raises(UnknownName, match=r"Did you mean sub\.smaller_from_larger"):
        rule_card("sub.smaller_from_large", home=home)
    with pytest.raises(UnknownName, match="domain"):
        rule_lines(home=home, domain="geometry")
