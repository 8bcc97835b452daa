"""``tutorkit show``: a run's calls, what they took by role, and one call in full."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from store.store_samples import call, run
from support.model_server import serve_model

from tutorkit.lab import Lab
from tutorkit.store import StoreSink

MADE = (
    call(id="call-01", node="practise#0", role="student", purpose="answer", prompt_id="student/answer",
         model="openai/tiny@http://127.0.0.1:1/v1", model_served="tiny", seconds=0.254, cost_usd=0.0),
    call(id="call-02", node="practise#0", role="student", purpose="answer", prompt_id="student/answer",
         model="openai/tiny@http://127.0.0.1:1/v1", model_served="tiny", cache_hit=True, cost_usd=0.0, sample=2,
         seconds=None),
    call(id="call-03", node="draft#0", outcome="error", error="Too many\nrequests.", cost_usd=None, tokens_in=None,
         tokens_out=None, seconds=None, reply=""),
    call(id="call-04", node="draft#0", outcome="invalid", error="No JSON.", tokens_in=1200, tokens_out=34, seconds=12),
    call(id="call-05", node="draft#0", attempt=1, tokens_in=1300, tokens_out=40, cost_usd=0.5, seconds=3.0),
    call(id="call-06", node="practise#1", role="student", purpose="answer", prompt_id="student/answer"),
)  # fmt: skip


@pytest.fixture
def kept():
    with Lab() as lab:
        StoreSink(lab.store).put(
            run(id="tpd-1"), run(id="tpd-2", arm="silent", parent_id="tpd-1"), run(id="other-3"), *(
                one.model_copy(update={"run_id": "tpd-1"}) for one in MADE
            ), call(id="call-11", run_id="tpd-2"),
        )  # fmt: skip


def ids(shown) -> list[str]:
    return [one["id"] for one in shown.json["calls"]]


def line_of(shown, call_id: str) -> str:
    return next(line for line in shown.out.splitlines() if line.strip().startswith(f"{call_id} "))


def test_a_line_for_each_call_under_what_calls_in_a_row_share(tutorkit, kept):
    shown = tutorkit("show", "tpd-1", "--calls")
    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    start = lines.index("Calls of tpd-1 (taught)")
    assert lines[start + 1 : start + 10] == [
        "practise#0 · student · student/answer ffffffff · openai/tiny@http://127.0.0.1:1/v1",
        "call-01 10 → 5 tokens 0.25 s $0.00000 ok",
        "call-02 10 → 5 tokens – s cache sample 2, ok",
        "draft#0 · teacher · tpd/draft ffffffff · openai/gpt → gpt-1",
        "call-03 ? → ? tokens – s cost unknown error: Too many requests.",
        "call-04 1,200 → 34 tokens 12.00 s $0.25000 invalid: No JSON.",
        "call-05 1,300 → 40 tokens 3.00 s $0.50000 re-ask 1, ok",
        "practise#1 · student · student/answer ffffffff · openai/gpt → gpt-1",
        "call-06 10 → 5 tokens 1.50 s $0.25000 ok",
    ]
    assert shown.out.index("call-06") < shown.out.index("What they took")
    took = {cells[1]: cells[2:-1] for cells in ([c.strip() for c in line.split("│")] for line in lines) if cells[1:]}
    assert took["teacher"] == ["3", "0", "2", "2,500", "74", "unknown"]
    assert took["student"] == ["2", "1", "0", "20", "10", "$0.2500"]


def test_the_calls_of_an_experiment_are_its_own_runs_and_the_others_are_named(tutorkit, kept):
    shown = tutorkit("show", "tpd-1", "--calls").out
    assert "call-11" not in shown and "Calls of the arm silent: tutorkit show tpd-2 --calls" in shown
    silent = tutorkit("show", "tpd-2", "--calls").out
    assert "call-11" in silent and "call-01" not in silent
    assert "Calls of tpd-2 (silent)" in silent and "Calls of the arm taught: tutorkit show tpd-1 --calls" in silent
    assert "other-3" not in shown + silent
    assert "No such call." in tutorkit("show", "other-3", "--calls").out


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("--node", "practise"), ["call-01", "call-02", "call-06"]),
        (("--node", "practise#1"), ["call-06"]),
        (("--role", "teacher"), ["call-03", "call-04", "call-05"]),
        (("--failed",), ["call-03", "call-04"]),
        (("--role", "student", "--node", "practise#0"), ["call-01", "call-02"]),
        (("--role", "judge"), []),
        (("--role", "student", "--failed"), []),
        (("--calls",), [one.id for one in MADE]),
        ((), []),
    ],
)
def test_what_is_wanted_is_shown_and_added_up(tutorkit, kept, filters, found):
    shown = tutorkit("show", "tpd-1", *filters, "--json")
    assert ids(shown) == found
    assert sum(line["calls"] + line["cache_hits"] for line in shown.json["spending"]) == len(found)
    listed = tutorkit("show", "tpd-1", *filters).out
    assert [one.id for one in MADE if f"{one.id} " in listed] == found


def test_a_filter_that_fits_nothing_that_there_is_says_what_there_is(tutorkit, kept):
    node = tutorkit("show", "tpd-1", "--node", "practice")
    assert node.code == 2 and "no node with calls named 'practice'" in node.err and "practise#0" in node.err
    role = tutorkit("show", "tpd-1", "--role", "pupil")
    assert role.code == 2 and "teacher, student, judge" in role.err


def test_one_call_in_full(tutorkit, kept):
    shown = tutorkit("show", "call-05").out
    for words in (
        "call-05: teacher, draft, re-ask 1, ok", "run tpd-1", "node draft#0", "openai/gpt → gpt-1",
        "prompt tpd/draft, digest ffffffffffff", "1,300 → 40 tokens", "3.00 s", "$0.50000", "key k", "about a-1",
        "[system]\ns\n", "[user]\nu\n", '"temperature": 0.0', "[reply]\n{}", "tutorkit audit call-05",
    ):  # fmt: skip
        assert words in shown
    assert tutorkit("show", "call-05", "--json").json == json.loads(
        MADE[4].model_copy(update={"run_id": "tpd-1"}).model_dump_json()
    )
    assert "[reply]\nnothing" in tutorkit("show", "call-03").out


def test_a_call_by_the_beginning_of_its_id(tutorkit, kept):
    assert "call-11: teacher, draft, ok" in tutorkit("show", "call-1").out
    several = tutorkit("show", "call-0")
    assert several.code == 2 and "6 calls begin with 'call-0'" in several.err
    assert "no call with the id 'call-9'" in tutorkit("show", "call-9").err


def test_markup_and_newlines_of_a_model_are_only_text(tutorkit, kept):
    with Lab() as lab:
        odd = call(id="call-99", run_id="tpd-1", reply="[bold]yes[/bold] [/nope]", outcome="invalid", error="[red]\nno")
        StoreSink(lab.store).put(odd)
    assert "[bold]yes[/bold] [/nope]" in tutorkit("show", "call-99").out
    assert line_of(tutorkit("show", "tpd-1", "--calls"), "call-99").endswith("invalid: [red] no")


def test_the_exact_prompt_of_a_real_call_and_the_time_it_took(tutorkit):
    with serve_model(lambda body: "Answer: 1") as model:
        tutorkit("teach", "tpd", "--task", "chains", "--student", f"openai/tiny@{model.url}", "--teacher", "rules",
                 "--val", "5", "--test", "5", "--train", "0", "--controls", "none", "--json")  # fmt: skip
    of_student = tutorkit("show", "--role", "student", "--json").json["calls"]
    assert len(of_student) == model.calls >= 10
    assert all(one["seconds"] > 0 for one in of_student if not one["cache_hit"])
    one = of_student[0]
    assert model.asked[json.dumps(one["sent"], sort_keys=True)] == 1
    shown = tutorkit("show", one["id"]).out
    for message in one["sent"]["messages"]:
        assert f"[{message['role']}]\n" in shown
        assert " ".join(message["content"].split()) in " ".join(shown.split())
    rules = tutorkit("show", "--role", "teacher", "--json").json["calls"]
    assert rules and all(made["seconds"] is None for made in rules)


def test_what_the_page_about_watching_shows_runs(tutorkit, capsys):
    page = (Path(__file__).resolve().parents[2] / "docs" / "watching.md").read_text(encoding="utf-8")
    assert tutorkit("demo").code == 0
    shell = [
        block for block in re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL) if not block.startswith("# needs")
    ]
    commands = [line for block in shell for line in block.splitlines()]
    assert len(commands) == 3
    for command in commands:
        assert tutorkit(*shlex.split(command)[1:]).code == 0, command
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    exec(compile(code, "watching.md", "exec"), {})
    assert "value=" in capsys.readouterr().out
