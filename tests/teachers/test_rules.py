"""The rule-based teacher: every purpose on every kind of problem, honest calls, gates."""

import asyncio
import json
from random import Random

import pytest
from asking import (
    RULES,
    RULES_WITH_CUES,
    attempt_view,
    demo,
    diagnose,
    instruction,
    principle_of,
    principles,
    problem,
    refined,
    reply,
    violated,
)

from tutorkit.errors import UnknownName
from tutorkit.methods._nodes.verify import demo_faults, instruction_faults, principle_faults
from tutorkit.methods._nodes.views import problem_view
from tutorkit.methods._tpd.diagnose import ErrorNote
from tutorkit.misconceptions import SKILLS, drawn_item, malrule, malrules, parts_of, solve
from tutorkit.ports import Ask
from tutorkit.prompting import PromptLibrary
from tutorkit.students.buggy import parse_sim
from tutorkit.tasks.arithmetic import arithmetic_problems
from tutorkit.tasks.chains import chain_problems
from tutorkit.tasks.conventions import convention_problems
from tutorkit.tasks.items import item_problem
from tutorkit.tasks.scorers import TaskScorer
from tutorkit.tasks.sums import sum_problems
from tutorkit.teachers.experts import EXPERTS, booleans, expert_for, generic, navigation, principle_for
from tutorkit.teachers.experts.base import ProblemSeen
from tutorkit.teachers.experts.word_problem_skills import PRINCIPLES
from tutorkit.teachers.purposes import peoa

FAMILIES = ("subtraction", "addition", "fractions", "order", "percent")
CHAINS = chain_problems(seed=3, sizes={"val": 100})
NAVIGATE = (
    "If you follow these instructions, do you return to the starting point? Take 3 steps. Turn around. Turn right. "
    "Take 3 steps.\nOptions:\n- Yes\n- No"
)
LOGIC = problem("not True or not ( False and True ) is", "True", scorer="labels?labels=True,False")
WALK = problem(NAVIGATE, "No", scorer="labels?labels=Yes,No")
STORY = problem(
    "Ana buys 3 pens for $4 each and pays with $20. How much change does she get?",
    "8",
    steps=({"text": "3 * 4 = $12"}, {"text": "20 - 12 = $8"}),
)
SOMETHING = problem("Which word rhymes with house?", "mouse", scorer="exact")


def answered(student, to):
    """Return what a simulated student says, as (raw, steps)."""
    said = asyncio.run(student.answer(to.question(), []))
    return said.raw, said.steps


def test_an_unknown_purpose_is_refused_by_name():
    ask = Ask(prompt_id="other/sing", inputs={}, schema=ErrorNote)
    with pytest.raises(UnknownName, match="purpose of the rule-based teacher"):
        asyncio.run(RULES.call(ask))


def test_the_call_is_as_honest_as_a_models():
    inputs = {"problem": problem_view(STORY), "attempt": attempt_view(STORY, "3 * 4 = 13\nAnswer: 7")}
    first = reply(RULES, "extract_errors", ErrorNote, about=("attempt-1",), **inputs)
    (call,) = first.calls
    prompt = PromptLibrary().get("tpd/extract_errors")
    assert call.prompt_digest == prompt.digest
    assert "3 * 4 = 13" in call.messages[1].content
    assert json.loads(call.reply) == first.value.model_dump(mode="json")
    assert (call.model, call.role, call.cost_usd, call.tokens_in, call.about) == (
        "rules",
        "teacher",
        0.0,
        0,
        ("attempt-1",),
    )
    again = reply(RULES, "extract_errors", ErrorNote, about=("attempt-1",), **inputs)
    other = reply(RULES, "extract_errors", ErrorNote, about=("attempt-2",), **inputs)
    assert again.calls == first.calls
    assert other.calls[0].id != call.id and other.calls[0].key == call.key


# --- calculation ---


