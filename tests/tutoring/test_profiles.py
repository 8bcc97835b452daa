from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from support.talk import seen

from tutorkit.errors import PromptInvalid
from tutorkit.prompting import PromptLibrary
from tutorkit.tutoring.guards import HardRule, check
from tutorkit.tutoring.guards.rules import breaks, reading_grade
from tutorkit.tutoring.guards.seen import RuleKind
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.profiles import PedagogyProfile, allowed_moves, compiled, hard_rules, lint, policy_for

SNIPPETS = yaml.safe_load((Path(__file__).parent / "snippets.yaml").read_text(encoding="utf-8"))


def rule_of(snippet):
    return HardRule(kind=snippet["rule"], value=snippet.get("value"), words=tuple(snippet.get("words", ())))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: f"{snippet['rule']}: {snippet['text'][:30]}")
def test_a_rule_is_broken_where_a_reader_says_so(snippet):
    assert breaks(snippet["text"], rule_of(snippet), seen()) == snippet["breaks"]


def test_there_are_sixty_snippets_for_all_the_rules_both_ways():
    assert len(SNIPPETS) == 60
    both = {(snippet["rule"], snippet["breaks"]) for snippet in SNIPPETS}
    assert both == {(kind, way) for kind in RuleKind.__args__ for way in (True, False)}


COMPLIANT = "Look at the ones first. What is the top digit there?"
VIOLATING = {
    HardRule(kind="never_tell"): "You should get 34. Is that what you have?",
    HardRule(kind="max_sentences", value=2): "Look there. Look at the ones. What is on top?",
    HardRule(kind="max_words", value=12): "Look at the ones once more, now, and then tell me: what is on top?",
    HardRule(kind="max_questions", value=1): "Where did you begin? What is on top?",
    HardRule(kind="ends_with_question"): "What is on top? Look at the ones.",
    HardRule(kind="language", words=("en",)): "Schau dir die Einer noch einmal an. Was hast du dort gemacht?",
    HardRule(kind="topics", words=("football",)): "Think of football. What is on top?",
    HardRule(kind="forbidden_words", words=("easy",)): "It is easy. What is on top?",
    HardRule(kind="no_emoji"): "Look 🙂 What is on top?",
    HardRule(kind="no_code"): "```\nx = 1\n```\nWhat is on top?",
    HardRule(kind="no_praise"): "Great thinking! What is on top?",
    HardRule(
        kind="reading_grade", value=6
    ): "Consider investigating positional decomposition of individual quantities. What necessitates redistribution?",
}


@pytest.mark.parametrize("rule", VIOLATING, ids=lambda rule: rule.kind)
def test_a_tutor_that_keeps_to_a_profile_is_told_from_one_that_does_not(rule):
    profile = PedagogyProfile(name="strict", hard=tuple(VIOLATING))
    known = seen(rules=hard_rules(profile))
    assert check(COMPLIANT, known) == ()
    broken = {violation.where for violation in check(VIOLATING[rule], known) if violation.kind == "rule"}
    assert broken == {rule.kind}


def test_every_kind_of_rule_is_separated():
    assert {rule.kind for rule in VIOLATING} == set(RuleKind.__args__)


def test_an_objection_says_what_the_teacher_wants_and_quotes_nothing():
    (found,) = check("It is easy. Now?", seen(rules=(HardRule(kind="forbidden_words", words=("easy", "simply")),)))
    assert found.what == "The teacher wants these words left out: easy, simply."


def test_reading_grades_are_kincaids():
    # 10 words, 1 sentence, 10 syllables: 0.39 · 10 + 11.8 · 1 − 15.59 = 0.11
    assert reading_grade("The cat sat on the mat and then it slept.") == pytest.approx(0.11)
    # 8 words in 2 sentences, 15 syllables: 0.39 · 4 + 11.8 · 1.875 − 15.59 = 8.095
    assert reading_grade("Consider a number. Now divide it evenly, quickly.") == pytest.approx(8.095)
    assert reading_grade("Too short to say.") is None


