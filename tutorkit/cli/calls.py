"""The calls of a run, as a person reads them: a line for each, what each role took, and one in full."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated, get_args

import typer

from tutorkit.cli.report import show_spending
from tutorkit.cli.show import as_json, text
from tutorkit.errors import BadSetting, UnknownName
from tutorkit.lab import Call, Lab, Role, Run, spending_by_role

Node = Annotated[str | None, typer.Option("--node", help="Only the calls of this node: practise, or practise#1.")]
OfRole = Annotated[str | None, typer.Option("--role", help="Only the calls of the teacher, student or judge.")]
Failed = Annotated[bool, typer.Option("--failed", help="Only the calls that did not end well.")]

CALL_ID = "call-"
"""A call's id begins so, and no run's does."""

_TEXTS_OF_THE_BODY = ("messages", "system")


def picked(calls: Sequence[Call], *, node: str | None, role: str | None, failed: bool) -> list[Call]:
    """Return the calls that are wanted.

    Args:
        calls: of one run.
        node: only those of this node, in all its visits, or of this visit.
        role: only those of this role.
        failed: only those that did not end well.

    Raises:
        BadSetting: when there is no such role.
        UnknownName: when no call is of such a node.
    """
    if role is not None and role not in get_args(Role):
        raise BadSetting(f"There is no role {role!r}.", remedy=f"Use one of {', '.join(get_args(Role))}.")
    visits = list(dict.fromkeys(call.node for call in calls))
    nodes = [visit for visit in visits if node in (None, visit, visit.partition("#")[0])]
    if node is not None and not nodes:
        raise UnknownName("node with calls", node, visits)
    return [
        call
        for call in calls
        if call.node in nodes and role in (None, call.role) and not (failed and call.outcome == "ok")
    ]


def show_calls(lab: Lab, run: Run, calls: Sequence[Call]) -> None:
    """List calls of a run with what each role took, and say where the calls of the other arms are."""
    text(f"\nCalls of {run.id} ({run.arm})", bold=True)
    list_calls(calls)
    if calls:
        text("")
        show_spending(spending_by_role(calls), title="What they took")
        text(f"One in full, with its exact prompt: tutorkit show {calls[0].id}")
    else:
        text("No such call.")
    others = [each for each in lab.runs() if each.id != run.id and _experiment(each) == _experiment(run)]
    for each in others:
        text(f"Calls of the arm {each.arm}: tutorkit show {each.id} --calls")


def list_calls(calls: Iterable[Call]) -> None:
    """Write a line for each call, under a heading for what calls in a row have in common."""
    for heading, alike in groupby(calls, _heading):
        text(heading)
        rows = [[call.id, _tokens(call), _seconds(call), _cost(call), _outcome(call)] for call in alike]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        text("\n".join(f"  {line}" for line in lines))


def show_call(call: Call, *, json_wanted: bool) -> None:
    """Show one call in full: what it was for, what was asked and with which options, and what came back."""
    if json_wanted:
        as_json(call)
        return
    text(f"{call.id}: {call.role}, {call.purpose}, {_outcome(call)}", bold=True)
    text(f"run {call.run_id}  ·  node {call.node}  ·  {_model(call)}")
    text(f"prompt {call.prompt_id}, digest {call.prompt_digest[:12]}")
    text(f"{_tokens(call)}  ·  {_seconds(call)}  ·  {_cost(call)}  ·  key {call.key}")
    if call.about:
        text(f"about {', '.join(call.about)}")
    for message in call.messages:
        text(f"\n[{message.role}]", bold=True)
        text(message.content)
    options = {name: value for name, value in call.sent.items() if name not in _TEXTS_OF_THE_BODY}
    if options:
        text("\nSent besides the messages", bold=True)
        text(json.dumps(options, indent=2, ensure_ascii=False))
    text("\n[reply]", bold=True)
    text(call.reply or "nothing")
    text(f"\nAll of it, as data: tutorkit show {call.id} --json\nWhat came of it: tutorkit audit {call.id}")


def _heading(call: Call) -> str:
    who = call.role if call.prompt_id.endswith(f"/{call.purpose}") else f"{call.role}, {call.purpose}"
    return f"{call.node}  ·  {who}  ·  {call.prompt_id} {call.prompt_digest[:8]}  ·  {_model(call)}"


def _model(call: Call) -> str:
    named, served = call.model.partition("@http")[0].partition("/")[2], call.model_served
    return call.model if served in (None, named, call.model) else f"{call.model} → {served}"


def _tokens(call: Call) -> str:
    counts = ("?" if count is None else f"{count:,}" for count in (call.tokens_in, call.tokens_out))
    return f"{' → '.join(counts)} tokens"


def _seconds(call: Call) -> str:
    return "– s" if call.seconds is None else f"{call.seconds:.2f} s"


def _cost(call: Call) -> str:
    if call.cache_hit:
        return "cache"
    return "cost unknown" if call.cost_usd is None else f"${call.cost_usd:.5f}"


def _outcome(call: Call) -> str:
    """Say how it ended, and which repetition or re-ask it was, if it was one."""
    which = [f"sample {call.sample}"] * bool(call.sample) + [f"re-ask {call.attempt}"] * bool(call.attempt)
    ended = call.outcome if call.error is None else f"{call.outcome}: {' '.join(call.error.split())}"
    return ", ".join([*which, ended])


def _experiment(run: Run) -> str:
    return run.parent_id or run.id