@pytest.mark.parametrize("bug", [rule.id for rule in malrules()])
def test_a_bug_is_named_by_its_working(bug):
    rule = malrule(bug)
    families = {"sub": "subtraction", "add": "addition", "frac": "fractions", "ooo": "order", "pct": "percent"}
    if rule.domain in families:
        pool = arithmetic_problems([families[rule.domain]], seed=1, sizes={"val": 60})
    else:
        pool = chain_problems(seed=1, sizes={"val": 60}, width=1)
    if not any(rule.applies(to.item) for to in pool):
        drawn = [drawn_item(rule.domain, Random(seed)) for seed in range(120)]
        pool = [problem(parts_of(item)[0].text, solve(item).answer, item=item) for item in drawn]
    student = parse_sim(f"sim/{bug}")
    exact = 0
    for to in pool:
        if not rule.applies(to.item):
            continue
        raw, steps = answered(student, to)
        note = diagnose(RULES, to, raw, steps)
        first_wrong = rule.run(to.item).first_wrong
        named = malrule(note.misconception_id)
        # Some misconceptions write the same on some items.
        assert [step.text for step in named.run(to.item).steps] == list(steps), (to.text, raw, note)
        assert note.skill == named.skill
        exact += named.skill == rule.skill
        assert note.evidence and note.evidence in raw
        assert note.first_wrong_step == (first_wrong or 0) + 1, (to.text, raw, note)
    assert exact


def test_without_working_the_answer_tells_the_bug():
    to = problem("What is 27 + 15?", "42", item={"domain": "add", "a": 27, "b": 15}, skills=("carry",))
    note = diagnose(RULES, to, "It is 32.", ())
    assert (note.misconception_id, note.skill, note.evidence) == ("add.drops_carry", "carry", "It is 32.")
    assert note.first_wrong_step == 1


@pytest.mark.parametrize(
    ("item", "answer", "bug"),
    [
        ({"domain": "alg", "kind": "square", "b": 3}, "9 + x^2", "alg.freshman_square"),
        ({"domain": "time", "start": "3:45", "end": "5:10"}, "1:65", "time.base_100"),
    ],
)
def test_an_answer_that_is_no_number_tells_the_bug_too(item, answer, bug):
    assert diagnose(RULES, item_problem(item), f"Answer: {answer}", ()).misconception_id == bug


def test_a_plan_is_made_only_of_what_a_calculator_can_be_asked():
    sum_of_two, area = {"domain": "add", "a": 4, "b": 5}, {"domain": "unit", "value": "3", "unit": "m2", "into": "cm2"}
    for parts, planned in (([sum_of_two], ["Work out 4 + 5."]), ([sum_of_two, area], [])):
        inputs = {"problem": {"item": {"domain": "chain", "parts": parts}}}
        plan = peoa.PURPOSES["decompose"].do(inputs, False)
        assert [subtask["description"] for subtask in plan["subtasks"]] == planned


def test_where_two_bugs_write_the_same_the_problems_skills_decide():
    item = {"domain": "sub", "a": 490, "b": 88}
    raw = "Ones: 0 and 8, I write 8.\nTens: 9 − 8 = 1.\nHundreds: nothing below, I bring down 4.\nSo 490 − 88 = 418."
    for skill in ("borrow", "subtract_from_zero"):
        assert diagnose(RULES, problem("490 − 88", "402", item=item, skills=(skill,)), raw).skill == skill


def test_the_lines_of_a_bug_must_stand_in_their_order():
    to = problem("100 − 59", "41", item={"domain": "sub", "a": 100, "b": 59}, skills=("borrow_across_zero",))
    student = parse_sim("sim/sub.stops_borrow_at_zero")
    raw, steps = answered(student, to)
    assert diagnose(RULES, to, raw, steps).first_wrong_step == 2
    assert diagnose(RULES, to, raw, steps[:1] + steps[3:]).misconception_id != "sub.stops_borrow_at_zero"