def test_a_profile_is_compiled_to_what_a_model_is_told():
    profile = PedagogyProfile(
        name="x",
        hard=(HardRule(kind="max_sentences", value=2), HardRule(kind="topics", words=("religion",))),
        soft=("socratic",),
        moves_allowed=("elicit", "focus", "solution", "confirm"),
        max_rung=4,
        tone="dry",
        persona="an owl",
        reading_grade=5,
        closing_rule="when_right",
    )
    text = compiled(profile)
    for part in (
        "an owl. You are a program all the same",
        "Your tone: dry.",
        "in the language en, in words that are read easily in grade 5",
        "at most 2 sentences",
        "left alone: religion",
        "Guide by questions",
        "confirm a right answer, ask for the learner's own work, point to one place and ask.",
        "over when the answer is right.",
    ):
        assert part in text
    assert "show the solution" not in text
    assert text == compiled(profile.model_validate_json(profile.model_dump_json()))


def test_an_empty_profile_asks_for_its_language_alone():
    text = compiled(PedagogyProfile(name="plain", language="de"))
    assert "in the language de" in text and "You appear as" not in text and "no others" not in text


def test_the_profile_prompt_is_rendered_strictly():
    with pytest.raises(PromptInvalid):
        PromptLibrary().get("tutor/profile").render({"persona": ""})


def test_a_profile_only_ever_takes_away_from_what_the_policy_allows():
    profile = PedagogyProfile(name="x", max_rung=5, hard=(HardRule(kind="max_sentences", value=2),))
    assert policy_for(profile, HelpPolicy()).max_rung == 5
    assert policy_for(profile, HelpPolicy(max_rung=3)).max_rung == 3
    assert policy_for(profile, HelpPolicy()).max_sentences == 2
    assert policy_for(profile, HelpPolicy(max_sentences=1)).max_sentences == 1
    narrow = PedagogyProfile(name="y", moves_allowed=("elicit", "focus", "confirm"))
    assert policy_for(narrow, HelpPolicy()).max_rung == 2
    assert allowed_moves(narrow) == ("confirm", "elicit", "focus")
    assert policy_for(narrow, HelpPolicy(max_attempts=2)).max_attempts == 2


SILENT = HardRule(kind="max_questions", value=0)
CONFLICTS = [
    ({"hard": (SILENT,), "soft": ("socratic",)}, ("max_questions", "socratic")),
    ({"hard": (SILENT, HardRule(kind="ends_with_question"))}, ("max_questions", "ends_with_question")),
    ({"hard": (SILENT,), "moves_allowed": ("elicit", "focus", "confirm")}, ("max_questions", "moves_allowed")),
    ({"hard": (HardRule(kind="never_tell"),), "moves_allowed": ("solution", "close")}, ("never_tell", "moves_allowed")),
    ({"moves_allowed": ("analogy",), "max_rung": 4}, ("moves_allowed", "max_rung")),
    ({"moves_allowed": ("focus", "elicit")}, ("moves_allowed", "closing_rule")),
    ({"hard": (HardRule(kind="no_praise"),), "soft": ("encouragement",)}, ("no_praise", "encouragement")),
    ({"soft": ("worked_examples",), "max_rung": 4}, ("worked_examples", "moves_allowed")),
    ({"hard": (HardRule(kind="language", words=("de",)),)}, ("language",)),
    ({"reading_grade": 5, "language": "de"}, ("reading_grade", "language")),
    (
        {"hard": (HardRule(kind="max_words", value=2), HardRule(kind="ends_with_question"))},
        ("max_words", "ends_with_question"),
    ),
    ({"persona": "a real teacher called Anna"}, ("persona",)),
    ({"hard": (HardRule(kind="max_words"),)}, ("max_words",)),
    ({"hard": (HardRule(kind="topics"),)}, ("topics",)),
    ({"hard": (HardRule(kind="max_sentences", value=2), HardRule(kind="max_sentences", value=3))}, ("max_sentences",)),
]


@pytest.mark.parametrize(
    ("wishes", "between"), CONFLICTS, ids=lambda each: "-".join(each) if isinstance(each, tuple) else ""
)
def test_wishes_that_contradict_each_other_are_told(wishes, between):
    assert between in [conflict.between for conflict in lint(PedagogyProfile(name="x", **wishes))]


def test_a_sound_profile_has_no_conflicts():
    sound = PedagogyProfile(
        name="sound",
        hard=(
            HardRule(kind="never_tell"),
            HardRule(kind="max_questions", value=1),
            HardRule(kind="max_words", value=60),
        ),
        soft=("socratic", "encouragement", "misconceptions"),
        reading_grade=6,
        persona="an owl",
    )
    assert lint(sound) == ()


def test_an_unknown_wish_is_refused():
    with pytest.raises(ValidationError):
        PedagogyProfile(name="x", soft=("magic",))
    with pytest.raises(ValidationError):
        HardRule(kind="never_fail")
