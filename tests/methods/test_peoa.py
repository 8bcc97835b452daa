"""PEOA, as the specification says how to see that it is right: toy tools, order, backtracking, caps, retrieval."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from support.bench import accuracy, bench, chains
from support.participants import ScriptedTeacher

from tutorkit.methods._peoa.experts import CalculatorExpert, LookupExpert, Outcome, facts_near
from tutorkit.methods._peoa.orchestrate import Desk, Plan, in_order, orchestrate, plan_fault
from tutorkit.methods.vocabulary import Said
from tutorkit.types import Lesson, Problem, Score, SFTExample

FACTS = (
    ("toluene", "boiling point", "111"),
    ("toluene", "made from", "benzene"),
    ("benzene", "boiling point", "80"),
    ("glass", "colour", "green"),
)


@dataclass
class Toy:
    """A tool that does as it is told, and counts."""

    name: str
    run_: Callable[[Mapping[str, str]], Outcome] = lambda _: Outcome("1")
    does: str = "Does something."
    calls: list = field(default_factory=list)

    def run(self, arguments):
        self.calls.append(dict(arguments))
        return self.run_(arguments)


def fails(_arguments) -> Outcome:
    return Outcome(error="out of order")


def subtask(name: str, *deps: str, does: str = "") -> dict:
    return {"id": name, "description": does or f"Do {name}.", "deps": list(deps)}


@dataclass
class Agent:
    """A meta-agent whose plans and choices are written down beforehand; the last plan is made again and again."""

    plans: list
    choose: Callable[[Mapping], str | dict] = lambda _: "good"
    answer: str = "done"
    asked: list = field(default_factory=list)

    async def __call__(self, purpose, inputs, schema, *, about=(), sample=0):
        self.asked.append((purpose, inputs))
        if purpose == "decompose":
            value = {"subtasks": self.plans[min(sample, len(self.plans) - 1)]}
        elif purpose == "select_expert":
            chosen = self.choose(inputs)
            value = {"why": "", "arguments": [], **({"expert": chosen} if isinstance(chosen, str) else chosen)}
        elif purpose == "refine_call":
            value = {"change": "", "new_arguments": inputs["arguments"]}
        else:
            value = {"answer": self.answer}
        return Said(schema.model_validate(value), (f"call-{len(self.asked)}",))

    def count(self, purpose: str) -> int:
        return sum(asked == purpose for asked, _ in self.asked)


async def run(agent, *experts, retries=2, backtracks=1, max_subtasks=6, facts=()):
    desk = Desk(
        ask=agent, task={}, problem={"text": "?"}, experts={each.name: each for each in experts}, facts=facts,
        about=("p",), max_subtasks=max_subtasks, retries=retries, backtracks=backtracks,
    )  # fmt: skip
    return await orchestrate(desk)


async def test_one_failing_tool_is_backed_out_of_once():
    good, bad = Toy("good"), Toy("bad", fails)
    agent = Agent([[subtask("s1", does="by bad")], [subtask("s1")]], lambda i: i["subtask"]["description"][3:])
    agent.choose = lambda inputs: "bad" if inputs["subtask"]["description"] == "by bad" else "good"
    episode = await run(agent, good, bad)
    assert (episode.outcome, episode.answer, episode.backtracks) == ("solved", "done", 1)
    assert (len(bad.calls), len(good.calls), episode.refinements) == (3, 1, 2)
    failures = [inputs["failures"] for purpose, inputs in agent.asked if purpose == "decompose"]
    assert failures == [[], ["s1, bad: out of order"] * 3]
    assert len(set(episode.call_ids)) == len(agent.asked)


async def test_the_retry_cap_ends_in_failed_and_not_in_a_loop():
    bad = Toy("bad", fails)
    agent = Agent([[subtask("s1"), subtask("s2")]], lambda _: "bad")
    episode = await run(agent, bad, retries=3, backtracks=2)
    assert (episode.outcome, episode.answer, episode.done) == ("failed", "", [])
    assert (len(bad.calls), agent.count("decompose"), agent.count("compose")) == (4 * 3, 3, 0)


async def test_sub_tasks_are_done_after_all_that_they_need():
    tool = Toy("good", lambda arguments: Outcome(arguments["of"]))
    plan = [subtask("s3", "s2", "s1"), subtask("s2", "s1"), subtask("s1"), subtask("s4")]

    def choose(inputs):
        name = inputs["subtask"]["id"]
        value = {"s3": "{s2}+{s1}", "s2": "<{s1}>"}.get(name, name)
        return {"expert": "good", "arguments": [{"name": "of", "value": value}]}

    episode = await run(Agent([plan], choose), tool)
    assert [done.subtask for done in episode.done] == ["s1", "s2", "s3", "s4"]
    assert [done.result for done in episode.done] == ["s1", "<s1>", "<s1>+s1", "s4"]


async def test_an_unknown_expert_is_asked_for_again():
    agent = Agent([[subtask("s1")]], lambda inputs: "good" if "there is no expert" in inputs["fault"] else "oracle")
    episode = await run(agent, Toy("good"))
    assert (episode.outcome, agent.count("select_expert"), agent.count("refine_call")) == ("solved", 2, 0)
    assert episode.errors == ["s1, oracle: there is no expert 'oracle'"] and episode.backtracks == 0


async def test_a_call_that_fails_is_mended():
    picky = Toy("picky", lambda given: Outcome("5") if given.get("x") == "5" else Outcome(error="give x"))

    class Mends(Agent):
        async def __call__(self, purpose, inputs, schema, **more):
            said = await super().__call__(purpose, inputs, schema, **more)
            if purpose != "refine_call":
                return said
            assert inputs["fault"] == "give x"
            return Said(schema.model_validate({"change": "x", "new_arguments": [{"name": "x", "value": "5"}]}), ("m",))

    episode = await run(Mends([[subtask("s1")]], lambda _: "picky"), picky)
    assert (episode.outcome, episode.refinements, episode.backtracks) == ("solved", 1, 0)
    assert episode.done[0].arguments == {"x": "5"}


async def test_a_tool_that_says_nothing_has_failed():
    episode = await run(Agent([[subtask("s1")]]), Toy("good", lambda _: Outcome("  ")), retries=0, backtracks=0)
    assert episode.outcome == "failed" and episode.errors == ["s1, good: the expert said nothing"]


async def test_a_result_that_is_not_there_yet_is_an_error_and_no_text():
    tool = Toy("good")
    choose = {"expert": "good", "arguments": [{"name": "of", "value": "{s2}"}]}
    episode = await run(Agent([[subtask("s1"), subtask("s2")]], lambda _: choose), tool, retries=0, backtracks=0)
    assert episode.outcome == "failed" and tool.calls == [] and "no result of s2" in episode.errors[0]


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ([], "no sub-task"),
        ([subtask("s1", "s2"), subtask("s2", "s1")], "wait for one another"),
        ([subtask("s1", "s1")], "wait for one another"),
        ([subtask("s1", "s9")], "s9 is needed"),
        ([subtask("s1"), subtask("s1")], "one id"),
        ([subtask(f"s{n}") for n in range(7)], "more than 6"),
        ([subtask("s2", "s1"), subtask("s1")], ""),
    ],
)
async def test_a_plan_that_cannot_be_carried_out_is_refused_before_anything_is_done(plan, fault):
    read = Plan.model_validate({"subtasks": plan})
    assert fault in plan_fault(read, most=6) if fault else plan_fault(read, most=6) == ""
    assert len(in_order(read)) <= len(plan)
    tool = Toy("good")
    episode = await run(Agent([plan]), tool)
    assert (episode.outcome == "solved") == (not fault) and bool(tool.calls) == (not fault)


def test_the_calculator_calculates_and_runs_nothing():
    run = CalculatorExpert().run
    assert run({"expression": "(1/2) + (1/3)"}) == Outcome("5/6") and run({"expression": "-(-7)"}) == Outcome("7")
    for expression in ("__import__('os')", "1/0", "", "9^9999", "[1]", "a", "1" * 500):
        assert run({"expression": expression}).error, expression
    assert run({}).error


def test_a_table_is_looked_up_whatever_the_case():
    run = LookupExpert(FACTS).run
    assert run({"subject": "Toluene", "property": "Boiling point"}) == Outcome("111")
    assert "nothing is known of colour of toluene" in run({"subject": "toluene", "property": "colour"}).error
    assert run({}).error


def test_retrieval_finds_the_nearest_facts_and_what_they_lead_to():
    near = facts_near("What is toluene made from?", FACTS, most=8)
    assert near[0] == ("toluene", "made from", "benzene") and ("benzene", "boiling point", "80") in near
    assert ("glass", "colour", "green") not in near
    assert facts_near("What is toluene made from?", FACTS, most=1) == near[:1]
    assert facts_near("A violin", FACTS, most=8) == []


@pytest.mark.parametrize("retrieve", [True, False])
async def test_without_retrieval_a_meta_agent_that_needs_the_facts_fails(tmp_path, retrieve):
    """The scripted agent answers with what the facts say, and the problems ask for what only the facts tell."""
    task = chains(sizes={"train": 2, "val": 2, "test": 2})
    asks = [p.model_copy(update={"text": "Where does toluene boil?", "gold": "111"}) for p in task.split("train")]
    task = type(task)(**{**vars(task), "problems": (*asks, *task.split("val"), *task.split("test"))})
    script = {
        "decompose": lambda inputs: {"subtasks": [subtask("s1", does=fact) for fact in inputs["facts"][:1]]},
        "select_expert": lambda _: {
            "why": "", "expert": "lookup",
            "arguments": [{"name": "subject", "value": "toluene"}, {"name": "property", "value": "boiling point"}],
        },
        "compose": lambda inputs: {"answer": inputs["results"][0]["result"]},
    }  # fmt: skip
    params = {"facts": FACTS, "retrieve": retrieve, "train": False}
    made = bench(tmp_path, method="peoa", task=task, teacher=ScriptedTeacher(script), params=params)
    ending = await made.run()
    assert ending.status == "finished"
    assert [lesson.verified for lesson in made.records(Lesson)] == [retrieve] * 2
    assert made.method.fidelity(made.cast.params) == "variant:teacher-data" + "-without-retrieval" * (not retrieve)
    assert "failed: plan: it has no sub-task" in str(made.records(Lesson)[0].checks) or retrieve


async def ran(folder, **options):
    made = bench(folder, method="peoa", task=chains(sizes={"train": 24, "val": 4, "test": 20}), **options)
    ending = await made.run()
    assert ending.status == "finished", ending
    return made, ending.state


async def test_what_was_carried_out_becomes_rows_and_the_student_learns_from_them(tmp_path):
    made, state = await ran(tmp_path)
    rows = [made.sink.get(SFTExample, name) for name in state["rows"]]
    assert len(rows) == 24 and accuracy(made.sink, state, "taught") > accuracy(made.sink, state, "untaught") + 0.3
    for row in rows:
        problem = made.sink.get(Problem, row.problem_id)
        assert made.cast.scorer.grade(problem, row.messages[1].content).outcome == "right"
        assert [call["expert"] for call in row.data["tool_calls"]] == ["calculator"] * 2
    assert {score.value for score in made.records(Score) if score.kind == "backtracks"} == {0.0}


async def test_the_meta_agent_never_sees_the_gold(tmp_path):
    made, _ = await ran(tmp_path)
    assert made.teacher.asked
    for ask in made.teacher.asked:
        problem = made.sink.get(Problem, ask.about[0])
        if ask.purpose in ("decompose", "select_expert"):
            assert problem.gold not in json.dumps(ask.inputs) and set(ask.inputs.get("problem", {})) <= {"text", "item"}


async def test_each_call_can_be_a_row_for_the_action_generator(tmp_path):
    made, state = await ran(tmp_path, params={"rows": "both"})
    rows = [made.sink.get(SFTExample, name) for name in state["rows"]]
    calls = [row for row in rows if "tool_call" in row.data]
    assert (len(rows) - len(calls), len(calls)) == (24, 48)
    said = json.loads(calls[0].messages[1].content)
    assert said["expert"] == "calculator" and CalculatorExpert().run(said["arguments"]).value
    assert "Experts:\n- calculator:" in calls[0].messages[0].content


async def test_a_plan_that_comes_to_a_wrong_answer_makes_no_row(tmp_path):
    made, state = await ran(tmp_path, teacher="deranged")
    assert state["rows"] == [] and {lesson.audit for lesson in made.records(Lesson)} == {"rejected"}