def test_a_slip_is_no_misconception():
    to = problem("What is 27 + 15?", "42", item={"domain": "add", "a": 27, "b": 15}, skills=("carry",))
    note = diagnose(RULES, to, "Answer: 43")
    assert (note.cause, note.skill, note.misconception_id) == ("slip", None, None)


def test_an_attempt_without_an_answer_gets_honest_nulls():
    to = problem("What is 27 + 15?", "42", item={"domain": "add", "a": 27, "b": 15}, skills=("carry",))
    note = diagnose(RULES, to, "I do not know how to do this.")
    assert (note.first_wrong_step, note.misconception_id, note.evidence) == (None, None, "")
    assert note.confidence <= 0.3


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_the_violation_matrix_of_chains_is_the_set_of_wrong_skills(width):
    student = parse_sim("sim/two-bugs")
    checked = 0
    for to in chain_problems(seed=5, sizes={"val": 60}, width=width):
        raw, steps = answered(student, to)
        if TaskScorer().grade(to, raw).outcome == "right":
            continue
        checked += 1
        wrong = set(to.skills) & set(student.live_skills)
        assert violated(RULES, to, raw, ("carry", "borrow", "precedence", "percent", "sign"), steps) == wrong
        assert violated(RULES, to, raw, ("sign", "precedence"), ()) <= wrong
    assert checked > 10


def test_a_chain_read_by_its_commas_alone_gives_the_same_matrix():
    student = parse_sim("sim/two-bugs")
    for to in CHAINS[:40]:
        raw, _ = answered(student, to)
        if TaskScorer().grade(to, raw).outcome != "right":
            last = raw.splitlines()[-1]
            found = violated(RULES, to, last, ("carry", "borrow", "precedence", "percent", "sign"), ())
            assert found == set(to.skills) & set(student.live_skills)


def test_principles_come_once_a_skill_and_the_commonest_first():
    errors = [
        {"summary": "s", "cause": "c", "skill": skill} for skill in ("sign", "carry", None, "carry", "unheard-of")
    ]
    first, second = principles(RULES, *errors)
    assert (first.skill, first.covers_error_ids, first.text) == ("carry", ["E2", "E4"], SKILLS["carry"].principle)
    assert (second.skill, second.covers_error_ids) == ("sign", ["E1"])


def test_cues_are_for_simulated_students_only():
    error = {"summary": "s", "cause": "c", "skill": "carry"}
    assert principles(RULES_WITH_CUES, error)[0].text.endswith(" [[skill:carry]]")
    assert "[[" not in principles(RULES, error)[0].text
    to = CHAINS[0]
    tags = "".join(f" [[skill:{skill}]]" for skill in to.skills)
    assert demo(RULES_WITH_CUES, to).solution.endswith(tags)
    assert "[[" not in demo(RULES, to).solution


def test_a_demo_is_tagged_with_the_principles_that_it_follows():
    to = next(p for p in CHAINS if len(p.skills) == 2)
    shown = demo(RULES_WITH_CUES, to, skills=(to.skills[1], "unheard-of"))
    assert shown.principles_used == [f"P-{to.skills[1]}"]
    assert shown.solution.endswith(f" [[skill:{to.skills[1]}]]") and f"[[skill:{to.skills[0]}]]" not in shown.solution


# --- conventions ---


@pytest.mark.parametrize("family", ["operators", "routing"])
def test_the_rule_of_a_convention_reaches_the_principle(family):
    for to in convention_problems([family], seed=2, sizes={"val": 40}):
        note = diagnose(RULES, to, "I would say amber, or 0.\nAnswer: 0")
        principle = principle_of(RULES, note)
        assert note.skill == to.skills[0] == principle.skill
        named = str(to.item["sign"] if family == "operators" else to.gold)
        assert named in principle.text
        assert violated(RULES, to, "Answer: 0", (to.skills[0], "other")) == {to.skills[0]}


