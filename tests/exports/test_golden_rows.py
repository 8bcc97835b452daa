"""One canonical row in every target, byte for byte; and a check that was written apart from ours says yes to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.export_samples import RUN, attempt, dozen, keep, pair, problem, rl, sft

from tutorkit.exports import find_format
from tutorkit.exports.formats import Source
from tutorkit.exports.lines import as_line
from tutorkit.lab import Lab
from tutorkit.store import StoreSink
from tutorkit.types import Message

S, Q, A = (Message(role=role, content=text) for role, text in (("system", "S"), ("user", "Q"), ("assistant", "A")))
B = Message(role="assistant", content="B")
PROMPT = '[{"role":"system","content":"S"},{"role":"user","content":"Q"}]'
GOLDEN = {
    "openai-sft": (
        sft(messages=(S, Q, A)),
        '{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},'
        '{"role":"assistant","content":"A","weight":1}]}',
    ),
    "openai-dpo": (
        pair(prompt="Q", chosen="A", rejected="B"),
        '{"input":{"messages":[{"role":"user","content":"Q"}]},"preferred_output":[{"role":"assistant","content":"A"}],'
        '"non_preferred_output":[{"role":"assistant","content":"B"}]}',
    ),
    "trl-sft": (
        sft(messages=(S, Q, A)),
        f'{{"prompt":{PROMPT},"completion":[{{"role":"assistant","content":"A"}}]}}',
    ),
    "trl-dpo": (
        pair(prompt="Q", chosen="A", rejected="B"),
        '{"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],'
        '"rejected":[{"role":"assistant","content":"B"}]}',
    ),
    "rl": (
        rl(messages=(S, Q)),
        f'{{"prompt":{PROMPT},"answer":"A","problem_id":"p-1","reward_spec":"answer","prefix_steps":[],'
        '"reference_step":null,"bad_step":null,"hard":true}',
    ),
}
# Lines that targets document and that we do not write: a tool call with its answer.
TOOLS = {
    "openai-sft": '{"messages":[{"role":"user","content":"Q"},{"role":"assistant","tool_calls":[{"id":"c1","type":'
    '"function","function":{"name":"f","arguments":"{\\"x\\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"2"},'
    '{"role":"assistant","content":"A"}],"tools":[]}',
    "openai-dpo": '{"input":{"messages":[{"role":"user","content":"Q"}],"tools":[],"parallel_tool_calls":true},'
    '"preferred_output":[{"role":"assistant","content":"A"}],"non_preferred_output":'
    '[{"role":"assistant","content":"B"}]}',
    "trl-sft": '{"prompt":[{"role":"user","content":"Q"}],"completion":[{"role":"assistant","tool_calls":[{"type":'
    '"function","function":{"name":"f","arguments":{"x":1}}}]},{"role":"tool","name":"f","content":"2"},'
    '{"role":"assistant","content":"A"}]}',
}


def source(kind: str, row, gold: str | None = "A") -> Source:
    return Source(kind=kind, row=row, gold=gold, calls={})


@pytest.mark.parametrize("name", GOLDEN)
def test_the_canonical_row_in_every_target(name):
    row, line = GOLDEN[name]
    target = find_format(name)
    example = target.shape(source(target.kinds[0], row))
    assert as_line(example).decode() == line + "\n"
    assert list(target.faults(example)) == []


@pytest.mark.parametrize("name", TOOLS)
def test_documented_rows_that_others_write_are_accepted(name):
    assert list(find_format(name).faults(json.loads(TOOLS[name]))) == []


def test_of_several_answers_only_the_last_one_is_learnt():
    example = find_format("openai-sft").shape(source("sft", sft(messages=(Q, B, Q, A))))
    assert [message.get("weight") for message in example["messages"]] == [None, 0, None, 1]
    cut = find_format("trl-sft").shape(source("sft", sft(messages=(Q, B, Q, A))))
    assert [message["content"] for message in cut["prompt"]] == ["Q", "B", "Q"]
    assert cut["completion"] == [{"role": "assistant", "content": "A"}]


def test_steps_done_before_end_the_prompt_and_the_gold_is_in_no_prompt(lab: Lab):
    keep(lab.store, problem(), rl(prefix_steps=("one", "two"), reference_step="three", bad_step="four"))
    report = lab.export(RUN, "rl")
    (line,) = Path(report.path).read_text(encoding="utf-8").splitlines()
    example = json.loads(line)
    assert example["prompt"][-1] == {"role": "assistant", "content": "one\ntwo"}
    assert example["answer"] == "2" and (example["reference_step"], example["bad_step"]) == ("three", "four")
    assert not any("2" in message["content"] for message in example["prompt"])


def test_the_gold_is_that_of_the_revision_that_the_run_worked_on(lab: Lab):
    keep(lab.store, problem(gold="old"), attempt(), rl())
    StoreSink(lab.store).put(problem(gold="new"))
    line = Path(lab.export(RUN, "rl").path).read_text(encoding="utf-8")
    assert json.loads(line)["answer"] == "old"


def published_errors(lines: list[str]) -> dict[str, int]:
    """OpenAI's published rules for chat files, written once more and on their own."""
    known, roles = {"role", "content", "name", "function_call", "weight"}, {"system", "user", "assistant", "function"}
    counts: dict[str, int] = {}
    if len(lines) < 10:
        counts["too few"] = 1
    for line in lines:
        messages = json.loads(line).get("messages")
        wrong = {
            "no list": not messages,
            "key missing": any("role" not in one or "content" not in one for one in messages or ()),
            "unknown key": any(set(one) - known for one in messages or ()),
            "unknown role": any(one.get("role") not in roles for one in messages or ()),
            "no content": any(not isinstance(one.get("content"), str) or not one["content"] for one in messages or ()),
            "no assistant": not any(one.get("role") == "assistant" for one in messages or ()),
            "weight": any(one.get("weight", 1) not in (0, 1) for one in messages or ()),
        }
        for name, found in wrong.items():
            counts[name] = counts.get(name, 0) + found
    return {name: count for name, count in counts.items() if count}


def test_an_export_passes_the_published_rules(lab: Lab):
    keep(lab.store, *dozen(), sft(99, messages=(S, Q, B, Q, A)))
    lines = Path(lab.export(RUN, "openai-sft").path).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 13 and published_errors(lines) == {}
    assert published_errors(lines[:9]) == {"too few": 1}
