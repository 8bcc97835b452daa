"""Each malformed row is refused with its line's number and the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tutorkit.errors import DataNotFound, UnknownName
from tutorkit.exports import CheckReport, check_file, find_format, lines
from tutorkit.exports.formats import FORMATS, Format

USER, ANSWER = {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}
OTHER = {"role": "assistant", "content": "B"}
GOOD = {
    "openai-sft": {"messages": [USER, ANSWER]},
    "openai-dpo": {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [OTHER]},
    "trl-sft": {"prompt": [USER], "completion": [ANSWER]},
    "trl-dpo": {"prompt": [USER], "chosen": [ANSWER], "rejected": [OTHER]},
    "rl": {"prompt": [USER], "answer": "A"},
}
TOOL_CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def sft(*messages: object, **more: object) -> dict[str, object]:
    return {"messages": list(messages), **more}


def dpo(**changes: object) -> dict[str, object]:
    return {**GOOD["openai-dpo"], **changes}


def trl(**changes: object) -> dict[str, object]:
    return {**GOOD["trl-sft"], **changes}


def pairs(**changes: object) -> dict[str, object]:
    return {**GOOD["trl-dpo"], **changes}


def calling(**changes: object) -> dict[str, object]:
    return {"role": "assistant", "tool_calls": [{**TOOL_CALL, **changes}]}


MALFORMED = [
    ("openai-sft", {}, "messages is missing"),
    ("openai-sft", {"messages": "Q"}, "messages is no list of messages"),
    ("openai-sft", {"messages": []}, "messages is empty"),
    ("openai-sft", sft("Q", ANSWER), "messages[0] is no object"),
    ("openai-sft", sft({"content": "Q"}, ANSWER), "messages[0].role is None"),
    ("openai-sft", sft({"role": "human", "content": "Q"}, ANSWER), "messages[0].role is 'human'; it must be one of"),
    ("openai-sft", sft({"role": "user"}, ANSWER), "messages[0] has no content"),
    ("openai-sft", sft({"role": "user", "content": " "}, ANSWER), "messages[0].content is empty"),
    ("openai-sft", sft({"role": "user", "content": 3}, ANSWER), "messages[0].content is no text"),
    ("openai-sft", sft({"role": "user", "content": ["Q"]}, ANSWER), "messages[0].content is a list, and not of parts"),
    ("openai-sft", sft(USER), "messages has no message of the assistant's"),
    ("openai-sft", sft(USER, ANSWER, USER), "messages ends with the role 'user'; the last message must be"),
    ("openai-sft", sft({**USER, "weight": 1}, ANSWER), "messages[0] has the unknown field 'weight'"),
    ("openai-sft", sft(USER, {**ANSWER, "weight": 0.5}), "messages[1].weight is 0.5; it must be 0 or 1"),
    ("openai-sft", sft(USER, {**ANSWER, "weight": True}), "messages[1].weight is True; it must be 0 or 1"),
    ("openai-sft", sft(USER, {**ANSWER, "weight": 0}), "every message of the assistant's has weight 0"),
    ("openai-sft", sft(USER, {**ANSWER, "mood": "gay"}), "messages[1] has the unknown field 'mood'"),
    ("openai-sft", sft(USER, ANSWER, id="x"), "the field id is unknown"),
    ("openai-sft", sft(USER, calling(id=None)), "messages[1].tool_calls[0] needs an id and the type"),
    ("openai-sft", sft(USER, calling(function={})), "messages[1].tool_calls[0] names no function"),
    (
        "openai-sft",
        sft(USER, calling(function={"name": "f", "arguments": {"x": 1}})),
        "messages[1].tool_calls[0].function.arguments is no text that holds JSON",
    ),
    ("openai-sft", sft(USER, calling(function={"name": "f", "arguments": "{"})), "is a text that holds no JSON"),
    ("openai-sft", sft(USER, {"role": "assistant", "tool_calls": []}), "messages[1].tool_calls is no list of tool"),
    ("openai-sft", sft(USER, calling(), ANSWER), "messages[1] makes the tool call 'c1', which has no answer"),
    (
        "openai-sft",
        sft(USER, {"role": "tool", "tool_call_id": "c9", "content": "2"}, ANSWER),
        "messages[1] answers the tool call 'c9', which nobody made",
    ),
    ("openai-sft", sft(USER, {"role": "tool", "content": "2"}, ANSWER), "messages[1] answers a tool call and has no"),
    ("openai-dpo", {"preferred_output": [ANSWER], "non_preferred_output": [OTHER]}, "input is missing"),
    ("openai-dpo", dpo(input=[USER]), "input is no object"),
    ("openai-dpo", dpo(input={"messages": []}), "input.messages is empty"),
    ("openai-dpo", dpo(input={"messages": [USER], "model": "m"}), "the field input.model is unknown"),
    ("openai-dpo", dpo(preferred_output=None), "preferred_output is missing"),
    ("openai-dpo", dpo(preferred_output="A"), "preferred_output is no list of messages"),
    ("openai-dpo", dpo(non_preferred_output=[]), "non_preferred_output is empty"),
    (
        "openai-dpo",
        dpo(preferred_output=[USER]),
        "preferred_output[0].role is 'user'; it must be one of assistant, tool",
    ),
    ("openai-dpo", dpo(preferred_output=[{**ANSWER, "weight": 1}]), "has a weight, which this target does not know"),
    ("openai-dpo", dpo(preferred_output=[OTHER]), "preferred_output and non_preferred_output are the same"),
    ("openai-dpo", dpo(preferred_output=[{"role": "assistant", "content": [{"type": "text"}]}]), "is no text"),
    ("openai-dpo", dpo(third_output=[ANSWER]), "the field third_output is unknown"),
    ("trl-sft", {"prompt": [USER]}, "completion is missing"),
    ("trl-sft", trl(prompt="Q"), "prompt and completion are not both texts or both lists"),
    (
        "trl-sft",
        trl(prompt=[USER, {"role": "system", "content": "S"}]),
        "prompt ends with a message of the role 'system'",
    ),
    ("trl-sft", trl(prompt=[{"role": "developer", "content": "S"}, USER]), "prompt[0].role is 'developer'"),
    ("trl-sft", trl(completion=[USER]), "completion[0].role is 'user'; it must be one of assistant, tool"),
    ("trl-sft", trl(completion=[calling()]), "function.arguments is no object"),
    ("trl-sft", {"prompt": "Q", "completion": " "}, "completion is empty"),
    ("trl-sft", {"messages": [USER]}, "messages has no message of the assistant's"),
    ("trl-sft", {"text": 3}, "text is no text"),
    ("trl-dpo", pairs(rejected=[ANSWER]), "chosen and rejected are the same"),
    ("trl-dpo", pairs(chosen="A"), "prompt and chosen are not both texts"),
    ("trl-dpo", {"chosen": [ANSWER], "rejected": [OTHER]}, "prompt is missing"),
    ("rl", {"answer": "A"}, "prompt is missing"),
    ("rl", {"prompt": ""}, "prompt is empty"),
    ("jsonl", {"kind": "poem"}, "kind is 'poem'; it must be one of sft, preference, rl"),
    ("jsonl", {"kind": "sft", "calls": []}, "messages: Field required"),
]
BROKEN = [
    (b'{"messages": [', "no JSON: Expecting value at character 1"),
    (b'{"messages": [], "messages": []}', "the key 'messages' stands twice in one object"),
    (b'{"weight": NaN}', "NaN is no JSON number"),
    (b'{"weight": 1e999}', "a number is too large"),
    (b'{"a": "\\ud800"}', "a text holds half a surrogate pair"),
    (b'{"a": "\xff"}', "no UTF-8: byte 0xff at place 8"),
    (b'["a"]', "no JSON object but a list"),
    (b"null", "no JSON object but a null"),
    (b"", "the line is empty"),
    (b"{}\r", "the line ends in CR LF"),
    (b"[" * 100_000, "it is nested too deeply"),
]


def written(folder: Path, target: Format, *bad: bytes) -> Path:
    """Eleven good lines; the bad ones stand before the last of them."""
    good = json.dumps(GOOD.get(target.name, {})).encode()
    path = folder / "train.jsonl"
    path.write_bytes(b"\n".join([*[good] * 10, *bad, good]) + b"\n")
    return path


def reasons(report: CheckReport, line: int) -> list[str]:
    return [fault.reason for fault in report.faults if fault.line == line]


@pytest.mark.parametrize(("name", "row", "reason"), MALFORMED)
def test_a_malformed_row_is_refused_with_its_line_and_the_reason(tmp_path, name, row, reason):
    target = find_format(name)
    report = check_file(written(tmp_path, target, json.dumps(row).encode()), target)
    assert not report.accepted and report.rows == 12
    assert any(reason in told for told in reasons(report, 11)), report.faults
    if name in GOOD:
        assert {fault.line for fault in report.faults} == {11}


@pytest.mark.parametrize(("line", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_line_that_is_no_json_object_is_refused(tmp_path, line, reason):
    report = check_file(written(tmp_path, FORMATS["openai-sft"], line), FORMATS["openai-sft"])
    assert [(fault.line, reason in fault.reason) for fault in report.faults] == [(11, True)]


@pytest.mark.parametrize("name", GOOD)
def test_good_rows_are_accepted(tmp_path, name):
    report = check_file(written(tmp_path, find_format(name)), find_format(name))
    assert report.accepted and report.rows == 11, report.faults


def test_a_byte_order_mark_is_refused_on_the_first_line(tmp_path):
    path = written(tmp_path, FORMATS["trl-sft"])
    path.write_bytes(lines.BOM + path.read_bytes())
    (fault,) = check_file(path, FORMATS["trl-sft"]).faults
    assert fault.line == 1 and "byte order mark" in fault.reason


def test_openai_wants_ten_examples_and_trl_one(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(GOOD["openai-sft"]) + "\n", encoding="utf-8")
    (fault,) = check_file(path, FORMATS["openai-sft"]).faults
    assert fault.line is None and fault.reason == "the file has 1 examples and the target wants at least 10"
    assert check_file(path, FORMATS["trl-sft"]).accepted
    path.write_bytes(b"")
    assert [fault.line for fault in check_file(path, FORMATS["trl-sft"]).faults] == [None]


def test_a_file_of_two_forms_is_refused_where_the_form_changes(tmp_path):
    path = tmp_path / "train.jsonl"
    rows = [GOOD["trl-sft"], {"prompt": "Q", "completion": "A"}, {"messages": [USER, ANSWER]}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = check_file(path, FORMATS["trl-sft"]).faults
    assert [fault.line for fault in found] == [2, 3]
    assert "here completion (value), prompt (value); on line 1 completion (messages)" in found[0].reason


def test_a_line_without_end_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 50)
    path = tmp_path / "train.jsonl"
    path.write_bytes(b'{"text": "x"}\n' + b'{"text": "' + b"y" * 500 + b'"}\n' + b'{"text": "z"}\n')
    report = check_file(path, FORMATS["trl-sft"])
    assert report.rows == 3
    assert [(fault.line, fault.reason) for fault in report.faults] == [(2, "the line is longer than 0 MiB")]


def test_what_is_taken_but_should_be_known_is_noted(tmp_path):
    path = tmp_path / "train.jsonl"
    turned = {**GOOD["openai-dpo"], "preferred_output": [OTHER], "non_preferred_output": [ANSWER]}
    long = dpo(input={"messages": [{"role": "user", "content": "x" * 300_000}]})
    rows = [GOOD["openai-dpo"], GOOD["openai-dpo"], turned, long]
    rows += [dpo(input={"messages": [{"role": "user", "content": str(number)}]}) for number in range(8)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    report = check_file(path, FORMATS["openai-dpo"])
    assert report.accepted
    said = " ".join(report.notes)
    assert "12 examples are few" in said and "1 lines say the same as an earlier one" in said
    assert "1 lines prefer what an earlier line rejects" in said and "1 examples may be longer than 65,536" in said


def test_a_file_or_a_format_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataNotFound, match="no file"):
        check_file(tmp_path / "none.jsonl", FORMATS["rl"])
    with pytest.raises(UnknownName, match="Did you mean openai-sft"):
        find_format("openai_sft")