def test_a_usual_operation_in_place_of_the_rule_is_named():
    to = next(p for p in convention_problems(["sum_plus_one"], seed=2, sizes={"val": 10}))
    a, b = to.item["a"], to.item["b"]
    note = diagnose(RULES, to, f"{a} + {b} = {a + b}\nAnswer: {a + b}")
    assert note.cause in ("usual operation in place of the rule", "rule stopped half-way")
    assert note.evidence == f"{a} + {b} = {a + b}" and note.first_wrong_step == 1


def test_the_rule_followed_with_a_slip_is_a_slip():
    rule = next(
        p for p in convention_problems(["operators"], seed=2, sizes={"val": 40}) if p.skills[0] == "sum_plus_one"
    )
    a, b = rule.item["a"], rule.item["b"]
    note = diagnose(RULES, rule, f"{a} + {b} = {a + b + 5}\n{a + b + 5} + 1 = {a + b + 6}\nAnswer: {a + b + 6}")
    assert (note.cause, note.skill) == ("slip in the rule", "exact_calculation")
    assert note.evidence == f"{a} + {b} = {a + b + 5}"


# --- word problems ---


@pytest.mark.parametrize(
    ("raw", "cause", "skill", "step", "evidence"),
    [
        ("3 * 4 = $13\n20 - 13 = $7\nAnswer: 7", "wrong calculation", "exact_calculation", 1, "3 * 4 = $13"),
        (
            "3 * 4 = 120\n120 - 20 = 100\nAnswer: 100",
            "decimal point or place slipped",
            "size_of_result",
            1,
            "3 * 4 = 120",
        ),
        ("3 + 4 = 7\n20 - 7 = 13\nAnswer: 13", "wrong operation", "multiply", 1, "3 + 4 = 7"),
        ("3 * 4 = 12\n20 + 12 = 32\nAnswer: 32", "wrong operation", "subtract", 2, "20 + 12 = 32"),
        ("3 * 4 = 12\nAnswer: 12", "stopped one step short", "answer_the_question", 2, "Answer: 12"),
        ("3 * 4 = 12\n20 - 12 = 8\nAnswer: 12", "answer is not the result", "state_result", 3, "Answer: 12"),
        ("20 - 4 = 16\nAnswer: 16", "wrong quantity", "right_quantities", 1, "20 - 4 = 16"),
        ("20 - 17 = 3\nAnswer: 3", "number from nowhere", "given_numbers", 1, "20 - 17 = 3"),
        (
            "So <<3*4=12>>12 is paid.\nThat leaves 20-12 = $<<20-12=8>>80.\nA: 80",
            "decimal point or place slipped",
            "size_of_result",
            2,
            "20-12 = $<<20-12=8>>80",
        ),
    ],
)
def test_an_error_in_a_word_problem(raw, cause, skill, step, evidence):
    note = diagnose(RULES, STORY, raw)
    assert (note.cause, note.skill, note.first_wrong_step, note.evidence) == (cause, skill, step, evidence)
    assert note.evidence in raw
    assert violated(RULES, STORY, raw, (skill, "carry")) == {skill}
    assert principle_of(RULES, note).text == principle_for(skill)


def test_a_quantity_that_is_never_used_is_a_second_finding():
    raw = "20 - 4 = 16\nAnswer: 16"
    assert violated(RULES, STORY, raw, ("right_quantities", "every_quantity")) == {"right_quantities", "every_quantity"}
    assert diagnose(RULES, STORY, "Maybe 5.\nAnswer: 5").cause == "quantity overlooked"


def test_another_order_of_right_steps_is_no_error():
    to = problem(
        "A has 16 eggs, eats 3 and bakes 4, and sells the rest at $2.",
        "18",
        steps=({"text": "16 - 3 - 4 = 9"}, {"text": "9 * 2 = 18"}),
    )
    note = diagnose(RULES, to, "16 - 4 = 12\n12 - 3 = 9\n9 + 2 = 11\nAnswer: 11")
    assert (note.first_wrong_step, note.cause, note.skill) == (3, "wrong operation", "multiply")


def test_the_skill_is_called_as_the_problem_calls_it():
    (to,) = [p for p in sum_problems(["one-step"], seed=1, sizes={"val": 60}) if p.skills == ("share",)][:1]
    a, b = to.item["operands"]
    note = diagnose(RULES, to, f"{a} * {b} = {a * b}\nAnswer: {a * b}")
    assert note.skill == "share"
    assert principle_of(RULES, note).text == principle_for("divide")


# --- boolean expressions and walks ---


@pytest.mark.parametrize(
    ("expression", "gold"),
    [
        ("not not ( not True ) is", "False"),
        ("True and not False or False and True is", "True"),
        ("( True or False ) and ( not True ) is", "False"),
        ("False or True and False is", "False"),
    ],
)
def test_boolean_expressions_are_worked_off(expression, gold):
    seen = ProblemSeen(text=expression, gold=gold)
    assert expert_for(seen) is booleans
    assert booleans.worked(seen).answer == gold


@pytest.mark.parametrize(
    ("raw", "skill", "step", "evidence"),
    [
        (
            "Z = False or not ( False and True )\nnot ( False and True ) = False",
            "boolean_order",
            2,
            "not ( False and True ) = False",
        ),
        ("not True = True\nSo the answer is True or True.", "boolean_not", 1, "not True = True"),
        ("False and True = True, so not True.", "boolean_and", 1, "False and True = True"),
    ],
)
def test_a_false_step_in_logic(raw, skill, step, evidence):
    note = diagnose(RULES, LOGIC, raw + "\nAnswer: False")
    assert (note.first_wrong_step, note.evidence) == (step, evidence)
    assert note.skill in (skill, "boolean_not")
    assert principle_of(RULES, note) is not None


def test_logic_without_working_is_judged_with_little_confidence():
    note = diagnose(RULES, LOGIC, "Answer: False")
    assert note.first_wrong_step is None and note.confidence <= 0.3


@pytest.mark.parametrize(
    ("instructions", "gold"),
    [
        ("Take 8 steps. Turn around. Take 8 steps.", "Yes"),
        ("Always face forward. Take 1 step right. Take 3 steps left. Take 2 steps right.", "Yes"),
        ("Turn left. Take 2 steps. Turn left. Take 2 steps.", "No"),
        ("Take 2 steps. Turn right. Turn right. Take 2 steps.", "Yes"),
    ],
)
def test_walks_are_followed(instructions, gold):
    text = (
        f"If you follow these instructions, do you return to the starting point? {instructions}\nOptions:\n- Yes\n- No"
    )
    seen = ProblemSeen(text=text, gold=gold)
    assert expert_for(seen) is navigation
    assert navigation.worked(seen).answer == gold


@pytest.mark.parametrize(
    ("lines", "skill", "step"),
    [
        (("(1) Take 3 steps: (3, 0)", "(2) Turn around: (3, 0)"), "step_direction", 1),
        (("(1) Take 3 steps: (0, 3)", "(2) Turn around: (0, 0)"), "turning", 2),
        (("(1) Take 3 steps: (0, 3)", "(2) Turn around: (0, 3), facing the positive x-axis."), "turning", 2),
        (
            (
                "Take 3 steps: (0, 3)",
                "Turn around: (0, 3)",
                "Turn right: (0, 3)",
                "Take 3 steps: (-3, 3)",
                "So we are back.",
            ),
            "compare_with_start",
            6,
        ),
        (("We come back.",), "track_position", None),
    ],
)
def test_a_wrong_walk(lines, skill, step):
    note = diagnose(RULES, WALK, "\n".join((*lines, "Answer: Yes")))
    assert (note.skill, note.first_wrong_step) == (skill, step)
    assert principle_of(RULES, note).text == principle_for(skill)


# --- anything else ---


def test_of_other_problems_nothing_is_made_up():
    assert expert_for(ProblemSeen.model_validate(problem_view(SOMETHING))) is generic
    note = diagnose(RULES, SOMETHING, "It is cat.\nAnswer: cat")
    assert (note.skill, note.first_wrong_step, note.misconception_id) == (None, None, None)
    assert note.confidence <= 0.2 and principle_of(RULES, note) is None
    assert violated(RULES, SOMETHING, "Answer: cat", ("carry",)) == set()
    assert demo_faults(demo(RULES, SOMETHING).solution, "mouse", SOMETHING, TaskScorer()) == ()


# --- gates ---


def _pools():
    yield "chains", CHAINS
    for family in FAMILIES:
        yield family, arithmetic_problems([family], seed=1, sizes={"val": 30})
    for family in ("operators", "routing"):
        yield family, convention_problems([family], seed=2, sizes={"val": 60})
    yield "sums", sum_problems(["one-step", "two-step"], seed=1, sizes={"val": 30})
    yield "logic", [LOGIC]
    yield "walk", [WALK]
    yield "other", [SOMETHING]


@pytest.mark.parametrize(("pool"), [pytest.param(pool, id=name) for name, pool in _pools()])
def test_instructions_and_demos_pass_the_gates(pool):
    said = instruction(RULES, *pool[:3])
    assert said.instruction and said.steps
    assert instruction_faults("\n".join([said.instruction, *said.steps]), pool) == ()
    for to in pool:
        shown = demo(RULES_WITH_CUES, to)
        assert demo_faults(shown.solution, shown.final_answer, to, TaskScorer()) == (), to


@pytest.mark.parametrize(("pool"), [pytest.param(pool, id=name) for name, pool in _pools()])
def test_what_is_said_of_errors_passes_the_gates(pool):
    for to in pool[:12]:
        for raw in (
            "Answer: 0",
            "I do not know.",
            "1 + 1 = 3\nAnswer: 3",
            "Answer: False",
            "Answer: Yes",
            "Answer: amber",
        ):
            if TaskScorer().grade(to, raw).outcome == "right":
                continue
            note = diagnose(RULES, to, raw)
            assert note.evidence in raw
            assert note.first_wrong_step is None or 1 <= note.first_wrong_step <= len(raw.splitlines())
            principle = principle_of(RULES_WITH_CUES, note)
            if principle is not None:
                assert principle_faults(principle.text, pool) == ()
            assert not any(character.isdigit() for character in note.error_summary + note.cause)


def test_every_principle_is_free_of_digits_and_short():
    texts = [
        *PRINCIPLES.values(),
        *booleans._PRINCIPLES.values(),
        *navigation._PRINCIPLES.values(),
        *(skill.principle for skill in SKILLS.values()),
    ]
    everything = [to for _, pool in _pools() for to in pool]
    for text in texts:
        assert len(text) < 400
        assert principle_faults(text, everything) == ()


def test_every_expert_has_the_five_functions():
    for expert in EXPERTS:
        for name in ("recognises", "advice", "findings", "principle", "worked"):
            assert callable(getattr(expert, name))


def test_the_refined_instruction_holds_the_first_principles_once():
    first = refined(RULES, "Work it out.", "Do this.", "Do that.", "Do more.", "Do less.")
    assert first.instruction == "Work it out.\nAbove all:\n- Do this.\n- Do that.\n- Do more."
    assert first.principles_kept == ["P1", "P2", "P3"]
    assert refined(RULES, first.instruction, "Do this.").instruction == "Work it out.\nAbove all:\n- Do this."
    long = refined(RULES, "x" * 2900, "y" * 200, "z")
    assert len(long.instruction) <= 3000 and long.principles_kept == ["P2"]


# --- real data ---


@pytest.mark.data
@pytest.mark.parametrize("name", ["boolean_expressions", "navigate"])
def test_two_tasks_of_big_bench_hard_are_solved_exactly(name, data_dir):
    path = data_dir / "bbh" / "bbh" / f"{name}.json"
    for example in json.loads(path.read_text(encoding="utf-8"))["examples"]:
        seen = ProblemSeen(text=example["input"], gold=example["target"])
        assert expert_for(seen).worked(seen).answer == example["target"]
